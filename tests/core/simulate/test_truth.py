import numpy as np
import pytest

from core.schema import S1_BANDS, S2_BANDS, WEATHER_COLUMNS
from core.simulate.site import SimulatedSite


def test_truth_lies_on_the_grid_and_dates_of_the_cube(small: SimulatedSite) -> None:
    truth, cube = small.truth, small.cube
    for axis in ("y", "x", "s1_time"):
        assert truth[axis].equals(cube[axis])
    assert set(truth["time"].values) < set(cube["time"].values)  # the dates on which something was seen
    assert list(truth["band"].values) == list(S2_BANDS)
    assert list(truth["polarisation"].values) == list(S1_BANDS)
    assert truth["reflectance"].dtype == np.float32


def test_no_truth_can_be_taken_for_a_feature(small: SimulatedSite) -> None:
    features = set(small.cube.data_vars) - {"landcover"} | set(WEATHER_COLUMNS)
    assert not features & set(small.truth.data_vars)
    assert "never a feature" in small.truth.attrs["note"]


def test_patch_means_add_up_from_their_plants(small: SimulatedSite) -> None:
    truth = small.truth
    assert (truth["gpp"] >= 0).all()
    assert ((truth["water_stress"] >= 0) & (truth["water_stress"] <= 1)).all()
    water = truth["cover"] == "water"
    if water.any():
        assert float(truth["gpp"].sel(patch=water).max()) == pytest.approx(0, abs=1e-6)


def test_the_tower_sees_about_what_its_patches_take_up(small: SimulatedSite) -> None:
    truth = small.truth
    area = truth["footprint"].groupby(truth["patch_map"]).sum()
    expected = (truth["gpp"] * area.values[:, None]).sum("patch")
    assert float(truth["footprint"].sum()) == pytest.approx(1, abs=1e-5)
    assert float(truth["tower_gpp"].mean()) == pytest.approx(float(expected.mean()), rel=0.1)


def test_the_forest_has_a_season_and_the_conifers_have_none(small: SimulatedSite) -> None:
    truth = small.truth
    broadleaf = truth["cover"].values == "broadleaf_forest"
    start = truth["season_start"].values[broadleaf]
    assert not np.isnat(start).any()
    assert set(start.astype("datetime64[M]").astype(int).ravel() % 12) <= {3, 4}  # April or May
    pure = (truth["cover"].values == "needleleaf_forest") & (truth["leaf_area"].std("day").values < 0.2)
    assert np.isnat(truth["season_peak"].values[pure]).all()


def test_the_crop_map_names_what_was_harvested(small: SimulatedSite) -> None:
    crop, names = small.truth["crop"], small.truth["crop"].attrs["flag_meanings"].split()
    for event in small.events:
        if event.type == "harvest":
            here = np.isin(small.truth["patch_map"], event.patches)
            codes = np.unique(crop.sel(year=int(event.date[:4])).values[here])
            assert [names[code] for code in codes] == [event.crop.replace(" ", "_")]
