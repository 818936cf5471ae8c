"""Embeddings as pictures: bytes mean what their channels say, doubtful ones shine faintly, blocks fit the budget."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from core.embedding.colours import chosen, principal
from core.embedding.pictures import FAINT, colour_frames, dimension_maps
from core.embedding.sample import Sample, draw

DATES = np.arange("2021-01-01", "2021-03-01", 10, dtype="datetime64[D]")


@pytest.fixture
def features() -> xr.DataArray:
    """Five dimensions, 6 dates, 7 x 9 pixels; date 2 is missing, and one corner always."""
    values = np.random.default_rng(6).normal(size=(5, DATES.size, 7, 9)).astype(np.float32)
    values[:, 2] = np.nan
    values[:, :, 0, 0] = np.nan
    coords = {"time": DATES.astype("datetime64[ns]"), "y": 90.0 - 10 * np.arange(7), "x": 5.0 + 10 * np.arange(9)}
    return xr.DataArray(values, dims=("feature", "time", "y", "x"), coords=coords)


@pytest.fixture
def drawn(features: xr.DataArray) -> Sample:
    return draw(features)


def test_bytes_stand_for_the_values(features: xr.DataArray, drawn: Sample) -> None:
    frames = colour_frames(features, chosen(drawn, (3, 0, 4)), drawn.share)
    for place, dim in enumerate((3, 0, 4)):
        _, low, high, _, gamma = frames.channels[place]
        part = np.clip((features.values[dim, 1, 1:] - low) / (high - low), 0, 1)
        np.testing.assert_allclose(frames.pixels[1, 1:, :, place], 255 * part ** (1 / gamma), atol=1)
    assert frames.label == "dimensions 4, 1, 5"


def test_missing_is_transparent_and_doubtful_is_faint(features: xr.DataArray, drawn: Sample) -> None:
    doubt = np.zeros(features.shape[1:], bool)
    doubt[1, :, :4] = True
    frames = colour_frames(features, principal(drawn), drawn.share, doubtful=doubt)
    alpha = frames.pixels[..., 3]
    assert not alpha[2].any()
    assert (alpha[:, 0, 0] == 0).all()
    assert (alpha[1, 1:, :4] == FAINT).all()
    assert (alpha[1, :, 4:] == 255).all()
    plain = colour_frames(features, principal(drawn), drawn.share)
    np.testing.assert_array_equal(plain.pixels[..., :3], frames.pixels[..., :3])  # the colour stays


def test_a_large_cube_comes_as_the_block_that_holds_the_date(features: xr.DataArray, drawn: Sample) -> None:
    whole = colour_frames(features, principal(drawn), drawn.share)
    block = colour_frames(features, principal(drawn), drawn.share, date="2021-02-10", budget=2 * 4 * 7 * 9)
    assert (block.start, len(block.pixels), len(block.dates)) == (4, 2, 6)
    np.testing.assert_array_equal(block.pixels, whole.pixels[4:])
    np.testing.assert_array_equal(whole.clear_share, drawn.share)


def test_a_map_is_white_at_the_middle_of_its_dimension(features: xr.DataArray, drawn: Sample) -> None:
    features[2, 3, 4, 5] = np.median(drawn.values[:, 2])
    features[4] = np.exp(3 * features[4])  # a long tail
    drawn = draw(features)
    maps = dimension_maps(features, drawn, (2, 4))
    assert maps.pixels.shape == (6, 2, 7, 9)
    assert maps.palette[maps.pixels[3, 0, 4, 5]].tolist() == [255, 255, 255, 255]
    low, high = maps.pixels[3, 0].ravel()[[np.nanargmin(features[2, 3]), np.nanargmax(features[2, 3])]]
    assert low < 128 < high
    seen = maps.pixels[:, 1][maps.pixels[:, 1] > 0]
    np.testing.assert_allclose(np.quantile(seen, (0.25, 0.5, 0.75)), (64, 128, 192), atol=4)  # whatever its tails
    assert not maps.pixels[2].any()
    assert [channel.label for channel in maps.channels] == ["dim 3", "dim 5"]


def test_maps_come_in_blocks_of_dates(features: xr.DataArray, drawn: Sample) -> None:
    whole, block = (dimension_maps(features, drawn, (0, 1), date="2021-01-22", budget=b) for b in (10**6, 3 * 2 * 63))
    assert (block.start, len(block.pixels)) == (0, 3)
    np.testing.assert_array_equal(block.pixels, whole.pixels[:3])
    assert block.digest != whole.digest
