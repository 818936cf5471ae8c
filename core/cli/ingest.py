"""`python -m core ingest`: a site from files of one's own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.command import Command, box_option, say, say_json, table, warn, workspace_of
from core.cli.progress import Reporter, progress_option, save_json

if TYPE_CHECKING:
    from core.sources.ingest.take import Given, Ingested, Look


WEATHER = "daily weather: a tower's file, a table of days, or a grid such as AgERA5 or ERA5"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="GeoTIFF, NetCDF, Zarr, a .zip of such, or a folder of such"
    )
    parser.add_argument("--site", metavar="NAME", help="what to call the site")
    parser.add_argument("--look", action="store_true", help="only show what would be made of the files; store nothing")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="corrections, as JSON of what --look --json shows")
    parser.add_argument("--crs", metavar="CRS", help="where the files state none or a wrong one, such as EPSG:32632")
    parser.add_argument("--date", metavar="DATE", help="of images that state none, as 2021-07-14")
    parser.add_argument("--bands", metavar="NAMES", help="of bands that carry no names, as B02,B03,B04 in their order")
    box_option(parser)
    parser.add_argument("--weather", type=Path, metavar="FILE", help=WEATHER)
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="with --look: keep what was found in this file, as JSON"
    )
    progress_option(parser)


def _run(options: argparse.Namespace) -> None:
    from core.schema import InputError
    from core.sources.ingest.mapping import read_mapping
    from core.sources.ingest.take import ingest, look

    changes = read_mapping(options.mapping.expanduser()) if options.mapping else None
    workspace = workspace_of(options)
    if options.look:
        with Reporter(options.progress) as reporter:
            found = look(workspace, options.paths, given=_given(options), changes=changes, progress=reporter)
            if options.save:
                save_json(options.save, found.to_json())
        _show(found, options)
        return
    if not options.site:
        raise InputError("--site", "", "is missing", "name the site, or only look at the files with --look")
    with Reporter(options.progress) as reporter:
        done = ingest(
            workspace,
            options.paths,
            site=options.site,
            given=_given(options),
            changes=changes,
            box=tuple(options.bbox) if options.bbox else None,
            progress=reporter,
        )
    tell(done, options)


def _given(options: argparse.Namespace) -> Given:
    from core.sources.ingest.take import Given

    return Given(
        date=options.date,
        bands=tuple(part.strip() for part in options.bands.split(",")) if options.bands else (),
        crs=options.crs,
        weather=options.weather.expanduser() if options.weather else None,
    )


def _show(found: Look, options: argparse.Namespace) -> None:
    if options.json:
        say_json(found.mapping.to_json())
        return
    rows = [("layer", "is taken as", "files", "dates", "pixel", "unit", "why")]
    for entry in found.mapping.entries:
        counts = (str(entry.files), str(entry.dates), f"{entry.pixel_m:.3g}")
        rows.append((entry.layer, entry.role or "-", *counts, _unit(entry), entry.why))
    remarks = (*found.mapping.remarks, *([f"No site yet: {found.stops}"] if found.stops else []))
    say("\n".join([table(rows), *(f"- {remark}" for remark in remarks)]))


def _unit(entry: Any) -> str:
    return f"{entry.unit} x {entry.scale:g}" if entry.scale != 1 else entry.unit


def tell(done: Ingested, options: argparse.Namespace) -> None:
    """What was made a site of, and what was odd about it."""
    for remark in done.remarks:
        warn(remark)
    info = done.info
    rows, columns = info.shape
    if options.json:
        say_json(done.to_json())
    else:
        say(
            f"{info.id}: {rows} x {columns} pixels of {info.pixel_m:g} m in {info.crs}, {info.optical_dates} optical "
            f"and {info.radar_dates} radar dates from {info.start} to {info.end}, "
            f"clear share {100 * (info.clear_share or 0):.0f} %."
        )


COMMAND = Command(
    summary="take in rasters and cubes of your own as a site; --look shows first what would be made of them",
    examples=(
        "ingest my-images/ --site meadow",
        "ingest my-images/ --look",
        "ingest optical.nc radar.nc --site meadow --json",
        "ingest stack.tif --site meadow --date 2021-07-14 --bands B02,B03,B04,B08 --crs EPSG:32632",
        "ingest my-images.zip --site meadow --mapping corrections.json",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
