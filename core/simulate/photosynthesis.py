"""True gross primary production: sunlit and shaded leaves, Farquhar biochemistry, Medlyn stomata, five hours a day.

The model is richer than any product model that will be judged against it: hidden water, capacity and fertility
all act on it, and none of them can be read from the sites' features.
"""

from typing import NamedTuple

import numpy as np

from core.simulate.arrays import Floats, ramp
from core.simulate.astronomy import sun_position
from core.simulate.growth.crop_calendar import CROPS
from core.simulate.growth.grow import Growth
from core.simulate.plants import TRAITS
from core.simulate.spec import Plant
from core.simulate.units import Units
from core.simulate.weather import Weather, vapour_pressure

# Gauss-Legendre points and weights on 0..1: five moments of the day are as good as all of them.
GAUSS_POINTS = (0.04691, 0.23075, 0.5, 0.76925, 0.95309)
GAUSS_WEIGHTS = (0.11846, 0.23931, 0.28444, 0.23931, 0.11846)

GAS_CONSTANT = 8.314  # J mol-1 K-1
PAR_SHARE = 0.45  # of shortwave radiation
PAR_QUANTA = 4.57  # umol J-1 of PAR (McCree 1972)
CARBON = 12e-6  # gC per umol CO2
OXYGEN = 210.0  # mmol mol-1
DIFFUSE_EXTINCTION = 0.72  # of diffuse light by leaves
LEAF_ABSORPTANCE = 0.85  # of direct PAR
CANOPY_ABSORPTANCE = 0.93  # of diffuse PAR
NITROGEN_EXTINCTION = 0.15  # decline of capacity with depth
JMAX_RATIO = 1.67  # of Jmax25 to Vcmax25 (Medlyn et al. 2002)
QUANTUM_YIELD = 0.36  # electrons per absorbed quantum, before curvature
C4_QUANTUM_YIELD = 0.052  # CO2 per absorbed quantum (Collatz et al. 1992)


class _Leaves(NamedTuple):
    """Leaves of one canopy layer, each (units, days)."""

    area: Floats  # m2 m-2 ground
    absorbed: Floats  # PAR, umol m-2 ground s-1
    vcmax25: Floats  # umol m-2 ground s-1


class _Air(NamedTuple):
    """The air at one moment of every day, each (days,)."""

    temperature: Floats  # degC
    vpd: Floats  # kPa
    direct: Floats  # PAR, umol m-2 s-1
    diffuse: Floats  # PAR, umol m-2 s-1
    cos_zenith: Floats


def daily_gpp(latitude: float, weather: Weather, units: Units, growth: Growth) -> Floats:
    """Gross primary production of every unit on every day, (units, days), gC m-2 d-1."""
    history = growth.history
    full_chlorophyll = units.chlorophyll[:, None]
    greenness = np.clip(history.chlorophyll / (0.55 * full_chlorophyll), 0.1, 1)
    leaf_area = np.maximum(history.green * units.clumping[:, None], 1e-3) * greenness
    vcmax25 = _vcmax25(units, growth) * (0.35 + 0.65 * history.supply)
    c4 = np.array([crop.c4 for crop in CROPS])[growth.species]
    g1 = _stomatal_slope(units, history.supply, c4)
    seconds = weather.day_length * 3600
    total = np.zeros_like(leaf_area)
    for point, weight in zip(GAUSS_POINTS, GAUSS_WEIGHTS, strict=True):
        air = _air(latitude, weather, point)
        internal_co2 = weather.co2 * g1 / (g1 + np.sqrt(air.vpd))
        rate = sum(
            _assimilation(leaves, air.temperature, internal_co2, c4) for leaves in _layers(leaf_area, vcmax25, air)
        )
        total += np.maximum(rate, 0) * weight * seconds * CARBON
    return total * _thaw(weather)


def _vcmax25(units: Units, growth: Growth) -> Floats:
    """Capacity of the top leaves (units, days), with the species of the day on fields."""
    of_species = np.array([crop.vcmax25 for crop in CROPS]) / TRAITS[Plant.CROP].vcmax25
    fields = np.isin(np.arange(len(units)), units.rows(Plant.CROP))[:, None]
    return units.vcmax25[:, None] * growth.history.capacity * np.where(fields, of_species[growth.species], 1.0)


def _stomatal_slope(units: Units, supply: Floats, c4: Floats) -> Floats:
    c3_slope = np.maximum(units.g1[:, None] * np.sqrt(supply), 0.6)
    return np.where(c4, 1.6 * np.sqrt(supply) + 0.3, c3_slope)


def _thaw(weather: Weather) -> Floats:
    """What hard frost, cold and deep snow leave of a day (days,), 0..1."""
    frost, cold = ramp(weather.temperature_min, -6, 0), ramp(weather.temperature, -2, 2)
    return frost * cold * np.clip(1 - weather.snow / 15, 0.15, 1)


def _air(latitude: float, weather: Weather, point: float) -> _Air:
    """Light and air at a share `point` of the way from sunrise to sunset."""
    hour = 12 + weather.day_length * (point - 0.5)
    zenith = sun_position(latitude, weather.calendar.doy, hour).zenith
    warmest = weather.temperature_max - weather.temperature_min
    temperature = weather.temperature + 0.5 * warmest * np.sin(np.pi * (0.9 * point - 0.15))
    vpd = np.clip(vapour_pressure(temperature) - vapour_pressure(weather.dewpoint), 0.05, 6)
    mean_flux = weather.radiation * 1e6 / np.maximum(weather.day_length * 3600, 1)  # W m-2 while the sun is up
    par = mean_flux * np.pi / 2 * np.sin(np.pi * point) * PAR_SHARE * PAR_QUANTA
    cos_zenith = np.maximum(np.cos(np.radians(zenith)), 0.03)
    return _Air(temperature, vpd, par * (1 - weather.diffuse), par * weather.diffuse, cos_zenith)


