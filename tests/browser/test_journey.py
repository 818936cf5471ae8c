"""A first-time reader's hour, in one go: from an empty workspace to a GPP map, each thing exported and opened.

What is downloaded is opened with the libraries of its users: rasterio, xarray, geopandas, pandas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.store import Workspace
from tests.browser.reader import LONG_MS, Reader, file_for_a_tower
from tests.browser.server import Server, serve
from tests.browser.window import Window, open_window

pytestmark = pytest.mark.journey

SITE, DRY_YEAR = "SIM-DBF", 2022
FLANDERS = "s2s1_0000280849BAC91C"
SIDE, FIELD_SIDE = 40, 32  # pixels along the side of what is embedded: half of each site


@contextmanager
def serving(space: Workspace) -> Iterator[Server]:
    """The app; nothing that it logs is a failure."""
    with serve(space.root) as server:
        yield server
    for log in space.root.parent.glob("server-*.log"):
        assert "Traceback" not in log.read_text(encoding="utf-8")


@contextmanager
def at_the_app(browser: object, downloads: Path) -> Iterator[Reader]:
    """A reader at a fresh window; on leaving nothing went wrong in it."""
    downloads.mkdir()
    with open_window(browser) as window:
        yield Reader(window, downloads)
        assert_nothing_failed(window)


def assert_nothing_failed(window: Window) -> None:
    assert window.page.get_by_test_id("stException").count() == 0
    assert window.page.get_by_test_id("stAlertContentError").count() == 0
    assert "Traceback" not in window.text()


def test_from_an_empty_workspace_to_a_map_of_gpp(browser: object, tmp_path: Path) -> None:
    space = Workspace(tmp_path / "workspace")
    with serving(space) as server, at_the_app(browser, tmp_path / "first day") as reader:
        reader.page.goto(server.address)
        reader.page.locator("canvas.image").wait_for(timeout=LONG_MS)  # the site is being made
        reader.window.settle()
        assert reader.window.query("site") == SITE
        run = embeds(reader, SIDE)
        opens_embedding(reader, SIDE)
        finds_structure(reader, SIDE)
        follows_years(reader, DRY_YEAR - 1, DRY_YEAR)
        fit, skill = models_gpp(reader, space)
        link = reader.page.url
    with serving(space) as server, at_the_app(browser, tmp_path / "next day") as reader:
        comes_back(reader, server, link)
        reader.main().get_by_text("Skill over climatology").first.wait_for()
        assert (reader.window.query("run"), reader.window.query("fit")) == (run, fit)
        assert reader.page.locator(".fx-scores .value").first.inner_text() == skill
        reader.go("Trajectories")
        assert reader.window.query("run") == run
        reader.chart(0).locator(".scatterlayer .points path").first.wait_for()


def test_from_files_of_a_real_place_to_its_years(browser: object, tmp_path: Path, shared_data: Path) -> None:
    space = Workspace(tmp_path / "workspace")
    assert main(["ingest", str(shared_data / FLANDERS), "--site", "flanders", "--workspace", str(space.root)]) == 0
    with serving(space) as server, at_the_app(browser, tmp_path / "first day") as reader:
        reader.page.goto(f"{server.address}/explore?site=flanders")
        reader.page.locator("canvas.image").wait_for()
        reader.window.settle()
        assert "simulated" not in reader.main().inner_text()
        run = embeds(reader, FIELD_SIDE)
        opens_embedding(reader, FIELD_SIDE)
        finds_structure(reader, FIELD_SIDE)
        follows_years(reader, 2018, 2019)
        reader.go("GPP")
        reader.wait_for("comes with no tower")
        reader.go("Clusters")
        link = reader.page.url
    with serving(space) as server, at_the_app(browser, tmp_path / "next day") as reader:
        comes_back(reader, server, link)
        assert (reader.window.query("site"), reader.window.query("run")) == ("flanders", run)
        reader.wait_for_map("labels")  # the part that was looked at last


# ---------------------------------------------------------------- the steps
def comes_back(reader: Reader, server: Server, link: str) -> None:
    """Open a link that was kept; the server is another one, at another port."""
    reader.window.open(re.sub(r"^http://[^/]+", server.address, link))


def embeds(reader: Reader, side: int) -> str:
    """Choose the box in the middle, `side` pixels along its sides; embed it, see it beside true colour."""
    reader.go("Embed")
    reader.wait_for("No embedding of this site yet")
    reader.page.locator("canvas.image").wait_for()
    reader.choose("Area", "a box")
    reader.wait_for(f"{side} × {side} pixels")
    run = reader.embed(model="compact-7", period="all years")
    embedding, colour = reader.swipe("ArrowLeft"), reader.swipe("ArrowRight")
    assert (embedding[..., :3] != colour[..., :3]).any(axis=-1).mean() > 0.5
    assert reader.page.locator(".multiples figure").count() == 7
    return run


def opens_embedding(reader: Reader, side: int) -> None:
    """As a table, as images and as a cube, each with the library of its users."""
    import geopandas as gpd
    import rasterio
    import xarray as xr

    table = gpd.read_parquet(reader.export_embedding("GeoParquet"))
    assert table.crs.is_projected
    assert {f"feature_{turn}" for turn in range(7)} <= set(table.columns)
    assert table["date"].nunique() > 30
    images = sorted(reader.export_embedding("GeoTIFF").rglob("*.tif"))
    with rasterio.open(images[len(images) // 2]) as image:
        assert image.count >= 7  # trust layers may follow
        assert image.shape == (side, side)
        assert np.isfinite(image.read()).any()
    cube = xr.open_zarr(reader.export_embedding("Zarr"), consolidated=False)
    assert cube["features"].sizes["feature"] == 7
    assert len(images) == cube.sizes["time"]
    assert cube.attrs["model"] == "compact-7"


def finds_structure(reader: Reader, side: int) -> None:
    """Clusters, a lasso, what is like a place, and classes from four labels."""
    import geopandas as gpd
    import pandas as pd
    import rasterio

    shape = (side, side)
    reader.go("Clusters")
    reader.wait_for_map("clusters")
    reader.drag("canvas.marks", shape, (1, 1), (1, 11), (11, 11), (11, 1))
    reader.wait_for(r"^\d+ pixels, [\d.]+ ha: ")
    files = reader.export_map()
    with rasterio.open(files[".tif"]) as image:
        assert len(np.unique(image.read(1))) >= 6
    polygons, areas = gpd.read_file(files[".gpkg"]), pd.read_csv(files[".csv"])
    assert polygons.area.sum() == pytest.approx(side * side * 100, rel=0.01)
    assert len(areas) >= 6

    reader.show("similar places")
    reader.wait_for_map("similarity")
    reader.click("canvas.marks", shape, (4, 16))
    reader.wait_for(r"like pixel 4, 16")
    with rasterio.open(reader.export_map()[".tif"]) as image:
        assert image.read(1)[4, 16] == pytest.approx(1, abs=0.01)

    reader.show("label a few")
    reader.wait_for_map("labels")
    for name, places in {"A": [(4, 16), (8, 17)], "B": [(15, 3), (17, 6)]}.items():
        if name != "A":
            reader.choose("Label with class", name)
        for place in places:
            reader.click("canvas.marks", shape, place)
    reader.wait_for("Rests on 4 labels")
    files = reader.export_map()
    assert set(gpd.read_file(files[".geojson"]).iloc[:, 0:3].astype(str).to_numpy().ravel()) >= {"A", "B"}
    with rasterio.open(files[".tif"]) as image:
        assert len(np.unique(image.read(1))) >= 2


def follows_years(reader: Reader, first: int, second: int) -> None:
    """The path of the whole site, two of its years compared, and how unusual each was."""
    import pandas as pd

    reader.go("Trajectories")
    reader.chart(0).locator(".scatterlayer .points path").first.wait_for()
    reader.show("whole site")
    reader.add("Years", str(first))
    reader.add("Years", str(second))
    compared = " ".join(reader.chart(2).evaluate("chart => chart.data[0].y.map(String)"))
    assert str(first) in compared
    assert str(second) in compared
    paths = pd.read_csv(reader.download(lambda: reader.press("Export CSV")))
    assert set(pd.to_datetime(paths["time"]).dt.year) == {first, second}
    reader.show("how unusual")
    reader.wait_for("How far the mean of a year")
    table = reader.main().get_by_test_id("stDataFrame").locator("td")
    table.get_by_text(str(second)).first.wait_for(state="attached")


def models_gpp(reader: Reader, space: Workspace) -> tuple[str, str]:
    """A tower file in, a model judged, a map at 10 m, everything exported; returns the fit and its skill."""
    import pandas as pd
    import xarray as xr

    reader.go("GPP")
    account = reader.bring_tower(SITE, file_for_a_tower(space, SITE, reader.downloads))
    assert int(re.search(r"([\d,]+) of", account)[1].replace(",", "")) > 500
    fit = reader.fit("ridge")
    skill = reader.page.locator(".fx-scores .value").first.inner_text()
    assert re.fullmatch(r"[+−]\d\.\d\d", skill)
    reader.map_gpp(DRY_YEAR)
    cube = xr.open_dataset(reader.download(lambda: reader.press("Download NetCDF")))
    assert cube["gpp"].attrs["units"]
    july = cube["gpp"].sel(time=f"{DRY_YEAR}-07").mean()
    assert 3 < float(july) < 20
    reader.show("export")
    reader.press("Write predictions, scores, model, report and command")
    files = {
        name: reader.download(lambda name=name: reader.press(name))
        for name in ("predictions.csv", "predictions.parquet", "predictions.nc", "annual.csv")
    }
    tables = [pd.read_csv(files["predictions.csv"]), pd.read_parquet(files["predictions.parquet"])]
    days = xr.open_dataset(files["predictions.nc"])
    assert len(tables[0]) == len(tables[1])
    assert len(tables[0]) in days.sizes.values()
    sums = pd.read_csv(files["annual.csv"]).set_index("year")["gpp"]
    assert sums[DRY_YEAR] < sums.drop(DRY_YEAR).mean()  # the drought is seen
    return fit, skill
