"""The tower desk: a flux-tower file, whatever network it is from, as a daily series with an account of its days."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.flux.daily import MICROMOL, UNIT, UNITS, YEARLY, Days, Rules, to_days
from core.flux.formats import TowerFormat, recognise
from core.flux.stamps import HOURS, Stamps, find_stamps, moments, resolution, some
from core.flux.text import Header, TextFile, open_text
from core.schema import InputError, SeriesError, check_tower

if TYPE_CHECKING:
    import pandas as pd

SITE_CODE = re.compile(
    r"(?:(?:FLX|AMF|ICOSETC|ICOS|EFDC|JPX|KOF|CNF|SAEON|TERN)_|(?<![A-Za-z0-9-]))"
    r"([A-Z]{2}-[A-Za-z0-9]{3})(?![A-Za-z0-9-])"
)
CLOSE_NAMES = re.compile(r"(GPP|GEP|NEE|FCO2|RECO|^FC(_|$))", re.IGNORECASE)
SITE_COLUMNS = ("SITE_ID", "site_id", "SITE", "site")
FLAGS = ("incomplete", "poor", "spike", "valid")
SAME = 1e-6  # gC m-2 d-1 by which two files may differ on a day and still be one tower's


@dataclass(frozen=True, kw_only=True, eq=False)
class Tower:
    """A tower as it was read. `table` holds a row for each day, or for each longer record of the file."""

    site: str
    format: str
    resolution: str  # HH, HR, DD, WW, MM or YY
    gpp_column: str
    qc_column: str  # "" where every value was taken
    gpp_columns: tuple[str, ...]  # all that could have been chosen
    partitioning: str
    source_unit: str
    rules: Rules
    table: pd.DataFrame  # gpp gC m-2 d-1, quality, days, incomplete, poor, spike, valid
    dropped: Mapping[str, int]
    notes: tuple[str, ...] = field(default=())

    def daily(self) -> pd.DataFrame:
        """The daily series, as `check_tower` asks for: days that do not count are marked as filled."""
        if self.resolution not in ("DD", *HOURS):
            remedy = "give the site's daily (DD) or half-hourly (HH) file"
            raise SeriesError("tower", self.resolution, "has no value for each day", remedy)
        daily = self.table[["gpp", "quality"]].assign(filled=~self.table["valid"] & self.table["gpp"].notna())
        daily.attrs["column"] = self.gpp_column
        return check_tower(daily, name=f"tower {self.site}")

    def to_json(self) -> dict[str, Any]:
        """All that is told of a tower in one line of JSON."""
        valid = self.table[self.table["valid"]]
        values = valid["gpp"]
        return {
            "site": self.site,
            "resolution": self.resolution,
            "start": str(self.table.index[0].date()),
            "end": str(_last_day(self.table)),
            "days": int(self.table["days"].sum()),
            "days_valid": int(valid["days"].sum()),
            "gpp_column": self.gpp_column,
            "qc_column": self.qc_column or None,
            "unit": UNIT,
            "mean": _rounded(values.mean()),
            "min": _rounded(values.min()),
            "max": _rounded(values.max()),
            "format": self.format,
            "partitioning": self.partitioning,
            "source_unit": self.source_unit,
            "dropped": dict(self.dropped),
            "spikes": int(self.table["spike"].sum()),
            "negative_days": int(valid["days"][values < 0].sum()),
            "min_quality": self.rules.min_quality if self.qc_column else None,
            "completeness": self.rules.completeness,
            "gpp_columns": list(self.gpp_columns),
            "notes": list(self.notes),
        }


def _last_day(table: pd.DataFrame) -> Any:
    import pandas as pd

    return (table.index[-1] + pd.Timedelta(days=int(table["days"].iloc[-1]) - 1)).date()


def _rounded(value: float) -> float | None:
    return round(float(value), 4) if value == value else None


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
    return towers[0] if len(towers) == 1 else _joined(towers)


def _read(path: Path, choice: Choice, rules: Rules) -> Tower:
    file = open_text(path)
    header = file.header()
    form = recognise(header.columns, header.comments)
    gpp = _gpp_column(form, header, choice, path)
    quality = _quality_column(form, header, gpp, choice, path)
    stamps = find_stamps(header.columns, named=choice.time, at_end=form.stamped_at_end)
    labels = [name for name in SITE_COLUMNS if name in header.columns][:1]
    table = file.read(header, list(dict.fromkeys([*stamps.columns, gpp, *([quality] if quality else []), *labels])))
    times, code = _begin(table, stamps)
    unit = choice.unit or _unit(code)
    values = _numbers(table, gpp, path)
    if values.isna().all():
        remedy = (
            f"choose another with --gpp: {some([c for c in form.gpp(header.columns) if c != gpp]) or 'none is left'}"
        )
        raise SeriesError("GPP column", gpp, "has no value at all", remedy)
    days = to_days(
        times, values, _numbers(table, quality, path) if quality else None, unit=unit, code=code, rules=rules
    )
    return Tower(
        site=choice.site or _site(table, labels, file, header),
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
    return [name for name in columns if CLOSE_NAMES.search(name)]


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


# ---------------------------------------------------------------- several files
def _joined(towers: Sequence[Tower]) -> Tower:
    """Files of one tower as one series; refused where they differ in what cannot be mixed."""
    import pandas as pd

    first = towers[0]
    for other in towers[1:]:
        for name, words in (("resolution", "resolution"), ("site", "site"), ("gpp_column", "GPP column")):
            mine, theirs = getattr(first, name), getattr(other, name)
            if mine != theirs:
                remedy = f"give files of one {words} together"
                raise SeriesError("files", f"{mine} and {theirs}", f"mix more than one {words}", remedy)
        _check_same(first, other)
    table = pd.concat([tower.table for tower in towers])
    table = table[~table.index.duplicated()].sort_index()
    if first.resolution in ("DD", *HOURS):
        table = _every_day(table)
    dropped = {rule: sum(tower.dropped.get(rule, 0) for tower in towers) for rule in first.dropped}
    dropped["no value"] = int(table["days"][table["gpp"].isna() & ~table["incomplete"]].sum())
    notes = tuple(dict.fromkeys(note for tower in towers for note in tower.notes))
    return Tower(**{**vars(first), "table": table, "dropped": dropped, "notes": notes})


def _check_same(first: Tower, other: Tower) -> None:
    shared = first.table.index.intersection(other.table.index)
    off = (first.table["gpp"].reindex(shared) - other.table["gpp"].reindex(shared)).abs()
    if (off > SAME).any():
        day = str(off.idxmax())[:10]
        problem = f"stands for two towers: their files differ by {off.max():.2f} {UNIT} on {day}"
        raise SeriesError("site code", first.site, problem, "give one of the files, or tell them apart with --site")


def _every_day(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    table = table.reindex(pd.date_range(table.index[0], table.index[-1], freq="D", name="time"))
    flags = {
        name: table[name].astype("boolean").fillna(False).astype(bool)
        for name in ("incomplete", "poor", "spike", "valid")
    }
    return table.assign(days=1, quality=table["quality"].fillna(0.0), **flags)
