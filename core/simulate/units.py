"""Vegetation units: one row for each kind of plant in each patch, with its own slightly different parameters.

A unit is what lives: all pixels of a patch share the water, leaves and physiology of its one or two units.
"""

from dataclasses import dataclass

import numpy as np

from core.simulate.arrays import Floats, Ints
from core.simulate.landscape import Landscape
from core.simulate.plants import COMPOSITION, TRAITS, Traits
from core.simulate.rng import child
from core.simulate.spec import Plant, SiteSpec

# Spread (standard deviation of the logarithm) of a parameter between patches.
PATCH_SPREAD = {
    "leaf_area": 0.10,
    "chlorophyll": 0.05,
    "root_store": 0.18,
    "leaf_mass": 0.06,
    "leaf_layers": 0.03,
    "soil_brightness": 0.10,
    "leaf_water": 0.05,
    "vcmax25": 0.07,
}
MOST_UNUSUAL = 1.6  # standard deviations of fertility beyond which no site lies
SITE_LEAF_AREA_SPREAD = 0.08  # the same for leaf area between whole sites


@dataclass(frozen=True, kw_only=True)
class Units:
    """Parameters of every unit, each (units,); the names and physical units are those of `Traits`."""

    plant: tuple[Plant, ...]
    patch: Ints  # patch number of each unit, from 1
    main: Ints  # (patches,) row of each patch's main plant
    second: Ints  # (patches,) row of its second plant, -1 = none
    leaf_layers: Floats
    chlorophyll: Floats
    leaf_water: Floats
    leaf_mass: Floats
    leaf_angle: Floats
    hotspot: Floats
    shade: Floats
    soil_brightness: Floats
    vcmax25: Floats
    g1: Floats
    root_store: Floats
    leaf_area: Floats
    clumping: Floats

    def __len__(self) -> int:
        return len(self.plant)

    def rows(self, *plants: Plant) -> Ints:
        """Rows of the units of these kinds of plant."""
        return np.array([row for row, plant in enumerate(self.plant) if plant in plants], dtype=np.int64)


def make_units(spec: SiteSpec, landscape: Landscape, *, seed: int) -> Units:
    """One or two units per patch, each with traits drawn around those of its kind."""
    plants: list[Plant] = []
    patches: list[int] = []
    main: list[int] = []
    second: list[int] = []
    for patch, cover in enumerate(landscape.covers, start=1):
        first, other = COMPOSITION[cover]
        main.append(len(plants))
        second.append(len(plants) + 1 if other else -1)
        kinds = [first, other] if other else [first]
        plants += kinds
        patches += [patch] * len(kinds)
    return Units(
        plant=tuple(plants),
        patch=np.array(patches),
        main=np.array(main),
        second=np.array(second),
        **_varied_traits(spec, plants, seed=seed),
    )


def _varied_traits(spec: SiteSpec, plants: list[Plant], *, seed: int) -> dict[str, Floats]:
    rng = child(seed, spec.id, "units")
    values = {name: np.array([getattr(TRAITS[plant], name) for plant in plants]) for name in Traits.__annotations__}
    for name, spread in PATCH_SPREAD.items():
        values[name] = values[name] * np.exp(rng.normal(0, spread, len(plants)))
    site = child(seed, spec.id, "fertility")
    fertility = np.clip(site.normal(), -MOST_UNUSUAL, MOST_UNUSUAL) * spec.fertility_sd
    values["vcmax25"] = values["vcmax25"] * np.exp(fertility)
    values["leaf_area"] = values["leaf_area"] * np.exp(site.normal(0, SITE_LEAF_AREA_SPREAD))
    values["leaf_area"] *= [spec.leaf_area.get(plant, 1.0) for plant in plants]
    return values
