"""What is on the screen as files: written into the workspace's folder of exports, and to be downloaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.clustering.basis import FeatureSpec
from core.export.classes import ClassLayer, export_polygons, export_raster, export_table, export_words
from core.export.similar import export_similarity
from core.labelling.files import export_labels
from core.labelling.labels import Labels
from core.store import Run, explained
from core.ui import loaders as sites
from core.ui import messages
from core.ui.clusters import loaders
from core.ui.clusters.choices import current
from core.ui.clusters.similar import Similar
from core.ui.embed.loaders import Embedding

SMALL = 50_000_000  # bytes: a file of at most this can be downloaded by a button
HOLDS = {
    ".tif": "The map as a GeoTIFF: a number a pixel.",
    ".gpkg": "The map as polygons, a class each with its name and area: GeoPackage, for QGIS.",
    ".parquet": "The same polygons as GeoParquet, for R and Python.",
    ".csv": "A row a class: name, pixels, area in hectares, share.",
    ".txt": "How the map was made, in words to cite.",
    ".geojson": "Your labels, to be brought again or used elsewhere.",
}
FOREIGN = "Written beside the map by another program."


def layer_files(run: Run, layer: ClassLayer, name: str, *, labels: Labels | None = None) -> None:
    """Raster with its colours, polygons, table and text of a map; beside them the labels it was learnt from."""
    folder, stem = _folder(run), f"{name}-{_digest(layer)}"

    def write() -> None:
        export_raster(layer, folder / f"{stem}.tif", overwrite=True)
        export_polygons(layer, folder / f"{stem}.gpkg", overwrite=True)
        export_polygons(layer, folder / f"{stem}.parquet", overwrite=True)
        export_table(layer, folder / f"{stem}.csv", overwrite=True)
        export_words(layer, folder / f"{stem}.txt", overwrite=True)
        if labels is not None:
            export_labels(labels, folder / f"{stem}.geojson")

    kinds = "GeoTIFF, GeoPackage, GeoParquet, CSV, text" + (", labels as GeoJSON" if labels is not None else "")
    _offer(folder, stem, kinds, write)


def similarity_file(found: Embedding, similar: Similar, spec: FeatureSpec) -> None:
    """The similarity itself, below the threshold too."""
    folder, measure = _folder(found.run), current().measure
    stem = f"similar-{hashlib.blake2b(similar.values.tobytes(), digest_size=4).hexdigest()}"
    source = {key: str(found.cube.attrs.get(key, "")) for key in ("site", "model", "version", "simulated")}
    asked = {"run": found.run.id, "measure": measure, "like": similar.place, "compared_by": str(spec.to_json())}

    def write() -> None:
        path, facts = folder / f"{stem}.tif", source | asked
        export_similarity(similar.values, loaders.grid_of(found), path, facts, overwrite=True)

    _offer(folder, stem, "GeoTIFF of the similarity", write)


# ---------------------------------------------------------------- inside
def _offer(folder: Path, stem: str, kinds: str, write: Callable[[], None]) -> None:
    with st.popover("Export", help="Writes what is on the screen as files for other programs."):
        words = f"Writes the files into {folder}, and offers them for download."
        st.button(f"Write {kinds}", key=f"write {stem}", on_click=_begin, args=(folder, write), help=words)
        files = _written(folder, stem)
        if files:
            st.caption(f"In `{folder}`:")
        for file in files:
            if file.stat().st_size <= SMALL:
                st.download_button(
                    file.name,
                    file.read_bytes(),
                    file.name,
                    key=f"download {file.name}",
                    help=HOLDS.get(file.suffix, FOREIGN),
                )
            else:
                st.caption(file.name)


def _begin(folder: Path, write: Callable[[], None]) -> None:
    with messages.explained(), explained(sites.workspace().root):
        folder.mkdir(parents=True, exist_ok=True)
        write()


def _written(folder: Path, stem: str) -> Sequence[Path]:
    return sorted(folder.glob(f"{stem}*")) if folder.is_dir() else []


def _folder(run: Run) -> Path:
    return sites.workspace().root / "exports" / run.id


def _digest(layer: ClassLayer) -> str:
    """Short; another one for another map, other names or another question."""
    text = f"{loaders.digest_of(layer.codes)} {layer.entries} {dict(layer.facts)}"
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
