"""One point of a sweep: its replicates, and what is kept of them. Runs in any process, on any machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tdm1sim import precision
from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.errors import MachineError
from tdm1sim.parameters import Parameters
from tdm1sim.precision import Until
from tdm1sim.quantities import measure
from tdm1sim.recorder import Record
from tdm1sim.summary import outcome_of
from tdm1sim.sweeping.identity import sources

Report = Callable[[float], None]
_ARM = "point"


@dataclass(frozen=True, slots=True)
class Job:
    """A point as it is sent to whoever computes it.

    Attributes
    ----------
    number : int
        Of the point; draws of the points are numbered on from there.
    parameters : Parameters
        Every number of its run.
    engine : str
        Engine name.
    until : Until or None
        How precise is enough; None for as many replicates as the plan says.
    values : mapping of str to float
        Symbols with another value than the point's, canonical: a draw of what is not known.
    place : str
        What a message calls it; empty for the point itself.
    sources : str
        Digest of the sources that must compute it; empty where that is known to be so.
    """

    number: int
    parameters: Parameters
    engine: str = "auto"
    until: Until | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    sources: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A finished point.

    Attributes
    ----------
    number : int
        Of the point.
    result : dict
        What `run_point` measured, as JSON knows it; the same whoever computed it.
    seconds : float
        Wall time.
    """

    number: int
    result: dict[str, Any]
    seconds: float


def run_point(job: Job, report: Report | None = None) -> Done:
    """Run every replicate of a point, one after the other.

    Parameters
    ----------
    job : Job
        What to run.
    report : callable, optional
        Called now and then with the share of the point that is done, 0 to 1.

    Raises
    ------
    MachineError
        Memory runs out, or this process has other sources than those that planned the sweep.
    """
    if job.sources and job.sources != sources():
        msg = "a worker runs another version of tdm1sim than this program; install the same one on every machine"
        raise MachineError(msg)
    started = time.perf_counter()
    parameters = job.parameters.with_values(**job.values) if job.values else job.parameters
    try:
        records, reached = _records(parameters, job, report)
    except MemoryError:
        where = job.place or f"point {job.number}"
        msg = f"memory ran out at {where}; run fewer cells (--cells) or fewer points at a time (--jobs)"
        raise MachineError(msg) from None
    return Done(job.number, _told(records, parameters, reached), time.perf_counter() - started)


def _records(parameters: Parameters, job: Job, report: Report | None) -> tuple[Sequence[Record], dict[str, Any] | None]:
    def run(tasks: Sequence[Task]) -> list[Record]:
        last = tasks[-1].replicate
        return [run_replicate(task, _within(report, task.replicate, last)) for task in tasks]

    if job.until is None:
        count = parameters.plan.replicates
        return run([Task(_ARM, 0.0, parameters, n, job.engine) for n in range(1, count + 1)]), None
    records, half = precision.gather(parameters, job.until, run, engine=job.engine, arm=_ARM)
    return records, precision.reached(job.until, len(records), half)


def _within(report: Report | None, replicate: int, last: int) -> Callable[[float, float], None] | None:
    return None if report is None else lambda done, total: report((replicate - 1 + done / total) / last)


def _told(records: Sequence[Record], parameters: Parameters, reached: dict[str, Any] | None) -> dict[str, Any]:
    """Return the result of a point in words that JSON knows."""
    measured = measure(records, parameters)
    told: dict[str, Any] = {
        "replicates": len(records),
        "outcome": outcome_of(records),
        "outcomes": [record.outcome for record in records],
        "means": {name: dict(one.interval) for name, one in measured.items()},
        "values": {name: list(one.values) for name, one in measured.items()},
        "cell_steps": sum(record.steps for record in records) * parameters.plan.cells,
    }
    if reached is not None:
        told["replicates_until"] = reached
    return told
