"""Malformed links: what somebody edited in the address of a view, on the pages that heed it."""

from __future__ import annotations

from collections.abc import Iterator

ALL = EXPLORE, EMBED, CLUSTERS, TRAJECTORIES, GPP = (
    "explore.py",
    "embed.py",
    "clusters.py",
    "trajectories.py",
    "gpp.py",
)
MARKUP = "<script>alert(1)</script>"
OUT = "../../etc/passwd"

ROWS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # parameter: the pages, the values
    "site": (ALL, ("NO-Such", OUT, MARKUP, "x" * 300, "SMALL/..", "ＳＭＡＬＬ")),
    "date": (ALL, ("last summer", "2021-13-45", "0000-00-00", "99999-01-01", "1990-01-01", MARKUP)),
    "layer": ((EXPLORE,), ("x-ray", OUT, MARKUP, "__class__")),
    "index": ((EXPLORE,), ("NDXX", OUT, MARKUP, "__import__('os')", "N*2")),
    "pixel": (
        (EXPLORE, TRAJECTORIES),
        ("99,0", "-1,-1", "1", "a,b", "1,2,3", "²,³", "9" * 40 + ",0", "1.5,2", "nan,nan", MARKUP),
    ),
    "run": ((EXPLORE, EMBED, CLUSTERS, TRAJECTORIES), ("NONE", OUT, MARKUP, "SMALL")),
    "picture": ((EMBED,), ("x-ray", "dims 99 1 2", "dims 0 1 2", "dims a b c", "dims", "dims 1 2 3 4", OUT, MARKUP)),
    "fit": ((GPP,), ("NONE", OUT, MARKUP, "{run}")),
}


def rows() -> Iterator[tuple[str, str, str]]:
    """Every row: parameter, value, page."""
    for parameter, (pages, values) in ROWS.items():
        for value in values:
            for page in pages:
                yield parameter, value, page
