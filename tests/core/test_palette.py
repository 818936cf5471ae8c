import itertools
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from core.palette import (
    CYCLIC_ANCHORS,
    DARK,
    DIVERGING_ANCHORS,
    LIGHT,
    MISSING,
    QUALITATIVE,
    SEQUENTIAL_ANCHORS,
    day_of_year_colours,
    lookup_table,
    plotly_scale,
    ramp,
    rgb,
)

# Full dichromacy, on linear RGB: Machado, Oliveira & Fernandes (2009), severity 1.0.
VISION = {
    "normal": np.eye(3),
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}
SRGB_TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
WHITE_D65 = [0.95047, 1.0, 1.08883]


def linear(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    part = np.asarray(colours, float) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(colours: NDArray[np.uint8], vision: str = "normal") -> NDArray[np.float64]:
    """CIE 1976 L*a*b* of sRGB colours (n, 3) as seen with a kind of colour vision."""
    seen = np.clip(linear(colours) @ np.transpose(VISION[vision]), 0, 1)
    xyz = seen @ np.transpose(SRGB_TO_XYZ) / WHITE_D65
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours."""
    luminances = sorted(float(linear(np.array(rgb(colour))) @ SRGB_TO_XYZ[1]) for colour in (one, other))
    return (luminances[1] + 0.05) / (luminances[0] + 0.05)


def test_lab_of_known_colours() -> None:
    np.testing.assert_allclose(lab(np.array([[255, 255, 255]])), [[100, 0, 0]], atol=0.01)
    np.testing.assert_allclose(lab(np.array([[255, 0, 0]])), [[53.24, 80.09, 67.20]], atol=0.02)


@pytest.mark.parametrize("vision", VISION)
def test_clusters_are_told_apart_by_everyone(vision: str) -> None:
    seen = lab(np.array([rgb(colour) for colour in QUALITATIVE]), vision)
    nearest = min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2))
    assert nearest > 18  # a just noticeable difference is about 2.3


@pytest.mark.parametrize("vision", VISION)
def test_no_cluster_looks_like_missing(vision: str) -> None:
    seen, grey = (lab(np.array([rgb(colour) for colour in colours]), vision) for colours in (QUALITATIVE, [MISSING]))
    assert np.linalg.norm(seen - grey, axis=1).min() > 15  # and missing is always hatched


def test_the_year_closes_without_a_jump() -> None:
    colours = lab(day_of_year_colours(np.arange(1, 367)))
    steps = np.linalg.norm(colours - np.roll(colours, 1, axis=0), axis=1)
    assert steps[0] < 3  # from 31 December to 1 January
    assert steps.max() < 3


def test_winter_is_blue_and_summer_green_gold() -> None:
    winter, summer = day_of_year_colours([1, 183]).astype(int)
    assert winter[2] > winter[0] + 60
    assert summer[1] > summer[2] + 60
    assert len(set(CYCLIC_ANCHORS)) == len(CYCLIC_ANCHORS)


@pytest.mark.parametrize("vision", VISION)
def test_more_is_darker(vision: str) -> None:
    assert (np.diff(lab(ramp(SEQUENTIAL_ANCHORS), vision)[:, 0]) < 0.3).all()  # within rounding to bytes
    assert np.ptp(lab(ramp(SEQUENTIAL_ANCHORS), vision)[:, 0]) > 55


def test_normal_is_white_and_both_sides_darken_alike() -> None:
    lightness = lab(ramp(DIVERGING_ANCHORS, steps=255))[:, 0]
    assert lightness[127] == pytest.approx(100, abs=0.01)
    assert (np.diff(lightness[:128]) > -0.3).all()
    assert (np.diff(lightness[127:]) < 0.3).all()
    assert lightness[0] == pytest.approx(lightness[-1], abs=8)


def test_a_lookup_table_keeps_nothing_for_missing() -> None:
    table = lookup_table(SEQUENTIAL_ANCHORS)
    assert table[0].tolist() == [0, 0, 0, 0]
    assert tuple(table[1]) == (*rgb(SEQUENTIAL_ANCHORS[0]), 255)
    assert tuple(table[255]) == (*rgb(SEQUENTIAL_ANCHORS[-1]), 255)


def test_plotly_scale_spans_0_to_1() -> None:
    scale = plotly_scale(DIVERGING_ANCHORS)
    assert (scale[0], scale[3], scale[-1]) == ((0.0, "#6b3a0d"), (0.5, "#ffffff"), (1.0, "#0a504f"))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_text_and_data_stand_out_from_the_page(theme: object) -> None:
    for name in ("text", "muted", "observed"):
        assert contrast(getattr(theme, name), theme.page) > 4.5, name  # WCAG AA for text
    for name in ("predicted", "cursor", "vv", "vh", "rain", "warm"):
        assert contrast(getattr(theme, name), theme.page) > 3, name  # WCAG AA for graphics


def test_importing_the_palette_is_cheap() -> None:
    code = (
        "import sys, core.palette; print([n for n in ('matplotlib', 'plotly', 'pandas', 'xarray') if n in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
