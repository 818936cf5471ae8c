"""What every dimension of an embedding goes with at a place: a row a dimension, a column a quantity."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.embedding.meaning import Meaning
from core.figures.layout import MARGIN, Part, assemble, colour_bar
from core.palette import DIVERGING_ANCHORS, LIGHT, Theme, plotly_scale

ROWS_SHOWN = 16  # about as many dimensions can be named at the usual height


def meaning_matrix(meaning: Meaning, *, theme: Theme = LIGHT) -> go.Figure:
    """Rank correlations (dimensions, quantities) as colours: brown falls with it, blue-green rises with it."""
    dims = len(meaning.values)
    rows = np.arange(1, dims + 1)
    step = -(-dims // ROWS_SHOWN)
    matrix: Part = {
        "type": "heatmap",
        "x": list(meaning.names),
        "y": rows,
        "z": meaning.values.astype(np.float32),
        "customdata": np.broadcast_to(rows[:, None], meaning.values.shape),
        "colorscale": plotly_scale(DIVERGING_ANCHORS),
        "zmin": -1,
        "zmax": 1,
        "hovertemplate": "dim %{y} and %{x}: %{z:+.2f}<extra></extra>",
        "hoverongaps": False,
        "colorbar": colour_bar("rank correlation", [-1, 0, 1], theme),
    }
    axes: dict[str, Part] = {
        "xaxis": {"tickangle": -60, "showgrid": False, "type": "category"},
        "yaxis": {
            "title": {"text": "dimension", "standoff": 4},
            "autorange": "reversed",
            "tickvals": rows[::step],
            "showgrid": False,
        },
    }
    return assemble(
        [matrix],
        axes=axes,
        theme=theme,
        height=380,
        margin=MARGIN | {"t": 30},
        hovermode="closest",
        showlegend=False,
    )
