import numpy as np
import pytest

from core.simulate.landscape import make_landscape
from core.simulate.plants import COMPOSITION, TRAITS
from core.simulate.spec import DEMO_SITES, Cover, Plant
from core.simulate.units import PATCH_SPREAD, make_units

SPEC = DEMO_SITES["SIM-SAV"]
LAND = make_landscape(SPEC, 80, seed=4)
UNITS = make_units(SPEC, LAND, seed=4)


def test_every_cover_is_made_of_plants_with_traits() -> None:
    assert set(COMPOSITION) == set(Cover)
    assert set(TRAITS) == set(Plant)


def test_each_patch_has_its_main_plant_and_maybe_a_second() -> None:
    for patch, cover in enumerate(LAND.covers, start=1):
        main, second = COMPOSITION[cover]
        assert UNITS.plant[UNITS.main[patch - 1]] is main
        assert UNITS.patch[UNITS.main[patch - 1]] == patch
        row = UNITS.second[patch - 1]
        assert (UNITS.plant[row] if row >= 0 else None) is second


def test_traits_scatter_around_those_of_their_kind() -> None:
    oaks = UNITS.rows(Plant.OAK)
    ratio = UNITS.root_store[oaks] / TRAITS[Plant.OAK].root_store
    assert np.log(ratio).std() == pytest.approx(PATCH_SPREAD["root_store"], rel=0.5)
    assert np.unique(UNITS.vcmax25[oaks]).size == len(oaks)
    assert (UNITS.g1[oaks] == TRAITS[Plant.OAK].g1).all()


def test_a_site_is_born_with_a_fertility_all_its_patches_share() -> None:
    means = [np.log(make_units(SPEC, LAND, seed=s).vcmax25 / UNITS.vcmax25).mean() for s in range(30)]
    assert np.std(means) == pytest.approx(SPEC.fertility_sd, rel=0.4)
