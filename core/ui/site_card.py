"""What is known of a site, at a glance."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.schema import SiteInfo


def badge(site: SiteInfo) -> str:
    """What must not be missed about a site, as Markdown: that it is simulated, or that it has no data."""
    return {"simulated": ":green-badge[simulated]", "place": ":gray-badge[no data yet]"}.get(site.kind, "")


def site_card(site: SiteInfo) -> None:
    """Title, badge, description and facts."""
    with st.container(border=True, height="stretch", key="site_card"):
        st.markdown(f"#### {site.title.removesuffix(' (simulated)')} {badge(site)}")
        if site.description:
            st.caption(site.description)
        rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts(site).items())
        st.html(f"<dl class='fx-facts'>{rows}</dl>")
        if site.kind == "place":
            _bring_data()


def facts(site: SiteInfo) -> dict[str, str]:
    """Name -> text of what is known of a site; what is unknown is left out."""
    found = {"Class": site.class_name, "Place": _place(site)}
    if site.has_data:
        found |= {
            "Area": f"{site.area_ha:.0f} ha, {site.shape[0]} × {site.shape[1]} pixels of {site.pixel_m:g} m",
            "Dates": f"{site.start} to {site.end}: {site.optical_dates} optical, {site.radar_dates} radar",
            "Clear": _clear(site),
            "Tower": _tower(site),
        }
    if site.kind in ("archive", "files"):  # of the others the badge says it
        found["Source"] = site.provenance
    return {name: text for name, text in (found | {"Licence": site.licence}).items() if text}


def _place(site: SiteInfo) -> str:
    north, east = ("N" if site.lat >= 0 else "S"), ("E" if site.lon >= 0 else "W")
    height = "" if site.elevation_m is None else f", {site.elevation_m:.0f} m above sea level"
    return f"{abs(site.lat):.4f}° {north}, {abs(site.lon):.4f}° {east}{height}"


def _clear(site: SiteInfo) -> str:
    if site.clear_share is None:
        return ""
    return f"{100 * site.clear_share:.0f} % of the optical record, {100 - 100 * site.clear_share:.0f} % under cloud"


def _tower(site: SiteInfo) -> str:
    if not site.tower_days:
        return "no tower series"
    return f"{site.tower_start} to {site.tower_end}: GPP measured on {site.tower_days} days"


def _bring_data() -> None:
    st.markdown(
        "**A place to bring data for.** There are no pictures and no tower series of it here yet. **Add a site** above "
        "fetches pictures of it from a public archive, or takes yours."
    )
