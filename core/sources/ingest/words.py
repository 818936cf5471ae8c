"""How the field spells bands, scene classes and masks: the role a layer plays, by its name alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.schema import S1_BANDS, S2_BANDS

SCENE_CLASSES = "SCL"  # classes of Sen2Cor, ESA's processor of Sentinel-2 Level-2A
CLOUD_MASK = "mask"  # above 0 where nothing of the ground is seen
CLEAR_MASK = "clear"  # above 0 where the ground is seen
CLOUD_ROLES = (SCENE_CLASSES, CLOUD_MASK, CLEAR_MASK)
ROLES = (*S2_BANDS, *S1_BANDS, *CLOUD_ROLES)

# Common names of the STAC extension "electro-optical", and other spellings without signs between the letters.
SPELLINGS = {
    "B02": ("blue",),
    "B03": ("green",),
    "B04": ("red",),
    "B05": ("rededge", "rededge1", "rededge071", "re1", "vre1"),
    "B06": ("rededge2", "rededge075", "re2", "vre2"),
    "B07": ("rededge3", "rededge078", "re3", "vre3"),
    "B08": ("nir", "nir1", "nirbroad", "broadnir", "nirwide", "nearinfrared"),
    "B8A": ("nir08", "nir2", "nirnarrow", "narrownir", "nnir", "rededge4", "re4", "nir8a"),
    "B11": ("swir16", "swir1", "swir", "shortwaveinfrared1"),
    "B12": ("swir22", "swir2", "shortwaveinfrared2"),
    SCENE_CLASSES: ("scl", "sceneclass", "sceneclasses", "sceneclassification", "sceneclassificationmap"),
    CLOUD_MASK: ("cloudmask", "cloudsmask", "maskcloud", "clouds", "cloud", "cloudy", "mask"),
    CLEAR_MASK: ("clear", "clearmask", "clearsky", "maskclear", "valid", "validmask", "maskvalid", "isvalid", "usable"),
}
BY_SPELLING = {spelling: role for role, spellings in SPELLINGS.items() for spelling in spellings}
BAND = re.compile(r"b(?:and)?0?(\d{1,2}|8a)")
NO_VALUES = {"qa", "std", "stddev", "sd", "var", "count", "angle", "zenith", "azimuth", "prob", "probability", "ndvi"}
WORD = re.compile(r"[a-z0-9]+")


def role_of(name: str) -> str:
    """The role of a layer called `name`; "" where it plays none."""
    words = WORD.findall(name.lower())
    if NO_VALUES & set(words) or {"vv", "vh"} <= set(words):
        return ""
    found = (role for text in _joined(words) if (role := _exactly(text)))
    return next(found, "")


def _joined(words: list[str]) -> Iterator[str]:
    """Neighbouring words written together, the longest first: red_edge_1 is no red."""
    for length in range(min(4, len(words)), 0, -1):
        for start in range(len(words) - length, -1, -1):
            yield "".join(words[start : start + length])


def _exactly(text: str) -> str:
    if text in BY_SPELLING:
        return BY_SPELLING[text]
    band = BAND.fullmatch(text)
    if band:
        name = f"B{band[1].upper():0>2}"
        return name if name in S2_BANDS else ""
    return text.upper() if text.upper() in S1_BANDS else ""


def is_optical(role: str) -> bool:
    return role in S2_BANDS


def is_radar(role: str) -> bool:
    return role in S1_BANDS
