"""What the figures take out of a result: series per replicate, chance intervals, facts of the scenario.

Figures read results only; nothing here computes biology.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tdm1sim import given
from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures import texts
from tdm1sim.figures.words import duration, number_of, plain
from tdm1sim.intervals import student_t

if TYPE_CHECKING:
    import pandas as pd

    from tdm1sim.results import Results

Floats = NDArray[np.float64]


NORMAL: Mapping[str, tuple[float, str]] = MappingProxyType(
    {
        "mdr1": (1.0, "fold_mdr1"),
        "slc46a3": (1.0, "fold_slc46a3"),
        "internalization": (1.0, "fold_internalization"),
        "recycling": (1.0, "fold_recycling"),
        "lysosome": (1.0, "fold_lysosome"),
    }
)
"""Clone traits, their normal value, and the label that tells a departure from it."""


@dataclass(frozen=True, slots=True)
class Series:
    """A mean over replicates with its interval for chance alone.

    Attributes
    ----------
    mean, low, high : array, shape (times,)
        Mean and ends of the 95 % Student t interval; the ends are not a number where fewer than two
        replicates have a value, because one run says nothing about chance.
    """

    mean: Floats
    low: Floats
    high: Floats

    @property
    def has_interval(self) -> bool:
        """Whether any time has an interval."""
        return bool(np.isfinite(self.low).any())


def interval(values: Floats, floor: float = 0.0, ceiling: float = np.inf) -> Series:
    """Return mean and 95 % Student t interval over replicates, clipped to what is possible.

    Parameters
    ----------
    values : array, shape (replicates, times)
        Not a number where a replicate has no value at a time.
    floor, ceiling : float
        Smallest and largest possible value, in the unit of ``values``.
    """
    known = np.isfinite(values)
    n = known.sum(axis=0)
    filled = np.where(known, values, 0.0)
    mean = np.where(n > 0, filled.sum(axis=0) / np.maximum(n, 1), np.nan)
    squares = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
    error = np.sqrt(squares / np.maximum(n - 1, 1) / np.maximum(n, 1))
    quantile = {int(count): student_t(int(count) - 1) for count in np.unique(n) if count > 1}
    half = np.array([quantile.get(int(count), np.nan) for count in n]) * error
    return Series(mean, np.clip(mean - half, floor, ceiling), np.clip(mean + half, floor, ceiling))


def model_band(bands: pd.DataFrame | None, quantity: str, at: Floats) -> tuple[Floats, Floats] | None:
    """Return the ends of the band of ignorance of a quantity, shape (times,); None where no values were drawn.

    Parameters
    ----------
    bands : DataFrame or None
        ``uncertainty.csv``.
    quantity : str
        As that table calls it.
    at : array
        Times of the axis, h; not a number where the draws have none.
    """
    if bands is None:
        return None
    rows = bands[bands["quantity"] == quantity]
    if rows.empty:
        return None
    table = rows.assign(time_h=rows["time_h"].round(6)).set_index("time_h").reindex(at.round(6))
    return table["model_low"].to_numpy(dtype=float), table["model_high"].to_numpy(dtype=float)


def draws(results: Results) -> int:
    """Return how many draws of uncertain values the bands of ignorance are of; 0 where there are none."""
    drawn = results.manifest.get("uncertain") if results.uncertainty is not None else None
    return int(drawn["draws"]) if drawn else 0


def times(results: Results) -> Floats:
    """Return the recorded times of the longest replicate, h, shape (times,).

    They are not evenly spaced: besides the regular ones there is one wherever exposure changes abruptly.
    """
    return times_of(results.timeseries)


def times_of(frame: pd.DataFrame) -> Floats:
    """Return the times of a table, h, shape (times,)."""
    return np.unique(_rounded(frame))


def _rounded(frame: pd.DataFrame) -> Floats:
    """Return the times of a table (h), equal where replicates differ by less than a recorder tells apart."""
    return np.asarray(frame["time_h"].to_numpy(dtype=float).round(6), dtype=np.float64)


def typical(values: Floats, at: Floats) -> float:
    """Return the median over time of a series: half of the time it is lower, half of the time higher.

    Parameters
    ----------
    values : array, shape (times,)
        Not a number where there is no value.
    at : array, shape (times,)
        Times, rising, in any unit; rows close together count for the little time between them.
    """
    if len(at) < 2:
        return float(np.nanmedian(values)) if np.isfinite(values).any() else np.nan
    gaps = np.diff(at)
    lasts = (np.append(gaps, 0.0) + np.insert(gaps, 0, 0.0)) / 2.0
    known = np.isfinite(values)
    order = np.argsort(values[known])
    gone = np.cumsum(lasts[known][order])
    return float(values[known][order][np.searchsorted(gone, gone[-1] / 2.0)]) if known.any() else np.nan


def per_replicate(frame: pd.DataFrame, column: str) -> Floats:
    """Return one column of a table as array (replicates, times); nan where a replicate stopped early."""
    table = frame.assign(time_h=_rounded(frame)).pivot(index="replicate", columns="time_h", values=column)
    return table.to_numpy(dtype=float)


def founders(results: Results) -> Floats:
    """Return the cells at the start of each replicate, shape (replicates,)."""
    return per_replicate(results.timeseries, "live_cells")[:, 0]


def simulated(results: Results) -> int:
    """Return how many founder cells were simulated in all replicates together."""
    return round(float(founders(results).sum()))


def is_patient(results: Results) -> bool:
    """Whether the run is a patient (else a culture)."""
    return str(results.manifest.get("setting", "patient")) == "patient"


def has_conjugate(results: Results) -> bool:
    """Whether any conjugate ever reached the surroundings of the cells."""
    return _any(results, "plasma_conjugate_ug_ml", "local_conjugate_nM")


def has_antibody(results: Results) -> bool:
    """Whether any antibody of subdomain IV, naked or conjugate, ever reached the surroundings of the cells."""
    return has_conjugate(results) or _any(results, "plasma_antibody_nM", "local_antibody_nM")


def has_drug(results: Results) -> bool:
    """Whether anything was given at all: a conjugate, a naked antibody (left from earlier, too), an inhibitor."""
    return has_antibody(results) or bool(given.of(results).drugs)


def _any(results: Results, *columns: str) -> bool:
    table = results.timeseries[list(columns)]
    return bool((table.fillna(0.0).to_numpy(dtype=float) > 0).any())


def is_population(results: Results) -> bool:
    """Whether each replicate is another patient."""
    return setting(results, "patient.population") is True


def interval_name(results: Results, words: texts.Words = texts.english) -> str:
    """Return what the intervals of this run cover."""
    return words("interval_patients" if is_population(results) else "interval_chance")


def naked(results: Results) -> list[str]:
    """Return the naked antibodies of a run: those given, and trastuzumab left from earlier therapy."""
    found = list(given.of(results).antibodies)
    left = number_of(setting(results, "patient.residual_trastuzumab")) > 0 or is_population(results)
    if left and "trastuzumab" not in found and has_antibody(results):
        found.insert(0, "trastuzumab left from earlier therapy")
    return found


def is_cleared(results: Results) -> bool:
    """Whether no simulated cell is alive at the end of any replicate."""
    live = per_replicate(results.timeseries, "live_cells")
    return bool(np.nanmax(live[:, -1]) == 0) if np.isfinite(live[:, -1]).any() else False


def in_days(results: Results) -> bool:
    """Whether time is told in days: patients, and cultures longer than ten days."""
    return bool(times(results)[-1] >= (36.0 if is_patient(results) else 240.0))


def clock(results: Results) -> tuple[Floats, str]:
    """Return the recorded times in the unit of the axis, and the label of that axis."""
    hours = times(results)
    return (hours / 24.0, texts.label("time_days")) if in_days(results) else (hours, texts.label("time_hours"))


def length(results: Results, words: texts.Words = texts.english) -> str:
    """Return how long was simulated, in words."""
    return duration(float(times(results)[-1]), in_days=in_days(results), words=words)


def setting(results: Results, path: str) -> Any:
    """Return a value of the resolved scenario by its dotted path, None where it is not set."""
    node: Any = results.scenario
    for key in path.split("."):
        if not isinstance(node, Mapping) or key not in node:
            return None
        node = node[key]
    return node


def clones(results: Results) -> dict[str, Mapping[str, Any]]:
    """Return the clones of the scenario: name to what the file says about it."""
    found = setting(results, "tumour.clones")
    return dict(found) if isinstance(found, Mapping) else {}


def folds(traits: Mapping[str, Any], words: texts.Words = texts.english) -> list[str]:
    """Return in words the folds by which a clone departs from normal, and the named resistances it carries."""
    found = []
    for key, (normal, name) in NORMAL.items():
        value = traits.get(key)
        value = value.get("median") if isinstance(value, Mapping) else value
        number = number_of(value)
        if not np.isnan(number) and number != normal:
            found.append(words(name, fold=plain(number)))
    return found + [str(name) for name in traits.get("resistance") or ()]


def founder_cells(results: Results) -> pd.DataFrame:
    """Return the rows of cells.csv without a mother."""
    parents = results.cells["parent_id"]
    found: pd.DataFrame = results.cells[parents.isna() | (parents.astype(str) == "")]
    return found


def her2_of(results: Results) -> dict[str, tuple[str, float]]:
    """Return per clone the IHC class (empty when none is named) and the receptors per cell.

    Where the scenario leaves them to a cell line or a named resistance, the median of the founders stands in.
    """
    found: dict[str, tuple[str, float]] = {}
    classes = load_catalogue().her2_classes
    cells = founder_cells(results)
    for name, traits in clones(results).items():
        her2, changed = traits.get("her2"), bool(traits.get("resistance"))
        if isinstance(her2, Mapping):
            found[name] = ("", number_of(her2.get("receptors")))
        elif str(her2) in classes and not changed:
            found[name] = (str(her2), float(classes[str(her2)].receptors))
        else:
            own = cells.loc[cells["clone"] == name, "her2_per_cell"]
            found[name] = (str(her2 or ""), float(own.median()) if len(own) else np.nan)
    return found
