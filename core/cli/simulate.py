"""`python -m core simulate`: make simulated demo sites, towers and landscapes."""

from __future__ import annotations

import argparse

from core.cli.command import Command, say, say_json, workspace_of
from core.cli.progress import Reporter, progress_option
from core.schema import InputError, SiteInfo
from core.simulate.spec import DEMO_SITES
from core.sources.demo import demo_info, ensure_demo
from core.sources.landscapes import FIRST_SEED, SIZE, ensure_landscape


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("site", nargs="?", metavar="SITE", help=f"one of {', '.join(DEMO_SITES)}")
    parser.add_argument("--all", action="store_true", default=None, help="make all of them")
    parser.add_argument(
        "--towers", action="store_true", default=None, help="make the table of 30 simulated flux towers (minutes)"
    )
    parser.add_argument(
        "--landscapes", type=int, metavar="COUNT", help="make this many random landscapes, to train and judge models on"
    )
    parser.add_argument("--first", type=int, default=FIRST_SEED, metavar="SEED", help="seed of the first landscape")
    parser.add_argument("--size", type=int, default=SIZE, metavar="PIXELS", help="of a landscape's side")
    parser.add_argument("--again", action="store_true", help="make it anew even if it stands, for example damaged")
    progress_option(parser)


def _run(options: argparse.Namespace) -> None:
    kinds = [f"--{name}" for name in ("all", "towers", "landscapes") if getattr(options, name) is not None]
    if bool(options.site) + len(kinds) != 1:
        given = " ".join([options.site or "", *kinds]).strip()
        raise InputError("SITE", given, "is no single choice", "give one site, --all, --towers or --landscapes COUNT")
    if options.towers:
        _make_towers(options)
    elif options.landscapes is not None:
        _make_landscapes(options)
    else:
        _make_demos(options)


def _make_demos(options: argparse.Namespace) -> None:
    workspace = workspace_of(options)
    site_ids = list(DEMO_SITES) if options.all else [demo_info(options.site).id]
    with Reporter(options.progress) as reporter:
        made = []
        for index, site_id in enumerate(site_ids):
            progress = reporter.part(index, len(site_ids), demo_info(site_id).title)
            made.append(ensure_demo(workspace, site_id, again=options.again, progress=progress))
    _tell(made, options)


def _make_landscapes(options: argparse.Namespace) -> None:
    count = options.landscapes
    if count < 1:
        raise InputError("--landscapes", count, "is no number of landscapes", "give 1 or more")
    workspace = workspace_of(options)
    with Reporter(options.progress) as reporter:
        made = []
        for index in range(count):
            progress = reporter.part(index, count, f"Landscape {index + 1} of {count}")
            made.append(ensure_landscape(workspace, options.first + index, size=options.size, progress=progress))
    _tell(made, options)


def _tell(made: list[SiteInfo], options: argparse.Namespace) -> None:
    if options.json:
        say_json(made[0].to_json() if options.site else [info.to_json() for info in made])
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
        f"{info.radar_dates} radar dates from {info.start} to {info.end}, "
        f"clear share {100 * (info.clear_share or 0):.0f} %."
    )


COMMAND = Command(
    summary="make simulated demo sites, towers or landscapes (seconds each); what stands already is kept",
    examples=(
        "simulate SIM-DBF",
        "simulate --all --workspace ~/fluxscape",
        "simulate --towers",
        "simulate --landscapes 96 --workspace ~/landscapes",
        "simulate SIM-CRO --json",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
