"""What embedding a site would take: all that decides the result, and how it is cut into blocks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import core
from core.embedding.frames import SiteFrames
from core.embedding.layout import Layout, layout
from core.embedding.result import KIND
from core.embedding.selection import Extent, Selection, resolve
from core.embedding.weights import Weights, open_weights, told
from core.schema import InputError, RunSpec
from core.storage import at_address, is_address, reached
from core.store import Workspace
from models.inputs import remarks


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Everything decided, nothing computed yet."""

    frames: SiteFrames
    weights: Weights
    model: str | Path | None  # what the weights are opened by
    sensors: tuple[str, ...]  # those that the model knows and the site holds
    extent: Extent
    layout: Layout
    error: bool  # whether the reconstruction error is asked for, which needs the decoders
    remarks: tuple[str, ...]  # what makes the embeddings poorer than they could be, a sentence each

    @property
    def pixel_dates(self) -> int:
        """How many pixels at how many dates are looked at, cloudy ones too."""
        return self.layout.pixel_dates

    @property
    def spec(self) -> RunSpec:
        """How the result is cut is no part of it."""
        return RunSpec(
            kind=KIND,
            site=self.frames.info.id,
            input_digest=self.frames.digest,
            version=core.__version__,
            parameters={
                "preset": self.weights.preset,
                "weights": self.weights.digest,
                **self.weights.embedder.options,
                **{name: [part.start, part.stop] for name, part in self.extent._asdict().items()},
                "error": self.error,
            },
        )


def plan(
    workspace: Workspace,
    site_id: str,
    *,
    model: str | Path | None = None,
    selection: Selection | None = None,
    error: bool = False,
    chunk: tuple[int, int, int] | None = None,
) -> Plan:
    """Plan to embed a site of the workspace or at an address (s3://...).

    `chunk` (dates, rows, columns) is chosen unless given.
    """
    folder = at_address(site_id, argument="site") if is_address(site_id) else workspace.site_path(site_id)
    weights = open_weights(model)
    with reached(folder, argument="site"):
        frames = SiteFrames(folder)
    with told():
        said = remarks(frames.overview(weights.names), weights.embedder.sensors)
    y, x = (frames.cube[axis].values.astype(float) for axis in ("y", "x"))
    extent = resolve(selection or Selection(), frames.times, y, x)
    if weights.embedder.inside:
        check_windows(extent, weights, (len(frames.days), *frames.shape), site_id)
    suited = layout(extent.shape, radius=weights.radius, cut=weights.embedder.cut)
    cut = Layout(shape=extent.shape, chunk=chunk) if chunk else suited
    return Plan(
        frames=frames,
        weights=weights,
        model=model,
        sensors=tuple(frames.present(weights.names)),
        extent=extent,
        layout=cut,
        error=error,
        remarks=tuple(said),
    )


def check_windows(extent: Extent, weights: Weights, shape: tuple[int, int, int], site: str) -> None:
    """Refuse a site of this shape (frames, rows, columns), or a part of it, in which no window lies whole."""
    (dates, rows, cols), window = shape, f"{2 * weights.radius + 1} x {2 * weights.radius + 1} pixels"
    if dates <= 2 * weights.reach:
        remedy = f"{weights.name} needs {2 * weights.reach + 1}: choose another site or another model"
        raise InputError("site", site, f"has {dates} optical acquisitions with a valid pixel", remedy)
    if min(rows, cols) <= 2 * weights.radius:
        remedy = f"the windows of {weights.name} measure {window}: choose another site or another model"
        raise InputError("site", site, f"measures {rows} x {cols} pixels", remedy)
    margins = (weights.reach, weights.radius, weights.radius)
    for part, length, margin in zip(extent, shape, margins, strict=True):
        if max(part.start, margin) >= min(part.stop, length - margin):
            what = f"windows of {weights.name}, {2 * weights.reach + 1} dates and {window}, all reach beyond the site"
            remedy = f"stay {weights.reach} dates and {weights.radius} pixels off its edges, or choose another model"
            shown = ", ".join(f"{name} {s.start} to {s.stop - 1}" for name, s in extent._asdict().items())
            raise InputError("selection", shown, f"holds no embedding: there the {what}", remedy)
