"""Files that mean harm: objects whose unpickling would act, references to other files, archives that lead out or burst.

Each is what an attacker would send; whoever opens one must refuse it, and the proof must not be there afterwards.
"""

from __future__ import annotations

import json
import pickle
import stat
import zipfile
from pathlib import Path

import numpy as np

SECRET = "4711.5"  # what a file outside holds, and no answer may show


class Trap:
    """An object whose unpickling would create a file."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.proof,)


# ---------------------------------------------------------------- pickles
def pickled(path: Path, proof: Path) -> Path:
    path.write_bytes(pickle.dumps({"state_dict": Trap(proof)}))
    return path


def torch_pickled(path: Path, proof: Path, *, legacy: bool = False) -> Path:
    import torch

    torch.save({"state_dict": Trap(proof)}, path, _use_new_zipfile_serialization=not legacy)
    return path


def pickled_array(path: Path, proof: Path) -> Path:
    np.save(path, np.array([Trap(proof)], dtype=object), allow_pickle=True)
    return path


def pickled_zarr(folder: Path) -> Path:
    """Zarr of format 2 whose values would be unpickled when they are read."""
    metadata = {
        "zarr_format": 2,
        "shape": [1],
        "chunks": [1],
        "dtype": "|O",
        "filters": [{"id": "pickle", "protocol": 5}],
    }
    (folder / "evil").mkdir(parents=True)
    (folder / ".zgroup").write_text('{"zarr_format": 2}')
    (folder / "evil" / ".zarray").write_text(json.dumps(metadata))
    return folder


# ---------------------------------------------------------------- references
def vrt(path: Path, source: str = "/etc/passwd", *, size: int = 12) -> Path:
    """A VRT, which GDAL would follow to any file or address."""
    path.write_text(
        f'<VRTDataset rasterXSize="{size}" rasterYSize="{size}"><SRS>EPSG:32632</SRS>'
        "<GeoTransform>535820,10,0,5538120,0,-10</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename>'
        f"{source}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    return path


def linked_hdf5(path: Path, secret: Path) -> Path:
    """HDF5 whose values lie in another file: one by a link, one as raw bytes of it."""
    import h5py

    with h5py.File(path, "w") as file:
        file["features"] = h5py.ExternalLink(str(secret), "features")
        file.create_dataset("raw", (16,), dtype="u1", external=[(str(secret), 0, 16)])
    return path


# ---------------------------------------------------------------- archives
def pack(path: Path, members: dict[str, bytes], *, kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def link(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        member = zipfile.ZipInfo("2021-06-04_B04.tif")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    return path


def lying(path: Path) -> Path:
    """A member that says it unpacks to 10 bytes."""
    pack(path, {"a.tif": b"II*\0" + b"0" * 100_000})
    content = path.read_bytes()
    true, told = (100_004).to_bytes(4, "little"), (10).to_bytes(4, "little")
    path.write_bytes(content.replace(true, told))
    return path


def locked(path: Path) -> Path:
    pack(path, {"a.tif": b"II*\0"})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    return path
