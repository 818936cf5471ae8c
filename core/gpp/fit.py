"""Fit, judge, and keep: what the command line and the page ask for, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.gpp.export import export
from core.gpp.frames import Frames
from core.gpp.judge import judge
from core.gpp.model import final_model
from core.gpp.sites import resolved
from core.gpp.splits import Options
from core.gpp.store import KIND, open_scores, publish, run_spec
from core.gpp.windows import make_samples
from core.progress import Progress
from core.schema import RunSpec
from core.store import Workspace

JUDGED = 0.85  # of the time, by the progress shown; the rest is the model of all days and storing


def fit_model(
    frames: Frames,
    *,
    model: str,
    split: str,
    window: int | None = None,
    options: Options | None = None,
    seed: int = 0,
    shuffled: bool = False,
    source: Mapping[str, Any],
    workspace: Workspace | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Scores as JSON. With a `workspace` the result is a run there; with `out` it is written as files too."""
    samples = make_samples(frames, window)
    request: Any = source.get("request")
    spec = None
    if workspace is not None:
        request = resolved(workspace, request)
        how = {} if options is None else asdict(options)
        days = samples.design.window
        spec = run_spec(workspace, request, model=model, split=split, window=days, seed=seed, how=how)
        if out is None and any(run.id == spec.id for run in workspace.runs(kind=KIND)):
            return open_scores(workspace, spec.id) | _where(workspace, spec) | {"reused": True}
    told = _until(progress, JUDGED) if workspace or out else progress
    judged = judge(samples, model=model, split=split, options=options, seed=seed, shuffled=shuffled, progress=told)
    found = judged.to_json() | {"seed": seed, "shuffled": shuffled, "notes": list(frames.notes)}
    if workspace is None and out is None:
        return found
    fitted = final_model(judged, frames, seed=seed, request=request)
    if out is not None:
        found["files"] = export(out, judged, fitted, found, frames, source)
    if workspace is not None and spec is not None:
        publish(workspace, spec, judged, fitted, found, frames)
        found |= _where(workspace, spec) | {"reused": False}
    return found


def _where(workspace: Workspace, spec: RunSpec) -> dict[str, str]:
    return {"run": spec.id, "path": str(workspace.run(spec.id).path)}


def _until(progress: Progress | None, share: float) -> Progress | None:
    if progress is None:
        return None
    return lambda fraction, message: progress(share * fraction, message)
