"""A published run to export."""

import pytest
import xarray as xr

from core.store import Run, Workspace
from tests.core.made_embedding import made_cube, publish


@pytest.fixture
def cube() -> xr.Dataset:
    return made_cube()


@pytest.fixture
def run(workspace: Workspace, cube: xr.Dataset) -> Run:
    return publish(workspace, cube)
