"""The next fit: its sites, features, window, regressor and split, what it will take, and the button."""

from __future__ import annotations

import streamlit as st

from core.embedding.pace import duration
from core.gpp.footprint import LEAST_M, MOST_M
from core.gpp.layers import EMBEDDING, KINDS
from core.gpp.regressors import REGRESSORS, usual_model
from core.gpp.sites import Request, embedding_runs
from core.gpp.splits import BLOCKS, MOST_FOLDS, SPLITS
from core.gpp.windows import LONGEST
from core.schema import FluxscapeError, InputError, SiteInfo
from core.store import Run
from core.ui import loaders as sites
from core.ui import state
from core.ui.gpp import tower, work
from core.ui.gpp.choices import OWN_FOOTPRINT, Choices, change, current, follows, follows_many
from core.ui.gpp.scores import SPLITS as HELD_OUT
from core.ui.gpp.words import worded

FOOTPRINT_WORDS = {"kernel": "kernel, no wind", "circle": "circle", OWN_FOOTPRINT: "GeoTIFF of your own"}
FOOTPRINT_HELP = "Of a kernel, the distance that gives the most; of a circle, all pixels within it count alike."
FIT = "Learns from the towers and judges the result on what was held out, in the background; it can be cancelled."
FEATURES = (
    "What GPP is predicted from. `season` and `tower` are known only of towers that are trained on: they are left out "
    "where whole towers are held out."
)
REGRESSOR = "What learns GPP from the features; whichever is taken, it is judged in the same way."
WIDTHS = (5, 6, 4)  # of the columns: sites and tower, features, regressor and split


def form(info: SiteInfo) -> None:
    """The controls; each acts at once on the estimate."""
    who, what, how = st.columns(WIDTHS, gap="medium")
    with who:
        _sites(info)
        tower.bring(info)
    with what:
        _features()
        _footprint()
    with how:
        _method()
    if job := work.running():
        work.watch(job.target)
        return
    words, button = st.columns((10, 5), gap="small", vertical_alignment="center")
    with words:
        ready = _offer(info)
    with button:
        press = st.button("Fit", type="primary", width="stretch", disabled=ready is None, help=FIT)
        if press and ready is not None:
            work.begin(current(), ready)
            st.rerun()
    work.show_past(current().model)


def choosable(infos: list[SiteInfo], brought: set[str]) -> list[str]:
    """Sites with pictures and a tower."""
    return [site.id for site in infos if site.has_data and (site.tower_days or site.id in brought)]


# ---------------------------------------------------------------- controls
def _sites(info: SiteInfo) -> None:
    known = choosable(sites.sites(), set(current().towers))
    embedded = {run.spec.site for run in sites.workspace().runs(kind=EMBEDDING)}
    chosen = [site for site in current().sites if site in known]
    if tuple(chosen) != current().sites:
        change(sites=tuple(chosen))
    st.multiselect(
        "Sites",
        known,
        format_func=lambda site: site if site in embedded else f"{site} · no embedding",
        **follows_many("sites", chosen),
        wrap=True,
        help="Towers to learn from and to be judged on; offered are the sites with pictures and a tower.",
    )


def _features() -> None:
    st.pills(
        "Features",
        list(KINDS),
        format_func=KINDS.__getitem__,
        selection_mode="multi",
        wrap=True,
        **follows_many("kinds", current().features() if current().sites else ()),
        help=FEATURES,
    )
    left, right = st.columns(2, gap="small")
    left.number_input(
        "Window (days)",
        1,
        LONGEST,
        **follows("window"),
        help="How many days a model may look back on, up to the day itself.",
    )
    right.number_input(
        "Least quality",
        0.0,
        1.0,
        step=0.05,
        **follows("min_quality"),
        help="Least share of a day, 0 to 1, that the tower measured for it to count; the rest was gap-filled.",
    )


