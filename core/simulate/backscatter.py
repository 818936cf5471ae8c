"""Noise-free radar backscatter: soil, water cloud of leaves, stems; linear power throughout."""

from typing import NamedTuple

import numpy as np

from core.simulate.arrays import Floats
from core.simulate.growth.crop_calendar import MAIZE, RAPE, WHEAT
from core.simulate.growth.grow import Growth
from core.simulate.pixels import Pixels
from core.simulate.rng import child
from core.simulate.spec import Plant, SiteSpec
from core.simulate.units import Units
from core.simulate.weather import Weather

INCIDENCE = np.radians(35.5)  # one relative orbit
WAVE_NUMBER = 2 * np.pi / 5.546  # cm-1, Sentinel-1's C band
FULL_SNOW = 20.0  # mm of water


class Power(NamedTuple):
    """Backscatter in linear power."""

    vv: Floats
    vh: Floats

    def scaled(self, vv: Floats | float, vh: Floats | float) -> "Power":
        return Power(self.vv * vv, self.vh * vh)

    def mixed(self, other: "Power", share: Floats) -> "Power":
        """`share` of the other in this."""
        return Power(self.vv * (1 - share) + share * other.vv, self.vh * (1 - share) + share * other.vh)


class Leaves(NamedTuple):
    """Water-cloud parameters of one kind of leaves: scattering A and attenuation B in VV and VH."""

    a_vv: float
    b_vv: float
    a_vh: float
    b_vh: float


class Wood(NamedTuple):
    """Backscatter (linear power) of stems and of a closed leaf layer, and how leaves dim the stems below."""

    stems_vv: float
    stems_vh: float
    leaves_vv: float
    leaves_vh: float
    dimming: float


# A, B: grass after El Hajj et al. 2017; the others tuned to the ranges published for each class.
GRASS = Leaves(0.095, 0.551, 0.0413, 1.166)
LEAVES: dict[Plant, Leaves] = {
    Plant.MEADOW: Leaves(0.088, 0.551, 0.030, 1.166),
    Plant.PASTURE: Leaves(0.080, 0.551, 0.026, 1.166),
    Plant.LAWN: Leaves(0.080, 0.551, 0.026, 1.166),
    Plant.SEDGE: Leaves(0.080, 0.551, 0.026, 1.166),
    Plant.ANNUAL_GRASS: Leaves(0.080, 0.551, 0.026, 1.166),
}
CROP_LEAVES: dict[int, Leaves] = {
    WHEAT: Leaves(0.026, 1.75, 0.020, 1.6),  # upright stems swallow VV
    MAIZE: Leaves(0.140, 0.551, 0.052, 1.166),
    RAPE: Leaves(0.150, 0.551, 0.075, 1.166),
}
WOOD: dict[Plant, Wood] = {
    Plant.BROADLEAF: Wood(0.150, 0.050, 0.078, 0.027, 0.095),
    Plant.CONIFER: Wood(0.060, 0.018, 0.112, 0.036, 0.30),
    Plant.OAK: Wood(0.070, 0.020, 0.100, 0.030, 0.25),
}
SOD = {Plant.MEADOW: 0.9, Plant.PASTURE: 0.3, Plant.LAWN: 0.3}  # leaf area index of stubble and sod radar still sees


