"""Indices read out of embeddings: learnt from training days, and asked of the embedding alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.gpp.columns import READ_OUT
from core.gpp.frames import Frame, Frames
from core.gpp.judge import judge
from core.gpp.regressors import get_entry
from core.gpp.windows import make_samples
from tests.core.gpp.conftest import made_up

SIZE = 8  # dimensions of the embedding


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr("core.gpp.regressors.classic.TREES", 20)
    monkeypatch.setattr("core.gpp.regressors.classic.JOBS", 1)


@pytest.fixture(scope="module")
def embedded():
    """Greenness hidden in an embedding, among dimensions that tell nothing; the indices are known beside it."""
    seen = made_up(every=5)
    rng = np.random.default_rng(1)
    mix = rng.normal(size=SIZE)
    names = [f"embedding {turn + 1}" for turn in range(SIZE)]
    frames, extra = [], {}
    for frame in seen.frames:
        green = frame.features["NIRv"].to_numpy()
        values = 10 * green[:, None] * mix + rng.normal(0, 0.3, (len(green), SIZE)) * np.isfinite(green)[:, None]
        table = pd.DataFrame(values, index=frame.features.index, columns=names)
        kept = Frame(**{**vars(frame), "features": table.join(frame.features[["radiation"]])})
        frames.append(kept)
        extra[frame.site] = pd.DataFrame(dict.fromkeys(READ_OUT, frame.features["NIRv"]))
    groups = dict.fromkeys(names, "embedding") | {"radiation": "weather"}
    return Frames(frames=tuple(frames), groups=groups, nirv="NIRv", radiation="radiation", extra=extra)


@pytest.fixture(scope="module")
def samples(embedded):
    return make_samples(embedded, 10)


def made(samples, rows):
    return get_entry("unusual").make(get_entry("unusual").grid[0], 0).fit(samples.design.take(rows), samples.y[rows])


def test_greenness_is_found_in_an_embedding(samples) -> None:
    train, test = samples.years < 2021, samples.years == 2021
    readout = made(samples, np.flatnonzero(train)).pipeline_[0]
    read = readout.transform(samples.design.flat[test])
    assert read.shape[1] == 3 + len(READ_OUT) * 4  # radiation in three lags; the indices in three and times radiation
    nirv = samples.design.aside[test][:, READ_OUT.index("NIRv")]
    seen = np.isfinite(nirv)
    assert np.corrcoef(read[seen, 3 + READ_OUT.index("NIRv")], nirv[seen])[0, 1] > 0.9


def test_where_no_embedding_is_nothing_is_read(samples) -> None:
    readout = made(samples, np.arange(len(samples))).pipeline_[0]
    flat = samples.design.flat.copy()
    whole = readout.transform(flat)
    flat[0, list(readout.embedded[0])] = np.nan
    holed = readout.transform(flat)
    gone = np.isnan(holed[0]) & ~np.isnan(whole[0])
    assert gone.sum() == 2 * len(READ_OUT)  # the indices of the newest view, and their products with radiation
    np.testing.assert_array_equal(holed[1:], whole[1:])


def test_indices_of_held_out_days_never_reach_a_prediction(samples) -> None:
    one = judge(samples, model="unusual", split="leave-year-out")
    held_out = samples.years == 2020
    absurd = np.where(held_out[:, None], 99.0, samples.design.aside)
    two = judge(replace(samples, design=replace(samples.design, aside=absurd)), model="unusual", split="leave-year-out")
    rows = held_out[one.held_out]
    np.testing.assert_array_equal(one.predicted[rows], two.predicted[rows])
    assert (one.predicted[~rows] != two.predicted[~rows]).any()  # in the other folds those days train


def test_without_indices_beside_it_the_embedding_itself_is_taken(embedded) -> None:
    bare = make_samples(replace(embedded, extra={}, nirv=""), 10)
    assert bare.design.aside.shape == (len(bare), 0)
    readout = made(bare, np.arange(len(bare))).pipeline_[0]
    assert not readout.reads_
    np.testing.assert_array_equal(readout.transform(bare.design.flat), bare.design.flat)


def test_a_map_needs_no_indices(samples) -> None:
    model = made(samples, np.flatnonzero(samples.years < 2021))
    test = samples.design.take(samples.years == 2021)
    blind = replace(test, aside=np.empty((len(test), 0)))
    np.testing.assert_array_equal(model.predict(blind), model.predict(test))
