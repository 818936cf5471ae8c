"""Daily weather off grids and tables, in Fluxscape's own units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.schema import InputError, check_weather
from core.sources.embeddings.stack import Maker, Stack
from core.sources.ingest.layers import Layer
from core.sources.ingest.weather import from_layers
from core.sources.ingest.weather_table import from_table, read_weather
from tests.core.sources.ingest.files import optical

TETENS = {20: 2.338, 10: 1.228, 25: 3.168}  # kPa at degC, as tabled in FAO 56, annex 2


def layer(name: str, units: str, values: np.ndarray, step: str = "h") -> Layer:
    times = pd.date_range("2021-06-01", periods=len(values), freq=step).to_numpy()
    return Layer(
        name=name,
        stack=Stack(
            name="era5.nc", maker=Maker(), times=times, y=np.array([1.0]), x=np.array([1.0]), crs="EPSG:32632", size=1,
            read=lambda dates, rows, cols: values[None, dates, None, None].astype(np.float32),
        ),
        stated=False, integer=False, bits=32, units=units,
    )  # fmt: skip


def test_hours_of_era5_become_days() -> None:
    hours = np.arange(48)
    table = from_layers(
        [
            layer("t2m", "K", 280 + hours % 24),
            layer("tp", "m", np.full(48, 0.0005)),
            layer("ssrd", "J m**-2", np.full(48, 1e6)),
            layer("vapour_pressure", "hPa", np.full(48, 10.0)),
        ]
    )
    assert check_weather(table) is table
    assert table["temperature"].tolist() == pytest.approx([280 + 11.5 - 273.15] * 2, abs=1e-4)
    assert table["precipitation"].tolist() == pytest.approx([12.0, 12.0], rel=1e-5)
    assert table["radiation"].tolist() == pytest.approx([24.0, 24.0])


def test_a_table_of_days_is_read_by_its_columns(tmp_path) -> None:
    path = tmp_path / "weather.csv"
    path.write_text("date,temperature,radiation,soil\n2021-06-03,14,20,1\n2021-06-01,12,-9999,1\n")
    table = from_table(path)
    assert check_weather(table) is table
    assert len(table) == 3
    assert table["temperature"].iloc[0] == 12
    assert np.isnan(table["radiation"].iloc[0])


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "date,b\n2021-06-01,2\n", "temperature\n3\n"])
def test_what_is_no_weather_is_one_sentence(tmp_path, text) -> None:
    (tmp_path / "w.csv").write_text(text)
    with pytest.raises(InputError, match="is no daily table of weather"):
        from_table(tmp_path / "w.csv")


# ---------------------------------------------------------------- how dry the air is
def test_vpd_is_made_of_vapour_pressure_by_the_temperature_of_the_day() -> None:
    """Daytime is 20 degC: 18 + 0.45 (22.44 - 18)."""
    days = 3
    own = {"temperature_mean": 18.0, "temperature_max": 18 + 2 / 0.45, "vapour_pressure": 12.28}
    units = {"vapour_pressure": "hPa"}
    table = from_layers([layer(name, units.get(name, "C"), np.full(days, v), "D") for name, v in own.items()])
    assert check_weather(table) is table
    assert "vapour_pressure" not in table
    assert table["vpd"].tolist() == pytest.approx([TETENS[20] - TETENS[10]] * days, abs=0.005)


def test_vpd_is_made_of_the_dewpoint_where_nothing_else_tells_it() -> None:
    own = {"t2m": 273.15 + 25, "d2m": 273.15 + 10}
    table = from_layers([layer(name, "K", np.full(4, value), "D") for name, value in own.items()])
    assert table["vpd"].tolist() == pytest.approx([TETENS[25] - TETENS[10]] * 4, abs=0.005)


def test_a_stated_vpd_is_kept_in_kilopascal() -> None:
    own = {"temperature_mean": ("C", 20.0), "vpd": ("hPa", 7.0), "vapour_pressure": ("hPa", 1.0)}
    table = from_layers([layer(name, unit, np.full(3, value), "D") for name, (unit, value) in own.items()])
    assert table["vpd"].tolist() == pytest.approx([0.7] * 3)


# ---------------------------------------------------------------- a grid of its own
def era5(path, *, west: float = 9.0) -> None:
    """Two days by the hour, on cells of a quarter of a degree, in degrees east from 0 to 360 if `west` is so."""
    import xarray as xr

    hours = pd.date_range("2021-06-01", periods=48, freq="h", unit="ns")
    lat, lon = np.arange(52.0, 50.0, -0.25), west + 0.25 * np.arange(9)
    warm = 273.15 + lat[None, :, None] - 40 + np.zeros((48, 1, 9))
    axes = {"valid_time": hours, "latitude": lat, "longitude": lon}
    data = {
        "t2m": (tuple(axes), warm, {"units": "K"}),
        "d2m": (tuple(axes), warm - 5, {"units": "K"}),
        "tp": (tuple(axes), np.full(warm.shape, 1e-4), {"units": "m"}),
    }
    xr.Dataset(data, coords=axes).to_netcdf(path)


@pytest.mark.parametrize(("west", "lon"), [(9.0, 10.45), (351.0, -7.9)])
def test_a_grid_is_read_at_the_cell_of_the_place(tmp_path, west, lon) -> None:
    era5(tmp_path / "era5.nc", west=west)
    table = read_weather(tmp_path / "era5.nc", at=(lon, 51.08))
    assert table["temperature"].tolist() == pytest.approx([11.0, 11.0], abs=1e-3)
    assert table["precipitation"].tolist() == pytest.approx([2.4, 2.4])
    assert (table["vpd"] > 0.3).all()


def test_a_grid_of_elsewhere_is_refused(tmp_path) -> None:
    era5(tmp_path / "era5.nc")
    with pytest.raises(InputError, match=r"'era5\.nc' does not reach the site"):
        read_weather(tmp_path / "era5.nc", at=(10.45, 45.0))


def test_a_grid_without_weather_is_refused(tmp_path) -> None:
    optical().to_netcdf(tmp_path / "cube.nc")
    with pytest.raises(InputError, match="holds no daily weather"):
        read_weather(tmp_path / "cube.nc")


# ---------------------------------------------------------------- towers
def half_hours(days: int = 2) -> pd.DataFrame:
    """20 degC by day and 10 by night; vpd 10 hPa by day; 400 W m-2 for 12 of 24 hours; 0.1 mm each half-hour."""
    times = pd.date_range("2021-06-01", periods=48 * days, freq="30min")
    light = (times.hour >= 6) & (times.hour < 18)
    return pd.DataFrame(
        {
            "TIMESTAMP_START": times.strftime("%Y%m%d%H%M"),
            "TIMESTAMP_END": (times + pd.Timedelta("30min")).strftime("%Y%m%d%H%M"),
            "TA_F": np.where(light, 20.0, 10.0),
            "SW_IN_F": np.where(light, 400.0, 0.0),
            "VPD_F": np.where(light, 10.0, 2.0),
            "P_F": 0.1,
            "WS_F": 3.0,
            "GPP_NT_VUT_REF": 1.0,
            "NEE_VUT_REF_QC": 0,
        }
    )


def test_half_hours_of_a_tower_become_days_and_vpd_is_that_of_daylight(tmp_path) -> None:
    half_hours().to_csv(tmp_path / "FLX_XX-Abc_FLUXNET2015_FULLSET_HH_2021-2021_1-3.csv", index=False)
    table = read_weather(next(tmp_path.glob("*.csv")))
    assert check_weather(table) is table
    first = table.loc["2021-06-01"]
    expected = {
        "temperature": 15, "temperature_min": 10, "temperature_max": 20, "radiation": 200 * 0.0864, "vpd": 1.0,
        "precipitation": 4.8, "wind_speed": 3,
    }  # fmt: skip
    assert {name: first[name] for name in expected} == pytest.approx(expected)


def test_a_day_that_lacks_records_is_missing(tmp_path) -> None:
    half_hours().iloc[:60].to_csv(tmp_path / "HH.csv", index=False)
    table = read_weather(tmp_path / "HH.csv")
    assert table["precipitation"].tolist() == pytest.approx([4.8, np.nan], nan_ok=True)


def test_days_of_a_tower_and_what_is_missing_in_them(tmp_path) -> None:
    (tmp_path / "DD.csv").write_text(
        "TIMESTAMP,TA_F,SW_IN_F,VPD_F,P_F\n20210601,12,100,5,0\n20210602,-9999,200,-9999,3\n"
    )
    table = read_weather(tmp_path / "DD.csv")
    assert table["radiation"].tolist() == pytest.approx([8.64, 17.28])
    assert table["vpd"].tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert np.isnan(table["temperature"].iloc[1])


def test_relative_humidity_stands_in_for_vpd(tmp_path) -> None:
    times = pd.date_range("2021-06-01", periods=48, freq="30min").strftime("%Y%m%d%H%M")
    pd.DataFrame({"TIMESTAMP_START": times, "TA": 20.0, "RH": 50.0}).to_csv(tmp_path / "AMF.csv", index=False)
    assert read_weather(tmp_path / "AMF.csv")["vpd"].iloc[0] == pytest.approx(TETENS[20] / 2, abs=0.002)


def test_months_are_no_days(tmp_path) -> None:
    (tmp_path / "MM.csv").write_text("TIMESTAMP,TA_F\n202101,1\n202102,2\n202103,5\n202104,9\n")
    with pytest.raises(InputError, match="has no value for each day"):
        read_weather(tmp_path / "MM.csv")
