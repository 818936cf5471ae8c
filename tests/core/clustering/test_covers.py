"""Land-cover maps that a reader brings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import rasterio.warp

from core.clustering.agreement import file_land_cover
from core.clustering.covers import drop_cover, keep_cover, kept_covers
from core.frames import Grid
from core.labelling.files import load_labels, save_labels
from core.schema import FluxscapeError
from core.sources.site import write_site
from core.store import Workspace
from tests.core.clustering.test_agreement import write_raster

GRID = Grid(x=535_825.0, y=5_538_115.0, pixel_width=10, pixel_height=10, rows=18, cols=18, crs="EPSG:32632")


def raster(path, land, grid=GRID, **more) -> bytes:
    write_raster(path, land, grid, **more)
    return path.read_bytes()


def test_a_map_is_kept_as_it_came_found_again_and_dropped(workspace, land, tmp_path) -> None:
    content = raster(tmp_path / "mine.tif", land)
    path = keep_cover(workspace, "HAND", "../my land.tif", content, grid=GRID)
    assert path == workspace.root / "landcover" / "HAND" / "my-land.tif"
    assert path.read_bytes() == content
    assert kept_covers(workspace, "HAND") == [path]
    assert kept_covers(workspace, "TWIN") == []
    np.testing.assert_array_equal(file_land_cover(path, GRID).classes, land)
    drop_cover(workspace, "TWIN", path)
    assert path.exists()
    drop_cover(workspace, "HAND", path)
    assert kept_covers(workspace, "HAND") == []


WRONG = {
    "a table": ("classes.csv", b"class\n1\n", "is of another kind"),
    "a text": ("text.tif", b"no raster at all", "is no GeoTIFF but text"),
    "half a file": ("half.tif", None, "land cover|cannot be read"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_land_cover_is_said_and_not_kept(kind, workspace, land, tmp_path) -> None:
    name, content, words = WRONG[kind]
    content = raster(tmp_path / "whole.tif", land)[:150] if content is None else content
    with pytest.raises(FluxscapeError, match=words):
        keep_cover(workspace, "HAND", name, content, grid=GRID)
    assert kept_covers(workspace, "HAND") == []
    assert not list((workspace.root).glob("landcover/HAND/*"))


def test_of_a_large_map_the_part_of_the_site_is_read(land, tmp_path, monkeypatch) -> None:
    large = np.full((900, 900), 9)
    large[300:318, 400:418] = land
    wide = replace(GRID, x=GRID.x - 4000, y=GRID.y + 3000, rows=900, cols=900)
    write_raster(tmp_path / "large.tif", large, wide)
    read, bring = [], rasterio.warp.reproject

    def note(values, *others, **more):
        read.append(values.shape)
        return bring(values, *others, **more)

    monkeypatch.setattr(rasterio.warp, "reproject", note)
    np.testing.assert_array_equal(file_land_cover(tmp_path / "large.tif", GRID).classes, land)
    assert read[0][0] <= 18 + 6
    assert read[0][1] <= 18 + 6


def test_a_removed_site_leaves_nothing_and_one_made_again_keeps_what_was_added(
    workspace: Workspace, small_site, land, tmp_path
) -> None:
    content = raster(tmp_path / "mine.tif", land)
    for again in (True, False):
        write_site(workspace, **small_site.parts())
        labels = load_labels(workspace, "SMALL", crs=GRID.crs)
        save_labels(workspace, labels.add("A", "Point", [(GRID.x, GRID.y)], grid=GRID))
        keep_cover(workspace, "SMALL", "mine.tif", content, grid=GRID)
        workspace.remove_site("SMALL", again=again)
        assert bool(load_labels(workspace, "SMALL", crs=GRID.crs).items) is again
        assert bool(kept_covers(workspace, "SMALL")) is again
