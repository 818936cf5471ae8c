"""`python -m core embed`: the embedding cube of one site or of many."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from typing import Any

from core.cli.command import Command, box_option, say, say_json, warn, workspace_of
from core.cli.progress import Reporter, progress_option
from core.schema import FluxscapeError


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sites",
        nargs="+",
        metavar="SITE",
        help="a site of the workspace, see 'python -m core sites', or the address of a site's folder, s3://...",
    )
    parser.add_argument(
        "--model", metavar="NAME|FOLDER", help="weights that come with Fluxscape, or a folder of your own"
    )
    parser.add_argument("--start", metavar="DATE", help="first date (else the site's first)")
    parser.add_argument("--end", metavar="DATE", help="last date, included (else the site's last)")
    box_option(parser)
    parser.add_argument(
        "--error", action="store_true", help="also store how well each embedding rebuilds its pixel (slower)"
    )
    parser.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="take up what an interrupted call left (the usual way), or start over",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="compute on a Dask cluster: tcp://host:port, or 'local' for a process for each core of this machine",
    )
    parser.add_argument("--store", metavar="ADDRESS", help="keep results at s3://bucket/folder (else the workspace)")
    progress_option(parser)


def _run(options: argparse.Namespace) -> None:
    from core.embedding.engine import here
    from core.embedding.many import AT_ONCE, each
    from core.embedding.memory import keep_freed_memory

    keep_freed_memory()
    crew: Any = nullcontext(here)
    if options.scheduler:
        from core.embedding.distributed import cluster

        crew = cluster(options.scheduler)
    with Reporter(options.progress) as reporter, crew as working:
        results = _results(options)
        at_once = AT_ONCE if options.scheduler else 1
        sites = list(dict.fromkeys(options.sites))
        found, failed = each(
            sites,
            lambda site, progress, stop: _embed(options, results, working, site, progress, stop),
            progress=reporter,
            at_once=at_once,
        )
    _tell(options, list(found.values()), single=len(sites) == 1)
    if failed:
        _tell_failures(failed, len(sites))


def _results(options: argparse.Namespace) -> Any:
    if not options.store:
        return workspace_of(options)
    from core.embedding.remote import RemoteRuns

    return RemoteRuns(options.store)


def _embed(options: argparse.Namespace, results: Any, crew: Any, site: str, progress: Any, stop: Any) -> dict[str, Any]:
    from core.embedding.engine import run
    from core.embedding.plan import plan
    from core.embedding.selection import Selection

    wanted = Selection(start=options.start, end=options.end, bbox=tuple(options.bbox) if options.bbox else None)
    planned = plan(workspace_of(options), site, model=options.model, selection=wanted, error=options.error)
    outcome = run(results, planned, resume=options.resume, progress=progress, stop=stop, crew=crew)
    return {"run": outcome.run.id, "path": str(outcome.run.path), "reused": outcome.reused, **outcome.run.notes}


def _tell(options: argparse.Namespace, found: list[dict[str, Any]], *, single: bool) -> None:
    for facts in found:
        for remark in facts["remarks"]:
            warn(remark if single else f"{facts['run']}: {remark}")
    if options.json:
        say_json(found[0] if single and found else found)
    elif found:
        say("\n".join(_line(facts) for facts in found))


def _tell_failures(failed: dict[str, FluxscapeError], asked: int) -> None:
    if asked == 1:
        raise next(iter(failed.values()))
    for site, error in failed.items():
        warn(f"{site}: {error}")
    raise FluxscapeError(f"{len(failed)} of {asked} sites were not embedded: {', '.join(failed)}.")


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
        "embed SIM-DBF SIM-ENF SIM-CRO --scheduler local",
        "embed s3://bucket/sites/SIM-DBF --store s3://bucket/fluxscape --scheduler tcp://10.0.0.5:8786",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
