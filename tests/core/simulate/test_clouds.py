import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulate.astronomy import SunPosition
from core.simulate.clouds import cloud_mask, scene_cloud_share, shadow_of

MORNING_SUN = SunPosition(np.array(45.0), np.array(150.0))  # in the south-east


def test_most_scenes_are_either_clear_or_hidden() -> None:
    assert scene_cloud_share(0.05) == 0
    assert scene_cloud_share(0.9) == 1
    assert scene_cloud_share(0.5) == pytest.approx(0.483)


@given(st.floats(0, 0.96), st.integers(0, 1000))
def test_the_mask_finds_nearly_all_clouds_whatever_their_share(share: float, seed: int) -> None:
    mask = cloud_mask(np.random.default_rng(seed), 40, share, MORNING_SUN)
    assert mask.cloud.mean() == pytest.approx(share, abs=0.002)
    if share > 0.1:
        assert mask.masked[mask.cloud].mean() > 0.97
    assert not (mask.cloud & mask.shadow).any()


@pytest.mark.parametrize(("azimuth", "moved"), [(180.0, (-5, 0)), (90.0, (0, -5)), (270.0, (0, 5))])
def test_shadows_fall_away_from_the_sun(azimuth: float, moved: tuple[int, int]) -> None:
    cloud = np.zeros((40, 40), dtype=bool)
    cloud[18:22, 18:22] = True
    shadow = shadow_of(cloud, SunPosition(np.array(45.0), np.array(azimuth)), length=5)
    assert (np.argwhere(shadow).mean(axis=0) - np.argwhere(cloud).mean(axis=0)).tolist() == list(moved)


def test_a_clear_scene_has_no_mask() -> None:
    assert cloud_mask(np.random.default_rng(0), 20, 0.0, MORNING_SUN).clear.all()
