from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulate.emulator.rtm import BOUNDS, Canopy, canopy_reflectance, rational_tanh

SPECTRA = Path(__file__).with_name("prosail_spectra.npz")
MEADOW = Canopy(1.45, 43.0, 8.0, 0.0, 0.013, 0.0045, 4.0, 60.0, 0.05, 40.0, 3.2, 60.0, 0.7, 0.5)
RED, NIR, SWIR = 2, 6, 8


def test_the_network_agrees_with_prosail_spectra_it_has_never_seen() -> None:
    with np.load(SPECTRA, allow_pickle=False) as stored:
        canopies, reflectance = stored["canopies"].astype(np.float64), stored["reflectance"]
    rmse = np.sqrt(np.mean((canopy_reflectance(Canopy(*canopies.T)) - reflectance) ** 2, axis=0))
    assert len(canopies) == 500
    assert (rmse <= 0.0025).all()


def test_more_leaves_darken_red_and_brighten_near_infrared() -> None:
    thin, thick = (canopy_reflectance(MEADOW._replace(lai=np.array([lai])))[0] for lai in (0.5, 5.0))
    assert thick[RED] < 0.5 * thin[RED]
    assert thick[NIR] > 1.3 * thin[NIR]


def test_drier_leaves_brighten_the_shortwave_infrared() -> None:
    water = canopy_reflectance(MEADOW._replace(leaf_water=np.array([0.004, 0.02])))
    assert water[0, SWIR] > 1.3 * water[1, SWIR]


def test_one_number_stands_for_all_canopies_and_batches_do_not_matter() -> None:
    lai = np.linspace(0.1, 6, 1300)  # more than two batches
    together = canopy_reflectance(MEADOW._replace(lai=lai))
    assert together.shape == (1300, 10)
    assert together[700] == pytest.approx(canopy_reflectance(MEADOW._replace(lai=lai[700:701]))[0], abs=1e-12)


def test_values_outside_the_training_are_clipped_to_it() -> None:
    low, high = BOUNDS["lai"]
    beyond = canopy_reflectance(MEADOW._replace(lai=np.array([low - 1, high + 5])))
    assert beyond == pytest.approx(canopy_reflectance(MEADOW._replace(lai=np.array([low, high]))))


@given(st.floats(-50, 50))
def test_the_rational_tanh_is_close_to_the_true_one(x: float) -> None:
    assert rational_tanh(np.array([x]))[0] == pytest.approx(np.tanh(x), abs=1e-4)
