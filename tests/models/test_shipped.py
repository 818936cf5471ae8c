"""The weights that come with Fluxscape: whole, small, described, and as good as their cards say."""

from __future__ import annotations

import numpy as np
import pytest

from core.store import Workspace
from models.checks import InputError
from models.evaluation import reconstruction
from models.evaluation.places import Place, read_place
from models.inputs import OPTICAL, RADAR
from models.shipped import CARD, DEFAULT, NAMES, load_shipped, shipped_path

LARGEST_MB = 5
OPTICAL_GOAL, RADAR_GOAL = 0.008, 0.020  # mean absolute error, of reflectance and of backscatter scaled to 0..1


@pytest.fixture(scope="module")
def place(demo_workspace: Workspace) -> Place:
    return read_place(demo_workspace.site_path("SIM-DBF") / "cube.zarr")


@pytest.mark.parametrize("name", NAMES)
def test_each_is_whole_small_and_described(name: str) -> None:
    folder = shipped_path(name)
    assert sum(file.stat().st_size for file in folder.iterdir()) < LARGEST_MB * 1e6
    loaded = load_shipped(name)
    assert (loaded.preset, loaded.stage) == ("compact", "fusion")
    assert loaded.config.bottleneck == int(name.split("-")[1])
    card = (folder / CARD).read_text(encoding="utf-8")
    assert "simulated" in card
    assert loaded.digest[:12] in card, "the card is not of these weights"


def test_the_default_is_one_of_them_and_others_are_refused() -> None:
    assert DEFAULT in NAMES
    with pytest.raises(InputError, match="choose one of compact-7, compact-32"):
        load_shipped("compact-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_place_never_seen_is_rebuilt_well_enough(name: str, place: Place) -> None:
    loaded = load_shipped(name)
    rows = reconstruction.collect(loaded.model, place)
    bands = {modality.name: modality.bands for modality in loaded.config.modalities}
    said = reconstruction.summary(rows, bands, loaded.config.bottleneck)
    assert said[OPTICAL]["mae"] <= OPTICAL_GOAL
    assert said[RADAR]["mae"] <= RADAR_GOAL
    for sensor in (OPTICAL, RADAR):  # context takes noise away
        truth = said[sensor]["against_truth"]
        assert truth["rebuilt"] < 0.9 * truth["input"]


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_sensor_costs_something_and_breaks_nothing(name: str, place: Place) -> None:
    rows = reconstruction.collect(load_shipped(name).model, place)
    for gone in (OPTICAL, RADAR):
        kept = RADAR if gone == OPTICAL else OPTICAL
        said = rows[kept]
        assert np.isfinite(said.without[gone]).all()
        spread = np.abs(said.observed - said.observed.mean(axis=0)).mean()
        assert reconstruction.mae(said.without[gone], said.observed) < 0.6 * spread
