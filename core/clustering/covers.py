"""Land-cover maps of a reader's own, kept as they came: <workspace>/landcover/<site id>/<file>.

They do not lie in the site's folder: that never changes, as results name it by its digest.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from core.clustering.agreement import file_land_cover
from core.frames import Grid
from core.schema import InputError
from core.sources.formats import GRID_ENDINGS
from core.store import LAND_COVER, Workspace, check_name, explained

LARGEST = 500_000_000  # bytes
ODD = re.compile(r"[^A-Za-z0-9._-]+")


def kept_covers(workspace: Workspace, site_id: str) -> list[Path]:
    """The maps that were brought for a site, by name."""
    folder = _folder(workspace, site_id)
    return sorted(path for path in folder.glob("[!.]*") if path.suffix.lower() in GRID_ENDINGS)


def keep_cover(workspace: Workspace, site_id: str, name: str, content: bytes, *, grid: Grid) -> Path:
    """Keep a map, if it tells classes of pixels of `grid`; one of the same name gives way."""
    plain = ODD.sub("-", Path(name).name).lstrip(".-")[-100:]
    if Path(plain).suffix.lower() not in GRID_ENDINGS:
        raise InputError("land cover", name, "is of another kind", f"give a file ending in {', '.join(GRID_ENDINGS)}")
    if len(content) > LARGEST:
        raise InputError("land cover", name, f"is larger than {LARGEST / 1e6:.0f} MB", "cut out the part of the site")
    folder = _folder(workspace, site_id)
    draft = folder / f".{os.getpid()}-{plain}"
    with explained(workspace.root):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_bytes(content)
            file_land_cover(draft, grid)
            draft.replace(folder / plain)
        finally:
            draft.unlink(missing_ok=True)
    return folder / plain


def drop_cover(workspace: Workspace, site_id: str, path: Path) -> None:
    """Delete a map that was brought."""
    if path in kept_covers(workspace, site_id):
        with explained(workspace.root):
            path.unlink(missing_ok=True)


def _folder(workspace: Workspace, site_id: str) -> Path:
    return workspace.root / LAND_COVER / check_name(site_id, argument="site")
