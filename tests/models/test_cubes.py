"""Site cubes become frames, with what a site lacks left out, and what is no site cube refused in a sentence."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from models.checks import InputError
from models.cubes import Cube, band_statistics, find_cubes, read_cube, read_cubes
from models.inputs import OPTICAL, RADAR, Frames
from models.presets import S1_BANDS, S2_BANDS
from models.sensors import SENSORS

TIMES = pd.date_range("2021-05-01", periods=4, freq="5D")


def site_cube() -> xr.Dataset:
    """Four dates of 3 x 3 px, the second one all under cloud; radar a day later."""
    reflectance = np.full((4, 3, 3), 0.25, np.float32)
    reflectance[1] = np.nan
    backscatter = np.full((4, 3, 3), -12.5, np.float32)
    layers = dict.fromkeys(S2_BANDS, (("time", "y", "x"), reflectance))
    layers |= dict.fromkeys(S1_BANDS, (("s1_time", "y", "x"), backscatter))
    return xr.Dataset(layers, coords={"time": TIMES, "s1_time": TIMES + pd.Timedelta("1D")})


def written(cube: xr.Dataset, folder: Path, name: str = "site") -> Path:
    path = folder / name / "cube.zarr"
    cube.to_zarr(path, zarr_format=3, consolidated=False)
    return path


def test_a_cube_becomes_frames_on_its_clear_dates(tmp_path: Path) -> None:
    name, sensors, truth = read_cube(written(site_cube(), tmp_path))
    assert name == "site"
    assert not truth
    assert list(sensors) == [RADAR, OPTICAL]
    assert [str(day) for day in sensors[OPTICAL].days.astype("datetime64[D]")] == [
        "2021-05-01",
        "2021-05-11",
        "2021-05-16",
    ]
    assert (sensors[RADAR].days - sensors[OPTICAL].days).tolist() == [1, 1, 1]
    assert sensors[OPTICAL].values.shape == (3, 10, 3, 3)
    assert sensors[OPTICAL].values == pytest.approx(0.25)
    assert sensors[RADAR].values == pytest.approx(0.5)


def test_beside_a_simulated_cube_lies_the_truth(tmp_path: Path) -> None:
    path = written(site_cube(), tmp_path)
    days = TIMES[[0, 2]]  # of the three clear dates only two are known
    levels = {"reflectance": ("time", days, 10, 0.3), "backscatter": ("s1_time", days + pd.Timedelta("1D"), 2, -5.0)}
    truth = xr.Dataset(
        {
            name: (("band_" + name, axis, "y", "x"), np.full((bands, 2, 3, 3), level, np.float32))
            for name, (axis, _, bands, level) in levels.items()
        },
        coords={axis: times for axis, times, _, _ in levels.values()},
    )
    truth.to_zarr(path.parent / "truth" / "state.zarr", zarr_format=3, consolidated=False)
    [cube] = read_cubes([path])
    known = [np.isfinite(cube.truth[sensor]).all(axis=(1, 2, 3)).tolist() for sensor in (OPTICAL, RADAR)]
    assert known == [[True, True, False]] * 2
    assert cube.truth[OPTICAL][0] == pytest.approx(0.3)
    assert cube.truth[RADAR][0] == pytest.approx(25 / 35)


def test_a_cube_without_radar_is_read_without_it(tmp_path: Path) -> None:
    path = written(site_cube().drop_vars([*S1_BANDS, "s1_time"]), tmp_path)
    assert list(read_cube(path).sensors) == [OPTICAL]


def test_a_further_sensor_is_read_where_it_is_asked_for_and_there(tmp_path: Path) -> None:
    rich, poor = (written(site_cube(), tmp_path, name) for name in ("rich", "poor"))
    columns = {"temperature": 5.0, "precipitation": 10.0, "radiation": 7.0, "vpd": 1.0}
    table = pd.DataFrame(columns, index=pd.date_range("2021-04-01", "2021-06-01", name="time"))
    table.to_parquet(rich.parent / "weather.parquet")
    assert list(read_cube(rich).sensors) == [RADAR, OPTICAL]
    asked, lacking = read_cubes([rich, poor], ("s1", "s2", "weather"))
    assert list(asked.sensors) == [RADAR, OPTICAL, "weather"]
    assert list(lacking.sensors) == [RADAR, OPTICAL]
    weather = asked.sensors["weather"]
    assert weather.days.tolist() == asked.sensors[OPTICAL].days.tolist()
    assert weather.values[0, :, 1, 1] == pytest.approx([0.5, 0.5, 0.2, 0.25])
    before = read_cube(rich).sensors
    assert all(np.array_equal(before[name].values, asked.sensors[name].values) for name in before)


def test_an_unknown_sensor_is_refused_and_the_known_ones_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"sensor is 'wether'; choose one of s1, s2, {', '.join(SENSORS)}"):
        read_cube(written(site_cube(), tmp_path), ("wether",))


def test_wrong_band_names_are_named(tmp_path: Path) -> None:
    path = written(site_cube().rename(B02="blue", B11="swir"), tmp_path)
    with pytest.raises(InputError, match=r"lacks the bands B02, B11 and holds .*blue, swir; rename"):
        read_cube(path)


def test_a_cube_of_nothing_but_cloud_is_named(tmp_path: Path) -> None:
    path = written(site_cube() * np.nan, tmp_path)
    with pytest.raises(InputError, match=r"site.cube\.zarr holds no valid optical value"):
        read_cube(path)


@pytest.mark.parametrize("kind", ["absent", "foreign", "damaged"])
def test_what_is_no_cube_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "site" / "cube.zarr"
    if kind == "foreign":
        path.mkdir(parents=True)
        (path / "notes.txt").write_text("not a cube")
    elif kind == "damaged":
        written(site_cube(), tmp_path)
        (path / "zarr.json").write_text("{")
    with pytest.raises(InputError, match=r"cube\.zarr cannot be read as a site cube"):
        read_cube(path)


def test_statistics_are_of_the_valid_values_of_all_cubes() -> None:
    values = np.full((2, 2, 1, 1), np.nan, np.float32)
    values[:, 0, 0, 0] = [0.2, 0.4]
    values[0, 1] = 0.5
    cubes = [Cube("a", {"new": Frames(values, np.array([0, 1]))}), Cube("b", {})]
    assert band_statistics(cubes, "new") == {"mean": [0.3, 0.5], "std": [0.1, 0.0]}
    with pytest.raises(InputError, match="none of the 2 holds old"):
        band_statistics(cubes, "old")


def test_cubes_are_found_below_a_folder_and_drafts_are_not(tmp_path: Path) -> None:
    paths = [tmp_path / name / "cube.zarr" for name in ("b", "a", ".draft")]
    for path in paths:
        path.mkdir(parents=True)
    assert find_cubes(tmp_path) == [paths[1], paths[0]]
    assert find_cubes(paths[0]) == [paths[0]]
    with pytest.raises(InputError, match=r"holds no cube\.zarr"):
        find_cubes(tmp_path / "nowhere")
