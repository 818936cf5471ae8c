from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from core.schema import InputError, NotFoundError, check_site_cube, check_tower, check_weather
from core.simulate import simulate, simulate_demo
from core.simulate.site import SimulatedSite
from core.simulate.spec import DEMO_SITES, Cover

SPEC = DEMO_SITES["SIM-GRA"]


def tiny(seed: int = 1, **changes: object) -> SimulatedSite:
    return simulate(SPEC, **({"seed": seed, "size": 16, "years": (2020, 2020)} | changes))


def test_a_site_keeps_every_contract(small: SimulatedSite) -> None:
    cube = check_site_cube(small.cube)
    check_weather(small.weather)
    check_tower(small.tower)
    assert cube.attrs["simulated"] == 1
    assert "(simulated)" in cube.attrs["title"]
    assert cube.attrs["crs"] == "EPSG:32632"
    assert cube.sizes["y"] == cube.sizes["x"] == 32
    assert float(cube["y"][0]) > float(cube["y"][-1])


def test_land_cover_is_described_by_its_flags(small: SimulatedSite) -> None:
    cover = small.cube["landcover"]
    assert cover.dtype == np.uint8
    assert cover.attrs["flag_meanings"].split() == [str(c) for c in Cover]
    assert cover.values[16, 16] == Cover.BROADLEAF.code


def test_the_tower_stands_in_the_middle_at_its_coordinates(small: SimulatedSite) -> None:
    import pyproj

    to_degrees = pyproj.Transformer.from_crs(small.cube.attrs["crs"], "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(float(small.cube["x"].mean()), float(small.cube["y"].mean()))
    assert (lat, lon) == pytest.approx((small.spec.lat, small.spec.lon), abs=2e-4)


def test_the_same_seed_gives_the_same_site_and_another_seed_another() -> None:
    one, again, other = tiny(1), tiny(1), tiny(2)
    xr.testing.assert_identical(one.cube, again.cube)
    xr.testing.assert_identical(one.truth, again.truth)
    pd.testing.assert_frame_equal(one.tower, again.tower)
    assert one.events == again.events
    assert not one.cube["VV"].equals(other.cube["VV"])


def test_other_years_sizes_and_mixtures_work() -> None:
    land = replace(SPEC.landscape, forest_share=0.0, open_land=((Cover.WETLAND, 0.5), (Cover.CROP, 0.5)))
    site = simulate(replace(SPEC, landscape=land), seed=5, size=24, years=(2031, 2032))
    assert site.cube.sizes["y"] == 24
    assert str(site.weather.index[-1].date()) == "2032-12-31"
    assert not any(event.type == "drought" for event in site.events)


def test_progress_rises_from_0_to_1_with_words() -> None:
    heard: list[tuple[float, str]] = []
    tiny(progress=lambda fraction, message: heard.append((fraction, message)))
    fractions = [fraction for fraction, _ in heard]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, 1)
    assert len(heard) > 50
    assert all(message for _, message in heard)


@pytest.mark.parametrize("size", [15, 33, 14, 2000])
def test_a_size_that_cannot_be_is_refused_with_a_remedy(size: int) -> None:
    with pytest.raises(InputError, match="give an even number from 16 to 512"):
        simulate(SPEC, seed=1, size=size)


def test_an_unknown_demo_site_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match=r"site 'SIM-XXX' is no demo site; use one of SIM-DBF, SIM-ENF"):
        simulate_demo("SIM-XXX")
