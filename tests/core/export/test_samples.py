"""The exported table, opened by geopandas alone."""

import geopandas as gpd
import numpy as np
import pytest
from geopandas.testing import assert_geodataframe_equal

from core.export import samples
from core.export.samples import export_samples
from core.schema import InputError


def test_each_row_is_a_pixel_and_date_of_the_cube(run, cube, tmp_path) -> None:
    table = gpd.read_parquet(export_samples(run, tmp_path / "p.parquet", n=20, seed=3))
    assert table.crs.to_epsg() == 32632
    assert len(table[["row", "col"]].drop_duplicates()) == 20
    for row in table.itertuples():
        at = cube.sel(time=row.date, y=row.geometry.y, x=row.geometry.x)
        assert (row.row, row.col) == (
            list(cube["y"].values).index(row.geometry.y),
            list(cube["x"].values).index(row.geometry.x),
        )
        np.testing.assert_array_equal([row.feature_0, row.feature_1, row.feature_2], at["features"].values)
        assert row.context_share == at["context_share"].item()
        np.testing.assert_equal(row.sensor_gap, np.float32(at["sensor_gap"].item()))
    assert table["simulated"].all()
    assert set(table["model"]) == {"hand-3"}
    assert set(table["run"]) == {run.id}


def test_every_date_a_drawn_pixel_was_seen_is_there_and_no_other(run, cube, tmp_path) -> None:
    table = gpd.read_parquet(export_samples(run, tmp_path / "p.parquet", n=20, seed=3))
    seen = np.isfinite(cube["features"].values[0])
    for (row, col), part in table.groupby(["row", "col"]):
        assert len(part) == seen[:, row, col].sum()


def test_a_seed_draws_the_same_pixels_and_another_one_others(run, tmp_path) -> None:
    drawn = [
        set(
            map(
                tuple,
                gpd.read_parquet(export_samples(run, tmp_path / f"{i}.parquet", n=9, seed=seed))[["row", "col"]].values,
            )
        )
        for i, seed in enumerate((1, 1, 2))
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_pixels_never_seen_are_not_drawn(run, tmp_path) -> None:
    table = gpd.read_parquet(export_samples(run, tmp_path / "p.parquet", n=10_000))
    assert len(table[["row", "col"]].drop_duplicates()) == 12 * 10 - 4


def test_reading_in_small_blocks_gives_the_same_table(run, tmp_path, monkeypatch) -> None:
    whole = gpd.read_parquet(export_samples(run, tmp_path / "a.parquet", n=30))
    monkeypatch.setattr(samples, "BLOCK_VALUES", 70)
    parts = gpd.read_parquet(export_samples(run, tmp_path / "b.parquet", n=30))
    assert_geodataframe_equal(whole, parts)


def test_no_pixels_is_one_sentence(run, tmp_path) -> None:
    with pytest.raises(InputError, match="n '0' is no number of pixels; give at least 1"):
        export_samples(run, tmp_path / "p.parquet", n=0)
