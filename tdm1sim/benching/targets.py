"""What is to be reached, and what was found: the table of targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

MET, MISSED, OPEN = "met", "missed", "not measured"


@dataclass(frozen=True, slots=True)
class Target:
    """One row.

    Attributes
    ----------
    key : str
        Its name in ``bench.json``.
    what : str
        What is measured; ``{few}`` and the like stand for sizes.
    floor : float
        What must hold.
    goal : float, optional
        What is hoped for.
    more : bool
        Whether more is better.
    unit : str
        Of the measured value; empty for a ratio.
    """

    key: str
    what: str
    floor: float
    goal: float | None
    more: bool
    unit: str = ""


TARGETS: tuple[Target, ...] = (
    Target("compiled_to_mesa", "compiled / plain Mesa agents, {few} cells, 1 thread, per CPU-s", 300.0, 800.0, True),
    Target("compiled_to_numpy", "compiled / NumPy, {middle} cells, 1 thread, per CPU-s", 8.0, 18.0, True),
    Target("many_to_middle", "compiled, {many} / {middle} cells, per CPU-s", 0.8, 1.0, True),
    Target("two_threads", "2 threads / 1 thread, {many} cells, wall", 1.3, 1.9, True),
    Target("survival_error", "worst survival error against LSODA at the default dt", 1.0e-2, 2.0e-3, False),
    Target("single_to_double", "single / double precision, {many} cells, per CPU-s", 1.3, 2.0, True),
    Target("bytes_per_cell", "memory above the interpreter, {many} cells, double", 500.0, 300.0, False, "bytes/cell"),
    Target("ensemble", "{runs} runs of {few} cells on 2 threads: wall x 2 / kernel CPU", 1.6, 1.1, False),
    Target("whole_run", "{many} cells x {days} d with result files, 2 threads", 30.0, None, False, "s"),
    Target("cold_run", "{small} cells x {days} d as a cold process", 1.5, None, False, "s"),
    Target("first_compilation", "first compiled run in an empty cache: more than later", 6.0, None, False, "s"),
    Target("help", "tdm1sim --help", 0.3, None, False, "s"),
)
"""All that `tdm1sim bench` judges, in its order."""
KEYS: tuple[str, ...] = tuple(target.key for target in TARGETS)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured for one target.

    Attributes
    ----------
    value : float or None
        Median; None where it was not measured.
    low, high : float or None
        Smallest and largest of the rounds; None for a single measurement.
    note : str
        How, or why not.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""

    @classmethod
    def of(cls, values: Sequence[float], note: str = "") -> Finding:
        """Return the median of rounds and their span."""
        if len(values) == 1:
            return cls(values[0], note=note)
        return cls(median(values), min(values), max(values), note)


def verdict(target: Target, finding: Finding) -> str:
    """Return whether the floor holds: `MET`, `MISSED` or `OPEN`."""
    if finding.value is None:
        return OPEN
    return MET if reached(finding.value, target.floor, more=target.more) else MISSED


def reached(value: float, bound: float, *, more: bool) -> bool:
    """Return whether `value` is on the good side of `bound`."""
    return value >= bound if more else value <= bound


def as_record(target: Target, finding: Finding, what: str) -> dict[str, Any]:
    """Return a row as ``bench.json`` has it; `what` is the target's text with the sizes filled in."""
    at_goal = None
    if target.goal is not None and finding.value is not None:
        at_goal = reached(finding.value, target.goal, more=target.more)
    return {
        "target": target.key,
        "what": what,
        "unit": target.unit,
        "measured": finding.value,
        "low": finding.low,
        "high": finding.high,
        "floor": target.floor,
        "goal": target.goal,
        "better": "more" if target.more else "less",
        "verdict": verdict(target, finding),
        "goal_reached": at_goal,
        "note": finding.note,
    }
