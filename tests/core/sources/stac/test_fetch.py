"""Fetching from a real STAC API on loopback: what comes back is the ground, whatever the archive makes of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import requests
from pyproj import Transformer

from core.__main__ import main
from core.schema import S2_BANDS, InputError, SiteInfo
from core.sources.site import open_site
from core.sources.stac import patience
from core.sources.stac.fetch import InterruptedFetch, fetch
from tests.core.sources.stac.archive import power, reflectance
from tests.core.sources.stac.conftest import (
    BORDER,
    BROKEN,
    CLOUDY,
    EMPTY,
    FIRST,
    FOURTH,
    MEADOW,
    SECOND,
    THIRD,
    ZONE_32,
    Service,
)
from tests.core.sources.stac.servers import busy_api

ROOT = Path(__file__).parents[4]
ROUNDED = 6e-5  # reflectance: stored in steps of 1e-4
WITHIN_20_M = 5e-4  # reflectance, between a pixel of 20 m and the 10 m in it
WARPED = 1.2e-3  # reflectance, within a pixel of the other zone's grid


def places(cube) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(cube["x"].values, cube["y"].values)
    lon, lat = Transformer.from_crs(cube.attrs["crs"], "EPSG:4326", always_xy=True).transform(x, y)
    return lon, lat


def truth(cube, band: str, day: str) -> np.ndarray:
    return reflectance(band, *places(cube), day)


# ---------------------------------------------------------------- values
@pytest.fixture(scope="module")
def meadow(service, tmp_path_factory):
    """The cube of the meadow, fetched once."""
    from core.store import Workspace

    workspace = Workspace(tmp_path_factory.mktemp("meadow"))
    done = fetch(workspace, service.plan(MEADOW), site="meadow")
    return done, open_site(workspace, "meadow")


@pytest.mark.parametrize("day", [FIRST, THIRD, FOURTH])
def test_reflectance_is_that_of_the_ground_in_either_baseline_and_on_both_tiles(meadow, day) -> None:
    cube = meadow[1].cube.sel(time=day)
    for band in S2_BANDS:
        off = np.abs(cube[band].values - truth(cube, band, day))
        assert off.max() < (ROUNDED if band in ("B02", "B03", "B04", "B08") else WITHIN_20_M), band


def test_a_day_counts_once_and_where_no_tile_is_there_is_no_value(meadow) -> None:
    done, site = meadow
    assert [str(day)[:10] for day in site.cube["time"].values] == [FIRST, SECOND, THIRD, FOURTH]
    assert done.info.optical_dates == 4
    second = site.cube["B04"].sel(time=SECOND).values
    assert 0.2 < np.isnan(second).mean() < 0.6
    assert np.isfinite(second[:, 0]).all()
    assert np.isnan(second[:, -1]).all()


def test_the_grid_is_that_of_the_zone_with_pixels_on_the_20_m_raster(meadow) -> None:
    info, cube = meadow[0].info, meadow[1].cube
    assert (info.crs, info.shape, info.pixel_m) == (ZONE_32, (40, 40), 10.0)
    assert (cube["x"].values[0] - 5) % 20 == 0
    assert (cube["y"].values[-1] - 5) % 20 == 0
    assert info.kind == "archive"
    assert "Copernicus" in info.licence


def test_radar_is_in_decibels_and_two_orbits_of_a_day_are_averaged_in_power(meadow) -> None:
    cube = meadow[1].cube
    lon, lat = places(cube)
    for band in ("VV", "VH"):
        once, twice = cube[band].values
        np.testing.assert_allclose(once, 10 * np.log10(power(band, lon, lat, "2021-06-05")), atol=2e-3)
        np.testing.assert_allclose(twice, 10 * np.log10(2 * power(band, lon, lat, "2021-06-11")), atol=2e-3)


def test_one_orbit_alone_can_be_asked_for(service, workspace) -> None:
    plan = service.plan(MEADOW, orbit="descending")
    assert [str(day) for day in plan.radar] == ["2021-06-11"]
    assert not service.plan(MEADOW, radar=False).radar


def test_of_a_scene_processed_twice_only_the_latest_is_read(service, workspace) -> None:
    fetch(workspace, service.plan(MEADOW, end="2021-06-05", radar=False), site="meadow")
    asked = service.files.scenes_asked()
    assert any(scene.endswith("T32TQT_again") for scene in asked)
    assert not any(scene.endswith("T32TQT") for scene in asked)


def test_across_a_zone_border_there_is_one_grid_and_no_seam(service, workspace) -> None:
    done = fetch(workspace, service.plan(BORDER), site="border")
    cube = open_site(workspace, "border").cube.isel(time=0)
    assert done.info.crs in (ZONE_32, "EPSG:32633")
    for band in ("B04", "B11"):
        values = cube[band].values
        known = np.isfinite(values)
        assert known[:, :20].any()
        assert known[:, 22:].all()  # the zone of the other side, warped
        assert np.abs(values - truth(cube, band, FIRST))[known].max() < WARPED


def test_scene_classes_that_mean_no_view_are_left_out_and_no_other(service, workspace) -> None:
    fetch(workspace, service.plan(BORDER, radar=False), site="border")
    cube = open_site(workspace, "border").cube.isel(time=0)
    assert cube.attrs["crs"] == "EPSG:32633"
    x, y = np.meshgrid(cube["x"].values, cube["y"].values)
    east, north = Transformer.from_crs("EPSG:32633", ZONE_32, always_xy=True).transform(x, y)
    inner = east < east.max() - 320  # where the striped tile of zone 32 alone is
    centre = np.abs(north % 20 - 10) < 5  # not at the edge of a stripe
    classes = (north // 20 % 12).astype(int)
    seen = np.isfinite(cube["B04"].values)
    for code in range(12):
        here = inner & centre & (classes == code)
        assert here.any()
        assert (seen[here] == (code not in (0, 1, 3, 8, 9, 10))).all(), code


# ---------------------------------------------------------------- a server that misbehaves
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # of a header that is cut
@pytest.mark.parametrize("fault", [429, 503, "cut"])
def test_a_busy_server_is_asked_again_and_the_values_are_the_same(service, workspace, meadow, fault) -> None:
    refused = Counter()

    def busy(path: str, count: int) -> str | int | None:
        if path.endswith(("B04.tif", "SCL.tif")) and refused[path] < 4:
            refused[path] += 1
            return fault
        return None

    service.files.fault = busy
    fetch(workspace, service.plan(MEADOW, end="2021-06-05", radar=False), site="again")
    assert refused
    cube = open_site(workspace, "again").cube
    np.testing.assert_array_equal(cube["B04"].values, meadow[1].cube["B04"].sel(time=[FIRST]).values)


def test_a_server_that_stops_leaves_what_was_fetched_and_the_next_call_asks_for_no_day_twice(
    service, workspace, monkeypatch, capsys
) -> None:
    monkeypatch.setattr("core.sources.stac.fetch.patiently", partial(patience.patiently, tries=2))
    service.files.fault = lambda path, count: 503 if FOURTH.replace("-", "") in path else None
    with pytest.raises(InterruptedFetch, match=r"stopped serving images at 2022-06-09.*same options.*\.$") as caught:
        fetch(workspace, service.plan(MEADOW), site="meadow")
    assert "SECRET" not in str(caught.value)
    assert workspace.sites() == []
    assert [draft.name for draft in workspace.drafts()] == ["meadow"]
    assert main(["sites", "--workspace", str(workspace.root)]) == 0
    assert "'python -m core fetch' with the same options goes on" in capsys.readouterr().err
    service.files.behave()
    done = fetch(workspace, service.plan(MEADOW), site="meadow")
    assert (done.reused, done.fetched) == (3, 3)  # three optical days; the fourth and two of radar
    assert not any(day.replace("-", "") in path for path in service.files.asked for day in (FIRST, SECOND, THIRD))
    assert workspace.drafts() == []
    assert done.info.optical_dates == 4
    assert not (workspace.site_path("meadow") / "days").exists()


def test_what_was_left_of_another_place_is_not_taken_up(service, workspace, monkeypatch) -> None:
    monkeypatch.setattr("core.sources.stac.fetch.patiently", partial(patience.patiently, tries=1))
    service.files.fault = lambda path, count: 503 if THIRD.replace("-", "") in path else None
    with pytest.raises(InterruptedFetch):
        fetch(workspace, service.plan(MEADOW), site="place")
    service.files.behave()
    done = fetch(workspace, service.plan(BORDER), site="place")
    assert done.reused == 0
    assert done.info.optical_dates == 1


def test_a_broken_scene_is_left_out_and_named_and_the_rest_is_there(service, workspace) -> None:
    done = fetch(workspace, service.plan(BROKEN), site="broken")
    assert done.info.optical_dates == 3
    (remark,) = [remark for remark in done.remarks if "could not be read" in remark]
    assert "20210604" in remark
    assert "B05.tif" in remark
    assert "SECRET" not in remark


@pytest.mark.parametrize("status", [404, 403])
def test_a_missing_asset_is_not_asked_for_again_and_again(service, workspace, status) -> None:
    service.files.fault = lambda path, count: status if path.endswith("B11.tif") and "20210609" in path else None
    done = fetch(workspace, service.plan(BROKEN), site="broken")
    assert done.info.optical_dates == 2
    asked = [count for path, count in service.files.asked.items() if path.endswith("B11.tif") and "20210609" in path]
    assert asked[0] <= 4


def test_a_file_that_refers_to_another_is_not_followed(service, workspace) -> None:
    """A VRT under the name of a GeoTIFF: GDAL would follow it to any file or address."""
    name = f"S2A_MSIL2A_{SECOND.replace('-', '')}T102031_R065_T32TPS"
    path = service.archive.folder / name / "B06.tif"
    kept = path.read_bytes()
    path.write_text(
        '<VRTDataset rasterXSize="40" rasterYSize="40"><SRS>EPSG:32632</SRS>'
        "<GeoTransform>0,20,0,0,0,-20</GeoTransform>"
        '<VRTRasterBand dataType="UInt16" band="1"><SimpleSource><SourceFilename>'
        f"/vsicurl/{service.files.address}/elsewhere.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    try:
        done = fetch(workspace, service.plan(BROKEN), site="broken")
    finally:
        path.write_bytes(kept)
    assert done.info.optical_dates == 2
    assert "/elsewhere.tif" not in service.files.asked


def test_where_no_signature_is_to_be_had_it_stops_and_can_go_on(service, workspace, monkeypatch) -> None:
    def refuse(href: str) -> str:
        raise requests.ConnectionError("no route")

    plan = service.plan(BROKEN)
    monkeypatch.setattr("core.sources.stac.fetch.signer", lambda provider: refuse)
    with pytest.raises(InterruptedFetch, match=r"no signature for S2A.*same options"):
        fetch(workspace, plan, site="x")
    assert [draft.name for draft in workspace.drafts()] == ["x"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_api_is_asked_again(service, status) -> None:
    with busy_api(service.api, refusals=3, status=status) as address:
        plan = replace(service, api=address).plan(MEADOW)
    assert (len(plan.optical), len(plan.radar)) == (4, 2)


def test_an_api_that_stays_busy_is_said_to_be_busy(service, workspace, capsys) -> None:
    with busy_api(service.api, refusals=100, status=503) as address:
        assert main(options(service, workspace, api=address)) == 2
    assert re.search(r"is busy \(it answers 503, .*try again later", capsys.readouterr().err)
    assert workspace.drafts() == []


def test_that_it_is_asked_again_is_told_meanwhile_and_no_signature_logged(service, workspace, caplog) -> None:
    told: list[str] = []
    with busy_api(service.api, refusals=2) as address:
        plan = replace(service, api=address).plan(MEADOW, end="2021-06-05", radar=False, tell=told.append)
        host = address.removeprefix("http://")
    assert told == [f"{host} did not answer, trying again now (try {turn})" for turn in (2, 3)]

    refused = Counter()

    def busy(path: str, count: int) -> int | None:
        refused[path] += 1
        return 503 if path.endswith("B04.tif") and refused[path] <= 9 else None

    service.files.fault = busy
    fetch(workspace, plan, site="told", progress=lambda fraction, message: told.append(message))
    again = [message for message in told if message.startswith("Date 1 of 1: ")]
    assert again
    assert all("did not answer, trying again" in message for message in again)
    assert "SECRET" not in caplog.text + "".join(told)


def test_a_known_tower_stands_for_its_place_and_names_the_site(service, workspace, capsys, monkeypatch) -> None:
    where = SiteInfo(id="XX-Alp", kind="place", title="", lat=MEADOW[0], lon=MEADOW[1], igbp="GRA")
    monkeypatch.setattr("core.sources.places.known_places", lambda: (where,))
    given = options(service, workspace)
    period = given[given.index("--size") : given.index("--site")]
    command = ["fetch", *period, "--tower", "xx-alp", "--workspace", str(workspace.root)]
    assert main([*command, "--end", "2021-06-05", "--no-radar"]) == 0
    assert "XX-Alp: 40 x 40 pixels" in capsys.readouterr().out
    assert main(["fetch", *period, "--workspace", str(workspace.root)]) == 2
    assert "--lat '' is missing; give --lat and --lon, or a known tower with --tower." in capsys.readouterr().err


def test_an_api_that_sends_pages_is_read_to_the_end(service, monkeypatch) -> None:
    monkeypatch.setattr("core.sources.stac.search.PAGE", 2)
    assert len(service.plan(MEADOW).optical) == 4


# ---------------------------------------------------------------- nothing to be had
def test_where_all_is_cloud_nothing_is_left_behind(service, workspace) -> None:
    with pytest.raises(InputError, match="all under cloud") as caught:
        fetch(workspace, service.plan(CLOUDY), site="cloudy")
    assert "\n" not in str(caught.value)
    assert workspace.sites() == workspace.drafts() == []


def test_looking_downloads_nothing_and_tells_what_it_would_take(service) -> None:
    estimate = service.plan(MEADOW).estimate
    assert (estimate.optical_dates, estimate.radar_dates) == (4, 2)
    assert estimate.assets == 7 * 11 + 3 * 2
    assert estimate.megabytes > 1
    assert "4 optical and 2 radar dates" in estimate.words
    assert not service.files.asked


# ---------------------------------------------------------------- the command line
def options(service: Service, workspace, place=MEADOW, **changes: str) -> list[str]:
    given = {
        "lat": str(place[0]), "lon": str(place[1]), "size": "0.4", "start": "2021-01-01", "end": "2022-12-31",
        "api": service.api, "site": "place", "workspace": str(workspace.root),
    } | changes  # fmt: skip
    return ["fetch", *(part for key, value in given.items() for part in (f"--{key}", value))]


def test_the_command_says_what_there_is_and_what_was_made(service, workspace, tmp_path, capsys) -> None:
    progress = tmp_path / "progress.json"
    assert main([*options(service, workspace), "--estimate", "--json"]) == 0
    before = json.loads(capsys.readouterr().out)
    assert (before["optical_dates"], before["radar_dates"], before["height"]) == (4, 2, 40)
    assert workspace.drafts() == []
    assert main([*options(service, workspace), "--json", "--progress", str(progress)]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["site"] == "place"
    assert (made["optical_dates"], made["radar_dates"], made["start"], made["end"]) == (4, 2, FIRST, FOURTH)
    assert (made["height"], made["width"], made["crs"]) == (40, 40, ZONE_32)
    assert made["bands"] == [*S2_BANDS, "VV", "VH"]
    assert 0 < made["cloud_share"] < 0.2
    assert json.loads(progress.read_text())["fraction"] == 1.0
    assert main(options(service, workspace)) == 2
    assert "already" in capsys.readouterr().err


def test_stopped_by_its_user_it_goes_on_where_it_was(service, workspace, tmp_path) -> None:
    command = [sys.executable, "-m", "core", *options(service, workspace), "--json"]
    days = workspace.root / "sites" / ".place.partial" / "days"
    with service.files.holding(but=FIRST):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not list(days.glob("*.json")):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130, complaint
    assert [path.name for path in days.glob("*.json")] == [f"s2-{FIRST}.json"]
    assert workspace.sites() == []
    service.files.behave()
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=dict(os.environ))
    assert again.returncode == 0, again.stderr
    made = json.loads(again.stdout)
    assert (made["reused"], made["fetched"]) == (1, 5)
    assert not [path for path in service.files.asked if FIRST.replace("-", "") in path]


WRONG = {
    "nothing there": ({}, EMPTY, r"has no scene of sentinel-2-l2a at 127.*2021-01-01 to 2022-12-31 in the box 11\.96"),
    "in the sea": ({}, (54.5, 4.0), "it lies in the sea"),
    "before Sentinel-2": ({"start": "2013-01-01", "end": "2014-12-31"}, MEADOW, "lies before Sentinel-2"),
    "ends before it starts": ({"start": "2021-05-02", "end": "2021-05-01"}, MEADOW, "ends before it starts"),
    "in the future": ({"start": "2901-05-02", "end": "2901-05-03"}, MEADOW, "lies in the future"),
    "no date": ({"start": "May 2021"}, MEADOW, "write it as 2021-07-14"),
    "too large": ({"size": "12"}, MEADOW, "give 0.3 to 5 km"),
    "tower": ({"tower": "DE-Hai"}, MEADOW, "give either the tower, or --lat and --lon"),
    "latitude": ({}, (147.0, 11.0), "is no latitude"),
    "pole": ({}, (88.0, 11.0), "UTM is not defined"),
    "longitude": ({}, (47.0, 211.0), "is no longitude"),
    "orbit": ({"orbit": "polar"}, MEADOW, "use both, ascending, descending"),
    "provider": ({"provider": "nobody"}, MEADOW, "use planetary-computer, earth-search"),
    "no address": ({"api": "ftp://host/stac"}, MEADOW, "write it as https://host/path"),
    "password": ({"api": "https://me:hush@host/stac"}, MEADOW, "holds a password"),
    "collection": ({"collection": "no-such"}, MEADOW, "no-such"),
    "site name": ({"site": "../x"}, MEADOW, "is no usable name"),
    "demo site": ({"site": "SIM-DBF"}, MEADOW, "simulated demo site"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_input_is_one_sentence_and_leaves_nothing(service, workspace, capsys, kind) -> None:
    changes, place, words = WRONG[kind]
    assert main(options(service, workspace, place, **changes)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "hush" not in said.err
    assert re.search(words, said.err), said.err
    assert workspace.sites() == workspace.drafts() == []


def test_what_is_no_stac_api_and_what_does_not_answer_are_said(service, workspace, capsys, monkeypatch) -> None:
    assert main(options(service, workspace, api=service.files.address)) == 2
    assert "STAC API" in capsys.readouterr().err
    monkeypatch.undo()  # with the pauses of every day
    for api, why in (("http://127.0.0.1:9", "connection is refused"), ("http://host.invalid/stac", "no host of this")):
        pauses: list[float] = []
        monkeypatch.setattr("time.sleep", pauses.append)
        assert main(options(service, workspace, api=api)) == 2
        said = capsys.readouterr().err
        assert f"'{api}' does not answer" in said
        assert why in said
        assert said.count("\n") == 1
        assert 0 < sum(pauses) < 5
    assert workspace.sites() == workspace.drafts() == []
