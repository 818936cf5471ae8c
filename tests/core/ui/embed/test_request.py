"""A request in rows and columns is the same in metres, and there and back again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.frames import Grid
from core.schema import SiteInfo
from core.ui.embed.request import OTHER, WHOLE, Request, box_of, edges, years

GRID = Grid(x=535_825, y=5_538_115, pixel_width=10, pixel_height=10, rows=12, cols=10, crs="EPSG:32632")
SITE = SiteInfo(id="S", kind="files", title="", lat=0, lon=0, igbp="", start="2019-03-01", end="2021-11-30")


def span(size: int) -> st.SearchStrategy[tuple[int, int]]:
    ends = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))
    return ends.map(lambda pair: (min(pair), max(pair) + 1))


@given(span(12), span(10))
def test_a_box_survives_the_way_through_metres(rows: tuple[int, int], columns: tuple[int, int]) -> None:
    box = (rows[0], columns[0], rows[1], columns[1])
    assert box_of(GRID, edges(GRID, box)) == box


def test_edges_are_those_of_the_outer_pixels() -> None:
    assert edges(GRID, (2, 1, 5, 4)) == (535_835, 5_538_075, 535_855, 5_538_095)


@pytest.mark.parametrize(
    ("bbox", "box"),
    [
        ((0, 0, 1e7, 1e7), (0, 0, 12, 10)),  # beyond the site: all of it
        ((535_855, 5_538_095, 535_835, 5_538_075), (2, 1, 5, 4)),  # the wrong way round
        ((535_845, 5_538_085, 535_845, 5_538_085), (3, 2, 4, 3)),  # one pixel
    ],
)
def test_whatever_is_typed_is_a_box_of_the_site(bbox: tuple[float, ...], box: tuple[int, ...]) -> None:
    assert box_of(GRID, bbox) == box


def test_the_years_of_the_record_come_latest_first() -> None:
    assert years(SITE) == ["2021", "2020", "2019"]


@pytest.mark.parametrize(
    ("period", "asked"),
    [
        ("2020", ("2020-01-01", "2020-12-31")),
        (WHOLE, (None, None)),
        (OTHER, ("2020-05-01", "2020-06-01")),
    ],
)
def test_a_period_is_a_first_and_a_last_date(period: str, asked: tuple[str | None, str | None]) -> None:
    wanted = Request(site="S", period=period, start="2020-05-01", end="2020-06-01")
    found = wanted.selection(GRID)
    assert (found.start, found.end) == asked
    assert found.bbox is None
