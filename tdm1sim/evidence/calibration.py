"""Fitting as a repeatable program: which values, between which bounds, to which rows, with what result.

Stages follow each other: where the drug goes (125I course), what it does (SK-BR-3), then the one value in which a line
may differ from the others. A value that the data do not move stays where it is: each free value is held near its start
by a weak spring, because several of them answer for the same point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tdm1sim.catalogue import Catalogue, load_catalogue
from tdm1sim.catalogue.published import Experiment
from tdm1sim.evidence.comparison import measurement
from tdm1sim.evidence.cultures import Bench
from tdm1sim.evidence.protocols import PROTOCOLS

SEED, SPRING, DIGITS = 1, 0.5, 3
"""Seed of all luck; residual of a free value moved by the width of its bounds; digits of a fitted value."""
WORTH, LEAST = 0.02, 0.25
"""What a fit must gain, or the start is kept: a share of the squared residuals, and a number of them."""


HEAD = """\
# Written by `python -m tdm1sim.evidence.calibrate FILE`. Values in canonical units, in culture.
# value: found, rounded; start: in the catalogue when it ran; low, high: bounds.
# largest_miss: after, an absolute difference or a fold.
"""


@dataclass(frozen=True, slots=True)
class Free:
    """A value to fit: its name (a symbol, or ``line.trait``) and bounds in canonical units."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Target:
    """Rows of one entry of the catalogue and how far off counts as one: an absolute difference, or a fold."""

    entry: str
    tolerance: float
    fold: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One fit: free values, targets, the experiment's settings that are made finer or coarser, and how hard to look."""

    name: str
    free: tuple[Free, ...]
    targets: tuple[Target, ...]
    settings: Mapping[str, object]
    evaluations: int
    note: str = ""


