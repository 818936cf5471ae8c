"""Malformed files: every kind the command line reads, spoilt in every way that makes it none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests import hostile
from tests.faults.bench import SITE, Bench

Spoil = Callable[[Path], None]
PAGE = "<!DOCTYPE html><html><body>Please log in to download this file</body></html>"


# ---------------------------------------------------------------- ways to spoil a file
def missing(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(5).bytes(3000))


def page(path: Path) -> None:
    """What a portal sends in place of a file when nobody has logged in."""
    path.write_text(PAGE)


def pickled(path: Path) -> None:
    hostile.pickled(path, path.with_name("proof"))


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def head(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:16])


def hollow(path: Path) -> None:
    """The beginning is right, and all else is zeros."""
    path.write_bytes(path.read_bytes()[:16] + bytes(4000))


def picture(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))


ANY: Mapping[str, Spoil] = {"missing": missing, "empty": empty, "noise": noise, "pickle": pickled}
BINARY = ANY | {"folder": folder, "web page": page, "half": half, "head": head, "hollow": hollow, "picture": picture}
TEXT = ANY | {"folder": folder, "picture": picture}
JSON = TEXT | {"web page": page, "half": half}


# ---------------------------------------------------------------- what reads which file
@dataclass(frozen=True, kw_only=True)
class Reader:
    """A command that reads a file; {file} in its words is the spoilt copy, {run} the site's embedding."""

    file: str  # of the bench's good files, in a folder of its own where it names one
    words: str
    spoils: Mapping[str, Spoil]
    unlike: tuple[str, ...] = ()  # spoils that leave a file which this command may well read
    names: str = ""  # what the sentence says; else the file's name
    fails: str = "-"  # what is said of the good file, where the bench is too small for the command to end well

    def copy(self, bench: Bench, to: Path) -> Path:
        """The good file, or all of the folder it lies in; returns the copy of the file itself."""
        top, *below = Path(self.file).parts
        if below:
            shutil.copytree(bench.good / top, to / top)
        else:
            shutil.copyfile(bench.good / top, to / top)
        return to / self.file

    def arguments(self, bench: Bench, path: Path) -> list[str]:
        top = path.parents[len(Path(self.file).parts) - 1] / Path(self.file).parts[0]
        filled = {"file": path, "top": top, "run": bench.run, "site": SITE, "good": bench.good}
        return [word.format(**filled) for word in self.words.split()]


TABLE = "gpp fit --table {file} --target GPP --group tower --time day --features nir,red,radiation --model ridge"
FIT = "gpp fit {site} --features bands,weather --model ridge"
TILE = "tessera/global_0.1_degree_representation/2021/grid_9.55_49.95/grid_9.55_49.95"
READERS: Mapping[str, Reader] = {
    "open GeoTIFF": Reader(file="2021-06-04_B04.tif", words="open {file}", spoils=BINARY, unlike=("half",)),
    "open NetCDF": Reader(file="images.nc", words="open {file}", spoils=BINARY),
    "open NetCDF classic": Reader(file="classic.nc", words="open {file}", spoils=BINARY),
    "open Parquet": Reader(file="table.parquet", words="open {file}", spoils=BINARY),
    "open CSV": Reader(file="table.csv", words="open {file}", spoils=TEXT),
    "ingest GeoTIFF": Reader(file="2021-06-04_B04.tif", words="ingest {file} --site x", spoils=BINARY),
    "ingest NetCDF": Reader(file="images.nc", words="ingest {file} --site x", spoils=BINARY),
    "ingest NetCDF classic": Reader(file="classic.nc", words="ingest {file} --site x", spoils=BINARY),
    "ingest zip": Reader(file="images.zip", words="ingest {file} --site x", spoils=BINARY),
    "ingest mapping": Reader(
        file="mapping.json", words="ingest {good}/images.nc --site x --mapping {file}", spoils=JSON
    ),
    "ingest weather": Reader(
        file="weather.csv", words="ingest {good}/images.nc --site x --weather {file}", spoils=TEXT
    ),
    "load NetCDF": Reader(file="embedding.nc", words="load {file} --site {site}", spoils=BINARY),
    "load GeoTIFF": Reader(file="2021-05-01.tif", words="load {file} --site {site} --model m", spoils=BINARY),
    "load TESSERA": Reader(file=f"{TILE}.npy", words="load {file} --site {site}", spoils=BINARY),
    "load TESSERA scales": Reader(file=f"{TILE}_scales.npy", words="load {top} --site {site}", spoils=BINARY),
    "tower CSV": Reader(file="FLX_XX-Abc_FULLSET_DD.csv", words="tower {file}", spoils=TEXT | {"web page": page}),
    "tower Parquet": Reader(file="tower.parquet", words="tower {file}", spoils=BINARY),
    "tower zip": Reader(file="tower.zip", words="tower {file}", spoils=BINARY),
    "gpp table CSV": Reader(file="table.csv", words=TABLE, spoils=TEXT | {"web page": page}),
    "gpp table Parquet": Reader(file="table.parquet", words=TABLE, spoils=BINARY),
    "gpp tower file": Reader(
        file="FLX_XX-Abc_FULLSET_DD.csv", words=FIT + " --tower {site}={file}", spoils=TEXT | {"web page": page}
    ),
    "gpp footprint": Reader(file="footprint.tif", words=FIT + " --footprint {file}", spoils=BINARY),
    "embed weights": Reader(file="weights/model.safetensors", words="embed {site} --model {top}", spoils=BINARY),
    "embed weights' description": Reader(file="weights/config.json", words="embed {site} --model {top}", spoils=JSON),
}


