"""What each layer of the files is taken as: shown with its reason, and corrected before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.schema import FluxscapeError
from core.sources.ingest.mapping import AS_NAMED, OFFSET_DAY, RADAR_UNITS, Entry, Mapping
from core.sources.ingest.words import is_optical, is_radar
from core.store import write_json
from core.ui import messages
from core.ui.own_site import work
from core.ui.own_site.archive import name_input, site_asked
from core.ui.own_site.choices import change, current
from core.ui.own_site.words import ROLES, worded

MAKE = "Make the site"
AS_IT_IS = "as it is"
NUMBERS = {  # of an entry: what the page calls them, and what they are
    "scale": ("Times", "What stored numbers are multiplied by, to give reflectance of 0 to 1: often 0.0001."),
    "offset": ("Plus", "What is added afterwards."),
    "missing": ("No value", "The stored number that stands for a missing one."),
}
ROW_PX = 35  # height of a table's row
SHIFTS = {"": "nowhere", OFFSET_DAY: f"from {OFFSET_DAY} on", AS_NAMED: "where the files' names say so"}


def show(there: Map[str, Any], words: Sequence[str]) -> None:
    """The table, the corrections, and the button that stores the site."""
    guessed = Mapping.from_json(there["mapping"])
    try:
        made = guessed.corrected(_changes())
    except FluxscapeError as problem:
        st.error(worded(str(problem)))
        made = guessed
    st.markdown(_summary(there))
    height = min(ROW_PX * (len(made.entries) + 1) + 3, 460)
    st.dataframe(_rows(made), hide_index=True, width="stretch", height=height, row_height=ROW_PX)
    if made.remarks:
        head = "What was guessed, before your corrections:" if _is_corrected() else "To know beforehand:"
        st.caption("\n".join([head, "", *(f"- {worded(remark)}" for remark in made.remarks)]))
    _correct(made)
    if there["stops"] and not _is_corrected():
        st.warning(worded(there["stops"]))
    else:
        _make(guessed, words)


# ---------------------------------------------------------------- what was found
def _summary(there: Map[str, Any]) -> str:
    files = f"{there['files']} file" + ("s" if there["files"] != 1 else "")
    dates = there["optical_dates"]
    when = f"{dates} optical date{'s' if dates != 1 else ''}" + (
        f" from {there['start']} to {there['end']}" if dates else ""
    )
    weather = f" Weather: {', '.join(there['weather'])}." if there["weather"] else ""
    return f"**{files}, {when}.** This is what each layer is taken as.{weather}"


def _rows(made: Mapping) -> list[dict[str, Any]]:
    """One row a layer, those that are used first."""
    entries = sorted(made.entries, key=lambda entry: not entry.role)
    return [
        {
            "layer": entry.layer,
            "taken as": ROLES[entry.role],
            "dates": entry.dates,
            "pixel (m)": f"{entry.pixel_m:.3g}",
            "unit": entry.unit if entry.role else "",
            "times": _times(entry),
            "no value": "" if entry.missing is None else f"{entry.missing:g}",
            "because": entry.why,
        }
        for entry in entries
    ]


def _times(entry: Entry) -> str:
    shift = f" {'+' if entry.offset > 0 else '-'} {abs(entry.offset):g}" if entry.offset else ""
    return f"{entry.scale:g}{shift}" if entry.role else ""


# ---------------------------------------------------------------- corrections
def _changes() -> dict[str, Any]:
    """The reader's corrections, as `Mapping.corrected` takes them."""
    wanted = current()
    entries = [{"layer": layer, **fields} for layer, fields in wanted.changes.items()]
    shift = {} if wanted.shifted_from is None else {"shifted_from": wanted.shifted_from}
    return {"entries": entries, **shift}


def _is_corrected() -> bool:
    return bool(current().changes) or current().shifted_from is not None


def _correct(made: Mapping) -> None:
    with st.expander("Correct it", expanded=_is_corrected()):
        _shift(made)
        words = "Layers that were taken as something they are not; several get the same correction."
        layers = st.multiselect(
            "Layers to correct", [entry.layer for entry in made.entries], key="own_layers", help=words
        )
        if layers:
            _fields([entry for entry in made.entries if entry.layer in layers])
        if _is_corrected():
            fresh: dict[str, Any] = {"changes": {}, "shifted_from": None}
            st.button("Undo all corrections", on_click=change, kwargs=fresh, help="Goes back to what was guessed.")


