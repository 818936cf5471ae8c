"""What matters to a model, its scores by part, the leaderboard of stored fits, and sums of years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.figures.gpp_judged import annual_bars, importance_bars
from core.gpp.layers import KINDS
from core.ui import chart, state
from core.ui.gpp import loaders
from core.ui.gpp.choices import current
from core.ui.gpp.loaders import Fit
from core.ui.gpp.words import regressor

HEADS = ("days", "skill", "R²", "RMSE", "bias")
SCORES = ("n", "skill", "r2", "rmse", "bias")
PARTS = {  # as scores are stored by, and what heads their table
    "site": "site",
    "season": "season",
    "quality": "share measured",
    "class": "vegetation",
    "fold": "held-out part",
    "applicability": "day",
}
SEASONS = ("winter", "spring", "summer", "autumn")
LIKE = {"inside": "like the training data", "outside the training data": "unlike the training data"}
SHOWN = 12  # fits of the leaderboard
WIDTHS = (7, 6, 3, 3, 3, 3)  # of the leaderboard: what, split, skill, R2, RMSE, button


def what_matters(fit: Fit) -> None:
    """Permutation importance, by group of features and by lag."""
    st.caption(
        "How much larger the mean squared error of the held-out days becomes when a group of features, or a part of "
        "the window, is taken from other days. Groups that tell the same share the credit."
    )
    figure = importance_bars(fit.scores["importance"], theme=chart.theme())
    chart.draw(figure, key=f"gpp importance {fit.run.id}")


def by_part(fit: Fit) -> None:
    """Scores of the held-out days by site, season, quality, class, fold and applicability."""
    parts = fit.scores["by"]
    order = [name for name in PARTS if name in parts]
    st.caption(
        "Skill: 1 is perfect, 0 no better than the usual year. RMSE and bias (predicted − measured) in gC m⁻² d⁻¹. "
        "Seasons by the calendar of the north."
    )
    columns = st.columns(2, gap="medium")
    for turn, name in enumerate(order):
        columns[turn % 2].markdown(table(PARTS[name], parts[name]))


def table(name: str, part: Mapping[str, Mapping[str, Any]]) -> str:
    """Scores of one kind of part, as Markdown."""
    labels = sorted(part, key=lambda label: SEASONS.index(label) if label in SEASONS else -1)
    rows = [[LIKE.get(label, label), *(_cell(part[label][score]) for score in SCORES)] for label in labels]
    lines = [[name, *HEADS], ["---", *("---:" for _ in HEADS)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def board(fit: Fit) -> None:
    """Every stored fit, the most skilful first; one is opened by its button."""
    found = loaders.board()
    st.caption(
        "Compare fits of the same sites and split only. The more of them are compared, the more the best one owes "
        "to chance: judge it on towers that none of them has seen."
    )
    for row in found[:SHOWN]:
        with st.container(border=True, key=f"gpp fit {row['run']}"):
            _row(row, shown=row["run"] == fit.run.id)
    if len(found) > SHOWN:
        st.caption(f"{len(found) - SHOWN} more, less skilful, lie in the workspace.")


def annual(fit: Fit) -> None:
    """Sums of whole years of the tower that is shown."""
    site = current().shown if current().shown in fit.sites else fit.sites[0]
    sums = fit.annual[fit.annual["site"] == site]
    if sums.empty:
        st.info(f"No year of {site} is whole enough to be summed up: that takes predictions of 360 days.")
        return
    left, right = st.columns((11, 9), gap="medium")
    with left:
        chart.draw(annual_bars(sums, theme=chart.theme()), key=f"gpp annual {fit.run.id} {site}")
    rows = [
        f"| {row['year']} | {row['gpp']:,.0f} | {row['low']:,.0f} to {row['high']:,.0f} | {row['measured_days']} |"
        for row in sums.to_dict("records")
    ]
    head = f"| {site} | gC m⁻² a⁻¹ | 90 % within | days measured |\n| --- | ---: | ---: | ---: |\n"
    right.markdown(head + "\n".join(rows))
    right.caption(
        "Sums of the model of all days, its held-out errors drawn in blocks of 30 days. A year that was measured was "
        "trained on."
    )


# ---------------------------------------------------------------- inside
def _row(row: Mapping[str, Any], *, shown: bool) -> None:
    sites = ", ".join(row["sites"]) if len(row["sites"]) < 4 else f"{len(row['sites'])} sites"
    features = ", ".join(KINDS.get(kind, kind) for kind in row["features"])
    cells = (
        f"**{regressor(row['model'])}** · {sites}  \n:small[{features}]",
        f"{row['split']}  \n:small[{row['made'][:16].replace('T', ' ')}]",
        f"skill **{_cell(row['skill'])}**",
        f"R² {_cell(row['r2'])}",
        f"RMSE {_cell(row['rmse'])}",
    )
    columns = st.columns(WIDTHS, gap="small", vertical_alignment="center")
    for column, words in zip(columns, cells, strict=False):
        column.markdown(words)
    columns[-1].button(
        "Shown" if shown else "Open",
        key=f"open {row['run']}",
        disabled=shown,
        on_click=_open,
        args=(row,),
        help="This fit is looked at." if shown else "Looks at this fit, and its scores, at the top of the page.",
    )


def _open(row: Mapping[str, Any]) -> None:
    """Look at a fit; at its first site, if the one that is looked at takes no part in it."""
    site = state.view().site if state.view().site in row["sites"] else row["sites"][0]
    state.choose(site=site, fit=row["run"])


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "n/a" if value is None else f"{value:.2f}".replace("-", "−")
