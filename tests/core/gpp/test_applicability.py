"""The area of applicability: what lies among the training data is inside, what lies far off is outside."""

from dataclasses import replace

import numpy as np

from core.gpp.applicability import Area, dissimilarity


def test_days_like_those_of_training_are_inside_and_others_are_not(samples) -> None:
    design = samples.design
    even, odd = np.arange(0, len(samples), 2), np.arange(1, len(samples), 2)
    train, like = design.take(even), design.take(odd)
    index, outside = dissimilarity(train, like, samples.sites[even])
    assert outside.mean() < 0.05
    strange = replace(like, flat=like.flat * 3 + 10)
    far, beyond = dissimilarity(train, strange, samples.sites[even])
    assert beyond.mean() > 0.95
    assert np.median(far) > 3 * np.median(index)


def test_what_was_trained_on_has_no_dissimilarity(samples) -> None:
    area = Area.of(samples.design, samples.sites)
    assert area.index(samples.design).min() < 1e-9
    assert area.threshold > 0


def test_another_year_of_a_single_tower_is_not_strange(samples) -> None:
    """Neighbouring days are all but alike: the threshold rests on other years, for one tower has no others."""
    own = samples.take(samples.sites == "T0")
    years = own.years
    seen, new = own.design.take(years < 2021), own.design.take(years == 2021)
    _, outside = dissimilarity(seen, new, own.sites[years < 2021])
    assert outside.mean() < 0.1
    _, beyond = dissimilarity(seen, replace(new, flat=new.flat * 3 + 10), own.sites[years < 2021])
    assert beyond.mean() > 0.95
