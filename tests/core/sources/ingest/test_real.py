"""Real files, where the folder of them is there: they open as a user's would."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.__main__ import main
from core.schema import S2_BANDS, check_site_cube
from core.sources.formats import FileFormat
from core.sources.grids import read_grid
from core.sources.ingest.take import ingest
from core.sources.site import open_site

FLANDERS, MEADOW, FINLAND = "s2s1_0000280849BAC91C", "s2_meadow_ndvi", "s2_fi_qvd"


def test_flanders_is_a_site_with_radar_and_weather(workspace, shared_data, capsys) -> None:
    code = main(
        ["ingest", str(shared_data / FLANDERS), "--site", "flanders", "--workspace", str(workspace.root), "--json"]
    )
    assert code == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["optical_dates"], made["radar_dates"]) == (72, 80)
    assert (made["height"], made["width"], made["crs"], made["pixel_m"]) == (64, 64, "EPSG:32631", 10.0)
    assert made["bands"] == [*S2_BANDS, "VV", "VH"]
    assert made["cloud_share"] == pytest.approx(0.44, abs=0.01)
    site = open_site(workspace, "flanders")
    cube = check_site_cube(site.cube)
    assert -12 < float(cube["VV"].median()) < -8
    assert float(cube["VH"].median()) == pytest.approx(-17.4, abs=0.2)
    vegetated = cube.sel(time="2019-06").median()
    assert float(vegetated["B08"]) > 2 * float(vegetated["B04"])
    assert site.weather["temperature"].between(-10, 32).all()
    assert site.weather["radiation"].between(0.1, 32).all()


def test_flanders_keeps_its_pixels_as_the_files_have_them(workspace, shared_data) -> None:
    (path,) = (shared_data / FLANDERS).glob("S2_L2A_10m*.nc")
    done = ingest(workspace, [shared_data / FLANDERS], site="flanders")
    assert "brought" not in " ".join((*done.remarks, done.info.provenance)).lower()
    cube = open_site(workspace, "flanders").cube
    raw = read_grid(path, FileFormat.HDF5)
    for axis in ("y", "x"):
        np.testing.assert_array_equal(cube[axis].values, raw[axis].values)
    clear = cube["B04"].notnull().mean(("y", "x")).values.argmax()
    for band in ("B02", "B04", "B08"):
        stored, whole = cube[band].values[clear], raw[band].values[clear]
        seen = np.isfinite(stored)
        assert seen.mean() > 0.99
        np.testing.assert_allclose(stored[seen], whole[seen], atol=1e-7)


def test_an_alpine_meadow_of_two_bands_is_a_site(workspace, shared_data) -> None:
    done = ingest(workspace, [shared_data / MEADOW], site="meadow")
    assert (done.info.optical_dates, done.info.shape, done.bands) == (58, (44, 48), ("B04", "B08"))
    assert any("Without B02" in remark for remark in done.remarks)
    cube = open_site(workspace, "meadow").cube
    ndvi = (cube["B08"] - cube["B04"]) / (cube["B08"] + cube["B04"])
    assert float(ndvi.median()) == pytest.approx(0.67, abs=0.02)


def test_two_providers_of_the_same_scenes_count_once(workspace, shared_data) -> None:
    done = ingest(workspace, [shared_data / FINLAND], site="qvidja")
    assert (done.info.optical_dates, done.info.shape, done.info.crs) == (3, (22, 23), "EPSG:32634")
    cube = open_site(workspace, "qvidja").cube
    assert np.nanmax(cube["B8A"].values) == pytest.approx(0.476, abs=1e-3)
