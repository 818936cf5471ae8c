from collections import Counter

import numpy as np
import pytest

from core.simulate import simulate, training_spec
from core.simulate.spec import DEMO_SITES
from core.simulate.variants import PLACES, tower_specs


def test_thirty_towers_five_of_each_type() -> None:
    specs = tower_specs()
    assert len(specs) == 30
    assert Counter(spec.igbp for spec in specs.values()) == dict.fromkeys(("DBF", "ENF", "GRA", "CRO", "WET", "SAV"), 5)
    assert "SIM-DBF-1" in specs
    assert all("(simulated)" in spec.title for spec in specs.values())
    assert specs == tower_specs()


def test_towers_differ_in_place_climate_land_and_drought() -> None:
    for kind in DEMO_SITES:
        of_kind = [spec for site_id, spec in tower_specs().items() if site_id.startswith(kind)]
        for number in (lambda s: s.lat, lambda s: s.climate.temperature, lambda s: s.landscape.forest_share):
            assert len({number(spec) for spec in of_kind}) == 5
    assert len({spec.drought and spec.drought.year for spec in tower_specs().values()}) > 3


def test_the_north_and_the_mountains_are_colder() -> None:
    specs = list(tower_specs().values())
    temperature = np.array([spec.climate.temperature for spec in specs])
    lat, high = (np.array([getattr(spec, name) for spec in specs]) for name in ("lat", "elevation_m"))
    fitted = np.linalg.lstsq(np.stack([np.ones(30), lat, high], axis=1), temperature, rcond=None)[0]
    assert -0.8 < fitted[1] < -0.4  # K per degree of latitude
    assert -0.010 < fitted[2] < -0.003  # K per metre


def test_a_training_spec_is_drawn_once_for_all_and_covers_every_type() -> None:
    assert training_spec(7) == training_spec(7)
    assert {training_spec(seed).igbp for seed in range(60)} == {kind.removeprefix("SIM-") for kind in PLACES}
    assert len({training_spec(seed).climate.rain for seed in range(60)}) == 60


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_training_sites_can_be_simulated_at_any_size(seed: int) -> None:
    site = simulate(training_spec(seed), seed=seed, size=20, years=(2020, 2020))
    assert site.cube.attrs["site"] == f"TRAIN-{seed}"
    assert np.isfinite(site.cube["B04"]).any()
