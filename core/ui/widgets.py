"""Widgets that stand at what is kept elsewhere."""

from __future__ import annotations

from typing import Any

import streamlit as st


def stand_at(key: str, value: Any) -> str:
    """Have the widget `key` stand at a value; returns the key.

    It is told only where it stands at another: a list of several or a field of numbers that is told a value, be it the
    one it has, drops what somebody is typing into it.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key
