"""A tower file of one's own: its columns, its unit, the days that each rule drops, and whether it is taken."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import streamlit as st

from core.flux import Rules, Tower, read_tower
from core.flux.daily import UNITS
from core.flux.desk import Choice
from core.flux.kept import TOWERS, keep_tower
from core.flux.text import ENDINGS, open_text
from core.schema import FluxscapeError, SiteInfo
from core.store import explained
from core.ui import loaders as sites
from core.ui.gpp import loaders
from core.ui.gpp.choices import change, current
from core.ui.gpp.words import worded

AUTO, EVERY = "as the format has it", "take every value"
BROUGHT = "brought"  # folder under TOWERS of files as they came
FILE = "Days or half hours with GPP; -9999 counts as missing. What is taken of it is shown before anything is used."
GPP = "The column with gross primary production."
QUALITY = "The column that tells measured from gap-filled values."
UNIT = "The unit of the GPP column; it is turned into gC m⁻² d⁻¹."
TIME = "The column with the day or the time."
ODD = re.compile(r"[^A-Za-z0-9._-]+")


def bring(info: SiteInfo) -> None:
    """Bring a file for the site that is looked at."""
    if not info.has_data:
        return
    if info.id in current().towers:
        st.caption(f"{info.id} takes the tower file you brought, `{current().towers[info.id].name}`.")
        words = "Leaves your file aside; it stays in the workspace."
        st.button("Take the site's own tower again", on_click=_drop, args=(info.id,), type="tertiary", help=words)
    with st.expander(f"A tower file of your own for {info.id}", expanded=not info.tower_days):
        kinds = [ending.removeprefix(".") for ending in ENDINGS]
        words = "FLUXNET, ICOS, AmeriFlux, REddyProc, or any table with a day and GPP"
        file = st.file_uploader(words, type=kinds, key=f"gpp file {info.id}", help=FILE)
        if file is not None:
            try:
                _desk(info, kept_as_it_came(file.name, file.getvalue()))
            except FluxscapeError as problem:
                st.error(worded(str(problem)))


def kept_as_it_came(name: str, content: bytes) -> Path:
    """An uploaded file on disk, in a folder named after its content."""
    folder = sites.workspace().root / TOWERS / BROUGHT / hashlib.sha256(content).hexdigest()[:16]
    path = folder / (ODD.sub("-", Path(name).name).lstrip(".-")[-100:] or "tower.csv")
    if not path.is_file():
        with explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return path


def span(site: str) -> tuple[str, str] | None:
    """First and last day (ISO) of a tower that was brought."""
    path = current().towers.get(site)
    if path is None or not path.is_file():
        return None
    days = loaders.brought_series(path).index
    return str(days[0].date()), str(days[-1].date())


def account(tower: Tower) -> str:
    """What was taken of a file, and how many days each rule drops, as Markdown."""
    told = tower.to_json()
    unit = "" if tower.source_unit == told["unit"] else f", from {tower.source_unit}"
    rows = [f"| {rule} | {count:,} |" for rule, count in tower.dropped.items()]
    lines = [
        f"**{told['days_valid']:,} of {told['days']:,} days count**, {told['start']} to {told['end']}, "
        f"on average {told['mean'] or 0:.2f} gC m⁻² d⁻¹{unit}.",
        f"GPP: `{tower.gpp_column}`, partitioning {tower.partitioning}. Quality: "
        + (f"`{tower.qc_column}`." if tower.qc_column else "every value was taken."),
        "\n".join(["| rule | days it drops |", "| --- | ---: |", *rows]),
    ]
    return "\n\n".join([*lines, *tower.notes])


# ---------------------------------------------------------------- inside
def _desk(info: SiteInfo, path: Path) -> None:
    columns = list(open_text(path).header().columns)
    left, right = st.columns(2, gap="small")
    key = path.parent.name
    gpp = left.selectbox("GPP column", [AUTO, *columns], key=f"gpp column {key}", help=GPP)
    quality = right.selectbox("Quality column", [AUTO, EVERY, *columns], key=f"gpp quality {key}", help=QUALITY)
    unit = left.selectbox("Unit", [AUTO, *UNITS], key=f"gpp unit {key}", help=UNIT)
    time = right.selectbox("Time column", [AUTO, *columns], key=f"gpp time {key}", help=TIME)
    tower = _read(str(path), gpp, quality, unit, time, current().min_quality, info.id)
    st.markdown(account(tower))
    tower.daily()  # refuses what has no values of days, before it is offered
    words = "Fits then learn from this file in place of the site's own tower."
    st.button(
        f"Take it as the tower of {info.id}", on_click=_take, args=(info.id, tower), key=f"gpp take {key}", help=words
    )


@st.cache_resource(max_entries=4, show_spinner="Reading the tower file")
def _read(path: str, gpp: str, quality: str, unit: str, time: str, least: float, site: str) -> Tower:
    def named(text: str) -> str | None:
        return None if text in (AUTO, EVERY) else text

    choice = Choice(
        gpp=named(gpp),
        quality=named(quality),
        no_quality=quality == EVERY,
        time=named(time),
        unit=named(unit),
        site=site,
    )
    return read_tower(Path(path), choice=choice, rules=Rules(min_quality=least))


def _take(site: str, tower: Tower) -> None:
    path = keep_tower(tower, sites.workspace().root / TOWERS)
    wanted = current().sites if site in current().sites else (*current().sites, site)
    change(towers={**current().towers, site: path}, sites=wanted)


def _drop(site: str) -> None:
    change(towers={name: path for name, path in current().towers.items() if name != site})
