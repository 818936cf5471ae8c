"""Files that the browser asks for: there while they are shown and a little longer, then gone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from core.ui import media


def test_a_file_outlives_its_page_by_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = MemoryMediaFileStorage("/media")
    manager = MediaFileManager(storage)
    monkeypatch.setattr(media, "get_instance", lambda: SimpleNamespace(media_file_mgr=manager))
    url = media.publish(b"[1, 2]", key="chart", name="points.json", kind="application/json")
    assert url.startswith("/media/")
    for _ in range(2):
        assert storage.get_file(url.removeprefix("/media/")).content == b"[1, 2]"
        manager.clear_session_refs()  # a run of another page ends
        manager.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        storage.get_file(url.removeprefix("/media/"))
