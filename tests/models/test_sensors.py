"""Sensors beside the two Sentinels: their frames by numbers one can work out by hand, and how they join a model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from torch import Tensor

from models.checks import ConfigError, InputError
from models.compact import CompactAutoencoder, CompactModalityConfig
from models.compact_fusion import CompactFusion, CompactFusionConfig
from models.inputs import Frames
from models.sensors import SENSORS, WEATHER, DailyTable, Layers, Sensor, extended, get_sensor

DAYS = np.array(["2021-01-03", "2021-01-12", "2021-01-20"], "datetime64[D]").astype(np.int64)
OPTICAL = Frames(np.full((3, 10, 4, 5), 0.2, np.float32), DAYS)  # 3 dates, 4 x 5 px


def small(name: str, bands: tuple[str, ...], *, size: int = 3) -> CompactModalityConfig:
    values = (0.5,) * len(bands)
    return CompactModalityConfig(
        name=name,
        bands=bands,
        mean=values,
        std=values,
        bottleneck=3,
        frames=3,
        size=size,
        width=8,
        heads=2,
        decoder_width=8,
    )


LANDSAT = Sensor(
    config=small("landsat", ("red", "nir")), source=Layers(axis="landsat_time"), low=(0.0, 0.0), high=(0.5, 1.0)
)


# ---------------------------------------------------------------- daily tables
@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site folder with weather from 1 to 15 January, each day 1 degC warmer and 1 MJ sunnier than the one before."""
    days = pd.date_range("2021-01-01", "2021-01-15", name="time")
    steps = np.arange(15.0)
    table = {"temperature": steps - 10, "precipitation": 5.0, "radiation": steps, "vpd": np.nan, "snow": 0.0}
    pd.DataFrame(table, index=days).to_parquet(tmp_path / "weather.parquet")
    return tmp_path


def test_weather_is_the_mean_of_the_days_up_to_a_date_scaled_and_alike_at_every_pixel(site: Path) -> None:
    frames = WEATHER.read(site, xr.Dataset(), OPTICAL)
    assert frames is not None
    assert frames.days.tolist() == DAYS.tolist()
    assert frames.values.shape == (3, 4, 4, 5)
    assert frames.values.strides[2:] == (0, 0)  # one value in memory for all pixels
    assert np.array_equal(frames.values, np.broadcast_to(frames.values[..., :1, :1], frames.values.shape), True)
    # 1 to 3 January; 3 to 12 January; 11 to 15 January, the last days known of the 10 before the 20th
    steps = np.array([1.0, 6.5, 14.0 - 4.5])
    temperature, precipitation, radiation, vpd = frames.values[..., 0, 0].T
    assert temperature == pytest.approx((steps - 10 + 30) / 70)
    assert precipitation == pytest.approx(5 / 20)
    assert radiation == pytest.approx(steps / 35)
    assert np.isnan(vpd).all()


def test_a_date_far_from_any_weather_has_none(site: Path) -> None:
    late = Frames(OPTICAL.values, DAYS + np.array([-60, 0, 60]))
    frames = WEATHER.read(site, xr.Dataset(), late)
    assert frames is not None
    assert np.isfinite(frames.values[:, 0, 0, 0]).tolist() == [False, True, False]


def test_a_site_without_weather_is_without_the_sensor(tmp_path: Path) -> None:
    assert WEATHER.read(tmp_path, xr.Dataset(), OPTICAL) is None


def rewrite(site: Path, change: str) -> None:
    path = site / "weather.parquet"
    table = pd.read_parquet(path)
    if change == "column":
        table = table.rename(columns={"radiation": "Rg"})
    elif change == "text":
        table["vpd"] = "dry"
    elif change == "index":
        table = table.reset_index(drop=True)
    elif change == "zone":
        table.index = table.index.tz_localize("UTC")
    table.to_parquet(path)
    if change == "cut":
        path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("column", "lacks radiation and holds Rg, precipitation"),
        ("text", "cannot be read as a table of numbers"),
        ("index", "no index of days"),
        ("zone", "without a time zone"),
        ("cut", "cannot be read as a table"),
    ],
)
def test_weather_that_is_not_daily_weather_is_refused(site: Path, change: str, words: str) -> None:
    rewrite(site, change)
    with pytest.raises(InputError, match=words):
        WEATHER.read(site, xr.Dataset(), OPTICAL)


# ---------------------------------------------------------------- layers of a cube
def landsat_cube() -> xr.Dataset:
    """Four acquisitions, the second one under cloud; red tells which is which."""
    red = np.broadcast_to(np.array([0.1, 0.2, 0.3, 0.4])[:, None, None], (4, 4, 5)).copy()
    red[1] = np.nan
    times = pd.to_datetime(["2021-01-01", "2021-01-11", "2021-01-14", "2021-01-30"])
    layout = ("landsat_time", "y", "x")
    return xr.Dataset({"red": (layout, red), "nir": (layout, red + 1)}, coords={"landsat_time": times})


