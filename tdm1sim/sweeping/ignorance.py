"""Ignorance beside chance along a sweep: the same draws of what nobody has measured at every point, each kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tdm1sim.catalogue import load_catalogue
from tdm1sim.errors import UsageError
from tdm1sim.scenario import Scenario, resolve
from tdm1sim.scenario.axes import MOST
from tdm1sim.sweeping.planning import Sweep, lean
from tdm1sim.sweeping.point import Done, Job
from tdm1sim.uncertainty import Plan, plan
from tdm1sim.uncertainty.bands import middle
from tdm1sim.uncertainty.values import source_of

PARTS = ("model_low", "model_high")
"""Columns of a quantity in ``sweep.csv``, after those of chance."""
TIMES = ("regrowth_d", "time_to_kill_")
"""How the quantities begin in which nothing means never."""
CLONES = ("tumour", "clones")


def with_draws(sweep: Sweep, draws: int) -> Sweep:
    """Return the sweep with draws of what is uncertain, the same at every point.

    Parameters
    ----------
    sweep : Sweep
        Of any kind.
    draws : int
        How many, at least 2.

    Raises
    ------
    InputError
        If there is nothing to draw.
    UsageError
        If that would be more runs than a sweep may have.

    Notes
    -----
    What an axis varies is drawn at no point: not the symbol, not the receptors of a clone whose number of them is on
    an axis, not the size of a mechanism whose trait is. A class of HER2 on an axis is drawn within the class.
    """
    total = len(sweep.points) * (draws + 1)
    if total > MOST:
        msg = f"--uncertain {draws}: {len(sweep.points):,} points with their draws are {total:,} runs; at most {MOST:,}"
        raise UsageError(msg)
    bare = source_of(sweep.base)
    scenarios = [bare.with_overrides(point.changes) for point in sweep.points]
    arms = [
        replace(resolve(scenario, text=False), parameters=point.parameters)  # without read-outs, as the point is run
        for scenario, point in zip(scenarios, sweep.points, strict=True)
    ]
    changes = [change.partition("=")[0].split(".") for point in sweep.points for change in point.changes]
    drawn = plan(arms, draws, held=held_by(scenarios, changes), bare=True)
    runs = tuple(
        tuple(replace(run, parameters=lean(run.parameters, row[0].parameters)) for run in row) for row in drawn.runs
    )
    return replace(sweep, drawn=replace(drawn, runs=runs))


def held_by(scenarios: Sequence[Scenario], paths: Collection[Sequence[str]]) -> set[str]:
    """Return the receptors of classes and the sizes of mechanisms whose place in a clone some point sets.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Of every point.
    paths : collection of sequence of str
        What the points change, each path in its parts.
    """
    traits = {path[3] for path in paths if tuple(path[:2]) == CLONES and len(path) > 3}
    held = set()
    if "her2" in traits:
        classes: dict[str, set[str]] = {}
        by_number = set()
        for scenario in scenarios:
            clones = (scenario.document.tumour.clones if scenario.document.tumour else None) or {}
            for name, clone in clones.items():
                if isinstance(clone.her2, str):
                    classes.setdefault(name, set()).add(clone.her2)
                else:
                    by_number.add(name)
        held = {f"her2.{known}" for name in by_number for known in classes.get(name, ())}
        traits |= {"her2_fold"} if by_number else set()
    return held | {
        f"resistance.{entry.name}" for entry in load_catalogue().resistance.values() if traits & set(entry.sets)
    }


def noun(sweep: Sweep) -> str:
    """Return what the jobs of a sweep are, in words."""
    return "points and draws" if sweep.drawn else "points"


def jobs_of(sweep: Sweep, engines: Sequence[str], sources: str) -> list[Job]:
    """Return a job for each draw of each point, numbered on from the points."""
    if sweep.drawn is None:
        return []
    return [
        Job(
            _number(sweep, draw, point.number),
            run.parameters,
            engine,
            sources=sources,
            place=f"draw {draw} of point {point.number}",
        )
        for draw, row in enumerate(sweep.drawn.runs, start=1)
        for point, run, engine in zip(sweep.points, row, engines, strict=True)
    ]


def draws_of(sweep: Sweep, done: Mapping[int, Done]) -> tuple[tuple[Done, ...], ...]:
    """Return what was found, for each draw at every point; empty where there are no draws."""
    count = 0 if sweep.drawn is None else len(sweep.drawn.runs)
    return tuple(
        tuple(done[_number(sweep, draw, point.number)] for point in sweep.points) for draw in range(1, count + 1)
    )


def _number(sweep: Sweep, draw: int, point: int) -> int:
    return draw * len(sweep.points) + point


def bounded(means: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the intervals of a point with ``model_low`` and ``model_high`` beside each.

    Parameters
    ----------
    means : mapping
        Quantity to its interval.
    found : sequence of mapping
        The same of every draw of the point.
    """
    told = {}
    for name, interval in means.items():
        values = [one[name]["mean"] if name in one else None for one in found]
        low, high = middle(values, never=name.startswith(TIMES))
        told[name] = {**interval, "model_low": low, "model_high": high}
    return told


def as_json(drawn: Plan, found: Sequence[Sequence[Done]]) -> dict[str, Any]:
    """Return what the manifest says about the draws."""
    return {**drawn.as_json(), "stopped_at_capacity": _stopped(found)}


def warnings(found: Sequence[Sequence[Done]]) -> list[str]:
    """Return what a reader of the bands must know."""
    stopped = _stopped(found)
    if not stopped:
        return []
    return [
        f"{stopped} of {sum(len(row) for row in found)} draws of --uncertain outgrew run.capacity: they count as they "
        "were at that moment; raise run.capacity or start with fewer cells"
    ]


def _stopped(found: Sequence[Sequence[Done]]) -> int:
    return sum(one.result["outcome"] == "capacity_reached" for row in found for one in row)
