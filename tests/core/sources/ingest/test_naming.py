"""Dates and processing baselines, off names and tags."""

from pathlib import Path

import numpy as np
import pytest

from core.schema import InputError
from core.sources.ingest.naming import day_in, numbered, raster_day, shifted

DATED = {
    "T31UES_20210604T105031_B02_10m": "2021-06-04",
    "S2A_MSIL2A_20210604T103631_N0301_R008_T32TQT_20220101T140232": "2021-06-04",
    "2021-06-04": "2021-06-04",
    "meadow_2021_06_04_v2": "2021-06-04",
    "HLS.S30.T32TQT.2021155T103629.v2.0.B04": "2021-06-04",
    "tile_12345678": None,
    "0000280849BAC91C": None,
    "20211399_B04": None,
}


@pytest.mark.parametrize("name", DATED)
def test_a_date_is_read_off_a_name(name) -> None:
    found = day_in(name)
    assert (None if found is None else str(found)[:10]) == DATED[name]


@pytest.mark.parametrize(
    ("path", "tags", "day", "by"),
    [
        ("a/2020-01-01.tif", {"acquisition_date": "2021-06-04T10:20:31Z"}, "2021-06-04", "tag acquisition_date"),
        ("a/2021-06-04.tif", {"tifftag_datetime": "2024:01:01 00:00:00"}, "2021-06-04", "file name"),
        ("20210604/B04.tif", {}, "2021-06-04", "folder name"),
        ("a/B04.tif", {"system:time_start": "1622801431000"}, "2021-06-04", "tag system:time_start"),
        ("a/B04.tif", {"tifftag_datetime": "2021:06:04 10:20:31"}, "2021-06-04", "the time the file was written"),
    ],
)
def test_tags_come_before_names_and_the_time_of_writing_last(path, tags, day, by) -> None:
    found, told = raster_day(Path(path), tags)
    assert (str(found.astype("datetime64[D]")), told) == (day, by)


def test_nothing_told_is_no_date() -> None:
    assert raster_day(Path("a/B04.tif"), {}) == (None, "")


@pytest.mark.parametrize(
    ("name", "tags", "told"),
    [
        ("S2A_MSIL2A_20220604T103631_N0400_R008_T32TQT.tif", {}, True),
        ("S2A_MSIL2A_20210604T103631_N0301_R008_T32TQT.tif", {}, False),
        ("B04.tif", {"processing_baseline": "05.10"}, True),
        ("B04.tif", {}, None),
        ("N47_E11_B04.tif", {}, None),
    ],
)
def test_the_processing_baseline_is_read_off_names_and_tags(name, tags, told) -> None:
    assert shifted(Path(name), tags) is told


def test_unnamed_bands_are_the_usual_ones_of_that_number() -> None:
    assert numbered(4, (), "a.tif") == ["B02", "B03", "B04", "B08"]
    assert numbered(12, (), "a.tif")[10:] == ["B11", "B12"]
    assert numbered(3, (), "a.tif") == ["band 1", "band 2", "band 3"]
    with pytest.raises(InputError, match=r"are 2, but a\.tif has 3"):
        numbered(3, ("B04", "B08"), "a.tif")
    assert np.datetime64("2021-06-04") == day_in("2021-06-04")
