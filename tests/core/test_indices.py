"""Indices: known numbers, known identities, and every index of the list on one small cube."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from core import indices
from core.schema import S1_BANDS, S2_BANDS, InputError, NotFoundError

ROOT = Path(__file__).parents[2]


def pixel(**values: float) -> dict[str, xr.DataArray]:
    """Bands of a single pixel."""
    return {name: xr.DataArray(np.float32(value)) for name, value in values.items()}


def test_ndvi_of_a_green_pixel() -> None:
    assert float(indices.compute(pixel(B08=0.45, B04=0.05), "NDVI")) == pytest.approx(0.8)


def test_nirv_is_ndvi_times_near_infrared() -> None:
    bands = pixel(B08=0.45, B04=0.05)
    assert float(indices.compute(bands, "NIRv")) == pytest.approx(0.8 * 0.45)


def test_kndvi_is_the_tanh_of_squared_ndvi() -> None:
    """Camps-Valls et al. 2021, equation 2, with the length scale they recommend."""
    assert float(indices.compute(pixel(B08=0.45, B04=0.05), "kNDVI")) == pytest.approx(np.tanh(0.8**2), rel=1e-6)


def test_evi_has_its_published_constants() -> None:
    index = indices.find("EVI")
    assert index.constants == {"g": 2.5, "C1": 6.0, "C2": 7.5, "L": 1.0}
    expected = 2.5 * (0.45 - 0.05) / (0.45 + 6 * 0.05 - 7.5 * 0.03 + 1)
    assert float(indices.compute(pixel(B08=0.45, B04=0.05, B02=0.03), "EVI")) == pytest.approx(expected)


def test_wavelengths_are_those_of_sentinel_2() -> None:
    """The floating algae index is near infrared above the line from red to shortwave infrared."""
    bands = pixel(B08=0.30, B04=0.10, B11=0.20)
    line = 0.10 + (0.20 - 0.10) * (832.8 - 664.6) / (1613.7 - 664.6)
    assert float(indices.compute(bands, "FAI")) == pytest.approx(0.30 - line, rel=1e-5)


def test_radar_indices_work_on_linear_power() -> None:
    """Dual-polarisation radar vegetation index 4 VH / (VV + VH): at -10 and -20 dB, 4 x 0.01 / 0.11."""
    assert float(indices.compute(pixel(VV=-10, VH=-20), "DpRVIVV")) == pytest.approx(0.04 / 0.11, rel=1e-5)
    assert indices.find("DpRVIVV").radar
    assert not indices.find("NDVI").radar


def test_every_available_index_can_be_computed(small_site) -> None:
    cube = small_site.cube
    for index in indices.available(cube):
        values = indices.compute(cube, index.name)
        assert values.dims == (index.axis, "y", "x"), index.name
        assert values.dtype == np.float32, index.name
        assert np.isfinite(values).any(), index.name
        assert not np.isinf(values).any(), index.name


def test_a_missing_band_is_a_missing_index(small_site) -> None:
    ndvi = indices.compute(small_site.cube, "NDVI")
    assert (np.isnan(ndvi) == np.isnan(small_site.cube["B04"])).all()


def test_one_date_or_one_pixel_is_enough(small_site) -> None:
    cube = small_site.cube
    whole = indices.compute(cube, "NDMI")
    xr.testing.assert_equal(indices.compute(cube.isel(time=4), "NDMI"), whole.isel(time=4))
    xr.testing.assert_equal(indices.compute(cube.isel(y=5, x=6), "NDMI"), whole.isel(y=5, x=6))


def test_division_by_zero_is_missing_not_infinite() -> None:
    assert np.isnan(float(indices.compute(pixel(B08=0.3, B04=0.0), "SR")))


def test_what_is_available_depends_on_the_bands() -> None:
    everything = {index.name for index in indices.available([*S2_BANDS, *S1_BANDS])}
    two_bands = {index.name for index in indices.available(["B04", "B08"])}
    assert len(everything) > 200
    assert {"NDVI", "NIRv", "SAVI", "kNDVI"} <= two_bands < everything
    assert "NDMI" not in two_bands
    assert indices.available([]) == []


def test_each_index_left_out_has_its_reason() -> None:
    left_out = indices.unavailable()
    assert left_out["NDBaI"] == "needs a thermal band"
    assert left_out["NIRvP"] == "needs photosynthetically active radiation"
    assert not set(left_out) & {index.name for index in indices.available([*S2_BANDS, *S1_BANDS])}


def test_descriptions_say_what_a_reader_needs() -> None:
    nirv = indices.find("NIRv")
    assert nirv.long_name == "Near-Infrared Reflectance of Vegetation"
    assert nirv.bands == ("B08", "B04")
    assert nirv.reference.startswith("https://doi.org/")
    assert indices.compute(pixel(B08=0.4, B04=0.1), "NIRv").attrs["long_name"] == nirv.long_name


@pytest.mark.parametrize(
    ("name", "words"),
    [("NDWI2000", "is not in the list"), ("ndvi", "use 'NDVI'"), ("NIRvP", "needs photosynthetically")],
)
def test_an_unknown_index_is_refused(name, words) -> None:
    with pytest.raises(NotFoundError, match=words):
        indices.compute({}, name)


def test_a_cube_without_the_bands_is_refused() -> None:
    with pytest.raises(InputError, match="needs B11"):
        indices.compute(pixel(B08=0.4), "NDMI")


def test_the_list_needs_no_network_and_is_not_read_before_it_is_needed() -> None:
    script = """
import sys

def forbid(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        raise SystemExit(f"{event} was called")

sys.addaudithook(forbid)
from core import indices
assert "spyndex" not in sys.modules
assert len(indices.available(["B04", "B08"])) > 20
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
