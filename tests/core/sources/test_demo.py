"""Demo sites: known before they are made, made when asked for, made again when outdated."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.schema import BusyError, NotFoundError, WorkspaceError
from core.sources.demo import demo_info, demo_infos, ensure_demo
from core.sources.site import open_events, open_site, open_truth, write_site
from core.store import Workspace


def test_the_six_demo_sites_are_known_before_they_are_made() -> None:
    infos = demo_infos()
    assert [info.igbp for info in infos] == ["DBF", "ENF", "GRA", "CRO", "WET", "SAV"]
    assert all(info.simulated and not info.has_data for info in infos)
    assert all("simulated" in info.title.lower() and "simulat" in info.provenance.lower() for info in infos)


def test_an_unknown_demo_names_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="choose one of: SIM-DBF"):
        demo_info("SIM-XXX")


# ---------------------------------------------------------------- one that is made
def test_a_made_demo_is_a_whole_site_that_says_it_is_simulated(demo_workspace) -> None:
    site = open_site(demo_workspace, "SIM-DBF")
    assert site.info.simulated
    assert site.cube.attrs["simulated"] == 1
    assert site.info.shape == (80, 80)
    assert site.info.optical_dates > 280
    assert 0.2 <= site.info.clear_share <= 0.6
    assert site.info.tower_days > 900
    assert (site.info.start[:4], site.info.end[:4]) == ("2019", "2022")


def test_its_truth_and_events_are_stored_apart(demo_workspace) -> None:
    truth = open_truth(demo_workspace, "SIM-DBF")
    assert "gpp" in truth
    events = open_events(demo_workspace, "SIM-DBF")
    assert "drought" in set(events["type"])
    assert not set(map(str, truth.data_vars)) & set(map(str, open_site(demo_workspace, "SIM-DBF").cube.data_vars))


def test_a_demo_that_stands_is_kept(demo_workspace) -> None:
    before = demo_workspace.site_path("SIM-DBF").stat().st_mtime_ns
    assert ensure_demo(demo_workspace, "SIM-DBF") == demo_workspace.site("SIM-DBF")
    assert demo_workspace.site_path("SIM-DBF").stat().st_mtime_ns == before


# ---------------------------------------------------------------- one that is outdated
@pytest.fixture
def outdated(workspace, small_site) -> Workspace:
    """A workspace whose SIM-GRA was made by an older simulator."""
    old = replace(demo_info("SIM-GRA"), provenance="Simulated by Fluxscape's simulator, version 0, seed 42.")
    write_site(workspace, info=old, cube=small_site.cube)
    return workspace


def test_an_outdated_demo_is_made_again_with_rising_progress(outdated) -> None:
    heard: list[tuple[float, str]] = []
    info = ensure_demo(outdated, "SIM-GRA", progress=lambda share, doing: heard.append((share, doing)))
    assert info.provenance == demo_info("SIM-GRA").provenance
    assert outdated.site("SIM-GRA").shape == (80, 80)
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert heard[-1] == (0.9, "Storing what was simulated")
    assert all(doing for _, doing in heard)


def test_a_damaged_demo_can_be_made_again(outdated) -> None:
    """Here its description is spoilt; simulating is cut short, for what counts is that the way is free."""
    (outdated.site_path("SIM-GRA") / "site.json").write_text("{")
    with pytest.raises(_Stop):
        ensure_demo(outdated, "SIM-GRA", progress=cancel)
    assert not outdated.problems()


def test_a_demo_that_stands_can_be_made_again(outdated, small_site) -> None:
    outdated.remove_site("SIM-GRA")
    write_site(outdated, info=demo_info("SIM-GRA"), cube=small_site.cube)
    assert ensure_demo(outdated, "SIM-GRA").shape == (12, 10)
    with pytest.raises(_Stop):
        ensure_demo(outdated, "SIM-GRA", again=True, progress=cancel)


class _Stop(Exception):
    """What a cancelled job raises."""


def cancel(share: float, doing: str) -> None:
    raise _Stop


def test_a_demo_that_is_cancelled_leaves_nothing_behind(workspace) -> None:
    with pytest.raises(_Stop):
        ensure_demo(workspace, "SIM-GRA", progress=cancel)
    assert workspace.sites() == workspace.drafts() == []


@pytest.fixture
def being_written(workspace) -> Iterator[Workspace]:
    with workspace.draft("sites", "SIM-GRA"):
        yield workspace


def test_a_demo_that_somebody_else_is_making_is_busy(being_written) -> None:
    with pytest.raises(BusyError, match="another process"):
        ensure_demo(being_written, "SIM-GRA")


def test_a_workspace_that_cannot_be_written_is_said_before_anything_is_simulated(tmp_path) -> None:
    (tmp_path / "file").touch()
    heard: list[str] = []
    with pytest.raises(WorkspaceError, match="cannot be written to"):
        ensure_demo(
            Workspace(tmp_path / "file" / "workspace"), "SIM-GRA", progress=lambda _, doing: heard.append(doing)
        )
    assert heard == []
