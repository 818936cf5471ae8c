"""How fast embeddings are made, and in how much memory: `python -m benchmarks.embed`.

One run, one simulated site with its clouds. The baseline embeds as the paper's pipeline does: a patch is cut for every
pixel and date, and encoders and decoders run on each. Beside it stand our exact `paper` preset, whose numbers must be
the same, and `compact`, both through the engine. Rates count embedded pixel-dates, those the optical sensor saw.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import xarray as xr

from benchmarks.report import Figure, show
from core.embedding.compute import compute
from core.embedding.draft import FEATURES
from core.embedding.memory import keep_freed_memory
from core.embedding.plan import Plan, plan
from core.embedding.selection import Selection
from core.schema import S2_BANDS, SiteInfo
from core.sources.demo import ensure_demo
from core.sources.site import CUBE, write_site
from core.store import Workspace
from models.cases import weights_by_rule
from models.checkpoint import load, save
from models.contract import Sample
from models.fusion import Fusion
from models.presets import PAPER

SITE, CLEAR, CLOUDY = "SIM-DBF", "CLEAR", "CLOUDY"
CORES = 2  # what the targets are for
CROP = 30  # pixels along the side of what the exact preset embeds: 16 x 16 windows of 15 x 15 pixels
DATES = 34  # frames of it: 24 windows of 11 frames
NAIVE = 8  # pixel-dates of the baseline, of each kind of cube
SIZES = ((50, 150), (100, 150), (100, 300), (140, 150))  # pixels along a side, dates; of `compact`
LARGEST = SIZES[2]  # whose memory has a target
TOLERANCE = 1e-4  # largest difference between baseline and engine, as the reference cases have it


class Embedded(NamedTuple):
    """What the engine made of a plan."""

    features: np.ndarray  # (D, dates, rows, columns)
    per_second: float


def main() -> None:
    keep_freed_memory()  # for all three ways alike
    torch.set_num_threads(min(CORES, torch.get_num_threads()))
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        ensure_demo(workspace, SITE)
        show(measured(workspace, random_paper_weights(Path(folder) / "paper")))


def measured(workspace: Workspace, weights: Path) -> Iterator[Figure]:
    """All figures, one after the other."""
    write_crops(workspace)
    model: Any = load(weights).model
    for site, words, ratio in ((CLEAR, "clear frames", 20), (CLOUDY, "cloudy site", 4)):
        exact = plan(workspace, site, model=weights)
        ours = embedded(exact)
        base, difference = naive(exact, model, ours.features)
        yield Figure(name=f"(a) patch by patch with decoders, {words}", value=base, unit="px/s")
        yield Figure(name=f"(b) exact paper preset, {words}", value=ours.per_second, unit="px/s")
        yield Figure(name=f"(b) / (a), {words}", value=ours.per_second / base, at_least=ratio)
        yield Figure(name=f"largest difference (a) - (b), {words}", value=difference, at_most=TOLERANCE)
    dense = embedded(plan(workspace, SITE, selection=Selection(start="2021-04-01", end="2021-07-31")))
    yield Figure(name="(c) compact, cloudy site", value=dense.per_second, unit="px/s", at_least=5000)
    yield Figure(name="(c) / (a), cloudy site", value=dense.per_second / base, at_least=2000)
    yield from a_site_year(workspace)
    yield from growth(workspace)


# ---------------------------------------------------------------- the three ways
def naive(exact: Plan, model: Fusion, features: np.ndarray) -> tuple[float, float]:
    """Pixel-dates a second with every window cut, filled and run on its own, and how far `features` are from these."""
    whole, rows, cols = exact.extent
    frames = exact.frames.window(exact.sensors, whole, rows, cols)
    places = np.argwhere(np.isfinite(features).all(axis=0))
    places = places[np.random.default_rng(0).choice(len(places), NAIVE + 1, replace=False)]
    differences, began = [], 0.0
    for turn, place in enumerate(places):
        if turn == 1:  # the first one warms up
            began = time.perf_counter()
        samples, pair_gap = window(frames, *place)
        with torch.inference_mode():
            embedding = model(samples, pair_gap).embedding[0].numpy()
        differences.append(np.abs(embedding - features[(slice(None), *place)]).max())
    return NAIVE / (time.perf_counter() - began), float(max(differences))


def window(frames: dict[str, Any], date: int, row: int, col: int) -> tuple[dict[str, Sample], torch.Tensor]:
    """The window around a pixel-date by the paper's rules, as a batch of one."""
    around = (slice(date - 5, date + 6), slice(None), slice(row - 7, row + 8), slice(col - 7, col + 8))
    days = {name: sensor.days[around[0]] for name, sensor in frames.items()}
    pair_gap = torch.tensor([[abs(int(days["s1"][5] - days["s2"][5]))]])
    long = days["s2"][-1] - days["s2"][0] >= 200
    samples = {}
    for name, sensor in frames.items():
        values = torch.from_numpy(sensor.values[around])
        mean = values.nanmean(dim=(0, 2, 3), keepdim=True).nan_to_num(0.0)
        gaps = np.ones(10, dtype=np.int64) if long else np.diff(days[name])
        samples[name] = Sample(torch.where(values.isnan(), mean, values)[None], torch.from_numpy(gaps)[None])
    return samples, pair_gap


