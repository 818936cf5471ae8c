"""Malformed form values: what a browser can send that its own controls would not let a reader type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streamlit.testing.v1 import AppTest

from core.ui.embed.form import BOX

MARKUP = "<script>alert(1)</script>"
NAN, ENDLESS = float("nan"), 1e308


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is done on a page, in order, and the sentence that answers it; "" where a value is simply not taken over."""

    page: str
    acts: tuple[tuple[str, str, Any], ...]  # kind of control, key or label, value
    says: str = ""


def _numbers(page: str, key: str, *values: float) -> dict[str, Entry]:
    return {f"{key} = {value:g}": Entry(page=page, acts=(("number_input", key, value),)) for value in values}


def _file(page: str, key: str, before: tuple[tuple[str, str, Any], ...], *names: str) -> dict[str, Entry]:
    contents = {
        "a page": b"<!DOCTYPE html><html>Please log in</html>",
        "noise": bytes(range(256)) * 20,
        "nothing": b"",
        "a pickle": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
    }
    return {
        f"{key} {name}: {what}": Entry(
            page=page, acts=(*before, ("file_uploader", key, (name, content, "application/octet-stream"))), says="."
        )
        for name in names
        for what, content in contents.items()
    }


ENTRIES: dict[str, Entry] = {
    **_numbers("clusters.py", "clusters_k", 0, -1, 1, 25, 100_000, 1e15),
    **_numbers("gpp.py", "gpp_window", 0, -5, 121, 1e15),
    **_numbers("gpp.py", "gpp_min_quality", -0.5, 7, NAN, ENDLESS),
    **_numbers("embed.py", "embed_limit_context_share", -5, 900, 1e15),
    **_numbers("embed.py", "embed_limit_sensor_gap", -5, 1e15),
    **{
        f"an edge of the box = {value:g}": Entry(
            page="embed.py",
            acts=(("selectbox", "request_area_0", BOX), ("number_input", "request_west_0", value)),
        )
        for value in (0, -1e15, 1e15)
    },
    **{
        f"a cluster named {name[:20]!r}": Entry(
            page="clusters.py", acts=(("text_input", "clusters_new_name", name), ("button", "Rename", True))
        )
        for name in ("", " ", "x" * 5000, MARKUP, "a\nb", "\0", "✓ Moor £")
    },
    "no cluster merged": Entry(page="clusters.py", acts=(("button", "Merge", True),)),
    "one cluster merged": Entry(
        page="clusters.py", acts=(("multiselect", "clusters_merged", [1]), ("button", "Merge", True))
    ),
    "no site to learn from": Entry(
        page="gpp.py", acts=(("multiselect", "gpp_sites", []),), says="A model learns from a tower"
    ),
    "no feature to learn from": Entry(
        page="gpp.py", acts=(("button_group", "gpp_kinds", []),), says="nothing to predict from|needs two years"
    ),
    **_file("gpp.py", "gpp file SMALL", (), "tower.csv", "tower.parquet", "tower.zip", "../../tower.csv"),
}


def rows() -> Iterator[tuple[str, Entry]]:
    """Every row."""
    yield from ENTRIES.items()


def act(app: AppTest, kind: str, name: str, value: Any) -> AppTest:
    """Do one thing to the control with that key or label."""
    control = next(part for part in app.get(kind) if name in (part.key, part.label))
    return (control.click() if kind == "button" else control.set_value(value)).run()
