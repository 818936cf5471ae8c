"""The known flux-tower places."""

from collections import Counter

from core.schema import IGBP_CLASSES
from core.sources.places import known_places


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
