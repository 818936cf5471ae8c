"""`python -m core fetch`: a site from a public archive, by coordinates."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.command import Command, say, say_json, warn, workspace_of
from core.cli.ingest import WEATHER, tell
from core.cli.progress import Reporter, progress_option, save_json

if TYPE_CHECKING:
    from core.sources.stac.search import Plan

LOOKED = 0.02  # of the time, by the progress shown


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lat", type=float, metavar="DEGREES", help="north, of the middle of the site")
    parser.add_argument("--lon", type=float, metavar="DEGREES", help="east")
    parser.add_argument("--tower", metavar="CODE", help="a known flux tower instead of --lat and --lon, such as DE-Hai")
    parser.add_argument("--size", type=float, default=1.0, metavar="KM", help="side of the box, 0.3 to 5 (else 1)")
    parser.add_argument("--start", required=True, metavar="DATE", help="first day, as 2021-01-01")
    parser.add_argument("--end", required=True, metavar="DATE", help="last day, included")
    parser.add_argument("--site", metavar="NAME", help="what to call the site (else by its tower or place)")
    parser.add_argument("--provider", metavar="NAME", help="planetary-computer (the usual one) or earth-search")
    parser.add_argument("--api", metavar="URL", help="address of another STAC API")
    parser.add_argument("--collection", metavar="NAME", help="of Sentinel-2 Level-2A there (else found by its name)")
    parser.add_argument("--orbit", default="both", metavar="NAME", help="of Sentinel-1: both, ascending or descending")
    parser.add_argument("--no-radar", action="store_true", help="Sentinel-2 alone")
    parser.add_argument("--weather", type=Path, metavar="FILE", help=WEATHER)
    parser.add_argument(
        "--estimate", action="store_true", help="only say what there is and what fetching it would take"
    )
    parser.add_argument("--save", type=Path, metavar="FILE", help="with --estimate: keep it in this file, as JSON")
    progress_option(parser)


def _run(options: argparse.Namespace) -> None:
    from core.sources.ingest.take import refuse_taken
    from core.sources.ingest.weather_table import read_weather
    from core.sources.stac.fetch import fetch
    from core.sources.stac.providers import find_provider
    from core.sources.stac.request import Request, usual_name
    from core.sources.stac.search import plan_fetch
    from core.store import check_name

    lat, lon, usual = _place(options)
    request = Request.of(lat=lat, lon=lon, size=options.size, start=options.start, end=options.end, orbit=options.orbit)
    provider = find_provider(options.provider, options.api)
    workspace = workspace_of(options)
    site = check_name(options.site or usual or usual_name(lat, lon), argument="--site")
    if not options.estimate:
        refuse_taken(workspace, site)
    weather = read_weather(options.weather.expanduser(), at=(request.lon, request.lat)) if options.weather else None
    with Reporter(options.progress, computes=False) as reporter:
        reporter(0.0, f"Asking {provider.title}")
        plan = plan_fetch(
            provider,
            request,
            collection=options.collection,
            radar=not options.no_radar,
            tell=lambda trouble: reporter(0.0, trouble),
        )
        if options.estimate:
            _tell_plan(plan, options)
            return
        reporter(LOOKED, plan.estimate.words)
        if not options.json:
            warn(f"{site}: {plan.estimate.words}.")
        done = fetch(workspace, plan, site=site, weather=weather, progress=reporter.part(0, 1, site))
    tell(done, options)


def _place(options: argparse.Namespace) -> tuple[float, float, str]:
    """Latitude, longitude, and the name of the tower that stands there if one was named."""
    from core.schema import InputError
    from core.sources.places import find_place

    if options.tower is None:
        for name in ("lat", "lon"):
            if getattr(options, name) is None:
                raise InputError(f"--{name}", "", "is missing", "give --lat and --lon, or a known tower with --tower")
        return options.lat, options.lon, ""
    if options.lat is not None or options.lon is not None:
        remedy = "give either the tower, or --lat and --lon"
        raise InputError("--tower", options.tower, "stands where it stands, and a place is given besides", remedy)
    place = find_place(options.tower)
    return place.lat, place.lon, place.id


def _tell_plan(plan: Plan, options: argparse.Namespace) -> None:
    if options.save:
        save_json(options.save, plan.to_json())
    if options.json:
        say_json(plan.to_json())
    else:
        say("\n".join([f"{plan.estimate.words}.", *(f"- {remark}" for remark in plan.remarks)]))


COMMAND = Command(
    summary="make a site of any place from a public archive of Sentinel-2 and Sentinel-1; goes on where it stopped",
    examples=(
        "fetch --lat 51.079 --lon 10.452 --size 1 --start 2021-01-01 --end 2021-12-31 --site DE-Hai",
        "fetch --tower DE-Hai --start 2021-01-01 --end 2021-12-31 --estimate",
        "fetch --lat 51.079 --lon 10.452 --start 2021-06-01 --end 2021-06-30 --api https://host/stac --json",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
