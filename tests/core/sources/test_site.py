"""Sites in the workspace: what is written comes back, and what is damaged or wrong is said in one sentence."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from core.schema import (
    CubeError,
    FluxscapeError,
    InputError,
    NotFoundError,
    SeriesError,
    WorkspaceError,
    check_site_cube,
)
from core.sources.site import open_events, open_site, open_truth, write_site
from core.store import Workspace

ROOT = Path(__file__).parents[3]


@pytest.fixture
def stored(workspace, small_site) -> Path:
    """The folder of the small site, published."""
    truth = xr.Dataset({"leaf_area": (("y", "x"), np.ones((12, 10), np.float32))})
    events = [{"type": "mowing", "date": "2021-06-01", "end": "2021-06-01", "patches": [3, 4], "pixels": 20}]
    write_site(workspace, **small_site.parts(), truth=truth, events=events)
    return workspace.site_path("SMALL")


def one_sentence(error: BaseException) -> bool:
    text = str(error)
    return "\n" not in text and text.endswith(".") and len(text) < 400


# ---------------------------------------------------------------- there and back
def test_a_site_comes_back_as_it_was_written(workspace, small_site, stored) -> None:
    site = open_site(workspace, "SMALL")
    xr.testing.assert_equal(site.cube[list(small_site.cube.data_vars)], small_site.cube)
    assert site.cube["time"].dtype == site.cube["s1_time"].dtype == "datetime64[ns]"
    pd.testing.assert_frame_equal(site.weather, small_site.weather, check_freq=False)
    pd.testing.assert_frame_equal(site.tower, small_site.tower, check_freq=False)
    assert site.tower.attrs["column"] == "GPP_NT_VUT_REF"
    assert check_site_cube(site.cube) is site.cube


def test_what_is_known_of_a_site_is_read_off_its_data(workspace, stored) -> None:
    info = workspace.site("SMALL")
    assert (info.crs, info.shape, info.pixel_m) == ("EPSG:32632", (12, 10), 10.0)
    assert (info.start, info.end) == ("2021-05-01", "2021-05-26")
    assert (info.optical_dates, info.radar_dates) == (6, 4)
    assert info.clear_share == pytest.approx(5 / 6 * (1 - 6 / 120), abs=1e-4)  # one cloudy date, one cloudy corner
    assert info.area_ha == pytest.approx(1.2)
    assert (info.tower_start, info.tower_end, info.tower_days) == ("2021-05-01", "2021-05-30", 26)


def test_the_cube_says_what_it_is_when_it_is_opened_alone(workspace, stored) -> None:
    attributes = open_site(workspace, "SMALL").cube.attrs
    assert attributes["site"] == "SMALL"
    assert attributes["simulated"] == 0
    assert attributes["licence"] == "CC0"


def test_a_cube_alone_makes_a_site(workspace, small_site) -> None:
    write_site(workspace, info=small_site.info, cube=small_site.cube.drop_dims("s1_time"))
    site = open_site(workspace, "SMALL")
    assert site.weather is site.tower is None
    assert site.info.radar_dates == site.info.tower_days == 0


def test_equal_sites_have_equal_digests_and_others_do_not(tmp_path, small_site) -> None:
    def digest(name: str, cube: xr.Dataset) -> str:
        workspace = Workspace(tmp_path / name)
        write_site(workspace, info=small_site.info, cube=cube)
        return open_site(workspace, "SMALL").digest

    changed = small_site.cube.copy(deep=True)
    changed["B08"][0, 5, 5] += 0.01
    assert digest("a", small_site.cube) == digest("b", small_site.cube) != digest("c", changed)


def test_truth_is_apart_and_never_in_the_cube(workspace, stored) -> None:
    assert float(open_truth(workspace, "SMALL")["leaf_area"].mean()) == 1
    (event,) = open_events(workspace, "SMALL").to_dict("records")
    assert event["type"] == "mowing"
    assert event["date"] == pd.Timestamp("2021-06-01")
    assert "leaf_area" not in open_site(workspace, "SMALL").cube


def test_a_real_site_has_no_truth(workspace, small_site) -> None:
    write_site(workspace, **small_site.parts())
    with pytest.raises(NotFoundError, match="no truth"):
        open_truth(workspace, "SMALL")


# ---------------------------------------------------------------- wrong input
def test_a_site_that_does_not_exist_names_those_that_do(workspace, stored) -> None:
    with pytest.raises(NotFoundError, match=r"'NOWHERE'.*choose one of: SMALL") as caught:
        open_site(workspace, "NOWHERE")
    assert one_sentence(caught.value)


@pytest.mark.parametrize("name", ["../SMALL", "", "a/b", ".hidden"])
def test_a_site_id_cannot_leave_the_workspace(workspace, name) -> None:
    with pytest.raises(InputError, match="no usable name"):
        open_site(workspace, name)


def test_a_site_is_not_written_over(workspace, small_site, stored) -> None:
    with pytest.raises(InputError, match="already"):
        write_site(workspace, **small_site.parts())


WRONG_CUBES = {
    "wrong dims": (lambda cube: cube.assign(B04=cube["B04"].transpose("y", "x", "time")), "transpose it"),
    "missing band": (lambda cube: cube.drop_vars("B11"), "lacks the bands B11"),
    "ascending y": (lambda cube: cube.sortby("y"), "north to south"),
    "descending x": (lambda cube: cube.sortby("x", ascending=False), "west to east"),
    "missing CRS": (lambda cube: cube.drop_attrs(), "crs.*is missing"),
    "no valid pixel": (lambda cube: cube.assign(B04=cube["B04"] * np.float32("nan")), "no valid pixel"),
    "scaled integers": (lambda cube: cube.assign(B04=cube["B04"] * 10_000), "divide by 10000"),
    "unsorted dates": (lambda cube: cube.isel(time=[1, 0, 2, 3, 4, 5]), "strictly increasing"),
    "linear radar": (lambda cube: cube.assign(VV=cube["VV"] * 1000), "decibels"),
}


@pytest.mark.parametrize("fault", WRONG_CUBES)
def test_a_wrong_cube_is_refused_in_one_sentence_and_leaves_nothing(workspace, small_site, fault) -> None:
    spoil, words = WRONG_CUBES[fault]
    with pytest.raises(CubeError, match=words) as caught:
        write_site(workspace, info=small_site.info, cube=spoil(small_site.cube))
    assert one_sentence(caught.value)
    assert workspace.sites() == []
    assert workspace.drafts() == []


def test_a_tower_with_missing_days_is_refused(workspace, small_site) -> None:
    with pytest.raises(SeriesError, match="one day"):
        write_site(
            workspace, info=small_site.info, cube=small_site.cube, tower=small_site.tower.drop(index="2021-05-07")
        )
    assert workspace.drafts() == []


# ---------------------------------------------------------------- damage
def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


DAMAGE = {
    "truncated chunk": lambda folder: truncate(folder / "cube.zarr/B04/c/0/0/0"),
    "flipped byte in a chunk": lambda folder: flip(folder / "cube.zarr/VH/c/0/0/0"),
    "missing chunk": lambda folder: (folder / "cube.zarr/B08/c/0/0/0").unlink(),
    "missing metadata": lambda folder: (folder / "cube.zarr/zarr.json").unlink(),
    "missing band metadata": lambda folder: (folder / "cube.zarr/B04/zarr.json").unlink(),
    "missing cube": lambda folder: shutil.rmtree(folder / "cube.zarr"),
    "truncated tower": lambda folder: truncate(folder / "tower.parquet"),
    "missing manifest": lambda folder: (folder / "manifest.json").unlink(),
    "garbled description": lambda folder: (folder / "site.json").write_text("{"),
    "garbled manifest": lambda folder: (folder / "manifest.json").write_text("[1, 2"),
    "manifest without files": lambda folder: (folder / "manifest.json").write_text("{}"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_site_is_said_in_one_sentence_and_nothing_is_deleted(workspace, stored, kind) -> None:
    DAMAGE[kind](stored)
    left = sorted(path for path in stored.rglob("*") if path.is_file())
    with pytest.raises(FluxscapeError) as caught:
        open_site(workspace, "SMALL")
    assert one_sentence(caught.value)
    assert sorted(path for path in stored.rglob("*") if path.is_file()) == left


def test_a_description_from_another_version_is_refused_in_one_sentence(workspace, stored) -> None:
    (stored / "site.json").write_text(json.dumps({"id": "SMALL"}))
    with pytest.raises(FluxscapeError) as caught:
        workspace.site("SMALL")
    assert one_sentence(caught.value)


# ---------------------------------------------------------------- workspaces that cannot be written
def write_in_child(root: Path, before: str) -> subprocess.CompletedProcess[str]:
    """Run `before`, then write the small site into `root`, in a process of its own."""
    script = f"""
