"""The first demo site is begun with the server, once, and only where there is no site."""

from core.sources.demo import demo_infos
from core.sources.site import write_site
from core.store import Workspace
from core.ui import jobs, startup

TARGET = jobs.simulation(demo_infos()[0].id)


def test_an_empty_workspace_gets_its_first_site_begun_and_a_stopped_one_stays_stopped(workspace: Workspace) -> None:
    startup.begin_first_site(workspace)
    job = jobs.find(workspace, TARGET)
    assert job is not None
    assert job.running
    jobs.cancel(workspace, TARGET)
    while (job := jobs.find(workspace, TARGET)) and job.running:
        pass
    startup.begin_first_site(workspace)
    assert jobs.find(workspace, TARGET) == job


def test_where_there_is_a_site_nothing_is_begun(workspace: Workspace, small_site) -> None:
    write_site(workspace, **small_site.parts())
    startup.begin_first_site(workspace)
    assert jobs.find(workspace, TARGET) is None
