import numpy as np
import pytest

from core.simulate.rng import child, smooth_field


def test_a_stream_is_the_same_whenever_and_wherever_it_is_opened() -> None:
    assert child(42, "SIM-DBF", "weather").random(3).tolist() == [
        0.7128294012063806,
        0.6994716925610419,
        0.8083472017631291,
    ]


def test_components_sites_and_seeds_have_streams_of_their_own() -> None:
    streams = [(42, "A", "weather"), (42, "A", "tower"), (42, "B", "weather"), (43, "A", "weather")]
    first = {child(*names).random() for names in streams}
    assert len(first) == len(streams)


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_a_smooth_field_is_standardised_and_neighbours_agree(scale: float) -> None:
    field = smooth_field(np.random.default_rng(1), 64, scale)
    assert field.mean() == pytest.approx(0, abs=1e-12)
    assert field.std() == pytest.approx(1)
    assert np.corrcoef(field[:, 1:].ravel(), field[:, :-1].ravel())[0, 1] > 0.7
