"""The view: what a link says of it, and what a link gets wrong."""

import pytest

from core.ui.state import View, from_link, to_link

WHOLE = View(
    site="SIM-GRA",
    date="2021-07-14",
    layer="false colour",
    index="NDMI",
    pixel=(12, 40),
    run="SIM-GRA-embedding-0123456789ab",
    picture="dims 1 2 3",
)


def test_a_view_survives_the_way_through_a_link() -> None:
    assert from_link(to_link(WHOLE), before=View()) == (WHOLE, [])


def test_a_link_leaves_out_what_is_not_chosen() -> None:
    assert to_link(View(site="SIM-GRA")) == {"site": "SIM-GRA"}
    assert to_link(View()) == {}


def test_a_link_changes_only_what_it_names() -> None:
    view, problems = from_link({"date": "2022-01-01"}, before=WHOLE)
    assert (view.site, view.date, view.pixel, problems) == ("SIM-GRA", "2022-01-01", (12, 40), [])


def test_another_site_starts_without_the_date_pixel_and_embedding_of_the_last_one() -> None:
    view, _ = from_link({"site": "SIM-DBF"}, before=WHOLE)
    assert (view.date, view.pixel, view.run, view.index, view.picture) == ("", None, "", "NDMI", "dims 1 2 3")


def test_a_link_may_name_a_new_site_with_its_date() -> None:
    view, _ = from_link({"date": "2020-05-01", "site": "SIM-DBF"}, before=WHOLE)
    assert (view.site, view.date) == ("SIM-DBF", "2020-05-01")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"date": "14.7.2021"}, "date '14.7.2021' is no date; write it as 2021-07-14."),
        ({"date": "2021-02-30"}, "date '2021-02-30' is no date; write it as 2021-07-14."),
        ({"pixel": "here"}, "pixel 'here' is no row and column; write it as 12,40."),
        ({"pixel": "-1,4"}, "pixel '-1,4' is no row and column; write it as 12,40."),
    ],
)
def test_what_a_link_gets_wrong_is_said_in_a_sentence_and_left_as_it_was(query: dict[str, str], problem: str) -> None:
    assert from_link(query, before=WHOLE) == (WHOLE, [problem])


def test_parameters_that_are_not_ours_are_left_alone() -> None:
    assert from_link({"embed": "true"}, before=WHOLE) == (WHOLE, [])
