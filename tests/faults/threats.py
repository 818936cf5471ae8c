"""Hostile files: what an attacker would send, and the command that is given it.

Each row writes what it needs into a folder and returns the words of a command. `proof` is a file that would be there
if any code of the attacker's had run; `secret` a file elsewhere that nothing may follow a reference to.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.gpp.judge import judge
from core.gpp.model import final_model
from core.gpp.store import KIND, save_model
from core.gpp.windows import make_samples
from core.schema import RunSpec
from tests import hostile
from tests.core.gpp.conftest import made_up
from tests.core.sources.ingest.files import numbers, write_tiff
from tests.faults.bench import SITE, Bench, labels
from tests.small_models import small_weights


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a row puts its files, and what must not be touched or told."""

    bench: Bench  # with a workspace of its own
    folder: Path
    proof: Path
    secret: Path

    @property
    def tif(self) -> Path:
        return self.folder / "2021-06-04_B04.tif"


Threat = Callable[[Place], list[object]]


# ---------------------------------------------------------------- checkpoints and models
def _weights(write: Callable[..., Path], file: str) -> Threat:
    def make(place: Place) -> list[object]:
        write(small_weights(place.folder / "weights") / file, place.proof)
        return ["embed", SITE, "--model", place.folder / "weights"]

    return make


def _checkpoint(place: Place, *, legacy: bool) -> list[object]:
    return ["embed", SITE, "--model", hostile.torch_pickled(place.folder / "a.ckpt", place.proof, legacy=legacy)]


def _boundless_weights(place: Place) -> list[object]:
    """A header that says it is longer than any file."""
    folder = small_weights(place.folder / "weights")
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", 2**62) + b"{}")
    return ["embed", SITE, "--model", folder]


def _fit(place: Place, spoil: Callable[[Path], object]) -> list[object]:
    """A fit whose stored model was changed before it was published: its manifest is in order."""
    frames = made_up(sites=2, years=2, every=12)
    judged = judge(make_samples(frames, 10), model="ridge", split="leave-site-out")
    spec = RunSpec(kind=KIND, site=SITE, input_digest="1", version="0")
    with place.bench.workspace.draft_run(spec, {}) as draft:
        save_model(final_model(judged, frames, seed=0), draft / "model")
        spoil(draft / "model")
    return ["gpp", "map", spec.id, SITE, "--start", "2021-05-06", "--to", place.folder / "map.nc"]


def _foreign_types(place: Place) -> list[object]:
    import os

    import skops.io
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    evil = make_pipeline(FunctionTransformer(os.system))
    return _fit(place, lambda folder: skops.io.dump(evil, folder / "regressor.skops"))


# ---------------------------------------------------------------- rasters and cubes
def _vrt(name: str, *words: str) -> Threat:
    """A VRT under any name, given to any command; {file} is where it lies."""

    def make(place: Place) -> list[object]:
        file = hostile.vrt(place.folder / name, str(place.secret))
        return [word.format(file=file, site=SITE, run=place.bench.run, good=place.bench.good) for word in words]

    return make


def _huge_raster(place: Place) -> list[object]:
    """A small file that says it holds 4 million x 4 million pixels."""
    import rasterio

    options = {"tiled": True, "blockxsize": 2**15, "blockysize": 2**15, "SPARSE_OK": True, "compress": "deflate"}
    profile = {"driver": "GTiff", "width": 2**20, "height": 2**20, "count": 1, "dtype": "uint16", "BIGTIFF": "YES"}
    with rasterio.open(place.tif, "w", **profile, **options, crs="EPSG:32632"):
        pass
    return ["ingest", place.tif, "--site", "x"]


def _huge_zarr(place: Place) -> list[object]:
    folder = place.folder / "images.zarr"
    (folder / "B04").mkdir(parents=True)
    (folder / "zarr.json").write_text('{"zarr_format": 3, "node_type": "group"}')
    shape = [2**40, 2**20, 2**20]
    array = {
        "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": "float32", "fill_value": 0,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shape}},
        "chunk_key_encoding": {"name": "default"}, "dimension_names": ["time", "y", "x"],
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
    }  # fmt: skip
    (folder / "B04" / "zarr.json").write_text(json.dumps(array))
    return ["ingest", folder, "--site", "x"]


def _linked(command: str) -> Threat:
    def make(place: Place) -> list[object]:
        file = hostile.linked_hdf5(place.folder / "a.nc", place.secret)
        return [command, file, *(["--site", "x"] if command != "open" else [])]

    return make


def _array(write: Callable[[Path], object]) -> Threat:
    """TESSERA's values with another file in their place."""

    def make(place: Place) -> list[object]:
        file = place.folder / "grid_9.55_49.95.npy"
        write(file)
        return ["load", file, "--site", SITE]

    return make


def _pickled_array(place: Place) -> list[object]:
    return _array(lambda file: hostile.pickled_array(file, place.proof))(place)


def _endless_array(file: Path) -> None:
    header = b"{'descr': '|i1', 'fortran_order': False, 'shape': (%d, %d, 128), }" % (2**40, 2**40)
    file.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)


def _code_in_a_header(place: Place) -> list[object]:
    header = b"{'descr': __import__('pathlib').Path(%r).touch(), 'fortran_order': False, 'shape': (1,), }"
    header = header % str(place.proof).encode()
    head = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    return _array(lambda file: file.write_bytes(head))(place)


# ---------------------------------------------------------------- archives and text
def _zip(write: Callable[[Path], object], command: str = "ingest") -> Threat:
    def make(place: Place) -> list[object]:
        file = place.folder / "given.zip"
        write(file)
        return [command, file, *(["--site", "x"] if command == "ingest" else [])]

    return make


