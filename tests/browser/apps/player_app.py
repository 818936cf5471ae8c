"""A page with nothing but the player, on a cube whose every colour is known."""

from dataclasses import replace

import numpy as np
import streamlit as st
import xarray as xr

from core.frames import Frames
from core.images import layer_frames, value_frames
from core.ui.player import PlayerState, date_player

ROWS, COLUMNS = 20, 30
DATES = np.arange("2021-01-01", "2021-03-02", 5, dtype="datetime64[D]")
CLOUDY = (3, 4)  # positions of dates without any clear pixel
NO_VALUE = (slice(0, 4), slice(0, 6))  # rows and columns never seen


def make_cube() -> xr.Dataset:
    rng = np.random.default_rng(7)
    bands = {}
    for band in ("B02", "B03", "B04", "B08"):
        values = rng.uniform(0.02, 0.18, (DATES.size, ROWS, COLUMNS)).astype(np.float32)
        values[list(CLOUDY)] = np.nan
        values[:, *NO_VALUE] = np.nan
        bands[band] = (("time", "y", "x"), values)
    place = {"y": 5_600_005.0 - 10 * np.arange(ROWS), "x": 500_005.0 + 10 * np.arange(COLUMNS)}
    times = {"time": DATES.astype("datetime64[ns]")}
    return xr.Dataset(bands, coords=times | place, attrs={"crs": "EPSG:32632"})


def make_frames(layer: str, date: str) -> Frames:
    """The layer "blocks" is true colour with room for two dates only."""
    cube = make_cube()
    if layer == "difference":
        return value_frames(cube["B08"] - cube["B04"], label="difference", unit="1")
    budget = 2 * ROWS * COLUMNS * 4 if layer == "blocks" else 10**9
    return replace(layer_frames(cube, "true colour", date=date, budget=budget), label=layer)


def follow(state: PlayerState) -> None:
    st.session_state.date, st.session_state.pixel = state.date, state.pixel


def main() -> None:
    st.set_page_config(layout="wide")
    memory = st.session_state
    memory.setdefault("date", st.query_params.get("date", "2021-01-06"))
    memory.setdefault("pixel", None)
    memory["runs"] = memory.get("runs", 0) + 1
    layer = st.radio("layer", ["true colour", "difference", "blocks"], horizontal=True)
    if st.button("Go to 11 February"):
        memory.date = "2021-02-11"
    frames = make_frames(layer, memory.date)
    state = date_player(frames, date=memory.date, pixel=memory.pixel, key="player", height=300, on_change=follow)
    st.text(f"date {state.date} shown {state.shown} pixel {state.pixel} runs {memory.runs}")


if __name__ == "__main__":
    main()
