"""Sites of the workspace as frames, and GPP of their pixels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pyproj import Transformer

from core.embedding.engine import run as embed
from core.embedding.plan import plan
from core.gpp.fit import fit_model
from core.gpp.judge import judge
from core.gpp.maps import gpp_map
from core.gpp.model import final_model
from core.gpp.sites import Request, embedding_runs, open_sites, resolved
from core.gpp.store import leaderboard, open_annual, open_model, open_predictions, open_scores
from core.gpp.windows import make_samples
from core.schema import S1_BANDS, S2_BANDS, FluxscapeError, InputError, SiteInfo
from core.sources.site import write_site
from core.store import Workspace
from models.checkpoint import save
from models.compact import CompactModalityConfig
from models.compact_fusion import CompactFusion, CompactFusionConfig
from models.presets import COMPACT

DAYS = pd.date_range("2019-01-01", "2020-12-31", freq="D", name="time", unit="ns")  # of weather and tower


def site(site_id: str, seed: int) -> dict[str, object]:
    """8 x 8 pixels, greener in the east, seen every fifth day and by radar every sixth; two years of tower."""
    rng = np.random.default_rng(seed)
    season = (1 - np.cos(2 * np.pi * (DAYS.dayofyear.to_numpy() - 15) / 365)) / 2
    times, radar = DAYS[::5].to_numpy(), DAYS[1::6].to_numpy()
    east = np.linspace(0.5, 1.5, 8)[None, None, :]
    green = season[::5, None, None] * east * np.ones((1, 8, 1))
    optical = {
        name: (0.05 + 0.3 * green if turn > 3 else 0.1 - 0.04 * green) + rng.normal(0, 0.003, green.shape)
        for turn, name in enumerate(S2_BANDS)
    }
    layers = {name: (("time", "y", "x"), values.astype(np.float32)) for name, values in optical.items()}
    for name in S1_BANDS:
        layers[name] = (("s1_time", "y", "x"), rng.normal(-12, 1, (len(radar), 8, 8)).astype(np.float32))
    x, y = 535_825.0 + 10 * np.arange(8), 5_538_115.0 - 10 * np.arange(8)
    cube = xr.Dataset(layers, coords={"time": times, "s1_time": radar, "y": y, "x": x}, attrs={"crs": "EPSG:32632"})
    radiation = 3 + 15 * season * rng.uniform(0.5, 1, len(DAYS))
    weather = pd.DataFrame({"temperature": 20 * season, "radiation": radiation}, index=DAYS)
    gpp = 0.7 * season * radiation + rng.normal(0, 0.3, len(DAYS))
    tower = pd.DataFrame({"gpp": gpp, "quality": 0.9, "filled": False}, index=DAYS)
    tower.attrs["column"] = "GPP_NT_VUT_REF"
    lon, lat = Transformer.from_crs("EPSG:32632", "EPSG:4326", always_xy=True).transform(x[4], y[4])
    info = SiteInfo(id=site_id, kind="files", title=site_id, lat=lat, lon=lon, igbp="GRA", licence="CC0")
    return {"info": info, "cube": cube, "weather": weather, "tower": tower}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return tiny_weights(tmp_path_factory.mktemp("weights") / "tiny")


def tiny_weights(folder):
    small = tuple(
        CompactModalityConfig(
            name=m.name, bands=m.bands, mean=m.mean, std=m.std, bottleneck=2, frames=5, size=3, width=4, heads=2
        )
        for m in COMPACT.modalities
    )
    config = CompactFusionConfig(modalities=small, bottleneck=2, width=4)
    save(CompactFusion(config), folder, config=config, preset="compact", stage="fusion")
    return folder


@pytest.fixture(scope="module")
def space(tmp_path_factory, weights) -> Workspace:
    """Two sites, the first of them embedded; only added to by tests."""
    workspace = Workspace(tmp_path_factory.mktemp("space"))
    for turn, site_id in enumerate(("ONE", "TWO")):
        write_site(workspace, **site(site_id, turn))
    embed(workspace, plan(workspace, "ONE", model=weights))
    return workspace


def wanted(*kinds: str, sites: tuple[str, ...] = ("ONE", "TWO"), **more: object) -> Request:
    return Request(sites=sites, kinds=kinds, **more)


# ---------------------------------------------------------------- frames
def test_a_footprint_is_seen_on_its_dates_and_weather_on_all_days(space) -> None:
    frames = open_sites(space, wanted("bands", "indices", "backscatter", "weather", "clearsky"))
    features = frames.frames[0].features
    assert len(features) == len(DAYS)
    assert features["B08"].notna().sum() == len(DAYS[::5])
    assert features["VH"].notna().sum() == len(DAYS[1::6])
    assert features[["temperature", "clearsky"]].notna().all().all()
    assert frames.groups["NIRv"] == "indices"
    assert frames.groups["clearsky"] == "clear-sky radiation"
    # dB of the mean power lies above the mean of dB where speckle spreads them
    assert features["VH"].mean() > -12.05


def test_the_embedding_of_the_footprint_is_the_default_where_there_is_one(space) -> None:
    request = resolved(space, wanted(sites=("ONE",)))
    assert request.kinds == ("embedding", "weather", "clearsky")
    frames = open_sites(space, request)
    assert frames.frames[0].features["embedding 1"].notna().sum() == len(DAYS[::5])
    assert "embedding 2" in frames.columns
    assert resolved(space, wanted()).kinds[0] == "bands"  # TWO has none


def test_sites_are_seen_by_a_model_that_all_share(weights, tmp_path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    for turn, site_id in enumerate(("ONE", "TWO")):
        write_site(workspace, **site(site_id, turn))
        embed(workspace, plan(workspace, site_id, model=weights))
    newer = embed(workspace, plan(workspace, "ONE", model=tiny_weights(tmp_path / "newer"))).run
    assert embedding_runs(workspace, wanted(sites=("ONE",))) == {"ONE": newer}
    assert embedding_runs(workspace, wanted(sites=())) == {}
    shared = embedding_runs(workspace, wanted())
    assert [run.notes["model"] for run in shared.values()] == ["tiny", "tiny"]
    with pytest.raises(InputError, match="'ONE by newer, TWO by tiny' are embedded by different models; embed them by"):
        embedding_runs(workspace, wanted(runs={"ONE": newer.id}))


def test_a_tower_file_stands_in_for_the_sites_own(space, tmp_path) -> None:
    table = pd.DataFrame({"TIMESTAMP": DAYS.strftime("%Y%m%d"), "NEE_VUT_REF_QC": 1.0, "GPP_NT_VUT_REF": 4.0})
    table.loc[:99, "NEE_VUT_REF_QC"] = 0.1
    table.to_csv(tmp_path / "FLX_XX-Abc_DD.csv", index=False)
    found = open_sites(space, wanted("weather", sites=("ONE",), towers={"ONE": tmp_path / "FLX_XX-Abc_DD.csv"}))
    target = found.frames[0].target.dropna()
    assert len(target) == len(DAYS) - 100
    assert (target == 4.0).all()


# ---------------------------------------------------------------- fits
@pytest.fixture(scope="module")
def fitted(space):
    frames = open_sites(space, wanted("bands", "indices", "weather"))
    return fit_model(
        frames,
        model="ridge",
        split="leave-site-out",
        window=20,
        source={"request": wanted("bands", "indices", "weather")},
        workspace=space,
    )


def test_a_fit_is_a_run_that_can_be_opened_again(space, fitted) -> None:
    assert fitted["skill"] is not None
    assert fitted["r2"] > 0.9
    assert open_scores(space, fitted["run"])["r2"] == fitted["r2"]
    assert len(open_predictions(space, fitted["run"])) == fitted["n"]
    assert set(open_annual(space, fitted["run"])["year"]) == {2019, 2020}
    assert leaderboard(space)[0]["run"] == fitted["run"]
    assert leaderboard(space)[0]["skill"] == fitted["skill"]


def test_the_same_question_finds_the_stored_answer(space, fitted) -> None:
    frames = open_sites(space, wanted("bands", "indices", "weather"))
    source = {"request": wanted("bands", "indices", "weather")}
    again = fit_model(frames, model="ridge", split="leave-site-out", window=20, source=source, workspace=space)
    assert (again["run"], again["reused"], fitted["reused"]) == (fitted["run"], True, False)


def test_a_map_is_greener_where_the_site_is(space, fitted) -> None:
    model = open_model(space, fitted["run"])
    cube = gpp_map(space, model, "ONE", "2020-07-14")
    assert cube["gpp"].shape == (8, 8)
    assert float(cube["gpp"][:, 6:].mean()) > float(cube["gpp"][:, :2].mean())
    assert (cube["low"] <= cube["gpp"]).all()
    assert (cube.attrs["date"], cube.attrs["crs"], cube["gpp"].attrs["units"]) == (
        "2020-07-14",
        "EPSG:32632",
        "g m-2 d-1",
    )
    winter = gpp_map(space, model, "ONE", "2020-01-20")
    assert float(winter["gpp"].mean()) < float(cube["gpp"].mean()) - 2
    days = open_predictions(space, fitted["run"])
    row = days[(days["site"] == "ONE") & (days["time"] == pd.Timestamp("2020-07-14"))].iloc[0]
    assert float(cube["gpp"][4, 4]) == pytest.approx(row["observed"], abs=3)


def test_a_map_of_embeddings(space) -> None:
    request = resolved(space, wanted("embedding", "weather", sites=("ONE",)))
    frames = open_sites(space, request)
    judged = judge(make_samples(frames, 20), model="ridge", split="leave-year-out")
    cube = gpp_map(space, final_model(judged, frames, seed=0, request=request), "ONE", "2020-07-14")
    assert np.isfinite(cube["gpp"]).sum() == 64


# ---------------------------------------------------------------- wrong input
def test_what_is_wrong_is_one_sentence(space, small_site, tmp_path) -> None:
    x, y = float(small_site.cube["x"][4]), float(small_site.cube["y"][6])
    lon, lat = Transformer.from_crs("EPSG:32632", "EPSG:4326", always_xy=True).transform(x, y)
    info = replace(small_site.info, lat=lat, lon=lon)
    write_site(few := Workspace(tmp_path / "few"), **small_site.parts() | {"info": info})
    no_tower = small_site.parts() | {"tower": None, "info": replace(info, id="BARE")}
    write_site(few, **no_tower)
    wrong = {
        "site 'TWO' has no embedding; make one with": (space, wanted("embedding")),
        "'colour' is no kind of feature; choose of: embedding": (space, wanted("colour")),
        "names a site twice": (space, wanted("weather", sites=("ONE", "ONE"))),
        "is not in the workspace": (space, wanted("weather", sites=("THREE",))),
        "holds 2": (few, wanted("weather", sites=("SMALL",))),
        "comes with no tower; give its file: --tower BARE=FILE": (few, wanted("weather", sites=("BARE",))),
    }
    for words, (where, request) in wrong.items():
        with pytest.raises(FluxscapeError) as raised:
            open_sites(where, request)
        assert words in str(raised.value)
