"""What a cluster is, as figures: spectra, seasons, embedding, and who lies in which land cover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import plotly.graph_objects as go

from core.clustering.agreement import Agreement
from core.clustering.legend import Entry, entry_of
from core.clustering.profiles import Curve, EmbeddingProfile, Spectrum
from core.figures.clusters import escaped
from core.figures.layout import Part, assemble, broken_at_gaps, iso, row_name, span_of, stacked, time_axis, titled
from core.figures.spectrum import band_lines, band_names, spectrum_axes, spectrum_line
from core.palette import DIVERGING_ANCHORS, LIGHT, SEQUENTIAL_ANCHORS, Theme, plotly_scale, rgb

LONGEST_BRIDGE = 45  # days; no line joins two dates further apart
ROW_HEIGHT = 135  # px
CELL = 26  # px of a row of a table
SHADE = 0.18  # opacity of a spread
MOST = 0.98  # of the values of an embedding, that its colours tell apart


def cluster_spectra(
    spectra: Mapping[int, Spectrum], entries: list[Entry], *, chosen: int | None = None, theme: Theme = LIGHT
) -> go.Figure:
    """Mean spectra of clusters; around the chosen one what 80 % of its pixel-dates lie between."""
    seen = {cluster: spectrum for cluster, spectrum in spectra.items() if spectrum.views}
    traces = [trace for cluster in seen if cluster == chosen for trace in _spread(seen[cluster], entries, cluster)]
    for cluster, spectrum in seen.items():
        entry = entry_of(entries, cluster)
        line = {"width": 2.5 if cluster == chosen else 1.2, "color": entry.colour}
        style: Part = {"mode": "lines+markers", "line": line, "marker": {"size": 4, "color": entry.colour}}
        traces += [spectrum_line(spectrum.mean, panel, name=escaped(entry.name), **style) for panel in (1, 2)]
    highest = max((max(trace["y"]) for trace in traces if len(trace["y"])), default=0.0)
    return assemble(
        traces,
        axes=spectrum_axes(highest=highest),
        theme=theme,
        height=290,
        annotations=band_names(theme),
        shapes=band_lines(theme),
    )


def _spread(spectrum: Spectrum, entries: list[Entry], cluster: int) -> Iterator[Part]:
    colour = faint(entry_of(entries, cluster).colour)
    edge: Part = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    for panel in (1, 2):  # the lower edge of a panel fills up to the trace before it
        yield spectrum_line(spectrum.high, panel, **edge)
        yield spectrum_line(spectrum.low, panel, **edge, fill="tonexty", fillcolor=colour)


def season_curves(
    rows: Mapping[str, Mapping[int, Curve]], entries: list[Entry], *, chosen: int | None = None, theme: Theme = LIGHT
) -> go.Figure:
    """Curves of clusters over time, a row a quantity (its name is the key): median, and the chosen one's spread."""
    kept = {name: curves for name, curves in rows.items() if any(curve.times.size for curve in curves.values())}
    if not kept:
        return _nothing("no view in this period", theme)
    traces, titles, spans = [], [], []
    for row, (name, curves) in enumerate(kept.items(), start=1):
        unit = next(iter(curves.values())).unit
        titles.append(titled(name if unit in ("", "1") else f"{name} ({unit})"))
        spans += [curve.times for curve in curves.values() if curve.times.size]
        traces += [
            trace
            for cluster, curve in curves.items()
            for trace in _curve(curve, entry_of(entries, cluster), row, spread=cluster == chosen)
        ]
    return assemble(
        traces,
        axes=stacked(titles, spacing=0.06) | {"xaxis": time_axis(span_of(*spans), rows=len(kept))},
        theme=theme,
        height=60 + ROW_HEIGHT * len(kept),
    )


