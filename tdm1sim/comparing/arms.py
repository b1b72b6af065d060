"""Arms on one plan: the same seed, replicates, cells, duration and times of record, or there is nothing to pair."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tdm1sim.errors import InputError, Problem
from tdm1sim.scenario import Resolved, Scenario, resolve

SHARED = (
    ("run", "seed"),
    ("run", "replicates"),
    ("tumour", "cells"),
    ("run", "duration"),
    ("record", "every"),
)
"""What arms must share to be paired; the first arm's holds for all."""
LONGEST = 48
"""Letters of an arm's name made from its changes."""


@dataclass(frozen=True, slots=True)
class Arms:
    """Arms that can be paired.

    Attributes
    ----------
    names : tuple of str
        Of each arm, all different, fit for a folder.
    resolved : tuple of Resolved
        Of each arm.
    aligned : tuple of str
        What was changed in which arm so that all have the first one's plan.
    """

    names: tuple[str, ...]
    resolved: tuple[Resolved, ...]
    aligned: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the comparison: ``a-vs-b``."""
        return "-vs-".join(self.names)


def arms_of(scenarios: Sequence[Scenario]) -> Arms:
    """Put scenarios on the plan of the first one.

    Parameters
    ----------
    scenarios : sequence of Scenario
        At least two.

    Returns
    -------
    Arms
        With what was changed where, in words.

    Raises
    ------
    InputError
        If a scenario cannot run on that plan.
    """
    first = resolve(scenarios[0])
    resolved, told, problems = [first], [], []
    names = _names(scenarios)
    for name, scenario in zip(names[1:], scenarios[1:], strict=True):
        own = resolve(scenario)
        moved = [(path, _at(own.tree, path), _at(first.tree, path)) for path in SHARED]
        moved = [(path, mine, first_one) for path, mine, first_one in moved if mine != first_one]
        told += [f"{name}: {'.'.join(path)} is {theirs}, not {mine}" for path, mine, theirs in moved]
        try:
            overrides = [f"{'.'.join(path)}={theirs}" for path, _, theirs in moved]
            resolved.append(resolve(scenario.with_overrides(overrides)) if moved else own)
        except InputError as error:
            problems += [
                replace(problem, message=f"{name} on the plan of {names[0]}: {problem.message}")
                for problem in error.problems
            ]
    if problems:
        raise InputError(problems)
    return Arms(names, tuple(resolved), tuple(told))


def changed(scenario: Scenario, overrides: Sequence[str]) -> Arms:
    """Return a scenario and the same with some values changed.

    Parameters
    ----------
    scenario : Scenario
        The first arm.
    overrides : sequence of str
        ``PATH=VALUE``, which make the second.

    Raises
    ------
    InputError
        If the changed scenario is not in order, or has another plan.
    """
    first, second = resolve(scenario), resolve(scenario.with_overrides(overrides))
    problems = [
        Problem(
            ".".join(path),
            f"the arms of a comparison share it, so it cannot differ ({_at(first.tree, path)} and "
            f"{_at(second.tree, path)})",
            suggestion="change it in both arms with --seed, --replicates or --cells, or in the file",
            file="--set",
        )
        for path in SHARED
        if _at(first.tree, path) != _at(second.tree, path)
    ]
    if problems:
        raise InputError(problems)
    return Arms((scenario.name, name_of(overrides)), (first, second))


def name_of(overrides: Sequence[str]) -> str:
    """Return a name for an arm from what is changed in it: ``mdr1_10``, ``dose_2.4_mg_kg``."""
    parts = []
    for text in overrides:
        path, _, value = text.partition("=")
        parts.append(f"{path.strip().rstrip('+').rsplit('.', 1)[-1]}_{value.strip()}")
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", "-".join(parts)).strip("._-")
    return name[:LONGEST].strip("._-") or "changed"


def _names(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Return names that tell arms apart: the scenario's, its file's where two are called alike, with a number."""
    own = [scenario.name for scenario in scenarios]
    names: list[str] = []
    for scenario in scenarios:
        name = scenario.name if own.count(scenario.name) == 1 else name_of([f"x.{scenario.file.stem}="]).strip("_")
        number, unique = 2, name
        while unique in names:
            unique, number = f"{name}_{number}", number + 1
        names.append(unique)
    return tuple(names)


def _at(tree: Any, path: Sequence[str]) -> Any:
    for key in path:
        tree = tree[key]
    return tree
