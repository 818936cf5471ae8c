import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.schema import IGBP_CLASSES, InputError
from core.simulate.spec import DEMO_SITES, Cover, LandscapeSpec
from core.simulate.variants import tower_specs
from core.sources.places import known_places

ROOT = Path(__file__).parents[3]


def test_six_demo_sites_say_that_they_are_simulated() -> None:
    assert list(DEMO_SITES) == ["SIM-DBF", "SIM-ENF", "SIM-GRA", "SIM-CRO", "SIM-WET", "SIM-SAV"]
    for site_id, spec in DEMO_SITES.items():
        assert spec.id == site_id
        assert spec.igbp == site_id.removeprefix("SIM-")
        assert spec.igbp in IGBP_CLASSES
        assert "(simulated)" in spec.title
        assert spec.description.startswith("Simulated")


def test_no_simulated_site_stands_where_a_real_tower_does() -> None:
    for spec in (*DEMO_SITES.values(), *tower_specs().values()):
        for place in known_places():
            near = abs(spec.lat - place.lat) < 0.1 and abs(spec.lon - place.lon) < 0.1
            assert not near, f"{spec.id} is too near {place.id}"


@pytest.mark.parametrize(
    ("site_id", "epsg"), [("SIM-DBF", 32632), ("SIM-ENF", 32635), ("SIM-CRO", 32631), ("SIM-SAV", 32629)]
)
def test_the_utm_zone_follows_from_the_longitude(site_id: str, epsg: int) -> None:
    assert DEMO_SITES[site_id].epsg == epsg
    assert replace(DEMO_SITES[site_id], lat=-30).epsg == epsg + 100


def test_listing_the_sites_imports_nothing_heavy() -> None:
    code = "import sys; from core.simulate.spec import DEMO_SITES; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"scipy", "xarray", "pandas"} & set(loaded.split())


def test_covers_have_codes_that_stay() -> None:
    assert [cover.code for cover in Cover] == list(range(1, 12))
    assert Cover.BROADLEAF.code == 1
    assert Cover.ROAD.code == 11


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(InputError, match=r"shares that sum to 0\.900"):
        replace(DEMO_SITES["SIM-CRO"].landscape, open_land=((Cover.CROP, 0.9),))


def test_a_forest_share_above_one_is_refused() -> None:
    land: LandscapeSpec = DEMO_SITES["SIM-CRO"].landscape
    with pytest.raises(InputError, match=r"forest_share .1\.2. is no share"):
        replace(land, forest_share=1.2)


@pytest.mark.parametrize(("field", "value"), [("igbp", "XYZ"), ("lat", 88.0)])
def test_a_wrong_class_or_latitude_is_refused(field: str, value: object) -> None:
    with pytest.raises(InputError, match=field):
        replace(DEMO_SITES["SIM-CRO"], **{field: value})
