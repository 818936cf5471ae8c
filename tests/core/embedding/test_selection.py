"""Which part of a site is asked for: by period, box, rows and columns."""

import numpy as np
import pytest

from core.embedding.selection import Extent, Selection, resolve
from core.schema import InputError

TIMES = np.array(["2021-05-01T10:30", "2021-05-06T10:30", "2021-06-20T10:30"], dtype="datetime64[ns]")
Y, X = 100.0 - 10 * np.arange(6), 10.0 * np.arange(4)  # 100 to 50, 0 to 30


def extent(**wishes: object) -> Extent:
    return resolve(Selection(**wishes), TIMES, Y, X)  # type: ignore[arg-type]


def test_all_of_a_site_unless_said_otherwise() -> None:
    assert extent() == (slice(0, 3), slice(0, 6), slice(0, 4))
    assert extent().shape == (3, 6, 4)


def test_both_ends_of_a_period_count_whatever_the_hour() -> None:
    assert extent(start="2021-05-06", end="2021-06-20").dates == slice(1, 3)
    assert extent(end="2021-05-06").dates == slice(0, 2)


def test_a_pixel_belongs_to_a_box_when_its_centre_lies_in_it() -> None:
    assert extent(bbox=(10, 66, 24, 80))[1:] == (slice(2, 4), slice(1, 3))
    assert extent(bbox=(-1e6, -1e6, 1e6, 1e6))[1:] == (slice(0, 6), slice(0, 4))


def test_rows_and_a_box_narrow_each_other() -> None:
    assert extent(bbox=(10, 66, 24, 80), rows=(3, 6)) == (slice(0, 3), slice(3, 4), slice(1, 3))


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"start": "May"}, "start 'May' is no date; write it as 2021-07-14"),
        ({"end": "2021-13-01"}, "end '2021-13-01' is no date"),
        ({"start": "2021-06-01", "end": "2021-05-01"}, "lies after the end 2021-05-01; swap them"),
        ({"start": "2021-05-07", "end": "2021-06-19"}, "choose a period between 2021-05-01 and 2021-06-20"),
        ({"start": "2022-01-01", "end": "2022-12-31"}, "holds no optical acquisition"),
        ({"start": "2022-01-01"}, "choose a period between 2021-05-01 and 2021-06-20"),
        (
            {"bbox": (500, 500, 600, 600)},
            "holds no pixel centre of the site; choose a box within 0 50 30 100",
        ),
        ({"bbox": (24, 66, 10, 80)}, "is no box; give west, south, east and north"),
        ({"bbox": (float("nan"), 0, 1, 1)}, "is no box"),
        ({"bbox": (10, 66, 24, 80), "rows": (4, 6)}, "shares no pixel with the rows and cols"),
        ({"rows": (0, 7)}, "rows '(0, 7)' is no range of the site's 6"),
        ({"cols": (2, 2)}, "cols '(2, 2)' is no range of the site's 4"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(wishes, words) -> None:
    with pytest.raises(InputError) as refusal:
        extent(**wishes)
    assert words in str(refusal.value)
