"""Archives: checked before they are unpacked, counted while they are, and gone afterwards."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from core.schema import FluxscapeError
from core.sources.ingest import unpack
from core.sources.ingest.take import ingest, look
from core.sources.ingest.unpack import unpacked
from core.sources.site import open_site
from tests.core.sources.ingest.files import optical, write_tiff
from tests.core.sources.ingest.test_take import assert_ground, tiffs
from tests.hostile import link, locked, lying, pack


def pack_folder(path: Path, folder: Path) -> Path:
    return pack(
        path, {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    )


@pytest.mark.parametrize("form", ["tif", "zarr"])
def test_an_archive_is_its_files(workspace, tmp_path, form) -> None:
    if form == "tif":
        tiffs(tmp_path / "given")
    else:
        optical().to_zarr(tmp_path / "given" / "cube.zarr")
    path = pack_folder(tmp_path / "given.zip", tmp_path / "given")
    ingest(workspace, [path], site="x")
    assert_ground(open_site(workspace, "x").cube, clouds=False)
    assert [entry.name for entry in workspace.root.iterdir()] == ["sites"]


def halved(path: Path) -> Path:
    pack(path, {"a.tif": b"II*\0" * 1000}, kind=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes()[:1500])
    return path


def text(path: Path) -> Path:
    path.write_text("no archive")
    return path


WRONG = {
    "leads out": (lambda path: pack(path, {"../../evil.tif": b"x"}), "leads out of its folder"),
    "absolute": (lambda path: pack(path, {"/tmp/evil.tif": b"x"}), "leads out of its folder"),
    "backslashes": (lambda path: pack(path, {"..\\evil.tif": b"x"}), "leads out of its folder"),
    "drive": (lambda path: pack(path, {"C:/evil.tif": b"x"}), "leads out of its folder"),
    "link": (link, "is a link"),
    "bomb": (lambda path: pack(path, {"a.tif": bytes(60_000_000)}), "would unpack 'a.tif' to 0.1 GB from 0.1 MB"),
    "lies about its size": (lying, "larger than it says|cannot be unpacked"),
    "password": (locked, "cannot be unpacked"),
    "truncated": (halved, "cannot be unpacked"),
    "text": (text, "is no zip archive"),
    "nothing of use": (lambda path: pack(path, {"readme.txt": b"x"}), "holds no raster or cube"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_dangerous_or_damaged_archive_is_one_sentence_and_leaves_nothing(workspace, tmp_path, kind) -> None:
    make, words = WRONG[kind]
    path = make(tmp_path / "given.zip")
    before = {entry for entry in tmp_path.rglob("*") if workspace.root not in entry.parents}
    with pytest.raises(FluxscapeError, match=words) as caught:
        ingest(workspace, [path], site="x")
    assert "\n" not in str(caught.value)
    assert {entry for entry in tmp_path.rglob("*") if workspace.root not in entry.parents} - {workspace.root} <= before
    assert not list(workspace.root.rglob("*.tif"))
    assert workspace.sites() == workspace.drafts() == []


def test_what_would_unpack_to_too_much_in_all_is_refused_before_it_is_unpacked(
    workspace, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(unpack, "TOTAL_BYTES", 1000)
    path = pack(tmp_path / "given.zip", {f"{turn}.tif": bytes(600) for turn in range(2)})
    with pytest.raises(FluxscapeError, match="taken in at a time"), unpacked(workspace, [path]):
        pass


def test_an_archive_in_an_archive_stays_packed(workspace, tmp_path) -> None:
    inner = pack(tmp_path / "inner.zip", {"../evil.tif": b"x"}).read_bytes()
    given = tiffs(tmp_path / "given")
    write_tiff(given / "2021-06-04.tif", optical()["B04"].values[:1])
    (given / "inner.zip").write_bytes(inner)
    found = look(workspace, [pack_folder(tmp_path / "given.zip", given)])
    assert any("inner.zip" in remark for remark in found.mapping.remarks)
