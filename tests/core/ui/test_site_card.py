"""What the card says of a site: everything known, with units, and nothing that is not."""

from dataclasses import replace

from core.schema import SiteInfo
from core.ui.site_card import badge, facts

SITE = SiteInfo(
    id="SIM-GRA",
    kind="simulated",
    title="Mown grassland (simulated)",
    lat=47.45,
    lon=-9.28,
    igbp="GRA",
    elevation_m=480.0,
    licence="CC0-1.0",
    shape=(80, 80),
    pixel_m=10.0,
    start="2019-01-05",
    end="2022-12-30",
    optical_dates=292,
    radar_dates=212,
    clear_share=0.32,
    tower_start="2019-01-01",
    tower_end="2022-12-30",
    tower_days=1096,
)


def test_the_card_tells_all_there_is() -> None:
    assert facts(SITE) == {
        "Class": "grassland",
        "Place": "47.4500° N, 9.2800° W, 480 m above sea level",
        "Area": "64 ha, 80 × 80 pixels of 10 m",
        "Dates": "2019-01-05 to 2022-12-30: 292 optical, 212 radar",
        "Clear": "32 % of the optical record, 68 % under cloud",
        "Tower": "2019-01-01 to 2022-12-30: GPP measured on 1096 days",
        "Licence": "CC0-1.0",
    }


def test_a_site_without_tower_says_so() -> None:
    assert facts(replace(SITE, tower_days=0))["Tower"] == "no tower series"


def test_a_site_of_real_images_tells_where_they_are_from() -> None:
    real = replace(SITE, kind="files", provenance="From files: S2_2021.nc.")
    assert facts(real)["Source"] == "From files: S2_2021.nc."
    assert "Source" not in facts(SITE)


def test_a_place_without_data_tells_where_it_is_and_what_grows_there() -> None:
    known = SiteInfo(id="BE-Maa", kind="place", title="Flux tower BE-Maa", lat=50.98, lon=5.63, igbp="")
    assert facts(known) == {"Class": "class unknown", "Place": "50.9800° N, 5.6300° E"}


def test_simulated_sites_and_places_without_data_cannot_be_mistaken() -> None:
    assert "simulated" in badge(SITE)
    assert "no data" in badge(replace(SITE, kind="place"))
    assert badge(replace(SITE, kind="files")) == ""
