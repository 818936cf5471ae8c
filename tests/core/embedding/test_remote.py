"""Sites read from S3 and results stored there: the same values, resumed, never half a result for a whole one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import s3fs

from core.__main__ import main
from core.embedding.engine import StoppedError, run
from core.embedding.plan import plan
from core.embedding.remote import RemoteRuns, open_remote
from core.embedding.result import open_embedding
from core.schema import BusyError, InputError, NotFoundError, WorkspaceError
from core.store import RUN_FILE, Workspace, verify

CHUNK = (3, 8, 8)  # 12 blocks


@pytest.fixture
def site(space: Workspace, bucket: str) -> str:
    """The address of the site CLOUDY."""
    s3fs.S3FileSystem().put(str(space.site_path("CLOUDY")), f"{bucket}/sites/CLOUDY", recursive=True)
    return f"{bucket}/sites/CLOUDY"


@pytest.fixture
def results(bucket: str) -> RemoteRuns:
    return RemoteRuns(f"{bucket}/flux/")


def stop_after(blocks: int):
    left = iter([False] * blocks + [True])
    return lambda: next(left)


def watch(monkeypatch) -> list[str]:
    """The blocks that are computed, as they come."""
    from core.embedding.compute import compute

    begun: list[str] = []
    monkeypatch.setattr("core.embedding.engine.compute", lambda p, block: begun.append(block.name) or compute(p, block))
    return begun


def test_a_site_and_a_result_on_s3_give_what_the_disk_gives(space, weights, site, results, tmp_path) -> None:
    local = run(space, plan(space, "CLOUDY", model=weights)).run
    planned = plan(Workspace(tmp_path / "empty"), site, model=weights, chunk=CHUNK)
    there = run(results, planned)
    assert there.run.id == local.id
    found, expected = open_remote(str(there.run.path)), open_embedding(space, local.id)
    assert found.attrs == expected.attrs
    assert set(found.data_vars) == set(expected.data_vars)
    for name in expected.data_vars:
        np.testing.assert_allclose(found[name].values, expected[name].values, atol=1e-5, err_msg=str(name))
    assert run(results, planned).reused


def test_a_result_copied_from_s3_is_a_run_of_the_workspace(space, weights, site, results, tmp_path) -> None:
    outcome = run(results, plan(space, site, model=weights))
    other = Workspace(tmp_path / "other")
    copy = other.root / "runs" / outcome.run.id
    s3fs.S3FileSystem().get(str(outcome.run.path), str(copy), recursive=True)
    assert verify(copy)
    assert other.run(outcome.run.id).notes == outcome.run.notes
    assert np.isfinite(open_embedding(other, outcome.run.id)["features"].values).any()


def test_an_interrupted_result_is_no_result_and_goes_on(space, weights, results, monkeypatch) -> None:
    planned = plan(space, "CLOUDY", model=weights, chunk=CHUNK)
    with pytest.raises(StoppedError):
        run(results, planned, stop=stop_after(5))
    assert results.find(planned.spec.id) is None
    with pytest.raises(NotFoundError, match="is not whole at s3://"):
        results.run(planned.spec.id)
    with pytest.raises(WorkspaceError, match=r"is unfinished: it has no run.json"):
        open_remote(f"{results.url}/runs/{planned.spec.id}")
    computed = watch(monkeypatch)
    outcome = run(results, planned)
    assert len(computed) == 12 - 5
    assert not (outcome.run.path / "done").exists()
    local = open_embedding(space, run(space, plan(space, "CLOUDY", model=weights)).run.id)
    np.testing.assert_allclose(
        open_remote(str(outcome.run.path))["features"].values, local["features"].values, atol=1e-5
    )


@pytest.mark.parametrize("change", ["another cut", "no resume", "a spoilt mark"])
def test_what_does_not_fit_is_computed_again(space, weights, results, change, monkeypatch) -> None:
    planned = plan(space, "CLOUDY", model=weights, chunk=CHUNK)
    with pytest.raises(StoppedError):
        run(results, planned, stop=stop_after(5))
    expected = 12
    if change == "another cut":
        planned = plan(space, "CLOUDY", model=weights, chunk=(4, 8, 8))
        expected = 8
    elif change == "a spoilt mark":
        (results.root / "runs" / planned.spec.id / "done" / "1-0-0.json").write_text('{"pixel')
        expected = 12 - 4
    computed = watch(monkeypatch)
    run(results, planned, resume=change != "no resume")
    assert len(computed) == expected


def test_a_result_that_another_process_changed_is_not_published(space, weights, results) -> None:
    planned = plan(space, "CLOUDY", model=weights, chunk=CHUNK)
    done = results.root / "runs" / planned.spec.id / "done"

    def spoil(share: float, text: str) -> None:
        if share == 1.0:
            (done / "0-0-0.json").unlink()

    with pytest.raises(BusyError, match="was changed by another process"):
        run(results, planned, progress=spoil)
    assert results.find(planned.spec.id) is None


def test_a_lost_chunk_is_said(space, weights, results) -> None:
    planned = plan(space, "CLOUDY", model=weights, chunk=CHUNK)
    outcome = run(results, planned)
    (outcome.run.path / "embedding.zarr" / "features" / "c" / "0" / "0" / "1" / "1").unlink()
    with pytest.raises(WorkspaceError, match=r"lacks its file embedding.zarr/features/c/0/0/1/1"):
        open_remote(str(outcome.run.path))
    with pytest.raises(WorkspaceError, match="lacks its file"):
        run(results, planned)


def test_a_site_on_s3_that_is_none_or_hides_pickles_is_refused(space, weights, site, bucket) -> None:
    with pytest.raises(WorkspaceError, match=r"lacks its file manifest.json"):
        plan(space, bucket, model=weights)
    fs = s3fs.S3FileSystem()
    name = f"{site}/cube.zarr/zarr.json"
    size = fs.info(name)["size"]
    trap = json.dumps({"zarr_format": 3, "node_type": "group", "attributes": {"id": "pickle"}})
    fs.pipe(name, trap.ljust(size).encode())
    with pytest.raises(InputError, match="holds pickled objects"):
        plan(space, site, model=weights)


def test_the_command_line_reads_and_stores_on_s3(weights, site, bucket, tmp_path, capsys) -> None:
    arguments = ["embed", site, "--store", f"{bucket}/out", "--workspace", str(tmp_path / "empty"), "--json"]
    assert main([*arguments, "--model", str(weights)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["path"] == f"{bucket}/out/runs/{said['run']}"
    assert said["pixel_dates"] == int(np.isfinite(open_remote(said["path"])["features"][0]).sum())
    assert not Path(tmp_path / "empty" / "runs").exists()
    assert RUN_FILE in [path.name for path in RemoteRuns(f"{bucket}/out").run(said["run"]).path.iterdir()]
    assert main(["embed", "s3://nowhere/x", "--model", str(weights)]) == 2
    assert capsys.readouterr().err == "site 's3://nowhere/x' is not there; check the bucket and the spelling.\n"
