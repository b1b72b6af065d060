"""What the axes and quantities of a sweep are called on a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures import texts
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


def _nanomolar(value: float) -> str:
    return f"{plain(value)} nM"


MEASURES: dict[str, tuple[str, Callable[[float], str]]] = {
    "surviving": ("Surviving cells", percent),
    "apoptosis": ("Rapid apoptosis", percent),
    "mitotic_catastrophe": ("Mitotic catastrophe", percent),
    "adcc": ("Killing by NK cells", percent),
    "cycling": ("Cycling cells", percent),
    "arrested": ("Arrested cells", percent),
    "multinucleated": ("Multinucleated cells", percent),
    "cell_number_ratio": ("Living cells per founder", per_founder),
    "nadir_ratio": ("Living cells per founder at the nadir", per_founder),
    "nadir_day": ("The nadir", plain),
    "regrowth_d": ("Regrowth", plain),
    "time_to_kill_50_d": ("Loss of half of the cells", plain),
    "time_to_kill_90_d": ("Loss of 90 % of the cells", plain),
    "dm1_median_nM": ("Payload in living cells", _nanomolar),
    "dm1_peak_median_nM": ("Peak payload of cells", _nanomolar),
}
"""The name of a quantity in a title, and how its numbers are written; days have a word before them."""
DAYS = ("nadir_day", "regrowth_d", "time_to_kill_50_d", "time_to_kill_90_d")
DEFAULT = "cell_number_ratio"
"""What is drawn where nobody says what."""

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


def measure_of(name: str, words: texts.Words = texts.english) -> Measure:
    """Return how a quantity is told; the share of a clone by its name."""
    if name in MEASURES:
        short, told = MEASURES[name]
        label = words(f"measure_{name}")
        return Measure(label, short, (lambda value: words("day", day=plain(value))) if name in DAYS else told)
    clone = name.removeprefix("clone_").removesuffix("_end")
    return Measure(words("measure_clone", clone=clone), f"The share of {clone} among living cells", percent)


def axis_label(
    results: SweepResults, column: Column, words: texts.Words = texts.english, *, thousands: bool = True
) -> str:
    """Return the label of an axis: what is varied, of which clone or drug, in which unit (or thousands of it)."""
    parts = column.path.split(".")
    if parts[0] == "parameters" and len(parts) == 2:
        entry = load_catalogue().parameters.get(parts[1])
        what = parts[1] if entry is None else f"{entry.name} ({parts[1]})"
    else:
        name, whose = f"varied_{parts[-1]}", _whose(results, parts)
        what = words(name) if name in texts.ENGLISH else column.path
        what = words("varied_of", what=what, whose=whose) if whose else what
    unit = column.unit.replace("u", "µ", 1) if column.unit[:1] == "u" else column.unit
    if thousands and unit_of(results, column) > 1.0:
        unit = words("thousands_of", unit=unit) if unit else words("thousands")
    return f"{what} ({unit})" if unit else what


def unit_of(results: SweepResults, column: Column) -> float:
    """Return in how many of its own unit an axis counts: 1, or 1000 where its numbers are large."""
    return 1000.0 if column.numeric and float(results.table[column.name].max()) >= THOUSANDS else 1.0


def _whose(results: SweepResults, parts: list[str]) -> str:
    """Return which clone or drug an axis is about, where there are several."""
    tree = scenario(results)
    if parts[:2] == ["tumour", "clones"] and len(parts) > 3 and parts[2] != "*":
        several = len(tree.get("tumour", {}).get("clones", {})) > 1
        return parts[2] if several else ""
    if parts[0] == "treatment" and len(parts) == 3:
        drugs = load_catalogue().drugs
        entries = tree.get("treatment", [])
        at = int(parts[1]) if parts[1].isdecimal() else -1
        name = str(entries[at].get("drug")) if 0 <= at < len(entries) else parts[1]
        return (drugs[name].short if name in drugs and drugs[name].short else name) if name != "*" else ""
    return ""


def scenario(results: SweepResults) -> dict[str, Any]:
    """Return the base scenario as ordinary dictionaries."""
    return read_plain(results.base, "base.yaml")


def value_told(results: SweepResults, column: Column, value: object) -> str:
    """Return a value of an axis in a sentence: ``MDR1 ×10``, ``3.6 mg/kg``, ``HER2 3+``."""
    text = f"{plain(float(value)) if isinstance(value, int | float) else value} {column.unit}".rstrip()
    last = column.path.split(".")[-1]
    if column.path.startswith("parameters."):  # by its symbol: what it means stands at the axis
        return f"{last} {text}"
    name = axis_label(results, column).partition(" (")[0]
    return f"{_SHORT.get(last, name + ' ')}{text}"
