"""The engine on real Dask clusters: the same values as one process, whoever dies meanwhile."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from core.__main__ import main
from core.embedding.compute import compute
from core.embedding.distributed import Cluster, cluster
from core.embedding.engine import StoppedError, run
from core.embedding.order import Order, work
from core.embedding.plan import Plan, plan
from core.embedding.remote import RemoteRuns, open_remote
from core.embedding.result import open_embedding
from core.schema import FluxscapeError, InputError
from core.store import Workspace, verify

ROOT = Path(__file__).parents[3]
CHUNK = (3, 8, 8)  # 12 blocks


@pytest.fixture(scope="module")
def crew(s3_server: str) -> Iterator[Cluster]:
    """A cluster of this machine's cores, whose workers know the S3 server."""
    with cluster("local") as made:
        yield made


@pytest.fixture
def planned(space: Workspace, weights: Path) -> Plan:
    return plan(space, "CLOUDY", model=weights, error=True, chunk=CHUNK)


def check_same(found: xr.Dataset, planned: Plan) -> None:
    """Bit by bit what this process computes block by block."""
    for block in planned.layout.blocks():
        for name, values in compute(planned, block).items():
            there = found[name].values[(..., block.dates, block.rows, block.cols)]
            np.testing.assert_array_equal(there, values, err_msg=f"{name} of block {block.name}")


def workers(crew: Cluster) -> dict[str, int]:
    """Their process ids by address."""
    return dict(crew.client.run(os.getpid))


# ---------------------------------------------------------------- values
def test_a_cluster_gives_what_one_process_gives(space, planned, crew) -> None:
    told: list[float] = []
    outcome = run(space, planned, crew=crew, progress=lambda share, text: told.append(share))
    check_same(open_embedding(space, outcome.run.id), planned)
    assert told == sorted(told)
    assert (len(told), told[-1]) == (12, 1.0)
    assert outcome.run.notes["peak_rss_mb"] > 50


def test_a_cluster_reads_and_writes_s3(space, weights, crew, bucket) -> None:
    import s3fs

    s3fs.S3FileSystem().put(str(space.site_path("CLOUDY")), f"{bucket}/sites/CLOUDY", recursive=True)
    planned = plan(space, f"{bucket}/sites/CLOUDY", model=weights, chunk=CHUNK)
    outcome = run(RemoteRuns(f"{bucket}/out"), planned, crew=crew)
    check_same(open_remote(str(outcome.run.path)), planned)


def test_a_task_carries_names_and_numbers_but_no_file_of_the_user(space, weights, planned) -> None:
    from distributed.protocol import serialize

    _, frames = serialize(Order.of(planned, space.root))
    sent = b"".join(bytes(frame) for frame in frames)
    assert len(sent) < 5_000
    assert weights.name.encode() in sent
    largest = max(weights.iterdir(), key=lambda path: path.stat().st_size)
    assert largest.read_bytes()[-64:] not in sent


# ---------------------------------------------------------------- interruptions
def test_a_worker_that_is_killed_midway_is_survived(space, planned, crew) -> None:
    killed: list[int] = []

    def kill_one(share: float, text: str) -> None:
        if not killed:
            killed.append(next(iter(workers(crew).values())))
            os.kill(killed[0], signal.SIGKILL)

    outcome = run(space, planned, crew=crew, progress=kill_one)
    assert killed
    check_same(open_embedding(space, outcome.run.id), planned)


def test_all_workers_killed_midway_are_survived(space, planned, crew) -> None:
    crew.client.wait_for_workers(1, timeout=120)
    killed: list[int] = []

    def kill_all(share: float, text: str) -> None:
        if not killed:
            killed.extend(workers(crew).values())
            for process in killed:
                os.kill(process, signal.SIGKILL)

    outcome = run(space, planned, crew=crew, progress=kill_all)
    check_same(open_embedding(space, outcome.run.id), planned)
    assert not set(killed) & set(workers(crew).values())


def test_a_stopped_run_hands_nothing_out_any_more_and_goes_on_anywhere(space, planned, crew) -> None:
    told: list[float] = []
    with pytest.raises(StoppedError, match="run it again to go on"):
        run(space, planned, crew=crew, progress=lambda share, text: told.append(share), stop=lambda: len(told) >= 4)
    for _ in range(200):
        if not any(crew.client.processing().values()):
            break
        time.sleep(0.1)
    assert not any(crew.client.processing().values())
    again: list[float] = []
    outcome = run(space, planned, progress=lambda share, text: again.append(share))  # in this process
    assert len(again) == 12 - len(told) < 12
    check_same(open_embedding(space, outcome.run.id), planned)


def test_a_block_that_kills_its_workers_is_given_up_with_a_sentence(space, planned, crew) -> None:
    def allow(deaths: int) -> None:
        crew.client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", deaths))

    def kill_all(share: float, text: str) -> None:
        for process in workers(crew).values():
            os.kill(process, signal.SIGKILL)

    crew.client.wait_for_workers(1, timeout=120)
    allow(0)
    try:
        with pytest.raises(InputError, match=r"scheduler 'local' lost a worker .* the blocks that are done are kept\."):
            run(space, planned, crew=crew, progress=kill_all)
    finally:
        allow(3)
    assert [path.name for path in next(iter(space.drafts())).path.glob("done/?-?-?.json")]


