import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from core.frames import Frames
from core.images import DEFAULT_BUDGET, LAYERS, layer_frames, layers_of, picture, value_frames
from core.schema import InputError
from tests.conftest import small_cube

CLOUDY_DATE, CLOUDY_PIXEL = 2, (0, 0)  # of the hand-made cube


@pytest.fixture
def cube() -> xr.Dataset:
    return small_cube()


def values_of(frames: Frames, index: int, channel: int = 0) -> np.ndarray:
    """Physical values back from bytes, as the player reads them: linear but for gamma."""
    palette = frames.palette is not None
    byte = frames.pixels[index] if palette else frames.pixels[index, ..., channel]
    first, meaning = int(palette), frames.channels[channel]
    return meaning.low + (meaning.high - meaning.low) * ((byte.astype(float) - first) / (255 - first)) ** meaning.gamma


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_has_a_frame_a_date(cube: xr.Dataset, layer: str) -> None:
    frames = layer_frames(cube, layer)
    times = cube["s1_time" if layer == "radar" else "time"].values
    assert (frames.dates == times.astype("datetime64[D]")).all()
    assert frames.pixels.shape == (times.size, 12, 10, 4)
    assert frames.pixels.dtype == np.uint8


def test_red_is_red(cube: xr.Dataset) -> None:
    cube["B04"][:] = np.linspace(0.02, 0.2, 120, dtype=np.float32).reshape(12, 10)
    first = layer_frames(cube, "true colour").image(0)
    red = first[..., 0].ravel()[first[..., 3].ravel() > 0].astype(int)
    assert (np.diff(red) >= 0).all()
    assert (red[0], red[-1]) == (0, 255)


def test_missing_is_transparent_and_nothing_else_is(cube: xr.Dataset) -> None:
    frames = layer_frames(cube, "true colour")
    seen = np.isfinite(cube["B04"].values)
    assert ((frames.pixels[..., 3] == 255) == seen).all()
    assert not frames.pixels[CLOUDY_DATE].any()
    assert frames.image(0)[CLOUDY_PIXEL].tolist() == [0, 0, 0, 0]
    np.testing.assert_allclose(frames.clear_share, seen.mean(axis=(1, 2)))


def test_a_pixel_lacking_one_band_is_missing(cube: xr.Dataset) -> None:
    cube["B02"][0, 5, 5] = np.nan
    assert layer_frames(cube, "true colour").image(0)[5, 5].tolist() == [0, 0, 0, 0]
    assert layer_frames(cube, "false colour").image(0)[5, 5, 3] == 255


def test_bytes_give_the_values_back(cube: xr.Dataset) -> None:
    frames = layer_frames(cube, "radar")
    for channel, band in enumerate((cube["VV"], cube["VH"], cube["VV"] - cube["VH"])):
        meaning = frames.channels[channel]
        inside = np.clip(band.values[1], meaning.low, meaning.high)
        np.testing.assert_allclose(values_of(frames, 1, channel), inside, atol=(meaning.high - meaning.low) / 255)
    assert [channel.unit for channel in frames.channels] == ["dB", "dB", "dB"]


def test_one_stretch_serves_all_dates(cube: xr.Dataset) -> None:
    cube["B04"][3] = cube["B04"][0] + 0.05
    frames = layer_frames(cube, "true colour")
    seen = np.isfinite(cube["B04"].values[0])
    assert (frames.image(3)[seen, 0] >= frames.image(0)[seen, 0]).all()
    assert (picture(cube, 3, "true colour") == frames.image(3)).all()


def test_snow_does_not_decide_the_stretch(cube: xr.Dataset) -> None:
    for band in ("B02", "B03", "B04"):
        cube[band][:] = cube[band] * 0.3
    before = layer_frames(cube, "true colour").channels
    snowy = cube.copy(deep=True)
    for band in ("B02", "B03", "B04"):
        snowy[band][4:] = 0.9
    low, high = zip(
        *((channel.low, channel.high) for channel in layer_frames(snowy, "true colour").channels), strict=True
    )
    np.testing.assert_allclose(low, [channel.low for channel in before], atol=0.01)
    np.testing.assert_allclose(high, [channel.high for channel in before], atol=0.01)


def test_a_site_under_snow_still_has_a_picture(cube: xr.Dataset) -> None:
    for band in ("B02", "B03", "B04"):
        cube[band][:] = cube[band] * 0.1 + 0.8
    assert np.ptp(layer_frames(cube, "true colour").image(0)[5:, 5:, 0]) > 100


def ndvi(cube: xr.Dataset) -> xr.DataArray:
    return (cube["B08"] - cube["B04"]) / (cube["B08"] + cube["B04"])


