"""Other sites of the same six types: the demo sites' specs carried to other places and varied."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from core.simulate.rng import child
from core.simulate.spec import DEMO_SITES, Climate, Drought, LandscapeSpec, Mix, Plant, SiteSpec

LAPSE_RATE = 0.0065  # K m-1
COLDER_NORTHWARD = 0.6  # K per degree of latitude
CONTINENTALITY = 0.12  # K of seasonality per degree of longitude eastward


class Place(NamedTuple):
    """A spot on the map; none is that of a real tower."""

    lat: float  # degrees north
    lon: float  # degrees east
    elevation_m: float


# Five places for each type of site, in country where that type is at home.
PLACES: dict[str, tuple[Place, ...]] = {
    "SIM-DBF": (
        Place(55.30, 12.05, 40), Place(48.12, 6.32, 330), Place(44.31, 11.02, 720),
        Place(46.72, 17.31, 220), Place(52.86, 16.94, 90),
    ),
    "SIM-ENF": (
        Place(64.81, 20.13, 210), Place(60.72, 10.41, 420), Place(57.61, 26.32, 110),
        Place(50.42, 12.63, 690), Place(46.33, 12.14, 1380),
    ),
    "SIM-GRA": (
        Place(53.31, -7.62, 80), Place(52.41, 5.32, 5), Place(47.62, 14.21, 720),
        Place(45.51, 2.93, 910), Place(43.21, -6.12, 380),
    ),
    "SIM-CRO": (
        Place(55.72, 10.03, 60), Place(52.12, 11.34, 95), Place(50.61, 3.12, 40),
        Place(45.23, 9.31, 85), Place(47.51, 19.94, 130),
    ),
    "SIM-WET": (
        Place(65.92, 24.63, 60), Place(61.12, 13.52, 480), Place(58.41, 25.02, 60),
        Place(54.02, 22.31, 130), Place(52.63, 9.12, 35),
    ),
    "SIM-SAV": (
        Place(41.02, -5.62, 790), Place(39.41, -4.32, 620), Place(37.92, -7.62, 190),
        Place(38.32, -2.81, 930), Place(40.12, 8.92, 320),
    ),
}  # fmt: skip


def tower_specs() -> dict[str, SiteSpec]:
    """Thirty specs, five of each type, with ids such as SIM-DBF-1; always the same."""
    specs = {}
    for kind, places in PLACES.items():
        for number, place in enumerate(places, start=1):
            site_id = f"{kind}-{number}"
            title = DEMO_SITES[kind].title.replace("(simulated)", f"{number} (simulated)")
            specs[site_id] = vary(DEMO_SITES[kind], place, site_id, title, child(0, "variant", site_id))
    return specs


def training_spec(seed: int) -> SiteSpec:
    """A random plausible site of a random type and place, for training models; one seed, one spec."""
    rng = child(seed, "training spec")
    kind = list(PLACES)[int(rng.integers(len(PLACES)))]
    near = PLACES[kind][int(rng.integers(len(PLACES[kind])))]
    north, east, up = rng.uniform(-1, 1, 3)
    place = Place(near.lat + north, near.lon + east, near.elevation_m * (1 + 0.4 * up))
    title = DEMO_SITES[kind].title.replace("(simulated)", "for training (simulated)")
    return vary(DEMO_SITES[kind], place, f"TRAIN-{seed}", title, rng)


def vary(base: SiteSpec, place: Place, site_id: str, title: str, rng: np.random.Generator) -> SiteSpec:
    """`base` at another place, with that place's climate and its own land, plants and drought year."""
    climate = _climate(base, place, rng)
    warmer = climate.temperature - base.climate.temperature
    return replace(
        base,
        id=site_id,
        title=title,
        lat=place.lat,
        lon=place.lon,
        elevation_m=round(place.elevation_m),
        description=f"Another simulated site of the type of {base.id}, in a climate of its own.",
        climate=climate,
        landscape=_landscape(base.landscape, rng),
        drought=_drought(base.drought, rng),
        leaf_area={plant: base.leaf_area.get(plant, 1.0) * np.exp(rng.normal(0, 0.08)) for plant in Plant},
        tree_cover=float(np.clip(base.tree_cover * np.exp(rng.normal(0, 0.25)), 0.4, 1.8)),
        budburst_heat=base.budburst_heat * float(np.clip(1 + 0.06 * warmer, 0.6, 1.5)),
        leaf_fall_cold=base.leaf_fall_cold * float(np.clip(1 - 0.03 * warmer, 0.7, 1.3)),
        sedge_green_up=round(base.sedge_green_up - 3 * warmer + 3 * rng.normal()),
    )


def _climate(base: SiteSpec, place: Place, rng: np.random.Generator) -> Climate:
    old = base.climate
    northward, upward = place.lat - base.lat, place.elevation_m - base.elevation_m
    eastward = float(np.clip(place.lon - base.lon, -12, 12))
    jitter = rng.normal(size=6)
    return replace(
        old,
        temperature=old.temperature - COLDER_NORTHWARD * northward - LAPSE_RATE * upward + 0.5 * jitter[0],
        seasonality=max(old.seasonality + CONTINENTALITY * eastward + 0.15 * northward + 0.4 * jitter[1], 4.0),
        daily_range=old.daily_range * np.exp(0.06 * jitter[2]),
        wet_days=float(np.clip(old.wet_days * np.exp(0.06 * jitter[3]), 0.15, 0.6)),
        rain=old.rain * np.exp(0.10 * jitter[4]),
        dryness=old.dryness * np.exp(0.15 * jitter[5]),
        wind_from=float(rng.uniform(0, 360)),
    )


def _landscape(old: LandscapeSpec, rng: np.random.Generator) -> LandscapeSpec:
    return replace(
        old,
        field_size=old.field_size * np.exp(rng.normal(0, 0.2)),
        tower_radius=old.tower_radius * np.exp(rng.normal(0, 0.15)),
        river_width=float(rng.choice([0, 2, 3, 5])),
        town_radius=float(rng.uniform(2, 10)),
        forest_share=float(np.clip(old.forest_share + rng.normal(0, 0.12), 0.05, 0.85)),
        forest=_reshuffled(old.forest, rng),
        open_land=_reshuffled(old.open_land, rng),
    )


def _reshuffled(mix: Mix, rng: np.random.Generator) -> Mix:
    """The same covers in other shares."""
    weights = np.array([share for _, share in mix]) * rng.gamma(4, 0.25, len(mix)) + 0.02
    shares = weights / weights.sum()
    return tuple((cover, float(share)) for (cover, _), share in zip(mix, shares, strict=True))


def _drought(old: Drought | None, rng: np.random.Generator) -> Drought | None:
    """A drought in one of the years 2019 to 2022, or none."""
    year, severity = int(rng.integers(2019, 2024)), float(rng.uniform(0.4, 1.2))
    if old is None or year == 2023:
        return None
    return replace(old, year=year, severity=severity)