# ---------------------------------------------------------------- Zarr, a folder of files
def metadata(zarr: Path, **changes: object) -> None:
    """Change what the first band or `features` says of itself."""
    path = next(path for path in sorted(zarr.glob("*/zarr.json")) if path.parent.name in ("B02", "features"))
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def chunk(zarr: Path) -> Path:
    name = "features" if (zarr / "features").is_dir() else "B04"
    return next(path for path in sorted((zarr / name / "c").rglob("*")) if path.is_file())


def everything(zarr: Path) -> None:
    shutil.rmtree(zarr)
    zarr.mkdir()


def grid(shape: list[int]) -> dict[str, object]:
    return {"shape": shape, "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shape}}}


ZARR: Mapping[str, Spoil] = {
    "nothing in it": everything,
    "a file in its place": lambda path: (shutil.rmtree(path), path.write_text("no folder"))[0],
    "text for metadata": lambda path: (path / "zarr.json").write_text(PAGE) and None,
    "no metadata": lambda path: (path / "zarr.json").unlink(),
    "another format": lambda path: (path / "zarr.json").write_text('{"zarr_format": 9, "node_type": "group"}') and None,
    "unknown codec": lambda path: metadata(path, codecs=[{"name": "secret"}]),
    "unknown type": lambda path: metadata(path, data_type="complex4096"),
    "shape of nothing": lambda path: metadata(path, shape=[0]),
    "negative shape": lambda path: metadata(path, **grid([-1, 2, 2])),
    "names of other axes": lambda path: metadata(path, dimension_names=["a", "b"]),
}
CHUNK: Mapping[str, Spoil] = {
    "half a chunk": lambda path: half(chunk(path)),
    "noise for a chunk": lambda path: noise(chunk(path)),
}
ZARR_READERS: Mapping[str, Reader] = {
    "open Zarr": Reader(file="images.zarr", words="open {file}", spoils=ZARR, names="images.zarr"),
    "ingest Zarr": Reader(file="images.zarr", words="ingest {file} --site x", spoils=ZARR | CHUNK),
    "load Zarr": Reader(file="embedding.zarr", words="load {file} --site {site}", spoils=ZARR | CHUNK),
}


def rows() -> Iterator[tuple[str, Reader, Spoil]]:
    """Every row: its name, what reads the file, and what was done to it."""
    for what, reader in (READERS | ZARR_READERS).items():
        for how, spoil in reader.spoils.items():
            if how not in reader.unlike:
                yield f"{what}: {how}", reader, spoil


def spoilt(bench: Bench, reader: Reader, spoil: Spoil, to: Path) -> list[str]:
    """The command's words on a spoilt copy in `to`."""
    if (bench.good / reader.file).is_dir():
        path = to / reader.file
        shutil.copytree(bench.good / reader.file, path)
    else:
        path = reader.copy(bench, to)
    spoil(path)
    return reader.arguments(bench, path)
