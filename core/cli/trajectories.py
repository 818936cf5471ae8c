"""`python -m core trajectory`: how places of an embedding move through a year, what season they had, what happened."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.command import Command, say, say_json, table, warn, workspace_of
from core.schema import FluxscapeError

if TYPE_CHECKING:
    import xarray as xr

    from core.sources.site import Site
    from core.store import Workspace
    from core.trajectories.paths import Path as Trajectory
    from core.trajectories.places import Place

METHODS = ("linear", "structural")  # as core.gapfill has them; not imported here: it is heavier


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_id", metavar="RUN", help="an embedding, as `python -m core embed` names it")
    parser.add_argument(
        "--where",
        action="append",
        metavar="PLACE",
        help="site (the usual one), pixel:X,Y, box:W,S,E,N, polygon:X Y,X Y,X Y, cluster:RUN:NUMBER or tower; "
        "coordinates in metres of the site's CRS; may be repeated",
    )
    parser.add_argument("--with", dest="other", metavar="RUN", help="compare with the same places of another embedding")
    parser.add_argument("--align", action="store_true", help="turn the embedding onto that of another model first")
    parser.add_argument("--fill", choices=METHODS, help="also give the days between clear views, marked as filled")
    parser.add_argument("--events", action="store_true", help="also list what happened at the whole site (slower)")
    parser.add_argument("--refit", action="store_true", help="fit the model's axes anew, on all its embeddings here")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the paths as a table, .csv or .parquet")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier table")


def _run(options: argparse.Namespace) -> None:
    from core.embedding.result import open_embedding
    from core.trajectories.basis import basis_for
    from core.trajectories.find import latitude_of
    from core.trajectories.paths import read_paths
    from core.trajectories.places import place_of
    from core.trajectories.table import table_path, tidy, write_table

    workspace = workspace_of(options)
    embedding = open_embedding(workspace, options.run_id)
    if options.out:
        table_path(options.out, overwrite=options.overwrite)  # before anything is made
    if options.other:
        workspace.run(options.other)
    words = options.where or ["site"]
    places = [place_of(workspace, embedding, one) for one in words]
    paths = read_paths(embedding, places, run=options.run_id)
    basis = basis_for(workspace, options.run_id, refit=options.refit)
    site = _site(workspace, embedding)
    facts: dict[str, Any] = {
        "run": options.run_id,
        "model": paths[0].source["model"],
        "simulated": paths[0].source["simulated"] == "yes",
        "axes": {"names": list(basis.names), "fitted_on": list(basis.fitted_on)},
        "places": [_place(path, place.pixels) for path, place in zip(paths, places, strict=True)],
        "remarks": [],
    }
    facts["seasons"] = _seasons(embedding, site, places, paths, facts["remarks"])
    facts["years"] = _years(paths, latitude_of(embedding), facts["remarks"])
    if options.other:
        facts["compared"] = _compared(workspace, options, paths, words)
    if options.events:
        facts["events"] = _events(embedding, site, facts["remarks"])
    if options.out:
        written = write_table(tidy(paths, basis, fill=options.fill), options.out, overwrite=options.overwrite)
        facts["file"] = str(written)
    for remark in facts["remarks"]:
        warn(remark)
    if options.json:
        facts["paths"] = _rows(tidy(paths, basis, fill=options.fill))
        say_json(facts)
    else:
        say(_text(facts))


def _site(workspace: Workspace, embedding: xr.Dataset) -> Site | None:
    """The embedding's site; None where a loaded embedding has none."""
    from core.sources.site import open_site

    try:
        return open_site(workspace, str(embedding.attrs.get("site", "")))
    except FluxscapeError:
        return None


def _place(path: Trajectory, pixels: int) -> dict[str, Any]:
    known = path.known
    return {
        "place": path.label,
        "pixels": pixels,
        "dates": int(known.sum()),
        "low_trust": int(path.low_trust.sum()),
        "start": str(path.days[known][0]),
        "end": str(path.days[known][-1]),
    }


def _seasons(
    embedding: xr.Dataset, site: Site | None, places: list[Place], paths: list[Trajectory], remarks: list[str]
) -> list[dict[str, Any]]:
    """By every source there is."""
    from core.trajectories.season_sources import index_series, seasons_by_source, tower_gpp
    from core.trajectories.vigour import vigour_axis

    axis = vigour_axis(embedding, site.cube if site else None)
    gpp = tower_gpp(site.tower) if site else None
    rows = []
    for place, path in zip(places, paths, strict=True):
        indices = index_series(site.cube, embedding, place) if site else {}
        found, said = seasons_by_source(path, axis, indices, gpp)
        rows += [{"place": path.label} | one.to_json() for one in found]
        remarks += [f"{path.label}: {remark}" for remark in said]
    return rows


