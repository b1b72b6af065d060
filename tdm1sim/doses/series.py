"""Dose series as scenarios: one culture per curve, changed in the language a user writes, so its checks hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.doses.logistic import Fit, Floats, fit
from tdm1sim.errors import InputError, Problem
from tdm1sim.parameters import Culture, Exposure
from tdm1sim.scenario import Resolved, Scenario, resolve

if TYPE_CHECKING:
    import pandas as pd

    from tdm1sim.results import Results

Progress = Callable[[float, float], None]

USUAL_DOSES = tuple(float(f"{10.0 ** (i / 2.0 - 3.0):.3g}") for i in range(11))
"""Concentrations where neither the command nor the scenario says any: two to a decade, 0.001 to 100 nM."""
COLUMNS = (
    "curve",
    "cell_line",
    "dose_nM",
    "replicate",
    "value",
    "of_untreated",
    "readout",
    "read_h",
    "exposed_h",
    "cells_per_well",
    "medium_uL",
)
"""Of ``dose_response.csv``."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a scenario; None for what the scenario says.

    Attributes
    ----------
    cell_lines, clones : tuple of str
        A curve each; both empty for the scenario's tumour as it is.
    readout : str or None
        ``live``, ``atp`` or ``clonogenic``.
    at : float or None
        When it is read, h.
    doses : tuple of float or None
        nM, above 0, rising.
    cells_per_well : float or None
        Instead of the scenario's.
    """

    cell_lines: tuple[str, ...] = ()
    clones: tuple[str, ...] = ()
    readout: str | None = None
    at: float | None = None
    doses: tuple[float, ...] | None = None
    cells_per_well: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One curve to run.

    Attributes
    ----------
    name, cell_line : str
        Of the curve; the cell line behind it, empty where it is none of the catalogue's.
    readout : str
        Kind of read-out.
    at : float
        When it is read, h.
    resolved : Resolved
        Its scenario, complete.
    warnings : tuple of str
        What to know of the curve beside what is told of its scenario.
    """

    name: str
    cell_line: str
    readout: str
    at: float
    resolved: Resolved = field(repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def well(self) -> Culture:
        """The well: medium (uL), cells per well, exposures."""
        where = self.resolved.parameters.surroundings
        if not isinstance(where, Culture):  # pragma: no cover - refused before anything is asked
            raise TypeError
        return where

    @property
    def varied(self) -> tuple[Exposure, ...]:
        """The exposures whose concentration is varied: the conjugate's, or the antibodies' where there is none."""
        exposures = self.well.exposures
        series = any(exposure.conjugate for exposure in exposures)
        return tuple(exposure for exposure in exposures if exposure.conjugate == series)

    @property
    def exposed(self) -> float:
        """Hours in the drug up to the read-out."""
        return sum(max(0.0, min(one.end, self.at) - one.start) for one in self.varied)

    @property
    def times(self) -> str:
        """When the drug is there, in words: ``0 to 72 h``."""
        spans = dict.fromkeys((one.start, min(one.end, self.at)) for one in self.varied if one.start < self.at)
        return ", ".join(f"{start:g} to {end:g} h" for start, end in spans)


@dataclass(frozen=True, slots=True)
class Ignorance:
    """What a dose series would say with other values of what nobody has measured.

    Attributes
    ----------
    draws : int
        Of assumed and calibrated values inside their bounds.
    low, high : array, shape (doses,)
        The middle 95 % of the draws: signal of untreated, means over replicates; empty where no draw showed a signal.
    ic50_low, ic50_high : float or None
        The same of the IC50, nM; None where it is not reached.
    silent : int
        Draws in which wells showed nothing to compare with: they are left out.
    """

    draws: int
    low: Floats
    high: Floats
    ic50_low: float | None
    ic50_high: float | None
    silent: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A dose series that was run.

    Attributes
    ----------
    asked : Asked
        What was run.
    doses : array, shape (doses,)
        nM, rising.
    values, of_untreated : array, shape (replicates, doses)
        The signal, and the same over that of untreated wells of the same replicate.
    fit : Fit
        The logistic curve and its IC50.
    results : Results
        The whole run.
    ignorance : Ignorance or None
        Where values were drawn (`tdm1sim.doses.with_ignorance`).
    """

    asked: Asked
    doses: Floats
    values: Floats
    of_untreated: Floats
    fit: Fit
    results: Results = field(repr=False)
    ignorance: Ignorance | None = None

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of ``dose_response.csv``: by dose, then replicate."""
        one, well = self.asked, self.asked.well
        shares, tail = self.of_untreated, (one.readout, one.at, one.exposed, well.cells_per_well, well.medium)
        return [
            (one.name, one.cell_line, float(dose), n + 1, float(self.values[n, i]), float(shares[n, i]), *tail)
            for i, dose in enumerate(self.doses)
            for n in range(len(self.values))
        ]


def asked_of(scenario: Scenario, wanted: Wanted) -> list[Asked]:
    """Return the curves to run, each with its complete scenario.

    Raises
    ------
    InputError
        The scenario is a patient, a clone does not exist, or a scenario as changed does not hold together.
    """
    if scenario.document.culture is None:
        raise InputError(_patient(scenario))
    readout, at = _reading(scenario, wanted)
    common = [*_frame(scenario, wanted, readout, at)]
    found: list[Asked] = []
    problems: list[Problem] = []
    for name, line, more in _cells(scenario, wanted):
        try:
            changed = scenario.with_overrides([*common, *more])
        except InputError as error:
            problems += error.problems
            continue
        found.append(Asked(name, line, readout, at, resolve(changed), _told(scenario, wanted)))
    if problems:
        raise InputError(tuple(dict.fromkeys(problems)))
    return found


def curve_of(asked: Asked, *, engine: str = "auto", jobs: int = 1, progress: Progress | None = None) -> Curve:
    """Run one dose series and fit it.

    Raises
    ------
    InputError
        The untreated wells show nothing to compare with, or outgrew the capacity of the run.
    """
    from tdm1sim.ensemble import simulate_resolved

    results = simulate_resolved(asked.resolved, engine=engine, jobs=jobs, progress=progress)
    doses, values, shares = shares_of(asked, results)
    if shares.shape != (asked.resolved.parameters.plan.replicates, doses.size) or not np.isfinite(shares).all():
        raise InputError(_nothing(asked))
    return Curve(asked, doses, values, shares, fit(doses.tolist(), shares), results)


def shares_of(asked: Asked, results: Results) -> tuple[Floats, Floats, Floats]:
    """Return doses (nM, rising), and signals and their shares of untreated, shape (replicates, doses)."""
    if results.readouts is None:  # pragma: no cover - every dose series has them
        raise TypeError
    rows = results.readouts[results.readouts["concentration_nM"].astype(float) > 0.0]
    values, shares = (_table(rows, column) for column in ("value", "of_untreated"))
    planned = asked.resolved.parameters.plan
    return np.array(sorted({dose for one in planned.readouts for dose in one.concentrations})), values, shares


def _table(rows: pd.DataFrame, column: str) -> Floats:
    table = rows.pivot(index="replicate", columns="concentration_nM", values=column)
    return np.asarray(table.to_numpy(dtype=np.float64))


def _patient(scenario: Scenario) -> str:
    return (
        f"{scenario.name} is a patient, where the concentration follows from the dose; a dose-response curve belongs "
        "to a culture: try `tdm1sim dose-response in_vitro_sk_br_3`, with --cell-line NAME for other cells, or write "
        "`culture: {medium: 100 uL, cells_per_well: 5000}` instead of `patient` and give `concentration` instead of "
        "`dose`"
    )


def _nothing(asked: Asked) -> str:
    plan = asked.resolved.parameters.plan
    return (
        f"{asked.name}: some wells have no {asked.readout} signal relative to untreated after {asked.at:g} h: the "
        f"cells outgrew run.capacity ({plan.capacity:,}; raise it with --set run.capacity=N, or take fewer --cells), "
        "or untreated wells have no signal yet (colonies need many days: a later --at)"
    )


def _reading(scenario: Scenario, wanted: Wanted) -> tuple[str, float]:
    """Return kind and time (h) of the read-out: as wanted, else the scenario's first, else ATP at the end."""
    record, run = scenario.document.record, scenario.document.run
    there = [one for one in (record.readouts if record else None) or () if one.kind and one.at]
    like = [one for one in there if wanted.readout in {None, one.kind}]
    readout = wanted.readout or (str(like[0].kind) if like else "atp")
    duration = float((run.duration if run else None) or 0.0)
    at = wanted.at or (max(like[0].at or ()) if like else duration)
    return readout, at


def _frame(scenario: Scenario, wanted: Wanted, readout: str, at: float) -> list[str]:
    """Return what every curve of the command has in common, as ``PATH=VALUE``."""
    doses = wanted.doses or _own_doses(scenario, readout) or USUAL_DOSES
    listed = ", ".join(f"{dose!r} nM" for dose in doses)
    changes = [
        f"run.duration={at!r} h",
        f"record.readouts=[{{kind: {readout}, at: [{at!r} h], concentrations: [{listed}]}}]",
        "record.traces=0",
        "record.attribution=false",
        "record.saved_by=false",
        "record.save_state=[]",
    ]
    if wanted.cells_per_well is not None:
        changes.append(f"culture.cells_per_well={wanted.cells_per_well!r}")
    return changes


def _own_doses(scenario: Scenario, readout: str) -> tuple[float, ...]:
    """Return the dose series of the scenario: that of the same read-out first."""
    record = scenario.document.record
    there = [one for one in (record.readouts if record else None) or () if one.concentrations]
    there.sort(key=lambda one: one.kind != readout)
    return tuple(sorted({dose for dose in there[0].concentrations or () if dose > 0.0})) if there else ()


def _cells(scenario: Scenario, wanted: Wanted) -> list[tuple[str, str, list[str]]]:
    """Return name, cell line and changes of each curve: cell lines, then clones, else the tumour as it is."""
    clones = _clones(scenario)
    curves = []
    for line in dict.fromkeys(wanted.cell_lines):
        name = re.sub(r"[^A-Za-z0-9_-]", "_", line).lstrip("_-")[:60] or "line"
        only = {name: {"fraction": 1, "cell_line": line}}
        curves.append((line, line, [f"tumour.clones={json.dumps(only)}"]))
    for clone in dict.fromkeys(wanted.clones):
        if clone not in clones:
            raise InputError([_no_clone(clone, list(clones), scenario)])
        own = {key: value for key, value in clones[clone].items() if key != "becomes"}
        only = {clone: {**own, "fraction": 1}}
        called = f"{clone} (clone)" if clone in wanted.cell_lines else clone  # two curves are never called the same
        curves.append((called, str(own.get("cell_line") or ""), [f"tumour.clones={json.dumps(only)}"]))
    if curves:
        return curves
    if len(clones) != 1:
        return [(scenario.name, "", [])]
    name, traits = next(iter(clones.items()))
    line = str(traits.get("cell_line") or "")
    return [(line or name, line, [])]


def _told(scenario: Scenario, wanted: Wanted) -> tuple[str, ...]:
    """Return that a doubling time of the scenario goes before those of the cell lines, where it does."""
    tumour = scenario.document.tumour
    said = tumour.growth.doubling if tumour and tumour.growth else None
    if said is None or not wanted.cell_lines:
        return ()
    return (
        f"tumour.growth.doubling of the scenario, {said:g} h, holds for every cell line; "
        "with --set 'tumour.growth={}' each has its own",
    )


def _clones(scenario: Scenario) -> dict[str, Mapping[str, Any]]:
    tumour = scenario.tree.get("tumour")
    found = tumour.get("clones") if isinstance(tumour, Mapping) else None
    return {str(name): traits or {} for name, traits in found.items()} if isinstance(found, Mapping) else {}


def _no_clone(clone: str, known: Sequence[str], scenario: Scenario) -> Problem:
    from tdm1sim.scenario.fields import nearest

    what = f"there is no clone {clone!r} in {scenario.name}"
    return Problem("--clone", what, f"known: {', '.join(known)}", nearest(clone, list(known)))
