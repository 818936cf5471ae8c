"""What differs from pixel to pixel within a patch: how dense, how green, what is mixed in, what is built."""

from dataclasses import dataclass

import numpy as np

from core.simulate.arrays import Bools, Floats, Ints
from core.simulate.landscape import Landscape
from core.simulate.rng import child, smooth_field
from core.simulate.spec import Cover, SiteSpec
from core.simulate.units import Units

# Reflectance in B02 B03 B04 B05 B06 B07 B08 B8A B11 B12 of what does not grow; after the ECOSTRESS spectral library.
BUILT = np.array([0.120, 0.140, 0.155, 0.170, 0.180, 0.190, 0.205, 0.210, 0.235, 0.215])
ROOF = np.array([0.090, 0.110, 0.200, 0.240, 0.260, 0.280, 0.290, 0.300, 0.330, 0.300])  # red tiles
ASPHALT = np.array([0.085, 0.098, 0.110, 0.118, 0.122, 0.127, 0.132, 0.136, 0.155, 0.145])
WATER = np.array([0.040, 0.040, 0.024, 0.018, 0.012, 0.011, 0.010, 0.009, 0.006, 0.005])

WOODED = (Cover.BROADLEAF, Cover.CONIFER, Cover.SHRUB)
MIXED_IN = {Cover.BROADLEAF: (0.07, 0.13), Cover.CONIFER: (0.05, 0.12)}  # share of the other tree: mean, spread
CROWNS = (0.23, 0.16)  # share of a savanna under oak crowns: mean, spread


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """Every pixel, flattened north-west to south-east: (pixels,) unless stated."""

    main: Ints  # unit that fills it
    second: Ints  # unit mixed in, -1 = none
    second_share: Floats  # 0..0.85
    still_share: Floats  # roofs, asphalt, water: what does not grow, 0..1
    still: Floats  # reflectance of that (pixels, 10)
    leaf_area: Floats  # factor on its unit's leaf area
    chlorophyll: Floats  # factor on its unit's chlorophyll
    soil: Floats  # factor on its unit's soil brightness
    texture: Floats  # factor on reflectance: crowns and their shadows
    delay: Ints  # days its phenology lags its unit's
    water: Bools
    settlement: Bools
    road: Bools
    bounce: Floats  # factor on the backscatter of buildings

    def __len__(self) -> int:
        return len(self.main)


def make_pixels(spec: SiteSpec, landscape: Landscape, units: Units, *, seed: int) -> Pixels:
    """Draw the variation within patches."""
    rng, size = child(seed, spec.id, "pixels"), landscape.size

    def field(scale: float) -> Floats:
        return smooth_field(rng, size, scale)

    natural = landscape.is_cover(*WOODED, Cover.SAVANNA, Cover.WETLAND)
    wooded = landscape.is_cover(*WOODED)
    still_share, still = _still_surfaces(landscape, rng)
    flat = {
        "second_share": _second_share(spec, landscape, rng),
        "leaf_area": np.exp(0.08 * field(3) + 0.05 * field(0.7)),
        "chlorophyll": np.exp(0.04 * field(4) + 0.02 * rng.normal(size=(size, size))),
        "soil": np.exp(0.10 * field(5) + 0.04 * rng.normal(size=(size, size))),
        "texture": np.exp(np.where(wooded, 0.06 * field(0.6), 0.015 * rng.normal(size=(size, size)))),
        "delay": np.where(natural, np.rint(1.6 * field(5)), 0).astype(np.int64),
        "bounce": np.exp(0.7 * field(0.8)),
        "still_share": still_share,
        "main": units.main[landscape.patch - 1],
        "second": units.second[landscape.patch - 1],
        "water": landscape.is_cover(Cover.WATER),
        "settlement": landscape.is_cover(Cover.SETTLEMENT),
        "road": landscape.is_cover(Cover.ROAD),
    }
    return Pixels(still=still.reshape(-1, 10), **{name: values.ravel() for name, values in flat.items()})


def _second_share(spec: SiteSpec, landscape: Landscape, rng: np.random.Generator) -> Floats:
    """Share of the second unit: oak crowns in savannas, the other kind of tree in forests."""
    size = landscape.size
    share = np.zeros((size, size))
    crowns = np.clip(CROWNS[0] + CROWNS[1] * smooth_field(rng, size, 1.2), 0, 0.85) * spec.tree_cover
    share = np.where(landscape.is_cover(Cover.SAVANNA), np.clip(crowns, 0, 0.85), share)
    for cover, (mean, spread) in MIXED_IN.items():
        mixed = np.clip(mean + spread * smooth_field(rng, size, 2), 0, 0.7)
        share = np.where(landscape.is_cover(cover), mixed, share)
    return share


def _still_surfaces(landscape: Landscape, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Share (size, size) and reflectance (size, size, 10) of buildings, roads and water."""
    size = landscape.size
    town, road, water = (landscape.is_cover(c) for c in (Cover.SETTLEMENT, Cover.ROAD, Cover.WATER))
    built = np.clip(0.55 + 0.25 * smooth_field(rng, size, 0.9), 0.05, 0.98)
    share = np.where(town, built, 0.0)
    share = np.where(road, 0.62, np.where(water, 1.0, share))
    brightness = np.exp(0.25 * smooth_field(rng, size, 0.6))[..., None]
    roofs = (smooth_field(rng, size, 0.7) > 1.1)[..., None]
    still = np.where(town[..., None], np.where(roofs, ROOF, BUILT * brightness), 0.0)
    still = np.where(road[..., None], ASPHALT, np.where(water[..., None], WATER, still))
    return share, still
