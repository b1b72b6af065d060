"""Which unit each display unit becomes inside, so that a start-up needs no unit library.

The factors are typed here because importing pint costs more than reading the whole catalogue; a test compares
every row with pint.
"""

from __future__ import annotations

import math
from fractions import Fraction

CANONICAL: dict[str, tuple[str, int, int]] = {
    "1": ("1", 1, 1),
    "1/nM/h": ("1/nM/h", 1, 1),
    "1/h": ("1/h", 1, 1),
    "nM": ("nM", 1, 1),
    "uM": ("nM", 1000, 1),
    "pL": ("pL", 1, 1),
    "pL/h": ("pL/h", 1, 1),
    "kg/mol": ("g/mol", 1000, 1),
    "h": ("h", 1, 1),
    "min": ("h", 1, 60),
    "L/d": ("L/h", 1, 24),
    "L": ("L", 1, 1),
    "kg": ("kg", 1, 1),
    "um/d": ("um/h", 1, 24),
    "um": ("um", 1, 1),
    "uL": ("uL", 1, 1),
    "g/mol": ("g/mol", 1, 1),
    "L/h": ("L/h", 1, 1),
    "ug/mL": ("ug/mL", 1, 1),
    "ng/mL": ("ng/mL", 1, 1),
    "g/L": ("g/L", 1, 1),
    "cm": ("cm", 1, 1),
    "U/L": ("U/L", 1, 1),
    "mL/ug": ("mL/ug", 1, 1),
}
"""Display unit -> canonical unit and the ratio (numerator, denominator) that leads there."""


def to_canonical(value: float, unit: str) -> float:
    """Return ``value``, given in a display unit, in its canonical unit.

    The decimal number is converted exactly and rounded once, as `tdm1sim.units.parse_quantity` does, so that
    a default and the same value written in a scenario become the same bits.
    """
    _, numerator, denominator = CANONICAL[unit]
    return _times(value, Fraction(numerator, denominator))


def from_canonical(value: float, unit: str) -> float:
    """Return ``value``, given in the canonical unit, in the display unit."""
    _, numerator, denominator = CANONICAL[unit]
    return _times(value, Fraction(denominator, numerator))


def _times(value: float, factor: Fraction) -> float:
    if math.isinf(value) or factor == 1:
        return float(value)
    return float(Fraction(repr(float(value))) * factor)
