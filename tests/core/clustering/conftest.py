"""A hand-made embedding, and the land it is of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from tests.core.made_land import kinds, made


@pytest.fixture(scope="session")
def make_embedding() -> Callable[..., xr.Dataset]:
    return made


@pytest.fixture(scope="session")
def land() -> np.ndarray:
    return kinds()


@pytest.fixture(scope="session")
def embedding() -> xr.Dataset:
    return made()
