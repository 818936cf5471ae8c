from pathlib import Path

import numpy as np
import pytest
import rasterio

from core.export.similar import export_similarity
from core.frames import Grid
from core.schema import InputError

GRID = Grid(x=535_825, y=5_538_115, pixel_width=10, pixel_height=10, rows=3, cols=4, crs="EPSG:32632")
VALUES = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)


def test_values_and_place_come_back(tmp_path: Path) -> None:
    values = VALUES.copy()
    values[0, 0] = np.nan
    path = export_similarity(values, GRID, tmp_path / "like.tif", {"like": "pixel 1, 2"})
    with rasterio.open(path) as tiff:
        np.testing.assert_array_equal(tiff.read(1), values)
        assert tiff.crs.to_epsg() == 32632
        assert tiff.xy(0, 0) == (535_825, 5_538_115)
        assert tiff.tags()["like"] == "pixel 1, 2"


@pytest.mark.parametrize(("name", "crs"), [("like.png", "EPSG:32632"), ("like.tif", "")])
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, crs: str) -> None:
    grid = Grid(x=0, y=0, pixel_width=10, pixel_height=10, rows=3, cols=4, crs=crs)
    with pytest.raises(InputError):
        export_similarity(VALUES, grid, tmp_path / name, {})
    assert not list(tmp_path.iterdir())
