"""From a site to its embedding cube: what is planned is computed block by block and published as a run."""

from __future__ import annotations

import resource
import shutil
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import core
from core.embedding.compute import View, compute, layers
from core.embedding.draft import FEATURES, Done, EmbeddingDraft
from core.embedding.layout import Block
from core.embedding.pace import Pace
from core.embedding.plan import Plan
from core.embedding.result import KIND
from core.progress import Progress
from core.schema import FluxscapeError, InputError, WorkspaceError
from core.storage import reached
from core.store import FULL_DISK, Run, Workspace, verify

if TYPE_CHECKING:
    import xarray as xr

    from core.embedding.remote import RemoteRuns

Stop = Callable[[], bool]


class StoppedError(FluxscapeError):
    """The work was asked to stop; what is done is kept."""


class Outcome(NamedTuple):
    """The published run, and whether it had been there before."""

    run: Run
    reused: bool


class Made(NamedTuple):
    """A computed block, ready to be stored."""

    block: Block
    layers: Mapping[str, NDArray[np.float32]]  # empty: stored already by who computed it
    done: Done
    peak_rss_mb: float  # of the process that computed it


# Computes blocks, in any order, anywhere. `check` is to be called at least every few seconds; it raises to stop.
Crew = Callable[[Plan, Sequence[Block], Path, Callable[[], None]], Generator[Made, None, None]]


def make(plan: Plan, block: Block) -> Made:
    """Compute a block in this process."""
    began = time.perf_counter()
    with reached(plan.frames.folder, argument="site"):
        computed = compute(plan, block)
    embedded = int(np.isfinite(computed[FEATURES]).all(axis=0).sum())
    return Made(block, computed, Done(embedded, round(time.perf_counter() - began, 4)), _peak_rss_mb())


def here(plan: Plan, blocks: Sequence[Block], draft: Path, check: Callable[[], None]) -> Generator[Made, None, None]:
    """One block after the other in this process."""
    for block in blocks:
        check()
        yield make(plan, block)


def run(
    workspace: Workspace | RemoteRuns,
    plan: Plan,
    *,
    resume: bool = True,
    progress: Progress | None = None,
    stop: Stop | None = None,
    crew: Crew = here,
) -> Outcome:
    """Compute what is planned and publish it in `workspace`; what stands already is not computed again.

    However it ends before that, by Ctrl-C, by `stop`, which is asked between blocks, or by a full disk: the blocks that
    are done stay, and the next call takes them up unless `resume` is False.
    """
    stored = _standing(workspace, plan.spec.id)
    if stored is not None:
        return Outcome(stored, reused=True)
    _check_anything_seen(plan)
    notes: dict[str, Any] = {}
    with workspace.draft_run(plan.spec, notes) as folder, _kept_on_a_full_disk(workspace.root):
        draft = _draft_class(folder)(folder, plan.layout, _outline(plan), layers(plan), resume=resume)
        notes.update(_compute_all(plan, draft, progress, stop, crew))
        draft.finish()
    return Outcome(workspace.run(plan.spec.id), reused=False)


def _standing(workspace: Workspace | RemoteRuns, run_id: str) -> Run | None:
    if not isinstance(workspace, Workspace):
        return workspace.find(run_id)
    stored = next((found for found in workspace.runs(kind=KIND) if found.id == run_id), None)
    if stored is not None:
        verify(stored.path)
    return stored


def _draft_class(folder: Path) -> type[EmbeddingDraft]:
    if isinstance(folder, Path):
        return EmbeddingDraft
    from core.embedding.remote import RemoteDraft

    return RemoteDraft


def _check_anything_seen(plan: Plan) -> None:
    whole, rows, cols = plan.extent
    inside = _within(plan)
    for block in plan.layout.blocks():
        view = View.of(plan, block)
        seen = plan.frames.seen(view.rows, view.cols)[(whole, *view.inner)]
        _, its_rows, its_cols = (mask[part] for mask, part in zip(inside, block[1:], strict=True))
        if seen[inside[0]][:, its_rows][:, :, its_cols].any():
            return
    days = plan.frames.times[whole].astype("datetime64[D]")
    shown = f"{rows.stop - rows.start} x {cols.stop - cols.start} pixels, {days[0]} to {days[-1]}"
    raise InputError("selection", shown, "holds no clear pixel at any date", "choose another period or area")


