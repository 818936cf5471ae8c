"""The engine: the same embeddings as the model gives for the whole cube, however cut, interrupted or resumed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import xarray as xr
from hypothesis import strategies as st

from core.embedding.compute import compute
from core.embedding.engine import StoppedError, run
from core.embedding.layout import Block
from core.embedding.plan import Plan, plan
from core.embedding.result import open_embedding
from core.embedding.selection import Selection
from core.schema import S2_BANDS, FormatError, InputError, NotFoundError, SiteInfo, WorkspaceError
from core.sources.grids import write_zarr
from core.sources.site import write_site
from core.store import MANIFEST, SITE_FILE, Workspace, verify, write_json
from models.checkpoint import load
from models.cubes import read_cube
from models.evaluation.places import embed, rebuild

ROOT = Path(__file__).parents[3]
CHUNK = (3, 8, 8)  # 12 blocks of the 8 frames and 16 x 16 pixels


def made(space: Workspace, weights: Path, **wishes: object) -> xr.Dataset:
    planned = plan(space, "CLOUDY", model=weights, **wishes)  # type: ignore[arg-type]
    return open_embedding(space, run(space, planned).run.id)


@pytest.fixture
def expected(space: Workspace, weights: Path) -> np.ndarray:
    """What the model itself gives for the whole cube at once, (frames, D, rows, columns)."""
    whole = read_cube(space.site_path("CLOUDY") / "cube.zarr")
    return embed(load(weights).model, whole, slice(None)).numpy()


def clear(cube: xr.Dataset) -> np.ndarray:
    """Where any optical band is valid, on the frames: all dates but the fourth, on which nothing is."""
    seen = np.isfinite(cube[list(S2_BANDS)].to_dataarray().values).any(axis=0)
    return np.delete(seen, 3, axis=0)


# ---------------------------------------------------------------- values
def test_every_clear_pixel_date_gets_what_the_model_gives_for_the_whole_cube(space, weights, cube, expected) -> None:
    found = made(space, weights)
    assert found["features"].dims == ("feature", "time", "y", "x")
    assert found["features"].dtype == np.float32
    features, seen = found["features"].values, clear(cube)
    assert (np.isfinite(features) == seen).all()
    np.testing.assert_allclose(features[:, seen], expected.swapaxes(0, 1)[:, seen], atol=1e-5)
    assert np.delete(cube["time"].values, 3).tolist() == found["time"].values.tolist()
    assert (found["x"].values == cube["x"].values).all()
    assert (found["y"].values == cube["y"].values).all()


@hypothesis.given(chunk=st.tuples(st.integers(1, 9), st.integers(3, 17), st.integers(5, 17)))
@hypothesis.settings(
    max_examples=5, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture], derandomize=True
)
def test_the_result_is_the_same_however_it_is_cut(space, weights, chunk) -> None:
    whole = plan(space, "CLOUDY", model=weights, error=True, chunk=(8, 16, 16))
    (block,) = whole.layout.blocks()
    expected = compute(whole, block)
    cut = plan(space, "CLOUDY", model=weights, error=True, chunk=chunk)
    for block in cut.layout.blocks():
        for name, values in compute(cut, block).items():
            there = expected[name][(..., block.dates, block.rows, block.cols)]
            np.testing.assert_allclose(values, there, atol=1e-5, err_msg=f"{name} of block {block.name}")


def test_a_part_of_a_site_has_the_embeddings_it_has_within_the_whole(space, weights, cube) -> None:
    whole = made(space, weights)
    x, y = cube["x"].values, cube["y"].values
    box = (x[5] - 1, y[12] - 1, x[9] + 1, y[6] + 1)
    part = made(space, weights, selection=Selection(start="2021-05-11", end="2021-06-01", bbox=box))
    assert part.sizes == {"feature": 3, "time": 4, "y": 7, "x": 5}
    for name in whole.data_vars:
        there = whole[name].sel(time=part["time"], y=part["y"], x=part["x"])
        np.testing.assert_allclose(part[name].values, there.values, atol=1e-5, err_msg=str(name))


def test_without_radar_the_embedding_comes_from_the_optical_sensor_alone(workspace, weights, cube) -> None:
    info = SiteInfo(id="CLOUDY", kind="files", title="No radar", lat=50.0, lon=9.5, igbp="")
    write_site(workspace, info=info, cube=cube.drop_vars(["VV", "VH", "s1_time"]))
    planned = plan(workspace, "CLOUDY", model=weights)
    assert "s1 is absent: the embedding comes from s2 alone." in planned.remarks
    found = open_embedding(workspace, run(workspace, planned).run.id)
    assert np.isfinite(found["features"].values).any()
    assert np.isnan(found["sensor_gap"].values).all()
    assert found.attrs["sensors"] == "s2"


# ---------------------------------------------------------------- trust and provenance
def test_the_trust_layers_are_what_counting_by_hand_gives(space, weights, cube) -> None:
    found, seen = made(space, weights), clear(cube)
    frame, row, col = 5, 9, 8
    window = seen[frame - 2 : frame + 3, row - 2 : row + 3, col - 2 : col + 3]
    assert float(found["context_share"][frame, row, col]) == pytest.approx(window.mean())
    assert float(found["context_share"][0, 15, 15]) == pytest.approx(seen[:3, 13:, 13:].sum() / 125)
    days = found["time"].values.astype("datetime64[D]").astype(int)
    before = np.flatnonzero(seen[:frame, row, col])
    assert float(found["days_since_clear"][frame, row, col]) == days[frame] - days[before[-1]]
    assert np.isnan(found["days_since_clear"].values[:, 0, 0]).all()  # never seen
    radar_days = cube["s1_time"].values.astype("datetime64[D]").astype(int)
    assert float(found["sensor_gap"][frame, row, col]) == np.abs(radar_days - days[frame]).min()
    assert np.isnan(found["sensor_gap"].values[..., -1]).all()  # radar saw nothing there


def test_the_reconstruction_error_is_made_on_request_only(space, weights, cube, expected) -> None:
    assert not [name for name in made(space, weights).data_vars if str(name).startswith("error")]
    found, seen = made(space, weights, error=True), clear(cube)
    model, whole = load(weights).model, read_cube(space.site_path("CLOUDY") / "cube.zarr")
    embedding = embed(model, whole, slice(None))
    for sensor, unit, scale in (("s2", "reflectance", 1), ("s1", "dB", 35)):
        off = np.abs(rebuild(model, embedding, sensor) - whole.sensors[sensor].values)
        known = seen[:, None] & np.isfinite(off)
        count = known.sum(axis=1)
        by_hand = np.where(count, np.where(known, off, 0).sum(axis=1) / np.maximum(count, 1), np.nan) * scale
        layer = found[f"error_{sensor}"]
        assert layer.attrs["units"] == unit
        np.testing.assert_allclose(layer.values, by_hand, rtol=1e-4, atol=1e-5)


def test_the_result_says_where_it_comes_from(space, weights) -> None:
    attributes = made(space, weights).attrs
    assert attributes["model"] == "random-3"
    assert attributes["preset"] == "compact"
    assert attributes["weights_digest"] == load(weights).digest
    assert attributes["input_digest"] == plan(space, "CLOUDY", model=weights).frames.digest
    assert attributes["simulated"] == 1
    assert attributes["crs"] == "EPSG:32632"
    assert attributes["sensors"] == "s1 s2"
    assert attributes["bands_s1"] == "VV VH"


# ---------------------------------------------------------------- runs
def test_a_run_that_stands_is_not_made_again(space, weights) -> None:
    planned = plan(space, "CLOUDY", model=weights)
    first = run(space, planned)
    again = run(space, plan(space, "CLOUDY", model=weights, chunk=CHUNK))
    assert (first.reused, again.reused) == (False, True)
    assert first.run.id == again.run.id
    assert first.run.notes["pixel_dates"] == int(np.isfinite(open_embedding(space, first.run.id)["features"][0]).sum())
    assert run(space, plan(space, "CLOUDY", model=weights, error=True)).run.id != first.run.id


def test_progress_counts_pixel_dates_up_to_all_of_them(space, weights) -> None:
    told: list[tuple[float, str]] = []
    planned = plan(space, "CLOUDY", model=weights, chunk=CHUNK)
    run(space, planned, progress=lambda share, text: told.append((share, text)))
    shares = [share for share, _ in told]
    assert len(told) == 12
    assert shares == sorted(shares)
    assert told[-1] == (1.0, "2,048 of 2,048 pixel-dates, 0 s left")


class StopAfter:
    """Says stop after so many blocks."""

    def __init__(self, blocks: int) -> None:
        self.left = blocks

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def watch(monkeypatch, *, fail_at: int = 0) -> list[str]:
    """The blocks that are computed, as they come; Ctrl-C is pressed during that one, counted from 1."""
    begun: list[str] = []

    def computing(planned: Plan, block: Block) -> dict[str, np.ndarray]:
        begun.append(block.name)
        if len(begun) == fail_at:
            raise KeyboardInterrupt
        return compute(planned, block)

    monkeypatch.setattr("core.embedding.engine.compute", computing)
    return begun


@pytest.mark.parametrize("how", ["stop", "Ctrl-C"])
def test_an_interrupted_run_goes_on_where_it_stopped(space, weights, how, expected, cube, monkeypatch) -> None:
    planned = plan(space, "CLOUDY", model=weights, chunk=CHUNK)
    if how == "stop":
        with pytest.raises(StoppedError, match=r"CLOUDY was stopped at \d+ %; run it again to go on"):
            run(space, planned, stop=StopAfter(5))
    else:
        watch(monkeypatch, fail_at=6)
        with pytest.raises(KeyboardInterrupt):
            run(space, planned)
        monkeypatch.undo()
    assert space.runs() == []
    assert [draft.live for draft in space.drafts()] == [False]
    computed: list[str] = []
    monkeypatch.setattr(
        "core.embedding.engine.compute", lambda p, block: computed.append(block.name) or compute(p, block)
    )
    outcome = run(space, planned)
    assert len(computed) == 12 - 5
    seen, features = clear(cube), open_embedding(space, outcome.run.id)["features"].values
    np.testing.assert_allclose(features[:, seen], expected.swapaxes(0, 1)[:, seen], atol=1e-5)
    assert outcome.run.notes["pixel_dates"] == seen.sum()
    assert not (outcome.run.path / "done").exists()


@pytest.mark.parametrize("change", ["another cut", "no resume", "a spoilt description"])
def test_a_draft_that_does_not_fit_is_made_anew(space, weights, change, monkeypatch) -> None:
    planned = plan(space, "CLOUDY", model=weights, chunk=CHUNK)
    with pytest.raises(StoppedError):
        run(space, planned, stop=StopAfter(5))
    if change == "another cut":
        planned = plan(space, "CLOUDY", model=weights, chunk=(4, 8, 8))
    elif change == "a spoilt description":
        (draft,) = space.drafts()
        (draft.path / "done" / "layout.json").write_text("{")
    computed: list[str] = []
    monkeypatch.setattr(
        "core.embedding.engine.compute", lambda p, block: computed.append(block.name) or compute(p, block)
    )
    outcome = run(space, planned, resume=change != "no resume")
    assert len(computed) == len(list(planned.layout.blocks()))
    assert verify(outcome.run.path)


def test_a_block_whose_mark_is_spoilt_is_computed_again(space, weights, monkeypatch) -> None:
    planned = plan(space, "CLOUDY", model=weights, chunk=CHUNK)
    with pytest.raises(StoppedError):
        run(space, planned, stop=StopAfter(5))
    (draft,) = space.drafts()
    (draft.path / "done" / "1-0-0.json").write_text('{"pixel')
    computed = watch(monkeypatch)
    run(space, planned)
    assert len(computed) == 12 - 4
    assert computed[0] == "1-0-0"


def test_a_block_that_lost_its_embeddings_is_computed_again(space, weights, expected, cube, monkeypatch) -> None:
    planned = plan(space, "CLOUDY", model=weights, chunk=CHUNK)
    with pytest.raises(StoppedError):
        run(space, planned, stop=StopAfter(5))
    (draft,) = space.drafts()
    (draft.path / "embedding.zarr" / "features/c/0/1/0/0").unlink()
    computed = watch(monkeypatch)
    outcome = run(space, planned)
    assert computed[0] == "1-0-0"
    assert len(computed) == 12 - 4
    seen, features = clear(cube), open_embedding(space, outcome.run.id)["features"].values
    np.testing.assert_allclose(features[:, seen], expected.swapaxes(0, 1)[:, seen], atol=1e-5)


def test_a_run_whose_process_was_killed_goes_on_where_it_stopped(space, weights, monkeypatch) -> None:
    done = in_a_process(space, weights, "(3, 8, 8)", "os.kill(os.getpid(), signal.SIGKILL) if share > 0.4 else None")
    assert done.returncode == -9
    computed = watch(monkeypatch)
    outcome = run(space, plan(space, "CLOUDY", model=weights, chunk=CHUNK))
    assert 0 < len(computed) < 12
    assert verify(outcome.run.path)


def in_a_process(space: Workspace, weights: Path, chunk: str, tell: str) -> subprocess.CompletedProcess[str]:
    """Embed in a process of its own, which does `tell` after each block."""
    script = f"""
