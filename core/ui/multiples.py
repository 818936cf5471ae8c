"""Small multiples: a map for each dimension of an embedding at the date of the player, and what it goes with.

The maps of all dates travel once and lie in the browser, so they follow the player while it plays.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from core.embedding.meaning import Bar
from core.embedding.pictures import Maps
from core.ui.component import component
from core.ui.media import publish

_mount = component("multiples", "payloads.js")


def small_multiples(maps: Maps, bars: Sequence[Sequence[Bar]], *, date: str, key: str) -> None:
    """Draw the maps at `date` (ISO) with their bars, -1..1, under them; `bars` of a map may be empty."""
    url = publish(maps.pixels.tobytes(), key=key, name=f"{maps.digest}.bin")
    _mount(key=key, data=multiples_data(maps, bars, url=url, date=date))


def multiples_data(maps: Maps, bars: Sequence[Sequence[Bar]], *, url: str, date: str) -> dict[str, Any]:
    """All the browser needs beside the pixels, ready for JSON."""
    tiles = [
        {
            "name": channel.label,
            "low": channel.low,
            "high": channel.high,
            "bars": [{"name": bar.name, "value": round(bar.value, 3)} for bar in under],
        }
        for channel, under in zip(maps.channels, bars, strict=True)
    ]
    return {
        "url": url,  # where the pixels are: uint8 (count, tiles, rows, cols), of the dates from the `start`-th on
        "start": maps.start,
        "count": len(maps.pixels),
        "palette": base64.b64encode(maps.palette.tobytes()).decode(),
        "dates": [str(day) for day in maps.dates],
        "rows": maps.grid.rows,
        "cols": maps.grid.cols,
        "tiles": tiles,
        "date": date,
        "content": f"{maps.digest} {tiles}",  # a new one makes the browser lay out anew
    }