def test_an_index_takes_one_byte_a_pixel(cube: xr.Dataset) -> None:
    frames = value_frames(ndvi(cube), label="NDVI")
    assert frames.pixels.nbytes == 6 * 12 * 10
    assert ((frames.pixels == 0) == np.isnan(ndvi(cube).values)).all()
    assert frames.channels[0].label == "NDVI"


@pytest.mark.parametrize(
    ("values", "limits", "middle"),
    [
        ([0.1, 0.9], (0.1, 0.9), "green"),
        ([-0.02, 0.9], (-0.02, 0.9), "green"),  # a little below zero is still one side
        ([-0.5, 0.3], (-0.5, 0.5), "white"),
        ([-0.3, 0.6], (-0.6, 0.6), "white"),
        ([-9.0, -1.0], (-9.0, -1.0), "green"),
    ],
)
def test_both_signs_make_it_diverging(values: list[float], limits: tuple[float, float], middle: str) -> None:
    layer = xr.DataArray(
        np.linspace(*values, 100, dtype=np.float32).reshape(1, 10, 10),
        dims=("time", "y", "x"),
        coords={"time": [np.datetime64("2021-05-01", "ns")], "y": -np.arange(10.0), "x": np.arange(10.0)},
    )
    frames = value_frames(layer, label="any", limits=(values[0], values[1]))
    assert frames.channels[0][1:3] == pytest.approx(limits)
    assert frames.palette is not None
    assert (frames.palette[128].tolist() == [255, 255, 255, 255]) == (middle == "white")


@given(st.integers(1, 5000), st.integers(0, 5))
def test_a_block_keeps_the_budget_and_has_the_date(budget: int, index: int) -> None:
    cube = small_cube()
    frames = layer_frames(cube, "true colour", date=str(cube["time"].values[index])[:10], budget=budget)
    assert frames.pixels.nbytes <= max(budget, 4 * 12 * 10)  # a single date at least
    assert (frames.image(index) == picture(cube, index, "true colour")).all()
    assert frames.dates.size == frames.clear_share.size == 6


def test_blocks_lie_side_by_side(cube: xr.Dataset) -> None:
    """Neighbouring dates of one block share it, so that stepping does not load again."""
    two_dates = 2 * 4 * 12 * 10
    starts = [layer_frames(cube, "true colour", date=date, budget=two_dates).start for date in days(cube)]
    assert starts == [0, 0, 2, 2, 4, 4]


def days(cube: xr.Dataset) -> list[str]:
    return [str(time)[:10] for time in cube["time"].values]


def test_four_years_of_a_demo_site_fit_the_budget() -> None:
    assert DEFAULT_BUDGET >= 292 * 80 * 80 * 4


def test_the_grid_places_the_pixels(cube: xr.Dataset) -> None:
    grid = layer_frames(cube, "radar").grid
    assert (grid.x, grid.y, grid.rows, grid.cols, grid.crs) == (535_825.0, 5_538_115.0, 12, 10, "EPSG:32632")
    assert (grid.pixel_width, grid.pixel_height) == (10.0, 10.0)


def test_a_single_column_has_no_width(cube: xr.Dataset) -> None:
    assert layer_frames(cube.isel(x=[3]), "true colour").grid.pixel_width == 0


def test_without_radar_there_is_no_radar_layer(cube: xr.Dataset) -> None:
    optical = cube.drop_vars(["VV", "VH"])
    assert layers_of(cube) == list(LAYERS)
    assert layers_of(optical) == ["true colour", "false colour", "shortwave infrared"]
    with pytest.raises(InputError, match="layer 'radar' needs bands this cube lacks; use one of true colour"):
        layer_frames(optical, "radar")


def test_an_unknown_layer_is_named(cube: xr.Dataset) -> None:
    with pytest.raises(InputError, match="layer 'sepia' is not known; use one of true colour, false colour"):
        layer_frames(cube, "sepia")


def test_values_missing_everywhere_are_refused(cube: xr.Dataset) -> None:
    with pytest.raises(InputError, match="values 'NaN' are missing at every date"):
        value_frames(ndvi(cube) * np.nan, label="NDVI")


def test_a_cube_of_two_bands_is_shown_by_a_picture_of_these(cube: xr.Dataset) -> None:
    """Bands that a file lacks are stored without a value."""
    optical = cube.drop_dims("s1_time")
    two = optical.assign({band: optical[band] * np.nan for band in optical.data_vars if band not in ("B04", "B08")})
    assert layers_of(two) == ["infrared and red"]
    assert layers_of(two.assign(B08=two["B08"] * np.nan)) == ["red"]
    shown = layer_frames(two, "infrared and red").pixels
    clear = shown[..., 3] > 0
    assert clear.any()
    assert (shown[clear][:, 1] == shown[clear][:, 2]).all()
    assert layers_of(optical) == ["true colour", "false colour", "shortwave infrared"]
