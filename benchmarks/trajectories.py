"""Trajectories: events, seasons and droughts against the hidden truth, and how soon a control of the page answers.

    python -m benchmarks.trajectories [--workspace FOLDER]   the six demo sites
    python -m benchmarks.trajectories --landscapes           four random landscapes, made and embedded first

Thresholds of events were chosen on landscapes 9000 to 9013; those made here took no part, and neither did the demo
sites in the last choice. Events are counted over all sites together. Seasons are those of the largest patches, by
embedding and by NDVI. A site counts as stricken by drought where its hidden water stress of the drought year exceeds
every other year's by `STRICKEN`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Figure, show
from benchmarks.sites import MODEL, embedded
from core.embedding.engine import run
from core.embedding.plan import plan
from core.embedding.result import open_embedding
from core.figures.trajectories import MANY
from core.schema import FluxscapeError
from core.sources.landscapes import ensure_landscape
from core.sources.site import open_events, open_site, open_truth
from core.store import Run, Workspace
from core.trajectories.find import find_events, latitude_of
from core.trajectories.known import Judged, judge, known_events
from core.trajectories.paths import read_path
from core.trajectories.places import Place, place_of
from core.trajectories.season import season
from core.trajectories.sensors import index_of
from core.trajectories.unusual import summer_of, unusual_curve, year_shifts
from core.trajectories.vigour import vigour_axis
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.server import serve
from tests.browser.window import open_window

SEEDS = (9100, 9101, 9103, 9104)
STRONG, MOWING = ("clearcut", "fire", "harvest"), ("mowing",)
PATCHES, PATCH_PX = 12, 20  # the largest of a site, and the pixels of the smallest of them
STRICKEN = 0.1  # of the water demand that is not met, April to September
ROUNDS = 4  # of each control


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, metavar="FOLDER")
    parser.add_argument("--landscapes", action="store_true", help="judge random landscapes instead of the demo sites")
    parser.add_argument("--no-browser", action="store_true", help="leave the page's controls out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace" if options.landscapes else options.workspace)
        runs = landscapes(workspace) if options.landscapes else embedded(workspace)
        show(figures(workspace, runs))
        if not options.no_browser:
            show(controls(workspace, runs))


def landscapes(workspace: Workspace) -> list[Run]:
    """The embeddings of random landscapes."""
    sites = [ensure_landscape(workspace, seed).id for seed in SEEDS]
    return [run(workspace, plan(workspace, site, model=MODEL)).run for site in sites]


def figures(workspace: Workspace, runs: Sequence[Run]) -> Iterator[Figure]:
    """Events, seasons and droughts of every simulated site, all sites together."""
    strong, mown = Tally(), Tally()
    starts: dict[str, list[float]] = {"embedding": [], "NDVI": []}
    ranks: list[int] = []
    for made in runs:
        site = made.spec.site
        embedding, cube = open_embedding(workspace, made.id), open_site(workspace, site).cube
        known, truth = known_events(workspace, site), open_truth(workspace, site)
        found, _ = find_events(embedding, cube)
        strong.add(judge(found, known, STRONG))
        mown.add(judge(found, known, MOWING))
        for source, errors in start_errors(embedding, cube, truth).items():
            starts[source] += errors
        ranks += drought_rank(workspace, embedding, truth)
    yield Figure(name=f"clear-cut, fire, harvest ({strong.wanted} events)", value=strong.f1, at_least=0.8, unit="F1")
    yield Figure(name=f"mowing ({mown.wanted} events)", value=mown.f1, at_least=0.5, unit="F1")
    for kind, tally in (("clear-cut, fire, harvest", strong), ("mowing", mown)):
        if tally.errors:
            gap = statistics.median(tally.gaps)
            name = f"{kind}: median date off (<= view gap)"
            yield Figure(name=name, value=statistics.median(tally.errors), at_most=gap, unit="d")
    if starts["embedding"]:
        by_index = statistics.median(starts["NDVI"])
        name = f"start of season off, median of {len(starts['embedding'])}"
        yield Figure(name=name, value=statistics.median(starts["embedding"]), at_most=min(8.0, by_index), unit="d")
        yield Figure(name="the same by NDVI", value=by_index, unit="d")
    if ranks:
        share = sum(rank == 1 for rank in ranks) / len(ranks)
        yield Figure(name=f"drought year furthest off, of {len(ranks)} sites", value=share, at_least=1.0, unit="share")


class Tally:
    """Judgements of several sites as one."""

    def __init__(self) -> None:
        self.hits = self.wanted = self.right = self.found = 0
        self.errors: list[float] = []
        self.gaps: list[float] = []

    def add(self, one: Judged) -> None:
        self.hits += len(one.date_errors)
        self.wanted += one.wanted
        self.right += round(one.precision * one.found) if one.found else 0
        self.found += one.found
        self.errors += one.date_errors
        self.gaps += one.gaps

    @property
    def f1(self) -> float:
        recall, precision = self.hits / max(self.wanted, 1), self.right / max(self.found, 1)
        return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def start_errors(embedding: Any, cube: Any, truth: Any) -> dict[str, list[float]]:
    """Days by which the start of season was off, of patches and years that both sources can tell."""
    axis = vigour_axis(embedding, cube)
    patch = truth["patch_map"].values
    sizes = np.bincount(patch.ravel(), minlength=truth.sizes["patch"] + 1)[1:]
    errors: dict[str, list[float]] = {"embedding": [], "NDVI": []}
    for number in np.argsort(-sizes)[:PATCHES] + 1:
        if sizes[number - 1] < PATCH_PX:
            continue
        place = Place(kind="area", label=f"patch {number}", weights=(patch == number) / sizes[number - 1])
        try:
            path = read_path(embedding, place)
        except FluxscapeError:
            continue
        seen = index_of(cube, embedding, place, "NDVI")
        for column, year in enumerate(truth["year"].values):
            true = truth["season_start"].values[number - 1, column].astype("datetime64[D]")
            if seen is None or np.isnat(true):
                continue
            try:
                own = season(axis.read(path.values.T), path.days, int(year), source="embedding").start
                other = season(seen.values, seen.days, int(year), source="NDVI").start
            except FluxscapeError:
                continue
            if own and other:
                errors["embedding"].append(abs(float((np.datetime64(own.date) - true).astype(int))))
                errors["NDVI"].append(abs(float((np.datetime64(other.date) - true).astype(int))))
    return errors


def drought_rank(workspace: Workspace, embedding: Any, truth: Any) -> list[int]:
    """The place of the drought year among the years by its summer's departure, 1 = furthest; none if not stricken."""
    table = open_events(workspace, str(embedding.attrs["site"]))
    struck = table[table["type"] == "drought"]["date"].dt.year.tolist()
    if not struck:
        return []
    stress = yearly_stress(truth)
    year = int(struck[0])
    if stress.get(year, 0.0) < STRICKEN + max(value for other, value in stress.items() if other != year):
        return []
    path = read_path(embedding, place_of(workspace, embedding, "site"))
    months = summer_of(latitude_of(embedding))
    try:
        curve = unusual_curve(path.values, path.days)
    except FluxscapeError:
        return []
    shifts = year_shifts(curve, path.values, path.days, months=months)
    return [1 + sum(value > shifts[year] for value in shifts.values())] if year in shifts else []


