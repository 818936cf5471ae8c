"""`python -m core open`: what a file holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.command import Command, say, say_json, table, workspace_of
from core.sources.describe import Dates, Description, describe


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a file or folder, or the id of a site in the workspace")


def _run(options: argparse.Namespace) -> None:
    description = describe(_located(options))
    if options.json:
        say_json(description.to_json())
    else:
        say(_text(description))


def _located(options: argparse.Namespace) -> Path:
    path = Path(options.path).expanduser()
    if path.exists():
        return path
    ids = {info.id for info in workspace_of(options).sites()}
    return workspace_of(options).site_path(options.path) if options.path in ids else path


def _text(description: Description) -> str:
    rows = [(name, value) for name, value in _facts(description).items() if value]
    return "\n".join([table(rows), *(f"- {note}" for note in description.notes)])


def _facts(description: Description) -> dict[str, str]:
    share = description.cloud_share
    return {
        "path": description.path,
        "format": description.format,
        "kind": description.kind + (" (simulated)" if description.simulated else ""),
        "title": description.title,
        "dims": ", ".join(f"{size} {axis}" for axis, size in description.dims.items()),
        "dates": " ".join([_span(description.dates), description.step]).strip(),
        "radar dates": _span(description.radar_dates),
        "bands": ", ".join(description.bands),
        "columns": ", ".join(description.columns[:12]) + (", ..." if len(description.columns) > 12 else ""),
        "CRS": description.crs,
        "pixel": f"{description.pixel_m:g} m" if description.pixel_m else "",
        "cloud share": "" if share is None else f"{100 * share:.1f} %",
    }


def _span(dates: Dates | None) -> str:
    return f"{dates.count}, {dates.start} to {dates.end}" if dates else ""


COMMAND = Command(
    summary="describe a file: kind, dims, dates, bands, CRS, cloud share",
    examples=("open my-cube.zarr", "open SIM-DBF", "open scene.tif --json", "open FLX_DE-Hai_FULLSET_DD.csv"),
    add_arguments=_add_arguments,
    run=_run,
)