def test_layers_come_from_the_nearest_acquisition_that_shows_anything() -> None:
    frames = LANDSAT.read(Path("site"), landsat_cube(), OPTICAL)
    assert frames is not None
    assert (frames.days - DAYS).tolist() == [-2, 2, -6]
    assert frames.values[:, 0, 2, 2] == pytest.approx([0.2, 0.6, 0.6])  # scaled by 0.5
    assert frames.values[:, 1] == pytest.approx(1)  # clipped


def test_a_cube_without_the_axis_or_without_any_value_is_without_the_sensor() -> None:
    assert LANDSAT.read(Path("site"), xr.Dataset(), OPTICAL) is None
    assert LANDSAT.read(Path("site"), landsat_cube() * np.nan, OPTICAL) is None


@pytest.mark.parametrize(
    ("cube", "words"),
    [
        (landsat_cube().rename(nir="B5"), "lacks nir and holds B5, red"),
        (landsat_cube().transpose("y", "x", "landsat_time"), r"red has the dimensions \('y', 'x', 'landsat_time'\)"),
    ],
)
def test_layers_of_other_names_or_dimensions_are_refused(cube: xr.Dataset, words: str) -> None:
    with pytest.raises(InputError, match=words):
        LANDSAT.read(Path("site"), cube, OPTICAL)


# ---------------------------------------------------------------- entries
def test_the_registry_goes_by_name() -> None:
    assert all(entry.config.name == name for name, entry in SENSORS.items())
    assert get_sensor("weather") is WEATHER


def test_an_unknown_sensor_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="sensor is 'wether'; choose one of s1, s2, weather"):
        get_sensor("wether", others=("s1", "s2"))


@pytest.mark.parametrize("changes", [{"low": (0.0,)}, {"high": (0.5, 0.0)}])
def test_limits_that_do_not_fit_the_bands_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="one each per band, high above low"):
        replace(LANDSAT, **changes)


def test_a_mean_over_no_days_is_refused() -> None:
    with pytest.raises(ConfigError, match="days is 0"):
        DailyTable(file="weather.parquet", days=0)


# ---------------------------------------------------------------- joining a fused model
@pytest.fixture
def base() -> CompactFusion:
    """As if it were trained: no weight is still what it began as."""
    torch.manual_seed(3)
    config = CompactFusionConfig(modalities=(small("s1", ("VV",)), small("s2", ("red", "nir"))), bottleneck=4, width=8)
    model = CompactFusion(config).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return model


@pytest.fixture
def landsat() -> CompactAutoencoder:
    torch.manual_seed(4)
    return CompactAutoencoder(LANDSAT.config)


def views(*names: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Five dates of 6 x 6 px by sensor, and their days."""
    dice = torch.Generator().manual_seed(5)
    bands = {"s1": 1, "s2": 2, "landsat": 2}
    frames = {name: torch.rand(5, bands[name], 6, 6, generator=dice) for name in bands}
    return {name: frames[name] for name in names}, {name: torch.arange(5) * 4 for name in names}


def test_an_extended_model_begins_as_the_one_it_extends(base: CompactFusion, landsat: CompactAutoencoder) -> None:
    model = extended(base, {"landsat": landsat}).eval()
    assert model.config.names == ("s1", "s2", "landsat")
    with torch.inference_mode():
        before = base.embed_cube(*views("s1", "s2"))
        assert torch.equal(model.embed_cube(*views("s1", "s2")), before)
        assert torch.equal(model.embed_cube(*views("s1", "s2", "landsat")), before)
    state = model.state_dict()
    assert all(torch.equal(state[name], value) for name, value in base.state_dict().items())
    own = model.stage1("landsat").state_dict()
    assert all(torch.equal(own[name], value) for name, value in landsat.state_dict().items())


def test_training_lets_the_new_sensor_in(base: CompactFusion, landsat: CompactAutoencoder) -> None:
    model = extended(base, {"landsat": landsat})
    model.embed_cube(*views("s1", "s2", "landsat")).square().mean().backward()
    own = [part.weight.grad for part in (model.enter["landsat"], model.own["landsat"])]
    assert all(gradient is not None and gradient.abs().max() > 0 for gradient in own)


def test_an_embedding_of_another_size_keeps_the_layers_that_fit(
    base: CompactFusion, landsat: CompactAutoencoder
) -> None:
    model = extended(base, {"landsat": landsat}, bottleneck=6)
    assert model.config.bottleneck == 6
    old, new = base.state_dict(), model.state_dict()
    resized = {name for name in old if old[name].shape != new[name].shape}
    assert {"leave.weight", "leave.bias"} <= resized
    assert all(4 in old[name].shape and 6 in new[name].shape for name in resized)
    assert all(torch.equal(old[name], new[name]) for name in old.keys() - resized)


def test_a_sensor_the_model_holds_already_is_not_added_again(base: CompactFusion) -> None:
    with pytest.raises(InputError, match=r"to add are s2; .*it holds s1, s2"):
        extended(base, {"s2": base.stage1("s2")})
    with pytest.raises(InputError, match="to add are none"):
        extended(base, {})
