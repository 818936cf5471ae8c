"""Clicks on the map: each is acted on once."""

import pytest

from core.ui.site_map import new_click

HERE = {"lat": 50.0, "lng": 10.0}


@pytest.mark.parametrize(
    ("answer", "seen", "expected"),
    [
        (None, 0, None),  # the map is not drawn yet
        ({"last_object_clicked": None, "last_object_clicked_count": 0}, 0, None),  # drawn, nothing clicked
        ({"last_object_clicked": HERE, "last_object_clicked_count": 1}, 0, HERE),
        ({"last_object_clicked": HERE, "last_object_clicked_count": 1}, 1, None),  # acted on already
        ({"last_object_clicked": HERE, "last_object_clicked_count": 2}, 1, HERE),  # the same marker again
        ({"last_object_clicked": HERE, "last_object_clicked_count": 1}, 5, HERE),  # drawn anew, counting from 0
    ],
)
def test_a_click_counts_once(answer: dict | None, seen: int, expected: dict | None) -> None:
    assert new_click(answer, seen=seen) == expected
