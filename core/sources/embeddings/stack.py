"""What a reader hands on: images of one model on one grid, at one or more dates, read where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Read = Callable[[slice, slice, slice], Floats]  # dates, rows, columns of the stack -> values (..., t, h, w)


class Maker(NamedTuple):
    """What made an embedding; "" where a file does not say."""

    model: str = ""
    preset: str = ""
    version: str = ""
    weights_digest: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.model, self.preset, self.version, self.weights_digest[:12]) if part)


class Layer(NamedTuple):
    """A trust layer: values (t, h, w) and what it says of itself."""

    read: Read
    attrs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Stack:
    """T images of D values on an evenly spaced grid, in the file's own order of rows and columns."""

    name: str  # of the file, as the user knows it
    maker: Maker
    times: NDArray[np.datetime64]  # (T,), strictly increasing
    y: NDArray[np.float64]  # pixel centres in the file's own order
    x: NDArray[np.float64]
    crs: str  # "" where the file states none
    size: int  # D
    read: Read  # values (D, t, h, w), NaN where missing
    layers: Mapping[str, Layer] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)  # kept with the result: licence, provenance, simulated, ...
    years: bool = False  # each image is of the whole year around its date
    unit_length: bool = False  # the model's vectors have length 1
    remarks: tuple[str, ...] = ()  # what is odd about the file, a sentence without its subject each

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the pixels' outer edges, in the file's own CRS."""
        half_y, half_x = abs(step(self.y)) / 2, abs(step(self.x)) / 2
        return self.x.min() - half_x, self.y.min() - half_y, self.x.max() + half_x, self.y.max() + half_y

    @property
    def lattice(self) -> tuple[object, ...]:
        """Stands for where the pixels lie: equal for the images of one grid."""
        return self.crs, *(part for axis in (self.y, self.x) for part in (len(axis), axis[0], axis[-1]))

    @property
    def simulated(self) -> bool:
        return bool(self.attrs.get("simulated", 0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """All that was given: stacks of one maker and one number of values, with a CRS each."""

    form: str  # what the files are, in words
    stacks: tuple[Stack, ...]
    digest: str  # of the content of all files
    remarks: tuple[str, ...]  # whole sentences

    @property
    def maker(self) -> Maker:
        return self.stacks[0].maker

    @property
    def size(self) -> int:
        """D, values of an embedding."""
        return self.stacks[0].size

    @property
    def times(self) -> NDArray[np.datetime64]:
        """Every date once, in order."""
        return np.unique(np.concatenate([stack.times for stack in self.stacks]))


def step(axis: NDArray[np.float64]) -> float:
    """Distance from one pixel centre to the next, negative where the axis descends; 0 of a single one."""
    return float((axis[-1] - axis[0]) / (len(axis) - 1)) if len(axis) > 1 else 0.0


def together(sentences: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """(file, predicate) pairs as sentences, those that share a predicate in one: "'a.tif' and 2 more were turned."."""
    by_predicate: dict[str, list[str]] = {}
    for name, predicate in sentences:
        by_predicate.setdefault(predicate, []).append(name)
    return tuple(
        f"'{names[0]}'{f' and {len(names) - 1} more' if len(names) > 1 else ''}: {predicate}."
        for predicate, names in by_predicate.items()
    )
