"""How far a work of many blocks is, and how long it will still take."""

from __future__ import annotations

import time

from core.progress import Progress


class Pace:
    """Counts pixel-dates and tells; the time left is judged by what this call has done itself."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress = total, progress
        self.finished = self.own = 0
        self.began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Since the beginning of this call."""
        return time.perf_counter() - self.began

    @property
    def share(self) -> float:
        """Done, 0..1."""
        return self.finished / self.total

    def skip(self, pixel_dates: int) -> None:
        """Done by an earlier call."""
        self.finished += pixel_dates

    def step(self, pixel_dates: int) -> None:
        """Done just now."""
        self.finished += pixel_dates
        self.own += pixel_dates
        left = duration((self.total - self.finished) * self.seconds / self.own)
        if self.progress:
            self.progress(self.share, f"{self.finished:,} of {self.total:,} pixel-dates, {left} left")


def duration(seconds: float) -> str:
    """A length of time in a few characters."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
