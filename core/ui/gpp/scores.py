"""The first row: what the number is worth, each score beside that of the baselines on the same days."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from core.gpp.layers import KINDS
from core.gpp.report import cautions
from core.ui.gpp.loaders import Fit
from core.ui.gpp.words import regressor

STYLE = """<style>
.fx-scores { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: .6rem; }
.fx-scores > div { border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: .5rem;
  padding: .5rem .75rem; position: relative; cursor: help; }
.fx-scores > div:is(:hover, :focus)::after { content: attr(data-help); position: absolute; z-index: 9; top: 100%;
  left: 0; margin-top: .25rem; padding: .5rem .75rem; width: max(100%, 15rem); font-size: .85rem; border-radius: .5rem;
  color: CanvasText; background: Canvas; border: 1px solid color-mix(in srgb, currentColor 30%, transparent); }
.fx-scores > div:last-child::after { left: auto; right: 0; }
.fx-scores .what, .fx-scores small { opacity: .72; font-size: .82rem; line-height: 1.35; display: block; }
.fx-scores .value { font-size: 1.75rem; font-weight: 600; line-height: 1.25; overflow-wrap: anywhere; }
.fx-scores .first .value { font-size: 2.15rem; }
.fx-scores .words { font-size: 1.15rem; }
</style>"""
SPLITS = {
    "leave-year-out": "each year in turn, never trained on",
    "leave-site-out": "whole towers, never trained on",
    "leave-group-out": "whole towers, never trained on",
    "leave-class-out": "whole vegetation classes, never trained on",
    "blocked": "five spans of time, never trained on",
    "fixed-years": "the named years, never trained on",
}
SHORT = {"climatology": "climatology", "nirv": "NIRv", "nirv_radiation": "NIRv × radiation"}


SKILL, R2, RMSE, COVERS, SPLIT = "Skill over climatology", "R²", "RMSE, gC m⁻² d⁻¹", "90 % band covers", "Split"
MEANS = {
    SKILL: "Share of the squared error of the usual year (the mean of each day of the year) that the model takes away: "
    "1 is a perfect model, 0 no better than the usual year, below 0 worse.",
    R2: "Share of the variance of the held-out days that the predictions explain: 1 is all of it.",
    RMSE: "Typical error of a day: the root of the mean squared difference between predicted and observed.",
    COVERS: "How many of the held-out days lay within the band that should hold 90 % of them: fewer, and the band "
    "promises too much.",
    SPLIT: "Which days were held out: the model was judged on them and never learnt from them.",
}


def draw(fit: Fit, *, badge: str) -> None:
    """Skill first; then what was fitted, and a sentence for each thing a reader has to know."""
    st.html(STYLE + as_html(fit.scores))
    st.markdown(f"{_what(fit)} {badge}")
    told = cautions(fit.scores)
    useless = [text for text in told if text.startswith("The model is no better")]
    for text in useless:
        st.warning(text)
    st.caption("Cautions: " + " ".join(text for text in told if text not in useless))


def as_html(found: Mapping[str, Any]) -> str:
    """The cards."""
    ends = found.get("intervals", {})
    others = {name: found["baselines"][name] for name in SHORT if name in found["baselines"]}
    skill, lines = _signed(found["skill"]), {name: others[name] for name in others if name != "climatology"}
    cards = [
        _card(SKILL, skill, _ends(ends, "skill"), _beside(lines, "skill"), "first"),
        _card(R2, _plain(found["r2"]), _ends(ends, "r2"), _beside(others, "r2")),
        _card(RMSE, _plain(found["rmse"]), _ends(ends, "rmse"), _beside(others, "rmse")),
        _card(COVERS, f"{100 * found['coverage']:.0f} %", "of the held-out days", "90 % is right"),
        _card(SPLIT, found["split"], SPLITS.get(found["split"], ""), _size(found), "words"),
    ]
    return f'<div class="fx-scores">{"".join(cards)}</div>'


# ---------------------------------------------------------------- inside
def _what(fit: Fit) -> str:
    told = fit.run.spec.parameters
    features = ", ".join(KINDS.get(kind, kind) for kind in told["kinds"])
    brought = f"; tower files brought for {', '.join(told['towers'])}" if told.get("towers") else ""
    days = "day" if told["window"] == 1 else f"{told['window']} days"
    what = f"**{regressor(told['model'])}**, fitted to **{', '.join(fit.sites)}**"
    return f"{what} on {features} of the last {days}{brought}."


def _card(what: str, value: str, under: str, beside: str, kind: str = "") -> str:
    size = "words" if kind == "words" else ""
    lines = "".join(f"<small>{escape(text)}</small>" for text in (under, beside) if text)
    return (
        f'<div class="{kind}" tabindex="0" data-help="{escape(MEANS[what])}"><span class="what">{escape(what)}</span>'
        f'<div class="value {size}">{escape(value)}</div>{lines}</div>'
    )


def _size(found: Mapping[str, Any]) -> str:
    towers = f"{found['groups']} towers" if found["groups"] > 1 else "1 tower"
    return f"{found['n']:,} days, {towers}, {found['folds']} folds"


def _ends(ends: Mapping[str, Any], name: str) -> str:
    return f"90 % within {ends[name][0]:.2f} to {ends[name][1]:.2f}" if name in ends else ""


def _beside(others: Mapping[str, Mapping[str, Any]], name: str) -> str:
    form = _signed if name == "skill" else _plain
    return ", ".join(f"{SHORT[other]} {form(scores[name])}" for other, scores in others.items())


def _signed(value: float | None) -> str:
    return "not defined" if value is None else f"{value:+.2f}".replace("-", "−")


def _plain(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.2f}".replace("-", "−")
