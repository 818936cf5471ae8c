"""Any supported file is described in the words of somebody who has to decide what to do with it."""

import json

import numpy as np
import pytest

from core.schema import FluxscapeError
from core.sources.describe import Dates, describe
from core.sources.grids import write_zarr
from core.sources.site import write_site


def test_dates_count_each_day_once_and_know_their_ends() -> None:
    dates = Dates.of(np.array(["2021-03-05", "2021-01-01", "NaT", "2021-03-05"], "datetime64[ns]"))
    assert dates == Dates(count=2, start="2021-01-01", end="2021-03-05")
    assert Dates.of(np.array(["NaT"], "datetime64[ns]")) is None


def test_a_site_is_described_with_its_series(workspace, small_site) -> None:
    write_site(workspace, **small_site.parts())
    description = describe(workspace.site_path("SMALL"))
    assert (description.kind, description.format) == ("site", "Fluxscape site")
    assert description.dates == Dates(count=6, start="2021-05-01", end="2021-05-26")
    assert description.radar_dates == Dates(count=4, start="2021-05-02", end="2021-05-20")
    assert description.crs == "EPSG:32632"
    assert description.cloud_share == pytest.approx(1 - 5 / 6 * (1 - 6 / 120), abs=1e-4)
    assert {"gpp", "temperature"} <= set(description.columns)
    assert not description.simulated
    assert any("Tower GPP on 26 days" in note for note in description.notes)


def test_a_description_is_plain_json(tmp_path, small_site) -> None:
    write_zarr(small_site.cube, tmp_path / "a.zarr")
    data = json.loads(json.dumps(describe(tmp_path / "a.zarr").to_json()))
    assert data["dims"] == {"time": 6, "s1_time": 4, "y": 12, "x": 10}
    assert data["dates"] == {"count": 6, "start": "2021-05-01", "end": "2021-05-26"}


def test_a_truncated_chunk_is_one_sentence(tmp_path, small_site) -> None:
    write_zarr(small_site.cube, tmp_path / "a.zarr")
    chunk = tmp_path / "a.zarr/B02/c/0/0/0"
    chunk.write_bytes(chunk.read_bytes()[:20])
    with pytest.raises(FluxscapeError, match="cannot be read as Zarr") as caught:
        describe(tmp_path / "a.zarr")
    assert "\n" not in str(caught.value)


# ---------------------------------------------------------------- real files, where they are
SITE = "s2s1_0000280849BAC91C"
REAL = {
    f"{SITE}/S2_L2A_10m_*.nc": ("optical cube", {"time": 72, "y": 64, "x": 64}, "2018-08-04", "2019-11-27", None),
    f"{SITE}/S2_L2A_20m_*.nc": ("optical cube", {"time": 72, "y": 32, "x": 32}, "2018-08-04", "2019-11-27", 0.44),
    f"{SITE}/S1_GRD-*.nc": ("radar cube", {"time": 80, "y": 32, "x": 32}, "2018-08-02", "2019-11-25", None),
    f"{SITE}/AgERA5_*.nc": ("weather grid", {"time": 487, "y": 1, "x": 1}, "2018-08-01", "2019-11-30", None),
    f"{SITE}/OUTPUT_*.nc": ("raster", {"y": 64, "x": 64}, None, None, None),
    "s2_fi_qvd/test_aws_10m.nc": ("optical cube", {"time": 3, "y": 22, "x": 23}, "2023-06-09", "2023-06-14", 0.52),
    "s2_fi_qvd/test_gee_10m.nc": ("optical cube", {"time": 3, "y": 22, "x": 23}, "2023-06-09", "2023-06-14", 0.52),
    "s2_meadow_ndvi/*.nc": ("optical cube", {"time": 58, "y": 44, "x": 48}, "2021-02-24", "2021-10-27", 0.28),
    "hls_gpp/*.csv": ("tower table", {"rows": 665, "columns": 46}, "2018-02-25", "2021-12-29", None),
    "fluxnet_csv/AMF_*.csv": ("tower table", {"rows": 96, "columns": 36}, "2011-01-01", "2011-01-02", None),
    "fluxnet_csv/*_MM_*.csv": ("tower table", {"rows": 96, "columns": 322}, "2007-01-01", "2014-12-01", None),
    "fluxnet_csv/*_YY_*.csv": ("tower table", {"rows": 8, "columns": 319}, "2007-01-01", "2014-01-01", None),
    "fluxnet_csv/*_HH_2005*.csv": ("tower table", {"rows": 99, "columns": 267}, "2005-01-01", "2005-01-03", None),
}


@pytest.mark.parametrize("pattern", REAL)
def test_real_files_are_described_as_what_they_are(shared_data, pattern) -> None:
    kind, dims, start, end, cloud_share = REAL[pattern]
    (path,) = shared_data.glob(pattern)
    description = describe(path)
    assert description.kind == kind
    assert dict(description.dims) == dims
    assert (description.dates.start, description.dates.end) == (start, end) if start else description.dates is None
    assert description.cloud_share == (None if cloud_share is None else pytest.approx(cloud_share, abs=0.005))
    if path.suffix == ".nc":
        assert description.crs in {"EPSG:32631", "EPSG:32633", "EPSG:32634"}


def test_what_is_unusual_in_real_files_is_noted(shared_data) -> None:
    def notes(pattern: str) -> str:
        (path,) = shared_data.glob(pattern)
        return " ".join(describe(path).notes)

    assert "times 10000" in notes("s2_meadow_ndvi/*.nc")
    assert "Clouds are not marked" in notes(f"{SITE}/S2_L2A_10m_*.nc")
    assert "scene classification" in notes(f"{SITE}/S2_L2A_20m_*.nc")
    assert "No GPP column" in notes("fluxnet_csv/AMF_*.csv")
    assert "26 sites" in notes("hls_gpp/*.csv")
    assert "52 % of the pixels have no value" in notes("s2_fi_qvd/test_aws_10m.nc")