def _years(paths: list[Trajectory], latitude: float | None, remarks: list[str]) -> list[dict[str, Any]]:
    """How far the years of each place are from each other, and how unusual each was."""
    from core.trajectories.distance import year_distances
    from core.trajectories.unusual import ALL_MONTHS, summer_of, unusual_curve, year_shifts

    summer = summer_of(latitude)
    found = []
    for path in paths:
        entry: dict[str, Any] = {"place": path.label}
        try:
            apart = year_distances([path])
            entry |= {"labels": list(apart.labels), "dtw": _plain(apart.dtw), "area": _plain(apart.area)}
            remarks += [f"{path.label}: {remark}" for remark in apart.remarks]
            curve = unusual_curve(path.values, path.days)
            for name, months in (("departure", ALL_MONTHS), ("summer_departure", summer)):
                shifts = year_shifts(curve, path.values, path.days, months=months)
                entry[name] = {str(year): round(value, 3) for year, value in shifts.items()}
        except FluxscapeError as error:
            remarks.append(f"Years were not compared: {error}")
        found.append(entry)
    return found


def _compared(
    workspace: Workspace, options: argparse.Namespace, paths: list[Trajectory], words: list[str]
) -> list[dict[str, Any]]:
    from core.embedding.result import open_embedding
    from core.trajectories.compare import compare
    from core.trajectories.paths import read_paths
    from core.trajectories.places import place_of

    embedding = open_embedding(workspace, options.other)
    places = [place_of(workspace, embedding, one) for one in words]
    others = read_paths(embedding, places, run=options.other)
    rows = []
    for own, other in zip(paths, others, strict=True):
        found = compare(own, other, align=options.align)
        row = {"place": own.label, "with": options.other, "dates": len(found.times), "cka": round(found.agreement, 4)}
        if found.alignment:
            row["explained"] = round(found.alignment.explained, 4)
        rows.append(row | {"remarks": list(found.remarks)})
    return rows


def _events(embedding: xr.Dataset, site: Site | None, remarks: list[str]) -> list[dict[str, Any]]:
    from core.trajectories.find import find_events

    found, said = find_events(embedding, site.cube if site else None)
    remarks += said
    return [event.to_json() for event in found]


def _plain(matrix: Any) -> list[list[float | None]]:
    return [[None if value != value else round(float(value), 4) for value in row] for row in matrix]


def _rows(found: Any) -> list[dict[str, Any]]:
    """Rows of a table as JSON has them: dates in words, no NaN."""
    rows = found.assign(time=found["time"].dt.strftime("%Y-%m-%d")).to_dict("records")
    return [
        {
            name: None
            if value != value
            else round(float(value), 5)
            if isinstance(value, float) or hasattr(value, "dtype")
            else value
            for name, value in row.items()
        }
        for row in rows
    ]


def _text(facts: dict[str, Any]) -> str:
    rows = [("place", "pixels", "dates", "low trust", "from", "to")]
    for one in facts["places"]:
        counts = (str(one[name]) for name in ("pixels", "dates", "low_trust"))
        rows.append((one["place"], *counts, one["start"], one["end"]))
    simulated = " (simulated)" if facts["simulated"] else ""
    lines = [f"{facts['run']}{simulated}, on the axes of {facts['model']}.", table(rows)]
    if facts["seasons"]:
        lines += ["", table([("place", "source", "year", "start", "peak", "end"), *map(_season, facts["seasons"])])]
    for one in facts["years"]:
        if "departure" in one:
            told = ", ".join(f"{year} {value:.2f}" for year, value in one["departure"].items())
            lines += ["", f"{one['place']}: departure of each year from the others: {told}."]
    for one in facts.get("compared", ()):
        lines += ["", f"{one['place']}: agreement (CKA) with {one['with']} on {one['dates']} dates: {one['cka']:.2f}."]
    if "events" in facts:
        events = [(e["date"], e["kind"], f"{e['pixels']} px", f"{e['first']} to {e['last']}") for e in facts["events"]]
        lines += ["", table([("about", "what", "size", "between"), *events])]
    return "\n".join([*lines, *([facts["file"]] if "file" in facts else [])])


def _season(row: dict[str, Any]) -> tuple[str, ...]:
    dates = (row[name]["date"] if row[name] else "-" for name in ("start", "peak", "end"))
    return (row["place"], row["source"], str(row["year"]), *dates)


COMMAND = Command(
    summary="follow places of an embedding through time: paths, seasons, years compared, events",
    examples=(
        "trajectory SIM-DBF-embedding-4217b654cba9",
        "trajectory SIM-DBF-embedding-4217b654cba9 --where tower --where pixel:543160,5607700 --out paths.csv",
        "trajectory SIM-DBF-embedding-4217b654cba9 --where tower --fill structural --out paths.parquet --json",
        "trajectory SIM-DBF-embedding-4217b654cba9 --with SIM-DBF-embedding-734f1c633c25 --align --json",
        "trajectory SIM-CRO-embedding-49163ba78cfe --events",
    ),
    add_arguments=_add_arguments,
    run=_run,
)
