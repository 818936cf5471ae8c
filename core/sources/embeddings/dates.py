"""When an image is of: given by the user, stated in the file, or read off its name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.schema import InputError

MIDDLE = "07-01"  # month and day where the embedding of a whole year stands on the time axis
DAY_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_]?)(\d\d)\2(\d\d)(?!\d)")
YEAR_IN_NAME = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?![\d.]*\d)")
YEAR = re.compile(r"(?:19|20)\d\d")


class Moment(NamedTuple):
    """A date, and whether it stands for the whole year around it."""

    time: np.datetime64
    year: bool = False


def written(text: str, *, argument: str = "date") -> Moment:
    """A day as 2021-07-14, or a year as 2021."""
    text = text.strip()
    if YEAR.fullmatch(text):
        return of_year(int(text))
    try:
        dt.datetime.fromisoformat(text.removesuffix("Z"))
        return Moment(np.datetime64(text.removesuffix("Z"), "ns"))
    except ValueError:
        remedy = "write a day as 2021-07-14 or a year as 2021"
        raise InputError(argument, text, "is no date", remedy) from None


def of_year(year: int) -> Moment:
    """The embedding of a whole year stands in its middle."""
    return Moment(np.datetime64(f"{year}-{MIDDLE}", "ns"), year=True)


def in_name(path: Path) -> Moment | None:
    """The day in a file's name, else the year in it, else the year that a folder above it is named by."""
    if found := _first(_days(path.stem)):
        return found
    if year := YEAR_IN_NAME.search(path.stem):
        return of_year(int(year[1]))
    return _first(of_year(int(part)) for part in reversed(path.parent.parts[-4:]) if YEAR.fullmatch(part))


def _days(name: str) -> Iterable[Moment]:
    for found in DAY_IN_NAME.finditer(name):
        try:
            yield Moment(_stamp(dt.datetime(int(found[1]), int(found[3]), int(found[4]))))
        except ValueError:  # digits that are no date
            continue


def _first(found: Iterable[Moment]) -> Moment | None:
    return next(iter(found), None)


def _stamp(moment: dt.datetime) -> np.datetime64:
    return np.datetime64(moment, "ns")
