"""The ground the campaign stands on: a small workspace, and a good file of every kind that the command line reads.

Small means milliseconds: a site of 12 x 10 pixels, an embedding of it, random weights, tables of two years.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
from rasterio.transform import from_origin

from core.sources.site import write_site
from core.store import Workspace
from tests.conftest import made_by_hand, small_weather
from tests.core.made_embedding import NORTH, WEST, made_cube, publish
from tests.core.sources.ingest.files import numbers, optical, write_tiff
from tests.small_models import small_weights

SITE = "SMALL"
LON, LAT = 9.5004, 49.9938  # in the site


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A workspace that no malformed input may change, and good files to spoil copies of."""

    workspace: Workspace
    good: Path  # a folder of good files, by the names in `write_good`
    run: str  # the id of the site's embedding

    def copy(self, folder: Path) -> Bench:
        """The same with a workspace of its own in `folder`, to be damaged."""
        shutil.copytree(self.workspace.root, folder / "workspace")
        return Bench(workspace=Workspace(folder / "workspace"), good=self.good, run=self.run)


def make_bench(folder: Path) -> Bench:
    workspace = Workspace(folder / "workspace")
    small = made_by_hand()
    inside = replace(small.info, lat=LAT, lon=LON)  # so that the tower stands on the site's pixels
    write_site(workspace, **(small.parts() | {"info": inside}))
    run = publish(workspace, made_cube())
    write_good(folder / "good")
    return Bench(workspace=workspace, good=folder / "good", run=run.id)


def write_good(folder: Path) -> None:
    """One good file of every kind."""
    folder.mkdir(parents=True)
    write_tiff(folder / "2021-06-04_B04.tif", numbers("B04")[None])
    cube, values = optical(), made_cube()
    cube.to_netcdf(folder / "images.nc", engine="h5netcdf")
    cube.to_netcdf(folder / "classic.nc", engine="scipy")
    cube.to_zarr(folder / "images.zarr", zarr_format=3, consolidated=False)
    values.to_netcdf(folder / "embedding.nc", engine="h5netcdf")
    values.to_zarr(folder / "embedding.zarr", zarr_format=3, consolidated=False)
    _raster(folder / "2021-05-01.tif", values["features"].values[:, 0])
    _raster(folder / "footprint.tif", np.ones((1, 12, 10), np.float32))
    _tessera(folder)
    _tables(folder)
    small_weights(folder / "weights")
    (folder / "mapping.json").write_text(json.dumps({"entries": [{"layer": "B04", "role": "B04"}]}))
    (folder / "labels.geojson").write_text(json.dumps(labels()))
    for name, inner in (("images.zip", "2021-06-04_B04.tif"), ("tower.zip", "FLX_XX-Abc_FULLSET_DD.csv")):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.write(folder / inner, inner)


def labels() -> dict[str, object]:
    """One labelled point in the site, as GeoJSON."""
    point = {"type": "Point", "coordinates": [LON, LAT]}
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"class": "forest"}, "geometry": point}],
    }


# ---------------------------------------------------------------- inside
def _raster(path: Path, values: np.ndarray) -> None:
    count, height, width = values.shape
    place = from_origin(WEST, NORTH, 10, 10)
    profile = {"count": count, "height": height, "width": width, "dtype": values.dtype, "transform": place}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:32632", **profile) as tiff:
        tiff.write(values)


def _tessera(folder: Path) -> None:
    """A tile as it is distributed: values and scales; where it lies says the grid's own name."""
    name = "grid_9.55_49.95"
    tile = folder / "tessera" / "global_0.1_degree_representation" / "2021" / name
    tile.mkdir(parents=True)
    np.save(tile / f"{name}.npy", np.ones((12, 10, 128), np.int8))
    np.save(tile / f"{name}_scales.npy", np.ones((12, 10), np.float32))
    land = folder / "tessera" / "global_0.1_degree_tiff_all"
    land.mkdir()
    _raster(land / f"{name}.tiff", np.ones((1, 12, 10), np.uint8))


def _tables(folder: Path) -> None:
    days = pd.date_range("2019-01-01", periods=90)
    tower = pd.DataFrame(
        {"TIMESTAMP": days.strftime("%Y%m%d"), "NEE_VUT_REF_QC": 1.0, "GPP_NT_VUT_REF": np.linspace(0, 9, 90)}
    )
    tower.to_csv(folder / "FLX_XX-Abc_FULLSET_DD.csv", index=False)
    tower.to_parquet(folder / "tower.parquet")
    days = pd.date_range("2019-01-01", periods=91, freq="8D")
    wave = np.sin(np.arange(91))
    rows = {"day": days, "GPP": 2 + wave, "nir": 0.3 + 0.1 * wave, "red": 0.1 - 0.01 * wave, "radiation": 9 + wave}
    table = pd.concat([pd.DataFrame({"tower": name} | rows) for name in ("T0", "T1", "T2")])
    table.to_csv(folder / "table.csv", index=False)
    table.to_parquet(folder / "table.parquet")
    small_weather().reset_index().to_csv(folder / "weather.csv", index=False)