def _footprint() -> None:
    """How the tower weighs the pixels around it: a circle, a kernel, or weights of one's own."""
    left, right = st.columns(2, gap="small")
    left.selectbox(
        "Footprint",
        list(FOOTPRINT_WORDS),
        format_func=FOOTPRINT_WORDS.__getitem__,
        **follows("footprint"),
        help="Which pixels around the tower its measurements stand for, and how much each counts.",
    )
    if current().footprint != OWN_FOOTPRINT:
        right.number_input(
            "Radius (m)", LEAST_M, MOST_M, step=10.0, format="%.0f", **follows("radius"), help=FOOTPRINT_HELP
        )
        return
    words = "A raster of what each pixel gives to the measurement, such as a footprint model writes."
    file = right.file_uploader("Weights (GeoTIFF)", type=["tif", "tiff"], key="gpp footprint file", help=words)
    if file is not None:
        change(footprint_file=tower.kept_as_it_came(file.name, file.getvalue()))


def _method() -> None:
    told = {name: name.replace("_", " ") for name in REGRESSORS}
    words = "\n".join(f"- **{told[name]}**: {entry.label}" for name, entry in REGRESSORS.items())
    st.selectbox(
        "Regressor", list(told), format_func=told.__getitem__, **follows("model"), help=f"{REGRESSOR}\n{words}"
    )
    label = REGRESSORS[current().model].label
    st.caption(f"{label[:1].upper()}{label[1:]}.")
    allowed = current().splits(list(SPLITS))
    widget = follows("split", among=allowed) | {"on_change": _split}
    words = "\n".join(f"- **{name}**: {HELD_OUT[name]}" for name in allowed)
    st.selectbox("Split", allowed, **widget, help=f"What is held out, to be judged on.\n{words}")
    if current().split == "fixed-years":
        years = _years()
        chosen = [year for year in current().test_years if year in years] or years[-1:]
        change(test_years=tuple(chosen))
        words = "The years that the model is judged on; it learns from the others."
        st.multiselect("Held-out years", years, **follows_many("test_years", chosen), wrap=True, help=words)


def _split() -> None:
    """Take over the split, and the regressor that is usual with it unless the reader chose another."""
    before, split = current(), str(st.session_state["gpp_split"])
    change(split=split, model=usual_model(split) if before.model == usual_model(before.split) else before.model)


# ---------------------------------------------------------------- what it will take
def _offer(info: SiteInfo) -> list[str] | None:
    """How long it will take, and the command; or a sentence on why it cannot be."""
    wanted = current()
    if lacking := _lacking(wanted):
        st.warning(lacking)
        return None
    try:
        runs = [run.id for run in _runs(info)]
        years = _years()
        if wanted.split == "leave-year-out" and len(years) < 2:
            raise InputError("Split", wanted.split, "needs two years or more", "choose blocked")
        took, known = work.seconds(wanted, _folds(years))
        source = "judged by the last fit with it" if known else "by experience"
        st.markdown(f"**About {duration(took)}**, {source}: {_folds(years)} folds, in the background.")
        held = None
        if wanted.split == "fixed-years":
            held = ([year for year in years if year not in wanted.test_years], wanted.test_years)
        return work.command(wanted, runs, held)
    except FluxscapeError as problem:
        st.warning(worded(str(problem)))
        return None


def _lacking(wanted: Choices) -> str:
    """What is still to be chosen; empty if nothing."""
    if not wanted.sites:
        return "A model learns from a tower: choose a site that has one, or bring a tower file."
    if wanted.footprint == OWN_FOOTPRINT and wanted.footprint_file is None:
        return "Footprint weights are still to come: bring a GeoTIFF of them, or choose another footprint."
    return "" if wanted.features() else "There is nothing to predict from: choose one or more features."


def _runs(info: SiteInfo) -> list[Run]:
    """The embedding of each site: of the site that is looked at, the one in the sidebar."""
    wanted = current()
    if EMBEDDING not in wanted.features():
        return []
    own = {info.id: state.view().run} if info.id in wanted.sites and state.view().run else {}
    return list(embedding_runs(sites.workspace(), Request(sites=wanted.sites, runs=own)).values())


def _years() -> list[int]:
    """Years in which the towers of the chosen sites measured."""
    infos = {site.id: site for site in sites.sites()}
    found: set[int] = set()
    for site in current().sites:
        start, end = tower.span(site) or (infos[site].tower_start, infos[site].tower_end)
        found |= set(range(int(start[:4]), int(end[:4]) + 1)) if start else set()
    return sorted(found)


def _folds(years: list[int]) -> int:
    folds = {"leave-year-out": len(years), "blocked": BLOCKS, "fixed-years": 1}
    return folds.get(current().split, min(MOST_FOLDS, len(current().sites)))
