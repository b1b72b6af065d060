"""How high the payload of single cells ever rose: shares of the cells in bins, which draws are compared in.

The bins are those of the run itself, so that every draw is counted in the same ones, whatever its own thresholds are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from tdm1sim.results import Results

FloatArray = NDArray[np.float64]

FATES = ("surviving", "mitotic_catastrophe", "apoptosis", "adcc")
"""The fates of the cells that count; those that divided have none of their own."""
PER_DECADE = 12
"""Bins in a factor of ten."""
PREFIX = "cells.dm1_peak_nM."
"""How ``uncertainty.csv`` calls the share of the cells in a bin, before the lower border of the bin in nM."""


def counted(results: Results) -> pd.DataFrame:
    """Return the cells with a fate of their own: all but those that divided; their daughters carry on."""
    cells: pd.DataFrame = results.cells[results.cells["fate"].isin(FATES)]
    return cells


def edges(results: Results) -> tuple[float, float]:
    """Return the borders of the bands, nM: low to intermediate, intermediate to high."""
    bands = results.summary["bands"]
    return float(bands["low_nM"]), float(bands["high_nM"])


def bins(results: Results) -> FloatArray:
    """Return the borders of the bins, nM, at equal distances in the logarithm.

    The borders of the bands are among them, so that no bar belongs to two bands. The first bin also takes the
    cells below it, cells without any DM1 among them: a logarithmic axis has no zero.
    """
    low, high = edges(results)
    peaks = counted(results)["dm1_peak_nM"].to_numpy(dtype=float)
    positive = peaks[peaks > 0]
    least = float(np.quantile(positive, 0.01)) if positive.size else low
    first = min(max(least, low / 300.0), low / 10.0)
    last = max(float(positive.max(initial=0.0)), high * 8.0)
    inside = max(1, round(np.log10(high / low) * PER_DECADE))
    step = np.log10(high / low) / inside
    below, above = np.ceil(np.log10(low / first) / step), np.ceil(np.log10(last / high) / step + 1e-9)
    exponents = np.log10(low) + step * np.arange(-below, inside + above + 1)
    return np.asarray(10.0**exponents, dtype=np.float64)


def shares(results: Results, borders: FloatArray) -> FloatArray:
    """Return the share of the counted cells in each bin, shape (bins,); those outside are in the first or the last."""
    cells = counted(results)
    peaks = np.clip(cells["dm1_peak_nM"].fillna(0.0).to_numpy(dtype=float), borders[0], borders[-1])
    found: FloatArray = np.histogram(peaks, borders)[0] / max(len(cells), 1)
    return found


def rows(results: Results, borders: FloatArray, at: float) -> pd.DataFrame:
    """Return the shares as rows of `tdm1sim.uncertainty.curves_of`, at time `at` (h)."""
    import pandas as pd

    names = [f"{PREFIX}{border:.6g}" for border in borders[:-1]]
    return pd.DataFrame({"time_h": at, "quantity": names, "value": shares(results, borders)})


def band(table: pd.DataFrame | None, borders: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Return the ends of the band of ignorance in each bin, shape (bins,); None where no values were drawn.

    Parameters
    ----------
    table : DataFrame or None
        ``uncertainty.csv``.
    borders : array, shape (bins + 1,)
        From `bins`; borders are found again though the table has six digits of them.
    """
    if table is None:
        return None
    own = table[table["quantity"].str.startswith(PREFIX)]
    if own.empty:
        return None
    known = own["quantity"].str.removeprefix(PREFIX).to_numpy(dtype=float)
    at = np.argmin(np.abs(np.log(known[None, :] / borders[:-1, None])), axis=1)
    near = np.isclose(known[at], borders[:-1], rtol=1e-4)
    ends = (np.where(near, own[end].to_numpy(dtype=float)[at], np.nan) for end in ("model_low", "model_high"))
    low, high = ends
    return low, high
