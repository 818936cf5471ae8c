"""Daily weather off grids and tables, in Fluxscape's own units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.schema import InputError, check_weather
from core.sources.embeddings.stack import Maker, Stack
from core.sources.ingest.layers import Layer
from core.sources.ingest.weather import from_layers, from_table


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
