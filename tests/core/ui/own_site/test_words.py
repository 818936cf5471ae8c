"""Sentences of the command line as the page says them."""

from core.ui.own_site.words import minutes, worded


def test_options_become_the_controls_of_the_page() -> None:
    assert (
        worded("path 'B04.tif' has no date; give it with --date.") == "Path 'B04.tif' has no date; give it with Date."
    )
    assert "press Go on" in worded("X stopped; call it again with the same options to go on from there.")


def test_times_are_rounded_as_one_says_them() -> None:
    assert [minutes(seconds) for seconds in (3, 44, 170)] == ["10 s", "40 s", "3 minutes"]
