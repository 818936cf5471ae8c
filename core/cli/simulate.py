"""`python -m core simulate`: make simulated demo sites."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.command import Command, say, say_json, workspace_of
from core.cli.progress import Reporter
from core.schema import InputError, SiteInfo
from core.simulate.spec import DEMO_SITES
from core.sources.demo import demo_info, ensure_demo


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("site", nargs="?", metavar="SITE", help=f"one of {', '.join(DEMO_SITES)}")
    parser.add_argument("--all", action="store_true", help="make all of them")
    parser.add_argument("--towers", action="store_true", help="make the table of 30 simulated flux towers (minutes)")
    parser.add_argument("--again", action="store_true", help="make it anew even if it stands, for example damaged")
    parser.add_argument("--progress", type=Path, metavar="FILE", help="keep the progress in this file, as JSON")


def _run(options: argparse.Namespace) -> None:
    if bool(options.site) + options.all + options.towers != 1:
        given = [options.site or "", *(f"--{name}" for name in ("all", "towers") if getattr(options, name))]
        raise InputError("SITE", " ".join(given).strip(), "is no single choice", "give one site, --all or --towers")
    if options.towers:
        _make_towers(options)
    else:
        _make_sites(options, list(DEMO_SITES) if options.all else [demo_info(options.site).id])


def _make_sites(options: argparse.Namespace, site_ids: list[str]) -> None:
    workspace = workspace_of(options)
    with Reporter(options.progress) as reporter:
        made = []
        for index, site_id in enumerate(site_ids):
            progress = reporter.part(index, len(site_ids), demo_info(site_id).title)
            made.append(ensure_demo(workspace, site_id, again=options.again, progress=progress))
    if options.json:
        say_json([info.to_json() for info in made] if options.all else made[0].to_json())
    else:
        say("\n".join(_line(info) for info in made))


def _make_towers(options: argparse.Namespace) -> None:
    from core.sources.tower_table import ensure_tower_table

    workspace = workspace_of(options)
    with Reporter(options.progress) as reporter:
        run = ensure_tower_table(workspace, progress=reporter)
    if options.json:
        say_json({"id": run.id, "kind": run.spec.kind, "path": str(run.path)})
    else:
        say(f"{run.id}: 30 simulated flux towers, daily, in {run.path}.")


def _line(info: SiteInfo) -> str:
    rows, columns = info.shape
    return (
        f"{info.id}: {info.title}, {rows} x {columns} pixels of {info.pixel_m:g} m, {info.optical_dates} optical and "
        f"{info.radar_dates} radar dates from {info.start} to {info.end}, clear share {info.clear_share or 0:.0%}."
    )


COMMAND = Command(
    summary="make a simulated demo site (seconds); one that stands already is kept",
    examples=(
        "simulate SIM-DBF",
        "simulate --all --workspace ~/fluxscape",
        "simulate --towers",
        "simulate SIM-CRO --json",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
