"""Folders at an address: opened, trusted and refused, each in a sentence."""

from __future__ import annotations

import pytest
import s3fs

from core.schema import InputError, WorkspaceError
from core.storage import at_address, is_address, verified
from core.store import MANIFEST, Workspace


@pytest.fixture
def published(bucket: str, workspace: Workspace):
    """A published folder of two files, and its copy at an address."""
    with workspace.draft("sites", "SITE") as folder:
        (folder / "site.json").write_text("{}")
        (folder / "deep").mkdir()
        (folder / "deep" / "values.bin").write_bytes(b"12345")
    s3fs.S3FileSystem().put(f"{workspace.root}/sites/SITE", f"{bucket}/sites/SITE", recursive=True)
    return at_address(f"{bucket}/sites/SITE", argument="site")


def test_an_address_is_told_from_a_name() -> None:
    assert is_address("s3://bucket/site")
    assert not is_address("SIM-DBF")
    assert not is_address("/data/s3")


def test_a_whole_folder_is_trusted(published) -> None:
    assert verified(published) is published
    assert published.name == "SITE"


def test_a_lost_file_and_a_changed_one_are_named(published) -> None:
    (published / "deep" / "values.bin").write_bytes(b"123")
    with pytest.raises(WorkspaceError, match=r"is damaged: deep/values.bin is not what was stored"):
        verified(published)
    (published / "deep" / "values.bin").unlink()
    with pytest.raises(WorkspaceError, match=r"lacks its file deep/values.bin"):
        verified(published)
    (published / MANIFEST).unlink()
    with pytest.raises(WorkspaceError, match=r"lacks its file manifest.json"):
        verified(published)


@pytest.mark.parametrize(
    "url", ["gs://bucket/x", "http://server/x", "s3://", "s3:///x", "s3://bucket/../x", "file:///"]
)
def test_other_addresses_are_refused(url, s3_server) -> None:
    with pytest.raises(InputError, match="is no address that Fluxscape opens; write it as s3://bucket/folder"):
        at_address(url, argument="site")


def test_a_bucket_that_is_not_there_is_said(s3_server) -> None:
    with pytest.raises(InputError, match="store 's3://nowhere/x' is not there; check the bucket"):
        at_address("s3://nowhere/x", argument="store")


def test_a_server_that_does_not_answer_is_said(monkeypatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(WorkspaceError, match=r"cannot be reached \(Could not connect .*check AWS_ENDPOINT_URL"):
        at_address("s3://bucket/x", argument="site")
    s3fs.S3FileSystem.clear_instance_cache()


def test_missing_credentials_are_said(s3_server, monkeypatch, tmp_path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(WorkspaceError, match="credentials"):
        at_address("s3://bucket/x", argument="site")
    s3fs.S3FileSystem.clear_instance_cache()
