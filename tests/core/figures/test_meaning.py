import numpy as np
import pytest

from core.embedding.meaning import Meaning
from core.figures import meaning_matrix
from core.palette import DIVERGING_ANCHORS


def matrix(dims: int) -> object:
    values = np.linspace(-0.9, 0.9, dims * 3).reshape(dims, 3)
    values[0, 1] = np.nan
    return meaning_matrix(Meaning(names=("NDVI", "B04", "VH"), values=values, count=500))


def test_a_row_is_a_dimension_and_a_column_a_quantity() -> None:
    figure = matrix(7)
    (cells,) = figure.data
    assert list(cells.x) == ["NDVI", "B04", "VH"]
    assert list(cells.y) == [1, 2, 3, 4, 5, 6, 7]
    assert cells.z[6][2] == pytest.approx(0.9)
    assert np.isnan(cells.z[0][1])


def test_nothing_to_do_with_it_is_white_and_both_signs_weigh_the_same() -> None:
    (cells,) = matrix(7).data
    assert (cells.zmin, cells.zmax) == (-1, 1)
    assert cells.colorscale[len(DIVERGING_ANCHORS) // 2] == (0.5, "#ffffff")


@pytest.mark.parametrize("dims", [1, 7, 32, 64, 128])
def test_however_many_dimensions_their_numbers_have_room(dims: int) -> None:
    ticks = matrix(dims).layout.yaxis.tickvals
    assert ticks[0] == 1
    assert len(ticks) <= 16
