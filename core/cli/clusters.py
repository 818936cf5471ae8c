"""`python -m core cluster` and `python -m core similar`: which places of an embedding behave alike."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.command import Command, make_folder, say, say_json, seed, table, warn, workspace_of
from core.cli.progress import Reporter, progress_option
from core.schema import InputError

if TYPE_CHECKING:
    from core.clustering.agreement import Agreement
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
    parser.add_argument("--seed", type=seed, default=0, metavar="NUMBER", help="equal seeds give equal clusters")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="also write GeoTIFF, GeoPackage, CSV and a text into this folder"
    )
    parser.add_argument(
        "--land-cover", type=Path, metavar="FILE", help="raster of classes to compare with (else the site's own)"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--suggest", action="store_true", help="only judge how many clusters there should be")
    instead.add_argument(
        "--plane", action="store_true", help="only arrange the pixels so that those that behave alike lie side by side"
    )
    progress_option(parser)


def _run_cluster(options: argparse.Namespace) -> None:
    from core.clustering.assign import ClusterSpec
    from core.clustering.result import cluster_run
    from core.sources.formats import recognise

    if options.method == "hdbscan" and options.k is not None:
        raise InputError("--k", options.k, "does not go with hdbscan, which finds it itself", "use --smallest")
    workspace = workspace_of(options)
    if options.suggest or options.plane:
        _study(options, workspace)
        return
    spec = ClusterSpec(method=options.method, k=options.k, smallest_share=options.smallest, seed=options.seed)
    workspace.run(options.embedding)  # what can be refused is refused before anything is made
    if options.land_cover:
        recognise(options.land_cover.expanduser())
    if options.out:
        make_folder(options.out)
    found = cluster_run(workspace, options.embedding, _features(options), spec)
    facts = _facts(workspace, found, options)
    if options.out:
        facts["files"] = [str(path) for path in _export(found, options.embedding, options.out.expanduser())]
    if options.json:
        say_json(facts)
    else:
        say(_text(facts))


def _study(options: argparse.Namespace, workspace: Workspace) -> None:
    from core.clustering.studies import NEIGHBOURS, NUMBER, open_number, study

    with Reporter(options.progress) as progress:
        kind = NUMBER if options.suggest else NEIGHBOURS
        run = study(workspace, kind, options.embedding, _features(options), progress=progress)
    facts: dict[str, Any] = {"run": run.id, "path": str(run.path), "by": run.spec.parameters["features"]}
    if options.plane:
        say_json(facts) if options.json else say(f"{run.id}: the pixels' places, in {run.path}")
        return
    found = open_number(run)
    if options.json:
        say_json(facts | {"k": found.k, "words": found.words, "tried": [asdict(one) for one in found.candidates]})
        return
    rows = [
        (str(one.k), f"{one.stability:.2f}", f"{one.recovered:.2f}", f"{one.silhouette:.2f}")
        for one in found.candidates
    ]
    say(table([("clusters", "adjusted Rand of resamples", "comes out again", "silhouette"), *rows]))
    say(found.words)


def _facts(workspace: Workspace, found: Found, options: argparse.Namespace) -> dict[str, Any]:
    from core.clustering.legend import legend

    rows = [entry._asdict() for entry in legend(found.clusters)]
    agreement = _agreement(workspace, found, options.land_cover)
    return {
        "run": found.run.id,
        "path": str(found.run.path),
        "reused": found.reused,
        "embedding": options.embedding,
        "method": found.clusters.spec.method,
        "k": found.clusters.spec.k,
        "by": found.clusters.features.to_json(),
        "seconds": found.run.notes["seconds"],
        "clusters": rows,
        "land_cover": None if agreement is None else agreement[0],
        "adjusted_rand": None if agreement is None else agreement[1].adjusted_rand,
        "confusion": None if agreement is None else agreement[1].counts(),
        "remarks": list(found.clusters.remarks),
    }


def _agreement(workspace: Workspace, found: Found, file: Path | None) -> tuple[str, Agreement] | None:
    """With a land-cover map, and which one it is; None where there is none to compare with."""
    from core.clustering.agreement import agreement, file_land_cover, site_land_cover
    from core.clustering.profiles import on_grid
    from core.schema import FluxscapeError
    from core.sources.site import open_site

    if file is not None:
        cover = file_land_cover(file.expanduser(), found.clusters.grid)
        return cover.source, agreement(found.clusters, cover)
    try:
        site = open_site(workspace, found.run.spec.site)
        own = site_land_cover(on_grid(site.cube, found.clusters))
    except FluxscapeError:  # a loaded embedding has no site, or one on other pixels
        return None
    return None if own is None else (own.source, agreement(found.clusters, own))


def _export(found: Found, embedding: str, folder: Path) -> list[Path]:
    from core.export.classes import export_polygons, export_raster, export_table, export_words, layer_of_clusters

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
        rows.append((entry["name"], area, f"{100 * entry['share']:.1f} %"))
    made = "stand already" if facts["reused"] else f"found in {facts['seconds']:.1f} s"
    lines = [f"{facts['run']}: {facts['k']} clusters by {facts['method']}, {made}.", table(rows)]
    if facts["adjusted_rand"] is not None:
        lines.append(f"Adjusted Rand index with {facts['land_cover']}: {facts['adjusted_rand']:.2f}.")
    return "\n".join([*lines, *(f"- {remark}" for remark in facts["remarks"]), *facts.get("files", ())])


CLUSTER = Command(
    summary="find places of an embedding that behave alike",
    examples=(
        "cluster SIM-DBF-embedding-4217b654cba9",
        "cluster SIM-DBF-embedding-4217b654cba9 --k 6 --json",
        "cluster SIM-DBF-embedding-4217b654cba9 --method gmm --by date --date 2021-07-01",
        "cluster SIM-DBF-embedding-4217b654cba9 --method hdbscan --out ~/clusters",
        "cluster SIM-DBF-embedding-4217b654cba9 --k 6 --land-cover ~/worldcover.tif",
        "cluster SIM-DBF-embedding-4217b654cba9 --suggest",
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

    if not -1 <= options.threshold <= 1:
        raise InputError("--threshold", options.threshold, "is no similarity", "give -1 to 1, where 1 is the same")
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
    share = f"{100 * match.share:.1f} %"
    return (match.site, match.run, f"{match.nearest:.3f}", f"{match.mean:.3f}", share, match.period)


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
