"""Known places: European flux-tower sites for which data can be brought. Where each stands, and no data."""

import csv
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from core.schema import NotFoundError, SiteInfo

PLACES_FILE = Path(__file__).with_name("places.csv")


@lru_cache(maxsize=1)
def known_places() -> tuple[SiteInfo, ...]:
    """The 47 flux-tower sites of the paper's cubes, as places on the map."""
    lines = PLACES_FILE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return tuple(_place(row) for row in rows)


def find_place(code: str) -> SiteInfo:
    """The known place of a tower's code, in whatever letters."""
    places = {place.id: place for place in known_places()}
    found = next((place for name, place in places.items() if name.lower() == code.strip().lower()), None)
    if found is not None:
        return found
    like = get_close_matches(code, places, n=5, cutoff=0.5) or sorted(places)
    raise NotFoundError("tower", code, "is no tower known here", f"use {', '.join(like)}, or give its place")


def _place(row: dict[str, str]) -> SiteInfo:
    return SiteInfo(
        id=row["id"],
        kind="place",
        title=f"Flux tower {row['id']}",
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        igbp=row["igbp"],
        description="A known flux-tower site without data here: bring a cube or a tower file for it.",
        provenance="Coordinates and class as published by the flux networks.",
    )
