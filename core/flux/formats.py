"""The formats of flux-tower networks. A further one is one entry in FORMATS.

An entry says how a table of its kind is recognised by its columns, which of them hold GPP (the best first), which one
tells how good a GPP column is, and how its time stamps are meant. FLUXNET2015, ICOS and AmeriFlux FLUXNET files share
one pipeline (ONEFlux) and therefore one entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ONEFLUX_GPP = re.compile(r"GPP_(NT|DT)_(VUT|CUT)_(REF|USTAR50|MEAN|\d\d)")
REDDYPROC_GPP = re.compile(r"GPP(_DT)?(_(?:uStar|U\d\d|uStarTh))?(_f)?")
AMERIFLUX_GPP = re.compile(r"GPP(_PI)?(_F)?(_\d+){0,3}")
ANY_GPP = re.compile(r"(GPP|GEP|gross.?primary)", re.IGNORECASE)
NO_FLUX = re.compile(r"(_QC|_SE|_SD|_fqc|_fsd|RANDUNC|JOINTUNC|UNC|_N|_ERR)$", re.IGNORECASE)
ONEFLUX_ORDER = ("REF", "USTAR50", "50", "MEAN")  # the others follow
PARTITIONINGS = {"NT": "night-time (Reichstein et al. 2005)", "DT": "daytime (Lasslop et al. 2010)"}


@dataclass(frozen=True, kw_only=True)
class TowerFormat:
    """One kind of tower table."""

    name: str
    marks: Callable[[Sequence[str], str], bool]  # of the columns and the comment lines: is it of this kind?
    gpp: Callable[[Sequence[str]], list[str]]  # columns that hold GPP, the best first
    quality: Callable[[str, Sequence[str]], str]  # the column that judges a GPP column; "" if there is none
    partitioning: Callable[[str], str]  # of a GPP column
    stamped_at_end: bool = False  # whether a record's time is its end, where the column's name does not say so
    measured_only: bool = False  # whether a GPP column without a quality holds measured values alone


def recognise(columns: Sequence[str], comments: str) -> TowerFormat:
    """The first entry that knows these columns; the last knows any."""
    return next(form for form in FORMATS if form.marks(columns, comments))


# ---------------------------------------------------------------- ONEFlux
def _oneflux_gpp(columns: Sequence[str]) -> list[str]:
    found = [(ONEFLUX_GPP.fullmatch(name), name) for name in columns]
    return [name for match, name in sorted(((m, n) for m, n in found if m), key=lambda pair: _oneflux_rank(pair[0]))]


def _oneflux_rank(match: re.Match[str] | None) -> tuple[int, bool, bool, str]:
    if match is None:
        raise AssertionError("only matches are ranked")
    method, threshold, variant = match.groups()
    order = ONEFLUX_ORDER.index(variant) if variant in ONEFLUX_ORDER else len(ONEFLUX_ORDER)
    return (order, threshold == "CUT", method == "DT", variant)


def _oneflux_quality(gpp: str, columns: Sequence[str]) -> str:
    """The quality of the NEE that this GPP was partitioned from; of its reference where it has none of its own."""
    match = ONEFLUX_GPP.fullmatch(gpp)
    threshold, variant = (match[2], match[3]) if match else ("VUT", "REF")
    wanted = [f"NEE_{threshold}_{variant}_QC", f"NEE_{threshold}_REF_QC", "NEE_VUT_REF_QC", "NEE_CUT_REF_QC"]
    return _first(wanted, columns)


def _oneflux_partitioning(gpp: str) -> str:
    match = ONEFLUX_GPP.fullmatch(gpp)
    return PARTITIONINGS[match[1]] if match else "not told"


# ---------------------------------------------------------------- REddyProc
def _reddyproc_gpp(columns: Sequence[str]) -> list[str]:
    found = [name for name in columns if REDDYPROC_GPP.fullmatch(name)]
    return sorted(found, key=lambda name: ("_DT" in name, "uStar" not in name, "U50" not in name, name))


def _reddyproc_quality(gpp: str, columns: Sequence[str]) -> str:
    match = REDDYPROC_GPP.fullmatch(gpp)
    scenario = (match[2] or "") if match else ""
    return _first([f"NEE{scenario}_fqc", "NEE_uStar_fqc", "NEE_U50_fqc", "NEE_fqc"], columns)


def _reddyproc_partitioning(gpp: str) -> str:
    return PARTITIONINGS["DT" if gpp.startswith("GPP_DT") else "NT"]


# ---------------------------------------------------------------- AmeriFlux BASE
def _ameriflux_gpp(columns: Sequence[str]) -> list[str]:
    found = [name for name in columns if AMERIFLUX_GPP.fullmatch(name)]
    return sorted(found, key=lambda name: ("_F" in name, len(name), name))


def _ameriflux_quality(gpp: str, columns: Sequence[str]) -> str:
    return _first(["FC_SSITC_TEST", "FC_SSITC_TEST_1_1_1"], columns)


def _is_ameriflux(columns: Sequence[str], comments: str) -> bool:
    own = {"FC", "NEE_PI", "NEE_PI_F", "GPP_PI", "GPP_PI_F"} | {"FC_1_1_1", "NEE_PI_1_1_1", "GPP_PI_1_1_1"}
    return "TIMESTAMP_START" in columns and (bool(own & set(columns)) or comments.startswith("# Site:"))


# ---------------------------------------------------------------- any table
def _any_gpp(columns: Sequence[str]) -> list[str]:
    found = [name for name in columns if ANY_GPP.search(name) and not NO_FLUX.search(name)]
    return sorted(found, key=lambda name: (name.lower() != "gpp", len(name)))


def _any_quality(gpp: str, columns: Sequence[str]) -> str:
    lower = {name.lower(): name for name in columns}
    wanted = [f"{gpp}_qc".lower(), f"{gpp}_quality".lower(), "gpp_qc", "nee_vut_ref_qc", "nee_qc", "quality"]
    return next((lower[name] for name in wanted if name in lower), "")


def _first(wanted: Sequence[str], columns: Sequence[str]) -> str:
    return next((name for name in wanted if name in columns), "")


FORMATS: tuple[TowerFormat, ...] = (
    TowerFormat(
        name="FLUXNET",
        marks=lambda columns, _: bool(_oneflux_gpp(columns)) or any(name.startswith("NEE_VUT_") for name in columns),
        gpp=_oneflux_gpp,
        quality=_oneflux_quality,
        partitioning=_oneflux_partitioning,
    ),
    TowerFormat(
        name="REddyProc",
        marks=lambda columns, _: any(re.fullmatch(r"NEE.*_fqc", name) for name in columns),
        gpp=_reddyproc_gpp,
        quality=_reddyproc_quality,
        partitioning=_reddyproc_partitioning,
        stamped_at_end=True,
    ),
    TowerFormat(
        name="AmeriFlux BASE",
        marks=_is_ameriflux,
        gpp=_ameriflux_gpp,
        quality=_ameriflux_quality,
        partitioning=lambda gpp: "by the tower's own team",
        measured_only=True,
    ),
    TowerFormat(
        name="table",
        marks=lambda columns, _: True,
        gpp=_any_gpp,
        quality=_any_quality,
        partitioning=lambda gpp: "not told",
    ),
)
