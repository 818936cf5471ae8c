"""What a table's columns are, by their names: bands, backscatter, radiation; and what can be made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.schema import S1_BANDS, WEATHER_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

# What a sensor family calls the bands that indices need; in lower case. The first family that fits counts.
FAMILIES: Mapping[str, Mapping[str, str]] = {
    "Sentinel-2": {"B02": "b02", "B03": "b03", "B04": "b04", "B08": "b08", "B11": "b11", "B12": "b12"},
    "Sentinel-2, unpadded": {"B02": "b2", "B03": "b3", "B04": "b4", "B08": "b8", "B11": "b11", "B12": "b12"},
    "Sentinel-2, narrow near infrared": {
        "B02": "b02", "B03": "b03", "B04": "b04", "B08": "b8a", "B11": "b11", "B12": "b12",
    },
    "Landsat 8 and HLS": {"B02": "b2", "B03": "b3", "B04": "b4", "B08": "b5", "B11": "b6", "B12": "b7"},
    "HLS, padded": {"B02": "b02", "B03": "b03", "B04": "b04", "B08": "b05", "B11": "b06", "B12": "b07"},
    "by colour": {"B02": "blue", "B03": "green", "B04": "red", "B08": "nir", "B11": "swir1", "B12": "swir2"},
}  # fmt: skip
INDICES = ("NDVI", "NIRv", "kNDVI", "EVI", "EVI2", "NDMI", "GNDVI", "NBR")  # names of the standard list
RADIATION = (  # the most wanted first: shortwave, then photosynthetically active radiation, then the cloudless sky's
    "radiation", "sw_in_f", "sw_in", "sw_in_f_mds", "swin", "rg", "ssrd", "swland", "swgdn", "srad", "swdown",
    "solar_radiation", "shortwave", "par", "ppfd_in", "ppfd", "pardf", "pardfland", "clearsky",
)  # fmt: skip
WEATHER_HINTS = ("t2m", "temp", "ta_", "vpd", "prec", "rain", "wind", "ws_", "dew", "swc", "gwet", "lhland", "shland")
CLOUD_BRIGHT = 0.2  # reflectance in blue that vegetation does not reach: cloud, haze or snow
READ_OUT = ("NDVI", "NIRv", "kNDVI", "NDMI", "GNDVI", "NBR")  # indices that a regressor may read out of embeddings
PRODUCTS = ("NIRv", "NDVI")  # indices that are multiplied by radiation, as light-use efficiency has it


def find_bands(columns: Sequence[str]) -> dict[str, str]:
    """Sentinel-2's name -> column, of the family whose red and near infrared are there; empty if none is."""
    lower = {name.lower(): name for name in reversed(columns)}
    for names in FAMILIES.values():
        found = {band: lower[name] for band, name in names.items() if name in lower}
        if {"B04", "B08"} <= found.keys():
            return found
    return {}


def find_radiation(columns: Sequence[str]) -> str:
    """The column of incoming radiation; "" if none is recognised."""
    lower = {name.lower(): name for name in reversed(columns)}
    return next((lower[name] for name in RADIATION if name in lower), "")


def group_of(column: str, bands: Mapping[str, str]) -> str:
    """What a column is for a reader who asks what matters."""
    name = column.lower()
    if column in bands.values() or (len(name) == 3 and name[0] == "b" and name[1:].isdigit()) or name == "b8a":
        return "bands"
    if column in S1_BANDS:
        return "backscatter"
    if name.startswith("embedding"):
        return "embedding"
    if name == "clearsky":
        return "clear-sky radiation"
    if column in WEATHER_COLUMNS or name in RADIATION or any(hint in name for hint in WEATHER_HINTS):
        return "weather"
    return "indices" if name in {index.lower() for index in INDICES} | {"ndwi", "gci", "lswi", "savi"} else "others"


def indices_of(table: pd.DataFrame, bands: Mapping[str, str], names: Sequence[str] = INDICES) -> pd.DataFrame:
    """Those of `names` that the bands of a table can give, from the standard list's own formulas."""
    import pandas as pd
    import xarray as xr

    from core.indices import compute, find

    layers = {band: xr.DataArray(table[column].to_numpy(float), dims="row") for band, column in bands.items()}
    given = [name for name in names if set(find(name).bands) <= layers.keys()]
    columns = {name: np.clip(compute(layers, name).values, -2.0, 2.0) for name in given}
    return pd.DataFrame(columns, index=table.index)


def disagreeing(table: pd.DataFrame, made: pd.DataFrame) -> list[str]:
    """Columns that bear the name of an index and yet are not what the bands give."""
    wrong = []
    for name in made.columns.intersection(table.columns):
        off = (table[name] - made[name]).abs().median()
        if off > 0.05:
            wrong.append(str(name))
    return wrong
