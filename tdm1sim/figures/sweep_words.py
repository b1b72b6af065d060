"""What the axes and quantities of a sweep are called on a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures.words import per_founder, percent, plain
from tdm1sim.scenario import read_plain

if TYPE_CHECKING:
    from tdm1sim.sweeping.folder import SweepResults
    from tdm1sim.sweeping.planning import Column


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity on a figure: its axis label, its name in a title, and how its values are told."""

    label: str
    short: str
    told: Callable[[float], str]


def _days(value: float) -> str:
    return f"day {plain(value)}"


def _nanomolar(value: float) -> str:
    return f"{plain(value)} nM"


_OF_CELLS = "share of the cells that did not divide"
MEASURES: dict[str, Measure] = {
    "surviving": Measure(f"surviving, {_OF_CELLS}", "Surviving cells", percent),
    "apoptosis": Measure(f"rapid apoptosis, {_OF_CELLS}", "Rapid apoptosis", percent),
    "mitotic_catastrophe": Measure(f"mitotic catastrophe, {_OF_CELLS}", "Mitotic catastrophe", percent),
    "adcc": Measure(f"killed by NK cells, {_OF_CELLS}", "Killing by NK cells", percent),
    "cycling": Measure(f"cycling, {_OF_CELLS}", "Cycling cells", percent),
    "arrested": Measure(f"arrested, {_OF_CELLS}", "Arrested cells", percent),
    "multinucleated": Measure(f"multinucleated, {_OF_CELLS}", "Multinucleated cells", percent),
    "cell_number_ratio": Measure("living cells per founder cell", "Living cells per founder", per_founder),
    "nadir_ratio": Measure(
        "fewest living cells per founder cell", "Living cells per founder at the nadir", per_founder
    ),
    "nadir_day": Measure("day of the fewest living cells", "The nadir", _days),
    "regrowth_d": Measure("day of regrowth (1.2 × nadir)", "Regrowth", _days),
    "time_to_kill_50_d": Measure("day at which half of the cells are gone", "Loss of half of the cells", _days),
    "time_to_kill_90_d": Measure("day at which 90 % of the cells are gone", "Loss of 90 % of the cells", _days),
    "dm1_median_nM": Measure("payload in living cells at the end, median (nM)", "Payload in living cells", _nanomolar),
    "dm1_peak_median_nM": Measure("highest payload of a cell, median (nM)", "Peak payload of cells", _nanomolar),
}
DEFAULT = "cell_number_ratio"
"""What is drawn where nobody says what."""

_KEYS: Mapping[str, str] = {
    "mdr1": "MDR1: fold of total efflux",
    "slc46a3": "SLC46A3 activity (1 intact, 0 lost)",
    "internalization": "internalisation, fold of normal",
    "recycling": "recycling, fold of normal",
    "lysosome": "lysosomal activity (1 normal)",
    "receptors": "HER2 receptors per cell",
    "her2": "HER2",
    "pten": "PTEN",
    "fraction": "share of the founders",
    "dose": "dose",
    "every": "time from dose to dose",
    "cycles": "number of doses",
    "concentration": "concentration",
    "inhibition": "share inhibited",
    "cells": "founder cells",
    "doubling": "untreated doubling time",
    "duration": "simulated time",
    "weight": "body weight",
    "permeability": "permeability of the vessels",
    "krogh_radius": "Krogh radius",
    "nk_per_tumour_cell": "NK cells per tumour cell",
    "becomes": "probability of turning at division",
}
_SHORT: Mapping[str, str] = {
    "mdr1": "MDR1 ×",
    "slc46a3": "SLC46A3 activity ",
    "internalization": "internalisation ×",
    "recycling": "recycling ×",
    "lysosome": "lysosomal activity ",
    "receptors": "HER2 ",
    "dose": "",
    "concentration": "",
    "fraction": "a share of ",
}
"""How a value begins in a title."""
THOUSANDS = 1e5
"""From here on an axis counts in thousands, so that its numbers stay short."""


def measure_of(name: str) -> Measure:
    """Return how a quantity is told; the share of a clone by its name."""
    if name in MEASURES:
        return MEASURES[name]
    clone = name.removeprefix("clone_").removesuffix("_end")
    return Measure(f"share of {clone} among living cells", f"The share of {clone} among living cells", percent)


def axis_label(results: SweepResults, column: Column, *, thousands: bool = True) -> str:
    """Return the label of an axis: what is varied, of which clone or drug, in which unit (or thousands of it)."""
    parts = column.path.split(".")
    if parts[0] == "parameters" and len(parts) == 2:
        entry = load_catalogue().parameters.get(parts[1])
        words = parts[1] if entry is None else f"{entry.name} ({parts[1]})"
    else:
        words = _KEYS.get(parts[-1], column.path) + _whose(results, parts)
    unit = column.unit.replace("u", "µ", 1) if column.unit[:1] == "u" else column.unit
    if thousands and unit_of(results, column) > 1.0:
        unit = f"thousand {unit}" if unit else "thousands"
    return f"{words} ({unit})" if unit else words


def unit_of(results: SweepResults, column: Column) -> float:
    """Return in how many of its own unit an axis counts: 1, or 1000 where its numbers are large."""
    return 1000.0 if column.numeric and float(results.table[column.name].max()) >= THOUSANDS else 1.0


def _whose(results: SweepResults, parts: list[str]) -> str:
    """Return which clone or drug an axis is about, where there are several."""
    tree = scenario(results)
    if parts[:2] == ["tumour", "clones"] and len(parts) > 3 and parts[2] != "*":
        several = len(tree.get("tumour", {}).get("clones", {})) > 1
        return f" of {parts[2]}" if several else ""
    if parts[0] == "treatment" and len(parts) == 3:
        drugs = load_catalogue().drugs
        entries = tree.get("treatment", [])
        at = int(parts[1]) if parts[1].isdecimal() else -1
        name = str(entries[at].get("drug")) if 0 <= at < len(entries) else parts[1]
        return f" of {drugs[name].short if name in drugs and drugs[name].short else name}" if name != "*" else ""
    return ""


def scenario(results: SweepResults) -> dict[str, Any]:
    """Return the base scenario as ordinary dictionaries."""
    return read_plain(results.base, "base.yaml")


def value_told(results: SweepResults, column: Column, value: object) -> str:
    """Return a value of an axis in a sentence: ``MDR1 ×10``, ``3.6 mg/kg``, ``HER2 3+``."""
    text = f"{plain(float(value)) if isinstance(value, int | float) else value} {column.unit}".rstrip()
    last = column.path.split(".")[-1]
    name = axis_label(results, column).partition(" (")[0]
    return f"{_SHORT.get(last, name + ' ')}{text}"
