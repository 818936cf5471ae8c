"""How good a fused model's embedding is: `python -m models.evaluate WEIGHTS [--cubes DIR]`.

    python -m models.evaluate compact-7
    python -m models.evaluate compact-7 --cubes sites --learn-from landscapes --json

Reconstruction of the centre pixel, land covers told apart by a straight line, steadiness under clouds, and what each
is worth when a sensor is missing; beside PCA with as many values, and the bands themselves. Land covers are learnt in
other places than they are judged in: in those of `--learn-from`, else in folds of whole places of `--cubes`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models import checkpoint
from models.checks import InputError, ModelError
from models.compact_fusion import CompactFusion
from models.cubes import find_cubes
from models.evaluation import landcover, reconstruction, steadiness
from models.evaluation.places import read_places
from models.inputs import remarks
from models.shipped import NAMES, shipped_path


def evaluate(model: CompactFusion, cubes: Sequence[Path], teachers: Sequence[Path] = ()) -> dict[str, Any]:
    """Everything that is measured, as JSON values."""
    rows, series, names, notes, simulated = [], [], [], [], []
    judged: dict[str, list[landcover.Pixels]] = {season: [] for season in landcover.SEASONS}
    for number, place in enumerate(read_places(cubes, model.config.names)):
        names.append(place.cube.name)
        notes += [f"{place.cube.name}: {note}" for note in remarks(place.cube.sensors, model.config.modalities)]
        simulated.append(bool(place.cube.truth))
        rows.append(reconstruction.collect(model, place))
        series.append(steadiness.collect(model, place))
        _add(judged, landcover.collect(model, place, number))
    taught = _taught(model, teachers)
    bands = {modality.name: modality.bands for modality in model.config.modalities}
    return {
        "places": names,
        "remarks": notes,
        "simulated": all(simulated),
        "embedding": model.config.bottleneck,
        "reconstruction": reconstruction.summary(reconstruction.join(rows), bands, model.config.bottleneck),
        "landcover": {
            "split": "other places" if teachers else "folds of whole places",
            **{season: said for season, parts in judged.items() if (said := _told_apart(parts, taught.get(season)))},
        },
        "steadiness": dict(steadiness.summary(series)),
    }


def _taught(model: CompactFusion, teachers: Sequence[Path]) -> dict[str, landcover.Pixels]:
    taught: dict[str, list[landcover.Pixels]] = {season: [] for season in landcover.SEASONS}
    for number, place in enumerate(read_places(teachers, model.config.names)):
        _add(taught, landcover.collect(model, place, number))
    return {season: landcover.join(parts) for season, parts in taught.items() if parts}


def _told_apart(parts: Sequence[landcover.Pixels], taught: landcover.Pixels | None) -> dict[str, Any] | None:
    """What the land covers of a season say; None where there is too little to learn from."""
    if not parts or (taught is None and len(parts) < 2):
        return None
    return landcover.summary(landcover.join(parts), taught)


def _add(parts: dict[str, list[landcover.Pixels]], found: dict[str, landcover.Pixels]) -> None:
    for season, pixels in found.items():
        parts[season].append(pixels)


# ---------------------------------------------------------------- command line
def table(found: dict[str, Any]) -> str:
    """The findings for a reader."""
    kind = "simulated " if found["simulated"] else ""
    lines = [f"{found['embedding']} values per pixel-date, judged on {len(found['places'])} {kind}places"]
    lines += found["remarks"]
    for name, said in found["reconstruction"].items():
        lines.append(f"{name}: centre rebuilt to {said['mae']:.4f} (PCA with as many values {said['pca_mae']:.4f})")
        if "against_truth" in said:
            truth = said["against_truth"]
            lines.append(f"    off the truth by {truth['rebuilt']:.4f}; what went in is off by {truth['input']:.4f}")
        lines += [f"    without {gone}: {error:.4f}" for gone, error in said["mae_without"].items()]
    lines.append(f"land covers told apart, balanced accuracy ({found['landcover']['split']}):")
    for season in landcover.SEASONS:
        if season in found["landcover"]:
            said = found["landcover"][season]
            lines.append(f"    {season}: {said['embedding']:.3f} (bands {said['bands']:.3f}, PCA {said['pca']:.3f})")
    lines.append("steadiness, in standard deviations:")
    lines += [f"    {name.replace('_', ' ')}: {value:.3f}" for name, value in found["steadiness"].items()]
    return "\n".join(lines)


def default_cubes() -> Path:
    """The workspace: FLUXSCAPE_WORKSPACE, else the user data folder."""
    from platformdirs import user_data_path

    named = os.environ.get("FLUXSCAPE_WORKSPACE", "").strip()
    return Path(named).expanduser() if named else user_data_path("fluxscape", appauthor=False)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m models.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("weights", help=f"folder of fused weights, or {' or '.join(NAMES)}")
    top.add_argument("--cubes", type=Path, help="sites to judge on: a workspace or a folder (else your workspace)")
    top.add_argument("--learn-from", type=Path, help="other sites, on which the land-cover lines are drawn")
    top.add_argument("--json", action="store_true", help="print JSON for other programs")
    return top


def main(arguments: Sequence[str]) -> int:
    """0 when judged; 2 and one sentence for a wrong input."""
    options = parser().parse_args(arguments)
    try:
        loaded = checkpoint.load(shipped_path(options.weights) if options.weights in NAMES else Path(options.weights))
        if not isinstance(loaded.model, CompactFusion):
            raise InputError(
                f"weights: {options.weights} is {loaded.preset} {loaded.stage}; give fused compact weights"
            )
        teachers = find_cubes(options.learn_from) if options.learn_from else []
        found = evaluate(loaded.model, find_cubes(options.cubes or default_cubes()), teachers)
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps({"weights_sha256": loaded.digest, **found}, indent=2) if options.json else table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
