"""From files: uploaded, or by their path on this computer; what they do not say themselves; a look at them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.schema import FluxscapeError
from core.ui import loaders, messages
from core.ui.own_site import mapping, uploads, weather, work
from core.ui.own_site.choices import Choices, change, current
from core.ui.own_site.words import worded
from core.ui.widgets import stand_at

LOOK = "See what they hold"
SAYS = (
    "GeoTIFF, NetCDF, or a .zip of such or of Zarr: Sentinel-2 with bands named B02 to B12 or blue, green, red …, and "
    "Sentinel-1 (VV, VH) if you have it. Dates are read from the files or their names. Nothing is stored before you "
    "have seen what each layer is taken as."
)


def form() -> None:
    """The files, the button that looks at them, and what they hold."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(SAYS)
        _upload()
    with right:
        _path()
        _unsaid()
        weather.bring()
    wanted = current()
    if wanted.uploaded is None and not wanted.path:
        return
    words = _words(wanted)
    looked = wanted.read == work.target_of(words, kind="read")
    if looked:
        work.show_look(wanted.read, "Looking at the files")
        if there := work.found(wanted.read):
            mapping.show(there, words)
            return
        if work.is_running(wanted.read):
            return
    told = "Reads what each layer is, and shows it; nothing is stored yet."
    st.button(LOOK, type="primary", on_click=_begin_look, help=told)
    if looked:
        work.show_failure(wanted.read)


def _upload() -> None:
    files = st.file_uploader(
        f"Upload: up to {uploads.FILE_MB} MB a file, 1 GB together",
        type=[ending.removeprefix(".") for ending in uploads.IMAGES],
        accept_multiple_files=True,
        max_upload_size=uploads.FILE_MB,
        key="own_files",
        help="All files of one site together: they are sent to the computer that runs Fluxscape.",
    )
    folder = None
    try:
        folder = uploads.keep(loaders.workspace(), files) if files else None
    except FluxscapeError as problem:
        st.error(worded(str(problem)))
    before = current().uploaded
    if folder != before:
        if before is not None and not work.is_used(before):
            uploads.forget(loaders.workspace(), [str(before)])
        change(uploaded=folder, changes={}, shifted_from=None)


def _path() -> None:
    st.text_input(
        "Or a file or folder on the computer that runs Fluxscape: up to 8 GB a file, 20 GB together",
        placeholder="/home/me/my-images",
        key=stand_at("own_path", current().path),
        help="Read where it lies, without an upload: for large records.",
        on_change=lambda: change(path=st.session_state["own_path"].strip(), changes={}, shifted_from=None),
    )


def _unsaid() -> None:
    """What files may leave open."""
    wanted = current()
    given = bool(wanted.date or wanted.bands or wanted.crs)
    with st.expander("What the files do not say themselves", expanded=given):
        for name, label, example, words in (
            ("date", "Date of images that tell none", "2021-07-14", "Year, month and day, as 2021-07-14."),
            ("bands", "Bands that carry no names, in their order", "B02, B03, B04, B08", "Names of Sentinel bands."),
            ("crs", "Coordinate system, where none or a wrong one is stated", "EPSG:32632", "As an EPSG code."),
        ):
            key = stand_at(f"own_{name}", getattr(wanted, name))
            st.text_input(
                label,
                placeholder=example,
                key=key,
                help=words,
                on_change=lambda name=name, key=key: change(**{name: st.session_state[key].strip()}),
            )


def _words(wanted: Choices) -> list[str]:
    """The files as the command line knows them, and what is said besides."""
    paths = [str(wanted.uploaded)] if wanted.uploaded else []
    paths += [str(Path(wanted.path).expanduser().absolute())] if wanted.path else []
    words = ["ingest", *paths]
    for option in ("date", "bands", "crs"):
        if value := getattr(wanted, option):
            words.append(f"--{option}={value}")
    return [*words, "--weather", str(wanted.weather)] if wanted.weather else words


def _begin_look() -> None:
    """Of what is asked now: a path may have been typed a moment before the click."""
    with messages.explained():
        if (path := st.session_state["own_path"].strip()) != current().path:
            change(path=path)
        words = _words(current())
        change(read=work.look(words, kind="read", option="--look"), changes={}, shifted_from=None)
