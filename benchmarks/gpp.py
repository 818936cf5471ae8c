"""How good GPP models are, beside what was aimed at, and what a fit costs.

    python -m benchmarks.gpp [--workspace FOLDER] [--table hls_gpp.csv] [--only PART]

The six simulated sites, their embeddings and the 30 simulated towers are made where they are missing, which takes
minutes. `--table` holds real towers in the columns of HLS bands and weather. Times are of a whole fit (all folds, their
searches, the model of all days): seconds on the clock or of the processor, whichever is less, as other programs at work
would lengthen the first.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.report import Figure, show
from benchmarks.sites import embedded
from core.gpp.frames import Frames
from core.gpp.judge import Judgement, judge
from core.gpp.model import final_model
from core.gpp.regressors import REGRESSORS, usual_model
from core.gpp.simulated import simulated_towers
from core.gpp.sites import Request, open_sites
from core.gpp.table import TableColumns, open_table
from core.gpp.windows import make_samples
from core.schema import FluxscapeError
from core.sources.tower_table import ensure_tower_table
from core.store import Workspace

BESIDE = ("weather", "clearsky", "season", "tower")
SEEN = {"bands": ("bands", "indices"), "embeddings": ("embedding",)}
REAL = ("b2", "b3", "b4", "b5", "b6", "b7", "SWLAND", "T2MEAN")  # features of the table of real towers
COVERAGE, WITHIN = 0.9, 0.05  # of the intervals
CLASSIC_S, TRANSFORMER_S = 20.0, 300.0
BLOCK_DAYS, DRAWS = 30, 1000  # of the interval of a difference


def demo(space: Workspace) -> Iterator[Figure]:
    """Held-out years of the six sites, by bands and indices and by embeddings."""
    found = {name: _judged(_frames(space, kinds), "leave-year-out", "unusual") for name, kinds in SEEN.items()}
    mean = {}
    for name, judged in found.items():
        skill = {site: part.skill or 0.0 for site, part in judged.parts()["site"].items()}
        mean[name] = float(np.mean(list(skill.values())))
        least = min(skill, key=skill.__getitem__)
        yield Figure(name=f"six sites, held-out years, {name}: mean skill", value=mean[name], at_least=0.2)
        yield Figure(name=f"six sites, {name}: least skill ({least})", value=skill[least], at_least=0.0)
        yield _coverage(f"six sites, {name}", judged)
    low, high = between(found["embeddings"], found["bands"])
    yield Figure(name="skill, embeddings less bands", value=mean["embeddings"] - mean["bands"], at_least=0.0)
    yield Figure(name="  its 95 % interval by blocks: from", value=low)
    yield Figure(name="  to", value=high)


def between(one: Judgement, other: Judgement) -> tuple[float, float]:
    """Ends of the 95 % interval of the difference in mean skill: the same blocks of days are drawn for both."""
    days, sites = (getattr(one.samples, name)[one.held_out] for name in ("days", "sites"))
    usual = (one.observed - one.baselines["climatology"]) ** 2
    gain = (other.observed - other.predicted) ** 2 - (one.observed - one.predicted) ** 2
    block = days.astype(np.int64) // BLOCK_DAYS
    rng = np.random.default_rng(0)
    drawn = np.zeros(DRAWS)
    for site in np.unique(sites):
        own = sites == site
        _, place = np.unique(block[own], return_inverse=True)
        gains, usuals = np.bincount(place, gain[own]), np.bincount(place, usual[own])
        weight = rng.multinomial(len(gains), np.full(len(gains), 1 / len(gains)), size=DRAWS)
        drawn += (weight @ gains) / (weight @ usuals)
    low, high = np.quantile(drawn / len(np.unique(sites)), (0.025, 0.975))
    return float(low), float(high)


def towers(space: Workspace) -> Iterator[Figure]:
    """The 30 simulated towers: years, sites and ecosystem types held out."""
    ensure_tower_table(space)
    frames = simulated_towers(space)
    for split, wanted in (("leave-year-out", 0.75), ("leave-site-out", 0.75), ("leave-class-out", None)):
        found = _judged(frames, split, usual_model(split))
        yield Figure(name=f"30 simulated towers, {split}: R2", value=found.scores.r2 or 0.0, at_least=wanted)
        if split == "leave-site-out":
            yield Figure(name="  the same, no leak", value=found.scores.r2 or 0.0, at_most=0.9)
        yield _coverage(f"30 towers, {split}", found)


def real(path: Path) -> Iterator[Figure]:
    """Real towers, held out in 13 groups."""
    frames = open_table(path, TableColumns(target="GPP", features=REAL, group="SITE_ID", time="date"))
    for model in dict.fromkeys((usual_model("leave-group-out"), "light_use")):
        found = _judged(frames, "leave-group-out", model)
        nirv = found.baseline_scores()["nirv"].r2
        yield Figure(
            name=f"real towers held out, {model}: R2 (NIRv alone: {nirv:.3f})",
            value=found.scores.r2 or 0.0,
            at_least=0.72,
        )


def costs(space: Workspace) -> Iterator[Figure]:
    """A whole fit of six sites x four years, of every regressor of rows and of the transformer."""
    frames = _frames(space, SEEN["bands"])
    models = [name for name, entry in REGRESSORS.items() if not entry.sequence]
    for model in [*models, "transformer"]:
        begun, begun_cpu = time.perf_counter(), time.process_time()
        found = _judged(frames, "leave-year-out", model)
        final_model(found, frames, seed=0)
        most = CLASSIC_S if model in models else TRANSFORMER_S
        took = min(time.perf_counter() - begun, time.process_time() - begun_cpu)
        yield Figure(name=f"six sites x four years, a whole fit of {model}", value=took, unit="s", at_most=most)


def _frames(space: Workspace, kinds: Sequence[str]) -> Frames:
    runs = {run.spec.site: run.id for run in embedded(space)}
    return open_sites(space, Request(sites=tuple(runs), kinds=(*kinds, *BESIDE), runs=runs))


def _judged(frames: Frames, split: str, model: str) -> Judgement:
    return judge(make_samples(frames), model=model, split=split)


def _coverage(where: str, found: Judgement) -> Figure:
    name = f"{where}: 90 % intervals cover {found.coverage:.3f}, off by"
    return Figure(name=name, value=abs(found.coverage - COVERAGE), at_most=WITHIN)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--only", choices=("demo", "towers", "table", "costs"), help="this part alone")
    options = parser.parse_args()
    space = Workspace(options.workspace)
    parts: dict[str, Callable[[], Iterator[Figure]]] = {
        "demo": lambda: demo(space),
        "towers": lambda: towers(space),
        "costs": lambda: costs(space),
    }
    if options.table:
        parts["table"] = lambda: real(options.table)
    warnings.filterwarnings("ignore", message=".*sklearn.utils.parallel.delayed.*")
    for name, part in parts.items():
        if options.only not in (None, name):
            continue
        try:
            show(part())
        except FluxscapeError as problem:
            print(f"{name} left out: {problem}")


if __name__ == "__main__":
    main()
