"""A map of clusters or classes for other programs: raster with its colours, polygons, table, and what made it.

export_raster      cloud-optimised GeoTIFF, one byte a pixel, colour table and class names inside
export_polygons    GeoPackage (.gpkg) or GeoParquet (.parquet)
export_table       CSV: a row a class
export_words       a short text: model, run, parameters, remarks
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import core
from core.clustering.agreement import transform_of
from core.clustering.assign import NONE, Clusters
from core.clustering.legend import Edits, Entry, area_of_pixel_ha, colour_of, legend
from core.clustering.methods import METHODS, NOISE
from core.export.aside import aside
from core.frames import Grid
from core.labelling.classifiers import CLASSIFIERS
from core.labelling.classmap import ClassMap
from core.palette import rgb
from core.schema import InputError

NOISE_CODE = 255  # of the byte; 0 is "no class"
POLYGONS = {".gpkg": "GeoPackage", ".parquet": "GeoParquet"}
TILE = 256  # pixels along the side of a tile within the file


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassLayer:
    """A map as it is exported: what is on the screen."""

    codes: NDArray[np.uint8]  # (rows, cols); 0 = no class
    entries: tuple[Entry, ...]  # a line a class; `id` is its code
    grid: Grid
    facts: Mapping[str, str]  # what made it, in the order it is told
    remarks: tuple[str, ...]
    confidence: NDArray[np.float32] | None = None  # (rows, cols) 0..1, NaN where no class

    @property
    def simulated(self) -> bool:
        return self.facts.get("simulated") == "yes"


def layer_of_clusters(clusters: Clusters, edits: Edits | None = None, *, run: str = "") -> ClassLayer:
    """Clusters as they are shown; `run` is the embedding they were found in."""
    edits = edits or Edits()
    labels = edits.apply(clusters.labels)
    entries = tuple(
        entry._replace(id=NOISE_CODE if entry.id == NOISE else entry.id)
        for entry in legend(clusters, edits)
        if entry.id != NONE
    )
    spec, basis = clusters.spec, clusters.features
    facts = {
        **_of_embedding(clusters.source, run),
        "method": METHODS[spec.method].label,
        "clusters": str(spec.k),
        "seed": str(spec.seed),
        "compared by": f"{basis.basis} {basis.date or f'{basis.start} to {basis.end}'}",
        "standardised": "yes" if basis.standardise else "no",
    }
    codes = np.where(labels == NOISE, NOISE_CODE, labels).astype(np.uint8)
    return ClassLayer(codes=codes, entries=entries, grid=clusters.grid, facts=facts, remarks=clusters.remarks)


def layer_of_classes(classes: ClassMap, *, run: str = "") -> ClassLayer:
    """A class map from labels, with its confidence."""
    judgement, pixel_ha = classes.judgement, area_of_pixel_ha(classes.grid)
    entries = []
    for code, name in enumerate(classes.names, start=1):
        pixels = int((classes.classes == code).sum())
        area = None if pixel_ha is None else pixels * pixel_ha
        entries.append(Entry(code, name, colour_of(code), pixels, area, pixels / classes.classes.size))
    facts = {
        **_of_embedding(classes.source, run),
        "method": CLASSIFIERS[classes.classifier].label,
        "seed": str(classes.seed),
        "accuracy": _percent(judgement.accuracy),
        "balanced accuracy": _percent(judgement.balanced),
        "always the commonest class": _percent(judgement.majority),
        "judged on": f"{judgement.judged:,} labelled pixels, {judgement.split}",
        "labels": classes.reminder,
    }
    codes = classes.classes.astype(np.uint8)
    return ClassLayer(
        codes=codes,
        entries=tuple(entries),
        grid=classes.grid,
        facts=facts,
        remarks=classes.remarks,
        confidence=classes.confidence,
    )


def _of_embedding(source: Mapping[str, str], run: str) -> dict[str, str]:
    return {
        "site": source["site"],
        "simulated": source["simulated"],
        "embedding run": run or "not stored",
        "model": source["model"],
        "weights": source["weights"],
        "embedding version": source["version"],
        "Fluxscape": core.__version__,
    }


def _percent(share: float | None) -> str:
    return "not judged" if share is None else f"{100 * share:.1f} %"


# ---------------------------------------------------------------- files
def export_raster(layer: ClassLayer, path: Path, *, overwrite: bool = False) -> Path:
    """A cloud-optimised GeoTIFF; where there is a confidence, a second one beside it, `..._confidence.tif`."""
    import rasterio

    path = _checked(path, (".tif", ".tiff"), layer.grid)
    shared = {
        "driver": "COG",
        "count": 1,
        "height": layer.grid.rows,
        "width": layer.grid.cols,
        "crs": layer.grid.crs,
        "transform": transform_of(layer.grid),
        "compress": "DEFLATE",
        "blocksize": TILE,
        "overview_resampling": "NEAREST",
    }
    facts = {key.replace(" ", "_"): text for key, text in layer.facts.items()}
    byte = {"dtype": "uint8", "nodata": 0} | shared
    with aside(path, overwrite=overwrite, ours=_same_kind(path)) as draft, rasterio.open(draft, "w", **byte) as tiff:
        tiff.write(layer.codes, 1)
        tiff.write_colormap(1, _colours(layer))
        tiff.set_band_description(1, "class")
        tiff.update_tags(fluxscape="classes", **facts)
        tiff.update_tags(1, **{f"class_{entry.id}": entry.name for entry in layer.entries})
    if layer.confidence is not None:
        beside = path.with_name(f"{path.stem}_confidence{path.suffix}")
        real, ours = {"dtype": "float32", "nodata": np.nan} | shared, _same_kind(beside)
        with aside(beside, overwrite=overwrite, ours=ours) as draft, rasterio.open(draft, "w", **real) as tiff:
            tiff.write(layer.confidence.astype(np.float32), 1)
            tiff.set_band_description(1, "confidence 0..1")
    return path


def export_polygons(layer: ClassLayer, path: Path, *, overwrite: bool = False) -> Path:
    """Patches of one class, pixels joined along their edges; a row a patch with class, name, colour and area."""
    import geopandas as gpd
    from rasterio.features import shapes

    path = _checked(path, tuple(POLYGONS), layer.grid)
    by_code = {entry.id: entry for entry in layer.entries}
    parts = shapes(layer.codes, mask=layer.codes > 0, connectivity=4, transform=transform_of(layer.grid))
    features = [
        {"type": "Feature", "geometry": shape, "properties": _patch(by_code[int(code)])} for shape, code in parts
    ]
    if not features:
        raise InputError("map", path.name, "holds no class", "choose another date or period")
    table = gpd.GeoDataFrame.from_features(features, crs=layer.grid.crs)
    pixel_ha = area_of_pixel_ha(layer.grid)
    pixel = layer.grid.pixel_width * layer.grid.pixel_height
    table["area_ha"] = table.area / pixel * pixel_ha if pixel_ha is not None else np.nan
    table["simulated"] = layer.simulated
    with aside(path, overwrite=overwrite, ours=_same_kind(path)) as draft:
        if path.suffix.lower() == ".gpkg":
            table.to_file(draft, layer="classes", driver="GPKG", engine="pyogrio")
        else:
            table.to_parquet(draft, index=False)
    return path


def export_table(
    layer: ClassLayer, path: Path, more: Mapping[int, Mapping[str, float]] | None = None, *, overwrite: bool = False
) -> Path:
    """A row a class: code, name, colour, pixels, area, share; `more` adds columns by code, such as a mean spectrum."""
    path = _checked(path, (".csv",))
    more = dict(more or {})
    if layer.confidence is not None:
        for entry in layer.entries:
            known = layer.confidence[layer.codes == entry.id]
            more[entry.id] = {"mean_confidence": float(known.mean()) if known.size else float("nan")} | dict(
                more.get(entry.id, {})
            )
    extra = list(dict.fromkeys(column for columns in more.values() for column in columns))
    with aside(path, overwrite=overwrite, ours=_same_kind(path)) as draft, draft.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["code", "name", "colour", "pixels", "area_ha", "share", *extra])
        for entry in layer.entries:
            area = "" if entry.area_ha is None else f"{entry.area_ha:.4f}"
            known = more.get(entry.id, {})
            values = [f"{known[column]:.6g}" if column in known else "" for column in extra]
            row = [entry.id, _plain(entry.name), entry.colour, entry.pixels, area, f"{entry.share:.6f}", *values]
            writer.writerow(row)
    return path


def export_words(layer: ClassLayer, path: Path, *, overwrite: bool = False) -> Path:
    path = _checked(path, (".txt", ".md"))
    with aside(path, overwrite=overwrite, ours=_same_kind(path)) as draft:
        draft.write_text(words(layer), encoding="utf-8")
    return path


def words(layer: ClassLayer) -> str:
    """What made the map, for whoever finds the files."""
    lines = ["Simulated data: no measurement of any real place.", ""] if layer.simulated else []
    lines += [f"{key}: {text}" for key, text in layer.facts.items() if key != "simulated"]
    lines += ["", *layer.remarks] if layer.remarks else []
    lines += ["", "Raster codes: 0 no class" + (f", {NOISE_CODE} noise" if _has_noise(layer) else "")]
    return "\n".join([*lines, *(f"{entry.id}: {entry.name}" for entry in layer.entries)]) + "\n"


def _has_noise(layer: ClassLayer) -> bool:
    return any(entry.id == NOISE_CODE for entry in layer.entries)


def _patch(entry: Entry) -> dict[str, Any]:
    return {"code": entry.id, "class": entry.name, "colour": entry.colour}


def _colours(layer: ClassLayer) -> dict[int, tuple[int, int, int, int]]:
    table = dict.fromkeys(range(256), (0, 0, 0, 0))
    return table | {entry.id: (*rgb(entry.colour), 255) for entry in layer.entries}


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in tuple("=+-@\t\r") else name


def _checked(path: Path, endings: Sequence[str], grid: Grid | None = None) -> Path:
    """The path, if its ending fits; `grid` of what must say where it lies."""
    path = Path(path).expanduser()
    if path.suffix.lower() not in endings:
        raise InputError("path", str(path), "has an ending that does not fit", f"use one of {', '.join(endings)}")
    if grid is not None and not grid.crs:
        raise InputError("map", path.name, "has no CRS", "use an embedding that says where it lies")
    return path


def _same_kind(path: Path) -> Any:
    return lambda old: old.is_file() and old.suffix == path.suffix
