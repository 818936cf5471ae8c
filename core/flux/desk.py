"""The tower desk: a flux-tower file, whatever network it is from, as a daily series with an account of its days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.flux.daily import MICROMOL, UNIT, UNITS, YEARLY, Days, Rules, to_days
from core.flux.formats import NO_FLUX, TowerFormat, recognise
from core.flux.joining import joined
from core.flux.series import Tower
from core.flux.stamps import HOURS, Stamps, find_stamps, moments, resolution, some
from core.flux.text import Header, TextFile, open_text
from core.schema import InputError, SeriesError

if TYPE_CHECKING:
    import pandas as pd

SITE_CODE = re.compile(
    r"(?:(?:FLX|AMF|ICOSETC|ICOS|EFDC|JPX|KOF|CNF|SAEON|TERN)_|(?<![A-Za-z0-9-]))"
    r"([A-Z]{2}-[A-Za-z0-9]{3})(?![A-Za-z0-9-])"
)
CLOSE_NAMES = re.compile(r"(GPP|GEP|NEE|FCO2|RECO|^FC(_|$))", re.IGNORECASE)
SITE_COLUMNS = ("SITE_ID", "site_id", "SITE", "site")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The column picker: what to take where the file leaves a choice, or does not say."""

    gpp: str | None = None
    quality: str | None = None
    no_quality: bool = False  # trust every value
    time: str | None = None
    unit: str | None = None  # one of UNITS
    site: str | None = None


def read_tower(
    paths: Path | str | Sequence[Path | str], *, choice: Choice | None = None, rules: Rules | None = None
) -> Tower:
    """A tower from its file, or from several of one resolution that follow each other in time."""
    choice, rules = choice or Choice(), rules or Rules()
    if choice.unit is not None and choice.unit not in UNITS:
        raise InputError("--unit", choice.unit, "is no unit of GPP", f"give one of: {', '.join(UNITS)}")
    several = [paths] if isinstance(paths, str | Path) else list(paths)
    towers = [_read(Path(path).expanduser(), choice, rules) for path in several]
    return towers[0] if len(towers) == 1 else joined(towers)


def _read(path: Path, choice: Choice, rules: Rules) -> Tower:
    file = open_text(path)
    header = file.header()
    form = recognise(header.columns, header.comments)
    gpp = _gpp_column(form, header, choice, path)
    quality = _quality_column(form, header, gpp, choice, path)
    stamps = find_stamps(header.columns, named=choice.time, at_end=form.stamped_at_end)
    labels = [name for name in SITE_COLUMNS if name in header.columns][:1]
    table = file.read(header, list(dict.fromkeys([*stamps.columns, gpp, *([quality] if quality else []), *labels])))
    found = _site(table, labels, file, header)  # refuses a table of many, whatever site is named: its days would mix
    times, code = _begin(table, stamps)
    unit = choice.unit or _unit(code)
    values = _numbers(table, gpp, path)
    if values.isna().all():
        others = [name for name in form.gpp(header.columns) if name != gpp]
        remedy = f"choose another with --gpp: {some(others)}" if others else "give another file of this tower"
        raise SeriesError("GPP column", gpp, "has no value at all", remedy)
    days = to_days(
        times, values, _numbers(table, quality, path) if quality else None, unit=unit, code=code, rules=rules
    )
    return Tower(
        site=choice.site or found,
        format=form.name,
        resolution=code,
        gpp_column=gpp,
        qc_column=quality,
        gpp_columns=tuple(form.gpp(header.columns)),
        partitioning=form.partitioning(gpp),
        source_unit=unit,
        rules=rules,
        table=days.table,
        dropped=days.dropped,
        notes=tuple(_notes(days, form, code, unit, choice, quality)),
    )


