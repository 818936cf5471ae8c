"""How well clusters of a year's path find the land cover of the demo sites, beside k-means on raw bands; and how fast.

    python -m benchmarks.clusters [--workspace PATH] [--model NAME] [--year 2021] [--only agreement|speed|page]

Demo sites and embeddings that are missing are made first, which takes minutes. The baseline clusters the ten optical
bands of the clearest summer date, with as many clusters, as they are and standardised. Fields of the crop site are
judged by their crop of that year. What the page's controls take is measured in a real Chromium, on a demo site and on a
made-up embedding of 500 x 500 pixels in a workspace of its own.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import clusters_page
from benchmarks.report import Figure, show
from core.cli.command import table
from core.clustering.assign import ClusterSpec, find_clusters
from core.clustering.basis import FeatureSpec
from core.clustering.features import read_features
from core.clustering.match import keep_numbers
from core.clustering.space import principal_space
from core.embedding.engine import run
from core.embedding.plan import plan
from core.embedding.result import open_embedding
from core.embedding.selection import Selection
from core.schema import S2_BANDS
from core.similarity.compare import Searchable, compare
from core.simulate.spec import DEMO_SITES, Cover
from core.sources.demo import ensure_demo
from core.sources.site import Site, open_site, open_truth
from core.store import Workspace

SUMMER = ("06-01", "08-31")
CROPS = 100  # added to a crop's number, beyond every cover
LARGE = 500  # pixels along the side of the area that speed is measured on
REPEATS = 15
AGREEMENT, GAIN = 0.5, 0.10  # adjusted Rand to reach, and above the baseline
SIMILARITY_MS = 100
SMALL_MS, LARGE_MS = 400, 1500  # of a control, at 80 x 80 and at 500 x 500 pixels
PAGE_SITE = "SIM-DBF"
SEEDS = range(3)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace")
    parser.add_argument("--model")
    parser.add_argument("--year", type=int, default=2021)
    parser.add_argument("--only", choices=("agreement", "speed", "page"))
    options = parser.parse_args()
    workspace = Workspace(options.workspace)
    if options.only in (None, "agreement"):
        _agreements(workspace, options.model, options.year)
    if options.only in (None, "speed"):
        _speed()
    if options.only in (None, "page"):
        _page(workspace, options.model, options.year)


def _agreements(workspace: Workspace, model: str | None, year: int) -> None:
    rows = [_site(workspace, site_id, model, year) for site_id in DEMO_SITES]
    names = ("path", "path, k suggested", "raw", "raw, standardised")
    print(f"Adjusted Rand index with the land cover of {year}, mean over {len(SEEDS)} seeds")
    lines = [(site, str(k), *(f"{value:.2f}" for value in values)) for site, k, values in rows]
    means = [statistics.fmean(values[place] for *_, values in rows) for place in range(len(names))]
    print(table([("site", "k", *names), *lines, ("mean", "", *(f"{value:.3f}" for value in means))]))
    gain = means[0] - max(means[2:])
    show(
        [
            Figure(name="agreement with the land cover, mean of the sites", value=means[0], at_least=AGREEMENT),
            Figure(name="above the better baseline", value=gain, at_least=GAIN),
        ]
    )


def _site(workspace: Workspace, site_id: str, model: str | None, year: int) -> tuple[str, int, list[float]]:
    ensure_demo(workspace, site_id)
    whole = _whole(year)
    made = run(workspace, plan(workspace, site_id, model=model, selection=whole)).run
    site, land = open_site(workspace, site_id), _land(workspace, site_id, year)
    k = len(np.unique(land))
    spec = FeatureSpec(basis="year", start=whole.start, end=whole.end)
    space = principal_space(read_features(open_embedding(workspace, made.id), spec))
    bands = _clearest_summer(site, year)
    seen = np.isfinite(bands).all(axis=1)
    known = bands[seen]
    even = (known - known.mean(axis=0)) / known.std(axis=0)

    def path(seed: int, number: int | None) -> float:
        labels = find_clusters(space, ClusterSpec(k=number, seed=seed)).labels
        return _agreement(land[labels > 0], labels[labels > 0])

    ways: list[Callable[[int], float]] = [
        lambda seed: path(seed, k),
        lambda seed: path(seed, None),
        lambda seed: _agreement(land.ravel()[seen], _k_means(known, k, seed)),
        lambda seed: _agreement(land.ravel()[seen], _k_means(even, k, seed)),
    ]
    return site_id, k, [statistics.fmean(way(seed) for seed in SEEDS) for way in ways]


def _land(workspace: Workspace, site_id: str, year: int) -> NDArray[np.int64]:
    """The land cover (rows, cols); at the crop site fields by their crop."""
    cover = open_site(workspace, site_id).cube["landcover"].values.astype(np.int64)
    if DEMO_SITES[site_id].igbp != "CRO":
        return cover
    crop = open_truth(workspace, site_id)["crop"].sel(year=year).values.astype(np.int64)
    return np.where(cover == Cover.CROP.code, CROPS + crop, cover)


def _clearest_summer(site: Site, year: int) -> NDArray[np.float32]:
    """Reflectance (pixels, 10)."""
    cube = site.cube.sel(time=slice(*(f"{year}-{day}" for day in SUMMER)))
    date = int(np.isfinite(cube["B04"].values).mean(axis=(1, 2)).argmax())
    return np.stack([cube[band].isel(time=date).values.ravel() for band in S2_BANDS], axis=1)


def _k_means(values: NDArray[np.float32], k: int, seed: int) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans

    return np.asarray(KMeans(k, n_init=10, random_state=seed).fit_predict(values))


def _agreement(land: NDArray[np.int64], labels: NDArray[np.integer]) -> float:
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(land, labels))


# ---------------------------------------------------------------- speed
def _speed() -> None:
    """Of a year of 7 values at 500 x 500 pixels, made up: speed does not ask what the values are."""
    import xarray as xr

    dice = np.random.default_rng(0)
    days = np.datetime64("2021-01-03", "ns") + np.arange(40) * np.timedelta64(9, "D")
    values = dice.normal(size=(7, len(days), LARGE, LARGE)).astype(np.float32)
    values[:, dice.random(values.shape[1:]) < 0.5] = np.nan
    place = {"time": days, "y": -10.0 * np.arange(LARGE), "x": 10.0 * np.arange(LARGE)}
    cube = xr.Dataset({"features": (("feature", "time", "y", "x"), values)}, place, {"crs": "EPSG:32632"})
    began = time.perf_counter()
    features = read_features(cube)
    read = time.perf_counter()
    space = principal_space(features)
    projected = time.perf_counter()
    searchable = Searchable(features=features)
    place_vector = searchable.place((3, 3))
    _ = searchable.lengths
    before = find_clusters(space, ClusterSpec(k=6)).labels
    rows = [("features", f"{1000 * (read - began):.0f}"), ("components", f"{1000 * (projected - read):.0f}")]
    timed: dict[str, Callable[[], object]] = {
        "another k, k-means": lambda: keep_numbers(find_clusters(space, ClusterSpec(k=7)), before),
        "similarity, cosine": lambda: compare(searchable, place_vector),
        "similarity, euclidean": lambda: compare(searchable, place_vector, measure="euclidean"),
    }
    medians = {name: _median_ms(work) for name, work in timed.items()}
    rows += [(name, f"{taken:.0f}") for name, taken in medians.items()]
    print(f"{LARGE} x {LARGE} pixels, {features.values.shape[1]} numbers a pixel")
    print(table([("step", "ms"), *rows]))
    slowest = max(taken for name, taken in medians.items() if name.startswith("similarity"))
    name = f"similarity, {LARGE} x {LARGE} pixels"
    show([Figure(name=name, value=slowest, unit="ms", at_most=SIMILARITY_MS)])


# ---------------------------------------------------------------- the page
def _page(workspace: Workspace, model: str | None, year: int) -> None:
    ensure_demo(workspace, PAGE_SITE)
    run(workspace, plan(workspace, PAGE_SITE, model=model, selection=_whole(year)))
    show(_figures(clusters_page.controls(workspace, PAGE_SITE), f"{PAGE_SITE}, 80 x 80", SMALL_MS))
    with tempfile.TemporaryDirectory() as folder:
        own = Workspace(Path(folder) / "workspace")
        clusters_page.large(own, Path(folder), LARGE)
        show(_figures(clusters_page.controls(own, clusters_page.LARGE), f"{LARGE} x {LARGE}", LARGE_MS))


def _figures(timed: Sequence[clusters_page.Timed], pixels: str, target: int) -> list[Figure]:
    return [Figure(name=f"{pixels}: {one.control}", value=one.median_ms, unit="ms", at_most=target) for one in timed]


def _whole(year: int) -> Selection:
    return Selection(start=f"{year}-01-01", end=f"{year}-12-31")


def _median_ms(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)


if __name__ == "__main__":
    main()
