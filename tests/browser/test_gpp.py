"""The GPP page as a reader meets it: invited by the tower, a model fitted, judged and mapped, a tower file brought."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from core.gpp.fit import fit_model
from core.gpp.sites import Request, open_sites
from core.gpp.store import open_scores
from core.sources.site import write_site
from core.store import Workspace
from tests.browser.server import Server, serve
from tests.browser.window import PATIENCE_MS, Window, open_window
from tests.core.gpp.test_sites import site

PHONE = {"width": 400, "height": 850}
KINDS = ("bands", "indices", "weather")


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """ONE with a tower and a fit of ridge."""
    here = Workspace(tmp_path_factory.mktemp("gpp") / "workspace")
    write_site(here, **site("ONE", 1))
    wanted = Request(sites=("ONE",), kinds=KINDS)
    source = {"request": wanted}
    fit_model(open_sites(here, wanted), model="ridge", split="blocked", window=20, source=source, workspace=here)
    return here


@pytest.fixture(scope="module")
def server(browser: object, space: Workspace) -> Iterator[Server]:
    with serve(space.root) as started:
        yield started


@pytest.fixture
def fresh(space: Workspace) -> str:
    """A site with a tower and no fit; a new one for each try."""
    name = f"FRESH{len(space.sites())}"
    write_site(space, **site(name, 0))
    return name


def open_gpp(window: Window, server: Server, **query: str) -> Window:
    link = "&".join(f"{name}={value}" for name, value in query.items())
    window.page.goto(f"{server.address}/gpp?{link}")
    window.page.get_by_role("button", name="Fit", exact=True).wait_for()
    return window.settle()


def choose(window: Window, label: str, option: re.Pattern[str]) -> None:
    window.page.get_by_role("combobox", name=re.compile(label)).click()
    window.page.get_by_role("option", name=option).click()
    window.settle()


def show(window: Window, part: str) -> None:
    window.page.get_by_test_id("stMain").get_by_text(part, exact=True).click()
    window.settle()


def test_a_model_is_fitted_judged_and_mapped(browser: object, server: Server, space: Workspace, fresh: str) -> None:
    with open_window(browser) as window:
        page = window.page
        open_gpp(window, server, site=fresh)
        page.get_by_text(re.compile(r"731 measured days, on average [\d.]+ gC")).wait_for()
        choose(window, "Regressor", re.compile(r"^ridge"))
        page.get_by_text(re.compile(r"About \d+ s")).wait_for()
        page.get_by_role("button", name="Fit", exact=True).click()
        page.get_by_text("Skill over climatology").first.wait_for(timeout=5 * PATIENCE_MS)
        window.settle()
        (run,) = space.runs(kind="gpp", site=fresh)
        assert window.comes_true(lambda: window.query("fit") == run.id)
        found = open_scores(space, run.id)
        first = page.locator(".fx-scores .value").first.inner_text()
        assert first == f"{found['skill']:+.2f}".replace("-", "−")
        assert found["skill"] > 0
        charts = page.locator(".fx-chart .js-plotly-plot")
        series = charts.first
        names = series.evaluate("chart => chart.data.map(trace => trace.name)")
        assert names[:1] == ["90 % interval"]
        assert {"measured", "predicted", "climatology"} <= set(names)
        shades = series.evaluate("chart => chart.layout.shapes.filter(shape => shape.type === 'rect').length")
        assert shades == 2  # the years 2019 and 2020, each held out once

        show(window, "map at 10 m")
        page.get_by_role("button", name=re.compile(r"^Map 20")).click()
        page.locator("canvas.image").wait_for(timeout=5 * PATIENCE_MS)
        page.get_by_text(re.compile(r"of the pixels have a value")).wait_for()
        show(window, "leaderboard")
        show(window, "map at 10 m")  # without the rest of the page
        page.get_by_text(re.compile(r"of the pixels have a value")).wait_for()
        before = window.query("date")
        page.get_by_title("Next usable date").click()
        assert window.wait_for_query("date", unlike=before).startswith("20")
        window.settle()
        assert page.get_by_test_id("stAlertContentError").count() == 0


def test_a_tower_file_of_ones_own_is_read_and_taken(
    browser: object, server: Server, space: Workspace, tmp_path: Path
) -> None:
    days = pd.date_range("2019-01-01", periods=200)
    columns = {"TIMESTAMP": days.strftime("%Y%m%d"), "GPP_NT_VUT_REF": 3.0, "NEE_VUT_REF_QC": 1.0}
    table = pd.DataFrame(columns)
    table.loc[:9, "GPP_NT_VUT_REF"] = -9999
    table.loc[10:29, "NEE_VUT_REF_QC"] = 0.2
    table.to_csv(tmp_path / "FLX_XX-One_FLUXNET2015_SUBSET_DD_2019-2019_1-4.csv", index=False)
    with open_window(browser) as window:
        page = window.page
        open_gpp(window, server, site="ONE")
        page.get_by_text("A tower file of your own for ONE").click()
        page.locator("input[type=file]").set_input_files(next(tmp_path.glob("FLX*.csv")))
        page.get_by_text("170 of 200 days count").wait_for()
        assert page.get_by_role("row", name=re.compile(r"quality 20")).is_visible()
        page.get_by_role("button", name="Take it as the tower of ONE").click()
        page.get_by_text(re.compile("takes the tower file you brought")).wait_for()
        kept = next((space.root / "towers").glob("ONE-*.csv"))
        assert (pd.read_csv(kept)["gpp"] == 3).sum() == 170
        page.get_by_text("needs two years or more").wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("part", ["leaderboard", "by site, season, quality", "annual sums"])
def test_nothing_overflows_on_a_phone(browser: object, server: Server, part: str, dark: bool) -> None:
    with open_window(browser, size=PHONE, dark=dark) as window:
        open_gpp(window, server, site="ONE")
        show(window, part)
        assert window.width_beyond() <= 0


def test_the_server_never_loads_torch(server: Server, window: Window) -> None:
    open_gpp(window, server, site="ONE")
    assert "/torch/lib/" not in Path(f"/proc/{server.process.pid}/maps").read_text(encoding="utf-8")
