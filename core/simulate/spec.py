"""What a simulated site is told: its place, climate, land and plants; and the six demo sites.

Imports nothing heavy, so that listing the sites is instant. Temperatures in degC, water in mm, lengths in pixels of
10 m unless a line says otherwise. Climate figures are chosen after long-term means of the regions named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.schema import IGBP_CLASSES, InputError

PIXEL_M = 10.0  # m, the grid of Sentinel-2's sharp bands
SIMULATOR_VERSION = 2  # raise it whenever the demo data change: stored sites of another version are made again


class Cover(StrEnum):
    """Land cover of a patch; its place in this list (from 1) is its code in the `landcover` map."""

    BROADLEAF = "broadleaf_forest"
    CONIFER = "needleleaf_forest"
    SHRUB = "shrubland"
    SAVANNA = "savanna"
    MEADOW = "mown_meadow"
    PASTURE = "pasture"
    CROP = "cropland"
    WETLAND = "wetland"
    WATER = "water"
    SETTLEMENT = "settlement"
    ROAD = "road"

    @property
    def code(self) -> int:
        return list(Cover).index(self) + 1


class Plant(StrEnum):
    """What grows: a kind of plant with one set of leaf, canopy and physiological parameters."""

    BROADLEAF = "broadleaf trees"
    CONIFER = "conifers"
    OAK = "evergreen oaks"
    MEADOW = "meadow grass"
    PASTURE = "pasture grass"
    LAWN = "lawn"
    ANNUAL_GRASS = "annual grass"
    SEDGE = "sedges"
    CROP = "crops"


Mix = tuple[tuple[Cover, float], ...]  # covers and their shares, which sum to 1


@dataclass(frozen=True, kw_only=True)
class Climate:
    """The climate a site's weather is drawn from."""

    temperature: float  # annual mean, degC
    seasonality: float  # warmest month above the annual mean, K
    variability: float  # standard deviation of a day about its season, K
    daily_range: float  # mean of maximum minus minimum, K
    dryness: float  # dewpoint below the daily minimum, K
    wet_days: float  # share of days with rain, 0..1
    wet_days_in_summer: float = 0.0  # how much larger that share is in July than over the year
    rain: float  # mm on a wet day
    rain_in_summer: float = 0.0  # relative excess of a July wet day
    wind_from: float = 240.0  # prevailing direction, degrees


@dataclass(frozen=True, kw_only=True)
class Drought:
    """One dry and hot stretch of a year."""

    year: int
    first_doy: int = 91
    last_doy: int = 274
    severity: float = 1.0  # 1 = a fifth less rain on fewer wet days, and 1.8 K warmer


@dataclass(frozen=True, kw_only=True)
class LandscapeSpec:
    """How the land around the tower is parcelled."""

    tower_cover: Cover  # what the tower stands in
    tower_radius: float  # extent of that cover around the tower, pixels
    field_size: float = 11  # smallest side of a field, pixels
    river_width: float = 0  # half width, pixels; 0 = no river
    town_radius: float = 8  # pixels in a landscape of 80
    forest_share: float  # of the land outside the tower's own patch, 0..1
    forest: Mix
    open_land: Mix
    open_in_fields: bool = True  # straight parcels; else the rounded shapes of natural stands

    def __post_init__(self) -> None:
        for name in ("forest", "open_land"):
            mix = getattr(self, name)
            total = sum(share for _, share in mix)
            if abs(total - 1) > 1e-6 or min(share for _, share in mix) < 0:
                raise InputError(name, mix, f"has shares that sum to {total:.3f}", "give shares that sum to 1")
        if not 0 <= self.forest_share <= 1:
            raise InputError("forest_share", self.forest_share, "is no share", "give a number from 0 to 1")


