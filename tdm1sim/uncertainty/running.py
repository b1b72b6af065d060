"""Running the draws: each in a process of its own where there are several, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from tdm1sim.ensemble import simulate_resolved
from tdm1sim.workers import in_order

if TYPE_CHECKING:
    from tdm1sim.results import Results
    from tdm1sim.scenario import Resolved
    from tdm1sim.uncertainty.draws import Plan

Found = TypeVar("Found")
Progress = Callable[[float, float], None]


def over(
    draws: Plan,
    measure: Callable[[Sequence[Results]], Found],
    *,
    engine: str = "auto",
    jobs: int = 1,
    progress: Progress | None = None,
) -> list[Found]:
    """Return what `measure` finds in every draw.

    Parameters
    ----------
    draws : Plan
        From `tdm1sim.uncertainty.plan`.
    measure : callable
        Takes the results of one draw, one for each arm; picklable where `jobs` > 1, as is what it returns.
    engine, jobs
        As in `tdm1sim.ensemble.simulate_resolved`; what comes out does not depend on `jobs`.
    progress : callable, optional
        Called with the draws done and in all.

    Returns
    -------
    list
        In order of the draws.
    """
    items = [(runs, measure, engine) for runs in draws.runs]
    found: list[Found] = []
    for one in in_order(_measured, items, jobs):
        found.append(one)
        if progress:
            progress(float(len(found)), float(len(items)))
    return found


def _measured(item: tuple[Sequence[Resolved], Callable[[Sequence[Results]], Any], str]) -> Any:
    runs, measure, engine = item
    return measure([simulate_resolved(run, engine=engine, draw=True) for run in runs])
