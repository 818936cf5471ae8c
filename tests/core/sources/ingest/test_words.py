"""The field's spellings of bands, scene classes and masks."""

import pytest

from core.schema import S2_BANDS
from core.sources.ingest.words import role_of

SPELLED = {
    "B02": ("B2", "b02", "B02_10m", "S2_B02", "Blue", "reflectance B2", "sur_blue", "T32TQT_B02_10m"),
    "B05": ("B5", "rededge", "red_edge_1", "RedEdge1", "RE1"),
    "B08": ("B8", "NIR", "nir_1", "near_infrared"),
    "B8A": ("b8a", "nir08", "nir_narrow", "NIR2", "band_8A", "B8A_20m"),
    "B11": ("swir16", "SWIR1", "swir_1"),
    "B12": ("swir22", "SWIR_2"),
    "VV": ("vv", "sigma0_VV", "Gamma0_VV_db", "S1_VV"),
    "SCL": ("scl", "scene_classification", "SCL_20m"),
    "mask": ("cloud_mask", "CloudMask", "clouds"),
    "clear": ("clear", "valid_mask", "isvalid"),
    "": (
        "B01",
        "B09",
        "B10",
        "NDVI",
        "VV_VH",
        "B04_std",
        "view_zenith",
        "redness",
        "covered",
        "landcover",
        "time",
        "QA60",
    ),
}


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in SPELLED.items() for name in names])
def test_a_name_is_read_as_the_field_means_it(role, name) -> None:
    assert role_of(name) == role


def test_our_own_names_are_themselves() -> None:
    assert [role_of(band) for band in S2_BANDS] == list(S2_BANDS)
