"""The mapping that layers suggest: by their names, by what the files state, and by the numbers themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.schema import BACKSCATTER_RANGE, REFLECTANCE_RANGE, S2_BANDS
from core.sources.ingest.layers import Layer
from core.sources.ingest.mapping import AS_NAMED, DECIBEL, LINEAR, OFFSET_DAY, REFLECTANCE, SCALED, Entry, Mapping
from core.sources.ingest.words import CLEAR_MASK, CLOUD_MASK, SCENE_CLASSES, is_optical, is_radar, role_of

DATES_LOOKED_AT = 12  # of each layer, spread over all
PIXELS_LOOKED_AT = 128  # of each side, in the middle
SCALED_MEDIANS = {"VV": 0.3, "VH": 0.2}  # in linear power a median above it would be a city: -5 and -7 dB
SHIFT = 0.1  # reflectance, what processing baseline 04.00 added
DARK = ("B02", "B03", "B04")  # bands in which some pixel of some date is nearly black, unless their numbers are shifted
DATES_TO_JUDGE = 3
BYTE = 8  # bits
UNCALIBRATED = 100.0  # linear power is below it even over a city


class Sample(NamedTuple):
    values: NDArray[np.float64]  # finite, of every date looked at
    days: NDArray[np.datetime64]  # of each value
    zeros: float  # share of values that are exactly 0


def guess(layers: Sequence[Layer]) -> Mapping:
    """The mapping of all layers together."""
    groups: dict[str, list[Layer]] = {}
    for layer in layers:
        groups.setdefault(layer.name, []).append(layer)
    roles = _roles(groups)
    samples = {name: _sample(groups[name]) for name, role in roles.items() if is_optical(role) or is_radar(role)}
    scale, scaled_why = _optical_scale(groups, roles, samples)
    entries = []
    for name, group in groups.items():
        role = roles[name]
        entry = Entry(
            layer=name,
            role=role,
            files=len(group),
            dates=len({day for layer in group for day in layer.stack.times.astype("datetime64[D]")}),
            pixel_m=min(layer.pixel for layer in group),
        )
        if is_optical(role):
            entry = _optical(entry, group, samples[name], scale, scaled_why)
        elif is_radar(role):
            entry = _radar(entry, group, roles, samples)
        else:
            entry = _other(entry, group, roles)
        entries.append(entry)
    shifted = _shifted_from(layers, entries, samples)
    return Mapping(entries=tuple(entries), shifted_from=shifted, remarks=tuple(_remarks(entries, layers, shifted)))


# ---------------------------------------------------------------- roles
def _roles(groups: dict[str, list[Layer]]) -> dict[str, str]:
    """The role of each layer by its name; of several with one role, the finest."""
    roles = {name: role_of(name) for name in groups}
    finest: dict[str, float] = {}
    for name, role in roles.items():
        size = min(layer.pixel for layer in groups[name])
        finest[role] = min(size, finest.get(role, size))
    coarser = [name for name, role in roles.items() if role and groups[name][0].pixel > 1.01 * finest[role]]
    for name in coarser:
        if role_of(name) != SCENE_CLASSES:
            roles[name] = ""
    return roles


def _sample(group: Sequence[Layer]) -> Sample:
    """Some numbers of a layer, as the file states them."""
    places = [(layer, index) for layer in group for index in range(len(layer.stack.times))]
    step = max(1, len(places) // DATES_LOOKED_AT)
    values, days = [], []
    for layer, index in places[::step]:
        rows, cols = (_middle(len(axis)) for axis in (layer.stack.y, layer.stack.x))
        part = layer.stack.read(slice(index, index + 1), rows, cols).astype(float).ravel()
        part = part[np.isfinite(part)]
        values.append(part)
        days.append(np.full(part.size, layer.stack.times[index].astype("datetime64[D]")))
    every = np.concatenate(values)
    return Sample(every, np.concatenate(days), float((every == 0).mean()) if every.size else 0.0)


def _middle(length: int) -> slice:
    first = max(0, (length - PIXELS_LOOKED_AT) // 2)
    return slice(first, min(length, first + PIXELS_LOOKED_AT))


# ---------------------------------------------------------------- optical
def _optical_scale(
    groups: dict[str, list[Layer]], roles: dict[str, str], samples: dict[str, Sample]
) -> tuple[float, str]:
    """The scale of all optical layers whose file states none, together: water alone is dark in any unit."""
    open_names = [name for name, role in roles.items() if is_optical(role) and not groups[name][0].stated]
    values = [samples[name].values for name in open_names]
    positive = np.concatenate([part[part > 0] for part in values]) if values else np.empty(0)
    if not positive.size:
        return 1.0, ""
    high = float(np.percentile(positive, 98))
    if high <= REFLECTANCE_RANGE[1]:
        return 1.0, "numbers lie within 0..1"
    if high <= 150:
        return 0.01, f"98 % of the numbers are below {high:.0f}: per cent"
    return 1e-4, f"98 % of the numbers are below {high:.0f}: reflectance times 10000"


def _optical(entry: Entry, group: Sequence[Layer], sample: Sample, scale: float, why: str) -> Entry:
    stated = group[0].stated
    if not stated and group[0].integer and group[0].bits == BYTE:
        return _with(entry, role="", unit=REFLECTANCE, why="a picture of 8 bits, no reflectance: left out")
    values = sample.values[sample.values != 0]
    if stated and values.size and np.percentile(values, 98) > REFLECTANCE_RANGE[1]:
        scale, why = 1e-4, "the file states a scale, and yet the numbers are far above 1: taken times 10000"
    elif stated:
        scale, why = 1.0, "scaled as the file states"
    lowest = sample.values.min() if sample.values.size else 0.0
    missing = 0.0 if sample.zeros > 0 else None
    if lowest * scale < REFLECTANCE_RANGE[0]:
        missing, why = float(lowest), f"{why}; {lowest:g} stands for no value"
    return _with(entry, unit=REFLECTANCE, scale=scale, missing=missing, why=why)


def _shifted_from(layers: Sequence[Layer], entries: Sequence[Entry], samples: dict[str, Sample]) -> str:
    """The day from which numbers are larger by 1000, where dark pixels say so and no file does."""
    told = [layer.shifted for layer in layers if is_optical(role_of(layer.name)) and layer.shifted is not None]
    if told:
        return AS_NAMED if any(told) else ""
    darkest, days = [], set()
    for entry in entries:
        if entry.role in DARK and entry.layer in samples:
            sample = samples[entry.layer]
            late = (sample.days >= np.datetime64(OFFSET_DAY)) & (sample.values != (entry.missing or np.nan))
            late &= sample.values != 0
            if late.any():
                darkest.append(np.percentile(sample.values[late] * entry.scale + entry.offset, 0.5))
                days |= set(sample.days[late])
    if len(days) < DATES_TO_JUDGE or not darkest or min(darkest) < SHIFT:
        return ""
    return OFFSET_DAY


# ---------------------------------------------------------------- radar
def _radar(entry: Entry, group: Sequence[Layer], roles: dict[str, str], samples: dict[str, Sample]) -> Entry:
    values = samples[entry.layer].values
    values = values[values != 0]
    said = f"{entry.layer} {group[0].units}".lower()
    missing = 0.0 if samples[entry.layer].zeros > 0 else None
    if values.size and values.min() < BACKSCATTER_RANGE[0]:
        missing = float(values.min())
        values = values[values > BACKSCATTER_RANGE[0]]
    if not values.size:
        return _with(entry, unit=DECIBEL, missing=missing, why="holds no value")
    middle, low, high = np.median(values), np.percentile(values, 1), np.percentile(values, 99)
    if low < 0:
        return _with(entry, unit=DECIBEL, missing=missing, why=f"1 % of the numbers are below {low:.1f}: decibels")
    if high > UNCALIBRATED:
        problem = f"99 % of the numbers are below {high:.0f}: no calibrated backscatter, left out"
        return _with(entry, role="", unit=LINEAR, why=problem)
    pair = {roles[name]: np.median(samples[name].values) for name in samples if is_radar(roles[name])}
    whole = all(median > SCALED_MEDIANS[role] for role, median in pair.items())
    if high <= 1 and whole and "linear" not in said:
        why = f"all within 0..1 with a median of {middle:.2f}: scaled as the paper's cubes are, ({DECIBEL} + 30) / 35"
        return _with(entry, unit=SCALED, missing=missing, why=why)
    why = f"nowhere negative, with a median of {middle:.3g}: linear power"
    return _with(entry, unit=LINEAR, missing=missing, why=why)


# ---------------------------------------------------------------- the rest
def _other(entry: Entry, group: Sequence[Layer], roles: dict[str, str]) -> Entry:
    if entry.role == SCENE_CLASSES:
        return _with(entry, unit="classes", why="scene classes of Sentinel-2 Level-2A")
    if entry.role in (CLOUD_MASK, CLEAR_MASK):
        words = "; ".join(f"{value} {word}" for value, word in group[0].flags.items())
        why = (
            f"the file says: {words}" if words else f"above 0 means {'no view' if entry.role == CLOUD_MASK else 'seen'}"
        )
        return _with(entry, unit="mask", why=why)
    if role := role_of(entry.layer):
        return _with(entry, why=f"coarser than the other layer of {role}")
    return _with(entry, why="no band, scene class or mask by its name")


def _with(entry: Entry, **changes: object) -> Entry:
    return replace(entry, **changes)  # type: ignore[arg-type]


def _remarks(entries: Sequence[Entry], layers: Sequence[Layer], shifted: str) -> Iterator[str]:
    present = {entry.role for entry in entries}
    optical = [band for band in S2_BANDS if band in present]
    if any(layer.unnamed for layer in layers):
        yield f"Bands carry no names: {', '.join(optical) or 'they'} were taken by their number; check them."
    if optical and len(optical) < len(S2_BANDS):
        lacking = [band for band in S2_BANDS if band not in optical]
        yield f"Without {', '.join(lacking)}: stored as missing, and embeddings are poorer for it."
    for entry in entries:
        if is_optical(entry.role) and entry.scale != 1:
            yield f"Optical numbers are divided by {1 / entry.scale:g} ({entry.why})."
            break
    for unit in dict.fromkeys(entry.unit for entry in entries if is_radar(entry.role)):
        which = [entry for entry in entries if is_radar(entry.role) and entry.unit == unit]
        yield f"Radar ({', '.join(sorted({entry.role for entry in which}))}) is taken as {unit} ({which[0].why})."
    if shifted == AS_NAMED:
        yield "1000 is taken off the numbers of images of processing baseline 04.00 and later, by their names or tags."
    elif shifted:
        yield f"From {shifted} on 0.1 is taken off reflectance: no dark pixel there, as with processing baseline 04.00."
    if optical and not any(role in present for role in (SCENE_CLASSES, CLOUD_MASK, CLEAR_MASK)):
        yield "Nothing marks clouds: every value counts as clear."
    written = {layer.stack.name for layer in layers if layer.dated_by == "the time the file was written"}
    if written:
        yield f"{len(written)} files are dated by when they were written, such as '{min(written)}': check their dates."