def yearly_stress(truth: Any) -> dict[int, float]:
    """Hidden water stress of the site, April to September of each year; patches count by their size."""
    days = truth["day"].values
    month, year = days.astype("datetime64[M]").astype(int) % 12 + 1, days.astype("datetime64[Y]").astype(int) + 1970
    sizes = np.bincount(truth["patch_map"].values.ravel(), minlength=truth.sizes["patch"] + 1)[1:]
    mean = np.average(truth["water_stress"].values, axis=0, weights=sizes)
    return {int(one): float(mean[(year == one) & (month >= 4) & (month <= 9)].mean()) for one in np.unique(year)}


def controls(workspace: Workspace, runs: Sequence[Run]) -> Iterator[Figure]:
    """Median time until the path's chart shows what a control asks for, with 200 pixels' paths on the page."""
    from playwright.sync_api import sync_playwright

    site, embedding = runs[0].spec.site, runs[0].id
    with serve(workspace.root) as server, sync_playwright() as control:
        browser = control.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with open_window(browser) as window:
            window.open(f"{server.address}/trajectories?site={site}&run={embedding}")
            main = window.page.get_by_test_id("stMain")
            main.get_by_text("whole site", exact=True).click()
            main.get_by_text("Its pixels").click()
            window.page.wait_for_function(f"{DRAWN} > {MANY}")
            window.settle()

            def colour(name: str) -> Callable[[], None]:
                def choose() -> None:
                    main.get_by_label("Colour", exact=True).first.click()
                    window.page.get_by_role("option", name=name, exact=True).click()

                return choose

            def press(name: str) -> Callable[[], None]:
                return lambda: main.get_by_text(name, exact=True).first.click()

            for name, watched, there, back in (
                ("axes of 200 paths", f"{CHART}.layout.xaxis.title.text", press("2, 3"), press("1, 2")),
                ("colour of 200 paths", f"{CHART}.data.length", colour("year"), colour("day of year")),
                ("date step with 200 paths", f"{CHART}.layout.shapes[0].xanchor", step(window, 1), step(window, -1)),
            ):
                times = []
                for turn in range(ROUNDS):
                    times.append(timed(window, watched, back if turn % 2 else there))
                    window.settle()
                yield Figure(name=name, value=statistics.median(times), at_most=400, unit="ms")
        browser.close()


CHART = "document.querySelector('.fx-chart .js-plotly-plot')"
DRAWN = f"({CHART}?.data ?? []).reduce((sum, trace) => sum + (trace.customdata?.length ?? 0), 0)"
# From now on, note when a value differs from what it is now; ms since the last click.
WATCH = """watched => {
    const value = () => { try { return String(eval(watched)); } catch { return window.before; } };
    window.before = value();
    window.since = null;
    window.took = null;
    addEventListener('pointerdown', () => (window.since = performance.now()), { capture: true });
    const look = () => {
        if (value() === window.before) requestAnimationFrame(look);
        else window.took = performance.now() - window.since;
    };
    requestAnimationFrame(look);
}"""


def timed(window: Any, watched: str, act: Callable[[], None]) -> float:
    """Milliseconds from the last press of a button to what is watched being another."""
    window.page.evaluate(WATCH, watched)
    act()
    window.page.wait_for_function("window.took !== null")
    return float(window.page.evaluate("window.took"))


def step(window: Any, direction: int) -> Callable[[], None]:
    """To the next usable date, or back."""
    button = window.page.locator(".player .on" if direction > 0 else ".player .back")
    return lambda: button.click()


if __name__ == "__main__":
    main()
