"""Random landscapes: one seed, one place; labelled as simulated; apart from the demo sites."""

import pytest

from core.schema import InputError
from core.simulate.spec import DEMO_SEEDS, DEMO_SITES
from core.sources.landscapes import FIRST_SEED, ensure_landscape
from core.sources.site import open_site, open_truth
from core.store import Workspace


def test_a_landscape_is_a_whole_simulated_site(workspace: Workspace) -> None:
    info = ensure_landscape(workspace, 5, size=16)
    site = open_site(workspace, info.id)
    assert site.info.simulated
    assert "simulated" in site.info.title
    assert site.info.shape == (16, 16)
    assert "landcover" in site.cube
    assert "reflectance" in open_truth(workspace, info.id)


def test_one_that_stands_is_kept_and_one_of_another_size_made_anew(workspace: Workspace) -> None:
    first = open_site(workspace, ensure_landscape(workspace, 5, size=16).id)
    assert open_site(workspace, ensure_landscape(workspace, 5, size=16).id).digest == first.digest
    assert ensure_landscape(workspace, 5, size=18).shape == (18, 18)


def test_landscapes_share_neither_name_nor_seed_with_a_demo_site(workspace: Workspace) -> None:
    assert ensure_landscape(workspace, FIRST_SEED, size=16).id not in DEMO_SITES
    assert max(DEMO_SEEDS.values()) < FIRST_SEED


def test_a_seed_below_zero_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="whole number from 0"):
        ensure_landscape(workspace, -1)