def _begin(table: pd.DataFrame, stamps: Stamps) -> tuple[pd.DatetimeIndex, str]:
    """When each record begins, and the resolution."""
    import pandas as pd

    times = moments(table, stamps)
    if times.isna().all():
        raise SeriesError("time", ", ".join(stamps.columns), "holds no date that can be read", "name another by --time")
    code = resolution(times)
    return (times - pd.Timedelta(hours=HOURS[code]) if stamps.at_end and code in HOURS else times), code


def _unit(code: str) -> str:
    return MICROMOL if code in HOURS else YEARLY if code == "YY" else UNIT


def _gpp_column(form: TowerFormat, header: Header, choice: Choice, path: Path) -> str:
    if choice.gpp is not None:
        if choice.gpp not in header.columns:
            options = some(_close(header.columns) or list(header.columns))
            raise InputError("--gpp", choice.gpp, f"is no column of {path.name}", f"choose one of: {options}")
        return choice.gpp
    found = form.gpp(header.columns)
    if found:
        return found[0]
    near = _close(header.columns)
    problem = f"holds no GPP column; close to it are {some(near)}" if near else "holds no GPP column"
    remedy = "partition the flux into GPP first (with REddyProc, for example), or name GPP's column with --gpp"
    raise SeriesError("file", path.name, problem, remedy)


def _close(columns: Sequence[str]) -> list[str]:
    return [name for name in columns if CLOSE_NAMES.search(name) and not NO_FLUX.search(name)]


def _quality_column(form: TowerFormat, header: Header, gpp: str, choice: Choice, path: Path) -> str:
    if choice.no_quality:
        return ""
    if choice.quality is not None:
        if choice.quality not in header.columns:
            near = some([name for name in header.columns if "QC" in name.upper()] or list(header.columns))
            raise InputError("--quality", choice.quality, f"is no column of {path.name}", f"choose one of: {near}")
        return choice.quality
    found = form.quality(gpp, header.columns)
    if found or (form.measured_only and "_F" not in gpp):
        return found
    problem = f"holds no quality column for {gpp}"
    raise SeriesError("file", path.name, problem, "name one with --quality, or take every value with --no-quality")


def _numbers(table: pd.DataFrame, column: str, path: Path) -> pd.Series:
    import pandas as pd

    numbers = pd.to_numeric(table[column], errors="coerce")
    if numbers.isna().all() and table[column].notna().any():
        text = str(table[column].dropna().iloc[0])
        raise SeriesError(f"column {column}", text, f"is no number in {path.name}", "choose another column")
    return numbers


def _site(table: pd.DataFrame, labels: Sequence[str], file: TextFile, header: Header) -> str:
    """The site code: of a column, else of the file's name, else of its comment lines, else the name itself."""
    if labels:
        codes = [str(code) for code in table[labels[0]].dropna().unique()]
        if len(codes) > 1:
            remedy = f"split the file by {labels[0]}, or fit a table of many sites with: python -m core gpp fit --table"
            raise SeriesError("file", file.name, f"holds {len(codes)} sites ({some(codes, 4)})", remedy)
        if codes:
            return codes[0]
    found = SITE_CODE.search(file.name) or SITE_CODE.search(header.comments) or SITE_CODE.search(str(file.path.name))
    return found[1] if found else Path(file.name).stem


def _notes(days: Days, form: TowerFormat, code: str, unit: str, choice: Choice, quality: str) -> list[str]:
    notes = []
    if choice.unit is None and form.name == "table":
        notes.append(f"The unit of GPP is taken to be {unit}, as usual for such records; --unit says otherwise.")
    if not quality and not choice.no_quality:
        notes.append("No quality column: the share of a day's records with a value stands for its quality.")
    elif choice.no_quality:
        notes.append("Every value was taken, whatever its quality.")
    if code not in (*HOURS, "DD"):
        notes.append("Too coarse to fit a model to days; the site's DD or HH file would do.")
    spikes = int(days.table["spike"].sum())
    if spikes:
        notes.append(f"{spikes} {'day stands' if spikes == 1 else 'days stand'} out of the days around (spikes).")
    return notes