class RadarScene:
    """The radar's view of a site through time."""

    def __init__(
        self, spec: SiteSpec, weather: Weather, units: Units, growth: Growth, pixels: Pixels, *, seed: int
    ) -> None:
        self._weather, self._units, self._growth, self._pixels = weather, units, growth, pixels
        rough = 1 + 0.5 * child(seed, spec.id, "roughness").random(len(units))
        rough[units.rows(Plant.CROP)] += 0.5
        self._roughness = WAVE_NUMBER * rough  # height deviation in cm times the wave number, 1
        self._leaves = np.array([LEAVES.get(plant, GRASS) for plant in units.plant])  # (units, 4)
        self._sod = np.array([SOD.get(plant, 0.0) for plant in units.plant])

    def pixels(self, day: int) -> Power:
        """Backscatter of every pixel, flattened (pixels,)."""
        px, units = self._pixels, self.units(day)
        power = Power(units.vv[px.main], units.vh[px.main])
        other = Power(units.vv[px.second], units.vh[px.second])
        power = power.mixed(other, np.where(px.second >= 0, px.second_share, 0.0))
        density = px.leaf_area**0.35
        power = power.scaled(density, density)
        ripples = 0.006 * np.exp(0.35 * (self._weather.wind_speed[day] - 2.5))
        vv = np.select([px.water, px.settlement, px.road], [ripples, 0.30 * px.bounce, 0.50 * power.vv], power.vv)
        vh = np.select(
            [px.water, px.settlement, px.road],
            [0.0016 + 0.08 * ripples, 0.055 * px.bounce, 0.45 * power.vh],
            power.vh,
        )
        return Power(vv, vh)

    def units(self, day: int) -> Power:
        """Backscatter of every unit (units,): herbs over soil, trees over those."""
        frost = float(self._growth.history.frost[day])
        power = self._herbs(day, frost)
        for plant, wood in WOOD.items():
            power = self._with_trees(power, plant, wood, day, frost)
        wet_snow = min(self._weather.snow[day] / FULL_SNOW, 1.0) * np.clip(self._weather.temperature[day] / 2, 0, 1)
        wet_leaves = 1 + 0.12 * min(self._weather.precipitation[day] / 6, 1.0)
        return power.scaled(wet_leaves * (1 - 0.45 * wet_snow), wet_leaves * (1 - 0.50 * wet_snow))

    def _herbs(self, day: int, frost: float) -> Power:
        """Water-cloud model (Attema & Ulaby 1978): leaves scatter, and dim the soil behind them."""
        history = self._growth.history
        green, brown = history.green[:, day], history.brown[:, day]
        volume = 1 - np.exp(-0.55 * (green + 0.35 * brown + self._sod))
        juice = np.clip(history.turgor[:, day], 0.3, 1) * (green + 0.2 * brown + 0.05) / (green + brown + 0.05)
        a_vv, b_vv, a_vh, b_vh = self._leaves_of(day).T
        soil = soil_backscatter(history.topsoil[:, day] * (1 - 0.75 * frost), self._roughness)
        through_vv = np.exp(-2 * b_vv * volume * juice / np.cos(INCIDENCE))
        through_vh = np.exp(-2 * b_vh * volume * juice / np.cos(INCIDENCE))
        return Power(
            a_vv * volume * np.cos(INCIDENCE) * (1 - through_vv) + through_vv * soil.vv,
            a_vh * volume * np.cos(INCIDENCE) * (1 - through_vh) + through_vh * soil.vh,
        )

    def _leaves_of(self, day: int) -> Floats:
        """Water-cloud parameters (units, 4) with the crop of the day."""
        leaves, species = self._leaves.copy(), self._growth.species[:, day]
        for crop, parameters in CROP_LEAVES.items():
            leaves[species == crop] = parameters
        return leaves

    def _with_trees(self, ground: Power, plant: Plant, wood: Wood, day: int, frost: float) -> Power:
        """Stems below a layer of leaves; leaves lower a broadleaf forest's backscatter, frost any forest's."""
        rows, history = self._units.rows(plant), self._growth.history
        dimmed = np.exp(-2 * wood.dimming * history.green[rows, day] / np.cos(INCIDENCE))
        damp = 0.88 + 0.006 * history.topsoil[rows, day] * (1 - 0.75 * frost)
        trees = Power(
            wood.leaves_vv * (1 - 0.35 * frost) * (1 - dimmed) + dimmed * wood.stems_vv * (1 - 0.38 * frost) * damp,
            wood.leaves_vh * (1 - 0.40 * frost) * (1 - dimmed) + dimmed * wood.stems_vh * (1 - 0.42 * frost) * damp,
        )
        standing = np.clip(history.wood[rows, day], 0, 1)
        mixed = Power(ground.vv[rows], ground.vh[rows]).mixed(trees, standing)
        vv, vh = ground.vv.copy(), ground.vh.copy()
        vv[rows], vh[rows] = mixed.vv, mixed.vh
        return Power(vv, vh)


def soil_backscatter(moisture: Floats, roughness: Floats) -> Power:
    """Bare soil after Baghdadi et al. 2016; `moisture` in volumetric percent, `roughness` as k times s (1)."""
    cos, sin, cot = np.cos(INCIDENCE), np.sin(INCIDENCE), 1 / np.tan(INCIDENCE)
    vv = 10**-1.138 * cos**1.528 * 10 ** (0.008 * cot * moisture) * roughness ** (0.71 * sin)
    vh = 10**-2.325 * cos**-0.01 * 10 ** (0.011 * cot * moisture) * roughness ** (0.44 * sin)
    return Power(vv, vh)
