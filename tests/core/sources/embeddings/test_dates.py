"""When an image is of."""

from pathlib import Path

import numpy as np
import pytest

from core.schema import InputError
from core.sources.embeddings.dates import in_name, written


@pytest.mark.parametrize(
    ("path", "day", "year"),
    [
        ("emb_2021-07-14.tif", "2021-07-14", False),
        ("S2_20210714T102031_B.tif", "2021-07-14", False),
        ("2021_07_14.tif", "2021-07-14", False),
        ("20219914_20210714.tif", "2021-07-14", False),
        ("grid_0.15_52.05_2024.tiff", "2024-07-01", True),
        ("annual/2019/1S/x8qqwcsisbgygl2ry-0000008192-0000000000.tiff", "2019-07-01", True),
        ("2020/tile_2021.tif", "2021-07-01", True),
    ],
)
def test_a_date_is_read_off_a_name(path, day, year) -> None:
    found = in_name(Path(path))
    assert found is not None
    assert (str(found.time.astype("datetime64[D]")), found.year) == (day, year)


@pytest.mark.parametrize("path", ["tile.tif", "grid_0.15_52.05.npy", "x8qqw-0000008192.tiff", "abc120210714123.tif"])
def test_other_numbers_are_no_date(path) -> None:
    assert in_name(Path(path)) is None


def test_days_years_and_times_can_be_written() -> None:
    assert written("2021-07-14") == (np.datetime64("2021-07-14", "ns"), False)
    assert written("2021") == (np.datetime64("2021-07-01", "ns"), True)
    assert written("2021-07-14T10:20:31.123456789").time == np.datetime64("2021-07-14T10:20:31.123456789")
    with pytest.raises(InputError, match="date 'July' is no date; write a day as 2021-07-14 or a year as 2021"):
        written("July")
