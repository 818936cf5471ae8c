import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import spectrum
from core.palette import DARK, LIGHT
from core.schema import S2_BANDS

TIMES = np.datetime64("2020-01-10", "ns") + np.arange(73) * np.timedelta64(10, "D")  # two years


@pytest.fixture
def reflectance() -> np.ndarray:
    """Summer is bright in the near infrared, winter is not; date 20 is cloudy."""
    summer = np.isin(TIMES.astype("datetime64[M]").astype(int) % 12 + 1, (6, 7, 8))
    spectra = np.tile(np.linspace(0.05, 0.2, 10, dtype=np.float32), (73, 1))
    spectra[summer, 3:8] += 0.3
    spectra[20] = np.nan
    return spectra


def named(figure: go.Figure, name: str) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.name == name]


def test_it_draws_the_observation_at_its_wavelengths(reflectance: np.ndarray) -> None:
    visible, shortwave = named(spectrum(TIMES, reflectance, cursor="2020-07-08"), "2020-07-08")
    assert list(visible.text) + list(shortwave.text) == list(S2_BANDS)
    assert visible.x[0] == 492.4  # nm, B02
    assert list(shortwave.x) == [1613.7, 2202.4]
    np.testing.assert_allclose([*visible.y, *shortwave.y], reflectance[18])


def test_the_seasons_are_medians_of_their_months(reflectance: np.ndarray) -> None:
    figure = spectrum(TIMES, reflectance, cursor="2020-07-08")
    nir = {name: named(figure, name)[0].y[6] for name in ("Dec–Feb", "Jun–Aug")}  # B08
    assert nir["Jun–Aug"] - nir["Dec–Feb"] == pytest.approx(0.3)


def test_the_broken_axis_is_one_axis_in_the_legend(reflectance: np.ndarray) -> None:
    figure = spectrum(TIMES, reflectance, cursor="2020-07-08")
    shown = [trace.name for trace in figure.data if trace.showlegend is not False]
    assert shown == ["80 % of dates", "Dec–Feb", "Mar–May", "Jun–Aug", "Sep–Nov", "2020-07-08"]
    assert figure.layout.xaxis.range[1] < figure.layout.xaxis2.range[0]


def test_a_cloudy_date_is_said_to_be_one(reflectance: np.ndarray) -> None:
    figure = spectrum(TIMES, reflectance, cursor="2020-07-28")
    assert not named(figure, "2020-07-28")
    assert "no clear view<br>of this pixel<br>on 2020-07-28" in [note.text for note in figure.layout.annotations]


def test_a_pixel_never_seen_draws_no_line(reflectance: np.ndarray) -> None:
    assert len(spectrum(TIMES, reflectance * np.nan, cursor="2020-07-28").data) == 0


def test_units_stand_at_the_axes(reflectance: np.ndarray) -> None:
    layout = spectrum(TIMES, reflectance, cursor="2020-07-08").layout
    assert (layout.xaxis.title.text, layout.yaxis.title.text) == ("wavelength (nm)", "reflectance (1)")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_observation_has_the_colour_of_observations(reflectance: np.ndarray, theme: object) -> None:
    figure = spectrum(TIMES, reflectance, cursor="2020-07-08", theme=theme)
    assert named(figure, "2020-07-08")[0].marker.color == theme.observed
    assert figure.layout.font.color == theme.text
