"""`python -m core cluster` and `python -m core similar`: which places of an embedding behave alike."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.command import Command, say, say_json, table, warn, workspace_of
from core.schema import InputError

if TYPE_CHECKING:
    from core.clustering.basis import Basis, FeatureSpec
    from core.clustering.result import Found
    from core.similarity.sites import Refused, SiteMatch
    from core.store import Workspace

METHODS = ("kmeans", "gmm", "hdbscan")  # as core.clustering.methods has them; not imported here: it is heavier
BASES = ("date", "mean", "year")
MEASURES = ("cosine", "euclidean")


def _add_basis(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("embedding", metavar="RUN", help="an embedding, as `python -m core embed` names it")
    parser.add_argument(
        "--by", choices=BASES, help="compare pixels by one date, a mean, or the path through a year (the usual way)"
    )
    parser.add_argument("--date", metavar="DATE", help="with --by date (else the clearest)")
    parser.add_argument(
        "--start", metavar="DATE", help="with --by mean or year (else the whole, or the best-seen year)"
    )
    parser.add_argument("--end", metavar="DATE", help="last date, included")
    parser.add_argument(
        "--standardise",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="let every value of the embedding count alike (the usual way), or as it varies",
    )


def _features(options: argparse.Namespace) -> FeatureSpec:
    from core.clustering.basis import FeatureSpec

    basis: Basis = options.by or ("date" if options.date else "year")
    if options.date and basis != "date":
        raise InputError("--date", options.date, f"does not go with --by {basis}", "use --start and --end")
    if basis == "date" and (options.start or options.end):
        raise InputError("--by", "date", "does not go with --start and --end", "use --date")
    return FeatureSpec(
        basis=basis, date=options.date, start=options.start, end=options.end, standardise=options.standardise
    )


# ---------------------------------------------------------------- cluster
def _add_cluster(parser: argparse.ArgumentParser) -> None:
    _add_basis(parser)
    parser.add_argument("--method", choices=METHODS, default="kmeans", help="how clusters are sought")
    parser.add_argument("--k", type=int, metavar="NUMBER", help="how many (else suggested; HDBSCAN finds it itself)")
    parser.add_argument(
        "--smallest", type=float, default=0.01, metavar="SHARE", help="smallest cluster of HDBSCAN, of the pixels"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="NUMBER", help="equal seeds give equal clusters")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="also write GeoTIFF, GeoPackage, CSV and a text into this folder"
    )


def _run_cluster(options: argparse.Namespace) -> None:
    from core.clustering.assign import ClusterSpec
    from core.clustering.result import cluster_run

    if options.method == "hdbscan" and options.k is not None:
        raise InputError("--k", options.k, "does not go with hdbscan, which finds it itself", "use --smallest")
    workspace = workspace_of(options)
    spec = ClusterSpec(method=options.method, k=options.k, smallest_share=options.smallest, seed=options.seed)
    found = cluster_run(workspace, options.embedding, _features(options), spec)
    facts = _facts(workspace, found, options.embedding)
    if options.out:
        facts["files"] = [str(path) for path in _export(found, options.embedding, options.out)]
    if options.json:
        say_json(facts)
    else:
        say(_text(facts))


def _facts(workspace: Workspace, found: Found, embedding: str) -> dict[str, Any]:
    from core.clustering.legend import legend

    rows = [entry._asdict() for entry in legend(found.clusters)]
    agreement = _agreement(workspace, found)
    return {
        "run": found.run.id,
        "path": str(found.run.path),
        "reused": found.reused,
        "embedding": embedding,
        "method": found.clusters.spec.method,
        "k": found.clusters.spec.k,
        "by": found.clusters.features.to_json(),
        "seconds": found.run.notes["seconds"],
        "clusters": rows,
        "adjusted_rand": agreement,
        "remarks": list(found.clusters.remarks),
    }


def _agreement(workspace: Workspace, found: Found) -> float | None:
    """With the land-cover map of the site; None where there is none to compare with."""
    from core.clustering.agreement import agreement, site_land_cover
    from core.clustering.profiles import on_grid
    from core.schema import FluxscapeError
    from core.sources.site import open_site

    try:
        site = open_site(workspace, found.run.spec.site)
        cover = site_land_cover(on_grid(site.cube, found.clusters))
    except FluxscapeError:  # a loaded embedding has no site, or one on other pixels
        return None
    return None if cover is None else agreement(found.clusters, cover).adjusted_rand


def _export(found: Found, embedding: str, folder: Path) -> list[Path]:
    from core.export.classes import export_polygons, export_raster, export_table, export_words, layer_of_clusters

    folder = folder.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("--out", str(folder), "is no folder that can be written", "name another") from error
    layer, name = layer_of_clusters(found.clusters, run=embedding), found.run.id
    return [
        export_raster(layer, folder / f"{name}.tif", overwrite=True),
        export_polygons(layer, folder / f"{name}.gpkg", overwrite=True),
        export_table(layer, folder / f"{name}.csv", overwrite=True),
        export_words(layer, folder / f"{name}.txt", overwrite=True),
    ]


def _text(facts: dict[str, Any]) -> str:
    rows = [("cluster", "area", "share")]
    for entry in facts["clusters"]:
        area = f"{entry['pixels']:,} pixels" if entry["area_ha"] is None else f"{entry['area_ha']:.1f} ha"
        rows.append((entry["name"], area, f"{entry['share']:.1%}"))
    made = "stand already" if facts["reused"] else f"found in {facts['seconds']:.1f} s"
    lines = [f"{facts['run']}: {facts['k']} clusters by {facts['method']}, {made}.", table(rows)]
    if facts["adjusted_rand"] is not None:
        lines.append(f"Adjusted Rand index with the site's land-cover map: {facts['adjusted_rand']:.2f}.")
    return "\n".join([*lines, *(f"- {remark}" for remark in facts["remarks"]), *facts.get("files", ())])


CLUSTER = Command(
    summary="find places of an embedding that behave alike",
    examples=(
        "cluster SIM-DBF-embedding-4217b654cba9",
        "cluster SIM-DBF-embedding-4217b654cba9 --k 6 --json",
        "cluster SIM-DBF-embedding-4217b654cba9 --method gmm --by date --date 2021-07-01",
        "cluster SIM-DBF-embedding-4217b654cba9 --method hdbscan --out ~/clusters",
    ),
    add_arguments=_add_cluster,
    run=_run_cluster,
)


# ---------------------------------------------------------------- similar
def _add_similar(parser: argparse.ArgumentParser) -> None:
    _add_basis(parser)
    parser.add_argument(
        "--x", type=float, required=True, metavar="EAST", help="of the chosen pixel, m in the site's CRS"
    )
    parser.add_argument("--y", type=float, required=True, metavar="NORTH", help="of the chosen pixel")
    parser.add_argument("--measure", choices=MEASURES, default="cosine", help="of similarity, 1 = the same")
    parser.add_argument("--threshold", type=float, default=0.9, metavar="VALUE", help="what counts as alike")


def _run_similar(options: argparse.Namespace) -> None:
    from core.similarity.sites import search

    found = search(
        workspace_of(options),
        options.embedding,
        (options.x, options.y),
        _features(options),
        measure=options.measure,
        threshold=options.threshold,
    )
    matches: list[SiteMatch] = [found.own, *found.sites]
    if options.json:
        facts = {"pixel": found.own.pixel, "measure": options.measure, "threshold": options.threshold}
        sites = [match._asdict() for match in matches]
        say_json(facts | {"sites": sites, "refused": [refused._asdict() for refused in found.refused]})
        return
    say(table([("site", "run", "nearest 1 %", "mean", f">= {options.threshold:g}", "compared"), *map(_row, matches)]))
    _tell(found.refused)


def _row(match: SiteMatch) -> tuple[str, ...]:
    return (match.site, match.run, f"{match.nearest:.3f}", f"{match.mean:.3f}", f"{match.share:.1%}", match.period)


def _tell(refused: list[Refused]) -> None:
    for run, reason in refused:
        warn(f"{run} was left out: {reason}")


SIMILAR = Command(
    summary="find what is like a pixel, in its own site and in others embedded by the same model",
    examples=(
        "similar SIM-DBF-embedding-4217b654cba9 --x 543160 --y 5607700",
        "similar SIM-DBF-embedding-4217b654cba9 --x 543160 --y 5607700 --measure euclidean --threshold 0.7 --json",
    ),
    add_arguments=_add_similar,
    run=_run_similar,
)
