"""The contracts, each by an example that keeps it and one breach at a time."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from core.schema import (
    IGBP_CLASSES,
    S1_BANDS,
    S2_BANDS,
    SENTINEL2,
    CubeError,
    InputError,
    RunSpec,
    SeriesError,
    SiteInfo,
    check_site_cube,
    check_tower,
    check_weather,
    clear_share,
)


def whole_cube() -> xr.Dataset:
    """Three optical and two radar dates over 2 x 4 pixels; half the pixel-dates are clear."""
    time, s1_time = pd.date_range("2021-07-01", periods=3, freq="5D"), pd.date_range("2021-07-02", periods=2, freq="6D")
    clear = np.full((3, 2, 4), 0.1, np.float32)
    clear[:, 0] = np.nan
    optical = {band: (("time", "y", "x"), clear.copy()) for band in S2_BANDS}
    radar = {band: (("s1_time", "y", "x"), np.full((2, 2, 4), -12, np.float32)) for band in S1_BANDS}
    coords = {"time": time, "s1_time": s1_time, "y": [5_000_015.0, 5_000_005.0], "x": [5.0, 15.0, 25.0, 35.0]}
    return xr.Dataset(optical | radar, coords=coords, attrs={"crs": "EPSG:32632"})


def test_a_whole_cube_is_returned_as_it_is() -> None:
    cube = whole_cube()
    assert check_site_cube(cube) is cube
    assert clear_share(cube) == 0.5


def test_radar_may_be_absent() -> None:
    check_site_cube(whole_cube().drop_vars(["VV", "VH", "s1_time"]))


@pytest.mark.parametrize(
    ("breach", "words"),
    [
        (lambda cube: cube.drop_vars("B05"), "lacks the bands B05"),
        (lambda cube: cube.transpose("y", "x", ...), "transpose it"),
        (lambda cube: cube.astype("float64"), "float64"),
        (lambda cube: cube.sortby("y"), "north to south"),
        (lambda cube: cube.isel(x=slice(None, None, -1)), "west to east"),
        (lambda cube: cube.isel(time=[0, 0, 1]), "strictly increasing"),
        (lambda cube: cube.assign_coords(time=[1, 2, 3]), "not dates"),
        (lambda cube: cube.assign_coords(x=[0.0, 10.0, 25.0, 35.0]), "evenly spaced"),
        (lambda cube: cube.drop_attrs(), "crs"),
        (lambda cube: cube * np.float32("nan"), "no valid pixel"),
        (lambda cube: cube.assign(B04=cube.B04 * np.float32(10_000)), "divide by 10000"),
        (lambda cube: cube.assign(VV=cube.VV * np.float32(10)), "decibels"),
    ],
)
def test_each_breach_is_named_in_one_sentence(breach, words: str) -> None:
    attrs = whole_cube().attrs
    broken = breach(whole_cube())
    if words != "crs":
        broken.attrs = attrs
    with pytest.raises(CubeError, match=words) as caught:
        check_site_cube(broken, name="site X")
    assert str(caught.value).startswith("site X ")
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_an_error_names_argument_value_and_remedy() -> None:
    error = InputError("k", 0, "is too small", "choose 2 or more")
    assert str(error) == "k '0' is too small; choose 2 or more."


def test_an_error_keeps_a_long_value_short() -> None:
    assert len(str(InputError("path", "x" * 5000, "is too long", "shorten it"))) < 200


def test_bands_stand_in_the_order_of_the_paper_and_of_their_wavelengths() -> None:
    assert S2_BANDS == ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
    wavelengths = [band.wavelength_nm for band in SENTINEL2]
    assert wavelengths == sorted(wavelengths)
    assert {band.name for band in SENTINEL2 if band.resolution_m == 10} == {"B02", "B03", "B04", "B08"}


def test_an_empty_class_is_unknown_not_a_default() -> None:
    assert IGBP_CLASSES[""] == "class unknown"
    assert SiteInfo(id="X", kind="place", title="X", lat=0, lon=0, igbp="").class_name == "class unknown"


def test_a_site_survives_the_way_to_json_and_back() -> None:
    site = SiteInfo(
        id="A",
        kind="simulated",
        title="A",
        lat=51.5,
        lon=10.25,
        igbp="DBF",
        shape=(80, 80),
        pixel_m=10,
        optical_dates=9,
    )
    assert SiteInfo.from_json(site.to_json()) == site
    assert site.simulated
    assert site.has_data
    assert site.area_ha == 64


def test_a_run_is_named_by_all_that_decides_it_and_by_nothing_else() -> None:
    def spec(**changes) -> RunSpec:
        parameters = changes.pop("parameters", {"model": "compact-7", "start": "2021-01-01"})
        return RunSpec(
            **{"kind": "embedding", "site": "A", "input_digest": "12", "version": "1"} | changes, parameters=parameters
        )

    assert spec().id == spec(parameters={"start": "2021-01-01", "model": "compact-7"}).id
    others = [spec(site="B"), spec(input_digest="13"), spec(version="2"), spec(parameters={"model": "compact-32"})]
    assert len({spec().id, *(other.id for other in others)}) == 5
    assert RunSpec.from_json(spec().to_json()) == spec()


def daily(**columns) -> pd.DataFrame:
    days = len(next(iter(columns.values())))
    table = pd.DataFrame(columns, index=pd.date_range("2021-01-01", periods=days, name="time"))
    table.attrs["column"] = "GPP_NT_VUT_REF"
    return table


def test_a_tower_series_keeps_negative_values_and_gaps() -> None:
    tower = daily(gpp=[-0.3, np.nan, 4.0], quality=[0.9, np.nan, 1.0], filled=[False, False, True])
    assert check_tower(tower) is tower


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"gpp": [1.0, -9999.0], "quality": [1.0, 1.0], "filled": [False, False]}, "missing value"),
        ({"gpp": [1.0, 2.0], "quality": [80.0, 100.0], "filled": [False, False]}, "between 0 and 1"),
        ({"gpp": [1.0, 2.0]}, "quality, filled"),
        ({"gpp": [1.0], "quality": [1.0], "filled": [False], "NEE": [1.0]}, "no known column"),
    ],
)
def test_a_wrong_tower_series_is_refused(columns, words: str) -> None:
    with pytest.raises(SeriesError, match=words):
        check_tower(daily(**columns))


def test_a_tower_series_says_its_column() -> None:
    tower = daily(gpp=[1.0], quality=[1.0], filled=[False])
    tower.attrs.clear()
    with pytest.raises(SeriesError, match="which column"):
        check_tower(tower)


def test_a_day_left_out_of_a_daily_table_is_noticed() -> None:
    weather = daily(temperature=[1.0, 2.0, 3.0])
    assert check_weather(weather) is weather
    with pytest.raises(SeriesError, match="one day"):
        check_weather(weather.iloc[[0, 2]])
