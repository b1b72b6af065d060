"""How numbers, units and names are written for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tdm1sim.catalogue.entries import ResistanceEntry


def number(value: float) -> str:
    """Return a number as people write it; infinity is a mechanism that is off."""
    if math.isinf(value):
        return "off"
    if value and (abs(value) >= 1e4 or abs(value) < 1e-3):
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:.4g}"


def unit_of(unit: str) -> str:
    """Return the unit as shown; a pure number shows none."""
    return "" if unit == "1" else unit


def sets_of(entry: ResistanceEntry) -> str:
    """Return what a resistance mechanism does to a clone, as the scenario would write it."""
    return ", ".join(
        f"{key}: {value if isinstance(value, str) else number(value)}" for key, value in entry.sets.items()
    )
