"""Land covers told apart by a straight line, where it is known how well they can be."""

from __future__ import annotations

import numpy as np
import pytest

from models.evaluation.landcover import SEASONS, Pixels, balanced_accuracy, collect, summary

COUNT = 600


def pixels(*, seed: int = 0, places: int = 6, telling: bool = True) -> Pixels:
    """Three covers; the embedding tells them apart or is noise, the bands are always noise."""
    dice = np.random.default_rng(seed)
    cover = dice.integers(1, 4, COUNT)
    noise = dice.normal(size=(COUNT, 3))
    embedding = np.eye(3)[cover - 1] + 0.05 * noise if telling else noise
    bands = dice.normal(size=(COUNT, 5))
    return Pixels(embedding, bands, {"s1": noise}, cover, np.arange(COUNT) % places)


def test_rare_covers_weigh_as_much_as_common_ones() -> None:
    truth = np.array([1] * 90 + [2] * 10)
    assert balanced_accuracy(truth, np.ones(100)) == 0.5
    assert balanced_accuracy(truth, truth) == 1.0


@pytest.mark.parametrize("taught", [pixels(seed=1), None], ids=["other places", "folds"])
def test_what_tells_covers_apart_is_found_and_noise_is_not(taught: Pixels | None) -> None:
    said = summary(pixels(), taught)
    assert said["embedding"] > 0.95
    assert said["bands"] < 0.5
    assert said["pca"] < 0.5
    assert said["without s1"] < 0.6
    assert said["classes"] == [1, 2, 3]


def test_knowing_the_place_does_not_help() -> None:
    """Each place has a cover of its own: a line that had seen the judged place would know it."""
    place = np.arange(COUNT) % 6
    cover = place % 3 + 1
    told = np.eye(6)[place]
    said = summary(Pixels(told, told, {}, cover, place), None)
    assert said["embedding"] < 0.5


def test_covers_that_could_not_be_learnt_are_not_judged() -> None:
    taught = pixels(seed=1)
    judged = pixels()
    judged.cover[:50] = 9
    assert 9 not in summary(judged, taught)["classes"]


def test_seasons_are_found_by_the_day_of_the_year(model, make_place) -> None:
    found = collect(model, make_place(cloudy=0.1), number=4)
    assert set(found) == set(SEASONS)
    assert (found["summer"].place == 4).all()
    assert found["summer"].bands.shape[1] == 12
    assert collect(model, make_place(cloudy=0.9), number=4) == {}


def test_places_without_a_common_cover_say_nothing() -> None:
    place = np.arange(COUNT) % 2
    told = np.eye(2)[place]
    assert summary(Pixels(told, told, {}, place + 1, place), None) is None
