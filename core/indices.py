"""Spectral and radar indices by name: all of the standard list (spyndex) that a site cube's bands can give.

Optical indices take reflectance 0..1. Radar indices take linear power, so backscatter is converted from dB first.
Constants are the list's own defaults, wavelengths are those of Sentinel-2, and kernels are radial basis functions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from core.schema import S1_BANDS, SENTINEL1, SENTINEL2, InputError, NotFoundError

if TYPE_CHECKING:
    import xarray as xr

BAND_OF_CODE: Mapping[str, str] = {band.index_code: band.name for band in (*SENTINEL2, *SENTINEL1)}
WAVELENGTHS: Mapping[str, float] = {  # nm, as the list's formulas name them: lambdaN, lambdaS1, ...
    f"lambda{band.index_code}": band.wavelength_nm for band in SENTINEL2 if band.wavelength_nm
}
KERNELS: Mapping[str, tuple[str, str]] = {  # parameter: the two bands it compares
    f"k{a}{b}": (a, b) for a in "NRGB" for b in "NRGB"
}
LACKING: Mapping[str, str] = {
    "A": "needs an aerosol band (B01)",
    "G1": "needs a green band at 531 nm",
    "Y": "needs a yellow band",
    "T": "needs a thermal band",
    "T1": "needs a thermal band",
    "HH": "needs HH and HV backscatter",
    "HV": "needs HH and HV backscatter",
    "PAR": "needs photosynthetically active radiation",
    "kNL": "needs a kernel between a band and a constant, for which no length scale is published",
}


@dataclass(frozen=True, kw_only=True)
class Index:
    """One index of the list."""

    name: str
    long_name: str
    formula: str  # in the list's own band codes
    domain: str  # "vegetation", "water", "soil", "snow", "burn", "urban", "clouds", "kernel" or "radar"
    reference: str  # address of its publication
    bands: tuple[str, ...]  # the bands it needs, by our names
    constants: Mapping[str, float]  # constants in the formula and the values taken

    @property
    def radar(self) -> bool:
        return set(self.bands) <= set(S1_BANDS)

    @property
    def axis(self) -> str:
        """The time axis the index lives on."""
        return "s1_time" if self.radar else "time"


def available(bands: Iterable[str]) -> list[Index]:
    """The indices that these bands can give, by name."""
    present = set(bands)
    return [index for index in _indices().values() if present.issuperset(index.bands)]


def unavailable() -> Mapping[str, str]:
    """Indices of the list that no site cube can give, each with the reason."""
    known = _indices()
    return {name: _reason(entry.bands) for name, entry in _listed().items() if name not in known}


def find(name: str) -> Index:
    """One index by its name, as the list spells it."""
    if name in _indices():
        return _indices()[name]
    if name in _listed():
        raise NotFoundError("index", name, _reason(_listed()[name].bands), "choose one that Sentinel-1 or -2 can give")
    close = next((known for known in _indices() if known.lower() == name.lower()), "NDVI")
    raise NotFoundError("index", name, "is not in the list of spectral indices", f"for example, use '{close}'")


def compute(cube: xr.Dataset | Mapping[str, xr.DataArray], name: str) -> xr.DataArray:
    """The index `name` of a site cube, or of any part of one, on the dimensions of its bands; NaN where undefined."""
    index = find(name)
    missing = [band for band in index.bands if band not in cube]
    if missing:
        raise InputError("index", name, f"needs {', '.join(missing)}", "choose one that the cube's bands can give")
    codes = {band: code for code, band in BAND_OF_CODE.items()}
    values: dict[str, Any] = {codes[band]: _linear(cube[band], band) for band in index.bands} | dict(index.constants)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        result = _evaluated(index, values)
    finite = result.where(np.isfinite(result))
    return finite.rename(name).assign_attrs(long_name=index.long_name, formula=index.formula, reference=index.reference)


def _evaluated(index: Index, values: dict[str, Any]) -> xr.DataArray:
    import spyndex

    for parameter in _parameters(index.formula) & KERNELS.keys():
        a, b = (values[code] for code in KERNELS[parameter])
        # Length scale as in Camps-Valls et al. 2021, doi:10.1126/sciadv.abc7447: the mean of the two bands.
        values[parameter] = spyndex.computeKernel("RBF", {"a": a, "b": b, "sigma": 0.5 * (a + b)})
    return spyndex.computeIndex(index.name, values)


def _linear(layer: xr.DataArray, band: str) -> xr.DataArray:
    """Reflectance as it is; backscatter from dB to linear power."""
    return 10 ** (layer / 10) if band in S1_BANDS else layer


# ---------------------------------------------------------------- the list
def _listed() -> Mapping[str, Any]:
    """Everything in the list, from the copy that is installed with spyndex; imported only when indices are used."""
    import spyndex

    return spyndex.indices


@lru_cache(maxsize=1)
def _indices() -> Mapping[str, Index]:
    """Every index that a full site cube can give."""
    found = {name: _index(entry) for name, entry in _listed().items()}
    return {name: index for name, index in sorted(found.items(), key=lambda pair: pair[0].lower()) if index}


def _index(entry: Any) -> Index | None:
    """Our description of a listed index; None if it needs what no site cube has."""
    constants = _constants()
    codes: dict[str, None] = {}  # an ordered set
    for parameter in entry.bands:
        if parameter in constants:
            continue
        needed = KERNELS.get(parameter, (parameter,))
        if not set(needed) <= BAND_OF_CODE.keys():
            return None
        codes.update(dict.fromkeys(needed))
    return Index(
        name=entry.short_name,
        long_name=entry.long_name,
        formula=entry.formula,
        domain=entry.application_domain,
        reference=entry.reference,
        bands=tuple(BAND_OF_CODE[code] for code in codes),
        constants={parameter: constants[parameter] for parameter in entry.bands if parameter in constants},
    )


def _constants() -> Mapping[str, float]:
    import spyndex

    defaults = {name: constant.default for name, constant in spyndex.constants.items()}
    return {name: float(value) for name, value in defaults.items() if value is not None} | dict(WAVELENGTHS)


def _parameters(formula: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(formula, mode="eval")) if isinstance(node, ast.Name)}


def _reason(parameters: Iterable[str]) -> str:
    return next(LACKING[parameter] for parameter in parameters if parameter in LACKING)
