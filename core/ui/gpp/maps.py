"""GPP of every pixel through a year: made in the background, looked at on the date player."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st

from core.embedding.pace import duration
from core.frames import Frames, nearest_date
from core.images import value_frames
from core.schema import SiteInfo
from core.store import Run
from core.ui import jobs, messages, sidebar, state
from core.ui import loaders as sites
from core.ui.gpp import loaders, work
from core.ui.gpp.choices import MAP, change, current, follows
from core.ui.gpp.loaders import Fit
from core.ui.player import PlayerState, date_player

EVERY = 10  # days between maps
MISSING = 0  # palette index over which the hatch shows
HEIGHT = 430  # CSS px, at most
PIXELS_S = 5_000  # pixel-dates a second, on two cores
SMALL = 100_000_000  # bytes: a file of at most this can be downloaded by a button
LAYERS = {
    "GPP": ("gpp", "gC m⁻² d⁻¹"),
    "width of the 90 % interval": ("width", "gC m⁻² d⁻¹"),
    "dissimilarity to the training data": ("dissimilarity", ""),
}
HOLDS = "All maps of the year in one file: GPP, its 90 % interval, and the dissimilarity, on the pixels of the site."
LAYER = (
    "GPP of each pixel; how wide the interval around it is that should hold 90 % of days; or how far the pixel is from "
    "anything the model learnt from."
)
HATCH = "Hatches pixels unlike anything the model learnt from: their GPP is a guess, and its interval promises nothing."


def draw(info: SiteInfo, fit: Fit) -> None:
    """The year, the maps if there are any, else what they will take and the button."""
    years = list(range(int(info.start[:4]), int(info.end[:4]) + 1))
    wanted = state.view().date[:4]
    first = [int(wanted)] if wanted.isdecimal() and int(wanted) in years else []
    left, right = st.columns((4, 11), vertical_alignment="bottom")
    left.selectbox("Year", years, **follows("map_year", among=[*first, *years]), help="The year that is mapped.")
    path = path_of(fit.run, info.id, current().map_year)
    if path.is_file():
        with right, st.container(horizontal=True, vertical_alignment="center"):
            st.pills("Layer", list(LAYERS), required=True, wrap=True, **follows("map_layer"), help=LAYER)
            st.toggle("Hatch what is unlike the training data", **follows("map_hatch"), help=HATCH)
        _show(info, path)
        return
    job = jobs.find(sites.workspace(), work.MAPS)
    if job is not None and job.running:
        work.watch(work.MAPS)
        return
    with right:
        _offer(info, fit.run, path)
    work.show_failure(work.MAPS, "The last maps")


def draw_date(info: SiteInfo, run: Run | None) -> None:
    """The date in the sidebar: of the maps where they are shown, else of the acquisitions."""
    dates = np.unique(sites.site(info.id).cube["time"].values.astype("datetime64[D]"))
    if run is not None and current().part == MAP:
        path = path_of(run, info.id, current().map_year)
        dates = frames(path, "GPP").dates if path.is_file() else dates
    texts = [str(day) for day in dates]
    sidebar.draw_date(texts, shown=texts[nearest_date(dates, state.view().date)])


def path_of(run: Run, site: str, year: int) -> Path:
    """Where the maps of a year lie."""
    return sites.workspace().root / "exports" / run.id / f"gpp-{site}-{year}.nc"


def frames(path: Path, layer: str, *, hatched: bool = False) -> Frames:
    """A layer of stored maps, ready for the player; `hatched`, without what lies outside the area of applicability."""
    return _frames(str(path), path.stat().st_mtime, layer, hatched)


# ---------------------------------------------------------------- inside
def _offer(info: SiteInfo, run: Run, path: Path) -> None:
    year, pixels = current().map_year, info.shape[0] * info.shape[1]
    count = len(range(0, 366, EVERY))
    took = work.STARTING_S + count * (0.3 + pixels / PIXELS_S)
    st.markdown(
        f"{count} maps of {info.id}, one every {EVERY} days of {year}: **about {duration(took)}**, in the background."
    )
    words = "Computes the maps in the background and keeps them; it can be cancelled."
    st.button(f"Map {year}", key="gpp map", on_click=_begin, args=(info.id, run, year, path), help=words)


def _begin(site: str, run: Run, year: int, path: Path) -> None:
    with messages.explained():
        words = [sys.executable, "-m", "core", "gpp", "map", run.id, site, "--start", f"{year}-01-01"]
        words += ["--end", f"{year}-12-31", "--every", str(EVERY), "--to", str(path)]
        jobs.start(sites.workspace(), work.MAPS, words, threads=None)


def _show(info: SiteInfo, path: Path) -> None:
    if current().map_layer not in LAYERS:
        change(map_layer="GPP")
    shown = frames(path, current().map_layer, hatched=current().map_hatch)
    left, right = st.columns((11, 6), gap="medium")
    with left:
        seen = date_player(shown, date=state.view().date, key="gpp player", height=HEIGHT, on_change=_follow)
    with right:
        st.markdown(_words(path, shown, seen.shown))
        if path.stat().st_size <= SMALL:
            st.download_button("Download NetCDF", path.read_bytes(), path.name, key=f"download {path.name}", help=HOLDS)


def _words(path: Path, shown: Frames, date: str) -> str:
    """What a date's map amounts to."""
    cube = loaders.maps(path).isel(time=shown.nearest(date))
    known = np.isfinite(cube["gpp"].values)
    if not known.any():
        return f"**{date}**: no pixel was seen within the model's window, so none has a value."
    outside = float(cube["outside"].values[known].mean())
    low, mean, high = (float(np.nanmean(cube[name].values)) for name in ("low", "gpp", "high"))
    return (
        f"**{date}**: on average **{mean:.1f} gC m⁻² d⁻¹**; of single pixels and days, 90 % lie within about "
        f"{low:.1f} to {high:.1f}. {100 * known.mean():.0f} % of the pixels have a value; **{100 * outside:.0f} % of "
        "these are unlike what the model was trained on**: there the interval promises nothing. A model learns from "
        "the mean of a whole footprint; single pixels vary more, and other covers than the tower's may well be new to "
        "it."
    )


def _follow(shown: PlayerState) -> None:
    state.choose(date=shown.date)


@st.cache_resource(max_entries=4, show_spinner=False)
def _frames(path: str, changed: float, layer: str, hatched: bool) -> Frames:
    cube = loaders.maps(Path(path))
    name, unit = LAYERS[layer]
    values = cube["high"] - cube["low"] if name == "width" else cube[name]
    known = values.values[np.isfinite(values.values)]
    low, high = (float(np.quantile(known, q)) for q in (0.01, 0.99)) if known.size else (0.0, 1.0)
    limits = (0.0 if name == "gpp" else max(0.0, low), max(high, low + 1e-3))
    whole = value_frames(values.assign_attrs(crs=cube.attrs.get("crs", "")), label=layer, unit=unit, limits=limits)
    if not hatched:
        return whole
    outside = cube["outside"].values[whole.start : whole.start + len(whole.pixels)] > 0
    return replace(whole, pixels=np.where(outside, MISSING, whole.pixels).astype(np.uint8))
