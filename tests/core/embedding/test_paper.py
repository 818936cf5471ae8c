"""The `paper` preset behind the engine: the reference cube, windows one by one, cuts, and what it cannot embed."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from core.__main__ import main
from core.embedding.compute import compute
from core.embedding.engine import run
from core.embedding.plan import plan
from core.embedding.result import open_embedding
from core.embedding.selection import Selection
from core.embedding.weights import open_weights
from core.schema import S1_BANDS, S2_BANDS, FluxscapeError, InputError, SiteInfo
from core.sources.site import write_site
from core.store import Workspace
from models.autoencoder import ModalityConfig
from models.cases import weights_by_rule
from models.checkpoint import load, save
from models.cubes import read_cube
from models.fusion import Fusion, FusionConfig
from models.patches import PatchEmbedder
from models.presets import PAPER
from tests.models.windows import one_by_one

REFERENCE = Path(__file__).parents[3].parent / "shared" / "reference"
SMALL = {"frames": 5, "size": 7, "stem": 12, "body": 10, "neck": 8, "latent": 4, "heads": 4, "tokens": 3}
EDGE = (slice(2, -2), slice(3, -3), slice(3, -3))  # off it, windows of 5 frames and 7 pixels lie within the site


def by_rule(config: FusionConfig, salt: str) -> Fusion:
    model = Fusion(config).eval()
    model.load_state_dict(weights_by_rule(model.state_dict(), salt=salt))
    return model


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> Path:
    """A folder of fused weights: 5 dates, 7 x 7 pixels, 3 values."""
    torch.set_num_threads(1)
    sensors = (("s1", S1_BANDS, 2), ("s2", S2_BANDS, 4))
    modalities = tuple(ModalityConfig(name=n, bands=bands, bottleneck=d, **SMALL) for n, bands, d in sensors)
    config = FusionConfig(modalities=modalities, bottleneck=3, width=16, feedforward=8)
    folder = tmp_path_factory.mktemp("weights") / "paper-3"
    save(by_rule(config, "small"), folder, config=config, preset="paper", stage="fusion")
    return folder


@pytest.fixture(scope="session")
def released(tmp_path_factory) -> Path:
    """A checkpoint in the authors' layout, of the released sizes."""
    path = tmp_path_factory.mktemp("released") / "fusion.ckpt"
    state = {f"model.{name}": value for name, value in by_rule(PAPER, "open").state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, path)
    return path


# ---------------------------------------------------------------- values
def reference_site(case: dict[str, np.ndarray]) -> xr.Dataset:
    """The reference cube as a site: backscatter in dB that the engine's averaging over neighbours leaves as it is.

    Between the radar acquisitions stand ones that saw nothing, which count for no average, on days that no optical
    date is nearest to.
    """
    optical_days, matched = (case[axis].astype("datetime64[D]") for axis in ("time", "s1_time"))
    frames = {day.astype("datetime64[h]") + hour: case["s1"][:, hour] * 35 - 30 for hour, day in enumerate(matched)}
    for earlier, later in itertools.pairwise(list(frames)):
        frames[_unmatched(earlier, later, optical_days, matched)] = np.full_like(frames[earlier], np.nan)
    layers = {name: (("time", "y", "x"), layer) for name, layer in zip(S2_BANDS, case["s2"], strict=True)}
    radar = np.stack([frames[day] for day in sorted(frames)], axis=1)
    layers |= {name: (("s1_time", "y", "x"), layer) for name, layer in zip(S1_BANDS, radar, strict=True)}
    axes = {"time": optical_days, "s1_time": np.array(sorted(frames))}
    coords = {name: pd.DatetimeIndex(values).as_unit("ns") for name, values in axes.items()}
    return xr.Dataset(layers, coords={**coords, "y": case["y"], "x": case["x"]}, attrs={"crs": "EPSG:32632"})


def _unmatched(earlier: np.datetime64, later: np.datetime64, optical: np.ndarray, matched: np.ndarray) -> np.datetime64:
    """A time between two radar acquisitions that is nearest to no optical date; half way between two of one day."""
    if later - earlier < np.timedelta64(24, "h"):
        return earlier.astype("datetime64[m]") + (later - earlier).astype("timedelta64[m]") // 2
    between = np.arange(earlier.astype("datetime64[D]") + 1, later.astype("datetime64[D]"))
    gap = np.abs(optical - matched)
    free = [day for day in between if (np.abs(optical - day) >= gap + (day < matched).astype(int)).all()]
    return free[0].astype("datetime64[m]")


