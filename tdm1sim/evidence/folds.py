"""How much each resistance mechanism moves the IC50, over the range that is plausible for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tdm1sim.catalogue import Catalogue, load_catalogue
from tdm1sim.catalogue.entries import ResistanceEntry
from tdm1sim.catalogue.published import Experiment
from tdm1sim.evidence.cultures import Bench
from tdm1sim.evidence.protocols import dose_series
from tdm1sim.workers import in_order

HOURS = 96.0
RECEPTORS = 1.0e6
DOSES = tuple(float(f"{10 ** (i / 4.0):.3g}") for i in range(-9, 13))
"""Concentrations of the series, nM: four to a decade, 0.006 to 1000."""
SETTINGS: dict[str, object] = {
    "cell_line": "sk-br-3",
    "readout": "atp",
    "hours": HOURS,
    "medium": "100 uL",
    "cells_per_well": 8000,
    "dose_unit": "nM",
    "doses": list(DOSES),
    "cells": 500,
}
ASSUMED = {
    "her2_fold": "nothing beside the size",
    "mdr1": "that efflux of free DM1 is what MDR1 multiplies",
    "slc46a3": "kleak and kexo, which nobody measured, set the largest effect",
    "pten": "q and E_T, which nobody measured",
    "internalization": "nothing beside the size",
    "recycling": "nothing beside the size",
    "lysosome": "kexoL, which nobody measured, and that acidity drives SLC46A3 too",
}
"""What of the effect's size follows from assumptions, by the clone key that the mechanism sets."""


@dataclass(frozen=True, slots=True)
class Fold:
    """The IC50 under one strength of one mechanism.

    Attributes
    ----------
    mechanism : str
        Name in the catalogue; empty for the cell with nothing changed.
    setting : str
        What was set to what.
    ic50 : float or None
        nM; None where the curve never meets half of untreated.
    fold : float or None
        Over the IC50 with nothing changed.
    lowest : float
        Lowest signal of the curve, relative to untreated.
    assumed : str
        What of the size follows from assumptions.
    """

    mechanism: str
    setting: str
    ic50: float | None
    fold: float | None
    lowest: float
    assumed: str = ""


def strengths(entry: ResistanceEntry) -> list[tuple[str, float | str]]:
    """Return the clone key with its mild end, catalogue value and strong end, each once."""
    key, value = next(iter(entry.sets.items()))
    if isinstance(value, str) or entry.low is None or entry.high is None:
        return [(key, value)]
    ends = (entry.high, entry.low) if value < 1.0 else (entry.low, entry.high)
    return [(key, strength) for strength in dict.fromkeys((ends[0], value, ends[1]))]


def folds(
    catalogue: Catalogue | None = None,
    *,
    jobs: int = 1,
    size: float = 1.0,
    progress: Callable[[float, float], None] | None = None,
) -> list[Fold]:
    """Simulate every mechanism at three strengths; the first entry is the cell with nothing changed.

    Parameters
    ----------
    catalogue : Catalogue, optional
        What is known; the package's own by default.
    jobs : int
        Worker processes.
    size : float
        Factor on the number of simulated cells.
    progress : callable, optional
        Called with curves done and in all.
    """
    catalogue = catalogue or load_catalogue()
    work: list[tuple[str, str, float | str]] = [("", "", "")]
    work += [(name, *strength) for name, entry in catalogue.resistance.items() for strength in strengths(entry)]
    found: list[Fold] = []
    curves = in_order(partial(_curve, catalogue=catalogue, size=size), work, jobs)
    for (name, key, value), (ic50, lowest) in zip(work, curves, strict=True):
        base = found[0].ic50 if found else ic50
        setting = f"{_WORDS[key]} {value:g}" if isinstance(value, float) else f"{_WORDS.get(key, '')} {value}"
        fold = ic50 / base if ic50 and base else None
        found.append(Fold(name, setting.strip(), ic50, fold, lowest, ASSUMED.get(key, "")))
        if progress:
            progress(len(found), len(work))
    return found


_WORDS = {
    "her2_fold": "HER2 x",
    "mdr1": "efflux x",
    "slc46a3": "activity",
    "pten": "PTEN",
    "internalization": "internalisation x",
    "recycling": "recycling x",
    "lysosome": "activity x",
}


def _curve(work: tuple[str, str, float | str], catalogue: Catalogue, size: float) -> tuple[float | None, float]:
    _, key, value = work
    return curve(catalogue, key, value, size)


def curve(catalogue: Catalogue, key: str, value: float | str, size: float = 1.0) -> tuple[float | None, float]:
    """Simulate one dose series with one trait changed; return the IC50 (nM) and the lowest signal."""
    settings = dict(SETTINGS)
    receptors = RECEPTORS * value if key == "her2_fold" and isinstance(value, float) else RECEPTORS
    traits: dict[str, object] = {"her2": f"{{receptors: {receptors:.6g}}}"}
    if key and key != "her2_fold":
        traits[key] = value
    settings["traits"] = traits
    reading = dose_series(Experiment("folds", "dose_series", settings, ""), Bench(catalogue, size=size))
    signal = [reading["of_untreated"](dose) for dose in DOSES]
    return reading["ic50_nM"](math.nan), min(value for value in signal if value is not None)
