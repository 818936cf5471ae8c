"""What each kind of plant is: leaf optics, canopy structure, physiology and roots.

Leaf optics are inputs of PROSPECT-D, canopy structure of 4SAIL. Leaf contents follow the ranges of the LOPEX and ANGERS
collections, leaf area and Vcmax25 the class means of Kattge et al. 2009 and Asner et al. 2003, g1 those of Lin et al.
2015, clumping Chen et al. 2005; within those ranges they are tuned to the reflectance and annual GPP of each class.
"""

from dataclasses import dataclass

from core.simulate.spec import Cover, Plant


@dataclass(frozen=True, kw_only=True)
class Traits:
    """Parameters of one kind of plant at full development."""

    leaf_layers: float  # PROSPECT N, 1
    chlorophyll: float  # ug cm-2
    leaf_water: float  # cm
    leaf_mass: float  # g cm-2
    leaf_angle: float  # mean inclination, degrees
    hotspot: float = 0.05  # leaf size over canopy height, 1
    shade: float = 0.0  # share of the crown in shadow at a sun zenith of 50 degrees, 0..1
    soil_brightness: float  # factor on the soil spectrum under the plants, 1
    vcmax25: float  # carboxylation capacity of the top leaves at 25 degC, umol m-2 s-1
    g1: float  # slope of stomatal conductance, kPa^0.5
    root_store: float  # water the roots can reach, mm
    leaf_area: float  # green leaf area index at its peak, m2 m-2
    clumping: float = 1.0  # effective over true leaf area, 1


TRAITS: dict[Plant, Traits] = {
    Plant.BROADLEAF: Traits(
        leaf_layers=1.6, chlorophyll=46, leaf_water=0.011, leaf_mass=0.0060, leaf_angle=45, hotspot=0.10, shade=0.28,
        soil_brightness=0.55, vcmax25=61, g1=4.0, root_store=190, leaf_area=5.2, clumping=0.90,
    ),
    Plant.CONIFER: Traits(
        leaf_layers=2.2, chlorophyll=38, leaf_water=0.018, leaf_mass=0.0175, leaf_angle=55, hotspot=0.06, shade=0.45,
        soil_brightness=0.45, vcmax25=60, g1=2.35, root_store=180, leaf_area=3.9, clumping=0.62,
    ),
    Plant.OAK: Traits(
        leaf_layers=1.95, chlorophyll=46, leaf_water=0.013, leaf_mass=0.0150, leaf_angle=52, hotspot=0.08, shade=0.35,
        soil_brightness=0.70, vcmax25=45, g1=3.2, root_store=230, leaf_area=2.6, clumping=0.80,
    ),
    Plant.MEADOW: Traits(
        leaf_layers=1.45, chlorophyll=43, leaf_water=0.013, leaf_mass=0.0045, leaf_angle=60,
        soil_brightness=0.70, vcmax25=70, g1=5.0, root_store=110, leaf_area=5.0,
    ),
    Plant.PASTURE: Traits(
        leaf_layers=1.5, chlorophyll=36, leaf_water=0.011, leaf_mass=0.0050, leaf_angle=62,
        soil_brightness=0.70, vcmax25=52, g1=4.8, root_store=100, leaf_area=2.6,
    ),
    Plant.LAWN: Traits(
        leaf_layers=1.5, chlorophyll=36, leaf_water=0.011, leaf_mass=0.0050, leaf_angle=58,
        soil_brightness=0.70, vcmax25=50, g1=4.8, root_store=90, leaf_area=2.2,
    ),
    Plant.ANNUAL_GRASS: Traits(
        leaf_layers=1.5, chlorophyll=36, leaf_water=0.010, leaf_mass=0.0045, leaf_angle=62,
        soil_brightness=0.72, vcmax25=60, g1=4.6, root_store=95, leaf_area=1.7,
    ),
    Plant.SEDGE: Traits(
        leaf_layers=1.5, chlorophyll=32, leaf_water=0.014, leaf_mass=0.0065, leaf_angle=66,
        soil_brightness=0.50, vcmax25=52, g1=4.5, root_store=220, leaf_area=2.1, clumping=0.90,
    ),
    Plant.CROP: Traits(  # of a field in general; `crops.CROPS` has what differs by species
        leaf_layers=1.5, chlorophyll=50, leaf_water=0.016, leaf_mass=0.0048, leaf_angle=58,
        soil_brightness=0.74, vcmax25=85, g1=5.4, root_store=160, leaf_area=5.0,
    ),
}  # fmt: skip

# What grows on a cover: the plants that fill it, and a second kind mixed in pixel by pixel.
COMPOSITION: dict[Cover, tuple[Plant, Plant | None]] = {
    Cover.BROADLEAF: (Plant.BROADLEAF, Plant.CONIFER),
    Cover.CONIFER: (Plant.CONIFER, Plant.BROADLEAF),
    Cover.SHRUB: (Plant.OAK, None),
    Cover.SAVANNA: (Plant.ANNUAL_GRASS, Plant.OAK),
    Cover.MEADOW: (Plant.MEADOW, None),
    Cover.PASTURE: (Plant.PASTURE, None),
    Cover.CROP: (Plant.CROP, None),
    Cover.WETLAND: (Plant.SEDGE, None),
    Cover.WATER: (Plant.PASTURE, None),  # banks; water itself fills the pixels
    Cover.SETTLEMENT: (Plant.LAWN, None),
    Cover.ROAD: (Plant.PASTURE, None),  # verges
}
