"""What a map of clusters says in its margin: names, colours, areas. And what a user changes of it: names, merges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from core.clustering.assign import NONE, ClusterMap, Clusters
from core.clustering.methods import NOISE
from core.frames import Grid
from core.palette import MISSING, QUALITATIVE, rgb
from core.schema import InputError, NotFoundError

NOISE_NAME, NONE_NAME = "noise", "not seen well enough"
LONGEST = 60  # letters of a name
PALER = 0.45  # how far the second round of colours goes towards white


class Entry(NamedTuple):
    """A line of the legend."""

    id: int  # cluster from 1, or NOISE or NONE
    name: str
    colour: str  # "#rrggbb"
    pixels: int
    area_ha: float | None  # None where the size of a pixel is not known
    share: float  # of all pixels of the map, 0..1


@dataclass(frozen=True, kw_only=True)
class Edits:
    """Names given and clusters merged by a user; applied to whatever clusters carry these numbers."""

    names: Mapping[int, str] = field(default_factory=dict)
    merged: Mapping[int, int] = field(default_factory=dict)  # cluster: the one it was merged into

    def rename(self, cluster: int, name: str) -> Edits:
        """An empty name takes a given one back."""
        name = " ".join(name.split())
        if len(name) > LONGEST:
            raise InputError("name", name, f"is longer than {LONGEST} letters", "shorten it")
        taken = [other for other, known in self.names.items() if known == name and other != cluster]
        if name and taken:
            raise InputError(
                "name", name, f"is the name of cluster {taken[0]} already", "choose another, or merge them"
            )
        names = {other: known for other, known in self.names.items() if other != cluster}
        return replace(self, names=names | ({cluster: name} if name else {}))

    def merge(self, clusters: Sequence[int]) -> Edits:
        """Make one of several clusters; it keeps the number of the first."""
        if len(set(clusters)) < 2:
            raise InputError("merge", list(clusters), "is no choice of clusters to merge", "choose at least two")
        into, *others = dict.fromkeys(self.target(cluster) for cluster in clusters)
        moved = {cluster: into if target in others else target for cluster, target in self.merged.items()}
        return replace(self, merged=moved | dict.fromkeys(others, into))

    def split(self, cluster: int) -> Edits:
        """Take back every merge into a cluster."""
        target = self.target(cluster)
        return replace(self, merged={other: into for other, into in self.merged.items() if into != target})

    def target(self, cluster: int) -> int:
        return self.merged.get(cluster, cluster)

    def apply(self, labels: ClusterMap) -> ClusterMap:
        """The map with merged clusters as one."""
        changed = labels.copy()
        for cluster, into in self.merged.items():
            changed[labels == cluster] = into
        return changed

    def name_of(self, cluster: int) -> str:
        fixed = {NOISE: NOISE_NAME, NONE: NONE_NAME}
        return fixed.get(cluster) or self.names.get(cluster) or f"cluster {cluster}"

    def to_json(self) -> dict[str, Any]:
        return {
            key: {str(cluster): value for cluster, value in getattr(self, key).items()} for key in ("names", "merged")
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Edits:
        names, merged = data.get("names", {}), data.get("merged", {})
        return cls(
            names={int(cluster): str(name) for cluster, name in names.items()},
            merged={int(cluster): int(into) for cluster, into in merged.items()},
        )


def edited(clusters: Clusters, edits: Edits) -> Clusters:
    """The clusters with a user's merges."""
    return replace(clusters, labels=edits.apply(clusters.labels))


def legend(clusters: Clusters, edits: Edits | None = None) -> list[Entry]:
    """A line for each cluster by number, then noise and what was not seen, where there is any."""
    edits = edits or Edits()
    labels = edits.apply(clusters.labels)
    ids, counts = np.unique(labels, return_counts=True)
    pixel_ha = area_of_pixel_ha(clusters.grid)
    entries = [
        Entry(
            id=int(cluster),
            name=edits.name_of(int(cluster)),
            colour=colour_of(int(cluster)),
            pixels=int(count),
            area_ha=None if pixel_ha is None else int(count) * pixel_ha,
            share=int(count) / labels.size,
        )
        for cluster, count in zip(ids, counts, strict=True)
    ]
    return sorted(entries, key=lambda entry: (entry.id <= NONE, entry.id))


def entry_of(entries: Sequence[Entry], cluster: int) -> Entry:
    """The line of one cluster; a cluster that is gone is said to be."""
    for entry in entries:
        if entry.id == cluster:
            return entry
    there = ", ".join(str(entry.id) for entry in entries if entry.id > NONE) or "none"
    raise NotFoundError("cluster", str(cluster), "holds no pixel now", f"choose one of: {there}")


def colour_of(cluster: int) -> str:
    """Belongs to the number. After twelve colours the same come again, paler."""
    if cluster <= NONE:
        return MISSING
    turn, place = divmod(cluster - 1, len(QUALITATIVE))
    if turn == 0:
        return QUALITATIVE[place]
    paler = (round(channel + (255 - channel) * PALER) for channel in rgb(QUALITATIVE[place]))
    return "#" + "".join(f"{channel:02x}" for channel in paler)


@lru_cache(maxsize=64)
def area_of_pixel_ha(grid: Grid) -> float | None:
    """None where the grid does not tell, or counts in degrees."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(grid.crs)
    except CRSError:
        return None
    area = grid.pixel_width * grid.pixel_height
    if not crs.is_projected or area == 0:
        return None
    unit: float = crs.axis_info[0].unit_conversion_factor  # m
    return area * unit**2 / 10_000