def test_ctrl_c_ends_the_cluster_too_and_keeps_what_is_done(space, weights) -> None:
    script = f"""
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # also under a shell that began this in the background
from core.embedding.distributed import cluster
from core.embedding.engine import run
from core.embedding.plan import plan
from core.store import Workspace
def told(share, text):
    print(*crew.client.run(os.getpid).values(), flush=True)
    time.sleep(60)
if __name__ == "__main__":
    space = Workspace({str(space.root)!r})
    try:
        with cluster("local") as crew:
            run(space, plan(space, "CLOUDY", model={str(weights)!r}, chunk={CHUNK}), crew=crew, progress=told)
    except KeyboardInterrupt:
        sys.exit(130)
"""
    file = space.root / "script.py"
    file.write_text(script)
    process = subprocess.Popen(
        [sys.executable, file],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    children = [int(word) for word in process.stdout.readline().split()]
    assert children
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all processes get it
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    for _ in range(100):
        if not any(Path(f"/proc/{child}").exists() for child in children):
            break
        time.sleep(0.1)
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    begun: list[float] = []
    run(space, plan(space, "CLOUDY", model=weights, chunk=CHUNK), progress=lambda share, text: begun.append(share))
    assert 0 < len(begun) < 12


# ---------------------------------------------------------------- a cluster of somebody else
@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`dask scheduler` as the manual has it, on a free port of the loopback."""
    log = tmp_path / "scheduler.log"
    with started("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", log=log) as process:
        yield wait_for(log, r"Scheduler at: +(tcp://127.0.0.1:\d+)"), process


class started:
    """A `dask` command in a process of its own, ended with the block."""

    def __init__(self, *arguments: str, log: Path) -> None:
        command = [sys.executable, "-m", "dask", *arguments]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, start_new_session=True)

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self.process

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def wait_for(log: Path, pattern: str) -> str:
    for _ in range(600):
        found = re.search(pattern, log.read_text())
        if found:
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_a_scheduler_that_goes_away_midway_is_said_and_nothing_is_lost(space, planned, scheduler, tmp_path) -> None:
    address, process = scheduler
    with (
        started("worker", address, "--nthreads", "1", "--no-dashboard", log=tmp_path / "worker.log"),
        pytest.raises(InputError, match=rf"scheduler '{address}' went away; .* are kept\."),
        cluster(address) as crew,
    ):
        run(space, planned, crew=crew, progress=lambda share, text: process.kill())
    begun: list[float] = []
    outcome = run(space, planned, progress=lambda share, text: begun.append(share))
    assert 0 < len(begun) < 12
    assert verify(outcome.run.path)


def test_many_sites_from_the_command_line(space, weights, scheduler, tmp_path, capsys) -> None:
    address, _ = scheduler
    with started("worker", address, "--nthreads", "1", "--no-dashboard", log=tmp_path / "worker.log"):
        common = ["--workspace", str(space.root), "--model", str(weights), "--scheduler", address, "--json"]
        assert main(["embed", "CLOUDY", "NOWHERE", *common]) == 2
    said = capsys.readouterr()
    (facts,) = json.loads(said.out)
    assert np.isfinite(open_embedding(space, facts["run"])["features"].values).any()
    lines = said.err.splitlines()
    assert any(line.startswith("NOWHERE: site 'NOWHERE' is not in the workspace") for line in lines)
    assert lines[-1] == "1 of 2 sites were not embedded: NOWHERE."
    assert "Traceback" not in said.err


def test_a_scheduler_without_workers_is_said(scheduler, monkeypatch) -> None:
    monkeypatch.setattr("core.embedding.distributed.FIRST_WORKER_S", 1)
    with pytest.raises(InputError, match="has no worker; start some"), cluster(scheduler[0]):
        pass


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:9", "did not answer within 5 s; start one there"),
        ("tcp://127.0.0.1", "is no address; write it as tcp://host:8786, or give 'local'"),
        ("http://127.0.0.1:8786", "is no address"),
        ("localhost", "is no address"),
    ],
)
def test_a_scheduler_out_of_reach_is_one_sentence(space, weights, address, words, capsys) -> None:
    common = ["--workspace", str(space.root), "--model", str(weights)]
    assert main(["embed", "CLOUDY", *common, "--scheduler", address]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"scheduler '{address}' {words}")
    assert said.count("\n") == 1
    assert space.drafts() == []


# ---------------------------------------------------------------- workers that differ
def test_a_worker_that_sees_another_site_or_model_or_version_refuses(space, planned, tmp_path) -> None:
    order, block = Order.of(planned, space.root), next(planned.layout.blocks())
    for change, words in (
        ({"decided": replace(order.decided, digest="other")}, "is another one there; let all workers see the same"),
        ({"weights": "other"}, "is another one there; let all workers see the same weights"),
        ({"version": "9.9"}, "of Fluxscape is installed there; install 9.9"),
        ({"site": tmp_path / "nowhere"}, "lacks its file manifest.json"),
    ):
        with pytest.raises(FluxscapeError, match=rf"^A worker on .* could not go on: .*{words}"):
            work(replace(order, run="fresh", **change), block)
