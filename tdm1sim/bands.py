"""Bands of the payload that a cell met: by the highest level in its cytosol, between limits known before the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BANDS = ("low", "intermediate", "high")


def band_limits(values: Mapping[str, float]) -> tuple[float, float]:
    """Return the lower and upper band limit (nM): half mitotic block, and a fraction of half rapid apoptosis."""
    return values["C_M"], values["band_fraction"] * values["C_A"]


def band_number(peak_nM: Any, low: float, high: float) -> Any:
    """Return the place in `BANDS` of a peak level: below `low`, up to `high`, or above (nM).

    Parameters
    ----------
    peak_nM : float or array
        Highest level of each cell.
    low, high : float
        From `band_limits`; where they cross, what is below `low` is low.
    """
    return (peak_nM >= low) * (1 + (peak_nM > high))


def band_of(peak_nM: float, low: float, high: float) -> str:
    """Return the name of the band of a peak level."""
    return BANDS[int(band_number(peak_nM, low, high))]
