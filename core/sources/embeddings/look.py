"""What is given, read as far as its description: stacks of one maker and one number of values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.schema import FormatError, InputError
from core.sources.embeddings import dates
from core.sources.embeddings.cubes import read_cube
from core.sources.embeddings.files import Found, Kind, digest, find
from core.sources.embeddings.grid import check_axes, oddities, same_place
from core.sources.embeddings.rasters import read_raster
from core.sources.embeddings.stack import Source, Stack, together
from core.sources.embeddings.tessera import land_of, read_tile, scales_of
from core.store import content_digest

UNKNOWN = "unknown"  # model that neither a file nor the user names


def gather(paths: Sequence[Path | str], *, model: str | None = None, date: str | None = None) -> Source:
    """What the files hold; no pixel is read. Files that do not belong together are refused by name."""
    moment = dates.written(date) if date else None
    found = find(paths)
    stacks = [_named(_read(item, model, moment), model) for item in found]
    for stack in stacks:
        check_axes(stack)
    _check_belong_together(stacks)
    _check_dates(stacks)
    return Source(
        form=_form(found[0], stacks[0]),
        stacks=tuple(stacks),
        digest=_digest(found),
        remarks=(*together([(stack.name, said) for stack in stacks for said in _odd(stack)]), *_general(stacks)),
    )


def _read(found: Found, model: str | None, moment: dates.Moment | None) -> Stack:
    if found.kind is Kind.GEOTIFF:
        return read_raster(found.path, model=model, moment=moment)
    if found.kind is Kind.NUMPY:
        return read_tile(found.path, moment=moment)
    return read_cube(found, moment=moment)


def _named(stack: Stack, model: str | None) -> Stack:
    """The stack with a model's name: the file's own, else the user's."""
    stated = stack.maker.model
    if stated and model and stated.lower() != model.lower():
        raise InputError("model", model, f"is not what {stack.name} says made it: {stated}", "leave --model out")
    return replace(stack, maker=stack.maker._replace(model=stated or model or UNKNOWN))


def _check_belong_together(stacks: Sequence[Stack]) -> None:
    first = stacks[0]
    for stack in stacks[1:]:
        if stack.maker != first.maker:
            problem = f"is made by {stack.maker}, {first.name} by {first.maker}: embeddings of different models or "
            raise FormatError("path", stack.name, f"{problem}versions do not mix", "load them one at a time")
        if stack.size != first.size:
            problem = f"holds {stack.size} values a pixel, {first.name} {first.size}"
            raise FormatError("path", stack.name, problem, "load them one at a time")


def _check_dates(stacks: Sequence[Stack]) -> None:
    """Refuse two images of one place and date; neighbours of one date are joined."""
    by_time: dict[np.datetime64, list[Stack]] = {}
    for stack in stacks:
        for moment in stack.times:
            for other in by_time.setdefault(moment, []):
                if same_place(stack, other):
                    problem = f"is of the same place and date, {moment.astype('datetime64[D]')}, as {other.name}"
                    raise FormatError("path", stack.name, problem, "keep one of them, or name files by their dates")
            by_time[moment].append(stack)


def _odd(stack: Stack) -> Iterator[str]:
    yield from oddities(stack)
    yield from stack.remarks


def _general(stacks: Sequence[Stack]) -> Iterator[str]:
    if stacks[0].maker.model == UNKNOWN:
        yield "No file names its model: give one with --model, so that embeddings of different models are told apart."
    years = sorted({str(day)[:4] for stack in stacks if stack.years for day in stack.times})
    if years:
        many = len(years) > 1
        yield f"{', '.join(years)}: {'embeddings' if many else 'an embedding'} of whole years, shown at 1 July."


def _form(found: Found, stack: Stack) -> str:
    known = {"alphaearth": "AlphaEarth", "tessera": "TESSERA"}.get(stack.maker.model)
    return f"{known}, {found.kind}" if known else str(found.kind)


def _digest(found: Sequence[Found]) -> str:
    if found[0].kind is Kind.RUN:
        return content_digest(found[0].path)
    if found[0].kind is Kind.NUMPY:
        return digest([part for item in found for part in (item.path, scales_of(item.path), land_of(item.path))])
    return digest([item.path for item in found])
