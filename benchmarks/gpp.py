"""How good GPP models are, beside what was aimed at, and what a fit costs.

    python -m benchmarks.gpp --workspace FOLDER [--table hls_gpp.csv] [--transformer]

FOLDER holds the six simulated sites with their embeddings and the 30 simulated towers (`python -m core simulate --all`,
`simulate --towers`, `embed --model compact-32`); what is missing is left out and said. `--table` holds real towers
in the columns of HLS bands and weather. Times are CPU seconds of this process and its threads.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.gpp.frames import Frames
from core.gpp.judge import Judgement, judge
from core.gpp.model import final_model
from core.gpp.regressors import usual_model
from core.gpp.sites import Request, open_sites
from core.gpp.table import TableColumns, open_table, simulated_towers
from core.gpp.windows import make_samples
from core.schema import FluxscapeError
from core.store import Workspace

SITES = ("SIM-CRO", "SIM-DBF", "SIM-ENF", "SIM-GRA", "SIM-SAV", "SIM-WET")
BESIDE = ("weather", "clearsky", "season", "tower")
REAL = ("b2", "b3", "b4", "b5", "b6", "b7", "SWLAND", "T2MEAN")  # features of the table of real towers
TRUE = 0.9  # coverage of the intervals that is aimed at, within 0.05

Row = tuple[str, str, float, str]  # what, measured on what, the figure, the aim


def demo(space: Workspace, model: str) -> Iterator[Row]:
    """Held-out years of the six sites: bands and indices, then embeddings."""
    means = {}
    for kind in (("bands", "indices"), ("embedding",)):
        begun = time.process_time()
        frames = open_sites(space, Request(sites=SITES, kinds=(*kind, *BESIDE)))
        found = _judged(frames, "leave-year-out", model)
        final_model(found, frames, seed=0)
        took = time.process_time() - begun
        skill = {site: part.skill or 0.0 for site, part in found.parts()["site"].items()}
        what = f"six sites, held-out years, {' and '.join(kind)}, {model}"
        means[kind[0]] = float(np.mean(list(skill.values())))
        yield "mean skill over climatology", what, means[kind[0]], "> 0.2"
        yield f"least skill ({min(skill, key=skill.__getitem__)})", what, min(skill.values()), "> 0"
        yield "coverage of the 90 % intervals", what, found.coverage, f"{TRUE - 0.05:.2f} to {TRUE + 0.05:.2f}"
        yield "CPU seconds, all of a fit", what, took, "<= 20 s on two cores" if model in CLASSIC else "<= 300 s"
    yield "skill, embeddings less bands and indices", model, means["embedding"] - means["bands"], ">= 0"


CLASSIC = ("unusual", "light_use")


def towers(space: Workspace) -> Iterator[Row]:
    """The 30 simulated towers: years, sites and ecosystem types held out."""
    frames = simulated_towers(space)
    for split, aim in (
        ("leave-year-out", ">= 0.75"),
        ("leave-site-out", ">= 0.75, under 0.9"),
        ("leave-class-out", "beside them"),
    ):
        model = usual_model(split)
        found = _judged(frames, split, model)
        yield "R2", f"30 towers, {split}, {model}", found.scores.r2 or 0.0, aim
        yield "coverage of the 90 % intervals", f"30 towers, {split}, {model}", found.coverage, "0.85 to 0.95"


def real(path: Path) -> Iterator[Row]:
    """Real towers, held out in 13 groups."""
    columns = TableColumns(target="GPP", features=REAL, group="SITE_ID", time="date")
    found = _judged(open_table(path, columns), "leave-group-out", "light_use")
    nirv = found.baseline_scores()["nirv"]
    yield "R2", "real towers held out, light_use", found.scores.r2 or 0.0, ">= 0.72"
    yield "R2 of NIRv alone", "real towers held out", nirv.r2 or 0.0, "to be beaten"


def _judged(frames: Frames, split: str, model: str) -> Judgement:
    return judge(make_samples(frames), model=model, split=split)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--transformer", action="store_true", help="also the transformer on the six sites (minutes)")
    options = parser.parse_args()
    space = Workspace(options.workspace)
    parts = [("demo", lambda: demo(space, "unusual")), ("towers", lambda: towers(space))]
    if options.table:
        parts.append(("table", lambda: real(options.table)))
    if options.transformer:
        parts.append(("transformer", lambda: demo(space, "transformer")))
    for name, part in parts:
        try:
            for what, where, figure, aim in part():
                print(f"{figure:8.3f}  aim {aim:<22} {what}: {where}", flush=True)
        except FluxscapeError as problem:
            print(f"{name} left out: {problem}")


if __name__ == "__main__":
    main()