def test_the_reference_cube_through_the_engine(workspace: Workspace, released: Path) -> None:
    if not REFERENCE.is_dir():
        pytest.skip("the folder of reference cases is not beside the checkout")
    with np.load(REFERENCE / "cube_open.npz") as file:
        case = dict(file)
    info = SiteInfo(id="REF", kind="files", title="The reference cube", lat=45.0, lon=9.0, igbp="")
    write_site(workspace, info=info, cube=reference_site(case))
    made = open_embedding(workspace, run(workspace, plan(workspace, "REF", model=released)).run.id)
    features = made["features"].values
    inner = features[:, 5:-5, 7:-7, 7:-7]
    np.testing.assert_array_equal(np.isnan(inner), np.isnan(case["features"]))
    np.testing.assert_allclose(inner, case["features"], atol=1e-4)
    assert np.isfinite(features).all(axis=0).sum() == np.isfinite(inner).all(axis=0).sum()
    assert made.attrs["preset"] == "paper"


def test_every_window_is_embedded_as_on_its_own(space: Workspace, small: Path) -> None:
    found = open_embedding(space, run(space, plan(space, "CLOUDY", model=small, chunk=(3, 8, 8))).run.id)
    cube = read_cube(space.site_path("CLOUDY") / "cube.zarr")
    expected = one_by_one(load(small).model, cube.sensors).swapaxes(0, 1)
    np.testing.assert_array_equal(np.isnan(found["features"].values), np.isnan(expected))
    np.testing.assert_allclose(found["features"].values, expected, atol=1e-5)
    assert np.isfinite(expected).any(axis=0).sum() > 100


@pytest.mark.parametrize("chunk", [(1, 16, 5), (8, 3, 16), (5, 7, 9)])
def test_the_result_is_the_same_however_it_is_cut(space: Workspace, small: Path, chunk) -> None:
    whole = plan(space, "CLOUDY", model=small, error=True, chunk=(8, 16, 16))
    (block,) = whole.layout.blocks()
    expected = compute(whole, block)
    cut = plan(space, "CLOUDY", model=small, error=True, chunk=chunk)
    for block in cut.layout.blocks():
        for name, values in compute(cut, block).items():
            there = expected[name][(..., block.dates, block.rows, block.cols)]
            np.testing.assert_allclose(values, there, atol=1e-4, err_msg=f"{name} of block {block.name}")


def test_the_reconstruction_error_is_that_of_the_centre(space: Workspace, small: Path) -> None:
    found = open_embedding(space, run(space, plan(space, "CLOUDY", model=small, error=True)).run.id)
    cube = read_cube(space.site_path("CLOUDY") / "cube.zarr")
    embedder = PatchEmbedder(load(small).model)
    rebuilt = embedder.rebuild(embedder.embed(cube.sensors), cube.sensors)
    embedded = np.isfinite(found["features"].values).all(axis=0)
    for sensor, scale in (("s2", 1), ("s1", 35)):
        off = np.abs(rebuilt[sensor] - cube.sensors[sensor].values)
        clear = np.isfinite(off).all(axis=1)
        assert clear.sum() > 100
        by_hand = off.mean(axis=1)[clear] * scale
        np.testing.assert_allclose(found[f"error_{sensor}"].values[clear], by_hand, rtol=1e-4, atol=1e-5)
        assert not np.isfinite(found[f"error_{sensor}"].values[~embedded]).any()


# ---------------------------------------------------------------- what a run is of
def test_attention_is_part_of_what_a_run_is(space: Workspace, small: Path, tmp_path: Path) -> None:
    loaded = load(small)
    config = loaded.config.with_attention("released")
    save(loaded.model, tmp_path / "other", config=config, preset="paper", stage="fusion")
    plans = [plan(space, "CLOUDY", model=folder) for folder in (small, tmp_path / "other")]
    assert plans[0].weights.digest == plans[1].weights.digest
    assert plans[0].spec.id != plans[1].spec.id
    assert plans[1].spec.parameters["attention_s2"] == "released"


