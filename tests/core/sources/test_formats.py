"""Formats are recognised by ending and content, both; all else is refused in one sentence."""

import os
from pathlib import Path

import pytest

from core.schema import FluxscapeError, FormatError, NotFoundError
from core.sources.formats import FileFormat, reading, recognise

HEADS = {
    "a.nc": (b"\x89HDF\r\n\x1a\n", FileFormat.HDF5),
    "a.h5": (b"\x89HDF\r\n\x1a\n", FileFormat.HDF5),
    "b.nc": (b"CDF\x02rest", FileFormat.NETCDF3),
    "c.TIF": (b"II*\0rest", FileFormat.GEOTIFF),
    "big.tiff": (b"II+\0rest", FileFormat.GEOTIFF),
    "d.parquet": (b"PAR1rest", FileFormat.PARQUET),
    "e.csv": (b"time,gpp\n2021-01-01,3\n", FileFormat.CSV),
}


def put(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize("name", HEADS)
def test_a_file_is_what_its_ending_and_content_agree_on(tmp_path, name) -> None:
    content, form = HEADS[name]
    assert recognise(put(tmp_path, name, content)) is form


@pytest.mark.parametrize("name", ["zarr.json", ".zgroup"])
def test_a_folder_with_zarr_metadata_is_zarr(tmp_path, name) -> None:
    put(tmp_path, name, b"{}")
    assert recognise(tmp_path) is FileFormat.ZARR


def test_a_folder_with_a_site_description_is_a_site(tmp_path) -> None:
    put(tmp_path, "site.json", b"{}")
    assert recognise(tmp_path) is FileFormat.SITE


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("text.tif", b"this is no image\n", "is no GeoTIFF but text"),
        ("image.csv", b"II*\0\1\2\3\0", "is no CSV but binary data"),
        ("classic.h5", b"CDF\x01\0", "is no NetCDF but binary data"),
        ("wide.nc", b"CDF\x05\0", "is no NetCDF but binary data"),
        ("mosaic.vrt", b"<VRTDataset/>", "is of a kind Fluxscape does not open"),
        ("model.pkl", b"\x80\x04", "is of a kind"),
        ("cube.zarr", b"PK\x03\x04", "is of a kind"),
        ("noending", b"CDF\x01", "is of a kind"),
        ("empty.nc", b"", "is empty"),
    ],
)
def test_anything_else_is_refused(tmp_path, name, content, words) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        recognise(put(tmp_path, name, content))
    assert str(caught.value).endswith(".")


def test_a_folder_of_files_and_a_bare_zarr_folder_are_told_apart(tmp_path) -> None:
    (tmp_path / "scenes").mkdir()
    (tmp_path / "bare.zarr").mkdir()
    with pytest.raises(FormatError, match="one of the files in it"):
        recognise(tmp_path / "scenes")
    with pytest.raises(FormatError, match="without its metadata"):
        recognise(tmp_path / "bare.zarr")


def test_a_missing_file_is_said(tmp_path) -> None:
    with pytest.raises(NotFoundError, match="does not exist"):
        recognise(tmp_path / "gone.nc")


def test_whatever_a_reader_raises_becomes_one_sentence(tmp_path) -> None:
    with pytest.raises(FormatError, match=r"cannot be read as Zarr \(first line\)"), reading(tmp_path, "Zarr"):
        raise RuntimeError("first line.\nsecond line")
    with pytest.raises(FormatError, match=r"\(KeyError\)|\('shape'\)"), reading(tmp_path, "Zarr"):
        raise KeyError("shape")
    with pytest.raises(FluxscapeError, match=r"^kept$"), reading(tmp_path, "Zarr"):
        raise FluxscapeError("kept")


def test_an_unreadable_file_is_said(tmp_path) -> None:
    path = put(tmp_path, "a.csv", b"time\n")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(FormatError, match="may not be read"):
        recognise(path)
