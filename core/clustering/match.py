"""Clusters keep their number, and with it colour and name, when k, the method or the date changes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.clustering.assign import NONE, ClusterMap, Clusters
from core.schema import InputError


class Matched(NamedTuple):
    """Clusters under the numbers of those before, and what came and went."""

    clusters: Clusters
    vanished: tuple[int, ...]  # numbers of before that no cluster has now
    new: tuple[int, ...]  # numbers that no cluster had before


def keep_numbers(clusters: Clusters, before: ClusterMap | None) -> Matched:
    """Give each cluster the number of the one before that it shares most pixels with.

    Pairs are chosen so that all together share the most pixels, each number once. A cluster without a pair gets the
    lowest number that was not in use before, so that no number changes its meaning.
    """
    if before is None:
        return Matched(clusters, (), clusters.ids)
    if before.shape != clusters.labels.shape:
        sizes = f"{before.shape[0]} x {before.shape[1]}"
        raise InputError("clusters before", sizes, "are of another area", "start without them")
    labels, old = clusters.labels, [int(label) for label in np.unique(before) if label > NONE]
    numbers = _paired(clusters, before, old)
    free = iter(
        number for number in range(1, len(old) + len(clusters.ids) + max(old, default=0) + 1) if number not in old
    )
    new = {cluster: next(free) for cluster in clusters.ids if cluster not in numbers}
    table = {**numbers, **new}
    renumbered = labels.copy()
    for cluster, number in table.items():
        renumbered[labels == cluster] = number
    vanished = tuple(sorted(set(old) - set(table.values())))
    return Matched(clusters.renumbered(renumbered), vanished, tuple(sorted(new.values())))


def _paired(clusters: Clusters, before: ClusterMap, old: list[int]) -> dict[int, int]:
    from scipy.optimize import linear_sum_assignment

    if not old or not clusters.ids:
        return {}
    ids = list(clusters.ids)
    both = (clusters.labels > NONE) & (before > NONE)
    pairs = (np.searchsorted(ids, clusters.labels[both]), np.searchsorted(old, before[both]))
    shared = np.zeros((len(ids), len(old)))
    np.add.at(shared, pairs, 1)
    rows, columns = linear_sum_assignment(shared, maximize=True)
    chosen = zip(rows, columns, strict=True)
    return {ids[row]: old[column] for row, column in chosen if shared[row, column] > 0}
