"""The text of a tower file: CSV or tab-separated, comment and unit lines, and archives (.zip) that hold one.

Files are opened by an allow-list of endings, and only if they hold text or Parquet.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.schema import MISSING_VALUE, FormatError, NotFoundError
from core.sources.formats import reading
from core.sources.ingest.unpack import bursts
from core.sources.tables import read_parquet

if TYPE_CHECKING:
    import pandas as pd

TEXT_ENDINGS = (".csv", ".txt", ".tsv", ".dat")
ENDINGS = (*TEXT_ENDINGS, ".parquet", ".pq", ".zip")
DELIMITERS = ",;\t"
NO_VALUE = ["-9999", "-9999.0", "-9999.00", "-9999.99", "-9999.9", "NA", "NaN", "nan", "NULL", ""]
HEAD_BYTES = 262_144  # read to know the columns: the header of a FLUXNET file alone takes 6 kB
LARGEST_MEMBER = 2_000_000_000  # bytes a file in an archive may unpack to
RESOLUTIONS = ("DD", "HH", "HR", "WW", "MM", "YY")  # of an archive's files, the most wanted first
MEMBER = re.compile(r"_(DD|HH|HR|WW|MM|YY)_")
AUXILIARY = re.compile(r"_(ERA[I5]?|AUXMETEO|AUXNEE|METEO|METEOSENS|BIF)_", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Header:
    """What is known of a table before its rows are read."""

    columns: tuple[str, ...]
    delimiter: str  # "" of Parquet
    skipped: tuple[int, ...]  # lines that are neither names nor records
    comments: str  # the comment lines


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A tower file, by its path and the file in it if it is an archive."""

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        return Path(self.member).name if self.member else self.path.name

    def header(self) -> Header:
        """The columns and lines to skip."""
        if self._is_parquet:
            return Header(columns=tuple(map(str, self._parquet().columns)), delimiter="", skipped=(), comments="")
        with reading(self.path, "a table"):
            head = self._bytes(HEAD_BYTES)
        if not head.strip():
            raise FormatError("file", str(self.path), "is empty", "get it again")
        if b"\0" in head:
            raise FormatError("file", str(self.path), "holds binary data, no text", "give the file that was downloaded")
        return _header(head.decode("utf-8-sig", errors="replace").splitlines())

    def read(self, header: Header, columns: Sequence[str]) -> pd.DataFrame:
        """These columns of every record; what stands for "no value" is NaN."""
        import pandas as pd

        if self._is_parquet:
            return _without_missing(self._parquet()[list(columns)])
        with reading(self.path, "a table"):
            table = pd.read_csv(
                io.BytesIO(self._bytes(-1)),
                sep=header.delimiter,
                usecols=list(columns),
                skiprows=list(header.skipped),
                na_values=NO_VALUE,
                encoding_errors="replace",
                skipinitialspace=True,
                low_memory=False,
            )
        return _without_missing(table)

    @property
    def _is_parquet(self) -> bool:
        return self.path.suffix.lower() in (".parquet", ".pq")

    def _parquet(self) -> pd.DataFrame:
        table = read_parquet(self.path)
        return table if table.index.name is None else table.reset_index()

    def _bytes(self, count: int) -> bytes:
        if not self.member:
            with self.path.open("rb") as stream:
                return stream.read(count)
        with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
            return stream.read(count if count > 0 else LARGEST_MEMBER)


def open_text(path: Path) -> TextFile:
    """A tower file that may be read; of an archive, its daily file, else its half-hourly one."""
    with reading(path, "a file"):
        exists, is_folder = path.exists(), path.is_dir()
    if not exists:
        raise NotFoundError("file", str(path), "does not exist", "check its spelling")
    if is_folder or path.suffix.lower() not in ENDINGS:
        remedy = f"give a file ending in {', '.join(ENDINGS)}"
        raise FormatError("file", str(path), "is of a kind in which no tower data come", remedy)
    return _in_archive(path) if path.suffix.lower() == ".zip" else TextFile(path=path)


def _in_archive(path: Path) -> TextFile:
    with reading(path, "an archive"), zipfile.ZipFile(path) as archive:
        sizes = {
            entry.filename: entry.file_size for entry in archive.infolist() if not (entry.is_dir() or bursts(entry))
        }
    kinds = {name: MEMBER.search(Path(name).name) for name in sizes if name.lower().endswith(TEXT_ENDINGS)}
    ranked = [
        (_auxiliary(name), RESOLUTIONS.index(found[1]), name)
        for name, found in kinds.items()
        if found and sizes[name] <= LARGEST_MEMBER
    ]
    if not ranked:
        raise FormatError("file", str(path), "holds no table named like ..._DD_...csv", "unpack it and give its table")
    return TextFile(path=path, member=min(ranked)[-1])


def _auxiliary(name: str) -> bool:
    """Whether a file of an archive is one of those beside the fluxes."""
    return bool(AUXILIARY.search(Path(name).name))


# ---------------------------------------------------------------- lines
def _header(lines: list[str]) -> Header:
    first = next((number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")), 0)
    delimiter = max(DELIMITERS, key=lines[first].count)
    columns = [name.strip().strip('"') for name in lines[first].split(delimiter)]
    skipped = list(range(first))
    if len(lines) > first + 1 and _is_units(lines[first + 1], delimiter):
        skipped.append(first + 1)
    return Header(
        columns=tuple(columns), delimiter=delimiter, skipped=tuple(skipped), comments="\n".join(lines[:first])
    )


def _is_units(line: str, delimiter: str) -> bool:
    """Whether a line gives units: no cell of it holds a digit on its own, as numbers and dates do."""
    cells = [cell.strip().strip('"') for cell in line.split(delimiter)]
    return any(cells) and not any(re.match(r"[-+]?\.?\d", cell) for cell in cells if cell)


def _without_missing(table: pd.DataFrame) -> pd.DataFrame:
    """-9999 in any spelling is missing, in numbers that came as numbers too."""
    numbers = table.select_dtypes("number")
    return table.assign(**{str(name): numbers[name].where(numbers[name] > MISSING_VALUE + 9) for name in numbers})
