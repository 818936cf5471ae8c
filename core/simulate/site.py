"""A whole simulated site: `simulate` any, `simulate_demo` one of the six."""

from dataclasses import dataclass

import pandas as pd
import xarray as xr
from threadpoolctl import threadpool_limits

from core.progress import Progress, Report
from core.schema import InputError, NotFoundError, check_site_cube, check_tower, check_weather
from core.simulate.cube import grid, observe_optical, observe_radar, site_cube
from core.simulate.events import Event
from core.simulate.spec import DEMO_SEEDS, DEMO_SITES, SiteSpec
from core.simulate.state import hidden_state
from core.simulate.tower import measure
from core.simulate.truth import band_arrays, truth_dataset

SIZES = range(16, 513, 2)  # pixels; even, because the 20 m bands average pairs
# Share of the work done when a step begins, measured on the demo sites.
GROWTH, OPTICAL, RADAR, ASSEMBLY = 0.0, 0.25, 0.78, 0.97


@dataclass(frozen=True, kw_only=True)
class SimulatedSite:
    """A site in the contracts of `core.schema`; `truth` is kept apart and is never a feature."""

    spec: SiteSpec
    cube: xr.Dataset  # the site cube
    weather: pd.DataFrame  # daily, WEATHER_COLUMNS
    tower: pd.DataFrame  # daily, TOWER_COLUMNS
    events: tuple[Event, ...]  # by date
    truth: xr.Dataset  # hidden state by patch and day, noise-free reflectance and backscatter


def simulate(
    spec: SiteSpec,
    *,
    seed: int,
    size: int = 80,
    years: tuple[int, int] = (2019, 2022),
    progress: Progress | None = None,
) -> SimulatedSite:
    """Simulate a square of `size` pixels of 10 m through `years` (first and last).

    The same `spec`, `seed`, `size` and `years` give the same site on every machine (to 1e-6).
    `progress(fraction, message)` hears fractions rising from 0 to 1.
    """
    if size not in SIZES:
        raise InputError("size", size, "is no possible size", f"give an even number from {SIZES[0]} to {SIZES[-1]}")
    tell = progress or (lambda fraction, message: None)
    with threadpool_limits(1, user_api="blas"):  # its products are small: on a busy machine, more threads only wait
        return _simulate(spec, seed, size, years, tell)


def _simulate(spec: SiteSpec, seed: int, size: int, years: tuple[int, int], tell: Progress) -> SimulatedSite:
    tell(GROWTH, "Growing plants through the years")
    state = hidden_state(spec, seed=seed, size=size, years=years)
    optical = observe_optical(state, _step(tell, OPTICAL, RADAR, "Taking Sentinel-2 scenes"))
    radar = observe_radar(state, _step(tell, RADAR, ASSEMBLY, "Taking Sentinel-1 images"))
    tell(ASSEMBLY, "Reading the flux tower")
    series = measure(spec, state.weather, state.footprint.seen(state.weather, state.gpp), seed=seed)
    y, x = grid(state)
    site = SimulatedSite(
        spec=spec,
        cube=check_site_cube(site_cube(state, optical, radar)),
        weather=check_weather(state.weather.table()),
        tower=check_tower(series.table(state.weather)),
        events=state.events,
        truth=truth_dataset(
            state,
            series.true,
            band_arrays(optical.true, optical.true_dates, y, x, radar=False),
            band_arrays(radar.true, radar.true_dates, y, x, radar=True),
        ),
    )
    tell(1.0, "Done")
    return site


def simulate_demo(site_id: str, progress: Progress | None = None) -> SimulatedSite:
    """One of the six demo sites, 80 x 80 pixels, 2019 to 2022; the same for everyone, for ever."""
    if site_id not in DEMO_SITES:
        raise NotFoundError("site", site_id, "is no demo site", f"use one of {', '.join(DEMO_SITES)}")
    return simulate(DEMO_SITES[site_id], seed=DEMO_SEEDS[site_id], progress=progress)


def _step(tell: Progress, begin: float, end: float, message: str) -> Report:
    """A reporter of one step's own share, 0..1."""
    return lambda share: tell(begin + (end - begin) * share, message)
