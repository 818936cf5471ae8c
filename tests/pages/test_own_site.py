"""Adding a site on the Explore page, without a browser; the work itself is real, in processes of its own."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.sources.site import open_site
from core.sources.stac.request import FIRST_DAY
from core.store import Workspace
from core.ui import jobs
from tests.core.sources.ingest.files import CRS, DAYS, classes, expected, numbers, optical, write_tiff
from tests.core.sources.ingest.test_take import huge
from tests.core.sources.stac.conftest import EMPTY, MEADOW
from tests.hostile import pack
from tests.last_year import OPTICAL, RADAR, YEAR, last_year
from tests.pages.app import FRAME, PATIENCE_S, press, sentences, words

Start = Callable[[], AppTest]


@pytest.fixture
def adding(monkeypatch: pytest.MonkeyPatch, with_small_site: Workspace) -> Iterator[AppTest]:
    """The Explore page with the panel open."""
    monkeypatch.setenv("FLUXSCAPE_WORKSPACE", str(with_small_site.root))
    app = AppTest.from_file(FRAME, default_timeout=PATIENCE_S)
    app.query_params["site"] = "SMALL"
    app.run().switch_page("../explore.py").run()
    yield press(app, "Add a site")
    for path in (with_small_site.root / "jobs").glob("*"):
        jobs.cancel(with_small_site, path.name)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def field(app: AppTest, label: str) -> object:
    every = [*app.number_input, *app.text_input, *app.selectbox, *app.multiselect, *app.date_input]
    return next(one for one in every if one.label.startswith(label))


def ended(app: AppTest, start: str) -> AppTest:
    """The page after the work whose target starts so has ended."""
    workspace = Workspace(os.environ["FLUXSCAPE_WORKSPACE"])
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = [jobs.find(workspace, path.name) for path in (workspace.root / "jobs").glob(f"{start}*")]
        if found and not any(job is None or job.running for job in found):
            return app.run()
        time.sleep(0.1)
    raise AssertionError(f"{start} did not end")


def by_path(app: AppTest, path: Path) -> AppTest:
    app = app.segmented_control[0].set_value("From files of yours").run()
    field(app, "Or a file or folder").set_value(str(path)).run()
    return app


# ---------------------------------------------------------------- files
@pytest.fixture
def cube(tmp_path: Path) -> Path:
    optical().rename(B08="height").to_netcdf(tmp_path / "cube.nc")
    return tmp_path / "cube.nc"


def test_files_become_a_site_after_their_layers_were_seen_and_corrected(adding: AppTest, cube: Path) -> None:
    app = ended(press(by_path(adding, cube), "See what they hold"), "read-")
    assert not app.exception
    assert f"1 file, {len(DAYS)} optical dates from {DAYS[0]} to {DAYS[-1]}." in words(app)
    table = app.dataframe[0].value
    assert table.set_index("layer").loc["height", "taken as"] == "left out"
    workspace = Workspace(os.environ["FLUXSCAPE_WORKSPACE"])
    assert [info.id for info in workspace.sites()] == ["SMALL"]

    app = field(app, "Layers to correct").set_value(["height"]).run()
    field(app, "Taken as").set_value("B08")  # and clicked before the page has answered, as hands on a keyboard do
    app = press(app, "Correct")
    assert app.dataframe[0].value.set_index("layer").loc["height", "taken as"] == "B08 near infrared"
    field(app, "Name of the site").set_value("meadow")
    app = ended(press(app, "Make the site"), "ingest-")
    assert not app.exception
    assert not app.error
    assert app.query_params["site"] == "meadow"
    assert "meadow is in your workspace" in words(app)
    stored = open_site(workspace, "meadow").cube["B08"].values[0]
    np.testing.assert_allclose(stored, expected("B08")[0], atol=1e-4)


def test_uploaded_files_keep_their_dates_and_leave_when_they_are_a_site(adding: AppTest, tmp_path: Path) -> None:
    names = [(f"scene {day}_{band}.tif", band) for day in DAYS for band in ("B04", "B08")]
    tiffs = [write_tiff(tmp_path / name, numbers(band)[None]) for name, band in names]
    app = adding.segmented_control[0].set_value("From files of yours").run()
    for path in tiffs:
        app.file_uploader[0].upload(path.name, path.read_bytes(), "image/tiff")
    app.run()
    app = ended(press(app, "See what they hold"), "read-")
    assert f"6 files, {len(DAYS)} optical dates" in words(app)
    workspace = Workspace(os.environ["FLUXSCAPE_WORKSPACE"])
    (folder,) = (workspace.root / "uploads").iterdir()
    assert {path.name for path in folder.iterdir()} == {path.name.replace(" ", "-") for path in tiffs}
    app = ended(press(app, "Make the site"), "ingest-")
    assert workspace.site("my-site").optical_dates == len(DAYS)
    assert not list((workspace.root / "uploads").iterdir())


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("2021-06-04_B04.tif", b"this is no image", "is no GeoTIFF but text"),
        ("B04.tif", None, "in the page's words: Date"),
        ("notes.txt", b"x", "is of a kind Fluxscape does not open"),
        ("truncated 2021-06-04.tif", lambda path: path.write_bytes(whole(path)[:700]), "cannot be read as GeoTIFF"),
        ("bomb.zip", lambda path: pack(path, {"a.tif": bytes(60_000_000)}), "would unpack 'a.tif' to 0.1 GB"),
        ("out.zip", lambda path: pack(path, {"../../evil.tif": b"x"}), "leads out of its folder"),
        ("40 GB 2021-06-04.tif", huge, "is 40.0 GB, more than the 8 GB that one file may have"),
    ],
)
def test_what_is_wrong_with_files_is_a_sentence_of_the_page(
    adding: AppTest, tmp_path: Path, name: str, content: bytes | Callable[[Path], object] | None, says: str
) -> None:
    path = tmp_path / name
    if callable(content):
        content(path)
    elif content is None:
        write_tiff(path, numbers("B04")[None])
        says = "has no date in its name or tags; put the date into its name as 2021-07-14, or give it with Date."
    else:
        path.write_bytes(content)
    app = ended(press(by_path(adding, path), "See what they hold"), "read-")
    assert any(says in sentence for sentence in sentences(app)), sentences(app)
    assert not any("--" in sentence for sentence in sentences(app))
    assert "Make the site" not in labels(app)
    workspace = Workspace(os.environ["FLUXSCAPE_WORKSPACE"])
    assert not workspace.drafts()
    assert not [path for path in workspace.root.iterdir() if path.name.startswith(".unpacked")]


PLACED = {  # what files say of their place, and what the page says of that before anything is stored
    "no CRS": ("", "states no CRS, so that its place on the map is not known; give it with Coordinate system"),
    "wrong CRS": ("EPSG:4326", "is in degrees, but the coordinates of cube.nc run to 600120, 5200000"),
    "upside down": (CRS, "was upside down (rows from south to north) and was flipped"),
    "Web Mercator": (
        "EPSG:3857",
        "Images in EPSG:3857 (cube.nc) are brought onto square pixels of 10 m in EPSG:32631 (UTM)",
    ),
}


@pytest.mark.parametrize("kind", PLACED)
def test_where_files_lie_is_told_before_they_are_stored_and_can_be_put_right(
    adding: AppTest, tmp_path: Path, kind: str
) -> None:
    crs, says = PLACED[kind]
    cube = optical().assign_attrs(crs=crs)
    (cube.isel(y=slice(None, None, -1)) if kind == "upside down" else cube).to_netcdf(tmp_path / "cube.nc")
    app = ended(press(by_path(adding, tmp_path / "cube.nc"), "See what they hold"), "read-")
    assert says in words(app)
    assert "--" not in words(app)
    if kind not in ("no CRS", "wrong CRS"):
        assert "Make the site" in labels(app)
        return
    assert any(says in sentence for sentence in sentences(app))
    assert "Make the site" not in labels(app)
    app = field(app, "Coordinate system").set_value(CRS).run()
    app = ended(press(app, "See what they hold"), "read-")
    assert says not in words(app)
    ended(press(field(app, "Name of the site").set_value("found").run(), "Make the site"), "ingest-")
    assert Workspace(os.environ["FLUXSCAPE_WORKSPACE"]).site("found").crs == CRS


def whole(path: Path) -> bytes:
    """A GeoTIFF of four bands."""
    values = np.stack([numbers(band) for band in ("B02", "B03", "B04", "B08")])
    return write_tiff(path, values).read_bytes()


def test_images_without_a_clear_pixel_are_said_when_the_site_is_made_and_nothing_is_left(
    adding: AppTest, tmp_path: Path
) -> None:
    cube = optical().assign(cloud_mask=(("time", "y", "x"), classes() * 0 + 1))
    cube.to_netcdf(tmp_path / "cloudy.nc")
    app = adding.segmented_control[0].set_value("From files of yours").run()
    app.file_uploader[0].upload("cloudy.nc", (tmp_path / "cloudy.nc").read_bytes(), "application/netcdf")
    app = ended(press(app.run(), "See what they hold"), "read-")
    app = ended(press(field(app, "Name of the site").set_value("cloudy").run(), "Make the site"), "ingest-")
    assert "show the ground in red (B04) in no pixel of any date" in words(app)
    workspace = Workspace(os.environ["FLUXSCAPE_WORKSPACE"])
    assert [info.id for info in workspace.sites()] == ["SMALL"]
    assert not workspace.drafts()
    assert list((workspace.root / "uploads").iterdir())  # to try again with
    app = press(app, "Discard")
    assert not list((workspace.root / "uploads").iterdir())
    assert "cloudy" not in words(app)


def test_uploads_that_are_taken_back_leave_the_workspace(adding: AppTest, tmp_path: Path) -> None:
    path = write_tiff(tmp_path / "2021-06-04_B04.tif", numbers("B04")[None])
    app = adding.segmented_control[0].set_value("From files of yours").run()
    app.file_uploader[0].upload(path.name, path.read_bytes(), "image/tiff")
    app.run()
    uploads = Workspace(os.environ["FLUXSCAPE_WORKSPACE"]).root / "uploads"
    assert len(list(uploads.iterdir())) == 1
    app.file_uploader[0].set_value([])
    app.run()
    assert not list(uploads.iterdir())


# ---------------------------------------------------------------- a place
def test_a_known_tower_is_taken_and_named_and_a_wrong_period_said(adding: AppTest) -> None:
    app = field(adding, "Known tower").set_value("DE-Hai").run()
    assert (field(app, "Latitude").value, field(app, "Longitude").value) == (51.079407, 10.452089)
    assert field(app, "Name of the site").placeholder == "DE-Hai"
    assert "See what there is" in labels(app)
    app = field(app, "Latitude").set_value(51.2).run()
    assert field(app, "Known tower").value == ""
    assert field(app, "Name of the site").placeholder == "N51-2000_E010-4521"
    first, last = app.date_input
    app = first.set_value(last.value.replace(day=1)).run()
    app = app.date_input[1].set_value(last.value.replace(month=1, day=1)).run()
    assert any("ends before it starts" in sentence for sentence in sentences(app))
    assert "See what there is" not in labels(app)


def test_an_archive_that_does_not_answer_is_a_sentence(adding: AppTest) -> None:
    app = field(adding, "Known tower").set_value("DE-Hai").run()
    app = field(app, "Archive").set_value("other").run()
    app = field(app, "Address").set_value("ftp://here").run()
    assert any("is no address of a STAC API" in sentence for sentence in sentences(app))
    app = field(app, "Address").set_value("http://127.0.0.1:9/stac").run()
    app = ended(press(app, "See what there is"), "look-")
    assert any("does not answer" in sentence for sentence in sentences(app)), sentences(app)
    assert "Fetch it" not in labels(app)


@pytest.mark.parametrize(("place", "says"), [(EMPTY, "in the box"), ((54.5, 4.0), "it lies in the sea")])
def test_where_an_archive_has_nothing_it_is_said_what_was_searched(
    adding: AppTest, tmp_path: Path, place: tuple[float, float], says: str
) -> None:
    with last_year(tmp_path / "archive") as (api, _):
        app = field(adding, "Archive").set_value("other").run()
        for label, value in (("Address", api), ("Latitude", place[0]), ("Longitude", place[1])):
            app = field(app, label).set_value(value).run()
        app = ended(press(app, "See what there is"), "look-")
    (said,) = [sentence for sentence in sentences(app) if "has no scene" in sentence]
    assert f"from {YEAR}-01-01 to {YEAR}-12-31" in said
    assert says in said
    assert "Fetch it" not in labels(app)


def test_no_day_before_sentinel_2_can_be_chosen(adding: AppTest) -> None:
    assert [day.min for day in adding.date_input] == [FIRST_DAY, FIRST_DAY]


def test_a_place_without_data_opens_the_panel_for_itself(open_page, with_small_site: Workspace) -> None:
    app = press(open_page(with_small_site, site="CZ-Stn"), "Add a site")
    assert field(app, "Known tower").value == "CZ-Stn"
    assert field(app, "Name of the site").placeholder == "CZ-Stn"
    app = press(app, "Back to the site")
    assert "A place to bring data for" in words(app)


def test_a_fetch_is_estimated_stopped_and_taken_up_without_a_date_twice(adding: AppTest, tmp_path: Path) -> None:
    workspace = Workspace(os.environ["FLUXSCAPE_WORKSPACE"])
    weather = pd.DataFrame({"date": pd.date_range(f"{YEAR}-06-01", periods=20), "temperature": 12.5}).to_csv(
        index=False
    )
    with last_year(tmp_path / "archive") as (api, files):
        app = field(adding, "Archive").set_value("other").run()
        for label, value in (("Address", api), ("Latitude", MEADOW[0]), ("Longitude", MEADOW[1]), ("Side", 0.4)):
            app = field(app, label).set_value(value).run()
        app.file_uploader[0].upload("days.csv", weather.encode(), "text/csv")
        app = ended(press(app.run(), "See what there is"), "look-")
        assert not files.asked  # nothing is downloaded for an estimate
        assert "**3 optical and 1 radar dates**" in words(app)
        assert "40 × 40 pixels of 10 m" in words(app)

        field(app, "Side").set_value(0.5)
        app = press(app, "Fetch it")  # of another place than was looked at
        assert "Fetch it" not in labels(app)
        assert not files.asked
        app = field(app, "Side").set_value(0.4).run()

        with files.holding(but=OPTICAL[0]):
            field(app, "Name of the site").set_value("alp")
            app = press(app, "Fetch it")
            until = time.monotonic() + PATIENCE_S
            while not list(workspace.root.glob("sites/.alp.partial/days/*.json")) and time.monotonic() < until:
                time.sleep(0.05)
            app = press(app.run(), "Stop")
        app = ended(app, "fetch-")
        assert "**alp** was stopped." in words(app)
        assert [path.stem for path in workspace.root.glob("sites/.alp.partial/days/*.json")] == [f"s2-{OPTICAL[0]}"]
        before = {scene: count for scene, count in files.scenes_asked().items() if day_of(scene) == OPTICAL[0]}

        files.fault = lambda path, count: None
        app = ended(press(app, "Go on"), "fetch-")
    assert not app.exception
    assert not app.error
    assert app.query_params["site"] == "alp"
    assert {scene: files.scenes_asked()[scene] for scene in before} == before
    site = open_site(workspace, "alp")
    assert (site.info.optical_dates, site.info.radar_dates) == (len(OPTICAL), len(RADAR))
    assert site.weather["temperature"].tolist() == [12.5] * 20
    assert not workspace.drafts()
    assert not list((workspace.root / "uploads").iterdir())


def day_of(scene: str) -> str:
    """2021-06-04 of a scene's name."""
    digits = re.search(r"_(\d{8})T", scene)[1]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
