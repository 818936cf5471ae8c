"""Folders at an address, `s3://bucket/...`, beside folders on disk; through fsspec, as paths (universal-pathlib).

Who may read, where the server is and which region it stands in are said by the usual AWS_... variables, which
botocore reads. An object store has no rename: what must be whole before it is seen is stored under its final name
last (`core.embedding.remote`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from core.schema import FluxscapeError, InputError, WorkspaceError
from core.store import MANIFEST, stored_files, verify

SCHEME = "s3://"
PATIENCE_S = 5  # until a server that does not answer is given up
ATTEMPTS = 3  # at each request


def is_address(text: object) -> bool:
    """Whether this is an address, no name and no path; of which kind is checked when it is opened."""
    return "://" in str(text)


def at_address(url: str, *, argument: str) -> Path:
    """The folder at an address, used as a path. Nothing is read yet but whether its bucket answers."""
    bucket, _, rest = url.removeprefix(SCHEME).partition("/")
    if not url.startswith(SCHEME) or not bucket or ".." in rest.split("/"):
        raise InputError(argument, url, "is no address that Fluxscape opens", "write it as s3://bucket/folder")
    from upath import UPath

    config = {"connect_timeout": PATIENCE_S, "retries": {"max_attempts": ATTEMPTS, "mode": "standard"}}
    with reached(url, argument=argument):
        # Listings are not kept: other processes write as well.
        path = UPath(url.rstrip("/"), use_listings_cache=False, config_kwargs=config)
        try:
            path.fs.ls(path.path)
        except FileNotFoundError:  # nothing there yet; a bucket must be
            path.fs.ls(bucket)
    return cast("Path", path)


@contextmanager
def reached(url: object, *, argument: str) -> Iterator[None]:
    """What a server says, or that it says nothing, as a sentence; of a folder on disk nothing is said here."""
    if isinstance(url, Path):
        yield
        return
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except FluxscapeError:
        raise
    except FileNotFoundError as error:
        raise InputError(argument, str(url), "is not there", "check the bucket and the spelling") from error
    except PermissionError as error:
        remedy = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do"
        raise InputError(argument, str(url), "may not be used by you", remedy) from error
    except (BotoCoreError, ClientError, OSError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")[:150] or type(error).__name__
        remedy = "check AWS_ENDPOINT_URL, your credentials and the network, and run it again"
        raise WorkspaceError(argument, str(url), f"cannot be reached ({reason})", remedy) from error


def verified(folder: Path) -> Path:
    """Return a published folder if its files are what its manifest says, else raise WorkspaceError.

    At an address, where the server itself checks what it gives out, names and sizes are compared: that takes a single
    listing instead of everything there is.
    """
    if isinstance(folder, Path):
        return verify(folder)
    with reached(folder, argument="folder"):
        sizes = sizes_in(folder)
    for name, expected in stored_files(folder).items():
        if sizes.get(name) != expected["bytes"]:
            problem = f"is damaged: {name} is not what was stored" if name in sizes else f"lacks its file {name}"
            raise WorkspaceError("folder", str(folder), problem, "remove it and make it again")
    return folder


def sizes_in(folder: Any) -> dict[str, int]:
    """The files below a folder at an address, by their names within it, bytes."""
    listed = folder.fs.find(folder.path, detail=True)
    return {name[len(folder.path) + 1 :]: found["size"] for name, found in sorted(listed.items()) if name != MANIFEST}
