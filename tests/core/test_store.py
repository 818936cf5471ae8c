"""The workspace: whole or absent, whatever happens to the writer."""

import functools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core import store
from core.schema import BusyError, InputError, NotFoundError, RunSpec, WorkspaceError
from core.store import Workspace
from tests.killing import in_child, killed_at_step, steps_of


def spec(number: int = 0) -> RunSpec:
    return RunSpec(kind="embedding", site="A", input_digest="1", parameters={"number": number}, version="0")


def make_run(workspace: Workspace, number: int = 0, *, files: int = 3, size: int = 1000) -> str:
    with workspace.draft_run(spec(number), {"seconds": 1.5}) as folder:
        for index in range(files):
            (folder / f"{index}.bin").write_bytes(bytes([number % 256]) * size)
    return spec(number).id


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "space")


# ---------------------------------------------------------------- where it is
def test_the_environment_names_the_workspace(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv(store.ENVIRONMENT_VARIABLE, str(tmp_path / "mine"))
    assert Workspace().root == tmp_path / "mine"
    monkeypatch.delenv(store.ENVIRONMENT_VARIABLE)
    assert "fluxscape" in str(Workspace().root)


def test_looking_into_an_absent_workspace_makes_nothing(space: Workspace) -> None:
    assert space.sites() == space.runs() == space.drafts() == space.problems() == []
    assert not space.root.exists()


def test_a_file_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="is a file"):
        Workspace(tmp_path / "file")


# ---------------------------------------------------------------- publishing
def test_a_run_comes_back_as_it_was_stored(space: Workspace) -> None:
    run = space.run(make_run(space))
    assert run.spec == spec()
    assert run.notes == {"seconds": 1.5}
    assert store.verify(run.path) == run.path
    assert [found.id for found in space.runs(kind="embedding", site="A")] == [run.id]
    assert space.runs(kind="clusters") == space.runs(site="B") == []


def test_equal_content_has_an_equal_digest(space: Workspace, tmp_path: Path) -> None:
    def digest(workspace: Workspace, name: str, text: str) -> str:
        with workspace.draft("sites", name) as folder:
            (folder / "a.txt").write_text(text)
        return store.content_digest(workspace.root / "sites" / name)

    assert digest(space, "A", "same") == digest(Workspace(tmp_path / "other"), "A", "same")
    assert digest(space, "B", "else") != digest(space, "C", "other")


def test_a_failed_draft_leaves_nothing_or_what_can_be_resumed(space: Workspace) -> None:
    def fail(*, resume: bool) -> None:
        with space.draft("sites", "A", resume=resume) as folder:
            (folder / "half.bin").touch()
            raise RuntimeError("crash")

    with pytest.raises(RuntimeError):
        fail(resume=False)
    assert space.drafts() == []
    with pytest.raises(RuntimeError):
        fail(resume=True)
    assert [draft.name for draft in space.drafts()] == ["A"]
    with space.draft("sites", "A", resume=True) as folder:
        assert (folder / "half.bin").exists()
    assert space.drafts() == []


def test_a_published_name_keeps_its_first_content(space: Workspace) -> None:
    for text in ("first", "second"):
        with space.draft("sites", "A") as folder:
            (folder / "a.txt").write_text(text)
    assert (space.root / "sites" / "A" / "a.txt").read_text() == "first"
    assert space.drafts() == []


def test_one_writer_at_a_time_and_a_living_draft_is_not_discarded(space: Workspace) -> None:
    with space.draft("sites", "A"):
        (draft,) = space.drafts()
        assert draft.live
        with pytest.raises(BusyError, match="another process"), space.draft("sites", "A"):
            pass
        with pytest.raises(BusyError):
            space.discard(draft)


def test_a_removed_run_is_gone(space: Workspace) -> None:
    run_id = make_run(space)
    space.remove_run(run_id)
    assert space.runs() == space.drafts() == []
    with pytest.raises(NotFoundError, match="none yet"):
        space.run(run_id)


