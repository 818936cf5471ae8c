"""Observed and predicted over time, against each other, and what is left by season."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.figures.gpp import gpp_series, tower_series
from core.figures.gpp_judged import one_to_one, residuals
from core.schema import SiteInfo
from core.ui import chart, state
from core.ui.gpp import loaders
from core.ui.gpp.choices import change, current, follows
from core.ui.gpp.loaders import Fit


def series(info: SiteInfo, fit: Fit) -> None:
    """One tower over time: its held-out predictions, and what nobody measured."""
    if len(fit.sites) > 1:
        _first_shown(info, fit)
        words = "Whose days are drawn; the scores above are of all towers together."
        st.selectbox("Tower shown", fit.sites, **follows("shown", among=fit.sites), width=220, help=words)
        site = current().shown
    else:
        site = fit.sites[0]
    table = fit.predictions[fit.predictions["site"] == site]
    if table.empty:
        st.info(f"No day of {site} was held out by this split.")
        return
    tower = loaders.tower(site, fit.run)
    filled = None if tower is None else tower["gpp"].where(_never_scored(tower, fit))
    figure = gpp_series(table, cursor=state.view().date, filled=filled, theme=chart.theme())
    chart.draw(figure, key=f"gpp {fit.run.id} {site}")
    st.caption(
        f"{len(table):,} days of {site}, each predicted by a model that had not seen the shaded part it lies in. "
        "Filled days are dashed and never scored."
    )


def beside(fit: Fit) -> None:
    """All towers together: 1:1, and the residuals by season."""
    chart.draw(one_to_one(fit.predictions, theme=chart.theme()), key=f"gpp 1:1 {fit.run.id}")
    chart.draw(residuals(fit.predictions, theme=chart.theme()), key=f"gpp residuals {fit.run.id}")


def invitation(info: SiteInfo) -> None:
    """What the tower saw, before there is any model."""
    tower = loaders.tower(info.id)
    if tower is None:
        st.info(f"{info.id} comes with no tower. Bring its file below, and a model can be fitted and judged.")
        return
    valid = tower["gpp"].notna() & ~tower["filled"].astype(bool)
    mean = float(tower["gpp"][valid].mean())
    st.markdown(
        f"No model of this site yet. This is what its tower saw: **{int(valid.sum()):,} measured days, on average "
        f"{mean:.2f} gC m⁻² d⁻¹**, and their day-of-year climatology, which a model has to beat. **Fit** makes one."
    )
    figure = tower_series(tower, loaders.climatology(tower), cursor=state.view().date, theme=chart.theme())
    chart.draw(figure, key=f"gpp tower {info.id}")


def _first_shown(info: SiteInfo, fit: Fit) -> None:
    if current().shown not in fit.sites and info.id in fit.sites:
        change(shown=info.id)


def _never_scored(tower: pd.DataFrame, fit: Fit) -> pd.Series:
    """Days with a value that no score counts: gap-filled, or of low quality."""
    return tower["filled"].astype(bool) | (tower["quality"] < fit.run.spec.parameters["min_quality"])
