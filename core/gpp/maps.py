"""GPP of every pixel of a site on a date: the model's features, pixel by pixel, in place of the footprint's mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.gpp.clearsky import NAME as CLEARSKY
from core.gpp.clearsky import clear_sky
from core.gpp.columns import INDICES
from core.gpp.layers import EMBEDDING, WEATHER_FEATURES, indicators, season
from core.gpp.model import GppModel
from core.schema import S1_BANDS, S2_BANDS, InputError
from core.sources.site import Site, open_site
from core.store import Workspace

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Floats = NDArray[np.floating]
OPTICAL = ("bands", "indices", EMBEDDING)  # a pixel that none of these saw in the window gets no value
PIXELS = 4096  # at once: what the windows of these take in memory stays under 0.5 GB
UNITS = {"gpp": "g m-2 d-1", "low": "g m-2 d-1", "high": "g m-2 d-1", "dissimilarity": "1", "outside": "1"}


def gpp_map(workspace: Workspace, model: GppModel, site_id: str, date: str, *, run_id: str | None = None) -> xr.Dataset:
    """`gpp`, `low`, `high`, `dissimilarity` and `outside` (y, x) of a site on a date (2021-07-14).

    `run_id` names the embedding run if the model takes one; else the one it was fitted with, or the newest.
    """
    import pandas as pd
    import xarray as xr

    site = open_site(workspace, site_id)
    try:
        day = pd.Timestamp(date).floor("D")
    except ValueError:
        raise InputError("date", date, "is no date", "write it as 2021-07-14") from None
    days = pd.date_range(end=day, periods=model.window, freq="D")
    layers, grid = _layers(workspace, site, model, days, run_id)
    missing = [name for name in model.groups if name not in layers]
    if missing:
        problem = f"cannot give the model's features {', '.join(missing[:4])}"
        raise InputError("site", site_id, problem, "choose a model fitted to features of sites")
    found = _by_pixel(model, [layers[name] for name in model.groups], site_id, days, grid["y"].size * grid["x"].size)
    shape = (grid["y"].size, grid["x"].size)
    maps = {name: (("y", "x"), values.reshape(shape).astype(np.float32)) for name, values in found.items()}
    cube = xr.Dataset(maps, coords={"y": grid["y"].values, "x": grid["x"].values})
    for name, unit in UNITS.items():
        cube[name].attrs["units"] = unit
    return cube.assign_attrs(crs=str(site.cube.attrs["crs"]), date=str(day.date()), site=site_id, model=model.name)


def _by_pixel(
    model: GppModel, layers: list[Callable[[slice], Floats]], site: str, days: pd.DatetimeIndex, count: int
) -> dict[str, NDArray[Any]]:
    parts, target = [], days[-1:].to_numpy().astype("datetime64[D]")
    for first in range(0, count, PIXELS):
        pixels = slice(first, min(first + PIXELS, count))
        values = np.stack([layer(pixels) for layer in layers], axis=1)
        design = model.design(values, np.array([len(days) - 1]), site=site, days=target)
        found = model.predict(design)
        optical = [turn for turn, group in enumerate(model.groups.values()) if group in OPTICAL]
        unseen = ~np.isfinite(values[:, optical]).any(axis=(0, 1)) if optical else np.zeros(values.shape[2], dtype=bool)
        parts.append({name: np.where(unseen, np.nan, value) for name, value in found.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


# ---------------------------------------------------------------- features of pixels
def _layers(
    workspace: Workspace, site: Site, model: GppModel, days: pd.DatetimeIndex, run_id: str | None
) -> tuple[dict[str, Callable[[slice], Floats]], xr.Dataset]:
    """By column: what gives (days, pixels) of a range of pixels; and the grid they lie on."""
    groups = set(model.groups.values())
    found: dict[str, Callable[[slice], Floats]] = {}
    grid: xr.Dataset = site.cube
    optical = _in_window(site.cube, "time", days)
    for name in S2_BANDS:
        found[name] = _placed(optical[name], optical["time"].values, days)
    if "indices" in groups:
        from core.indices import compute

        for name in (n for n in INDICES if n in model.groups):
            values = compute(optical, name).clip(-2.0, 2.0) if optical.sizes["time"] else optical["B04"]
            found[name] = _placed(values, optical["time"].values, days)
    if "s1_time" in site.cube.dims:
        radar = _in_window(site.cube, "s1_time", days)
        for name in (n for n in S1_BANDS if n in radar):
            found[name] = _placed(radar[name], radar["s1_time"].values, days)
    if EMBEDDING in groups:
        embedded = _embedding(workspace, site, model, run_id)
        grid, part = embedded, _in_window(embedded, "time", days)
        for turn in range(embedded.sizes["feature"]):
            found[f"embedding {turn + 1}"] = _placed(part["features"][turn], part["time"].values, days)
        found = {name: layer for name, layer in found.items() if name.startswith("embedding")}
        if groups & {"bands", "indices", "backscatter"} and site.cube["y"].size != embedded["y"].size:
            raise InputError("site", site.info.id, "is embedded in part", "embed the whole site")
    return found | _everywhere(site, model, days), grid


def _embedding(workspace: Workspace, site: Site, model: GppModel, run_id: str | None) -> xr.Dataset:
    from core.embedding.result import open_embedding

    fitted = dict(model.request.get("runs", {})).get(site.info.id)
    runs = [run.id for run in workspace.runs(kind=EMBEDDING, site=site.info.id)]
    wanted = run_id or (fitted if fitted in runs else next(iter(runs), None))
    if wanted is None:
        raise InputError("site", site.info.id, "has no embedding", f"make one: python -m core embed {site.info.id}")
    return open_embedding(workspace, wanted)


def _in_window(cube: xr.Dataset, axis: str, days: pd.DatetimeIndex) -> xr.Dataset:
    times = cube[axis].values.astype("datetime64[D]")
    first, last = (np.datetime64(days[turn].date(), "D") for turn in (0, -1))
    return cube.isel({axis: np.flatnonzero((times >= first) & (times <= last))}).load()


def _placed(layer: xr.DataArray, times: NDArray[np.datetime64], days: pd.DatetimeIndex) -> Callable[[slice], Floats]:
    """Views at their days of the window, NaN between; the last view of a day counts."""
    place = (times.astype("datetime64[D]") - np.datetime64(days[0].date(), "D")).astype(int)
    values = layer.values.reshape(len(times), -1) if len(times) else np.empty((0, layer.sizes["y"] * layer.sizes["x"]))

    def give(pixels: slice) -> Floats:
        found = np.full((len(days), values[:, pixels].shape[1]), np.nan)
        found[place] = values[:, pixels]
        return found

    return give


def _everywhere(site: Site, model: GppModel, days: pd.DatetimeIndex) -> dict[str, Callable[[slice], Floats]]:
    """What is the same all over a site: weather, clear sky, season and tower."""
    series = {CLEARSKY: clear_sky(site.info.lat, site.info.lon, site.info.elevation_m, days)}
    if site.weather is not None:
        series |= {name: site.weather[name].reindex(days) for name in WEATHER_FEATURES if name in site.weather}

    towers = [name.removeprefix("tower ") for name, group in model.groups.items() if group == "tower"]
    for table in (season(days), indicators(site.info.id, towers, days)):
        series |= {str(name): table[name] for name in table}

    def spread(values: Floats) -> Callable[[slice], Floats]:
        return lambda pixels: np.repeat(values[:, None], pixels.stop - pixels.start, axis=1)

    return {name: spread(column.to_numpy(float)) for name, column in series.items()}
