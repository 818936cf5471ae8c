"""Where an embedding goes: CRS, site and grid, and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer
from rasterio.transform import from_origin

from core.embedding.result import open_embedding
from core.schema import InputError, NotFoundError
from core.sources.embeddings.load import load_embedding
from core.sources.site import open_site, write_site
from core.store import Workspace
from tests.core.made_embedding import NORTH, WEST


def features(space: Workspace, run_id: str) -> np.ndarray:
    return open_embedding(space, run_id)["features"].values[:, 0]


# ---------------------------------------------------------------- CRS
def test_a_missing_crs_is_refused_unless_the_site_or_the_user_knows_it(space, raster, values) -> None:
    path = raster("2021-05-01.tif", values, crs=None)
    with pytest.raises(InputError, match="states no CRS, so that its place on the map is not known; give it with"):
        load_embedding(space, [path])
    at_site = load_embedding(space, [path], site="SMALL", model="mine")
    assert at_site.remarks == (
        "'2021-05-01.tif': states no CRS, and is taken as in EPSG:32632, where it lies on its site.",
    )
    path = raster("2021-05-02.tif", values, crs=None)
    given = load_embedding(space, [path], crs="EPSG:32632", model="mine")
    assert given.remarks == ()
    np.testing.assert_array_equal(features(space, given.run.id), values)
    elsewhere = raster("2021-05-03.tif", values, crs=None, transform=from_origin(0, 500, 10, 10))
    with pytest.raises(InputError, match="states no CRS"):
        load_embedding(space, [elsewhere], site="SMALL")


def test_an_image_in_degrees_is_warped_onto_the_pixels_of_the_site(space, raster) -> None:
    """A fine image in degrees whose two values are its own longitude and latitude: a pixel shows where it is from."""
    to_degrees = Transformer.from_crs(32632, 4326, always_xy=True)
    lon, lat = to_degrees.transform(WEST + 50, NORTH - 60)
    fine = 2e-5  # degrees: 2.2 m by 1.4 m
    lons, lats = lon + fine * (np.arange(-100, 100) + 0.5), lat - fine * (np.arange(-100, 100) + 0.5)
    image = np.stack(np.meshgrid(lons - lon, lats - lat)).astype(np.float32) + 1
    place = from_origin(lon - 100 * fine, lat + 100 * fine, fine, fine)
    loaded = load_embedding(space, [raster("2021-05-01.tif", image, crs="EPSG:4326", transform=place)], model="m")
    found = open_embedding(space, loaded.run.id)
    site = open_site(space, "SMALL")
    np.testing.assert_array_equal(found["x"].values, site.cube["x"].values)
    np.testing.assert_array_equal(found["y"].values, site.cube["y"].values)
    assert found.attrs["crs"] == "EPSG:32632"
    wanted = np.stack(to_degrees.transform(*np.meshgrid(found["x"].values, found["y"].values)))
    off = np.abs(found["features"].values[:, 0] - 1 + np.array([lon, lat])[:, None, None] - wanted)
    assert off.max() <= fine / 2 + 1e-6
    assert loaded.remarks == (
        "'2021-05-01.tif': is in degrees, not in EPSG:32632; each pixel took the nearest vector.",
    )


def test_an_image_of_the_next_utm_zone_is_warped_too(space, raster, values) -> None:
    east, north = Transformer.from_crs(32632, 32633, always_xy=True).transform(WEST + 50, NORTH - 60)
    wide = np.tile(values, (1, 4, 4))
    place = from_origin(east - 200, north + 240, 10, 10)
    loaded = load_embedding(space, [raster("2021-05-01.tif", wide, crs="EPSG:32633", transform=place)], model="m")
    found = features(space, loaded.run.id)
    assert np.isfinite(found).all()
    known = {tuple(vector) for vector in values.reshape(3, -1).T}
    assert all(tuple(vector) in known for vector in found.reshape(3, -1).T)
    assert "is in EPSG:32633, not in EPSG:32632; each pixel took the nearest vector" in loaded.remarks[0]


def test_without_a_site_degrees_become_the_utm_zone_of_the_place(workspace, raster, values) -> None:
    place = from_origin(9.5, 50.0, 1e-4, 1e-4)
    path = raster("2021-05-01.tif", values, crs="EPSG:4326", transform=place)
    found = open_embedding(workspace, load_embedding(workspace, [path], site="new", model="m").run.id)
    assert found.attrs["crs"] == "EPSG:32632"
    assert set(np.diff(found["x"].values)) == {9.0}  # 11.1 m by 7.2 m, in whole metres
    lon, lat = Transformer.from_crs(32632, 4326, always_xy=True).transform(found["x"].values[4], found["y"].values[4])
    inside = values[:, int((50.0 - lat) / 1e-4), int((lon - 9.5) / 1e-4)]
    np.testing.assert_array_equal(found["features"].values[:, 0, 4, 4], inside)


@pytest.mark.parametrize(
    ("crs", "place", "words"),
    [
        ("EPSG:4326", from_origin(WEST, NORTH, 10, 10), "crs 'EPSG:4326' is in degrees, but the coordinates of"),
        ("EPSG:32632", from_origin(9.5, 50, 1e-4, 1e-4), "crs 'EPSG:32632' is in metres, but the coordinates of"),
    ],
)
def test_a_crs_that_the_coordinates_contradict_is_refused(space, raster, values, crs, place, words) -> None:
    with pytest.raises(InputError, match=words):
        load_embedding(space, [raster("2021-05-01.tif", values, crs=crs, transform=place)])


def test_a_wrong_crs_can_be_put_right(space, raster, values) -> None:
    path = raster("2021-05-01.tif", values, crs="EPSG:4326")
    loaded = load_embedding(space, [path], crs="EPSG:32632", model="m")
    np.testing.assert_array_equal(features(space, loaded.run.id), values)
    assert loaded.remarks == ("'2021-05-01.tif': states EPSG:4326, and is taken as EPSG:32632, as you say.",)
    with pytest.raises(InputError, match="crs 'UTM-ish' is no CRS that PROJ knows; write it as EPSG:32632"):
        load_embedding(space, [path], crs="UTM-ish")


def test_a_rotated_grid_is_refused(space, raster, values) -> None:
    turned = from_origin(WEST, NORTH, 10, 10) @ from_origin(0, 0, 1, -1).rotation(10)
    with pytest.raises(InputError, match="has a rotated grid; warp it first"):
        load_embedding(space, [raster("2021-05-01.tif", values, transform=turned)])


def test_images_that_lie_between_each_others_pixels_are_told(workspace, raster, values) -> None:
    paths = [
        raster("a_2021-05-01.tif", values),
        raster("b_2021-05-01.tif", values + 5, transform=from_origin(WEST + 104, NORTH, 10, 10)),
    ]
    loaded = load_embedding(workspace, paths, site="new", model="m")
    found = features(workspace, loaded.run.id)
    np.testing.assert_array_equal(found[:, :, :10], values)
    np.testing.assert_array_equal(found[:, :, 10:20], values + 5)
    assert loaded.remarks == (
        "'b_2021-05-01.tif': lies between the pixels of the others (10 m); each took the nearest vector.",
    )


# ---------------------------------------------------------------- site
def test_the_site_that_lies_there_is_found(space, raster, values) -> None:
    loaded = load_embedding(space, [raster("2021-05-01.tif", values)], model="m")
    assert loaded.run.spec.site == "SMALL"
    assert [run.id for run in space.runs(kind="embedding", site="SMALL")] == [loaded.run.id]


def test_of_several_sites_one_must_be_named(space, small_site, raster, values) -> None:
    from dataclasses import replace

    write_site(space, **(small_site.parts() | {"info": replace(small_site.info, id="TWIN")}))
    path = raster("2021-05-01.tif", values)
    with pytest.raises(InputError, match="site 'SMALL, TWIN' all lie where the embedding does; choose one of them"):
        load_embedding(space, [path])
    assert load_embedding(space, [path], site="TWIN").run.spec.site == "TWIN"


def test_an_embedding_of_elsewhere_is_refused_and_says_how_far(space, raster, values) -> None:
    path = raster("2021-05-01.tif", values, transform=from_origin(WEST + 30_000, NORTH, 10, 10))
    with pytest.raises(InputError, match="site 'SMALL' lies 30 km from the middle of the embedding"):
        load_embedding(space, [path], site="SMALL")
    with pytest.raises(InputError, match="has no site in the workspace; name a new one with --site NAME"):
        load_embedding(space, [path])


def test_a_new_name_makes_a_site_that_holds_embeddings_alone(workspace, raster, values) -> None:
    path = raster("2021-05-01.tif", values)
    loaded = load_embedding(workspace, [path], site="meadow", model="m")
    (site,) = workspace.sites()
    assert (site.id, site.has_data, site.crs, site.shape, site.pixel_m) == ("meadow", False, "EPSG:32632", (12, 10), 10)
    x, y = Transformer.from_crs(4326, 32632, always_xy=True).transform(site.lon, site.lat)
    assert (x, y) == (pytest.approx(WEST + 50, abs=0.2), pytest.approx(NORTH - 60, abs=0.2))
    again = load_embedding(workspace, [raster("2022-05-01.tif", values)], model="m")  # found by its place
    assert {run.id for run in workspace.runs(site="meadow")} == {loaded.run.id, again.run.id}
    assert workspace.problems() == []
    with pytest.raises(NotFoundError, match="site 'meadow' holds embeddings, no images"):
        open_site(workspace, "meadow")


def test_images_brought_later_take_the_place_of_the_entry(workspace, small_site, raster, values) -> None:
    loaded = load_embedding(workspace, [raster("2021-05-01.tif", values)], site="SMALL", model="m")
    write_site(workspace, **small_site.parts())
    (site,) = workspace.sites()
    assert (site.id, site.has_data) == ("SMALL", True)
    assert open_site(workspace, "SMALL").cube.sizes["x"] == 10
    np.testing.assert_array_equal(features(workspace, loaded.run.id), values)


def test_a_known_tower_becomes_a_site_where_the_embedding_covers_it(workspace, raster, values) -> None:
    from core.sources.places import known_places

    tower = known_places()[0]
    zone = f"EPSG:{32600 + int((tower.lon + 180) // 6) + 1}"
    x, y = Transformer.from_crs(4326, zone, always_xy=True).transform(tower.lon, tower.lat)
    path = raster("2021-05-01.tif", values, crs=zone, transform=from_origin(x - 50, y + 60, 10, 10))
    load_embedding(workspace, [path], site=tower.id, model="m")
    (site,) = workspace.sites()
    assert (site.id, site.igbp, site.lat) == (tower.id, tower.igbp, tower.lat)
    with pytest.raises(InputError, match=f"site '{known_places()[1].id}' lies .* km from"):
        load_embedding(workspace, [path], site=known_places()[1].id)


def test_a_demo_site_has_to_be_made_first(workspace, raster, values) -> None:
    with pytest.raises(InputError, match="is a demo site that is not made yet; make it first: python -m core simulate"):
        load_embedding(workspace, [raster("2021-05-01.tif", values)], site="SIM-DBF")


def test_a_real_embedding_at_a_simulated_site_is_told(workspace, small_site, raster, values) -> None:
    from dataclasses import replace

    write_site(workspace, **(small_site.parts() | {"info": replace(small_site.info, kind="simulated")}))
    loaded = load_embedding(workspace, [raster("2021-05-01.tif", values)], model="m")
    assert "only one is real: the images of its site are simulated" in loaded.remarks[0]
    assert open_embedding(workspace, loaded.run.id).attrs["simulated"] == 0


# ---------------------------------------------------------------- area
def test_what_lies_beyond_the_site_is_left_out_and_told(space, raster) -> None:
    wide = np.random.default_rng(8).normal(size=(2, 40, 50)).astype(np.float32)
    path = raster("2021-05-01.tif", wide, transform=from_origin(WEST - 200, NORTH + 150, 10, 10))
    loaded = load_embedding(space, [path], model="m")
    np.testing.assert_array_equal(features(space, loaded.run.id), wide[:, 15:27, 20:30])
    assert loaded.remarks == ("Of 40 x 50 pixels, the 12 x 10 on the site SMALL were kept.",)


def test_a_box_keeps_the_pixels_whose_centres_lie_in_it(space, raster, values) -> None:
    box = (WEST + 15, NORTH - 45, WEST + 55, NORTH - 14)
    loaded = load_embedding(space, [raster("2021-05-01.tif", values)], bbox=box, model="m")
    np.testing.assert_array_equal(features(space, loaded.run.id), values[:, 1:5, 1:6])
    with pytest.raises(InputError, match="bbox '0 0 1 1' holds no pixel centre of the embedding; choose a box within"):
        load_embedding(space, [raster("2021-05-01.tif", values)], bbox=(0, 0, 1, 1))
