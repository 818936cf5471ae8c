"""What happens to patches: the list of true events that change detection is judged by."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from core.simulate.arrays import Ints
from core.simulate.calendar import Calendar
from core.simulate.landscape import Landscape
from core.simulate.rng import child
from core.simulate.spec import Cover, SiteSpec

EventType = Literal["drought", "mowing", "harvest", "clearcut", "fire", "windthrow", "beetle"]

SMALLEST_DISTURBED = 35  # pixels; smaller patches are left in peace


@dataclass(frozen=True, kw_only=True)
class Event:
    """One true event. `end` differs from `date` only for what lasts: a drought."""

    type: EventType
    date: str  # ISO, first day
    end: str  # ISO, last day
    patches: tuple[int, ...]  # patch numbers, see the truth's `patch` map
    pixels: int  # how many pixels those patches have
    crop: str = ""  # what was harvested

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class _Risk(NamedTuple):
    """One kind of disturbance: whom it strikes, between which days of a year, and how many patches at once."""

    type: EventType
    covers: tuple[Cover, ...]
    first_doy: int
    last_doy: int
    patches: int


RISKS = (
    _Risk("clearcut", (Cover.CONIFER,), 20, 80, 1),
    _Risk("beetle", (Cover.CONIFER,), 150, 190, 1),
    _Risk("fire", (Cover.SAVANNA, Cover.SHRUB), 195, 245, 2),
    _Risk("clearcut", (Cover.BROADLEAF,), 310, 345, 1),
    _Risk("windthrow", (Cover.BROADLEAF, Cover.CONIFER), 20, 75, 1),
)


def draw_disturbances(spec: SiteSpec, landscape: Landscape, calendar: Calendar, *, seed: int) -> list[Event]:
    """At most one event of each risk, away from the tower and never twice in one patch, in order of date."""
    rng = child(seed, spec.id, "disturbances")
    exposed = _exposed_patches(landscape)
    events: list[Event] = []
    for risk in RISKS:
        year = _year_of(rng, calendar)
        doy = int(rng.integers(risk.first_doy, risk.last_doy + 1))
        candidates = [patch for patch in exposed if landscape.covers[patch - 1] in risk.covers]
        if not candidates:
            continue
        struck = [int(p) for p in rng.choice(candidates, min(risk.patches, len(candidates)), replace=False)]
        exposed = [patch for patch in exposed if patch not in struck]
        date = np.datetime64(f"{year}-01-01") + np.timedelta64(doy - 1, "D")
        events.append(make_event(risk.type, date, struck, landscape))
    return sorted(events, key=lambda event: event.date)


def drought_events(spec: SiteSpec, landscape: Landscape, calendar: Calendar) -> list[Event]:
    """The site's drought over all patches, or none if it lies outside the calendar."""
    if spec.drought is None or spec.drought.year not in calendar.recorded_years:
        return []
    new_year = np.datetime64(f"{spec.drought.year}-01-01")
    first, last = (new_year + np.timedelta64(doy - 1, "D") for doy in (spec.drought.first_doy, spec.drought.last_doy))
    everywhere = range(1, len(landscape.covers) + 1)
    return [make_event("drought", first, everywhere, landscape, end=last)]


def management_events(
    event_type: EventType, patches: Ints, when: Iterator[tuple[int, int, str]], landscape: Landscape, calendar: Calendar
) -> list[Event]:
    """Events of recorded days from (row, day, crop) triples; `patches[row]` is the patch a row stands in."""
    return [
        make_event(event_type, calendar.dates[day], [int(patches[row])], landscape, crop=crop)
        for row, day, crop in when
        if day >= calendar.recorded.start
    ]


def make_event(
    event_type: EventType,
    date: np.datetime64,
    patches: Any,
    landscape: Landscape,
    *,
    end: np.datetime64 | None = None,
    crop: str = "",
) -> Event:
    """An event of one or more patches (an iterable of patch numbers), its pixels counted."""
    numbers = tuple(sorted(int(patch) for patch in patches))
    pixels = int(landscape.pixels[np.array(numbers) - 1].sum())
    return Event(
        type=event_type,
        date=str(date),
        end=str(date if end is None else end),
        patches=numbers,
        pixels=pixels,
        crop=crop,
    )


def _year_of(rng: np.random.Generator, calendar: Calendar) -> int:
    """A recorded year, not the first where there are several: something has to be seen before it changes."""
    years = list(calendar.recorded_years)
    return int(rng.choice(years[1:] or years))


def _exposed_patches(landscape: Landscape) -> list[int]:
    """Patches that are large enough and lie well away from the tower."""
    middle, reach = (landscape.size - 1) / 2, 0.27 * landscape.size
    exposed = []
    for patch in np.flatnonzero(landscape.pixels >= SMALLEST_DISTURBED) + 1:
        rows, columns = np.nonzero(landscape.patch == patch)
        if np.hypot(rows.mean() - middle, columns.mean() - middle) > reach:
            exposed.append(int(patch))
    return exposed