def embedded(planned: Plan) -> Embedded:
    """All blocks through the engine; the first one once before, to warm up."""
    blocks = list(planned.layout.blocks())
    features = np.full((planned.weights.embedder.size, *planned.layout.shape), np.nan, dtype=np.float32)
    if planned.weights.preset == "compact":
        compute(planned, blocks[0])
    began = time.perf_counter()
    for block in blocks:
        features[:, block.dates, block.rows, block.cols] = compute(planned, block)[FEATURES]
    return Embedded(features, float(np.isfinite(features[0]).sum() / (time.perf_counter() - began)))


# ---------------------------------------------------------------- compact: a site-year, and how time and memory grow
def a_site_year(workspace: Workspace) -> Iterator[Figure]:
    said = command(workspace, SITE, "--start", "2021-01-01", "--end", "2021-12-31")
    yield Figure(name="(c) one site-year, 80 x 80 px", value=said["seconds"], unit="s", at_most=20)


def growth(workspace: Workspace) -> Iterator[Figure]:
    """Each size is a process of its own, so that its memory is its own."""
    per_second = {}
    for side, dates in SIZES:
        site = f"GROWN-{side}-{dates}"
        write_grown_site(workspace, site, side, dates)
        said = command(workspace, site)
        name = f"(c) {side} x {side} px x {dates} dates"
        per_second[side, dates] = side * side * dates / said["seconds"]
        limit = 1500 if (side, dates) == LARGEST else None
        yield Figure(name=f"{name}, time", value=said["seconds"], unit="s")
        yield Figure(name=f"{name}, peak memory", value=said["peak_rss_mb"], unit="MB", at_most=limit)
    rates = list(per_second.values())
    yield Figure(
        name="time of a pixel-date, slowest / fastest of these sizes", value=max(rates) / min(rates), at_most=1.5
    )


def command(workspace: Workspace, *arguments: str) -> dict[str, Any]:
    """What `python -m core embed` says of itself."""
    line = [sys.executable, "-m", "core", "embed", *arguments, "--json", "--workspace", str(workspace.root)]
    said: dict[str, Any] = json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)
    return said


# ---------------------------------------------------------------- what is embedded
def random_paper_weights(folder: Path) -> Path:
    """Weights by the rule of the reference cases; how long they take does not depend on their values."""
    model = Fusion(PAPER)
    model.load_state_dict(weights_by_rule(model.state_dict(), salt="benchmark"))
    save(model, folder, config=PAPER, preset="paper", stage="fusion")
    return folder


def write_crops(workspace: Workspace) -> None:
    """The middle of the demo site as two sites: its successive frames, and those on which it lies open to the sky."""
    cube = opened(workspace)
    middle = slice((cube.sizes["x"] - CROP) // 2, (cube.sizes["x"] + CROP) // 2)
    part = cube.isel(y=middle, x=middle)
    known = np.isfinite(part[list(S2_BANDS)].to_dataarray().values).any(axis=0)
    clear, seen = np.flatnonzero(known.all(axis=(1, 2))), np.flatnonzero(known.any(axis=(1, 2)))
    for site, dates in ((CLEAR, clear), (CLOUDY, seen)):
        first = max(0, len(dates) - DATES) // 2
        write_site(workspace, info=copy_of(site), cube=part.isel(time=dates[first : first + DATES]))


def write_grown_site(workspace: Workspace, site: str, side: int, dates: int) -> None:
    """The demo site over and over, in space and in time."""
    cube = opened(workspace)
    seen = np.flatnonzero(np.isfinite(cube[list(S2_BANDS)].to_dataarray().values).any(axis=(0, 2, 3)))
    turns = np.arange(dates) // len(seen)
    years = np.timedelta64(4 * 365, "D")
    picked = cube.isel(
        time=seen[np.arange(dates) % len(seen)],
        s1_time=np.tile(np.arange(cube.sizes["s1_time"]), turns[-1] + 1),
        y=np.arange(side) % cube.sizes["y"],
        x=np.arange(side) % cube.sizes["x"],
    )
    radar_turns = np.repeat(np.arange(turns[-1] + 1), cube.sizes["s1_time"])
    picked = picked.assign_coords(
        time=picked["time"].values + turns * years,
        s1_time=picked["s1_time"].values + radar_turns * years,
        y=float(cube["y"][0]) - 10.0 * np.arange(side),
        x=float(cube["x"][0]) + 10.0 * np.arange(side),
    )
    write_site(workspace, info=copy_of(site), cube=picked)


def opened(workspace: Workspace) -> xr.Dataset:
    return xr.open_zarr(workspace.site_path(SITE) / CUBE, chunks=None, consolidated=False)


def copy_of(site: str) -> SiteInfo:
    return SiteInfo(id=site, kind="simulated", title=f"{site}, from {SITE}", lat=50.0, lon=9.5, igbp="DBF")


if __name__ == "__main__":
    main()
