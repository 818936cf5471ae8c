"""Golden numbers of the simulator, and the promise that every machine makes the same site.

`simulate_golden.json` carries its birth certificate. A change of these numbers changes every demo site: make it on
purpose, write the file anew with `python tests/regression/simulate_golden.py`, and raise `SIMULATOR_VERSION`.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

HERE = Path(__file__).parent
SCRIPT = HERE / "simulate_golden.py"
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("simulate_golden", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def here(maker: ModuleType) -> dict[str, np.ndarray]:
    """The arrays as this process makes them."""
    return maker.golden_arrays()


def test_the_golden_numbers_have_not_moved(maker: ModuleType, here: dict[str, np.ndarray]) -> None:
    golden = json.loads(maker.GOLDEN.read_text())["numbers"]
    assert set(golden) == set(here)
    for name, values in here.items():
        now = maker.summary(values)
        assert now["count"] == golden[name]["count"], name
        for key in ("mean", "std", "slope"):
            assert now[key] == pytest.approx(golden[name][key], rel=1e-6, abs=1e-6), f"{key} of {name}"


def test_another_machine_makes_the_same_site(tmp_path: Path, here: dict[str, np.ndarray]) -> None:
    """An old processor's BLAS kernels, one thread, none of numpy's wide vector loops: equal to 1e-6."""
    vector_loops = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])  # type: ignore[index, call-overload]
    other = {
        "OPENBLAS_CORETYPE": "Nehalem",
        "OPENBLAS_NUM_THREADS": "1",
        "NPY_DISABLE_CPU_FEATURES": " ".join(vector_loops),
    }
    file = tmp_path / "other.npz"
    command = [sys.executable, os.fspath(SCRIPT), os.fspath(file)]
    subprocess.run(command, cwd=ROOT, env=os.environ | other, check=True, capture_output=True)
    with np.load(file, allow_pickle=False) as there:
        assert set(there.files) == set(here)
        for name, values in here.items():
            np.testing.assert_allclose(there[name], values, rtol=1e-6, atol=1e-6, err_msg=name)
