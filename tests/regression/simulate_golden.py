"""Makes the numbers of `simulate_golden.json`: run it to write them anew after a change made on purpose."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import scipy

GOLDEN = Path(__file__).with_name("simulate_golden.json")
SITE, SEED, SIZE, YEARS = "SIM-GRA", 33, 40, (2021, 2022)


def golden_arrays() -> dict[str, np.ndarray]:
    """All numbers of a small grassland site, by name."""
    from core.simulate import DEMO_SITES, simulate

    site = simulate(DEMO_SITES[SITE], seed=SEED, size=SIZE, years=YEARS)
    arrays = {str(name): site.cube[name].values for name in site.cube.data_vars}
    arrays |= {f"weather {name}": site.weather[name].to_numpy() for name in site.weather.columns}
    arrays |= {f"tower {name}": site.tower[name].to_numpy(dtype=np.float64) for name in site.tower.columns}
    for name in ("gpp", "leaf_area", "water_stress", "capacity", "reflectance", "backscatter", "tower_gpp"):
        arrays[f"truth {name}"] = site.truth[name].values
    return arrays


def summary(values: np.ndarray) -> dict[str, float]:
    """Four numbers that a change of the array would move."""
    there = values[np.isfinite(values)].astype(np.float64)
    ramp = np.linspace(-1, 1, there.size)  # so that swapping two values shows
    return {
        "count": int(there.size),
        "mean": float(there.mean()),
        "std": float(there.std()),
        "slope": float((there * ramp).mean()),
    }


def main() -> None:
    """Write the golden file, or with a path the full arrays (for comparing two machines)."""
    if len(sys.argv) > 1:
        np.savez(sys.argv[1], **golden_arrays())  # type: ignore[arg-type]
        return
    certificate = {
        "made": datetime.now(UTC).date().isoformat(),
        "by": "python tests/regression/simulate_golden.py",
        "site": SITE,
        "seed": SEED,
        "size": SIZE,
        "years": YEARS,
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    numbers = {name: summary(values) for name, values in golden_arrays().items()}
    GOLDEN.write_text(json.dumps({"certificate": certificate, "numbers": numbers}, indent=1) + "\n")


if __name__ == "__main__":
    sys.path.insert(0, os.fspath(Path(__file__).parents[2]))
    main()
