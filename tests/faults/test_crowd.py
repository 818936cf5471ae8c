"""Under load: ten browser sessions on ten sites at once, and nothing of one is seen in another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import xarray as xr

from core.embedding import engine
from core.embedding.plan import plan
from core.embedding.result import open_embedding
from core.store import Workspace
from tests.browser.conftest import browser  # noqa: F401
from tests.browser.server import serve
from tests.faults import crowd
from tests.faults.conftest import WHOLE_CAMPAIGN


@pytest.mark.skipif(not os.environ.get(WHOLE_CAMPAIGN), reason="a matter of minutes: python -m tests.faults")
def test_ten_sessions_do_not_mix(browser: object, tmp_path: Path, record_property) -> None:  # noqa: F811
    workspace = Workspace(tmp_path / "workspace")
    crowd.make_sites(workspace)
    with serve(workspace.root) as server:
        told = crowd.visit(browser, server.address, server.process.pid, workspace)
    record_property("sessions", f"{crowd.READERS}, {len(told.seconds)} clicks, 95 % within {told.p95_s:.2f} s")
    record_property("memory of the server at its peak", f"{told.peak_mb:.0f} MB")
    assert told.mixed == []
    runs = workspace.runs(kind="embedding")
    assert sorted(run.spec.site for run in runs) == sorted(map(crowd.name_of, range(crowd.READERS)))
    alone = Workspace(tmp_path / "alone")
    crowd.make_sites(alone)
    first = crowd.name_of(3)
    model = str(open_embedding(workspace, workspace.runs(site=first)[0].id).attrs["model"])
    expected = open_embedding(alone, engine.run(alone, plan(alone, first, model=model)).run.id)
    found = open_embedding(workspace, workspace.runs(kind="embedding", site=first)[0].id)
    xr.testing.assert_allclose(found["features"], expected["features"], atol=1e-5, rtol=0)
