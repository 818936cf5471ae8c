"""`python -m core gpp map`: maps of GPP by a stored fit."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.command import say, say_json, shared_arguments, workspace_of
from core.cli.progress import Reporter, progress_option

EVERY = 10  # days between maps


def add_map(actions: Any) -> None:
    """The action's options."""
    parser = actions.add_parser(
        "map", help="maps of GPP by a stored fit, as NetCDF", parents=[shared_arguments()], allow_abbrev=False
    )
    parser.add_argument("fit", metavar="RUN", help="a fit, as `gpp fit` names it")
    parser.add_argument("site", metavar="SITE")
    parser.add_argument("--start", required=True, metavar="DATE", help="the first map, 2021-01-01")
    parser.add_argument("--end", metavar="DATE", help="the last date (else a single map)")
    parser.add_argument("--every", type=int, default=EVERY, metavar="DAYS", help="between maps (%(default)s)")
    parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="the NetCDF file to write")
    progress_option(parser)


def run_map(options: argparse.Namespace) -> None:
    """Make the maps and say where they lie."""
    from core.gpp.season import season_dates, season_maps, write_season

    path = options.to.expanduser()
    with Reporter(options.progress) as reporter:
        dates = season_dates(options.start, options.end or options.start, options.every)
        cube = season_maps(workspace_of(options), options.fit, options.site, dates, progress=reporter)
        write_season(cube, path)
    mean = float(cube["gpp"].mean())
    told = {"file": str(path), "maps": len(dates), "mean_gpp": None if mean != mean else round(mean, 4)}
    if options.json:
        say_json(told)
    else:
        say(f"{len(dates)} maps of {options.site} written to {path}; mean GPP {mean:.2f} gC m-2 d-1.")
