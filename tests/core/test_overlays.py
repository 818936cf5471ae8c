import numpy as np
from pyproj import Transformer

from core.figures.clusters_map import overlay
from core.frames import Grid
from core.overlays import clicked_pixel, picture_layer, place_map

GRID = Grid(x=535_825, y=5_538_115, pixel_width=10, pixel_height=10, rows=30, cols=20, crs="EPSG:32632")


def test_a_click_in_degrees_is_the_pixel_under_it() -> None:
    lon, lat = Transformer.from_crs("EPSG:32632", "EPSG:4326", always_xy=True).transform(535_825 + 73, 5_538_115 - 124)
    assert clicked_pixel(GRID, lat=lat, lon=lon) == (12, 7)
    assert clicked_pixel(GRID, lat=0, lon=0) is None


def test_the_map_and_its_picture_ask_for_nothing_remote_by_themselves() -> None:
    shown = overlay(np.full((30, 20, 4), 255, np.uint8), GRID)
    leaf = place_map(shown)
    picture_layer(shown, opacity=0.5).add_to(leaf)
    page = leaf.get_root().render()
    assert "data:image/png;base64" in page
    assert '"opacity": 0.5' in page
    assert 'src="http' not in page
    assert 'href="http' not in page
