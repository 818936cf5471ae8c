"""Plotly figures from plain data: core.ui.chart shows them.

Every figure takes `theme`, one of palette.LIGHT and palette.DARK, and stands on a transparent ground.
"""

from core.figures.calendar import acquisition_calendar
from core.figures.layout import CONFIG
from core.figures.meaning import meaning_matrix
from core.figures.series import pixel_series
from core.figures.spectrum import spectrum
from core.figures.strips import site_strips

__all__ = ["CONFIG", "acquisition_calendar", "meaning_matrix", "pixel_series", "site_strips", "spectrum"]
