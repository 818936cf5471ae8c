"""What to embed: the controls, what it will take, and the button."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from core.embedding import estimate
from core.embedding.cards import Card, cards, find
from core.embedding.estimate import Amount, Pace
from core.embedding.pace import duration
from core.frames import Grid
from core.schema import FluxscapeError
from core.sources.site import Site
from core.store import Run
from core.ui import loaders, messages, runs, state
from core.ui.embed import request, work
from core.ui.embed.request import OTHER, WHOLE, Request
from core.ui.messages import sentence
from core.ui.widgets import stand_at

WIDTHS = (4, 3, 3, 5)  # of the columns: model, period, area, the rest
SITE, BOX = "whole site", "a box …"
AREA = "A box can also be drawn on the picture: press on one corner and drag to the other."
SHOW = "Looks at the stored embedding; nothing is computed."
RUN = "Computes the embedding in the background: you can go on looking, cancel, and take it up again later."
POLL_S = 0.5  # s between looks at the trial


def form(site: Site) -> None:
    """The controls; each acts at once on the estimate."""
    wanted, busy = request.current(site.info), work.is_running(site.info)
    model, period, area, go = st.columns(WIDTHS, gap="small", vertical_alignment="bottom")
    with model:
        _model(wanted)
    with period:
        _period(wanted, site)
    with area:
        _area(wanted)
    if wanted.period == OTHER or wanted.box:
        _further(wanted, site)
    with go:
        _error(wanted)
    st.caption(_says(find(wanted.model)))
    if busy:
        work.watch(site.info)
        return
    try:
        _offer(site, wanted, _amount(site, wanted))
    except FluxscapeError as problem:
        st.warning(sentence(str(problem)))
    work.show_past(site.info)


# ---------------------------------------------------------------- controls
def _model(wanted: Request) -> None:
    known = {card.name: card for card in cards()}
    st.session_state["request_model"] = wanted.model
    st.selectbox(
        "Model",
        list(known),
        format_func=lambda name: f"{name} · {known[name].size} values a pixel",
        key="request_model",
        help="What turns a pixel and what was seen around it, in space and time, into a few values.",
        on_change=lambda: request.change(model=st.session_state["request_model"]),
    )


def _says(card: Card) -> str:
    return (
        f"{card.line} Trained on simulated data; looks at {card.frames} dates and {card.pixels} × {card.pixels} pixels."
    )


def _period(wanted: Request, site: Site) -> None:
    st.session_state["request_period"] = wanted.period
    st.selectbox(
        "Period",
        [*request.years(site.info), WHOLE, OTHER],
        key="request_period",
        help="The dates that get an embedding. Dates just before and after are looked at too.",
        on_change=lambda: request.change(period=st.session_state["request_period"]),
    )


def _area(wanted: Request) -> None:
    key = wanted.key("area")
    st.session_state[key] = BOX if wanted.box else SITE
    st.selectbox("Area", [SITE, BOX], key=key, help=AREA, on_change=_take_area, args=(wanted,))


def _take_area(shown: Request) -> None:
    """The whole site, or a box: the middle at first."""
    site = loaders.site(state.view().site)
    rows, columns = site.cube.sizes["y"], site.cube.sizes["x"]
    middle = (rows // 4, columns // 4, rows - rows // 4, columns - columns // 4)
    request.change_area(shown, middle if st.session_state[shown.key("area")] == BOX else None)


def _further(wanted: Request, site: Site) -> None:
    """First and last date, and the edges of a box: only where they are asked for."""
    columns = iter(st.columns(6, gap="small", vertical_alignment="bottom"))
    if wanted.period == OTHER:
        for name, text in (("start", "From"), ("end", "To")):
            with next(columns):
                _date(name, text, wanted, site)
    if wanted.box:
        grid = Grid.of(site.cube)
        for side, value in zip(SIDES, request.edges(grid, wanted.box), strict=True):
            with next(columns):
                step = max(1, round(grid.pixel_width))
                st.number_input(
                    f"{side.title()} (m)",
                    step=step,
                    key=stand_at(wanted.key(side), round(value)),
                    help=f"The {side} edge of the box, at pixel centres, in metres of {grid.crs}.",
                    on_change=_take_edges,
                    args=(wanted, grid),
                )


SIDES = ("west", "south", "east", "north")
DATES = {"start": "first", "end": "last"}


def _date(name: str, text: str, wanted: Request, site: Site) -> None:
    key = stand_at(f"request_{name}", dt.date.fromisoformat(getattr(wanted, name)))
    st.date_input(
        text,
        min_value=dt.date.fromisoformat(site.info.start),
        max_value=dt.date.fromisoformat(site.info.end),
        format="YYYY-MM-DD",
        key=key,
        help=f"The {DATES[name]} day that gets an embedding, within the record of the site.",
        on_change=lambda: request.change(**{name: st.session_state[key].isoformat()}),
    )


def _take_edges(shown: Request, grid: Grid) -> None:
    west, south, east, north = (float(st.session_state[shown.key(side)]) for side in SIDES)
    request.change_area(shown, request.box_of(grid, (west, south, east, north)))


def _error(wanted: Request) -> None:
    st.session_state["request_error"] = wanted.error
    st.checkbox(
        "with reconstruction error",
        key="request_error",
        help="Also store how well each embedding rebuilds its own pixel. Takes a little longer.",
        on_change=lambda: request.change(error=st.session_state["request_error"]),
    )


# ---------------------------------------------------------------- what it will take
def _amount(site: Site, wanted: Request) -> Amount:
    cube = site.cube
    y, x = (cube[axis].values.astype(float) for axis in ("y", "x"))
    selection = wanted.selection(Grid.of(cube))
    return estimate.amount(loaders.seen(site), cube["time"].values, y, x, selection, find(wanted.model))


def _offer(site: Site, wanted: Request, amount: Amount) -> None:
    """The estimate and the button; a run that stands already is shown instead of being made again."""
    card = find(wanted.model)
    standing = _standing(site, wanted, amount)
    pace = estimate.pace(loaders.workspace(), card, error=wanted.error)
    words, button = st.columns((10, 5), gap="small", vertical_alignment="center")
    with words:
        if standing:
            st.markdown(f"Made already: **{runs.label(standing)}**, {amount.pixel_dates:,} pixel-dates.")
        elif pace is None and work.measures(site.info, card):
            _wait_for_pace(site.info.id, card, amount)
        else:
            st.markdown(words_of(amount, pace))
    with button:
        if standing:
            chosen = {"run": standing.id}
            st.button("Show it", type="primary", on_click=state.choose, kwargs=chosen, width="stretch", help=SHOW)
        elif st.button("Run", type="primary", width="stretch", help=RUN):
            with messages.explained():
                work.begin(
                    site.info, model=wanted.model, selection=wanted.selection(Grid.of(site.cube)), error=wanted.error
                )
                st.rerun()


def words_of(amount: Amount, pace: Pace | None) -> str:
    """How long and how much, before anything is begun."""
    dates, rows, columns = amount.extent.shape
    time = f"**About {duration(pace.seconds(amount))}**, " if pace else ""
    seen = f"{100 * amount.pixel_dates / amount.looked_at:.0f} % of them clear"
    return f"{time}**{amount.pixel_dates:,} pixel-dates**: {dates} dates, {rows} × {columns} pixels, {seen}."


@st.fragment(run_every=POLL_S)
def _wait_for_pace(site_id: str, card: Card, amount: Amount) -> None:
    if work.is_measuring(card):
        st.markdown(f"{words_of(amount, None)} Finding out how long it takes here …")
    else:
        st.rerun()


def _standing(site: Site, wanted: Request, amount: Amount) -> Run | None:
    """A run that is just this."""
    for run in runs.of(site.info):
        asked = run.spec.parameters
        parts = {name: [part.start, part.stop] for name, part in amount.extent._asdict().items()}
        same = all(asked.get(name) == part for name, part in parts.items())
        same &= bool(asked.get("error")) == wanted.error and runs.model_of(run) == wanted.model
        if same and not runs.is_of_another_version(run, site.digest):
            return run
    return None
