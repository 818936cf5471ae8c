"""The exported GeoTIFFs, opened by rasterio alone."""

import numpy as np
import pytest
import rasterio

from core.export.rasters import export_geotiffs
from core.schema import InputError
from tests.core.made_embedding import made_cube, publish


def test_one_file_a_date_with_the_values_in_their_place(run, cube, tmp_path) -> None:
    paths = export_geotiffs(run, tmp_path / "tiffs")
    assert [path.name[-14:-4] for path in paths] == ["2021-05-01", "2021-05-06", "2021-05-11", "2021-05-16"]
    for index, path in enumerate(paths):
        with rasterio.open(path) as tiff:
            np.testing.assert_array_equal(tiff.read([1, 2, 3]), cube["features"].values[:, index])
            for band, name in ((4, "context_share"), (5, "sensor_gap")):
                np.testing.assert_array_equal(tiff.read(band), cube[name].values[index])
            assert tiff.crs.to_epsg() == 32632
            assert tiff.bounds == (535_820, 5_538_000, 535_920, 5_538_120)
            assert tiff.xy(3, 4) == (cube["x"].values[4], cube["y"].values[3])


def test_a_file_says_what_it_is(run, tmp_path) -> None:
    (path,) = export_geotiffs(run, tmp_path / "tiffs", ["2021-05-11"])
    with rasterio.open(path) as tiff:
        assert tiff.descriptions == ("feature 0", "feature 1", "feature 2", "context_share", "sensor_gap")
        assert tiff.units[3:] == ("1", "day")
        assert tiff.tags(5)["long_name"] == "days between the views"
        assert np.isnan(tiff.nodata)
        tags = tiff.tags()
        assert tiff.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    wanted = {"run": run.id, "model": "hand-3", "simulated": "1", "date": "2021-05-11", "site": "SMALL"}
    assert {key: tags[key] for key in wanted} == wanted
    assert (tags["licence"], tags["weights_digest"]) == ("CC0-1.0", "0123456789abcdef")


def test_a_large_image_has_tiles_and_overviews_of_true_vectors(workspace, tmp_path) -> None:
    cube = made_cube(dates=1, rows=600, cols=530)
    (path,) = export_geotiffs(publish(workspace, cube), tmp_path / "tiffs")
    with rasterio.open(path) as tiff:
        assert tiff.block_shapes[0] == (256, 256)
        assert tiff.overviews(1)[0] == 2
        small = tiff.read([1, 2, 3], out_shape=(3, 300, 265))
    known = {tuple(vector) for vector in cube["features"].values[:, 0].reshape(3, -1).T}
    there = small.reshape(3, -1).T
    there = there[np.isfinite(there[:, 0])]
    assert len(there) > 70_000
    assert all(tuple(vector) in known for vector in there)


def test_two_images_of_one_day_are_two_files(workspace, tmp_path) -> None:
    cube = made_cube(dates=2)
    times = np.array(["2021-05-01T10:20:31", "2021-05-01T12:00:00"], "datetime64[ns]")
    paths = export_geotiffs(publish(workspace, cube.assign_coords(time=times)), tmp_path / "tiffs")
    assert [path.stem[-17:] for path in paths] == ["2021-05-01T102031", "2021-05-01T120000"]
    with rasterio.open(paths[0]) as tiff:
        assert tiff.tags()["date"].startswith("2021-05-01T10:20:31")


@pytest.mark.parametrize(
    ("date", "words"), [("2021-05-03", "no date of the run; the nearest one is 2021-05-0"), ("May", "is no date")]
)
def test_a_wrong_date_is_one_sentence_and_leaves_nothing(run, tmp_path, date, words) -> None:
    with pytest.raises(InputError, match=words):
        export_geotiffs(run, tmp_path / "tiffs", ["2021-05-01", date])
    assert not (tmp_path / "tiffs").exists()


def test_a_folder_of_other_things_is_never_replaced(run, tmp_path) -> None:
    export_geotiffs(run, tmp_path / "tiffs")
    export_geotiffs(run, tmp_path / "tiffs", ["2021-05-01"], overwrite=True)
    assert len(list((tmp_path / "tiffs").iterdir())) == 1
    (tmp_path / "tiffs" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not what such an export leaves"):
        export_geotiffs(run, tmp_path / "tiffs", overwrite=True)
