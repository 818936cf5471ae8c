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
from core.schema import RunSpec
from core.store import Workspace
from models.inputs import remarks


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Everything decided, nothing computed yet."""

    frames: SiteFrames
    weights: Weights
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
    """Plan to embed a site of the workspace. `chunk` (dates, rows, columns) is chosen unless given."""
    folder = workspace.site_path(site_id)
    weights = open_weights(model)
    frames = SiteFrames(folder)
    with told():
        said = remarks(frames.overview(weights.names), weights.embedder.sensors)
    y, x = (frames.cube[axis].values.astype(float) for axis in ("y", "x"))
    extent = resolve(selection or Selection(), frames.times, y, x)
    cut = Layout(shape=extent.shape, chunk=chunk) if chunk else layout(extent.shape, radius=weights.radius)
    return Plan(
        frames=frames,
        weights=weights,
        sensors=tuple(frames.present(weights.names)),
        extent=extent,
        layout=cut,
        error=error,
        remarks=tuple(said),
    )
