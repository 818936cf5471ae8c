import numpy as np
import pytest

from core.schema import S1_BANDS, S2_BANDS, TOWER_COLUMNS, WEATHER_COLUMNS
from core.simulate.towers import TowerTable, footprint_means, simulate_towers
from core.simulate.variants import tower_specs

CHOSEN = ("SIM-DBF-1", "SIM-CRO-4")


@pytest.fixture(scope="module")
def table() -> TowerTable:
    """Two of the thirty towers."""
    return simulate_towers(specs={name: tower_specs()[name] for name in CHOSEN})


def test_one_row_a_tower_and_one_row_a_tower_and_day(table: TowerTable) -> None:
    assert table.sites["site"].tolist() == list(CHOSEN)
    assert table.sites["igbp"].tolist() == ["DBF", "CRO"]
    assert len(table.daily) == len(table.truth) == 2 * (4 * 365 + 1)
    assert table.daily.groupby("site")["time"].apply(lambda t: t.is_monotonic_increasing).all()


def test_columns_are_weather_bands_and_tower_and_no_truth(table: TowerTable) -> None:
    expected = ["site", "time", *WEATHER_COLUMNS, *S2_BANDS, "clear_share", *S1_BANDS, *TOWER_COLUMNS]
    assert list(table.daily.columns) == expected
    assert list(table.truth.columns) == ["site", "time", "gpp", "leaf_area", "water_stress", "capacity"]


def test_bands_are_there_only_on_dates_with_a_clear_view(table: TowerTable) -> None:
    daily = table.daily
    seen = daily["B04"].notna()
    assert (daily.loc[seen, "clear_share"] >= 0.5).all()
    assert 0.1 < seen.sum() / daily["clear_share"].notna().sum() < 0.6
    assert daily["VV"].notna().mean() == pytest.approx(1 / 7, abs=0.03)
    assert daily["VV"].between(-25, 0).sum() == daily["VV"].notna().sum()


def test_the_tower_measures_the_truth_with_noise(table: TowerTable) -> None:
    both = table.daily.merge(table.truth, on=["site", "time"], suffixes=("", "_true"))
    measured = both[both["gpp"].notna() & ~both["filled"].astype(bool)]
    assert 0.9 < measured["gpp"].corr(measured["gpp_true"]) ** 2 < 0.995


def test_footprint_means_weigh_clear_pixels_alone(small) -> None:
    cube = small.cube[["B04"]].isel(y=slice(0, 2), x=slice(0, 2), time=slice(0, 1)).copy(deep=True)
    cube["B04"][0] = [[0.1, 0.2], [np.nan, 0.4]]
    weights = np.array([[0.5, 0.25], [0.125, 0.125]])
    means = footprint_means(cube, weights, ("B04",))
    assert means["clear_share"].tolist() == [0.875]
    assert means["B04"].iloc[0] == pytest.approx((0.05 + 0.05 + 0.05) / 0.875)


def test_progress_names_each_tower() -> None:
    heard: list[str] = []
    one = {"SIM-SAV-2": tower_specs()["SIM-SAV-2"]}
    simulate_towers(lambda fraction, message: heard.append(f"{fraction:.0%} {message}"), specs=one)
    assert heard == ["0% Simulating tower SIM-SAV-2 (1 of 1)", "100% Done"]
