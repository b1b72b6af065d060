"""Replicates until a quantity is known precisely enough, or a bound is met and said. Floor 6.

Replicates are added in batches whose size follows from the replicates before, never from the number of processes, so
the same question always ends at the same number. Whoever looks again and again stops a little early on average: the
interval of a run that stopped itself covers slightly less than 95 %. At least `FIRST` replicates keep that small.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tdm1sim.engine import chosen
from tdm1sim.ensemble import Progress, Task, run_all, simulate_resolved
from tdm1sim.errors import UsageError
from tdm1sim.intervals import Interval
from tdm1sim.parameters import Parameters
from tdm1sim.quantities import measure, names

if TYPE_CHECKING:
    from tdm1sim.recorder import Record
    from tdm1sim.results import Results
    from tdm1sim.scenario import Resolved

FIRST = 4
"""Fewest replicates that are asked how precise they are."""
DEFAULT_MOST = 200
_FORM = "such as 'surviving +-0.01'"
_TEXT = re.compile(r"\s*([A-Za-z][\w.-]*?)\s*(?:\+-|\+/-|±)\s*(\d+(?:\.\d*)?|\.\d+)(?:[eE]([-+]?\d{1,2}))?\s*")


@dataclass(frozen=True, slots=True)
class Until:
    """How precise is enough.

    Attributes
    ----------
    quantity : str
        A column of ``sweep.csv``: a fate, ``cell_number_ratio``, …
    half_width : float
        Largest half width of its 95 % interval, in its own unit.
    most : int
        Replicates at which the attempt ends; those that the scenario asks for are always run.
    """

    quantity: str
    half_width: float
    most: int = DEFAULT_MOST

    def __str__(self) -> str:
        """Return the question as it is typed."""
        return f"{self.quantity} +-{self.half_width:g}"


def until_of(text: str, most: int | None = None) -> Until:
    """Read ``surviving +-0.01``.

    Raises
    ------
    UsageError
        It is not that, or `most` is smaller than the first batch.
    """
    match = _TEXT.fullmatch(text)
    half = float(f"{match[2]}e{match[3] or 0}") if match else 0.0
    if match is None or half <= 0:
        msg = f"--replicates-until {text!r}: a quantity and a half width above 0 are needed, {_FORM}"
        raise UsageError(msg)
    if most is not None and most < FIRST:
        msg = f"--max-replicates {most}: at least {FIRST} are needed to tell how precise they are"
        raise UsageError(msg)
    return Until(match[1], half, DEFAULT_MOST if most is None else most)


def check(until: Until, parameters: Parameters) -> None:
    """Refuse a quantity that the run does not have; raises `UsageError`."""
    known = names(parameters)
    if until.quantity not in known:
        near = get_close_matches(until.quantity, known, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        msg = f"--replicates-until: there is no {until.quantity!r}; there is: {', '.join(known)}{meant}"
        raise UsageError(msg)


def half_width(interval: Interval) -> float | None:
    """Return the half width of an interval; of one that is cut at an edge, the longer side."""
    mean, low, high = interval["mean"], interval["low"], interval["high"]
    return None if mean is None or low is None or high is None else max(high - mean, mean - low)


def next_count(until: Until, count: int, half: float | None) -> int:
    """Return how many replicates there are to be after the next batch; `count` where it is over.

    It is over when the half width is small enough, when there can be none because some replicate has no value
    (it never will), and at the bound. A batch aims at the number that would do, and at most doubles.
    """
    if half is None or half <= until.half_width or count >= until.most:
        return count
    needed = math.ceil(count * (half / until.half_width) ** 2)
    return min(max(needed, count + 2), 2 * count, until.most)


def reached(until: Until, count: int, half: float | None) -> dict[str, Any]:
    """Return what was asked and reached, as the summary has it."""
    return {
        "asked": str(until),
        "quantity": until.quantity,
        "half_width": until.half_width,
        "max_replicates": until.most,
        "replicates": count,
        "half_width_reached": half,
        "reached": half is not None and half <= until.half_width,
    }


def warning(found: dict[str, Any]) -> str | None:
    """Return what a reader must know where the precision was not reached; None where it was."""
    if found["reached"]:
        return None
    asked, count, half = found["asked"], found["replicates"], found["half_width_reached"]
    if half is None:
        return f"{asked} cannot be reached: in some of {count} replicates there is no {found['quantity']}"
    enough = math.ceil(count * (half / found["half_width"]) ** 2)
    return (
        f"{asked} was not reached: +-{half:.3g} after {count} replicates; about {enough} would do "
        "(--max-replicates N), or more cells in each"
    )


def gather(
    parameters: Parameters,
    until: Until,
    run: Callable[[Sequence[Task]], Sequence[Record]],
    *,
    engine: str = "auto",
    arm: str = "run",
) -> tuple[list[Record], float | None]:
    """Run replicates until they are enough.

    Parameters
    ----------
    parameters : Parameters
        The run; its plan says how many replicates at first.
    until : Until
        How precise is enough.
    run : callable
        Takes tasks and returns their records in order.
    engine, arm : str
        Of the tasks.

    Returns
    -------
    list of Record
        In order of the replicates.
    float or None
        Half width of the quantity.
    """
    records: list[Record] = []
    wanted = min(max(parameters.plan.replicates, FIRST), until.most)
    half: float | None = None
    while len(records) < wanted:
        numbers = range(len(records) + 1, wanted + 1)
        records += run([Task(arm, 0.0, parameters, n, engine) for n in numbers])
        half = half_width(measure(records, parameters)[until.quantity].interval)
        wanted = next_count(until, len(records), half)
    return records, half


def simulate_until(
    again: Callable[[int], Resolved],
    resolved: Resolved,
    until: Until,
    *,
    engine: str = "auto",
    jobs: int = 1,
    progress: Progress | None = None,
) -> tuple[Results, Resolved]:
    """Run a scenario with as many replicates as `until` asks for.

    Parameters
    ----------
    again : callable
        Returns the same scenario resolved with another number of replicates.
    resolved : Resolved
        The scenario as it is; its replicates are the first batch.
    until, engine, jobs, progress
        How precise is enough; the rest as in `tdm1sim.ensemble.simulate_resolved`.

    Returns
    -------
    Results
        Those of a plain run with that many replicates; the summary also says what was asked and reached.
    Resolved
        The scenario with that many.
    """
    parameters = resolved.parameters
    check(until, parameters)
    started = time.perf_counter()

    engine = chosen(engine, parameters)  # once: more replicates are to be computed like the first

    def run(tasks: Sequence[Task]) -> list[Record]:
        return run_all(tasks, jobs, progress)

    records, half = gather(parameters, until, run, engine=engine)
    whole = again(len(records))
    results = simulate_resolved(whole, engine=engine, jobs=jobs, progress=progress, known=records)
    found = reached(until, len(records), half)
    summary = {**results.summary, "replicates_until": found}
    told = warning(found)
    seconds = round(time.perf_counter() - started, 3)
    manifest = {**results.manifest, "replicates_until": found, "wall_time_s": seconds}
    if told:
        manifest["warnings"] = [*manifest["warnings"], told]
    return replace(results, summary=summary, manifest=manifest), whole