import os, resource, signal
from core.embedding.engine import run
from core.embedding.plan import plan
from core.store import Workspace
space = Workspace({str(space.root)!r})
try:
    run(space, plan(space, "CLOUDY", model={str(weights)!r}, chunk={chunk}), progress=lambda share, text: {tell})
except Exception as error:
    print(type(error).__name__, error)
"""
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_full_disk_midway_keeps_what_is_done(space, weights) -> None:
    """A limit on the size of files, set after the first block, stands in for the disk."""
    done = in_a_process(space, weights, "(8, 8, 12)", "resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))")
    assert done.stdout.startswith(f"WorkspaceError workspace '{space.root}' is full"), done.stderr
    assert "the blocks that are done are kept" in done.stdout
    (draft,) = space.drafts()
    assert (draft.path / "done" / "0-0-0.json").exists()
    assert not (draft.path / "done" / "0-0-1.json").exists()
    outcome = run(space, plan(space, "CLOUDY", model=weights, chunk=(8, 8, 12)))
    assert verify(outcome.run.path)
    assert not list(outcome.run.path.rglob("*.partial"))


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs a small disk of its own")
def test_a_disk_that_runs_full_midway_keeps_what_is_done(space, weights, tmp_path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=False).returncode:
        pytest.skip("this system mounts nothing")
    try:
        shutil.copytree(space.root, disk / "ws")
        small, ballast = Workspace(disk / "ws"), disk / "ballast"
        planned = plan(small, "CLOUDY", model=weights, chunk=CHUNK)

        def fill(share: float, text: str) -> None:
            if share > 0.4 and not ballast.exists():
                with suppress(OSError), ballast.open("wb", buffering=0) as stream:
                    while True:
                        stream.write(b"\0" * 4096)

        with pytest.raises(WorkspaceError, match=r"is full \(0 MB free\); free some space .* are kept\."):
            run(small, planned, progress=fill)
        ballast.unlink()
        told: list[float] = []
        outcome = run(small, planned, progress=lambda share, text: told.append(share))
        assert 0 < len(told) < 12
        assert verify(outcome.run.path)
        expected = open_embedding(space, run(space, plan(space, "CLOUDY", model=weights, chunk=CHUNK)).run.id)
        np.testing.assert_array_equal(open_embedding(small, outcome.run.id)["features"], expected["features"])
    finally:
        subprocess.run(["umount", disk], check=True)


# ---------------------------------------------------------------- damage and wrong input
def test_a_result_with_a_lost_or_changed_chunk_is_not_opened(space, weights) -> None:
    outcome = run(space, plan(space, "CLOUDY", model=weights))
    chunk = next((outcome.run.path / "embedding.zarr" / "features" / "c").rglob("0/0/0/0"))
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"\0")
    with pytest.raises(WorkspaceError, match="is damaged"):
        open_embedding(space, outcome.run.id)
    chunk.unlink()
    with pytest.raises(WorkspaceError, match="lacks its file"):
        run(space, plan(space, "CLOUDY", model=weights))


def test_a_run_of_another_kind_is_no_embedding(space) -> None:
    from core.schema import RunSpec

    spec = RunSpec(kind="clusters", site="CLOUDY", input_digest="1", version="0")
    with space.draft_run(spec, {}):
        pass
    with pytest.raises(NotFoundError, match="holds clusters, no embedding"):
        open_embedding(space, spec.id)


def test_a_selection_that_is_all_cloud_is_refused_before_anything_is_written(space, weights) -> None:
    nothing = plan(space, "CLOUDY", model=weights, selection=Selection(rows=(0, 4), cols=(0, 4)))
    with pytest.raises(InputError, match="holds no clear pixel at any date; choose another period or area"):
        run(space, nothing)
    assert space.drafts() == []


def test_a_site_smaller_than_a_window_is_embedded_with_what_there_is(workspace, weights, cube) -> None:
    info = SiteInfo(id="CLOUDY", kind="files", title="Tiny", lat=50.0, lon=9.5, igbp="")
    write_site(workspace, info=info, cube=cube.isel(time=slice(4, 6), y=slice(8, 11), x=slice(8, 10)))
    planned = plan(workspace, "CLOUDY", model=weights)
    assert "s2 holds 2 valid dates: its windows have room for 5." in planned.remarks
    found = open_embedding(workspace, run(workspace, planned).run.id)
    assert found["features"].shape == (3, 2, 3, 2)
    assert np.isfinite(found["features"].values).any()
    assert found["context_share"].values.max() <= 12 / 125


def test_a_site_that_is_all_cloud_is_refused(workspace, weights, cube) -> None:
    """Such a cube is never published as a site; one that is made by hand is refused by the engine as well."""
    info = SiteInfo(id="CLOUDY", kind="files", title="Clouds", lat=50.0, lon=9.5, igbp="")
    nothing = cube.where(cube["time"] < cube["time"][0])
    nothing = nothing[list(S2_BANDS)].astype("float32")
    with pytest.raises(InputError, match="has no valid pixel at any date"):
        write_site(workspace, info=info, cube=nothing.assign_attrs(cube.attrs))
    with workspace.draft("sites", "CLOUDY") as folder:
        write_json(folder / SITE_FILE, info.to_json())
        write_zarr(nothing.assign_attrs(cube.attrs), folder / "cube.zarr")
    with pytest.raises(InputError, match="site 'CLOUDY' holds no valid optical pixel at any date; check its cloud"):
        plan(workspace, "CLOUDY", model=weights)


@pytest.mark.parametrize("claims", ["a folder of text", "a file"])
def test_a_cube_that_is_not_what_it_claims_to_be_is_refused(workspace, weights, claims) -> None:
    info = SiteInfo(id="CLOUDY", kind="files", title="No cube", lat=50.0, lon=9.5, igbp="")
    with workspace.draft("sites", "CLOUDY") as folder:
        write_json(folder / SITE_FILE, info.to_json())
        if claims == "a file":
            (folder / "cube.zarr").write_bytes(b"\x89HDF not a folder")
        else:
            (folder / "cube.zarr").mkdir()
            (folder / "cube.zarr" / "zarr.json").write_text("no JSON")
    with pytest.raises(FormatError, match="cannot be read as Zarr"):
        plan(workspace, "CLOUDY", model=weights)


def test_a_damaged_site_is_not_embedded(space, weights) -> None:
    manifest = json.loads((space.site_path("CLOUDY") / MANIFEST).read_text())
    chunk = next(name for name in manifest["files"] if "/B04/c/" in name)
    (space.site_path("CLOUDY") / chunk).write_bytes(b"")
    with pytest.raises(WorkspaceError, match="is damaged"):
        plan(space, "CLOUDY", model=weights)
