"""A sweep before anything runs: every point checked and resolved, every problem told at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tdm1sim.errors import InputError, Problem, UsageError
from tdm1sim.parameters import Parameters
from tdm1sim.scenario import Axis, Resolved, Scenario, Value, axes_of, block, place_of, resolve, unfit
from tdm1sim.scenario.axes import VARY
from tdm1sim.scenario.overrides import apply_overrides
from tdm1sim.sweeping.designs import combinations
from tdm1sim.uncertainty import Plan

MOST_TOLD = 20
"""Problems of points that are told; the others are counted."""
RESULT_SUFFIX = "-sweep"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the tables that says where a point is.

    Attributes
    ----------
    name : str
        As in the tables: the path, and the unit of its numbers.
    path, unit : str
        What is varied, as ``--set`` takes it; unit of its numbers, empty for plain numbers and words.
    log : bool
        Whether equal steps are equal ratios.
    numeric : bool
        Whether its values are numbers.
    words : str
        Which values, in words.
    """

    name: str
    path: str
    unit: str = ""
    log: bool = False
    numeric: bool = True
    words: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a sweep, ready to run.

    Attributes
    ----------
    number : int
        From 1, in the order of the design.
    values : tuple of float or str
        One per column; numbers in the unit of their column.
    changes : tuple of str
        What differs from the base, as ``--set`` takes it.
    parameters : Parameters
        Every number of its run.
    digest : str
        Of its whole resolved scenario.
    """

    number: int
    values: tuple[float | str | None, ...]
    changes: tuple[str, ...]
    parameters: Parameters = field(repr=False)
    digest: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is to be run.

    Attributes
    ----------
    name, question : str
        Of the scenario.
    kind : {'axes', 'resistances'}
        Whether points are combinations of axes, or mechanisms one after the other.
    design : str
        ``grid``, ``random``, ``lhs``; of resistances ``one at a time``.
    columns : tuple of Column
        What says where a point is.
    points : tuple of Point
        In order.
    base : Resolved
        The scenario without any change.
    written : dict
        The ``sweep:`` block that means the same; empty where there is none.
    warnings : tuple of str
        What a user should know, of every point, each once.
    drawn : Plan or None
        Other values of what nobody has measured, the same at every point; None where nobody asked for them.
    """

    name: str
    question: str
    kind: str
    design: str
    columns: tuple[Column, ...]
    points: tuple[Point, ...]
    base: Resolved
    written: dict[str, Any]
    warnings: tuple[str, ...] = ()
    drawn: Plan | None = None

    @property
    def folder(self) -> str:
        """Name of the result folder."""
        return self.name + RESULT_SUFFIX

    @property
    def base_text(self) -> str:
        """``base.yaml``: the base scenario complete, with the block that makes it this sweep."""
        return self.base.text + (block({"sweep": self.written}) if self.written else "")


def plan(
    scenario: Scenario,
    vary: Sequence[str] = (),
    *,
    design: str | None = None,
    count: int | None = None,
    extra: Sequence[str] = (),
) -> Sweep:
    """Check and resolve every point of a sweep.

    Parameters
    ----------
    scenario : Scenario
        With or without a ``sweep:`` block.
    vary : sequence of str
        ``PATH=VALUES`` each; they replace those of the block.
    design : str, optional
        Instead of the block's; else a grid.
    count : int, optional
        Points of a random or lhs design, instead of the block's.
    extra : sequence of str
        ``PATH=VALUE`` that hold for the base and all points alike.

    Raises
    ------
    InputError
        With every problem of the axes and of every point.
    UsageError
        There is nothing to vary, or a number of points that does not go with the design.
    """
    said = scenario.document.sweep
    axes, problems = axes_of(vary) if vary else _axes_of_block(scenario)
    if problems:
        raise InputError(problems)
    if not axes:
        msg = f"nothing to vary: add --vary PATH=VALUES, or a `sweep:` block to {scenario.file.name}"
        raise UsageError(msg)
    chosen = design or (said.design if said else None) or "grid"
    if count is None and said is not None and chosen != "grid":
        count = said.points
    bare = scenario.without("sweep")
    bare = bare.with_overrides(extra) if extra else bare
    base = resolve(bare)
    rows = combinations(axes, chosen, count, base.parameters.plan.seed)
    changes = [tuple(f"{a.path}={v.yaml}" for a, v in zip(axes, row, strict=True)) for row in rows]
    values = [tuple(_told(a, v) for a, v in zip(axes, row, strict=True)) for row in rows]
    blame = _Blame(scenario, bare, axes, vary)
    lost, wrong = blame.paths(rows[0])
    if lost:
        # Where a path leads nowhere, the values on the other axes can still be wrong too.
        changes = [tuple(c for c, axis in zip(change, axes, strict=True) if axis not in lost) for change in changes]
        blame.axes = [axis for axis in axes if axis not in lost]
    try:
        points, warnings = resolve_points(bare, base, list(dict.fromkeys(changes)) if lost else changes, values, blame)
    except InputError as error:
        raise InputError([*wrong, *error.problems]) from None
    if wrong:
        raise InputError(wrong)
    written: dict[str, Any] = {"vary": {axis.path: axis.values.written for axis in axes}, "design": chosen}
    if chosen != "grid":
        written["points"] = count
    columns = tuple(_column(axis, chosen) for axis in axes)
    return Sweep(
        scenario.name, scenario.question, "axes", chosen, columns, points, base, written, (*base.warnings, *warnings)
    )


