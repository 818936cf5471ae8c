"""Sentences of the command line in the words of the page."""

import pytest

from core.ui.gpp.words import worded


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("--split x is no split; use --split blocked", "Split x is no split; use Split blocked"),
        (
            "name one with --quality, or --no-quality",
            "Name one with Quality column, or 'take every value' as Quality column",
        ),
        (
            "SITE 'A by x, B by y' are embedded by different models; choose others with --run",
            "Sites 'A by x, B by y' are embedded by different models; choose others with the embedding in the sidebar",
        ),
        ("the disk is full", "The disk is full"),
    ],
)
def test_options_become_controls(said: str, shown: str) -> None:
    assert worded(said) == shown
