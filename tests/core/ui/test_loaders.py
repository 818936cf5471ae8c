"""What is kept between reruns: under its content, and never more pictures than a browser should be sent."""

import shutil
from dataclasses import replace

import pytest

from core import images
from core.schema import NotFoundError
from core.sources.site import write_site
from core.store import Workspace
from core.ui import loaders
from tests.conftest import HandMade


@pytest.fixture
def here(workspace: Workspace, small_site: HandMade, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(workspace.root))
    write_site(workspace, **small_site.parts())
    return workspace


def test_a_site_is_opened_once_and_lies_in_memory(here: Workspace) -> None:
    first = loaders.site("SMALL")
    assert loaders.site("SMALL") is first
    assert first.cube["B04"].variable._in_memory


def test_a_site_made_anew_under_the_same_id_is_read_anew(here: Workspace, small_site: HandMade) -> None:
    before = loaders.site("SMALL")
    shutil.rmtree(here.site_path("SMALL"))
    write_site(here, **(small_site.parts() | {"info": replace(small_site.info, title="Another one")}))
    assert loaders.site("SMALL").info.title == "Another one"
    assert loaders.site("SMALL").digest != before.digest


def test_a_site_that_is_not_there_is_said(here: Workspace) -> None:
    with pytest.raises(NotFoundError, match="NONE"):
        loaders.site("NONE")


def test_pictures_are_made_once(here: Workspace) -> None:
    site = loaders.site("SMALL")
    assert loaders.frames(site, "true colour", date="") is loaders.frames(site, "true colour", date="2021-05-26")
    assert loaders.frames(site, "NDVI", date="").label == "NDVI"


def test_a_large_cube_comes_as_the_block_that_holds_the_date(here: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six dates in blocks of two: the fifth date lies in the third block."""
    two_dates = 2 * 4 * 12 * 10  # bytes of RGBA
    layer_frames = images.layer_frames
    monkeypatch.setattr(loaders, "layer_frames", lambda *a, **k: layer_frames(*a, **k, budget=two_dates))
    loaders._frames.clear()
    found = loaders.frames(loaders.site("SMALL"), "true colour", date="2021-05-21")
    assert (found.start, len(found.pixels), len(found.dates)) == (4, 2, 6)
    loaders._frames.clear()
