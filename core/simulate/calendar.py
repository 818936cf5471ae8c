"""The days of a simulation: the years asked for, after one year of spin-up."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.schema import InputError
from core.simulate.arrays import Ints

Dates = NDArray[np.datetime64]


@dataclass(frozen=True)
class Calendar:
    """Every day from 1 January before `first_year` (spin-up) to 31 December of `last_year`."""

    first_year: int
    last_year: int

    def __post_init__(self) -> None:
        if not 1980 <= self.first_year <= self.last_year <= 2100:
            raise InputError(
                "years",
                (self.first_year, self.last_year),
                "is no span of years",
                "give (first, last) between 1980 and 2100, such as (2019, 2022)",
            )

    @cached_property
    def dates(self) -> Dates:
        """Every day (days,) as datetime64[D], spin-up included."""
        return np.arange(f"{self.first_year - 1}-01-01", f"{self.last_year + 1}-01-01", dtype="datetime64[D]")

    @cached_property
    def year(self) -> Ints:
        return self.dates.astype("datetime64[Y]").astype(np.int64) + 1970

    @cached_property
    def doy(self) -> Ints:
        """Day of the year, 1..366, (days,)."""
        return (self.dates - self.dates.astype("datetime64[Y]")).astype(np.int64) + 1

    @property
    def years(self) -> range:
        """All years, the spin-up year first."""
        return range(self.first_year - 1, self.last_year + 1)

    @property
    def recorded_years(self) -> range:
        return range(self.first_year, self.last_year + 1)

    @cached_property
    def recorded(self) -> slice:
        """The days that are output: all but the spin-up."""
        return slice(self.index(f"{self.first_year}-01-01"), len(self.dates))

    def __len__(self) -> int:
        return len(self.dates)

    def index(self, date: str) -> int:
        """Position of an ISO date; may lie outside 0..len for a date outside the calendar."""
        return int((np.datetime64(date, "D") - self.dates[0]).astype(np.int64))

    def days_of(self, year: int) -> slice:
        """Positions of the days of a year."""
        return slice(self.index(f"{year}-01-01"), self.index(f"{year + 1}-01-01"))