# ---------------------------------------------------------------- crashes
def test_kill_at_any_moment_leaves_nothing_or_a_whole_run(space: Workspace) -> None:
    """Sixty writers, each killed at a random step of writing, hashing, flushing or renaming."""
    dice = random.Random(7)
    most = steps_of(lambda: make_run(space, 0, files=20, size=40_000))
    killed_midway = killed_after = 0
    for number in range(1, 61):
        write = functools.partial(make_run, space, number, files=20, size=40_000)
        killed_at_step(dice.randint(1, int(1.1 * most)), write)
        for run in space.runs():
            store.verify(run.path)
        assert space.problems() == []
        stale = [draft.name for draft in space.drafts() if not draft.live]
        published = {run.id for run in space.runs()}
        assert len(stale) == len(space.drafts()), "the lock of a killed writer is free"
        killed_midway += spec(number).id in stale
        killed_after += spec(number).id in published
        if spec(number).id not in published:
            write()  # takes up what is there
        store.verify(space.run(spec(number).id).path)
    assert killed_midway >= 30, "most kills hit a writer at work, else this test proves nothing"
    assert killed_after >= 1
    assert space.drafts() == []


def test_a_stale_draft_is_found_reported_and_discarded(space: Workspace) -> None:
    def die_writing() -> None:
        with space.draft("sites", "A", resume=True) as folder:
            (folder / "half.bin").write_bytes(b"x" * 500)
            os.kill(os.getpid(), signal.SIGKILL)

    os.waitpid(in_child(die_writing), 0)
    (draft,) = space.drafts()
    assert (draft.shelf, draft.name, draft.live, draft.size_bytes) == ("sites", "A", False, 500)
    assert space.sites() == []
    space.discard(draft)
    assert space.drafts() == []


# ---------------------------------------------------------------- damage
def test_a_changed_lost_or_truncated_file_is_noticed(space: Workspace) -> None:
    run = space.run(make_run(space))
    (run.path / "0.bin").write_bytes(b"y" * 1000)
    with pytest.raises(WorkspaceError, match=r"damaged: 0\.bin"):
        store.verify(run.path)
    (run.path / "0.bin").unlink()
    with pytest.raises(WorkspaceError, match=r"lacks its file 0\.bin"):
        store.verify(run.path)


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_spoilt_description_is_reported_and_hides_nothing_else(space: Workspace, text: str) -> None:
    good, bad = make_run(space, 1), make_run(space, 2)
    (space.root / "runs" / bad / store.RUN_FILE).write_text(text)
    assert [run.id for run in space.runs()] == [good]
    (problem,) = space.problems()
    assert bad in str(problem)


def test_a_description_without_its_fields_is_reported(space: Workspace) -> None:
    run_id = make_run(space)
    (space.root / "runs" / run_id / store.RUN_FILE).write_text(json.dumps({"spec": {}}))
    assert space.runs() == []
    assert len(space.problems()) == 1


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "a b", "ä", "x" * 81, "a\0b"])
def test_a_name_that_could_leave_the_workspace_is_refused(space: Workspace, name: str) -> None:
    with pytest.raises(InputError, match="usable name"):
        space.site_path(name)


# ---------------------------------------------------------------- full and read-only disks
FILL = """
import resource, sys
from core.store import Workspace
from tests.killing import in_child, killed_at_step, steps_of
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
with Workspace(sys.argv[1]).draft("sites", "A") as folder:
    (folder / "big.bin").write_bytes(b"x" * 1_000_000)
"""


def test_a_full_disk_is_said_and_leaves_nothing(space: Workspace) -> None:
    result = subprocess.run([sys.executable, "-c", FILL, space.root], capture_output=True, text=True, check=False)
    assert "WorkspaceError: workspace " in result.stderr
    assert "is full" in result.stderr
    assert list((space.root / "sites").glob(".*.partial")) == []


@pytest.fixture
def ordinary_user(tmp_path: Path):
    """The superuser may write anywhere, so these tests step down to an ordinary user for a while."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(tempfile.gettempdir()) and folder.owner() == tmp_path.owner():
            folder.chmod(folder.stat().st_mode | 0o755)
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)
    yield
    if superuser:
        os.seteuid(0)


def test_a_read_only_workspace_can_be_read_and_says_why_it_cannot_be_written(space: Workspace, request) -> None:
    run_id = make_run(space)
    for folder in (space.root, space.root / "runs"):
        folder.chmod(0o555)
    request.getfixturevalue("ordinary_user")
    assert [run.id for run in space.runs()] == [run_id]
    with pytest.raises(WorkspaceError, match="cannot be written to"):
        make_run(space, 1)
    with pytest.raises(WorkspaceError, match=store.ENVIRONMENT_VARIABLE), space.draft("sites", "A"):
        pass
