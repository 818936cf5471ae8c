"""A run's embedding cube as cloud-optimised GeoTIFFs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.embedding.draft import FEATURES
from core.embedding.result import read_embedding
from core.export.aside import aside
from core.progress import Progress
from core.schema import InputError
from core.store import Run

if TYPE_CHECKING:
    import xarray as xr

TAGS = (  # attributes of a run that its GeoTIFFs repeat
    "site", "title", "simulated", "licence", "provenance", "model", "preset", "version", "weights_digest",
    "input_digest", "sensors", "whole_years",
)  # fmt: skip
FEATURE_BAND = "feature "  # how the bands of features are named, before their number
TILE = 256  # pixels along the side of a tile within the file


def export_geotiffs(
    run: Run,
    folder: Path,
    dates: Sequence[str] | None = None,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Write one cloud-optimised GeoTIFF for each of `dates` (ISO; all of them if None).

    A band for each feature, then one for each trust layer by its name. The folder is new. Missing pixels
    are NaN; the overviews show single pixels, as a mean of embeddings is none.
    """
    folder = Path(folder)
    cube = read_embedding(run)
    places = _places(cube["time"].values, dates)
    names = _names(run, cube["time"].values[places])
    with aside(folder, overwrite=overwrite, ours=_holds_rasters_alone) as draft:
        draft.mkdir()
        for index, (place, name) in enumerate(zip(places, names, strict=True)):
            if progress:
                progress(index / len(places), f"Writing {name}")
            _write(draft / name, cube.isel(time=int(place)), run)
    return [folder / name for name in names]


def _places(times: NDArray[np.datetime64], dates: Sequence[str] | None) -> list[int]:
    """Where the dates are on the time axis, each once and in order."""
    if dates is None:
        return list(range(len(times)))
    days = times.astype("datetime64[D]")
    places: set[int] = set()
    for date in dates:
        try:
            wanted = np.datetime64(date, "D")
        except ValueError:
            raise InputError("date", date, "is no date", "write it as 2021-07-14") from None
        found = np.flatnonzero(days == wanted)
        if not len(found):
            nearest = days[np.abs(days - wanted).argmin()]
            raise InputError("date", date, "is no date of the run", f"the nearest one is {nearest}")
        places |= {int(place) for place in found}
    return sorted(places)


def _names(run: Run, times: NDArray[np.datetime64]) -> list[str]:
    """File names by day, and by second where a day has two images."""
    days = np.datetime_as_string(times, unit="D")
    seconds = np.char.replace(np.datetime_as_string(times, unit="s"), ":", "")
    twice = {day for day in days if (days == day).sum() > 1}
    return [f"{run.id}_{second if day in twice else day}.tif" for day, second in zip(days, seconds, strict=True)]


def _write(path: Path, image: xr.Dataset, run: Run) -> None:
    import rasterio

    trust = [str(name) for name in image.data_vars if image[name].dims == ("y", "x")]
    values = np.concatenate([image[FEATURES].values, *(image[name].values[None] for name in trust)], dtype=np.float32)
    profile: dict[str, Any] = {
        "driver": "COG",
        "count": len(values),
        "height": values.shape[1],
        "width": values.shape[2],
        "dtype": "float32",
        "crs": image.attrs["crs"],
        "transform": _transform(image["y"].values.astype(float), image["x"].values.astype(float)),
        "nodata": np.nan,
        "compress": "DEFLATE",
        "predictor": "FLOATING_POINT",
        "blocksize": TILE,
        "overview_resampling": "NEAREST",
        "bigtiff": "IF_SAFER",
    }
    with rasterio.open(path, "w", **profile) as tiff:
        tiff.write(values)
        features = [f"{FEATURE_BAND}{number}" for number in image["feature"].values]
        tiff.descriptions = (*features, *trust)
        tiff.units = (*("" for _ in features), *(str(image[name].attrs.get("units", "")) for name in trust))
        for band, name in enumerate(trust, start=len(features) + 1):
            tiff.update_tags(band, long_name=str(image[name].attrs.get("long_name", name)))
        tiff.update_tags(**_tags(image.attrs, image["time"].values, run))


def _transform(y: NDArray[np.float64], x: NDArray[np.float64]) -> Any:
    from rasterio.transform import from_origin

    width = abs(x[-1] - x[0]) / (len(x) - 1) if len(x) > 1 else abs(y[1] - y[0])
    height = abs(y[-1] - y[0]) / (len(y) - 1) if len(y) > 1 else width
    return from_origin(x[0] - width / 2, y[0] + height / 2, width, height)


def _tags(attributes: Mapping[str, Any], time: NDArray[np.datetime64], run: Run) -> dict[str, str]:
    """What the file says of itself, read again by `core.sources.embeddings.rasters`."""
    day = time.astype("datetime64[D]")
    stated = str(day) if day == time else str(np.datetime_as_string(time, unit="ns"))
    kept = {tag: str(attributes[tag]) for tag in TAGS if str(attributes.get(tag, "")) != ""}
    return {"fluxscape": "embedding", "run": run.id, "date": stated, **kept}


def _holds_rasters_alone(path: Path) -> bool:
    return path.is_dir() and all(file.suffix == ".tif" for file in path.iterdir())
