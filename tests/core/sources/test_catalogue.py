"""Every site once, whether it is there, can be made, or is only known."""

from dataclasses import replace

from core.simulate.spec import DEMO_SITES
from core.sources.catalogue import catalogue
from core.sources.site import write_site


def test_an_empty_workspace_offers_demos_and_places(workspace) -> None:
    sites = catalogue(workspace)
    assert [info.id for info in sites[:6]] == list(DEMO_SITES)
    assert len(sites) == 6 + 47
    assert not any(info.has_data for info in sites)
    assert not workspace.root.exists()


def test_a_site_with_data_comes_first_and_stands_in_for_the_place_of_its_id(workspace, small_site) -> None:
    write_site(workspace, **small_site.parts() | {"info": replace(small_site.info, id="DE-Hai")})
    sites = catalogue(workspace)
    assert sites[0].id == "DE-Hai"
    assert sites[0].has_data
    assert len(sites) == len({info.id for info in sites}) == 6 + 47
