from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pyproj import Transformer

from core.clustering.legend import Entry
from core.clustering.methods import NOISE
from core.figures.clusters_map import class_picture, overlay, similarity_picture
from core.frames import Grid
from core.palette import MISSING, QUALITATIVE, rgb
from core.schema import InputError

ENTRIES = [Entry(1, "a", QUALITATIVE[0], 1, 0.1, 0.5), Entry(NOISE, "noise", MISSING, 1, 0.1, 0.5)]
LABELS = np.array([[1, 1, 0], [NOISE, 1, 0]])
GRID = Grid(x=543_005.0, y=5_607_995.0, pixel_width=10, pixel_height=10, rows=100, cols=120, crs="EPSG:32632")


def test_clusters_have_their_colour_noise_is_grey_and_the_unseen_clear() -> None:
    found = class_picture(LABELS, ENTRIES)
    assert found[0, 0].tolist() == [*rgb(QUALITATIVE[0]), 255]
    assert found[1, 0].tolist() == [*rgb(MISSING), 255]
    assert (found[:, 2, 3] == 0).all()


def test_what_is_not_chosen_is_faint() -> None:
    found = class_picture(LABELS, ENTRIES, chosen=1)[..., 3]
    assert found[0, 0] == 255
    assert 0 < found[1, 0] < 100
    marked = np.zeros(LABELS.shape, bool)
    marked[1, 1] = True
    lit = class_picture(LABELS, ENTRIES, marked=marked)[..., 3]
    assert lit[1, 1] == 255
    assert lit[0, 0] < 100


def test_similarity_below_the_threshold_is_clear() -> None:
    values = np.array([[0.2, 0.8, 1.0, np.nan]], np.float32)
    found = similarity_picture(values, threshold=0.5)
    assert found[0, :, 3].tolist() == [0, 255, 255, 0]
    assert found[0, 1, 1] > found[0, 2, 1]  # the more alike, the darker the green
    assert similarity_picture(values, threshold=0.1)[0, 0, 3] == 255


def test_a_pixel_lies_where_it_is_on_the_globe() -> None:
    picture = np.zeros((100, 120, 4), np.uint8)
    picture[20:23, 90:93] = (255, 0, 0, 255)
    found = overlay(picture, GRID)
    rows, columns = np.nonzero(found.picture[..., 0])
    (south, west), (north, east) = found.bounds
    mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    left, low = mercator.transform(west, south)
    right, high = mercator.transform(east, north)
    height, width = found.picture.shape[:2]
    x = left + (columns.mean() + 0.5) * (right - left) / width
    y = high - (rows.mean() + 0.5) * (high - low) / height
    back = Transformer.from_crs("EPSG:3857", GRID.crs, always_xy=True).transform(x, y)
    np.testing.assert_allclose(back, (GRID.x + 910, GRID.y - 210), atol=10)  # within a pixel


def test_a_map_without_a_place_is_said() -> None:
    picture = np.zeros((100, 120, 4), np.uint8)
    for changes in ({"crs": ""}, {"pixel_width": 0.0}, {"crs": "no such thing"}):
        with pytest.raises(InputError, match="use an embedding with a"):
            overlay(picture, replace(GRID, **changes))
