from __future__ import annotations

import csv
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from core.clustering.assign import ClusterSpec, find_clusters
from core.clustering.features import read_features
from core.clustering.legend import Edits
from core.clustering.methods import NOISE
from core.clustering.space import principal_space
from core.export.classes import (
    NOISE_CODE,
    export_polygons,
    export_raster,
    export_table,
    export_words,
    layer_of_classes,
    layer_of_clusters,
)
from core.labelling.classmap import class_map
from core.labelling.labels import Labels
from core.palette import QUALITATIVE, rgb
from core.schema import InputError
from tests.core.made_land import made


@pytest.fixture(scope="module")
def clusters():
    """Three clusters, a row of noise, a corner that was not seen."""
    found = find_clusters(principal_space(read_features(made())), ClusterSpec(k=3))
    labels = found.labels.copy()
    labels[5], labels[:2, :2] = NOISE, 0
    return replace(found, labels=labels)


@pytest.fixture(scope="module")
def layer(clusters):
    return layer_of_clusters(clusters, Edits().rename(1, "=wet, meadow"), run="HAND-embedding-1")


@pytest.fixture(scope="module")
def classes():
    features = read_features(made())
    grid, labels = features.grid, Labels(site="HAND", crs="EPSG:32632")
    for name, row, column in (("a", 2, 2), ("a", 3, 15), ("b", 14, 3), ("b", 14, 14)):
        labels = labels.add(name, "Point", [(grid.x + 10 * column, grid.y - 10 * row)], grid=grid)
    return class_map(labels, features)


def test_a_raster_holds_codes_colours_names_and_what_made_it(layer, clusters, tmp_path) -> None:
    path = export_raster(layer, tmp_path / "map.tif")
    with rasterio.open(path) as tiff:
        codes = tiff.read(1)
        np.testing.assert_array_equal(codes, np.where(clusters.labels == NOISE, NOISE_CODE, clusters.labels))
        colours = tiff.colormap(1)
        assert colours[1] == (*rgb(QUALITATIVE[0]), 255)
        assert tiff.nodata == 0
        assert tiff.crs.to_epsg() == 32632
        assert tiff.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert tiff.transform * (0.5, 0.5) == (clusters.grid.x, clusters.grid.y)
        assert tiff.tags(1)["class_1"] == "=wet, meadow"
        assert tiff.tags(1)["class_255"] == "noise"
        assert (tiff.tags()["model"], tiff.tags()["embedding_run"]) == ("hand-4", "HAND-embedding-1")


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_polygons_cover_what_the_raster_covers(ending, layer, tmp_path) -> None:
    path = export_polygons(layer, tmp_path / f"map.{ending}")
    table = gpd.read_file(path) if ending == "gpkg" else gpd.read_parquet(path)
    assert table.crs.to_epsg() == 32632
    assert table.is_valid.all()
    assert table["simulated"].all()
    for entry in layer.entries:
        own = table[table["code"] == entry.id]
        assert own["area_ha"].sum() == pytest.approx(entry.area_ha)
        assert own.area.sum() == pytest.approx(100 * entry.pixels)
        assert set(own["class"]) == {entry.name}
    assert table["area_ha"].sum() == pytest.approx(3.20)  # without the 4 pixels of no class


def test_a_table_has_a_row_a_class_and_no_formula(layer, tmp_path) -> None:
    more = {1: {"B04": 0.051}, 2: {"B04": 0.1, "B08": 0.3}}
    path = export_table(layer, tmp_path / "map.csv", more)
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["code"]) for row in rows] == [entry.id for entry in layer.entries]
    assert rows[0]["name"] == "'=wet, meadow"
    assert (rows[0]["B04"], rows[0]["B08"], rows[1]["B08"]) == ("0.051", "", "0.3")
    assert sum(int(row["pixels"]) for row in rows) == 320
    assert sum(float(row["area_ha"]) for row in rows) == pytest.approx(3.20)


def test_a_text_says_what_made_it(layer, tmp_path) -> None:
    said = export_words(layer, tmp_path / "map.txt").read_text()
    assert said.startswith("Simulated data: no measurement of any real place.")
    for words in ("model: hand-4", "embedding run: HAND-embedding-1", "method: k-means", "clusters: 3", "255 noise"):
        assert words in said
    assert "never counted as data" in said


def test_a_class_map_comes_with_its_confidence_and_its_accuracy(classes, tmp_path) -> None:
    layer = layer_of_classes(classes, run="r")
    export_raster(layer, tmp_path / "classes.tif")
    with rasterio.open(tmp_path / "classes_confidence.tif") as tiff:
        np.testing.assert_allclose(tiff.read(1), classes.confidence)
    with rasterio.open(tmp_path / "classes.tif") as tiff:
        np.testing.assert_array_equal(tiff.read(1), classes.classes)
    with export_table(layer, tmp_path / "classes.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["name"] for row in rows] == ["a", "b"]
    assert float(rows[0]["mean_confidence"]) == pytest.approx(classes.confidence[classes.classes == 1].mean(), rel=1e-4)
    said = export_words(layer, tmp_path / "classes.txt").read_text()
    assert "Rests on 4 labels (4 pixels)" in said
    assert "accuracy: " in said


def test_merged_clusters_are_exported_as_one(clusters) -> None:
    merged = layer_of_clusters(clusters, Edits().merge([1, 2]))
    assert [entry.id for entry in merged.entries] == [1, 3, NOISE_CODE]
    assert (merged.codes == 2).sum() == 0


def test_what_stands_there_is_kept_unless_asked(layer, tmp_path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        export_table(layer, path)
    assert path.read_text() == "mine"
    export_table(layer, path, overwrite=True)
    assert path.read_text().startswith("code,name")


def test_a_wrong_ending_or_a_map_without_a_place_is_said(layer, tmp_path) -> None:
    with pytest.raises(InputError, match=r"use one of \.gpkg, \.parquet"):
        export_polygons(layer, tmp_path / "map.shp")
    nowhere = replace(layer, grid=replace(layer.grid, crs=""))
    for write, name in ((export_raster, "map.tif"), (export_polygons, "map.gpkg")):
        with pytest.raises(InputError, match="has no CRS"):
            write(nowhere, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_map_of_nothing_has_no_polygons(layer, tmp_path) -> None:
    with pytest.raises(InputError, match="holds no class"):
        export_polygons(replace(layer, codes=np.zeros_like(layer.codes)), tmp_path / "map.gpkg")
