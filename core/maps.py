"""Maps that need no network: leafmap's folium backend with every script, style and outline from our own ./static.

Looks (land, sea, markers, legend) are classes in static/map.css, which follows the page's light or dark theme by
itself; so a map is drawn once, and only the ring around the chosen site is ever sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template
from leafmap.foliumap import Map

from core.assets import ASSETS
from core.schema import InputError, SiteInfo, SiteKind

OUR_LOOKS = "fluxscape_css"
OURS: Mapping[str, str] = {  # what folium and leafmap ask for by name -> our copy
    "leaflet": f"{ASSETS}/leaflet/leaflet.js",
    "leaflet_css": f"{ASSETS}/leaflet/leaflet.css",
    "jquery": f"{ASSETS}/jquery/jquery.min.js",
    "Control.Fullscreen.js": f"{ASSETS}/fullscreen/Control.FullScreen.js",
    "Control.FullScreen.css": f"{ASSETS}/fullscreen/Control.FullScreen.css",
    OUR_LOOKS: f"{ASSETS}/map.css",
}
NOT_NEEDED = frozenset(  # Bootstrap and icon fonts: no map of ours uses them
    {
        "bootstrap",
        "bootstrap_css",
        "glyphicons_css",
        "awesome_markers",
        "awesome_markers_css",
        "awesome_markers_font_css",
        "awesome_rotate_css",
    }
)
LOOKS: Mapping[SiteKind, str] = {  # CSS class of a site's marker
    "simulated": "fx-simulated",
    "archive": "fx-stored",
    "files": "fx-stored",
    "place": "fx-place",
}
LEGEND: Mapping[str, str] = {
    "fx-simulated": "demo site, simulated",
    "fx-stored": "site with data",
    "fx-place": "flux tower, bring data",
}
LINKS = ("default_js", "default_css")  # where folium keeps the addresses an element needs
FOOT = 46  # CSS px at the lower edge of a map, for scale and legend
REACH = 0.05  # degrees; a click further than this from every site chooses none


OUTLINES = "Country outlines"
ONLINE: Mapping[str, tuple[str, str]] = {  # offered, never fetched unless chosen: address of the tiles, attribution
    "OpenStreetMap (online)": (
        "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        "&copy; OpenStreetMap contributors",
    ),
    "Satellite (online)": (
        "https://server.arcgisonline.com/ArcGIS/rest/services/World_Imagery/MapServer/tile/{z}/{y}/{x}",
        "Esri, Maxar, Earthstar Geographics",
    ),
}


class _Outlines(MacroElement):
    """Land and country borders under everything else, fetched by the browser once and kept in its cache."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        {{ this.map_name() }}.attributionControl.setPrefix("Leaflet");
        {{ this.map_name() }}.createPane("outlines").style.zIndex = 250;
        fetch({{ this.url|tojavascript }}).then((answer) => answer.json()).then((outlines) => L.geoJSON(outlines, {
            pane: "outlines",
            interactive: false,
            attribution: "Natural Earth",
            style: (part) => ({weight: 1, className: "fx-" + part.properties.name}),
        }).addTo({{ this._parent.get_name() }}));
        {% endmacro %}
    """)
    url = f"{ASSETS}/borders/borders.json"

    def map_name(self) -> str:
        """Its parent is a group of layers, whose parent is the map."""
        return self._parent._parent.get_name()  # type: ignore[union-attr]


class _Furniture(MacroElement):
    """Scale bar and legend. The keyboard passes over the markers: it has the list of sites, which is as long."""

    _template = Template("""
        {% macro script(this, kwargs) %}
        {{ this._parent.get_name() }}.on("layeradd", ({layer}) => layer._path?.setAttribute("tabindex", "-1"));
        {{ this._parent.get_name() }}.eachLayer((layer) => layer._path?.setAttribute("tabindex", "-1"));
        L.control.scale({imperial: false}).addTo({{ this._parent.get_name() }});
        {{ this._parent.get_name() }}.addControl(Object.assign(L.control({position: "bottomright"}), {
            onAdd: () => Object.assign(L.DomUtil.create("div", "fx-legend"), {innerHTML: {{ this.rows|tojavascript }}}),
        }));
        {% endmacro %}
    """)

    def __init__(self, entries: Mapping[str, str]) -> None:
        super().__init__()
        self._name = "Furniture"
        self.rows = "".join(f'<div><i class="{look}"></i>{text}</div>' for look, text in entries.items())


def site_map(sites: Sequence[SiteInfo]) -> Map:
    """A map of all sites, each a CircleMarker whose look tells what kind of site it is."""
    leaf = ground_map()
    for site in sorted(sites, key=lambda site: site.kind == "place", reverse=True):  # sites with data on top
        _marker(site, look=LOOKS[site.kind], radius=4 if site.kind == "place" else 7).add_to(leaf)
    present = {LOOKS[site.kind] for site in sites}
    _Furniture({look: text for look, text in LEGEND.items() if look in present}).add_to(leaf)
    leaf.fit_bounds(_bounds(sites), padding_top_left=(12, 12), padding_bottom_right=(12, FOOT))
    return offline(leaf)


def ground_map() -> Map:
    """A map of country outlines, and of online maps for whoever chooses them."""
    leaf = Map(tiles=None, layers_control=False, scale_control=False, world_copy_jump=True, zoom_snap=0.25)
    leaf.default_css = [*leaf.default_css, (OUR_LOOKS, OURS[OUR_LOOKS])]
    outlines = folium.FeatureGroup(name=OUTLINES, overlay=False).add_to(leaf)
    _Outlines().add_to(outlines)
    for name, (url, attribution) in ONLINE.items():
        folium.TileLayer(tiles=url, attr=attribution, name=name, show=False).add_to(leaf)
    folium.LayerControl().add_to(leaf)
    return leaf


def chosen_site(site: SiteInfo | None) -> folium.FeatureGroup:
    """The ring around the chosen site: what changes on a map that is already on the screen."""
    ring = folium.FeatureGroup(name="chosen site")
    if site is not None:
        _marker(site, look="fx-chosen", radius=9).add_to(ring)
    return ring


def asked_place(
    place: tuple[float, float] | None, corners: tuple[float, float, float, float] | None
) -> folium.FeatureGroup:
    """A place (latitude, longitude) that a site is asked for, and its box: west, south, east, north in degrees."""
    group = folium.FeatureGroup(name="asked place")
    if place is not None:
        folium.CircleMarker(place, radius=9, weight=3, class_name="fx-chosen").add_to(group)
    if corners is not None:
        west, south, east, north = corners
        folium.Rectangle([(south, west), (north, east)], weight=2, class_name="fx-chosen").add_to(group)
    return group


def site_at(sites: Sequence[SiteInfo], *, lat: float, lon: float) -> SiteInfo | None:
    """The site whose marker was clicked at (lat, lon) degrees, or None where there is none."""
    nearest = min(sites, key=lambda site: _degrees(site, lat, lon), default=None)
    return nearest if nearest and _degrees(nearest, lat, lon) <= REACH else None


def addresses(leaf: Map) -> list[str]:
    """Every address from which the map, as it is first shown, makes the browser fetch something."""
    links = [url for part in _parts(leaf) for kind in LINKS for _, url in getattr(part, kind, [])]
    tiles = [part.tiles for part in _parts(leaf) if isinstance(part, folium.TileLayer) and part.show]
    outlines = [part.url for part in _parts(leaf) if isinstance(part, _Outlines)]
    return sorted({*links, *tiles, *outlines})


# ---------------------------------------------------------------- inside
def _marker(site: SiteInfo, *, look: str, radius: float) -> folium.CircleMarker:
    label = f"{site.id} · {site.class_name}" + (" · simulated" if site.simulated else "")
    return folium.CircleMarker((site.lat, site.lon), radius=radius, weight=2, class_name=look, tooltip=label)


def _bounds(sites: Sequence[SiteInfo]) -> list[tuple[float, float]]:
    """South-west and north-east corner around all sites; Europe where there is none."""
    if not sites:
        return [(36.0, -10.0), (68.0, 32.0)]
    lats, lons = [site.lat for site in sites], [site.lon for site in sites]
    return [(min(lats), min(lons)), (max(lats), max(lons))]


def _degrees(site: SiteInfo, lat: float, lon: float) -> float:
    return max(abs(site.lat - lat), abs(site.lon - lon))


def offline(leaf: Map) -> Map:
    """Point every script and style to our copy; one we have no copy of is refused here, not in the browser."""
    for part in _parts(leaf):
        for kind in LINKS:
            if links := getattr(part, kind, []):
                setattr(part, kind, [(name, _our_copy(name, url)) for name, url in links if name not in NOT_NEEDED])
    return leaf


def _our_copy(name: str, url: str) -> str:
    if name not in OURS:
        raise InputError("map element", url, "is only on the internet", "add a copy to ./static and name it in OURS")
    return OURS[name]


def _parts(element: Any) -> Iterator[Element]:
    yield element
    for child in element._children.values():
        yield from _parts(child)
