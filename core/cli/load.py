"""`python -m core load`: embeddings that others made, or that were made elsewhere, as a run of a site."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli.command import Command, box_option, say, say_json, warn, workspace_of
from core.cli.progress import Reporter, progress_option


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a run, Zarr, NetCDF, GeoTIFF or TESSERA's pairs of .npy, or a folder of such",
    )
    parser.add_argument(
        "--site", metavar="NAME", help="the site it belongs to, made if there is none (else the one that lies there)"
    )
    parser.add_argument("--model", metavar="NAME", help="what made it, where the files do not say")
    parser.add_argument("--date", metavar="DATE", help="a day or a year, where the files do not say")
    parser.add_argument("--crs", metavar="CRS", help="where the files state none or a wrong one, such as EPSG:32632")
    box_option(parser, of="the result")
    progress_option(parser)


def _run(options: argparse.Namespace) -> None:
    from core.sources.embeddings.load import load_embedding

    with Reporter(options.progress) as reporter:
        loaded = load_embedding(
            workspace_of(options),
            options.paths,
            site=options.site,
            model=options.model,
            date=options.date,
            crs=options.crs,
            bbox=tuple(options.bbox) if options.bbox else None,
            progress=reporter,
        )
    for remark in loaded.remarks:
        warn(remark)
    run = loaded.run
    found = {"run": run.id, "site": run.spec.site, "path": str(run.path), "reused": loaded.reused, **run.notes}
    if options.json:
        say_json(found)
    else:
        say(_line(found))


def _line(found: dict[str, Any]) -> str:
    return (
        f"{found['run']}: {'stands already' if found['reused'] else 'loaded'}, {found['model']} at the site "
        f"{found['site']}, {found['pixel_dates']:,} pixel-dates of {found['dates']} dates from {found['start']} to "
        f"{found['end']}, {found['rows']} x {found['cols']} pixels, in {found['path']}."
    )


COMMAND = Command(
    summary="take in an embedding: an earlier run, the paper's cubes, TESSERA, AlphaEarth, your own GeoTIFF or Zarr",
    examples=(
        "load features.nc --site DE-Hai --model paper",
        "load tessera/ --site cambridge",
        "load alphaearth/2021/32N/tile.tiff --site DE-Hai --bbox 590000 5650000 600000 5660000",
        "load mine.tif --site meadow --model mine --date 2021-07-14 --json",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
