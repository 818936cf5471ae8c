"""Sentences of the command line in the words of the page, and what its controls are."""

from __future__ import annotations

import re

from core.ui.messages import sentence

CONTROLS = {  # option of the command line -> the control of the page
    "--api": "Address",
    "--bands": "Bands",
    "--collection": "another archive",
    "--crs": "Coordinate system",
    "--date": "Date",
    "--look": "the table below",
    "--mapping": "the table below",
    "--orbit": "Radar",
    "--site": "Name of the site",
    "--weather": "Daily weather",
}
PHRASES = {
    "call it again with the same options to go on from there": "what was fetched is kept: press Go on",
    "remove it first or choose another name": "choose another name",
    "name one with --collection, or choose another archive": "choose another archive",
    "use 'python -m core tower' for towers": "bring a tower's file on the GPP page, or give it as Daily weather",
    "or say what a layer is taken as by --mapping": "and say in the table that follows what a layer is taken as",
    "give it one first, for example with gdal_translate -a_ullr": "give it one first, for example in QGIS",
    "check mask, missing value and scale with --look": "check mask, missing value and scale in the table",
    "cut it to the site first, for example with gdal_translate": "cut it to the site first, for example in QGIS",
    "give a .zarr folder, a .zip or files ending in": "give a Zarr folder, a .zip or files ending in",
}
NAMES = {"api": "archive", "bands": "Bands"}  # argument of a message -> what the page calls it
NAMED = re.compile(rf"^({'|'.join(NAMES)}) '")
OPTION = re.compile(r"--[a-z-]+")
TOLD = {  # choice -> what it is, for a tooltip
    "lat": "Of the middle of the site, in degrees (WGS 84); negative in the south.",
    "lon": "Of the middle of the site, in degrees (WGS 84); negative in the west.",
    "size_km": "Of the square that is fetched, in kilometres; 1 km is 100 × 100 pixels.",
    "radar": "Which flights radar is taken of: both give more dates, one looks from one side alone.",
    "archive": "Where the pictures come from.",
}
ROLES = {
    "B02": "B02 blue", "B03": "B03 green", "B04": "B04 red", "B05": "B05 red edge", "B06": "B06 red edge",
    "B07": "B07 red edge", "B08": "B08 near infrared", "B8A": "B8A near infrared, narrow",
    "B11": "B11 short-wave infrared", "B12": "B12 short-wave infrared", "VV": "radar VV", "VH": "radar VH",
    "SCL": "scene classes (SCL)", "mask": "cloud mask, above 0 is cloud", "clear": "clear mask, above 0 is clear",
    "": "left out",
}  # fmt: skip


def worded(text: str) -> str:
    """A message with controls of the page in place of options of the command line."""
    for said, meant in PHRASES.items():
        text = text.replace(said, meant)
    text = NAMED.sub(lambda found: f"{NAMES[found[1]]} '", text)
    return sentence(OPTION.sub(lambda found: CONTROLS.get(found[0], found[0]), text))


def minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{max(10, round(seconds / 10) * 10):.0f} s"
    return f"{seconds / 60:.0f} minutes"
