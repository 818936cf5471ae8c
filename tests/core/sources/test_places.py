"""The known flux-tower places."""

from collections import Counter

import pytest

from core.schema import IGBP_CLASSES, NotFoundError
from core.sources.places import find_place, known_places


def test_the_47_towers_of_the_paper_are_known() -> None:
    places = known_places()
    assert len(places) == len({place.id for place in places}) == 47
    assert {place.kind for place in places} == {"place"}
    assert not any(place.has_data for place in places)


def test_they_lie_in_europe_and_have_known_classes_or_none() -> None:
    for place in known_places():
        assert 40 < place.lat < 62, place.id
        assert -3 < place.lon < 20, place.id
        assert place.igbp in IGBP_CLASSES, place.id
    classes = Counter(place.igbp for place in known_places())
    assert classes[""] == 4  # unknown stays unknown
    assert classes["GRA"] == 14


def test_a_tower_stands_where_it_stands() -> None:
    (hainich,) = (place for place in known_places() if place.id == "DE-Hai")
    assert (hainich.lat, hainich.lon, hainich.igbp) == (51.079407, 10.452089, "DBF")
    assert hainich.class_name == "deciduous broadleaf forest"


def test_a_tower_is_found_by_its_code_in_whatever_letters() -> None:
    assert find_place("de-hai ").id == "DE-Hai"


def test_of_an_unknown_tower_those_of_like_codes_are_named_else_all() -> None:
    with pytest.raises(NotFoundError, match=r"'DE-Hia' is no tower known here; use DE-.*DE-Hai.*or give its place"):
        find_place("DE-Hia")
    with pytest.raises(NotFoundError, match=r"BE-Bra.*FR-Pue.*SE-Nor"):
        find_place("QQ-Qqq")