def test_a_checkpoint_of_the_authors_is_a_model(released: Path, tmp_path: Path) -> None:
    opened = open_weights(released)
    assert (opened.name, opened.preset, opened.names) == ("fusion.ckpt", "paper", ("s1", "s2"))
    assert (opened.reach, opened.radius, opened.embedder.size) == (5, 7, 7)
    assert opened.embedder.options == {"attention_s1": "released", "attention_s2": "released"}
    assert open_weights(released.parent).digest == opened.digest
    (tmp_path / "fusion.ckpt").write_bytes(released.read_bytes())
    (tmp_path / "s1.ckpt").write_bytes(b"")
    with pytest.raises(InputError, match=r"holds 2 checkpoints \(fusion.ckpt, s1.ckpt\); give the fused one itself"):
        open_weights(tmp_path)
    with pytest.raises(FluxscapeError, match=r"s1.ckpt is .*\.$"):
        open_weights(tmp_path / "s1.ckpt")


# ---------------------------------------------------------------- what cannot be embedded
def site(workspace: Workspace, cube: xr.Dataset) -> Workspace:
    info = SiteInfo(id="PART", kind="files", title="A part", lat=50.0, lon=9.5, igbp="")
    write_site(workspace, info=info, cube=cube)
    return workspace


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"time": slice(0, 5)}, "has 4 optical acquisitions with a valid pixel; paper-3 needs 5"),
        ({"y": slice(0, 6)}, "measures 6 x 16 pixels; the windows of paper-3 measure 7 x 7 pixels"),
        ({"x": slice(0, 4)}, "measures 16 x 4 pixels"),
    ],
)
def test_a_site_smaller_than_a_window_is_refused(workspace, small, cube, part, words, capsys) -> None:
    site(workspace, cube.isel(part))
    with pytest.raises(InputError) as refusal:
        plan(workspace, "PART", model=small)
    assert words in str(refusal.value)
    assert main(["embed", "PART", "--model", str(small), "--workspace", str(workspace.root)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "wanted", [{"end": "2021-05-06"}, {"start": "2021-06-05"}, {"rows": (0, 3)}, {"cols": (13, 16)}]
)
def test_a_part_whose_windows_all_reach_beyond_the_site_is_refused(space, small, wanted) -> None:
    with pytest.raises(InputError, match=r"all reach beyond the site; stay 2 dates and 3 pixels off its edges"):
        plan(space, "CLOUDY", model=small, selection=Selection(**wanted))


def test_a_site_that_is_clear_in_its_margins_alone_is_refused(workspace, small, cube) -> None:
    """Its clear pixels are no windows' centres: nothing would be embedded."""
    inner = (cube["x"] >= cube["x"][3]) & (cube["x"] <= cube["x"][-4])
    site(workspace, cube.assign({name: cube[name].where(~inner) for name in S2_BANDS}))
    with pytest.raises(InputError, match="holds no clear pixel at any date"):
        run(workspace, plan(workspace, "PART", model=small))
    assert workspace.drafts() == []


def test_fewer_dates_than_the_papers_own_windows_are_refused(space, released) -> None:
    with pytest.raises(InputError, match=r"has 8 optical acquisitions with a valid pixel; fusion.ckpt needs 11"):
        plan(space, "CLOUDY", model=released)


def test_a_part_that_reaches_a_single_window_is_embedded(space, small) -> None:
    wanted = Selection(end="2021-05-11", rows=(0, 16), cols=(0, 16))
    found = open_embedding(space, run(space, plan(space, "CLOUDY", model=small, selection=wanted)).run.id)
    assert np.isnan(found["features"].values[:, :2]).all()
    assert np.isfinite(found["features"].values[:, 2]).any()


def test_other_bands_are_refused(tmp_path: Path) -> None:
    dims = SMALL | {"bottleneck": 2}
    modalities = (
        ModalityConfig(name="s1", bands=S1_BANDS, **dims),
        ModalityConfig(name="s2", bands=S2_BANDS[:3], **dims),
    )
    config = FusionConfig(modalities=modalities, width=16, feedforward=8)
    save(Fusion(config), tmp_path, config=config, preset="paper", stage="fusion")
    with pytest.raises(InputError, match="takes the bands B02 B03 B04 of s2; give one that takes B02 B03 B04 B05"):
        open_weights(tmp_path)


def test_the_command_says_what_it_embedded(space, small, capsys) -> None:
    assert main(["embed", "CLOUDY", "--model", str(small), "--json", "--workspace", str(space.root)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["model"] == "paper-3"
    assert said["pixel_dates"] > 100
