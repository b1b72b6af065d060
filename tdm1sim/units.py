"""Quantities with units, turned into plain floats at the door.

Floor 0. A scenario writes ``3.6 mg/kg`` or ``21 d``; everything inside the house is a float in one canonical
unit per dimension (`DIMENSIONS`). pint knows the units; it is imported on first use because it takes half a
second, and units that every scenario writes are spelled out in `USUAL` so that most runs do without it. Factors are
exact fractions, so that ``21 d`` is 504.0 h and not its neighbour.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Dimension:
    """A kind of quantity: its unit inside, its name, a right spelling, and units people use."""

    unit: str
    words: str
    example: str
    common: tuple[str, ...]


DIMENSIONS: dict[str, Dimension] = {
    "time": Dimension("h", "a time", "21 d", ("d", "h", "min")),
    "concentration": Dimension("nM", "a concentration", "10 nM", ("nM", "uM", "pM", "ug/mL")),
    "volume_medium": Dimension("uL", "a volume", "100 uL", ("uL", "mL")),
    "volume_cell": Dimension("pL", "a cell volume", "3.8 pL", ("pL", "fL")),
    "volume": Dimension("L", "a volume", "3.127 L", ("L", "mL")),
    "length": Dimension("um", "a length", "75 um", ("um", "mm")),
    "permeability": Dimension("um/h", "a permeability", "259 um/d", ("um/d", "um/h", "cm/s")),
    "weight": Dimension("kg", "a body weight", "70 kg", ("kg",)),
    "dose": Dimension("mg/kg", "a dose per body weight", "3.6 mg/kg", ("mg/kg",)),
    "rate": Dimension("1/h", "a rate constant", "0.14 1/h", ("1/h", "1/d", "1/min")),
    "binding_rate": Dimension("1/nM/h", "a binding rate constant", "0.36 1/nM/h", ("1/nM/h", "1/M/s")),
    "clearance": Dimension("L/h", "a clearance", "0.676 L/d", ("L/d", "L/h", "mL/h")),
    "uptake": Dimension("pL/h", "a fluid uptake", "0.05 pL/h", ("pL/h", "fL/h")),
    "molar_mass": Dimension("g/mol", "a molar mass", "148000 g/mol", ("g/mol", "kg/mol")),
    "plasma": Dimension("ug/mL", "a mass concentration", "20 ug/mL", ("ug/mL", "mg/L")),
    "ectodomain": Dimension("ng/mL", "a mass concentration", "25 ng/mL", ("ng/mL", "ug/L")),
    "albumin": Dimension("g/L", "a mass concentration", "41 g/L", ("g/L", "g/dL")),
    "burden": Dimension("cm", "a length", "9 cm", ("cm", "mm")),
    "enzyme": Dimension("U/L", "an enzyme activity per volume", "27 U/L", ("U/L",)),
    "per_plasma": Dimension("mL/ug", "an effect per mass concentration", "-0.002 mL/ug", ("mL/ug",)),
    "number": Dimension("1", "a plain number", "0.5", ()),
}

USUAL: tuple[dict[str, Fraction], ...] = tuple(
    {unit: Fraction(size) for unit, size in one.items()}
    for one in (
        {"h": "1", "d": "24", "min": "1/60", "s": "1/3600"},
        {"nM": "1", "uM": "1e3", "pM": "1e-3", "mM": "1e6"},
        {"g/L": "1", "mg/mL": "1", "ug/mL": "1e-3", "mg/L": "1e-3", "ng/mL": "1e-6", "ug/L": "1e-6", "g/dL": "10"},
        {"L": "1", "dL": "0.1", "mL": "1e-3", "uL": "1e-6", "pL": "1e-12", "fL": "1e-15"},
        {"um": "1", "mm": "1e3", "cm": "1e4"},
        {"um/h": "1", "um/d": "1/24", "cm/s": "36e6"},
        {"kg": "1", "g": "1e-3", "mg": "1e-6", "ug": "1e-9", "ng": "1e-12"},
        {"mol": "1"},
        {"U": "1"},
        {"1/h": "1", "1/d": "1/24", "1/min": "60", "1/s": "3600"},
        {"1/nM/h": "1", "1/M/s": "36e-7"},
        {"L/h": "1", "L/d": "1/24", "mL/h": "1e-3", "pL/h": "1e-12", "fL/h": "1e-15"},
        {"g/mol": "1", "kg/mol": "1e3"},
        {"U/L": "1"},
        {"mL/ug": "1"},
    )
)
"""Usual units, in groups that measure the same, with their sizes; a test holds them to pint."""
_GROUP = {unit: group for group in USUAL for unit in group}

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*(.*?)\s*", re.DOTALL)
# A unit is names with small powers joined by / * or a blank: nothing pint could be made to compute for long.
_FACTOR = r"[A-Za-z]{1,24}(?:\^?-?[1-4])?"
_UNIT = re.compile(rf"(?:1\s*)?(?:/\s*)?{_FACTOR}(?:\s*[/* ]\s*{_FACTOR}){{0,5}}")
_NOT_FINITE = re.compile(r"\s*[-+]?\.?(?:nan|inf(?:inity)?)\b.*", re.IGNORECASE | re.DOTALL)


class UnitError(ValueError):
    """A quantity that cannot be read: what is wrong, what is allowed, what to try."""

    def __init__(self, what: str, allowed: str = "", suggestion: str = "") -> None:
        self.what, self.allowed, self.suggestion = what, allowed, suggestion
        super().__init__("; ".join(part for part in (what, allowed, suggestion) if part))


def parse_quantity(text: str, dimension: str, *, molar_mass: float | None = None) -> float:
    """Read a quantity such as ``3.6 mg/kg`` and return it in the canonical unit of its dimension.

    Parameters
    ----------
    text : str
        Number and unit; ``µ`` and ``u`` mean the same.
    dimension : str
        A key of `DIMENSIONS`, which names the canonical unit.
    molar_mass : float, optional
        g/mol; where given, a concentration may also be a mass per volume (``1 ug/mL``).

    Returns
    -------
    float
        The value in the canonical unit; finite.

    Raises
    ------
    UnitError
        A `ValueError` whose text shows the right spelling.
    """
    return _parse(text, DIMENSIONS[dimension], dimension, molar_mass)


def parse_in_unit(text: str, unit: str, *, molar_mass: float | None = None) -> float:
    """Read a quantity and return it in ``unit`` (pint spelling, ``1`` for none), or raise `UnitError`."""
    usual = dimension_of(unit)
    if usual is None:
        kind = Dimension(unit, f"a quantity in {unit}", f"1 {unit}", (unit,))
    else:
        known = DIMENSIONS[usual]
        common = (unit, *(u for u in known.common if u != unit)) if unit != "1" else ()
        kind = Dimension(unit, known.words, f"1 {unit}" if unit != "1" else "0.5", common)
    return _parse(text, kind, usual or "", molar_mass)


def convert(value: float, unit_from: str, unit_to: str) -> float:
    """Convert a number from one unit to another; exact up to the last rounding.

    Raises
    ------
    UnitError
        If a unit is unknown or the two do not measure the same kind of thing.
    """
    if unit_from == unit_to or math.isinf(value):
        return float(value)
    factor = _factor(unit_from, unit_to)
    if factor is None:
        kinds = f"one is {_kind(unit_from) or 'unknown'}, the other {_kind(unit_to) or 'unknown'}"
        msg = f"{unit_from} cannot be turned into {unit_to}: {kinds}"
        raise UnitError(msg)
    return _finite(Fraction(value) * factor, f"{value:g} {unit_from}")


def dimension_of(unit: str) -> str | None:
    """Return the key of `DIMENSIONS` that a unit belongs to; None for a unit outside the table."""
    if unit == "1":
        return "number"
    for name, known in DIMENSIONS.items():
        if name != "number" and _factor(unit, known.unit) is not None:
            return name
    return None


def spell(value: float, dimension: str) -> str:
    """Write a canonical value so that `parse_quantity` gives it back to the last bit, in the unit people use.

    The usual unit is taken where it spells the value in at most six digits and not below 1 (times: 7 days),
    else the canonical one.
    """
    known = DIMENSIONS[dimension]
    if known.unit == "1":
        return _plain(value)
    for unit in (known.common[0], known.unit):
        factor = _factor(known.unit, unit)
        if factor is None:  # pragma: no cover - the table's own units agree, and a test says so
            continue
        text = f"{float(f'{float(Fraction(value) * factor):.6g}'):.6g} {unit}"
        readable = unit == known.unit or abs(value * factor) >= (7 if dimension == "time" else 1)
        if readable and parse_quantity(text, dimension) == value:
            return text
    return f"{_plain(value)} {known.unit}"


def _parse(text: str, kind: Dimension, dimension: str, molar_mass: float | None) -> float:
    text = text.replace("µ", "u").replace("μ", "u").replace("·", "*").replace("\u2212", "-")
    shown = _shown(text)
    if _NOT_FINITE.fullmatch(text):
        msg = f"{shown} is not a finite number"
        raise UnitError(msg, f"{kind.words} is needed, such as {kind.example}")
    match = _QUANTITY.fullmatch(text)
    if match is None:
        msg = f"{shown} is not {kind.words}"
        raise UnitError(msg, f"write a number and its unit, such as {kind.example}")
    number, unit = match.groups()
    if kind.unit == "1":
        if unit:
            msg = f"{shown} has the unit {unit!r}"
            raise UnitError(msg, "this is a plain number, without a unit", f"write {number}")
        return _finite(Fraction(number), shown)
    if not unit:
        raise no_unit(number, kind)
    factor = _factor(unit, kind.unit, dose=dimension == "dose")
    if factor is None and dimension == "concentration":
        factor = _mass_factor(unit, shown, molar_mass)
    if factor is None:
        raise _wrong_unit(shown, unit, kind)
    return _finite(Fraction(number) * factor, shown)


def no_unit(number: str, kind: Dimension) -> UnitError:
    """Return the error for a bare number where a unit is needed; it shows the right spelling."""
    spellings = " or ".join(f"'{number} {unit}'" for unit in kind.common[:2])
    return UnitError(f"{number} has no unit", f"{kind.words} is needed, such as {kind.example}", f"write {spellings}")


def _wrong_unit(shown: str, unit: str, kind: Dimension) -> UnitError:
    found = _kind(unit)
    allowed = f"{kind.words} is needed, such as {kind.example}"
    if found:
        return UnitError(f"{shown} is {found}", allowed)
    near = get_close_matches(unit, kind.common, n=1, cutoff=0.5)
    return UnitError(f"{unit!r} is not a unit known here", allowed, f"did you mean {near[0]!r}?" if near else "")


def _finite(exact: Fraction, shown: str) -> float:
    try:
        value = float(exact)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        msg = f"{shown} is too large a number"
        raise UnitError(msg)
    return value


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _plain(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


_KINDS = {
    "h": "a time",
    "um": "a length",
    "kg": "a mass",
    "mol": "an amount of substance",
    "nM": "a concentration",
    "g/L": "a mass concentration",
    "L": "a volume",
    "um/h": "a speed (permeability)",
    "L/h": "a volume per time",
    "1/h": "a rate",
    "1/nM/h": "a binding rate constant",
    "g/mol": "a molar mass",
    "U/L": "an enzyme activity per volume",
    "mL/ug": "a volume per mass",
}


@cache
def _registry() -> Any:
    """Return the registry of units, with exact fractions for numbers; imported late because it is slow."""
    import pint

    return pint.UnitRegistry(non_int_type=Fraction)


@cache
def _unit(text: str) -> Any:
    """Return pint's unit for a text, or None where it is not one."""
    if not _UNIT.fullmatch(text):
        return None
    expression = re.sub(r"(?<=[A-Za-z])\^?(-?[1-4])", r"**\1", text)
    expression = re.sub(r"(?<=[A-Za-z0-9])\s+(?=[A-Za-z])", "*", expression.strip())
    if expression.startswith("/"):
        expression = "1" + expression
    try:
        return _registry().parse_units(expression)
    except Exception:
        return None