@dataclass(frozen=True, kw_only=True)
class SiteSpec:
    """All that decides a simulated site but its seed, size and years."""

    id: str
    title: str
    lat: float  # degrees north
    lon: float  # degrees east
    elevation_m: float
    igbp: str  # class of what the tower stands in, a key of IGBP_CLASSES
    description: str
    climate: Climate
    landscape: LandscapeSpec
    drought: Drought | None = None
    leaf_area: Mapping[Plant, float] = field(default_factory=dict)  # factors on a plant's leaf area
    tree_cover: float = 1.0  # factor on the crown cover of savannas
    budburst_heat: float = 135.0  # degree-days above 5 degC from February until buds of broadleaf trees break
    leaf_fall_cold: float = 75.0  # degree-days below 15 degC in shortening days until their leaves colour
    sedge_green_up: int = 125  # day of the year on which half the sedges have sprouted
    fertility_sd: float = 0.28  # spread (log) of the hidden fertility a site is born with

    def __post_init__(self) -> None:
        if self.igbp not in IGBP_CLASSES:
            raise InputError("igbp", self.igbp, "is no IGBP class", f"use one of {', '.join(IGBP_CLASSES)}")
        if not -80 <= self.lat <= 80:
            raise InputError("lat", self.lat, "has no Sentinel-2 zone", "give a latitude between -80 and 80 degrees")

    @property
    def epsg(self) -> int:
        """Code of the UTM zone (WGS 84) the site lies in."""
        zone = int((self.lon + 180) // 6) + 1
        return (32600 if self.lat >= 0 else 32700) + zone


def _demo(*specs: SiteSpec) -> dict[str, SiteSpec]:
    return {spec.id: spec for spec in specs}


DEMO_SITES: dict[str, SiteSpec] = _demo(
    SiteSpec(
        id="SIM-DBF",
        title="Deciduous forest (simulated)",
        lat=50.62,
        lon=9.61,
        elevation_m=430,
        igbp="DBF",
        description=(
            "Simulated beech-like forest in low hills, among fields and conifer stands. Leaves unfold in early May and "
            "fall in October; the dry year 2022 takes a fifth of the uptake but little of the green."
        ),
        climate=Climate(
            temperature=8.9, seasonality=9.2, variability=3.2, daily_range=8.5, dryness=1.0,
            wet_days=0.46, rain=4.7, rain_in_summer=0.3, wind_from=240,
        ),
        landscape=LandscapeSpec(
            tower_cover=Cover.BROADLEAF, tower_radius=24, town_radius=8, forest_share=0.55,
            forest=((Cover.BROADLEAF, 0.6), (Cover.CONIFER, 0.4)),
            open_land=((Cover.CROP, 0.55), (Cover.MEADOW, 0.25), (Cover.PASTURE, 0.2)),
        ),
        drought=Drought(year=2022),
    ),
    SiteSpec(
        id="SIM-ENF",
        title="Boreal conifer forest (simulated)",
        lat=62.41,
        lon=26.92,
        elevation_m=180,
        igbp="ENF",
        description=(
            "Simulated pine-like boreal forest with mires and a river. Green all year, yet its uptake follows the "
            "warmth of the past weeks; one stand is felled, one attacked by bark beetles."
        ),
        climate=Climate(
            temperature=4.3, seasonality=12.4, variability=3.8, daily_range=8.2, dryness=0.8,
            wet_days=0.47, rain=4.3, rain_in_summer=0.3, wind_from=220,
        ),
        landscape=LandscapeSpec(
            tower_cover=Cover.CONIFER, tower_radius=25, river_width=5, town_radius=4, forest_share=0.75,
            forest=((Cover.CONIFER, 0.8), (Cover.BROADLEAF, 0.2)),
            open_land=((Cover.WETLAND, 0.6), (Cover.PASTURE, 0.4)), open_in_fields=False,
        ),
        drought=Drought(year=2022, severity=0.6),
        leaf_area={Plant.BROADLEAF: 0.75},
        budburst_heat=95,
        leaf_fall_cold=60,
        sedge_green_up=145,
    ),
    SiteSpec(
        id="SIM-GRA",
        title="Mown grassland (simulated)",
        lat=47.45,
        lon=9.28,
        elevation_m=480,
        igbp="GRA",
        description=(
            "Simulated intensive meadows north of the Alps, cut four to six times a year, so that greenness and uptake "
            "saw up and down all summer, parcel by parcel."
        ),
        climate=Climate(
            temperature=9.9, seasonality=9.2, variability=3.2, daily_range=9.5, dryness=0.6,
            wet_days=0.47, wet_days_in_summer=0.05, rain=6.3, rain_in_summer=0.35, wind_from=250,
        ),
        landscape=LandscapeSpec(
            tower_cover=Cover.MEADOW, tower_radius=17, field_size=9, river_width=3, town_radius=9, forest_share=0.25,
            forest=((Cover.BROADLEAF, 0.5), (Cover.CONIFER, 0.5)),
            open_land=((Cover.MEADOW, 0.6), (Cover.PASTURE, 0.2), (Cover.CROP, 0.2)),
        ),
        drought=Drought(year=2022),
    ),
    SiteSpec(
        id="SIM-CRO",
        title="Cropland (simulated)",
        lat=48.97,
        lon=3.24,
        elevation_m=130,
        igbp="CRO",
        description=(
            "Simulated arable land with winter wheat, rape, maize and beet in rotation. Neighbouring fields follow "
            "different calendars; harvest and ploughing turn them bare within days."
        ),
        climate=Climate(
            temperature=11.2, seasonality=8.2, variability=3.0, daily_range=9.2, dryness=1.2,
            wet_days=0.42, wet_days_in_summer=-0.02, rain=4.6, rain_in_summer=0.2, wind_from=230,
        ),
        landscape=LandscapeSpec(
            tower_cover=Cover.CROP, tower_radius=18, field_size=12, river_width=2, town_radius=9, forest_share=0.15,
            forest=((Cover.BROADLEAF, 1.0),),
            open_land=((Cover.CROP, 0.9), (Cover.MEADOW, 0.1)),
        ),
        drought=Drought(year=2022),
    ),
    SiteSpec(
        id="SIM-WET",
        title="Sedge fen (simulated)",
        lat=57.08,
        lon=14.83,
        elevation_m=165,
        igbp="WET",
        description=(
            "Simulated sedge fen over dark moss, with a slow river and forest on drier ground. Sparse leaves, a short "
            "season, and water that is seldom short."
        ),
        climate=Climate(
            temperature=7.2, seasonality=9.8, variability=3.2, daily_range=8.0, dryness=0.5,
            wet_days=0.49, rain=4.0, rain_in_summer=0.2, wind_from=240,
        ),
        landscape=LandscapeSpec(
            tower_cover=Cover.WETLAND, tower_radius=25, river_width=6, town_radius=3, forest_share=0.35,
            forest=((Cover.CONIFER, 0.6), (Cover.BROADLEAF, 0.4)),
            open_land=((Cover.WETLAND, 0.6), (Cover.PASTURE, 0.4)), open_in_fields=False,
        ),
        drought=Drought(year=2022, severity=0.7),
    ),
    SiteSpec(
        id="SIM-SAV",
        title="Oak savanna (simulated)",
        lat=38.57,
        lon=-6.74,
        elevation_m=300,
        igbp="SAV",
        description=(
            "Simulated open oak woodland with annual grass that greens with the autumn rain, peaks in April and dries "
            "out by June; the evergreen crowns carry on. One part burns in summer."
        ),
        climate=Climate(
            temperature=16.4, seasonality=9.3, variability=2.8, daily_range=12.5, dryness=3.2,
            wet_days=0.23, wet_days_in_summer=-0.17, rain=8.6, rain_in_summer=-0.1, wind_from=250,
        ),
        landscape=LandscapeSpec(
            tower_cover=Cover.SAVANNA, tower_radius=30, river_width=2, town_radius=5, forest_share=0.25,
            forest=((Cover.SAVANNA, 0.6), (Cover.SHRUB, 0.4)),
            open_land=((Cover.PASTURE, 0.3), (Cover.CROP, 0.2), (Cover.SAVANNA, 0.5)),
        ),
        drought=Drought(year=2022, first_doy=1, last_doy=149),
    ),
)  # fmt: skip

# Fixed for ever: with the spec they decide every number of a demo site.
DEMO_SEEDS: Mapping[str, int] = {
    "SIM-DBF": 4,
    "SIM-ENF": 35,
    "SIM-GRA": 33,
    "SIM-CRO": 18,
    "SIM-WET": 10,
    "SIM-SAV": 38,
}