def _layers(leaf_area: Floats, vcmax25: Floats, air: _Air) -> tuple[_Leaves, _Leaves]:
    """Sunlit and shaded leaves after de Pury & Farquhar 1997."""
    beam = np.minimum(0.5 / air.cos_zenith, 3.0)  # extinction of direct light, leaves at all angles
    sunlit_depth = 1 - np.exp(-beam * leaf_area)
    sunlit = sunlit_depth / beam
    from_beam = LEAF_ABSORPTANCE * air.direct * sunlit_depth
    scattered = 0.5 * (1 - LEAF_ABSORPTANCE) * air.direct * sunlit_depth
    sky = CANOPY_ABSORPTANCE * air.diffuse
    both = DIFFUSE_EXTINCTION + beam
    sky_on_sunlit = sky * (1 - np.exp(-both * leaf_area)) * DIFFUSE_EXTINCTION / both
    sky_on_all = sky * (1 - np.exp(-DIFFUSE_EXTINCTION * leaf_area))
    decline = NITROGEN_EXTINCTION + beam
    vcmax_sunlit = vcmax25 * (1 - np.exp(-decline * leaf_area)) / decline
    vcmax_all = vcmax25 * (1 - np.exp(-NITROGEN_EXTINCTION * leaf_area)) / NITROGEN_EXTINCTION
    return (
        _Leaves(sunlit, from_beam + sky_on_sunlit + 0.5 * scattered, vcmax_sunlit),
        _Leaves(
            np.maximum(leaf_area - sunlit, 1e-4),
            np.maximum(sky_on_all - sky_on_sunlit, 0) + 0.5 * scattered,
            np.maximum(vcmax_all - vcmax_sunlit, 1e-4),
        ),
    )


def _assimilation(leaves: _Leaves, temperature: Floats, internal_co2: Floats, c4: Floats) -> Floats:
    """Gross assimilation of a layer (units, days), umol m-2 s-1."""
    c3 = c3_assimilation(leaves.vcmax25, leaves.absorbed, temperature, internal_co2)
    if not c4.any():
        return c3
    return np.where(c4, c4_assimilation(leaves.vcmax25, leaves.absorbed, temperature, internal_co2), c3)


def c3_assimilation(vcmax25: Floats, absorbed: Floats, temperature: Floats, internal_co2: Floats) -> Floats:
    """Gross C3 assimilation, umol m-2 s-1 (Farquhar et al. 1980; constants of Bernacchi et al. 2001).

    `vcmax25` and `absorbed` PAR in umol m-2 s-1, `temperature` in degC, `internal_co2` in ppm; shapes broadcast.
    """
    kelvin = temperature + 273.15
    michaelis_co2 = _arrhenius(404.9, 79430, kelvin)  # umol mol-1
    michaelis_o2 = _arrhenius(278.4, 36380, kelvin)  # mmol mol-1
    compensation = _arrhenius(42.75, 37830, kelvin)  # umol mol-1
    jmax = JMAX_RATIO * vcmax25 * _peaked(kelvin, activation=43540, entropy=640)
    electrons = _smooth_min(QUANTUM_YIELD * absorbed, jmax, curvature=0.75)
    by_rubisco = (
        vcmax25
        * _peaked(kelvin, activation=65330, entropy=650)
        * (internal_co2 - compensation)
        / (internal_co2 + michaelis_co2 * (1 + OXYGEN / michaelis_o2))
    )
    by_light = electrons / 4 * (internal_co2 - compensation) / (internal_co2 + 2 * compensation)
    return _smooth_min(by_rubisco, by_light, curvature=0.95)


def c4_assimilation(vcmax25: Floats, absorbed: Floats, temperature: Floats, internal_co2: Floats) -> Floats:
    """Gross C4 assimilation, umol m-2 s-1, after Collatz et al. 1992; arguments as for C3."""
    by_light = C4_QUANTUM_YIELD * absorbed * ramp(temperature, 4, 14)
    by_enzyme = vcmax25 * _peaked(temperature + 273.15, activation=65330, entropy=650)
    return _smooth_min(by_light, by_enzyme, curvature=0.85) * np.clip(internal_co2 / 150, 0, 1)


def _arrhenius(at_25: float, activation: float, kelvin: Floats) -> Floats:
    """A rate that grows with temperature; `activation` in J mol-1."""
    return at_25 * np.exp(activation * (kelvin - 298.15) / (298.15 * GAS_CONSTANT * kelvin))


def _peaked(kelvin: Floats, *, activation: float, entropy: float) -> Floats:
    """A rate over its value at 25 degC that falls again in heat (Medlyn et al. 2002); entropy in J mol-1 K-1."""
    deactivation = 200_000.0  # J mol-1
    at_25 = 1 + np.exp((entropy * 298.15 - deactivation) / (GAS_CONSTANT * 298.15))
    now = 1 + np.exp((entropy * kelvin - deactivation) / (GAS_CONSTANT * kelvin))
    return _arrhenius(1.0, activation, kelvin) * at_25 / now


def _smooth_min(one: Floats, other: Floats, *, curvature: float) -> Floats:
    """The smaller of two limits, rounded where they meet (non-rectangular hyperbola)."""
    total = one + other
    return (total - np.sqrt(np.maximum(total**2 - 4 * curvature * one * other, 0))) / (2 * curvature)
