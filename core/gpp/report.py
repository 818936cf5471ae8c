"""One page (HTML, no scripts, nothing loaded) on a judged model: skill first, split, baselines, cautions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1c2a26}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .8rem;border-bottom:1px solid #d5ddd9;text-align:right}
td:first-child,th:first-child{text-align:left}code{background:#eef2f0;padding:.1rem .3rem;overflow-wrap:anywhere}
.big{font-size:1.6rem;margin:.5rem 0}"""  # noqa: E501
SCORES = ("n", "skill", "r2", "rmse", "nrmse", "mae", "bias", "kge")
BASELINES = {
    "climatology": "day-of-year climatology",
    "nirv": "NIRv regression",
    "nirv_radiation": "NIRv x radiation",
}


def report(found: Mapping[str, Any], sums: pd.DataFrame, command: str) -> str:
    """The page's text."""
    baselines = [[BASELINES[name], *_cells(scores)] for name, scores in found["baselines"].items()]
    parts = [
        f"<p class=big>Skill over climatology {_number(found['skill'])}</p>",
        f"<p>{escape(found['model'])}, split <b>{escape(found['split'])}</b>, {found['n']} held-out days of "
        f"{found['groups']} towers in {found['folds']} folds, window of {found['window']} days.</p>",
        _table(["", *SCORES], [[found["model"], *_cells(found)], *baselines]),
        "<p>RMSE, MAE and bias in gC m<sup>-2</sup> d<sup>-1</sup>. "
        f"Middle 90 % by blocks: {escape(_ranges(found['intervals']))}.</p>",
        "<h2>Cautions</h2>",
        "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in cautions(found)) + "</ul>",
    ]
    for name, part in found["by"].items():
        rows = [[label, *_cells(scores)] for label, scores in part.items()]
        parts += [f"<h2>By {escape(name)}</h2>", _table(["", *SCORES], rows)]
    if len(sums):
        rows = [[str(row[name]) for name in ("site", "year", "gpp", "low", "high")] for row in sums.to_dict("records")]
        heads = ["site", "year", "gC m-2 y-1", "from", "to"]
        parts += ["<h2>Yearly sums</h2>", _table(heads, rows)]
    parts += ["<h2>Repeat it</h2>", f"<p><code>{escape(command)}</code></p>"]
    title = f"GPP by {escape(found['model'])}"
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>"
    return f"{head}<h1>{title}</h1>{''.join(parts)}</html>\n"


def cautions(found: Mapping[str, Any]) -> list[str]:
    """What a reader has to know before using the numbers, a sentence each."""
    told = list(found["notes"])
    if found["skill"] is not None and found["skill"] <= 0:
        told.append("The model is no better than the day-of-year climatology; do not use it.")
    beaten = [BASELINES[name] for name, scores in found["baselines"].items() if scores["rmse"] <= found["rmse"]]
    if beaten:
        told.append(f"Not better than: {', '.join(beaten)}.")
    if found["split"] in ("leave-year-out", "blocked", "fixed-years"):
        told.append("The towers were trained on in other periods: this says nothing of places without a tower.")
    if found["outside_share"] > 0.05:
        told.append(f"{100 * found['outside_share']:.0f} % of the days lie outside what the model was trained on.")
    if not 0.85 <= found["coverage"] <= 0.95:
        told.append(f"The 90 % intervals cover {100 * found['coverage']:.0f} % of the held-out days.")
    if found["shuffled"]:
        told.append("The targets were dealt anew: a test for leaks, not a model.")
    return told or ["None of the usual ones."]


def _cells(scores: Mapping[str, Any]) -> list[str]:
    return [_number(scores[name]) if name != "n" else str(scores[name]) for name in SCORES]


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"


def _ranges(intervals: Mapping[str, Sequence[float]]) -> str:
    return ", ".join(f"{name} {low:.2f} to {high:.2f}" for name, (low, high) in intervals.items()) or "too few blocks"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"
