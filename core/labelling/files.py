"""Labels on disk: one GeoJSON file a site, which any map program opens, replaced whole at every change.

    <workspace>/labels/<site id>.geojson

Coordinates are longitude and latitude (RFC 7946). What can be undone stands beside them as a member of our own, which
other programs ignore. Labels are not inside the site's folder: that never changes, as results name it by its digest.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.frames import Grid
from core.labelling.labels import Kind, Label, Labels, checked, touches
from core.schema import FormatError, InputError, WorkspaceError
from core.store import LABELS, Workspace, check_name, explained, write_json

SUFFIX = ".geojson"
OURS = "fluxscape"  # the member that holds the CRS of the site and what can be undone
LATLON = "EPSG:4326"
DIGITS = 9  # of a degree: 0.1 mm
LARGEST = 50_000_000  # bytes of a file that is read
CLASS_KEYS = ("class", "label", "class_name", "name")  # what others call the class of a feature


def labels_path(workspace: Workspace, site_id: str) -> Path:
    return workspace.root / LABELS / f"{check_name(site_id, argument='site')}{SUFFIX}"


def load_labels(workspace: Workspace, site_id: str, *, crs: str) -> Labels:
    """The labels of a site; none if there are none yet."""
    path = labels_path(workspace, site_id)
    if not path.exists():
        return Labels(site=site_id, crs=crs)
    data = _read(path)
    past = data.get(OURS, {}).get("past", [])
    try:
        items = _labels(data, crs)
        earlier = tuple(_labels({"features": state}, crs) for state in past)
    except (KeyError, TypeError, ValueError) as error:
        raise WorkspaceError("labels", path.name, "are damaged", "move the file away or repair it") from error
    return Labels(site=site_id, crs=crs, items=items, past=earlier)


def save_labels(workspace: Workspace, labels: Labels) -> Path:
    """Store the labels with what can be undone; a crash leaves the old file or the new one."""
    path = labels_path(workspace, labels.site)
    with explained(workspace.root):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, _geojson(labels) | {OURS: {"past": [_features(state, labels.crs) for state in labels.past]}})
    return path


def export_labels(labels: Labels, path: Path) -> Path:
    """The labels alone as GeoJSON, without what can be undone."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(_geojson(labels), indent=1), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError("path", str(path), f"cannot be written ({reason})", "name another file") from error
    return path


def import_labels(labels: Labels, path: Path, *, grid: Grid, class_key: str | None = None) -> tuple[Labels, int]:
    """With the labels of a GeoJSON file added as one change; and how many were left out as they lie elsewhere."""
    data = _read(path)
    try:
        found = _labels(data, labels.crs, class_key=class_key)
    except (KeyError, TypeError, ValueError) as error:
        keys = class_key or " or ".join(CLASS_KEYS)
        remedy = f"give points and polygons with the property {keys}"
        raise FormatError("path", str(path), "is no GeoJSON of labels", remedy) from error
    here = [label for label in found if touches(label, grid)]
    if not here:
        raise InputError("path", str(path), "holds no label within the site", "choose the labels of this place")
    first = 1 + max((label.id for state in (labels.items, *labels.past) for label in state), default=0)
    numbered = tuple(label._replace(id=first + place) for place, label in enumerate(here))
    return labels.changed((*labels.items, *numbered)), len(found) - len(here)


# ---------------------------------------------------------------- GeoJSON
def _geojson(labels: Labels) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "name": f"labels of {labels.site}",
        "features": _features(labels.items, labels.crs),
    }


def _features(items: tuple[Label, ...], crs: str) -> list[dict[str, Any]]:
    if not items:
        return []
    corners = _moved(np.concatenate([np.array(label.vertices) for label in items]), crs, LATLON)
    parts = np.split(np.round(corners, DIGITS), np.cumsum([len(label.vertices) for label in items])[:-1])
    return [_feature(label, part.tolist()) for label, part in zip(items, parts, strict=True)]


def _feature(label: Label, corners: list[list[float]]) -> dict[str, Any]:
    coordinates: Any = corners[0] if label.kind == "Point" else [[*corners, corners[0]]]
    return {
        "type": "Feature",
        "id": label.id,
        "properties": {"class": label.class_name},
        "geometry": {"type": label.kind, "coordinates": coordinates},
    }


def _labels(data: Mapping[str, Any], crs: str, *, class_key: str | None = None) -> tuple[Label, ...]:
    """Raises KeyError, TypeError or ValueError for what is no label."""
    raw: list[tuple[int, str, Kind, list[Any]]] = []
    for feature in data["features"]:
        properties, geometry = feature["properties"], feature["geometry"]
        named = [properties[key] for key in ([class_key] if class_key else CLASS_KEYS) if key in properties]
        if not named:
            raise KeyError("class")
        raw += [(int(feature.get("id", 0)), str(named[0]), *part) for part in _simple(geometry)]
    if not raw:
        return ()
    corners = _moved(np.array([corner[:2] for *_, part in raw for corner in part], dtype=float), LATLON, crs)
    if not np.isfinite(corners).all():
        raise ValueError("coordinates")
    parts = np.split(corners, np.cumsum([len(part) for *_, part in raw])[:-1])
    return tuple(
        checked(number, name, kind, [(float(x), float(y)) for x, y in part])
        for (number, name, kind, _), part in zip(raw, parts, strict=True)
    )


def _simple(geometry: Mapping[str, Any]) -> list[tuple[Kind, list[Any]]]:
    """Points and outer rings, without the repeated last corner."""
    kind, corners = geometry["type"], geometry["coordinates"]
    if kind == "Point":
        return [("Point", [corners])]
    if kind == "MultiPoint":
        return [("Point", [corner]) for corner in corners]
    if kind == "Polygon":
        return [("Polygon", corners[0][:-1])]
    if kind == "MultiPolygon":
        return [("Polygon", part[0][:-1]) for part in corners]
    raise ValueError(kind)


def _moved(corners: np.ndarray, source: str, target: str) -> np.ndarray:
    from pyproj import Transformer
    from pyproj.exceptions import CRSError

    try:
        transformer = Transformer.from_crs(source, target, always_xy=True)
    except CRSError as error:
        remedy = "use an embedding with a CRS"
        raise InputError("labels", source or target, "cannot be placed on the globe", remedy) from error
    return np.stack(transformer.transform(corners[:, 0], corners[:, 1]), axis=1)


def _read(path: Path) -> dict[str, Any]:
    remedy = "give a GeoJSON file of points and polygons"
    try:
        if path.stat().st_size > LARGEST:
            raise FormatError("path", str(path), f"is larger than {LARGEST / 1e6:.0f} MB", remedy)
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError("path", str(path), f"cannot be read ({error.strerror})", remedy) from error
    except (ValueError, RecursionError) as error:
        raise FormatError("path", str(path), "is no GeoJSON", remedy) from error
    if not isinstance(data, dict) or not isinstance(data.get("features"), list):
        raise FormatError("path", str(path), "is no GeoJSON FeatureCollection", remedy)
    return data
