"""What the Clusters page stands at, as words of its link: "part similar by mean pixel 12.40".

What is as at first is left out. Names, merges and areas drawn by hand are not in it: a link reproduces the question,
not a reader's own work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from core.clustering.assign import MOST
from core.clustering.basis import BASES
from core.clustering.methods import METHODS
from core.labelling.classifiers import CLASSIFIERS
from core.schema import InputError
from core.similarity.compare import Measure
from core.ui import state
from core.ui.clusters import choices
from core.ui.clusters.atlas import Mark
from core.ui.clusters.choices import CLUSTERS, LABEL, SIMILAR, Choices

PARTS = {"clusters": CLUSTERS, "similar": SIMILAR, "label": LABEL}
MEASURES: tuple[Measure, ...] = ("cosine", "euclidean")
SHARED = ("by", "year", "from", "to", "scale")
WORDS: Mapping[str, tuple[str, ...]] = {  # of each part, besides those that all share
    CLUSTERS: ("method", "k", "smallest", "axes"),
    SIMILAR: ("measure", "threshold"),
    LABEL: ("learn",),
}


def settle(site_id: str) -> None:
    """The session's choices for this site, with what the link asks for, if it is not what we wrote there."""
    choices.settle(site_id)
    asked = state.view().clusters
    if asked == choices.current().link:
        return
    taken, problems = from_words(asked, choices.current())
    choices.change(**{name: getattr(taken, name) for name in CHANGED}, link=asked)
    for problem in problems:
        state.correct(problem)


def write() -> None:
    """Put the choices into the link."""
    words = to_words(choices.current())
    choices.change(link=words)
    state.correct(clusters=words)
    state.write_link()


def to_words(chosen: Choices) -> str:
    """The words of the part that is looked at."""
    first = _spelt(Choices(site=chosen.site))
    told = _spelt(chosen)
    names = ("part", *SHARED, *WORDS[chosen.part], "pixel")
    return " ".join(f"{name} {told[name]}" for name in names if name in told and told[name] != first.get(name))


def from_words(text: str, chosen: Choices) -> tuple[Choices, list[str]]:
    """The choices that a link asks for, what it leaves open as in `chosen`; and a sentence for what it gets wrong."""
    problems = []
    for name, word in _pairs(text):
        try:
            chosen = _taken(chosen, name, word)
        except InputError as error:
            problems.append(str(error))
    if chosen.span is not None and "" in chosen.span:
        problems.append(str(InputError("clusters", text, "names one end of a period", "give 'from' and 'to'")))
        chosen = replace(chosen, span=None)
    return chosen, problems


# ---------------------------------------------------------------- inside
def _spelt(chosen: Choices) -> dict[str, str]:
    told = {
        "part": next(word for word, part in PARTS.items() if part == chosen.part),
        "by": chosen.basis,
        "scale": "even" if chosen.standardise else "raw",
        "method": chosen.method,
        "axes": chosen.axes,
        "measure": chosen.measure,
        "learn": chosen.classifier,
    }
    if chosen.basis == "year" and chosen.year:
        told["year"] = chosen.year
    if chosen.basis == "mean" and chosen.span:
        told |= {"from": chosen.span[0], "to": chosen.span[1]}
    if METHODS[chosen.method].takes_k:
        told["k"] = str(chosen.k)
    else:
        told["smallest"] = f"{chosen.smallest:g}"
    if chosen.threshold is not None:
        told["threshold"] = f"{chosen.threshold:.2f}"
    mark = chosen.mark(chosen.part)
    if mark.kind == "pixel" and mark.pixel and chosen.part != LABEL:
        told["pixel"] = f"{mark.pixel[0]}.{mark.pixel[1]}"
    return told


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    words = text.split()
    return zip(words[::2], [*words[1::2], ""], strict=False)


def _taken(chosen: Choices, name: str, word: str) -> Choices:
    if name == "pixel":
        row, _, column = word.partition(".")
        if not (row.isdecimal() and column.isdecimal()):
            raise _wrong(name, word, "write it as 12.40")
        mark = Mark(kind="pixel", pixel=(int(row), int(column)))
        return replace(chosen, marks={**chosen.marks, chosen.part: mark})
    if name in ("from", "to"):
        start, end = chosen.span or ("", "")
        return replace(chosen, span=(word, end) if name == "from" else (start, word))
    if name not in FIELDS:
        raise _wrong(name, word, f"use {', '.join(sorted([*FIELDS, 'from', 'pixel', 'to']))}")
    field, parse = FIELDS[name]
    changes: dict[str, Any] = {field: parse(name, word)}
    return replace(chosen, **changes)


def _wrong(name: str, word: str, remedy: str) -> InputError:
    return InputError("clusters", f"{name} {word}".strip(), "in the link is not understood", remedy)


def _one_of(known: Mapping[str, Any]) -> Callable[[str, str], Any]:
    def parse(name: str, word: str) -> Any:
        if word not in known:
            raise _wrong(name, word, f"use one of {', '.join(known)}")
        return known[word]

    return parse


def _number(low: float, high: float, kind: type[int] | type[float]) -> Callable[[str, str], Any]:
    def parse(name: str, word: str) -> Any:
        try:
            number = kind(word)
        except ValueError:
            number = kind(-1)
        if not low <= number <= high:
            raise _wrong(name, word, f"give a number from {low:g} to {high:g}")
        return number

    return parse


def _same(names: Any) -> dict[str, str]:
    return {name: name for name in names}


FIELDS: Mapping[str, tuple[str, Callable[[str, str], Any]]] = {  # word: which choice, and how it is read
    "part": ("part", _one_of(PARTS)),
    "by": ("basis", _one_of(_same(BASES))),
    "year": ("year", lambda name, word: str(_number(1900, 2200, int)(name, word))),
    "scale": ("standardise", _one_of({"even": True, "raw": False})),
    "method": ("method", _one_of(_same(METHODS))),
    "k": ("k", _number(2, MOST, int)),
    "smallest": ("smallest", _number(0.1, 50, float)),
    "axes": ("axes", _one_of(_same(("components", "neighbours")))),
    "measure": ("measure", _one_of(_same(MEASURES))),
    "threshold": ("threshold", _number(0, 1, float)),
    "learn": ("classifier", _one_of(_same(CLASSIFIERS))),
}
CHANGED = (*(field for field, _ in FIELDS.values()), "span", "marks")
