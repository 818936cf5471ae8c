"""Years of one place, or of two, against each other, and how far two embeddings agree."""

from __future__ import annotations

import streamlit as st

from core.figures.trajectories_years import year_matrix
from core.trajectories.compare import Comparison
from core.trajectories.distance import year_distances
from core.ui import chart
from core.ui.trajectories.choices import current, follows
from core.ui.trajectories.places import Drawn

MEASURES = {"dtw": "shape, whatever its timing (time warping)", "area": "day by day (area between the curves)"}


def draw(drawn: Drawn) -> None:
    """The matrix of distances; with a second place its years too."""
    found = year_distances(drawn.paths)
    left, right = st.columns((11, 9), gap="medium")
    with right:
        words = "How two years are told apart: by their shape, an early spring being no difference, or day by day."
        st.selectbox("Distance", list(MEASURES), format_func=MEASURES.__getitem__, **follows("measure"), help=words)
        _tell(drawn.agreement)
        for remark in found.remarks:
            st.caption(remark)
    with left:
        chart.draw(year_matrix(found, measure=current().measure, theme=chart.theme()), key="year matrix")
        st.caption("In units of the embedding, a step or a day; pale: alike. Empty: too few days shared.")


def _tell(agreement: Comparison | None) -> None:
    if agreement is None:
        return
    turned = agreement.alignment
    words = f"Agreement of the two paths (CKA) on {len(agreement.times)} common dates: **{agreement.agreement:.2f}**"
    st.markdown(f"{words} (1: the same but for shift, scale and rotation).")
    if turned is not None:
        words = "Another model, turned onto this one (Procrustes)"
        st.markdown(f"{words}: it explains **{100 * turned.explained:.0f} %** of the path.")
    for remark in agreement.remarks:
        st.caption(remark)
