"""What is judged: read from a site folder, and embedded a few dates at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.sources.site import open_truth
from core.store import Workspace
from models.evaluation.places import embed, read_place, rebuild
from models.inputs import OPTICAL, RADAR


def test_a_date_alone_is_embedded_as_within_the_whole_series(model, make_place) -> None:
    cube = make_place().cube
    whole = embed(model, cube, slice(0, 12))
    for date in (0, 5, 11):
        assert torch.allclose(embed(model, cube, slice(date, date + 1))[0], whole[date], atol=1e-6)


def test_a_hidden_sensor_is_as_one_that_was_never_there(model, make_place) -> None:
    cube = make_place().cube
    never = cube._replace(sensors={OPTICAL: cube.sensors[OPTICAL]})
    assert torch.equal(embed(model, cube, slice(3, 4), hidden=[RADAR]), embed(model, never, slice(3, 4)))


def test_what_is_rebuilt_has_the_bands_of_its_sensor(model, make_place) -> None:
    embedding = embed(model, make_place().cube, slice(2, 4))
    assert rebuild(model, embedding, OPTICAL).shape == (2, 10, 20, 20)
    assert rebuild(model, embedding, RADAR).shape == (2, 2, 20, 20)


@pytest.fixture(scope="module")
def demo(demo_workspace: Workspace) -> Path:
    return demo_workspace.site_path("SIM-DBF") / "cube.zarr"


def test_a_simulated_site_is_read_with_its_map_and_truth(demo: Path, demo_workspace: Workspace) -> None:
    place = read_place(demo)
    assert place.landcover.shape == (80, 80)
    truth, seen = place.cube.truth[OPTICAL], place.cube.sensors[OPTICAL]
    known = np.flatnonzero(np.isfinite(truth).all(axis=(1, 2, 3)))
    assert len(known) > 20
    stored = open_truth(demo_workspace, "SIM-DBF")["reflectance"]
    day = seen.days[known[7]].astype("datetime64[D]")
    np.testing.assert_allclose(truth[known[7]], stored.sel(time=day.astype("datetime64[ns]")).values, atol=1e-6)
    assert np.nanmean(np.abs(truth[known] - seen.values[known])) < 0.03  # noise, not another date


def test_neighbouring_acquisitions_calm_the_radar(demo: Path) -> None:
    place = read_place(demo)
    calmed, truth = place.cube.sensors[RADAR].values, place.cube.truth[RADAR]
    assert np.nanmean(np.abs(calmed - truth)) < 0.75 * np.nanmean(np.abs(place.radar_as_seen - truth))
