"""From axes to points: every combination, random points, or a Latin hypercube."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Sequence
from typing import Any

from tdm1sim import luck
from tdm1sim.errors import InputError, Problem, UsageError
from tdm1sim.scenario import Axis, Value, takes_whole_numbers
from tdm1sim.scenario.axes import MOST, VARY

PURPOSE = "sweep design"


def combinations(axes: Sequence[Axis], design: str, count: int | None, seed: int) -> list[tuple[Value, ...]]:
    """Return the values of every point, one per axis.

    Parameters
    ----------
    axes : sequence of Axis
        What is varied.
    design : {'grid', 'random', 'lhs'}
        ``grid``: every combination, the last axis fastest. ``random``: independent points, uniform on each axis (on
        its logarithm where it is logarithmic). ``lhs``: a Latin hypercube, in which each axis is covered evenly.
    count : int or None
        Points of a random or lhs design.
    seed : int
        Of the run: the same seed gives the same points.

    Raises
    ------
    UsageError
        The number of points does not go with the design.
    InputError
        A grid over a range that does not say how many values, or more points than a sweep may have.
    """
    if design == "grid":
        return _grid(axes, count)
    if count is None:
        msg = f"a {design} design needs its number of points: --points N, or `points: N` in the sweep block"
        raise UsageError(msg)
    if not 0 < count <= MOST:
        msg = f"--points {count}: from 1 to {MOST:,}"
        raise UsageError(msg)
    whole = [takes_whole_numbers(axis.path.split(".")) for axis in axes]
    return [
        tuple(axis.values.at(share, whole=w) for axis, share, w in zip(axes, row, whole, strict=True))
        for row in _shares(design, count, len(axes), seed)
    ]


def _grid(axes: Sequence[Axis], count: int | None) -> list[tuple[Value, ...]]:
    if count is not None:
        msg = "--points belongs to --design random and lhs; a grid has the values of its axes"
        raise UsageError(msg)
    problems = [
        Problem(axis.path, f"{axis.values.written} does not say how many values", "LOW:HIGH:N for a grid", "", VARY)
        for axis in axes
        if not axis.values.steps
    ]
    total = math.prod(len(axis.values.steps) for axis in axes)
    if total > MOST:
        sizes = " x ".join(str(len(axis.values.steps)) for axis in axes)
        hint = "fewer values, or --design lhs --points N"
        problems.append(Problem("", f"{sizes} is {total:,} points", f"a sweep has at most {MOST:,}", hint, VARY))
    if problems:
        raise InputError(problems)
    return list(itertools.product(*(axis.values.steps for axis in axes)))


def _shares(design: str, count: int, axes: int, seed: int) -> list[list[float]]:
    """Return how far along its axis each value lies, 0 to 1, shape (count, axes)."""
    chance = luck.generator(seed, PURPOSE)
    if design == "random":
        shares = chance.random((count, axes))
        return [[float(share) for share in row] for row in shares]
    from scipy.stats import qmc

    # scipy 1.15 renamed the argument.
    name = "rng" if "rng" in inspect.signature(qmc.LatinHypercube).parameters else "seed"
    seeded: dict[str, Any] = {name: chance}
    shares = qmc.LatinHypercube(axes, **seeded).random(count)
    return [[float(share) for share in row] for row in shares]
