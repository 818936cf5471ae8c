"""Other sites that are like a chosen place, as far as their embeddings can be compared with its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.clustering.basis import FEWEST_DATES, FeatureSpec
from core.clustering.features import PixelFeatures, read_features, source_of
from core.embedding.result import KIND, open_embedding, read_embedding
from core.schema import InputError
from core.similarity.compare import Floats, Measure, Searchable, compare, pixel_at
from core.store import Run, Workspace

if TYPE_CHECKING:
    import xarray as xr

NEAREST = 0.99  # quantile of a site's similarities that stands for its most alike pixels: one alone may be a fluke
FAR_DATE = 30  # days; a date of another site further off is another season


class Search(NamedTuple):
    """What is like a chosen pixel, in its own site and in others."""

    similarity: Floats  # (rows, cols) of its own site
    own: SiteMatch  # `pixel` is the chosen one
    sites: list[SiteMatch]
    refused: list[Refused]


class SiteMatch(NamedTuple):
    """How much of another site is like the chosen place."""

    site: str
    run: str
    nearest: float  # similarity that its most alike hundredth of pixels reaches
    mean: float
    share: float  # of its pixels that reach the threshold
    pixel: tuple[int, int]  # row and column of the most alike
    period: str  # what was compared


class Refused(NamedTuple):
    """An embedding that cannot be compared, and why."""

    run: str
    reason: str  # a sentence


def nearest_sites(
    searchable: Searchable,
    place: Floats,
    others: Mapping[str, xr.Dataset] | Iterable[tuple[str, xr.Dataset]],
    *,
    measure: Measure = "cosine",
    threshold: float = 0.9,
) -> tuple[list[SiteMatch], list[Refused]]:
    """Other embeddings, by run, most alike first; and those that cannot be compared."""
    found, refused = [], []
    for run, embedding in others.items() if isinstance(others, Mapping) else others:
        try:
            theirs, ours = _in_common(searchable.features, embedding)
        except InputError as error:
            refused.append(Refused(run, str(error)))
            continue
        values = compare(Searchable(features=theirs), place[ours], measure=measure)
        found.append(_match(theirs, run, values, threshold))
    return sorted(found, key=lambda match: (-match.nearest, match.run)), refused


def search(
    workspace: Workspace,
    run_id: str,
    point: tuple[float, float],
    spec: FeatureSpec | None = None,
    *,
    measure: Measure = "cosine",
    threshold: float = 0.9,
) -> Search:
    """What is like the pixel at `point` (x, y in the site's CRS) of an embedding run, in all sites of the workspace.

    Of each other site the newest embedding that can be compared is taken; a site without one is refused.
    """
    searchable = Searchable(features=read_features(open_embedding(workspace, run_id), spec))
    grid = searchable.features.grid
    row, column = pixel_at(grid, *point)
    place = searchable.place((row, column))
    similarity = compare(searchable, place, measure=measure)
    own = _match(searchable.features, run_id, similarity, threshold)._replace(pixel=(row, column))
    found, refused = elsewhere(workspace, run_id, searchable, place, measure=measure, threshold=threshold)
    return Search(similarity, own, found, refused)


def elsewhere(
    workspace: Workspace,
    run_id: str,
    searchable: Searchable,
    place: Floats,
    *,
    measure: Measure = "cosine",
    threshold: float = 0.9,
) -> tuple[list[SiteMatch], list[Refused]]:
    """How much of every other site of the workspace is like a place in run `run_id`; sites most alike first.

    Of each site the newest embedding that can be compared is taken; a site without one is refused.
    """
    found, refused = [], []
    for runs in _other_sites(workspace, run_id):
        for place_in_line, run in enumerate(runs, start=1):
            here, left_out = nearest_sites(
                searchable, place, [(run.id, read_embedding(run))], measure=measure, threshold=threshold
            )
            found += here
            if here:
                break
            if place_in_line == len(runs):
                refused += left_out
    return sorted(found, key=lambda match: (-match.nearest, match.run)), refused


def _other_sites(workspace: Workspace, run_id: str) -> list[list[Run]]:
    """The embeddings of each other site, the newest first."""
    own = workspace.run(run_id).spec.site
    runs: dict[str, list[Run]] = {}
    for run in workspace.runs(kind=KIND):
        if run.spec.site != own:
            runs.setdefault(run.spec.site, []).append(run)
    return [runs[site] for site in sorted(runs)]


def check_comparable(ours: Mapping[str, str], theirs: Mapping[str, str]) -> None:
    """Refuse an embedding by another model, weights or version of Fluxscape: its values mean other things."""
    for key, words in (("model", "the model"), ("weights", "weights"), ("version", "version")):
        if ours[key] != theirs[key]:
            problem = f"comes from {words} '{theirs[key][:12]}', the chosen place from '{ours[key][:12]}'"
            raise InputError("embedding", theirs["site"], problem, "embed both with the same model and version")


def _in_common(features: PixelFeatures, embedding: xr.Dataset) -> tuple[PixelFeatures, NDArray[np.int64]]:
    """The features of another embedding in the units of ours, and which of our columns they are."""
    check_comparable(features.source, source_of(embedding))
    if embedding.sizes["feature"] != features.dims:
        sizes = f"has {embedding.sizes['feature']} values a pixel, the chosen place {features.dims}"
        raise InputError("embedding", features.source["site"], sizes, "embed both with the same model")
    theirs = read_features(embedding, replace(features.spec, standardise=False))
    _check_season(features, theirs)
    first, second = _shared_days(features, theirs)
    columns = theirs.values.reshape(theirs.count, theirs.dims, -1)[:, :, second]
    columns = (columns - features.shift[:, None]) / features.scale[:, None]
    values = np.ascontiguousarray(columns.reshape(theirs.count, -1), dtype=np.float32)
    days = len(features.days) if features.spec.basis == "year" else 1
    ours = (np.arange(features.dims)[:, None] * days + first[None]).ravel()
    return replace(theirs, values=values, shift=features.shift, scale=features.scale), ours


def _check_season(ours: PixelFeatures, theirs: PixelFeatures) -> None:
    if ours.spec.basis != "date":
        return
    away = abs(int((theirs.days[0] - ours.days[0]).astype(int)))
    if away > FAR_DATE:
        problem = f"has no date within {FAR_DATE} days of {ours.days[0]}"
        raise InputError("embedding", theirs.source["site"], problem, "compare paths through a year or another date")


def _shared_days(ours: PixelFeatures, theirs: PixelFeatures) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the common days that both paths have; one place where there is no path."""
    if ours.spec.basis != "year":
        return np.zeros(1, np.int64), np.zeros(1, np.int64)
    _, first, second = np.intersect1d(ours.days, theirs.days, return_indices=True)
    if len(first) < FEWEST_DATES:
        problem = f"shares {len(first)} common days with the chosen place, too few for a path"
        raise InputError("embedding", theirs.source["site"], problem, "compare a mean or one date")
    return first, second


def _match(theirs: PixelFeatures, run: str, values: Floats, threshold: float) -> SiteMatch:
    known = values[np.isfinite(values)]
    if known.size == 0:
        known = np.array([np.nan], np.float32)
    row, column = np.unravel_index(np.argmax(np.where(np.isfinite(values), values, -np.inf)), values.shape)
    return SiteMatch(
        site=theirs.source["site"],
        run=run,
        nearest=float(np.quantile(known, NEAREST)),
        mean=float(known.mean()),
        share=float((known >= threshold).mean()),
        pixel=(int(row), int(column)),
        period=f"{theirs.days[0]} to {theirs.days[-1]}" if len(theirs.days) > 1 else str(theirs.days[0]),
    )
