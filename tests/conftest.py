"""What many tests share: an empty workspace, a small hand-made site, and the folder of real files if there is one."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from core.figures import layout
from core.schema import S1_BANDS, S2_BANDS, SiteInfo
from core.sources.demo import ensure_demo
from core.store import Workspace

hypothesis.settings.register_profile("fluxscape", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("fluxscape")

layout.CHECK = True  # each figure that a test makes is checked against plotly's own list of names and values

SHARED_DATA = Path(__file__).parents[1].parent / "shared" / "data"


@dataclass
class HandMade:
    """A site of 6 optical dates, 4 radar dates and 12 x 10 pixels, as `write_site` takes it."""

    info: SiteInfo
    cube: xr.Dataset
    weather: pd.DataFrame
    tower: pd.DataFrame

    def parts(self) -> dict[str, object]:
        return {"info": self.info, "cube": self.cube, "weather": self.weather, "tower": self.tower}


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """A page that runs without a browser takes the place of `__main__`, which new processes would run again."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of real files is not beside the checkout")
    return SHARED_DATA


@pytest.fixture
def small_site() -> HandMade:
    return made_by_hand()


def made_by_hand() -> HandMade:
    info = SiteInfo(
        id="SMALL",
        kind="files",
        title="A small site",
        lat=50.0,
        lon=9.5,
        igbp="GRA",
        licence="CC0",
        provenance="made by hand",
    )
    return HandMade(info=info, cube=small_cube(), weather=small_weather(), tower=small_tower())


def small_cube() -> xr.Dataset:
    """Reflectance that differs by band, date and place; date 2 is cloudy, and one corner always."""
    rng = np.random.default_rng(1)
    optical = rng.uniform(0.02, 0.5, (len(S2_BANDS), 6, 12, 10)).astype(np.float32)
    optical[:, 2] = np.nan
    optical[:, :, :3, :2] = np.nan
    radar = rng.uniform(-20, -8, (len(S1_BANDS), 4, 12, 10)).astype(np.float32)
    layers: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
        name: (("time", "y", "x"), layer) for name, layer in zip(S2_BANDS, optical, strict=True)
    }
    layers |= {name: (("s1_time", "y", "x"), layer) for name, layer in zip(S1_BANDS, radar, strict=True)}
    return xr.Dataset(
        layers,
        coords={
            "time": pd.date_range("2021-05-01", periods=6, freq="5D", unit="ns"),
            "s1_time": pd.date_range("2021-05-02", periods=4, freq="6D", unit="ns"),
            "y": 5_538_115.0 - 10 * np.arange(12),
            "x": 535_825.0 + 10 * np.arange(10),
        },
        attrs={"crs": "EPSG:32632"},
    )


def small_weather() -> pd.DataFrame:
    days = pd.date_range("2021-05-01", periods=30, freq="D", name="time")
    return pd.DataFrame({"temperature": np.linspace(8, 20, 30), "precipitation": 1.0}, index=days)


def small_tower() -> pd.DataFrame:
    """30 days, of which day 4 is missing and days 10 to 12 are filled."""
    days = pd.date_range("2021-05-01", periods=30, freq="D", name="time")
    tower = pd.DataFrame({"gpp": np.linspace(-0.2, 9, 30), "quality": 1.0, "filled": False}, index=days)
    tower.iloc[4, tower.columns.get_loc("gpp")] = np.nan
    tower.iloc[10:13, tower.columns.get_loc("filled")] = True
    tower.attrs["column"] = "GPP_NT_VUT_REF"
    return tower


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory) -> Workspace:
    """A workspace with the demo site SIM-DBF in it, made once for all tests; not to be written to."""
    space = Workspace(tmp_path_factory.mktemp("demo"))
    ensure_demo(space, "SIM-DBF")
    return space
