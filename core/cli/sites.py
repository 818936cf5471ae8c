"""`python -m core sites`: every site there is."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli.command import Command, say, say_json, table, warn, workspace_of
from core.embedding.result import KIND
from core.schema import SiteInfo
from core.sources.catalogue import catalogue
from core.store import Draft, Workspace

HEADER = ("id", "kind", "class", "lat", "lon", "dates", "title")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--with-data", action="store_true", help="only sites whose data are in the workspace")


def _run(options: argparse.Namespace) -> None:
    workspace = workspace_of(options)
    sites = [info for info in catalogue(workspace) if info.has_data or not options.with_data]
    if options.json:
        say_json([_as_json(info) for info in sites])
    else:
        say(table([HEADER, *(_as_row(info) for info in sites)]))
    _warn_of_damage(workspace)


def _warn_of_damage(workspace: Workspace) -> None:
    for problem in workspace.problems():
        warn(str(problem))
    for draft in workspace.drafts():
        if not draft.live:
            warn(_left(workspace, draft))


def _left(workspace: Workspace, draft: Draft) -> str:
    """What to do about a stale draft: an interrupted embedding goes on where it stopped, anything else starts anew."""
    from core.embedding.unfinished import unfinished

    site = draft.name.partition(f"-{KIND}-")[0]
    found = next((one for one in unfinished(workspace, site) if one.draft.name == draft.name), None)
    size = f"{draft.size_bytes / 1e6:.1f} MB"
    if found is None and (draft.path / "asked.json").is_file():
        return (
            f"'{draft.name}' is fetched in part ({size}): 'python -m core fetch' with the same options goes on; "
            f"else delete {draft.path}."
        )
    if found is None:
        return f"'{draft.name}' was left unfinished by a crash ({size}); make it again or delete {draft.path}."
    return (
        f"'{draft.name}' is {100 * found.share:.0f} % done ({size}): "
        f"'python -m core embed' of {found.site} with the same options goes on with it "
        f"({found.model}, {found.start} to {found.end}, {found.rows} x {found.cols} pixels); else delete {draft.path}."
    )


def _as_json(info: SiteInfo) -> dict[str, Any]:
    """All that is known of a site; `class` is its IGBP class, "" where unknown."""
    data = info.to_json()
    return {"id": data.pop("id"), "kind": data.pop("kind"), "class": data.pop("igbp"), **data}


def _as_row(info: SiteInfo) -> tuple[str, ...]:
    dates = f"{info.start} to {info.end}" if info.has_data else "to be made" if info.simulated else "no data yet"
    return (info.id, info.kind, info.igbp or "?", f"{info.lat:.4f}", f"{info.lon:.4f}", dates, info.title)


COMMAND = Command(
    summary="list all sites: yours, the simulated demos, and known flux towers to bring data for",
    examples=("sites", "sites --with-data", "sites --json"),
    add_arguments=_add_arguments,
    run=_run,
)
