"""Sentences of the command line, and names of regressors, in the words of the page."""

from __future__ import annotations

import re

from core.gpp.regressors import REGRESSORS
from core.ui.messages import sentence

CONTROLS = {  # option of the command line -> the control of the page
    "--features": "Features",
    "--footprint": "the footprint",
    "--gpp": "GPP column",
    "--min-quality": "Least quality",
    "--model": "Regressor",
    "--no-quality": "'take every value' as Quality column",
    "--quality": "Quality column",
    "--run": "the embedding in the sidebar",
    "--split": "Split",
    "--test-years": "Held-out years",
    "--time": "Time column",
    "--tower": "the tower file",
    "--train-years": "the other years",
    "--unit": "Unit",
    "--window": "Window",
    "site": "Sites",
}
OPTION = re.compile(r"(?:argument )?(--[A-Za-z-]+|\bSITE(?= '))( SITE=FILE)?")


def regressor(name: str) -> str:
    """What a regressor is, and in brackets what it is called."""
    known, called = REGRESSORS.get(name), name.replace("_", " ")
    return f"{sentence(known.label)} ({called})" if known else called


def worded(text: str) -> str:
    """A message with controls of the page in place of options of the command line."""
    return sentence(OPTION.sub(lambda found: CONTROLS.get(found[1].lower(), found[0]), text))
