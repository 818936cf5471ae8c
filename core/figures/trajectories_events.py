"""Where something happened: events that were found, coloured, and outlines of what is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.clusters import escaped
from core.figures.layout import Part, assemble
from core.palette import LIGHT, QUALITATIVE, Theme

HEIGHT = 380  # px


def event_map(
    found: Sequence[NDArray[np.bool_]],
    known: Sequence[NDArray[np.bool_]],
    names: Sequence[str],
    *,
    theme: Theme = LIGHT,
) -> go.Figure:
    """Masks (rows, cols) of events with their names, the latest on top; `known` ones as outlines."""
    shape = (found or known)[0].shape
    number, text = np.full(shape, np.nan, np.float32), np.full(shape, "", object)
    for turn, (mask, name) in enumerate(zip(found, names, strict=True)):
        number[mask], text[mask] = turn % len(QUALITATIVE), escaped(name)
    traces: list[Part] = [
        {
            "type": "heatmap",
            "z": number,
            "text": text.tolist(),
            "colorscale": _steps(),
            "zmin": -0.5,
            "zmax": len(QUALITATIVE) - 0.5,
            "showscale": False,
            "hoverongaps": False,
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]
    if known:
        x, y = _outlines(np.logical_or.reduce(list(known)))
        line = {"color": theme.text, "width": 1}
        traces.append({"type": "scatter", "x": x, "y": y, "mode": "lines", "line": line, "hoverinfo": "skip"})
    frame: Part = {"showticklabels": False, "ticks": "", "showgrid": False, "constrain": "domain"}
    rows, cols = shape
    return assemble(
        traces,
        axes={
            "xaxis": frame | {"range": [-0.5, cols - 0.5], "mirror": True, "showline": True},
            "yaxis": frame | {"range": [rows - 0.5, -0.5], "scaleanchor": "x", "mirror": True, "showline": True},
        },
        theme=theme,
        height=HEIGHT,
        hovermode="closest",
        showlegend=False,
    )


def _steps() -> list[tuple[float, str]]:
    count = len(QUALITATIVE)
    return [(edge / count, colour) for turn, colour in enumerate(QUALITATIVE) for edge in (turn, turn + 1)]


def _outlines(mask: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The edges between pixels inside and outside, NaN between them."""
    padded = np.pad(mask, 1)
    across, down = padded[:, 1:] != padded[:, :-1], padded[1:] != padded[:-1]
    row, col = np.nonzero(across)
    upright = np.stack([np.stack([col, col], 1), np.stack([row - 1, row], 1)])
    row, col = np.nonzero(down)
    level = np.stack([np.stack([col - 1, col], 1), np.stack([row, row], 1)])
    ends = np.concatenate([upright, level], axis=1) - 0.5  # (2, n, 2)
    broken = np.pad(ends, ((0, 0), (0, 0), (0, 1)), constant_values=np.nan)
    return broken[0].ravel().astype(np.float32), broken[1].ravel().astype(np.float32)
