"""A small site with clouds and gaps, and random weights whose windows are small enough to look beyond its edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from core.schema import S1_BANDS, S2_BANDS, SiteInfo
from core.sources.site import write_site
from core.store import Workspace
from tests.small_models import small_weights

DATES, RADAR_DATES, SIDE = 9, 7, 16


def cloudy_cube() -> xr.Dataset:
    """Clouds at random; date 3 shows nothing at all, one corner is never seen, one pixel lacks a band."""
    dice = np.random.default_rng(1)
    optical = dice.uniform(0.02, 0.5, (len(S2_BANDS), DATES, SIDE, SIDE)).astype(np.float32)
    optical[:, dice.random((DATES, SIDE, SIDE)) < 0.3] = np.nan
    optical[:, 3] = np.nan
    optical[:, :, :4, :4] = np.nan
    optical[:, 4, 10, 10], optical[2, 4, 10, 10] = 0.1, np.nan
    radar = dice.uniform(-20, -8, (len(S1_BANDS), RADAR_DATES, SIDE, SIDE)).astype(np.float32)
    radar[:, :, :, -2:] = np.nan
    layers = {name: (("time", "y", "x"), layer) for name, layer in zip(S2_BANDS, optical, strict=True)}
    layers |= {name: (("s1_time", "y", "x"), layer) for name, layer in zip(S1_BANDS, radar, strict=True)}
    return xr.Dataset(
        layers,
        coords={
            "time": pd.date_range("2021-05-01", periods=DATES, freq="5D", unit="ns"),
            "s1_time": pd.date_range("2021-05-02", periods=RADAR_DATES, freq="6D", unit="ns"),
            "y": 5_538_115.0 - 10 * np.arange(SIDE),
            "x": 535_825.0 + 10 * np.arange(SIDE),
        },
        attrs={"crs": "EPSG:32632"},
    )


@pytest.fixture
def cube() -> xr.Dataset:
    return cloudy_cube()


@pytest.fixture
def space(workspace: Workspace, cube: xr.Dataset) -> Workspace:
    """A workspace with the site CLOUDY in it."""
    info = SiteInfo(id="CLOUDY", kind="simulated", title="A cloudy site", lat=50.0, lon=9.5, igbp="GRA")
    write_site(workspace, info=info, cube=cube)
    return workspace


@pytest.fixture(scope="session")
def weights(tmp_path_factory) -> Path:
    """A folder of random fused weights: 5 dates, 5 x 5 pixels, 3 values."""
    torch.set_num_threads(1)
    return small_weights(tmp_path_factory.mktemp("weights") / "random-3")