def _within(plan: Plan) -> list[NDArray[np.bool_]]:
    """Which dates, rows and columns of the extent may get an embedding: where whole windows are needed, not all."""
    weights, found = plan.weights, []
    margins = (weights.reach, weights.radius, weights.radius) if weights.embedder.inside else (0, 0, 0)
    for part, margin, size in zip(plan.extent, margins, (len(plan.frames.days), *plan.frames.shape), strict=True):
        places = np.arange(part.start, part.stop)
        found.append((places >= margin) & (places < size - margin))
    return found


def _compute_all(
    plan: Plan, draft: EmbeddingDraft, progress: Progress | None, stop: Stop | None, crew: Crew
) -> dict[str, Any]:
    """All blocks that are not done yet; returns the notes of the run."""
    done = draft.done()
    earlier = sum(block.seconds for block in done.values())
    pace = Pace(plan.pixel_dates, progress)
    for block in plan.layout.blocks():
        if block.name in done:
            pace.skip(block.pixel_dates)

    def check() -> None:
        if stop and stop():
            text = f"Embedding {plan.frames.info.id} was stopped at {100 * pace.share:.0f} %; run it again to go on."
            raise StoppedError(text)

    peak = 0.0
    todo = [block for block in plan.layout.blocks() if block.name not in done]
    with closing(crew(plan, todo, draft.folder, check)) as results:
        for made in results:
            draft.write(made.block, made.layers, made.done)
            done[made.block.name] = made.done
            peak = max(peak, made.peak_rss_mb)
            pace.step(made.block.pixel_dates)
    pixel_dates = sum(block.pixel_dates for block in done.values())
    return _notes(plan, pixel_dates, earlier + pace.seconds, peak or _peak_rss_mb())


def _notes(plan: Plan, pixel_dates: int, seconds: float, peak_rss_mb: float) -> dict[str, Any]:
    dates, rows, cols = plan.extent.shape
    seconds = max(round(seconds, 3), 0.001)
    days = np.datetime_as_string(plan.frames.times[plan.extent.dates], unit="D")
    return {
        "model": plan.weights.name,
        "start": str(days[0]),
        "end": str(days[-1]),
        "dates": dates,
        "rows": rows,
        "cols": cols,
        "pixel_dates": pixel_dates,  # embedded: those that were seen
        "seconds": seconds,
        "pixel_dates_per_second": round(pixel_dates / seconds, 1),
        "peak_rss_mb": round(peak_rss_mb, 1),  # of the largest process that computed
        "remarks": list(plan.remarks),
    }


def _peak_rss_mb() -> float:
    """The most memory this process has held, MB."""
    with suppress(OSError, StopIteration):  # Linux: the other way also counts what the process that began it had held
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6  # in KiB but on macOS


@contextmanager
def _kept_on_a_full_disk(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        free = shutil.disk_usage(root).free / 1e6
        remedy = "free some space and run it again: the blocks that are done are kept"
        raise WorkspaceError("workspace", str(root), f"is full ({free:.0f} MB free)", remedy) from error


def _outline(plan: Plan) -> xr.Dataset:
    """The coordinates of the result, and what it says of itself."""
    import xarray as xr

    cube, info, weights = plan.frames.cube, plan.frames.info, plan.weights
    used = [sensor for sensor in weights.embedder.sensors if sensor.name in plan.sensors]
    return xr.Dataset(
        coords={
            "feature": np.arange(weights.embedder.size),
            "time": plan.frames.times[plan.extent.dates],
            "y": cube["y"].values[plan.extent.rows],
            "x": cube["x"].values[plan.extent.cols],
        },
        attrs={
            "site": info.id,
            "title": info.title,
            "crs": str(cube.attrs["crs"]),
            "simulated": int(info.simulated),
            "licence": info.licence,
            "provenance": info.provenance,
            "model": weights.name,
            "preset": weights.preset,
            "weights_digest": weights.digest,
            "input_digest": plan.frames.digest,
            "version": core.__version__,
            "sensors": " ".join(plan.sensors),
            **{f"bands_{sensor.name}": " ".join(sensor.bands) for sensor in used},
            **{f"window_{sensor.name}": f"{sensor.frames} dates, {sensor.size} pixels" for sensor in used},
        },
    )
