"""Simulated beside measured: one row per published number, fold errors together and apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tdm1sim.catalogue import Catalogue, load_catalogue
from tdm1sim.catalogue.published import Published, Use
from tdm1sim.errors import InputError
from tdm1sim.evidence.arithmetic import fold_error, median, share_within
from tdm1sim.evidence.cultures import Bench
from tdm1sim.evidence.protocols import PROTOCOLS
from tdm1sim.workers import in_order

Progress = Callable[[float, float], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One published number and the simulated one.

    Attributes
    ----------
    id : str
        Row of the evidence data.
    quantity, system, source : str
        As the evidence data says; the quantity with its condition.
    measured : float
        In the unit of its line; the geometric mean of a range without a value.
    low, high : float or None
        Interval or range of what was measured, same unit.
    simulated : float or None
        None where the simulation never reached it.
    fold_error : float
        At least 1; infinity where `simulated` is None.
    used_for : {'calibration', 'prediction'}
        See `tdm1sim.catalogue.published.Published`.
    """

    id: str
    quantity: str
    system: str
    measured: float
    low: float | None
    high: float | None
    simulated: float | None
    fold_error: float
    used_for: Use
    source: str

    def as_json(self) -> dict[str, Any]:
        """Return the row as plain data; infinity becomes None."""
        keys = ("id", "quantity", "system", "measured", "low", "high", "simulated", "fold_error", "used_for", "source")
        values = {key: getattr(self, key) for key in keys}
        for key in ("measured", "low", "high", "simulated", "fold_error"):
            number = values[key]
            values[key] = None if number is None or not math.isfinite(number) else float(f"{number:.6g}")
        return values


@dataclass(frozen=True, slots=True)
class Line:
    """The rows of one entry, as one line of the table."""

    entry: Published
    rows: tuple[Row, ...]

    @property
    def fold(self) -> float:
        """Median fold error."""
        return median([row.fold_error for row in self.rows]) or math.inf

    @property
    def worst(self) -> float:
        """Largest fold error."""
        return max(row.fold_error for row in self.rows)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything compared, in the order of the catalogue."""

    lines: tuple[Line, ...] = field(default=())

    def rows(self, use: Use | None = None) -> list[Row]:
        """Return all rows, or those of one use."""
        return [row for line in self.lines for row in line.rows if use in (None, row.used_for)]

    def summary(self, use: Use) -> dict[str, Any]:
        """Return how many rows there are, their median fold error, and the share within 2-fold."""
        folds = [row.fold_error for row in self.rows(use)]
        middle, share = median(folds), share_within(folds)
        return {
            "rows": len(folds),
            "median_fold_error": None if middle is None or math.isinf(middle) else float(f"{middle:.4g}"),
            "within_2_fold": None if share is None else float(f"{share:.4g}"),
        }

    def as_json(self) -> dict[str, Any]:
        """Return the whole comparison as plain data: the file that the command writes."""
        rows = [row.as_json() for row in self.rows()]
        return {"rows": rows, "prediction": self.summary("prediction"), "calibration": self.summary("calibration")}

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Comparison:
        """Return the comparison that `as_json` told, its numbers at six digits; nothing is simulated.

        Raises
        ------
        InputError
            It is no comparison, or one with a row that this version holds nothing against.
        """
        published = load_catalogue().published.values()
        try:
            found = {row["id"]: _row(row) for row in content["rows"]}
        except (KeyError, TypeError) as error:
            msg = f"evidence.json is not what `tdm1sim evidence` wrote: {error!r}; run it again"
            raise InputError(msg) from None
        lines = [Line(entry, tuple(found.pop(id_) for id_ in entry.rows if id_ in found)) for entry in published]
        if found:
            msg = f"evidence.json has rows that this version does not compare ({', '.join(found)}); run evidence again"
            raise InputError(msg)
        return Comparison(tuple(line for line in lines if line.rows))


def _row(told: Mapping[str, Any]) -> Row:
    """Return a row as `Row.as_json` told it; a fold error of None was infinity."""
    fold = told["fold_error"]
    return Row(**{**told, "fold_error": math.inf if fold is None else float(fold)})


def compare(
    bench: Bench | None = None,
    *,
    only: str = "",
    entries: Sequence[str] | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Comparison:
    """Simulate every experiment and put the numbers side by side.

    Parameters
    ----------
    bench : Bench, optional
        With which values and luck; the catalogue's own by default.
    only : str
        Keep entries whose name, label, experiment or rows contain this text.
    entries : sequence of str, optional
        Names of the entries to compare; all by default.
    jobs : int
        Worker processes; the numbers do not depend on it.
    progress : callable, optional
        Called with experiments done and in all.

    Returns
    -------
    Comparison
    """
    bench = bench or Bench(load_catalogue())
    chosen = [
        entry
        for name, entry in bench.catalogue.published.items()
        if (entries is None or name in entries) and _matches(entry, only)
    ]
    readings = dict(_simulated(chosen, bench, jobs, progress))
    lines = [Line(entry, tuple(_rows(entry, readings[entry.name], bench.catalogue))) for entry in chosen]
    return Comparison(tuple(lines))


def _matches(entry: Published, text: str) -> bool:
    wanted = text.lower()
    return any(wanted in word.lower() for word in (entry.name, entry.label, entry.experiment, *entry.rows))


def _simulated(
    entries: Sequence[Published], bench: Bench, jobs: int, progress: Progress | None
) -> Iterator[tuple[str, list[float | None]]]:
    """Yield the simulated numbers of each entry; an experiment is simulated once for all that read it."""
    by_experiment: dict[str, list[Published]] = {}
    for entry in entries:
        by_experiment.setdefault(entry.experiment, []).append(entry)
    work = list(by_experiment.items())
    simulate = partial(_experiment, bench=bench)
    for done, found in enumerate(in_order(simulate, work, jobs), start=1):
        if progress:
            progress(done, len(work))
        yield from found.items()


def _experiment(work: tuple[str, Sequence[Published]], bench: Bench) -> dict[str, list[float | None]]:
    """Simulate one experiment; return the numbers of every entry that reads it."""
    name, entries = work
    experiment = bench.catalogue.experiments[name]
    reading = PROTOCOLS[experiment.protocol](experiment, bench)
    return {
        entry.name: [reading[entry.read](at) for at in entry.at or (math.nan,) * len(entry.rows)] for entry in entries
    }


def _rows(entry: Published, simulated: Sequence[float | None], catalogue: Catalogue) -> Iterator[Row]:
    for id_, value in zip(entry.rows, simulated, strict=True):
        row = catalogue.evidence[id_]
        measured, low, high = measurement(row, entry.divide_by)
        condition = f"; {row['condition']}" if row["condition"] else ""
        yield Row(
            id=id_,
            quantity=row["quantity"] + condition,
            system=row["system"],
            measured=measured,
            low=low,
            high=high,
            simulated=value,
            fold_error=fold_error(measured, value, entry.floor),
            used_for=entry.used_for,
            source=row["source"],
        )


def measurement(row: Mapping[str, str], divide_by: float = 1.0) -> tuple[float, float | None, float | None]:
    """Return value, low and high of an evidence row; a range without a value has its geometric mean."""
    low, high = (float(row[key]) / divide_by if row[key] else None for key in ("low", "high"))
    if row["value"]:
        return float(row["value"]) / divide_by, low, high
    if low is None or high is None:
        msg = f"{row['id']} has neither a value nor a range"
        raise ValueError(msg)
    return math.sqrt(low * high), low, high