def _shift(made: Mapping) -> None:
    """The 1000 of processing baseline 04.00."""
    st.session_state["own_shift"] = made.shifted_from
    st.selectbox(
        "Take 0.1 off reflectance (the 1000 that processing baseline 04.00 added)",
        list(dict.fromkeys([*SHIFTS, made.shifted_from])),
        format_func=lambda day: SHIFTS.get(day, f"from {day} on"),
        key="own_shift",
        help="Since 2022-01-25 reflectance of Sentinel-2 is stored with 1000 added; of some archives it is off again.",
        on_change=lambda: change(shifted_from=st.session_state["own_shift"]),
    )


def _fields(entries: Sequence[Entry]) -> None:
    """The same correction for all the layers chosen."""
    first = entries[0]
    stand = " ".join(entry.layer for entry in entries) + f" {first.role} {first.unit} {first.scale} {first.offset}"
    keys = {name: f"own {name} of {stand} {first.missing}" for name in ("role", "unit", *NUMBERS)}
    columns = st.columns((4, 3, 2, 2, 2), gap="small", vertical_alignment="bottom")
    roles: list[str | None] = [None, *ROLES] if len(entries) > 1 else list(ROLES)
    taken = columns[0].selectbox(
        "Taken as",
        roles,
        index=0 if len(entries) > 1 else roles.index(first.role),
        format_func=lambda name: AS_IT_IS if name is None else ROLES[name],
        key=keys["role"],
        help="The band, polarisation or mask that the layer holds.",
    )
    columns[1].selectbox(
        "Unit of radar",
        RADAR_UNITS,
        index=RADAR_UNITS.index(first.unit) if first.unit in RADAR_UNITS else 0,
        disabled=not any(is_radar(entry.role if taken is None else taken) for entry in entries),
        key=keys["unit"],
        help="How backscatter is stored: in decibels, as power, or as decibels brought to 0 to 1.",
    )
    for column, (name, (label, words)) in zip(columns[2:], NUMBERS.items(), strict=True):
        value, hint = getattr(first, name), "none" if name == "missing" else None
        column.number_input(label, value=value, format="%g", placeholder=hint, key=keys[name], help=words)
    words = "Takes these over for the layers chosen; the table above shows the outcome."
    st.button("Correct", on_click=_take, args=(entries, keys), help=words)


def _take(entries: Sequence[Entry], keys: Map[str, str]) -> None:
    """What stands in the fields now: a number may have been typed a moment before the click."""
    stands = {name: st.session_state[key] for name, key in keys.items()}
    changes = dict(current().changes)
    for entry in entries:
        role = entry.role if stands["role"] is None else stands["role"]
        own: dict[str, Any] = {} if stands["role"] is None else {"role": role}
        if is_radar(role):
            own["unit"] = stands["unit"]
        if is_optical(role) or is_radar(role):
            own |= {name: stands[name] for name in NUMBERS}
        changes[entry.layer] = {**changes.get(entry.layer, {}), **own}
    change(changes=changes)


# ---------------------------------------------------------------- storing
def _make(guessed: Mapping, words: Sequence[str]) -> None:
    name, button = st.columns((3, 2), gap="small", vertical_alignment="bottom")
    with name:
        name_input(current())
    try:
        site_asked()
    except FluxscapeError as problem:
        st.warning(worded(str(problem)))
        return
    told = "Stores the site in the workspace in the background; your files stay as they are."
    button.button(MAKE, type="primary", width="stretch", on_click=_begin, args=(guessed, list(words)), help=told)


def _begin(guessed: Mapping, words: list[str]) -> None:
    """With the name and corrections as they stand now: one may have been typed a moment before the click."""
    with messages.explained():
        made, site = guessed.corrected(_changes()), site_asked()
        path = work.folder(work.target_of(words, kind="read")) / f"mapping-{site}.json"
        write_json(path, made.to_json())
        work.begin([*words, "--mapping", str(path), "--site", site], kind=work.INGEST, site=site)
