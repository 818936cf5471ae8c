"""Files with bytes spoilt at random: opened, or refused in a sentence; never anything else, and nothing is left."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest

from core.schema import FluxscapeError
from core.sources.embeddings.load import load_embedding

ROUNDS = 12


def spoil(path: Path, content: bytes, dice: np.random.Generator) -> None:
    """Two bytes changed or the end cut off, mostly near the beginning, where a file describes itself."""
    spoilt = bytearray(content)
    if dice.random() < 0.2:
        del spoilt[int(dice.integers(1, len(spoilt))) :]
    for _ in range(2):
        reach = len(spoilt) if dice.random() < 0.3 else min(len(spoilt), 600)
        spoilt[int(dice.integers(reach))] = int(dice.integers(256))
    path.write_bytes(spoilt)


@pytest.mark.parametrize("kind", ["tif", "nc", "npy", "scales", "zarr", "chunk"])
def test_spoilt_bytes_are_a_sentence(kind, space, cube, raster, values, tessera, tmp_path, capfd) -> None:
    if kind == "tif":
        given = target = raster("2021-05-01.tif", values)
    elif kind == "nc":
        given = target = tmp_path / "c.nc"
        cube.to_netcdf(target, engine="h5netcdf")
    elif kind in ("npy", "scales"):
        given = tessera(size=4)
        target = next(path for path in given.rglob("*.npy") if ("scales" in path.name) == (kind == "scales"))
    else:
        given = tmp_path / "c.zarr"
        cube.to_zarr(given, zarr_format=3, consolidated=False)
        names = given.rglob("zarr.json") if kind == "zarr" else (given / "features" / "c").rglob("*")
        target = sorted(path for path in names if path.is_file())[0]
    content, dice = target.read_bytes(), np.random.default_rng(11)
    for _ in range(ROUNDS):
        spoil(target, content, dice)
        with contextlib.suppress(FluxscapeError):
            load_embedding(space, [given], site="SMALL")
        assert space.drafts() == []
    target.write_bytes(content)
    assert load_embedding(space, [given], site="SMALL").run.spec.site == "SMALL"
    assert "Traceback" not in capfd.readouterr().err
