"""`python -m core embed`: the embedding cube of a site."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.command import Command, say, say_json, warn, workspace_of
from core.cli.progress import Reporter


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("site", metavar="SITE", help="a site of the workspace, see 'python -m core sites'")
    parser.add_argument(
        "--model", metavar="NAME|FOLDER", help="weights that come with Fluxscape, or a folder of your own"
    )
    parser.add_argument("--start", metavar="DATE", help="first date (else the site's first)")
    parser.add_argument("--end", metavar="DATE", help="last date, included (else the site's last)")
    parser.add_argument(
        "--bbox",
        type=float,
        nargs=4,
        metavar=("WEST", "SOUTH", "EAST", "NORTH"),
        help="only pixels whose centre lies in this box, in metres of the site's CRS",
    )
    parser.add_argument(
        "--error", action="store_true", help="also store how well each embedding rebuilds its pixel (slower)"
    )
    parser.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="take up what an interrupted call left (the usual way), or start over",
    )
    parser.add_argument("--progress", type=Path, metavar="FILE", help="keep the progress in this file, as JSON")


def _run(options: argparse.Namespace) -> None:
    from core.embedding.engine import run
    from core.embedding.plan import plan
    from core.embedding.selection import Selection

    workspace = workspace_of(options)
    wanted = Selection(start=options.start, end=options.end, bbox=tuple(options.bbox) if options.bbox else None)
    with Reporter(options.progress) as reporter:
        planned = plan(workspace, options.site, model=options.model, selection=wanted, error=options.error)
        outcome = run(workspace, planned, resume=options.resume, progress=reporter)
    for remark in planned.remarks:
        warn(remark)
    found = _facts(outcome.run.id, outcome.run.path, outcome.run.notes, outcome.reused)
    if options.json:
        say_json(found)
    else:
        say(_line(found))


def _facts(run_id: str, path: Path, notes: Any, reused: bool) -> dict[str, Any]:
    return {"run": run_id, "path": str(path), "reused": reused, **notes}


def _line(found: dict[str, Any]) -> str:
    made = "stands already, made" if found["reused"] else "made"
    return (
        f"{found['run']}: {made} by {found['model']} in {found['seconds']:.1f} s, {found['pixel_dates']:,} pixel-dates "
        f"({found['pixel_dates_per_second']:,.0f} a second) of {found['dates']} dates from {found['start']} to "
        f"{found['end']}, {found['rows']} x {found['cols']} pixels, in {found['path']}."
    )


COMMAND = Command(
    summary="turn a site into its embedding cube; an interrupted call goes on where it stopped",
    examples=(
        "embed SIM-DBF",
        "embed SIM-DBF --start 2021-01-01 --end 2021-12-31 --json",
        "embed SIM-CRO --model compact-32 --error",
        "embed SIM-DBF --bbox 542960 5607500 543360 5607900",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
