"""How layers of files become bands of a site: every guess in sight, and open to correction before it is stored."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping as Map
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.schema import InputError
from core.sources.describe_grid import UNUSABLE_CLASSES
from core.sources.formats import reading
from core.sources.ingest.words import CLOUD_ROLES, ROLES, is_optical, is_radar

REFLECTANCE, DECIBEL, LINEAR, SCALED = "reflectance", "dB", "linear power", "(dB + 30) / 35"
RADAR_UNITS = (DECIBEL, LINEAR, SCALED)
AS_NAMED = "as named"  # processing baselines are told by names or tags, file by file
OFFSET_DAY = "2022-01-25"  # processing baseline 04.00 went into operation at ESA


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One layer, as it is spelled in one file or in many, and what is made of it."""

    layer: str
    role: str  # a band, "SCL", "mask" (above 0: no view), "clear" (above 0: seen); "" = left out
    files: int = 1
    dates: int = 0
    pixel_m: float = 0.0
    unit: str = ""  # of the numbers after scale and offset: of radar "dB", "linear power" or "(dB + 30) / 35"
    scale: float = 1.0  # value = number x scale + offset, after what the file itself states
    offset: float = 0.0
    missing: float | None = None  # number that stands for no value, besides what the file itself states
    why: str = ""  # what this rests on


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """What is made of all files. Change any of it with `corrected`."""

    entries: tuple[Entry, ...]
    crs: str = ""  # stands for what the files state; "" = as they state
    shifted_from: str = ""  # numbers are 1000 larger (reflectance 0.1) from this day on; "" = nowhere; AS_NAMED
    unusable: tuple[int, ...] = UNUSABLE_CLASSES  # scene classes without a view of the ground
    remarks: tuple[str, ...] = ()  # what to know before storing, a sentence each

    def of(self, role: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.role == role]

    @property
    def cloud_role(self) -> str:
        """What tells where the ground is seen: scene classes before a mask; "" = nothing does."""
        return next((role for role in CLOUD_ROLES if self.of(role)), "")

    def to_json(self) -> dict[str, Any]:
        return json.loads(json.dumps(asdict(self)))  # tuples as lists

    @classmethod
    def from_json(cls, data: Map[str, Any]) -> Mapping:
        """What `to_json` wrote."""
        lists = {name: tuple(data[name]) for name in ("unusable", "remarks")}
        return cls(**{**data, **lists, "entries": tuple(Entry(**entry) for entry in data["entries"])})

    def corrected(self, changes: Map[str, Any]) -> Mapping:
        """This mapping with some of what `to_json` shows changed; entries are matched by their layer."""
        known = {"entries", "crs", "shifted_from", "unusable", "remarks"}
        if wrong := sorted(set(changes) - known):
            raise InputError("mapping", ", ".join(wrong), "is no part of a mapping", f"use {', '.join(sorted(known))}")
        entries = {entry.layer: entry for entry in self.entries}
        for change in _checked(changes.get("entries", []), list, "entries"):
            changed = _entry(entries, _checked(change, dict, "entries"))
            entries[changed.layer] = changed
        return replace(
            self,
            entries=tuple(entries.values()),
            crs=str(changes.get("crs", self.crs) or ""),
            shifted_from=_day(changes.get("shifted_from", self.shifted_from) or ""),
            unusable=tuple(
                _class(value) for value in _checked(changes.get("unusable", self.unusable), None, "unusable")
            ),
        )


def read_mapping(path: Path) -> dict[str, Any]:
    """The changes in a JSON file."""
    with reading(path, "JSON"):
        changes = json.loads(path.read_text(encoding="utf-8"))
    return dict(_checked(changes, dict, "mapping"))


# ---------------------------------------------------------------- checks
def _entry(entries: Map[str, Entry], change: Map[str, Any]) -> Entry:
    layer = str(change.get("layer"))
    if layer not in entries:
        raise InputError("mapping", layer, "is no layer of these files", f"choose from: {', '.join(entries)}")
    fields = {key: change[key] for key in ("role", "unit", "scale", "offset", "missing") if key in change}
    entry = replace(entries[layer], **fields)
    if fields.keys() and entry != entries[layer]:
        entry = replace(entry, why="as you say")
    return _checked_entry(entry)


def _checked_entry(entry: Entry) -> Entry:
    if entry.role and entry.role not in ROLES:
        problem = f"is no role of the layer {entry.layer}"
        raise InputError("mapping", entry.role, problem, f'use {", ".join(ROLES)}, or "" to leave it out')
    if is_radar(entry.role) and entry.unit not in RADAR_UNITS:
        problem = f"is no unit of the radar layer {entry.layer}"
        raise InputError("mapping", entry.unit, problem, f"use {', '.join(RADAR_UNITS)}")
    for name in ("scale", "offset", "missing"):
        number = getattr(entry, name)
        if number is None and name == "missing":
            continue
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise InputError("mapping", number, f"is no {name} of the layer {entry.layer}", "give a number")
    if entry.scale == 0:
        raise InputError("mapping", 0, f"is no scale of the layer {entry.layer}", "give a number other than 0")
    return replace(entry, unit=REFLECTANCE) if is_optical(entry.role) else entry


def _checked(value: Any, kind: type | None, name: str) -> Any:
    if not isinstance(value, (kind or (list, tuple))):
        wanted = "an object" if kind is dict else "a list"
        raise InputError(
            "mapping", value, f"is no {name}", f"give {wanted} as 'python -m core ingest --look --json' shows"
        )
    return value


def _class(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError("unusable", value, "is no scene class", "give whole numbers, such as 3, 8, 9")
    return value


def _day(text: object) -> str:
    if text == AS_NAMED:
        return AS_NAMED
    try:
        return str(np.datetime64(str(text), "D")) if text else ""
    except ValueError:
        raise InputError("shifted_from", text, "is no date", 'write it as 2022-01-25, or "" for nowhere') from None
