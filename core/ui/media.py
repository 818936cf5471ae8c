"""Bytes that travel once: offered as a file named after its content, which the browser asks for when it is new."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime import get_instance


def publish(content: bytes, *, key: str, name: str, kind: str = "application/octet-stream") -> str:
    """Serve `content` for as long as this session shows it under `key`; return its URL. `kind`: its MIME type.

    The name matters: Streamlit tells large files apart by a sample of their bytes and their name. A file outlives what
    showed it by one run, as downloads do: a browser still asks for charts of the page that its reader has just left.
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    url = get_instance().media_file_mgr.add(content, kind, key, file_name=name, is_for_static_download=True)
    return f"/{base}{url}" if base else url
