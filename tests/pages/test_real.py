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