@cache
def _factor(unit_from: str, unit_to: str, *, dose: bool = False) -> Fraction | None:
    """Return how many ``unit_to`` one ``unit_from`` is; None where they differ in kind or one is unknown."""
    if unit_from == unit_to:
        return Fraction(1)
    per_weight = unit_to == "mg/kg"
    if dose or per_weight or unit_from == "mg/kg":
        # For pint a mass per mass is a plain number; for a dose the two masses are different things.
        above, _, below = (part.strip() for part in unit_from.partition("/"))
        above_to, _, below_to = unit_to.partition("/")
        if above == "1" or _are_apart(above, above_to) or _are_apart(below, below_to):
            return None  # without pint, which takes a second to come
        up, down = (_factor(above, above_to), _factor(below, below_to)) if below and below_to else (None, None)
        return up / down if up is not None and down is not None else None
    if unit_from in _GROUP and unit_to in _GROUP:
        group = _GROUP[unit_from]
        return group[unit_from] / group[unit_to] if unit_to in group else None
    return pint_factor(unit_from, unit_to)


def _are_apart(one: str, other: str) -> bool:
    """Whether two usual units measure different things."""
    return one in _GROUP and other in _GROUP and other not in _GROUP[one]


def pint_factor(unit_from: str, unit_to: str) -> Fraction | None:
    """Return how many ``unit_to`` one ``unit_from`` is, as pint has it."""
    one, other = _unit(unit_from), _unit(unit_to)
    if one is None or other is None or one.dimensionality != other.dimensionality:
        return None
    try:
        return Fraction(_registry().convert(Fraction(1), one, other))
    except Exception:
        return None


def _mass_factor(unit: str, shown: str, molar_mass: float | None) -> Fraction | None:
    """Return nM per mass concentration, through the molar mass (g/mol); None for any other unit."""
    grams_per_litre = _factor(unit, "g/L")
    if grams_per_litre is None:
        return None
    if molar_mass is None:
        msg = f"{shown} is a mass concentration"
        raise UnitError(msg, "a molar concentration is needed here, such as 10 nM")
    return grams_per_litre * 10**9 / Fraction(molar_mass)


def _kind(unit: str) -> str:
    """Return in words what a unit measures; empty where it is no unit."""
    if _factor(unit, "mg/kg", dose=True) is not None:
        return "a dose per body weight"
    if _unit(unit) is None:
        return ""
    return next((words for probe, words in _KINDS.items() if _factor(unit, probe)), "of another kind")