def _axes_of_block(scenario: Scenario) -> tuple[tuple[Axis, ...], list[Problem]]:
    section = scenario.document.sweep
    found = (section.vary if section else None) or {}
    problems = []
    for path in found:
        place = place_of(scenario.root, ("sweep", "vary", path), key=True)
        problems += [
            replace(problem, path=f"sweep.vary.{path}", line=place.line, column=place.column)
            for problem in unfit(path, (), place.file)
        ]
    return tuple(Axis(path, values) for path, values in found.items()), problems


def _column(axis: Axis, design: str) -> Column:
    unit = axis.values.unit if axis.values.numeric else ""
    tail = "".join(letter if letter.isalnum() else "_" for letter in unit)
    name = f"{axis.path}_{tail}" if tail else axis.path
    return Column(name, axis.path, unit, axis.values.log, axis.values.numeric, _in_words(axis, design))


def _in_words(axis: Axis, design: str) -> str:
    values = axis.values
    if values.low is None or values.high is None:
        return ", ".join(step.text for step in values.steps)
    between = f"from {values.low:g} to {values.high:g} {values.unit}".rstrip()
    if design != "grid":
        return f"{between}, {'uniform on the logarithm' if values.log else 'uniform'}"
    return f"{len(values.steps)} values {between}, at equal {'ratios' if values.log else 'distances'}"


def _told(axis: Axis, value: Value) -> float | str | None:
    return value.number if axis.values.numeric else value.text


def resolve_points(
    bare: Scenario,
    base: Resolved,
    changes: Sequence[tuple[str, ...]],
    values: Sequence[tuple[float | str | None, ...]],
    blame: _Blame | None = None,
) -> tuple[tuple[Point, ...], tuple[str, ...]]:
    """Return every point resolved, and the warnings of all of them; raises `InputError` with every problem."""
    points: list[Point] = []
    problems: list[Problem] = []
    warnings: dict[str, None] = {}
    for number, (change, value) in enumerate(zip(changes, values, strict=False), start=1):
        try:
            resolved = resolve(bare.with_overrides(change), text=False)
        except InputError as error:
            problems += blame.point(number, change, error) if blame else error.problems
            continue
        warnings.update(dict.fromkeys(resolved.warnings))
        parameters = lean(resolved.parameters, base.parameters)
        points.append(Point(number, value, change, parameters, digest_of(resolved.tree)))
    if problems:
        raise InputError(list(_bounded(problems)))
    return tuple(points), tuple(warnings)


def lean(parameters: Parameters, base: Parameters) -> Parameters:
    """Return the run without what a sweep does not keep, sharing with the base what is the same."""
    plan = replace(parameters.plan, readouts=(), attribution=False, saved_by=False, traces=0)
    values = base.values if parameters.values == base.values else parameters.values
    return replace(parameters, plan=plan, values=values)


def digest_of(tree: Any) -> str:
    """Return a digest of something made of dictionaries, lists and scalars; what a scenario is called is left out."""
    if isinstance(tree, dict):
        tree = {key: value for key, value in tree.items() if key not in {"name", "question", "figures", "sweep"}}
    text = json.dumps(tree, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _bounded(problems: Sequence[Problem]) -> Iterator[Problem]:
    unique = list(dict.fromkeys(problems))
    yield from unique[:MOST_TOLD]
    if len(unique) > MOST_TOLD:
        yield Problem("", f"and {len(unique) - MOST_TOLD} more problems of other points")


class _Blame:
    """Says of a problem of a point which axis and value it comes from, or that only the combination has it."""

    def __init__(self, scenario: Scenario, bare: Scenario, axes: Sequence[Axis], vary: Sequence[str]) -> None:
        self.scenario, self.bare, self.axes, self.on_command_line = scenario, bare, axes, bool(vary)
        self.alone: dict[str, tuple[Problem, ...]] = {}

    def paths(self, row: Sequence[Value]) -> tuple[list[Axis], list[Problem]]:
        """Return the axes whose path leads nowhere, and what is wrong with each."""
        lost, found = [], []
        for axis, value in zip(self.axes, row, strict=True):
            _, wrong = apply_overrides(self.bare.root, [f"{axis.path}={value.yaml}"])
            found += [self._at(axis, problem) for problem in wrong]
            lost += [axis] if wrong else []
        return lost, found

    def point(self, number: int, changes: Sequence[str], error: InputError) -> list[Problem]:
        """Return the problems of a point, each told at its axis; those of a combination with the point."""
        found: list[Problem] = []
        known: set[str] = set()
        for axis, change in zip(self.axes, changes, strict=True):
            for problem in self._alone(change):
                known.add(problem.message)
                text = change.partition("=")[2].strip('"')
                message = problem.message if text in problem.message else f"{text}: {problem.message}"
                found.append(self._at(axis, replace(problem, message=message)))
        rest = [problem for problem in error.problems if problem.message not in known]
        told = ", ".join(change.replace("=", " = ", 1) for change in changes)
        for problem in rest:
            message = f"{problem.path + ': ' if problem.path else ''}{problem.message}"
            place = VARY if self.on_command_line else problem.file
            allowed, suggestion = problem.allowed, problem.suggestion
            found.append(Problem(f"point {number} ({told})", message, allowed, suggestion, place))
        return found

    def _alone(self, change: str) -> tuple[Problem, ...]:
        if change not in self.alone:
            try:
                self.bare.with_overrides([change])
                self.alone[change] = ()
            except InputError as error:
                self.alone[change] = error.problems
        return self.alone[change]

    def _at(self, axis: Axis, problem: Problem) -> Problem:
        if self.on_command_line:
            return replace(problem, path=axis.path, file=VARY, line=0, column=0)
        place = place_of(self.scenario.root, ("sweep", "vary", axis.path))
        path = f"sweep.vary.{axis.path}"
        return replace(problem, path=path, file=place.file, line=place.line, column=place.column)
