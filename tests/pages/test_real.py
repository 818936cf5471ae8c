"""Real files as a user meets them: they become sites, embed, cluster, and every page shows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.__main__ import main
from core.sources.ingest.weather_table import read_weather
from core.store import Workspace
from tests.pages.app import FRAME, Open, words

PAGES = sorted(path.name for path in FRAME.parents[1].glob("*.py"))
SITES = {  # name -> its folder, and the part that is embedded here
    "flanders": ("s2s1_0000280849BAC91C", ["--start", "2019-06-01", "--end", "2019-08-31"]),
    "meadow": ("s2_meadow_ndvi", ["--start", "2021-06-01", "--end", "2021-08-31"]),
    "qvidja": ("s2_fi_qvd", []),
}


@pytest.fixture(scope="module")
def space(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with all of them, each with an embedding."""
    workspace = Workspace(tmp_path_factory.mktemp("real") / "workspace")
    where = ["--workspace", str(workspace.root)]
    for name, (folder, part) in SITES.items():
        assert main(["ingest", str(shared_data / folder), "--site", name, *where]) == 0
        assert main(["embed", name, "--model", "compact-7", *part, *where]) == 0
    return workspace


@pytest.mark.parametrize("name", SITES)
def test_a_real_site_clusters(space: Workspace, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (run,) = space.runs(kind="embedding", site=name)
    by = ["--by", "date", "--date", "2023-06-14"] if name == "qvidja" else []
    assert main(["cluster", run.id, "--k", "3", *by, "--json", "--workspace", str(space.root)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [cluster["id"] for cluster in told["clusters"] if cluster["id"]] == [1, 2, 3]
    assert all(cluster["pixels"] for cluster in told["clusters"] if cluster["id"])


@pytest.mark.parametrize("name", SITES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_a_real_site(open_page: Open, space: Workspace, page: str, name: str) -> None:
    app = open_page(space, page, site=name)
    assert not app.exception
    assert not app.error, app.error[0].value  # what one summer or three dates cannot tell is no fault
    assert app.title[0].value.endswith("?")
    assert app.sidebar.selectbox[0].value == name
    if page == "explore.py":
        rows, columns = space.site(name).shape
        assert f"{rows} × {columns} pixels of 10 m" in words(app)


TOWERS = {  # a file, and what the GPP page says of it
    "*FR-Pue*_MM_*": "**2,738 of 2,922 days count**, 2007-01-01 to 2014-12-31, on average 3.22 gC m⁻² d⁻¹",
    "*FR-Pue*_YY_*": "**2,922 of 2,922 days count**, 2007-01-01 to 2014-12-31, on average 3.19 gC m⁻² d⁻¹",
    "*CH-Cha*": "**0 of 3 days count**, 2005-01-01 to 2005-01-03",  # an extract of three winter days, gap-filled
    "*US-CRT*": "holds no GPP column; close to it are FC, NEE_PI",
    "hls_gpp.csv": "holds 26 sites (US-xBL, US-Mo2, US-DFC, US-Tw5 and 22 more); split the file by SITE_ID",
}


@pytest.mark.parametrize("file", TOWERS)
def test_a_real_tower_file_is_told_on_the_gpp_page(
    open_page: Open, space: Workspace, shared_data: Path, file: str
) -> None:
    (path,) = shared_data.glob(f"*/{file}")
    app = open_page(space, "gpp.py", site="flanders")
    app.file_uploader(key="gpp file flanders").upload(path.name, path.read_bytes(), "text/csv")
    app.run()
    if file == "hls_gpp.csv":  # of many towers, and without a column of quality
        quality = next(box for box in app.selectbox if box.label == "Quality column")
        quality.set_value("take every value").run()
    assert not app.exception
    assert TOWERS[file] in words(app)
    # Months and years give no model of days, nor do days that do not count, and a table of many towers is no series.
    assert "Take it as the tower of flanders" not in [button.label for button in app.button]
    assert app.error


def test_a_real_table_of_towers_is_judged(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table of towers and days is no site and no tower's series: `gpp fit --table` reads it."""
    command = ["gpp", "fit", "--table", str(shared_data / "hls_gpp" / "hls_gpp.csv"), "--target", "GPP"]
    command += ["--features", "b2,b3,b4,b5,b6,b7", "--group", "SITE_ID", "--time", "date", "--model", "ridge"]
    command += ["--split", "leave-group-out", "--json", "--workspace", str(tmp_path / "workspace")]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["n"], told["groups"], told["split"]) == (665, 26, "leave-group-out")
    assert told["r2"] > told["baselines"]["climatology"]["r2"] + 0.3


def test_a_real_towers_weather_is_read(shared_data: Path) -> None:
    (tower,) = (shared_data / "fluxnet_csv").glob("*CH-Cha*")
    table = read_weather(tower)
    first = table.loc["2005-01-02"]
    assert -5 < first["temperature_min"] < first["temperature"] < first["temperature_max"] < 10
    assert 0.5 < first["radiation"] < 6  # a winter's day north of the Alps
    assert 0 < first["vpd"] < 0.3


def test_a_vapour_pressure_deficit_follows_from_real_vapour_pressure(shared_data: Path) -> None:
    table = read_weather(next(shared_data.glob("*/AgERA5*")), at=(4.07, 50.74))
    hottest = table.loc["2019-07-25"]  # the hottest day that Belgium has known
    assert hottest["temperature_max"] > 35
    assert hottest["vpd"] == table["vpd"].loc["2019-07"].max()
    assert 2 < hottest["vpd"] < 5
