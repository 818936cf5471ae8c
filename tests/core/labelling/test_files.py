from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from pyproj import Transformer

from core.labelling.files import export_labels, import_labels, labels_path, load_labels, save_labels
from core.labelling.labels import Labels
from core.schema import FormatError, InputError, WorkspaceError

CRS = "EPSG:32632"


def corners(labels: Labels) -> np.ndarray:
    return np.concatenate([np.array(label.vertices) for label in labels.items])


@pytest.fixture
def with_polygon(labels, features) -> Labels:
    grid = features.grid
    square = [(grid.x, grid.y), (grid.x + 50, grid.y), (grid.x + 50, grid.y - 50), (grid.x, grid.y - 50)]
    return labels.add("forest", "Polygon", square, grid=grid)


def test_labels_come_back_as_they_were_with_what_can_be_undone(workspace, with_polygon) -> None:
    path = save_labels(workspace, with_polygon)
    assert path == workspace.root / "labels" / "HAND.geojson"
    found = load_labels(workspace, "HAND", crs=CRS)
    assert [label[:3] for label in found.items] == [label[:3] for label in with_polygon.items]
    np.testing.assert_allclose(corners(found), corners(with_polygon), rtol=0, atol=0.001)  # 1 mm
    assert len(found.past) == len(with_polygon.past)
    assert [label[:3] for label in found.undo().items] == [label[:3] for label in with_polygon.undo().items]


def test_a_site_without_labels_has_none(workspace) -> None:
    assert load_labels(workspace, "HAND", crs=CRS) == Labels(site="HAND", crs=CRS)


def test_the_file_is_geojson_that_others_open(workspace, with_polygon) -> None:
    import geopandas as gpd

    path = save_labels(workspace, with_polygon)
    table = gpd.read_file(path)
    assert table.crs.to_epsg() == 4326
    assert sorted(table["class"].unique()) == ["crop", "forest", "meadow"]
    assert table.geometry.geom_type.value_counts().to_dict() == {"Point": 24, "Polygon": 1}
    there = table.to_crs(CRS).geometry.iloc[-1]
    assert there.area == pytest.approx(2500, rel=1e-3)
    assert there.exterior.is_ccw


def test_a_crash_while_saving_leaves_the_old_labels(workspace, with_polygon, monkeypatch) -> None:
    save_labels(workspace, with_polygon)
    before = labels_path(workspace, "HAND").read_bytes()

    def fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", fails)
    with pytest.raises(KeyboardInterrupt):
        save_labels(workspace, with_polygon.clear())
    monkeypatch.undo()
    assert labels_path(workspace, "HAND").read_bytes() == before
    assert len(load_labels(workspace, "HAND", crs=CRS).items) == 25


def test_labels_travel_to_another_site_file(workspace, with_polygon, features, tmp_path) -> None:
    export_labels(with_polygon, tmp_path / "mine.geojson")
    assert "fluxscape" not in json.loads((tmp_path / "mine.geojson").read_text())
    found, left_out = import_labels(Labels(site="HAND", crs=CRS), tmp_path / "mine.geojson", grid=features.grid)
    assert left_out == 0
    assert found.classes == with_polygon.classes
    np.testing.assert_allclose(corners(found), corners(with_polygon), rtol=0, atol=0.001)
    assert found.undo().items == ()


def feature(geometry, **properties) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_files_of_others(features, tmp_path) -> None:
    inside, outside = [9.5022, 49.9925], [20.0, 40.0]
    collection = {
        "type": "FeatureCollection",
        "features": [
            feature({"type": "MultiPoint", "coordinates": [inside, outside]}, label="forest"),
            feature({"type": "Point", "coordinates": inside}, label="crop"),
        ],
    }
    path = tmp_path / "theirs.geojson"
    path.write_text(json.dumps(collection))
    labels = Labels(site="HAND", crs=CRS)
    x, y = Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(*inside)
    here = replace(features.grid, x=x, y=y)
    found, left_out = import_labels(labels, path, grid=here)
    assert [label.class_name for label in found.items] == ["forest", "crop"]
    assert left_out == 1
    with pytest.raises(InputError, match="holds no label within the site"):
        import_labels(labels, path, grid=replace(here, x=x + 50_000))
    with pytest.raises(FormatError, match="with the property kind"):
        import_labels(labels, path, grid=here, class_key="kind")


WRONG = {
    "no JSON": ("certainly not", "is no GeoJSON"),
    "no collection": ("[1, 2]", "is no GeoJSON FeatureCollection"),
    "no class": (
        json.dumps({"features": [feature({"type": "Point", "coordinates": [9, 50]})]}),
        "no GeoJSON of labels",
    ),
    "a line": (
        json.dumps({"features": [feature({"type": "LineString", "coordinates": [[9, 50], [9, 51]]}, label="a")]}),
        "no GeoJSON of labels",
    ),
    "no corners": (
        json.dumps({"features": [feature({"type": "Point", "coordinates": ["a", "b"]}, label="a")]}),
        "no GeoJSON",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_file_of_labels_is_said(kind, features, tmp_path) -> None:
    text, words = WRONG[kind]
    (tmp_path / "x.geojson").write_text(text)
    with pytest.raises(InputError, match=words):
        import_labels(Labels(site="HAND", crs=CRS), tmp_path / "x.geojson", grid=features.grid)


def test_missing_and_damaged_files_are_said(workspace, labels, features, tmp_path) -> None:
    with pytest.raises(FormatError, match="cannot be read"):
        import_labels(labels, tmp_path / "nowhere.geojson", grid=features.grid)
    path = save_labels(workspace, labels)
    path.write_text(json.dumps({"features": [{"oops": 1}]}))
    with pytest.raises(WorkspaceError, match=r"labels 'HAND\.geojson' are damaged"):
        load_labels(workspace, "HAND", crs=CRS)
