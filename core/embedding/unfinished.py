"""Embeddings that were interrupted: what each was to be, how far it is, and how to take it up again.

A draft tells all this itself (`core.embedding.draft`), whoever began it and however it ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.embedding.draft import DONE, EMBEDDING, LAYOUT
from core.embedding.layout import Layout
from core.embedding.result import KIND
from core.embedding.selection import Selection
from core.schema import FluxscapeError, NotFoundError
from core.sources.grids import read_zarr
from core.store import Draft, Workspace, read_json


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """One interrupted embedding."""

    draft: Draft
    site: str
    model: str
    start: str  # first date, ISO
    end: str  # last date, ISO
    rows: int
    cols: int
    selection: Selection  # what to ask for, to go on with it
    error: bool
    share: float  # done, 0..1


def unfinished(workspace: Workspace, site: str) -> list[Unfinished]:
    """What was left behind of embeddings of a site, and is not being worked on."""
    drafts = [draft for draft in workspace.drafts() if draft.shelf == "runs" and not draft.live]
    found = [_described(draft) for draft in drafts if f"-{KIND}-" in draft.name]
    return [one for one in found if one is not None and one.site == site]


def is_described(draft: Draft) -> bool:
    """Whether this draft is of an embedding that can be taken up again."""
    return draft.shelf == "runs" and f"-{KIND}-" in draft.name and _described(draft) is not None


def _described(draft: Draft) -> Unfinished | None:
    """None: it ended before it had begun."""
    try:
        cut = read_json(draft.path / DONE / LAYOUT)
        outline = read_zarr(draft.path / EMBEDDING)
        days = np.datetime_as_string(outline["time"].values, unit="D")
        y, x = (outline[axis].values.astype(float) for axis in ("y", "x"))
        return Unfinished(
            draft=draft,
            site=str(outline.attrs["site"]),
            model=str(outline.attrs["model"]),
            start=str(days[0]),
            end=str(days[-1]),
            rows=y.size,
            cols=x.size,
            selection=Selection(start=str(days[0]), end=str(days[-1]), bbox=(x[0], y[-1], x[-1], y[0])),
            error=any(str(name).startswith("error_") for name in outline.data_vars),
            share=_share(draft, cut),
        )
    except (FluxscapeError, NotFoundError, KeyError, ValueError, IndexError):
        return None


def _share(draft: Draft, cut: dict[str, Any]) -> float:
    shape, chunk = (tuple(int(size) for size in cut[name]) for name in ("shape", "chunk"))
    whole = Layout(shape=shape, chunk=chunk)  # type: ignore[arg-type]
    done = sum(block.pixel_dates for block in whole.blocks() if (draft.path / DONE / f"{block.name}.json").is_file())
    return done / whole.pixel_dates
