"""Uploads: what is taken, under which name, and that nothing stays of what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from core.schema import InputError
from core.store import Workspace
from core.ui.own_site import uploads


@dataclass
class Sent:
    name: str
    content: bytes = b"II*\0"
    claims: int | None = None  # bytes, where a test has no room for them

    @property
    def size(self) -> int:
        return len(self.content) if self.claims is None else self.claims

    @property
    def file_id(self) -> str:
        return self.name

    def getbuffer(self) -> memoryview:
        return memoryview(self.content)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("S2_20210604_B04.tif", "S2_20210604_B04.tif"),
        ("../../etc/2021-06-04 B04.tif", "2021-06-04-B04.tif"),
        ("C:\\Users\\me\\.hidden.nc", "hidden.nc"),
        ("/vsicurl/http:x.tif", "http-x.tif"),
        ("..", "file"),
        ("é" * 300 + ".tif", "file.tif"),
    ],
)
def test_a_name_leads_nowhere_and_keeps_what_tells_date_and_band(name: str, kept: str) -> None:
    assert uploads.safe_name(name) == kept


def test_files_lie_in_one_folder_of_ours_and_go_again(workspace: Workspace) -> None:
    files = [Sent("a/2021-06-04.tif", b"one"), Sent("b/2021-06-04.tif", b"two")]
    folder = uploads.keep(workspace, files)
    assert folder.parent == workspace.root / "uploads"
    assert sorted(path.read_bytes() for path in folder.iterdir()) == [b"one", b"two"]
    assert uploads.keep(workspace, files) == folder
    uploads.forget(workspace, ["ingest", str(folder), "--site", "x", "/etc"])
    assert not folder.exists()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([Sent("a.tif"), Sent("b.vrt")], r"'b\.vrt' is of a kind that is not taken in"),
        ([Sent("a.pkl")], "is of a kind that is not taken in"),
        ([Sent("a.tif", claims=40_000_000_000)], "is 40,000 MB, more than the 500 MB .* give its path"),
        ([Sent(f"{n}.tif", claims=400_000_000) for n in range(3)], "are 1.2 GB, more than the 1 GB"),
    ],
)
def test_what_is_refused_is_one_sentence_and_leaves_nothing(
    workspace: Workspace, files: list[Sent], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        uploads.keep(workspace, files)
    assert not (workspace.root / "uploads").exists()


def test_what_was_left_behind_long_ago_goes(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    old = uploads.keep(workspace, [Sent("a.tif")])
    monkeypatch.setattr(uploads.time, "time", lambda: Path(old).stat().st_mtime + uploads.KEPT_S + 1)
    uploads.keep(workspace, [Sent("b.tif")])
    assert not old.exists()