def _bomb(path: Path) -> None:
    hostile.pack(path, {"2021-06-04_B04.tif": b"II*\0" + bytes(60_000_000)})


def _table_bomb(path: Path) -> None:
    rows = b"TIMESTAMP,NEE_VUT_REF_QC,GPP_NT_VUT_REF\n" + b"20190101,1,1\n" * 6_000_000
    hostile.pack(path, {"FLX_XX-Abc_FULLSET_DD.csv": rows})


def _same_name_twice(path: Path) -> None:
    """A member that is checked under one name and written over by its double."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/../../evil.tif", b"II*\0")


def _deep(name: str, *words: str) -> Threat:
    """JSON nested deeper than any reader's stack."""

    def make(place: Place) -> list[object]:
        file = place.folder / name
        file.write_text("[" * 200_000)
        return [word.format(file=file, folder=place.folder, good=place.bench.good, site=SITE) for word in words]

    return make


def _deep_weights(place: Place) -> list[object]:
    folder = small_weights(place.folder / "weights")
    (folder / "config.json").write_text('{"a":' * 200_000)
    return ["embed", SITE, "--model", folder]


THREATS: Mapping[str, Threat] = {
    "weights: a pickle": _weights(hostile.pickled, "model.safetensors"),
    "weights: a torch file": _weights(hostile.torch_pickled, "model.safetensors"),
    "weights: a pickle for their description": _weights(hostile.pickled, "config.json"),
    "weights: a boundless header": _boundless_weights,
    "weights: a bottomless description": _deep_weights,
    "checkpoint with code": lambda place: _checkpoint(place, legacy=False),
    "checkpoint of the old kind with code": lambda place: _checkpoint(place, legacy=True),
    "regressor: a pickle": lambda place: _fit(
        place, lambda folder: hostile.pickled(folder / "regressor.skops", place.proof)
    ),
    "regressor: foreign types": _foreign_types,
    "regressor: a pickle for its numbers": lambda place: _fit(
        place, lambda folder: hostile.pickled(folder / "arrays.safetensors", place.proof)
    ),
    "VRT opened": _vrt("a.vrt", "open", "{file}"),
    "VRT named .tif opened": _vrt("a.tif", "open", "{file}"),
    "VRT named .tif ingested": _vrt("2021-06-04_B04.tif", "ingest", "{file}", "--site", "x"),
    "VRT named .tif loaded": _vrt("2021-05-01.tif", "load", "{file}", "--site", "{site}", "--model", "m"),
    "VRT named .nc opened": _vrt("a.nc", "open", "{file}"),
    "VRT as a footprint": _vrt("a.tif", "gpp", "fit", "{site}", "--features", "bands", "--footprint", "{file}"),
    "VRT as a land cover": _vrt("a.tif", "cluster", "{run}", "--k", "3", "--land-cover", "{file}"),
    "raster larger than any memory": _huge_raster,
    "Zarr larger than any memory": _huge_zarr,
    "Zarr with pickles opened": lambda place: ["open", hostile.pickled_zarr(place.folder / "a.zarr")],
    "Zarr with pickles loaded": lambda place: ["load", hostile.pickled_zarr(place.folder / "a.zarr"), "--site", SITE],
    "HDF5 with links opened": _linked("open"),
    "HDF5 with links ingested": _linked("ingest"),
    "HDF5 with links loaded": _linked("load"),
    "array with code": _pickled_array,
    "array with code in its header": _code_in_a_header,
    "array larger than any memory": _array(_endless_array),
    "zip that leads out": _zip(lambda path: hostile.pack(path, {"../../evil.tif": b"II*\0"})),
    "zip with an absolute path": _zip(lambda path: hostile.pack(path, {"/tmp/evil.tif": b"II*\0"})),
    "zip with backslashes": _zip(lambda path: hostile.pack(path, {"..\\evil.tif": b"II*\0"})),
    "zip with a drive": _zip(lambda path: hostile.pack(path, {"C:/evil.tif": b"II*\0"})),
    "zip that leads out by a detour": _zip(_same_name_twice),
    "zip with a link": _zip(hostile.link),
    "zip that lies about its size": _zip(hostile.lying),
    "zip with a password": _zip(hostile.locked),
    "zip bomb": _zip(_bomb),
    "zip bomb of a table": _zip(_table_bomb, "tower"),
    "bottomless mapping": _deep("m.json", "ingest", "{good}/images.nc", "--site", "x", "--mapping", "{file}"),
    "bottomless Zarr": lambda place: _deep("zarr.json", "open", str(place.folder))(place),
}


# ---------------------------------------------------------------- what lies beside a file
def beside(place: Place) -> list[object]:
    """A good GeoTIFF; overview, mask and metadata in files beside it refer elsewhere. It is read, and alone."""
    write_tiff(place.tif, numbers("B04")[None])
    for ending in (".ovr", ".msk", ".aux.xml"):
        hostile.vrt(place.tif.with_name(place.tif.name + ending), str(place.secret))
    return ["ingest", place.tif, "--site", "x"]


def bottomless_labels(place: Place) -> Path:
    file = place.folder / "labels.geojson"
    file.write_text(json.dumps(labels())[:-1] + ', "more": ' + "[" * 200_000)
    return file


def write_secret(path: Path) -> Path:
    """A raster that anybody may read; nothing may be led to it."""
    values = np.full((1, 12, 12), float(hostile.SECRET), np.float32)
    return write_tiff(path, values)