def _curve(curve: Curve, entry: Entry, row: int, *, spread: bool) -> Iterator[Part]:
    shared: Part = {"type": "scatter", "yaxis": row_name(row), "legendgroup": str(entry.id)}
    if spread and np.isfinite(curve.middle).any():
        seen = np.isfinite(curve.middle)
        edge = shared | {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
        days = iso(curve.times[seen])
        yield edge | {"x": days, "y": curve.high[seen]}
        yield edge | {"x": days, "y": curve.low[seen], "fill": "tonexty", "fillcolor": faint(entry.colour)}
    days_seen, values = broken_at_gaps(curve.times, curve.middle, longest_days=LONGEST_BRIDGE)
    yield shared | {
        "x": iso(days_seen),
        "y": values.astype(np.float32),
        "mode": "lines+markers",
        "connectgaps": False,
        "line": {"width": 2 if spread else 1, "color": entry.colour},
        "marker": {"size": 3.5, "color": entry.colour},
        "name": escaped(entry.name),
        "showlegend": row == 1,
        "hovertemplate": "%{y:.3~f}",
    }


def embedding_heat(profile: EmbeddingProfile, *, theme: Theme = LIGHT) -> go.Figure:
    """The mean embedding of a cluster: a row a value, a column a date; grey where too few pixels were seen."""
    seen = np.isfinite(profile.mean).any(axis=0)
    if not seen.any():
        return _nothing("no view in this period", theme)
    values = profile.mean[:, seen]
    reach = float(np.nanquantile(np.abs(values), MOST)) or 1.0  # a day of snow would leave all else white
    heat = {
        "type": "heatmap",
        "x": iso(profile.times[seen]),
        "y": [str(number) for number in range(1, len(values) + 1)],
        "z": values,
        "zmin": -reach,
        "zmax": reach,
        "colorscale": plotly_scale(DIVERGING_ANCHORS),
        "colorbar": {"thickness": 8, "outlinewidth": 0, "tickfont": {"color": theme.muted, "size": 11}},
        "hovertemplate": "%{x}, value %{y}: %{z:.2f}<extra></extra>",
    }
    axes = {
        "xaxis": {"showgrid": False},
        "yaxis": titled("value of the embedding", autorange="reversed", type="category"),
    }
    height = 70 + max(8, 360 // len(values), 4) * len(values) if len(values) > 12 else 70 + CELL * len(values)
    return assemble([heat], axes=axes, theme=theme, height=min(height, 460), hovermode="closest")


def confusion_table(agreement: Agreement, entries: list[Entry], *, theme: Theme = LIGHT) -> go.Figure:
    """Who lies in what: a row a cluster, a column a land cover; coloured by the share of the cluster's pixels."""
    table = agreement.table
    if table.empty:
        return _nothing(agreement.remark or "nothing to compare with", theme)
    counts = table.to_numpy()
    share = 100 * counts / counts.sum(axis=1, keepdims=True)
    heat = {
        "type": "heatmap",
        "x": [escaped(str(name)) for name in table.columns],
        "y": [escaped(entry_of(entries, int(cluster)).name) for cluster in table.index],
        "z": share,
        "zmin": 0,
        "zmax": 100,
        "text": [[f"{count:,}" if count else "" for count in row] for row in counts.tolist()],
        "texttemplate": "%{text}",
        "colorscale": plotly_scale(SEQUENTIAL_ANCHORS),
        "showscale": False,
        "hovertemplate": "%{y} in %{x}: %{text} pixels, %{z:.0f} % of the cluster<extra></extra>",
    }
    axes: dict[str, Part] = {
        "xaxis": {"showgrid": False, "side": "top", "type": "category"},
        "yaxis": {"showgrid": False, "autorange": "reversed", "type": "category"},
    }
    return assemble([heat], axes=axes, theme=theme, height=80 + CELL * len(table), hovermode="closest")


def faint(colour: str) -> str:
    red, green, blue = rgb(colour)
    return f"rgba({red}, {green}, {blue}, {SHADE})"


def _nothing(words: str, theme: Theme) -> go.Figure:
    note = {"text": words, "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "showarrow": False}
    hidden = {"xaxis": {"visible": False}, "yaxis": {"visible": False}}
    return assemble([], axes=hidden, theme=theme, height=80, annotations=[note])
