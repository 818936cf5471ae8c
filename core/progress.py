"""How long work tells how far it is: it is given one of these, and what that raises ends the work."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]  # hears of the share 0..1 that is done, and of what is being done
Report = Callable[[float], object]  # hears of the share alone
