"""Where an embedding goes: its CRS made sure of, its site found, and the grid of the result decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from core.schema import InputError
from core.sources.crs import Box, carried, crs_of, label_of, name_of
from core.sources.embeddings.grid import (
    Grid,
    around,
    check_crs,
    common,
    cropped,
    is_aligned,
    native_grid,
    utm_frame,
    warped_grid,
)
from core.sources.embeddings.place import Home, find_home, open_home
from core.sources.embeddings.stack import Source, Stack, step, together
from core.store import Workspace


class Settled(NamedTuple):
    """A source whose stacks all have a CRS, the site it goes to, the grid of the result, and what had to be done."""

    source: Source
    home: Home
    grid: Grid
    remarks: tuple[str, ...]


def settle(workspace: Workspace, source: Source, *, site: str | None, crs: str | None, bbox: Box | None) -> Settled:
    """Decide site and grid; a wrong CRS or place is refused, what can be put right is put right and said."""
    stacks, said = _with_crs(workspace, source.stacks, site, crs)
    frame = utm_frame(stacks)
    box = around([carried(stack.bounds, stack.crs, frame) for stack in stacks])
    home = find_home(workspace, site, box, frame, hint=str(source.stacks[0].attrs.get("site", "")))
    grid, crop = _grid(stacks, home, frame, bbox)
    said += [(stack.name, words) for stack in stacks for words in _moved(stack, grid)]
    general = [crop] if crop else []
    if any(stack.simulated for stack in stacks) != home.info.simulated and home.stored and home.info.has_data:
        which = "the images of its site are" if home.info.simulated else "it is"
        general.append(f"Of this embedding and its site, only one is real: {which} simulated.")
    settled = replace(source, stacks=tuple(stacks))
    return Settled(settled, home, grid, (*together(said), *general))


def _with_crs(
    workspace: Workspace, stacks: Sequence[Stack], site: str | None, crs: str | None
) -> tuple[list[Stack], list[tuple[str, str]]]:
    """The stacks with the CRS they state or are given; without either, the site's where they lie on it."""
    home = open_home(workspace, site) if site else None
    found, said = [], []
    for stack in stacks:
        stated = stack.crs
        if crs is not None:
            stack = replace(stack, crs=crs)
            check_crs(stack)
            if stated and crs_of(stated) != crs_of(crs):
                said.append((stack.name, f"states {label_of(stated)}, and is taken as {label_of(crs)}, as you say"))
        elif not stated:
            stack = replace(stack, crs=_guessed(stack, home))
            said.append((stack.name, f"states no CRS, and is taken as in {stack.crs}, where it lies on its site"))
        check_crs(stack)
        found.append(replace(stack, crs=name_of(stack.crs)))
    return found, said


def _guessed(stack: Stack, home: Home | None) -> str:
    if home is not None and home.grid is not None and common(stack.bounds, home.grid.bounds):
        return home.grid.crs
    remedy = "give it with --crs, for example EPSG:32632"
    raise InputError("path", stack.name, "states no CRS, so that its place on the map is not known", remedy)


def _grid(stacks: Sequence[Stack], home: Home, frame: str, bbox: Box | None) -> tuple[Grid, str]:
    """The images' own grid where all share the site's CRS, else the site's, else one of whole metres."""
    own = home.grid
    if own is not None and any(stack.crs != own.crs for stack in stacks):
        whole = own
    elif all(stack.crs == frame for stack in stacks):
        whole = native_grid(stacks, frame)
    else:
        whole = warped_grid(stacks, frame)
    grid, crop = whole, ""
    if own is not None and whole is not own:
        inside = cropped(whole, own.bounds)
        if inside is None:
            raise InputError("site", home.info.id, "and the embedding share no pixel", "choose another site")
        if len(inside.y) * len(inside.x) < len(whole.y) * len(whole.x):
            crop = (
                f"Of {len(whole.y)} x {len(whole.x)} pixels, the {len(inside.y)} x {len(inside.x)} on the site "
                f"{home.info.id} were kept."
            )
        grid = inside
    if bbox is not None:
        part = cropped(grid, bbox) if bbox[0] <= bbox[2] and bbox[1] <= bbox[3] else None
        if part is None:
            shown, lies = (" ".join(f"{value:.10g}" for value in box) for box in (bbox, grid.bounds))
            raise InputError("bbox", shown, "holds no pixel centre of the embedding", f"choose a box within {lies}")
        grid = part
    return grid, crop


def _moved(stack: Stack, grid: Grid) -> list[str]:
    """How an image had to be moved onto the grid, as the second half of a sentence."""
    if stack.crs != grid.crs:
        unit = "degrees" if crs_of(stack.crs).is_geographic else label_of(stack.crs)
        return [f"is in {unit}, not in {grid.crs}; each pixel took the nearest vector"]
    if not is_aligned(stack, grid):
        return [f"lies between the pixels of the others ({abs(step(stack.x)):g} m); each took the nearest vector"]
    return []
