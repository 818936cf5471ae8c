"""Maps: nothing is fetched from elsewhere, every site has its look, and a click finds the site it meant."""

import json
import re
from itertools import pairwise
from pathlib import Path

import folium.plugins
import pytest

from core import maps
from core.assets import ASSETS, STATIC
from core.schema import InputError, SiteInfo
from core.sources.catalogue import catalogue
from core.store import Workspace

REMOTE = re.compile(r"https?://[^\s\"'<>]+")


def place(site_id: str, *, lat: float, lon: float, kind: str = "place") -> SiteInfo:
    return SiteInfo(id=site_id, kind=kind, title=site_id, lat=lat, lon=lon, igbp="GRA")


SITES = [
    place("OLD", lat=50.0, lon=10.0),
    place("DEMO", lat=52.0, lon=12.0, kind="simulated"),
    place("MINE", lat=48.0, lon=8.0, kind="files"),
]


def page_of(sites: list[SiteInfo]) -> str:
    return maps.site_map(sites).get_root().render()


def test_a_map_of_all_sites_asks_for_nothing_remote(workspace: Workspace) -> None:
    leaf = maps.site_map(catalogue(workspace))
    assert all(address.startswith(f"{ASSETS}/") for address in maps.addresses(leaf))
    offered = {url for url, _ in maps.ONLINE.values()}  # tiles that are fetched only once somebody chooses them
    assert set(REMOTE.findall(leaf.get_root().render())) == offered


def test_everything_a_map_asks_for_is_there() -> None:
    for address in maps.addresses(maps.site_map(SITES)):
        assert (STATIC / address.removeprefix(f"{ASSETS}/")).is_file(), address


def test_our_styles_ask_for_nothing_remote_and_for_nothing_missing() -> None:
    for sheet in STATIC.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not REMOTE.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
        for name in re.findall(r"url\(\"?'?([^)\"'#]+)", text):
            assert (sheet.parent / name).is_file() or name.startswith("#"), f"{sheet.name}: {name}"


def test_an_element_that_needs_the_internet_is_refused_before_it_reaches_a_browser() -> None:
    leaf = maps.site_map(SITES)
    folium.plugins.MiniMap().add_to(leaf)
    with pytest.raises(InputError, match=r"Control\.MiniMap\.js.*add a copy"):
        maps.offline(leaf)


@pytest.mark.parametrize(("kind", "look"), maps.LOOKS.items())
def test_each_kind_of_site_has_a_look_and_a_legend(kind: str, look: str) -> None:
    page = page_of([place("ONE", lat=50, lon=10, kind=kind)])
    assert f'"className": "{look}"' in page
    assert maps.LEGEND[look] in page
    assert f".{look}" in (STATIC / "map.css").read_text(encoding="utf-8")


def test_the_legend_names_only_what_is_on_the_map() -> None:
    assert maps.LEGEND["fx-place"] not in page_of([SITES[1]])


def test_a_simulated_site_says_so_on_the_map() -> None:
    assert "DEMO · grassland · simulated" in page_of(SITES)


def test_a_map_without_sites_shows_europe() -> None:
    assert '"className"' not in page_of([])
    assert "fitBounds(\n                [[36.0, -10.0], [68.0, 32.0]]" in page_of([])


def test_a_click_on_a_marker_finds_its_site() -> None:
    assert maps.site_at(SITES, lat=52.01, lon=12.0) == SITES[1]


def test_a_click_far_from_every_marker_finds_none() -> None:
    assert maps.site_at(SITES, lat=51.0, lon=11.0) is None
    assert maps.site_at([], lat=51.0, lon=11.0) is None


def test_only_the_chosen_site_is_ringed() -> None:
    ring = maps.chosen_site(SITES[0])
    assert [child.location for child in ring._children.values()] == [[50.0, 10.0]]
    assert not maps.chosen_site(None)._children


# ---------------------------------------------------------------- the outlines
def test_the_outlines_are_small_and_lie_on_the_globe() -> None:
    file = STATIC / "borders" / "borders.json"
    assert file.stat().st_size <= 170_000  # bytes
    land, borders = json.loads(file.read_text(encoding="utf-8"))["features"]
    assert (land["properties"]["name"], borders["properties"]["name"]) == ("land", "borders")
    longitudes, latitudes = zip(
        *(point for polygon in land["geometry"]["coordinates"] for point in polygon[0]), strict=True
    )
    assert -180 <= min(longitudes) <= max(longitudes) <= 180
    assert -60 <= min(latitudes) <= max(latitudes) <= 84


@pytest.mark.parametrize(
    ("name", "lon", "lat", "is_land"),
    [
        ("Berlin", 13.4, 52.5, True),
        ("Manaus", -60.0, -3.1, True),
        ("Mid-Atlantic", -30.0, 45.0, False),
        ("Baltic Sea", 19.5, 57.0, False),
        ("Chukotka, beyond the date line", -173.5, 66.5, True),
    ],
)
def test_land_is_where_land_is(name: str, lon: float, lat: float, is_land: bool) -> None:
    land = json.loads((STATIC / "borders" / "borders.json").read_text(encoding="utf-8"))["features"][0]
    rings = [ring for polygon in land["geometry"]["coordinates"] for ring in polygon]
    assert sum(crosses(ring, lon, lat) for ring in rings) % 2 == is_land, name


def crosses(ring: list[list[float]], lon: float, lat: float) -> int:
    """How often a ray from the point to the north meets the ring."""
    return sum(
        (x1 > lon) != (x2 > lon) and lat < (y2 - y1) * (lon - x1) / (x2 - x1) + y1
        for (x1, y1), (x2, y2) in pairwise(ring)
    )


def test_every_vendored_library_comes_with_its_licence() -> None:
    for folder in STATIC.iterdir():
        if folder.is_dir():
            assert [file for file in folder.iterdir() if file.name.startswith("LICENSE")], Path(folder).name