import os, resource, sys
from core.schema import FluxscapeError, SiteInfo
from core.sources.site import write_site
from core.store import Workspace
from tests.conftest import small_cube, small_tower, small_weather
cube = small_cube()
info = SiteInfo(id="SMALL", kind="files", title="", lat=50, lon=9, igbp="GRA")
{before}
try:
    write_site(Workspace({str(root)!r}), info=info, cube=cube, weather=small_weather(), tower=small_tower())
except FluxscapeError as error:
    sys.exit(str(error))
"""
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("limit", [1000, 3500], ids=["while storing the cube", "while storing the tables"])
def test_a_full_workspace_is_said_and_leaves_nothing(tmp_path, limit) -> None:
    done = write_in_child(tmp_path, f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))")
    assert "is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert Workspace(tmp_path).sites() == Workspace(tmp_path).drafts() == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="becomes another user, which only root may")
@pytest.mark.parametrize("mode", [0o555, 0o700], ids=["read-only", "not even readable"])
def test_a_read_only_workspace_is_said(mode) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root = Path(folder) / "workspace"
        root.mkdir(mode=mode)
        done = write_in_child(root, "os.setegid(65534); os.seteuid(65534)")
        assert "cannot be written to" in done.stderr
        assert "Traceback" not in done.stderr
        assert list(root.iterdir()) == []


def test_a_file_in_the_way_of_the_workspace_is_said(tmp_path, small_site) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError) as caught:
        write_site(Workspace(tmp_path / "file" / "workspace"), **small_site.parts())
    assert one_sentence(caught.value)
