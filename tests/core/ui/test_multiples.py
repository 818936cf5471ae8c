import base64
import json

import numpy as np
import xarray as xr

from core.embedding.meaning import Bar
from core.embedding.pictures import dimension_maps
from core.embedding.sample import draw
from core.ui.multiples import multiples_data


def test_the_browser_gets_json_and_no_pixels() -> None:
    values = np.random.default_rng(1).normal(size=(3, 4, 5, 6)).astype(np.float32)
    times = np.arange("2021-01-01", "2021-01-05", dtype="datetime64[D]").astype("datetime64[ns]")
    coords = {"time": times, "y": -10.0 * np.arange(5), "x": 10.0 * np.arange(6)}
    features = xr.DataArray(values, dims=("feature", "time", "y", "x"), coords=coords)
    maps = dimension_maps(features, draw(features), (2, 0))
    bars = [[Bar("NDVI", 0.91234), Bar("VH", -0.2)], []]
    data = json.loads(json.dumps(multiples_data(maps, bars, url="/media/x.bin", date="2021-01-02")))
    assert [tile["name"] for tile in data["tiles"]] == ["dim 3", "dim 1"]
    assert data["tiles"][0]["bars"] == [{"name": "NDVI", "value": 0.912}, {"name": "VH", "value": -0.2}]
    assert (data["start"], data["count"], data["rows"], data["cols"]) == (0, 4, 5, 6)
    assert data["dates"][1] == data["date"] == "2021-01-02"
    palette = np.frombuffer(base64.b64decode(data["palette"]), np.uint8).reshape(256, 4)
    assert palette[0].tolist() == [0, 0, 0, 0]
    assert palette[128].tolist() == [255, 255, 255, 255]


def test_other_bars_or_pixels_are_laid_out_anew() -> None:
    values = np.random.default_rng(1).normal(size=(2, 1, 5, 6)).astype(np.float32)
    coords = {"time": np.array(["2021-01-01"], "datetime64[ns]"), "y": -10.0 * np.arange(5), "x": 10.0 * np.arange(6)}
    features = xr.DataArray(values, dims=("feature", "time", "y", "x"), coords=coords)
    one, other = (dimension_maps(features, draw(features), (dim,)) for dim in (0, 1))
    contents = {
        multiples_data(maps, [bars], url="", date="2021-01-01")["content"]
        for maps in (one, other)
        for bars in ([], [Bar("NDVI", 0.5)])
    }
    assert len(contents) == 4