STAGES: tuple[Stage, ...] = (
    Stage(
        "trafficking",
        (Free("ke", 0.1, 0.3), Free("kr", 0.5, 4.0)),
        tuple(Target(f"chase_{part}", 0.05) for part in ("surface", "medium", "inside", "catabolised")),
        {},
        80,
        "only the net rate to the lysosome, ke ks/(ks + kr), is identified; klys needs at least 0.3 per hour",
    ),
    Stage(
        "sk_br_3",
        (Free("w_arrested", 1.0, 2.0),),
        (Target("sk_br_3_curve", 0.05), Target("sk_br_3_ic50", 1.1, fold=True)),
        {"cells": 1000},
        12,
        "what else answers for this curve (C_M, receptors, cells in the well, E_T, mitotic death) is kept",
    ),
    Stage(
        "bt474eei",
        (Free("bt474eei.ke", 0.14, 0.435),),
        (Target("bt474eei_ic50", 1.1, fold=True),),
        {"cells": 60, "doses": [0.001, 0.002, 0.004, 0.006, 0.008, 0.011, 0.02]},
        12,
        "bounds from the net rate of 0.038 to 0.12 per hour",
    ),
    Stage(
        "jurkat",
        (Free("jurkat.kpino", 0.002, 0.05),),
        (Target("jurkat_ic50", 1.1, fold=True),),
        {"cells": 300, "doses": [12, 32, 60, 78, 100, 130, 201, 400]},
        12,
        "the same uptake per volume is what other lines are given",
    ),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """What a stage found.

    Attributes
    ----------
    stage : Stage
        What was fitted to what.
    start, found : mapping of str to float
        Value of each free name before, and after, rounded to `DIGITS` digits (the start where a fit is no better).
    before, after : float
        Sum of squared residuals of the targets alone at both, the spring left out.
    misses : mapping of str to float
        Largest absolute difference, or fold, of each target after.
    evaluations : int
        Simulations of the experiment.
    """

    stage: Stage
    start: Mapping[str, float]
    found: Mapping[str, float]
    before: float
    after: float
    misses: Mapping[str, float]
    evaluations: int


def start_of(name: str, catalogue: Catalogue) -> float:
    """Return a free value as the catalogue has it, canonical, in culture."""
    line, dot, trait = name.partition(".")
    if not dot:
        return catalogue.canonical(name, catalogue.parameters[name].in_setting("culture"))
    values = catalogue.cell_lines[line].values
    if trait in values:
        return float(values[trait])
    return catalogue.canonical(trait, catalogue.parameters[trait].in_setting("culture"))


def misses_of(stage: Stage, changes: Mapping[str, float], catalogue: Catalogue) -> dict[str, list[float]]:
    """Simulate a stage's experiments; return, by target, differences or logarithms of folds of its rows."""
    bench = Bench(catalogue, dict(changes), seed=SEED)
    readings: dict[str, Any] = {}
    found: dict[str, list[float]] = {}
    for target in stage.targets:
        entry = catalogue.published[target.entry]
        if entry.experiment not in readings:
            known = catalogue.experiments[entry.experiment]
            experiment = Experiment(known.name, known.protocol, {**known.settings, **stage.settings}, known.note)
            readings[entry.experiment] = PROTOCOLS[experiment.protocol](experiment, bench)
        read, found[target.entry] = readings[entry.experiment][entry.read], []
        for row, at in zip(entry.rows, entry.at or (math.nan,) * len(entry.rows), strict=True):
            measured = measurement(catalogue.evidence[row], entry.divide_by)[0]
            value = read(at)
            if target.fold:
                found[target.entry].append(math.log(value / measured) if value else math.log(1e3))
            else:
                found[target.entry].append((value or 0.0) - measured)
    return found


def squared(stage: Stage, misses: Mapping[str, Sequence[float]]) -> float:
    """Return the sum of squared residuals: misses over what counts as one."""
    total = 0.0
    for target in stage.targets:
        one = math.log(target.tolerance) if target.fold else target.tolerance
        total += sum((miss / one) ** 2 for miss in misses[target.entry])
    return total


def fit(stage: Stage, changes: Mapping[str, float], catalogue: Catalogue) -> Fit:
    """Fit one stage with what earlier stages found.

    Parameters
    ----------
    stage : Stage
        What to fit.
    changes : mapping of str to float
        Values found before, canonical.
    catalogue : Catalogue
        Where everything else comes from.
    """
    start = {free.name: start_of(free.name, catalogue) for free in stage.free}
    widths = {free.name: free.high - free.low for free in stage.free}

    def spring(values: Mapping[str, float]) -> float:
        return sum((SPRING * (values[name] - start[name]) / widths[name]) ** 2 for name in start)

    def objective(values: Mapping[str, float]) -> float:
        return squared(stage, misses_of(stage, {**changes, **values}, catalogue)) + spring(values)

    found, count = _least(stage, start, objective)
    rounded = {name: float(f"{value:.{DIGITS}g}") for name, value in found.items()}
    first, last = (misses_of(stage, {**changes, **values}, catalogue) for values in (start, rounded))
    before = squared(stage, first)
    if before - squared(stage, last) < max(WORTH * before, LEAST):
        rounded, last = start, first
    largest = {target.entry: max(abs(miss) for miss in last[target.entry]) for target in stage.targets}
    folds = {t.entry: math.exp(largest[t.entry]) if t.fold else largest[t.entry] for t in stage.targets}
    return Fit(stage, start, rounded, before, squared(stage, last), folds, count)


def _least(
    stage: Stage, start: Mapping[str, float], objective: Callable[[Mapping[str, float]], float]
) -> tuple[dict[str, float], int]:
    """Return the free values of the least objective, and how often it was asked for."""
    import numpy as np
    from scipy.optimize import minimize, minimize_scalar

    names = [free.name for free in stage.free]
    bounds = [(math.log(free.low), math.log(free.high)) for free in stage.free]

    def ask(logs: Any) -> float:
        return objective(dict(zip(names, np.exp(np.atleast_1d(logs)).tolist(), strict=True)))

    if len(names) == 1:
        options: Any = {"maxiter": stage.evaluations, "xatol": 0.005}
        one = minimize_scalar(ask, bounds=bounds[0], method="bounded", options=options)
        return {names[0]: math.exp(float(one.x))}, int(one.nfev)
    first = np.array([math.log(start[name]) for name in names])
    simplex = np.vstack([first, *(first + _towards_room(first, bounds, i) for i in range(len(names)))])
    options = {"maxfev": stage.evaluations, "xatol": 0.002, "fatol": 0.01, "initial_simplex": simplex}
    best = minimize(ask, first, method="Nelder-Mead", bounds=bounds, options=options)
    return dict(zip(names, np.exp(best.x).tolist(), strict=True)), int(best.nfev)


def _towards_room(first: Any, bounds: Sequence[tuple[float, float]], i: int) -> Any:
    """Return a first step in direction `i`: 15 %, towards the side on which the bound is farther."""
    step = first * 0.0
    low, high = bounds[i]
    step[i] = 0.15 if high - first[i] >= first[i] - low else -0.15
    return step


def calibrate(
    catalogue: Catalogue | None = None,
    stages: Sequence[Stage] = STAGES,
    tell: Callable[[str], object] | None = None,
) -> list[Fit]:
    """Fit every stage in turn, each with what the earlier ones found."""
    catalogue = catalogue or load_catalogue()
    changes: dict[str, float] = {}
    fits = []
    for stage in stages:
        fits.append(fit(stage, changes, catalogue))
        changes |= fits[-1].found
        if tell:
            tell(text_of(fits[-1:]))
    return fits


def text_of(fits: Sequence[Fit]) -> str:
    """Return fits as YAML."""
    lines = []
    for one in fits:
        rows = ", ".join(row for target in one.stage.targets for row in _rows(target))
        lines += [f"{one.stage.name}:", f"  rows: {rows}", f"  seed: {SEED}", f"  evaluations: {one.evaluations}"]
        lines += [f"  note: {one.stage.note}"] if one.stage.note else []
        lines.append("  values:")
        for free in one.stage.free:
            at = f"start: {one.start[free.name]:.6g}, low: {free.low:.6g}, high: {free.high:.6g}"
            lines.append(f"    {free.name}: {{value: {one.found[free.name]:.6g}, {at}}}")
        lines += [f"  squared_residuals: {{before: {one.before:.4g}, after: {one.after:.4g}}}", "  largest_miss:"]
        for target in one.stage.targets:
            kind = "fold" if target.fold else "difference"
            lines.append(f"    {target.entry}: {{{kind}: {one.misses[target.entry]:.4g}}}")
    return "\n".join(lines) + "\n"


def _rows(target: Target) -> tuple[str, ...]:
    return load_catalogue().published[target.entry].rows
