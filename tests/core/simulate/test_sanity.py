"""The demo sites against what is known of their classes: indices, backscatter and uptake in their seasons."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from core.schema import clear_share
from core.simulate.site import SimulatedSite
from core.simulate.spec import DEMO_SITES, Cover

Range = tuple[float, float]


class Expected(NamedTuple):
    """Ranges a class has to keep; index ranges are of its mean over clear, snow-free dates."""

    cover: Cover
    ndvi_low: Range  # 3rd percentile of dates
    ndvi_high: Range  # 97th percentile
    nirv_high: Range
    ndmi_high: Range
    red_edge: Range  # B05, median of June to August
    vv: Range  # dB, median of all dates
    vh: Range  # dB
    gpp_year: Range  # gC m-2 a-1 of each year without drought
    gpp_p95: Range  # gC m-2 d-1


# Ranges of each class in the literature, as wide as one site may stray from its class mean.
EXPECTED = {
    "SIM-DBF": Expected(
        Cover.BROADLEAF, (0.38, 0.58), (0.87, 0.96), (0.36, 0.52), (0.30, 0.48), (0.06, 0.12),
        (-10.5, -8.0), (-15.0, -13.0), (1200, 1650), (9.5, 12.5),
    ),
    "SIM-ENF": Expected(
        Cover.CONIFER, (0.25, 0.80), (0.85, 0.93), (0.16, 0.27), (0.35, 0.60), (0.04, 0.09),
        (-11.5, -8.5), (-16.5, -13.5), (830, 1080), (7.0, 9.0),
    ),
    "SIM-GRA": Expected(
        Cover.MEADOW, (0.40, 0.65), (0.88, 0.96), (0.33, 0.48), (0.28, 0.45), (0.08, 0.16),
        (-11.0, -9.0), (-18.0, -15.5), (1400, 1850), (9.5, 12.5),
    ),
    "SIM-CRO": Expected(
        Cover.CROP, (0.25, 0.50), (0.78, 0.96), (0.33, 0.52), (0.25, 0.48), (0.09, 0.20),
        (-12.5, -8.5), (-18.5, -15.5), (1100, 1450), (10.0, 13.5),
    ),
    "SIM-WET": Expected(
        Cover.WETLAND, (0.25, 0.45), (0.72, 0.88), (0.11, 0.22), (0.10, 0.30), (0.05, 0.11),
        (-11.5, -9.0), (-20.0, -17.5), (450, 640), (4.8, 6.6),
    ),
    "SIM-SAV": Expected(
        Cover.SAVANNA, (0.30, 0.45), (0.74, 0.88), (0.20, 0.32), (0.12, 0.32), (0.13, 0.24),
        (-11.5, -9.0), (-19.5, -16.5), (580, 960), (4.8, 6.4),
    ),
}  # fmt: skip


def inside(value: float, limits: Range) -> bool:
    return limits[0] <= value <= limits[1]


@pytest.fixture(scope="module", params=EXPECTED)
def case(request: pytest.FixtureRequest, demo: Callable[[str], SimulatedSite]) -> tuple[SimulatedSite, Expected]:
    return demo(request.param), EXPECTED[request.param]


def class_means(site: SimulatedSite, cover: Cover) -> pd.DataFrame:
    """Mean reflectance of a cover on snow-free dates that show at least half of it."""
    here = site.cube["landcover"] == cover.code
    bands = site.cube[["B02", "B04", "B05", "B08", "B8A", "B11"]].where(here)
    shown = np.isfinite(bands["B04"]).sum(("y", "x")) / here.sum()
    means = bands.sel(time=shown > 0.5).mean(("y", "x")).to_dataframe()
    return means[means["B02"] < 0.14]


def class_power(site: SimulatedSite, cover: Cover, band: str) -> pd.Series:
    """Mean backscatter of a cover, dB."""
    power = 10 ** (site.cube[band].where(site.cube["landcover"] == cover.code) / 10)
    return 10 * np.log10(power.mean(("y", "x"))).to_series()


def ndvi(means: pd.DataFrame) -> pd.Series:
    return (means["B08"] - means["B04"]) / (means["B08"] + means["B04"])


def test_ndvi_and_nirv_span_what_the_class_does(case: tuple[SimulatedSite, Expected]) -> None:
    site, expected = case
    means = class_means(site, expected.cover)
    low, high = ndvi(means).quantile([0.03, 0.97])
    assert inside(low, expected.ndvi_low)
    assert inside(high, expected.ndvi_high)
    assert inside((ndvi(means) * means["B08"]).quantile(0.97), expected.nirv_high)


def test_red_edge_and_moisture_index_are_those_of_the_class(case: tuple[SimulatedSite, Expected]) -> None:
    site, expected = case
    means = class_means(site, expected.cover)
    ndmi = (means["B8A"] - means["B11"]) / (means["B8A"] + means["B11"])
    summer = means[means.index.month.isin([6, 7, 8])]
    assert inside(ndmi.quantile(0.97), expected.ndmi_high)
    assert inside(summer["B05"].median(), expected.red_edge)


def test_backscatter_is_that_of_the_class(case: tuple[SimulatedSite, Expected]) -> None:
    site, expected = case
    assert inside(class_power(site, expected.cover, "VV").median(), expected.vv)
    assert inside(class_power(site, expected.cover, "VH").median(), expected.vh)


def test_water_is_dark_in_both_polarisations(case: tuple[SimulatedSite, Expected]) -> None:
    site, _ = case
    if (site.cube["landcover"] == Cover.WATER.code).any():
        assert inside(class_power(site, Cover.WATER, "VV").median(), (-23, -17))
        assert inside(class_power(site, Cover.WATER, "VH").median(), (-26, -21))


def test_uptake_of_usual_years_and_good_days_is_that_of_the_class(case: tuple[SimulatedSite, Expected]) -> None:
    site, expected = case
    gpp = site.truth["tower_gpp"].to_series()
    by_year = gpp.groupby(gpp.index.year).sum()
    assert all(inside(total, expected.gpp_year) for year, total in by_year.items() if year != 2022)
    assert inside(gpp.quantile(0.95), expected.gpp_p95)


def test_the_site_is_clear_and_measured_often_enough(case: tuple[SimulatedSite, Expected]) -> None:
    site, _ = case
    assert inside(clear_share(site.cube), (0.2, 0.6))
    assert inside(site.tower["gpp"].isna().mean(), (0.07, 0.14))
    assert inside(site.tower["filled"].mean(), (0.05, 0.30))


def test_noise_leaves_a_ceiling_below_one(case: tuple[SimulatedSite, Expected]) -> None:
    site, _ = case
    true = site.truth["tower_gpp"].to_series()
    good = site.tower["gpp"].notna() & ~site.tower["filled"]
    error = (site.tower["gpp"] - true)[good]
    assert inside(1 - (error**2).sum() / ((true[good] - true[good].mean()) ** 2).sum(), (0.90, 0.985))


def test_the_forest_drought_is_only_half_visible(demo: Callable[[str], SimulatedSite]) -> None:
    site = demo("SIM-DBF")
    gpp = site.truth["tower_gpp"].to_series()
    greenness = ndvi(class_means(site, Cover.BROADLEAF))

    def late_summer(series: pd.Series, dry: bool) -> float:
        chosen = series.index.month.isin([7, 8, 9]) & ((series.index.year == 2022) == dry)
        return float(series[chosen].mean())

    assert late_summer(gpp, dry=True) < 0.85 * late_summer(gpp, dry=False)
    assert late_summer(greenness, dry=True) > late_summer(greenness, dry=False) - 0.06


@pytest.mark.parametrize(("site_id", "months"), [("SIM-DBF", {5, 6, 7, 8}), ("SIM-SAV", {2, 3, 4, 5})])
def test_seasons_peak_when_they_should(demo: Callable[[str], SimulatedSite], site_id: str, months: set[int]) -> None:
    gpp = demo(site_id).truth["tower_gpp"].to_series()
    assert int(gpp.groupby(gpp.index.month).mean().idxmax()) in months


def test_every_demo_site_is_tested() -> None:
    assert set(EXPECTED) == set(DEMO_SITES)
