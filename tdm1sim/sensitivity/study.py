"""A sensitivity study from its first run to its table: every point with the same luck, so that chance is no effect."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.catalogue import load_catalogue
from tdm1sim.errors import InputError
from tdm1sim.scenario import Resolved, Scenario, resolve
from tdm1sim.sensitivity.design import Design, Floats, design_of
from tdm1sim.sensitivity.factors import Choice, Factor, Left, factors_of
from tdm1sim.sensitivity.indices import Index, indices_of
from tdm1sim.sensitivity.outputs import OUTPUTS, Output
from tdm1sim.workers import in_order

if TYPE_CHECKING:
    from tdm1sim.results import Results

Progress = Callable[[float, float], None]
LEAN = ("record.traces=0", "record.attribution=false", "record.saved_by=false", "record.save_state=[]")
"""Overrides of every point: nothing that no output reads."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run says and cost.

    Attributes
    ----------
    outputs : mapping of str to float or None
        Every output, by name.
    cell_steps : float
        Cells times steps, from the recorded numbers of living cells.
    cpu, wall : float
        Seconds.
    """

    outputs: Mapping[str, float | None]
    cell_steps: float
    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A study before it is run: factors, design, and the first run, which tells what the others will cost.

    Attributes
    ----------
    name : str
        Of the scenario.
    base : Resolved
        The scenario as it stands.
    scenario : Scenario
        The same as written, with what every point has in common.
    factors, left : tuple
        What is varied; what is not and why.
    design : Design
        The points.
    outputs : tuple of Output
        What is asked for.
    engine : str
        How runs are computed.
    first : Answer
        Of the scenario as it stands.
    manifest : mapping
        Of that run: versions, engine, citations.
    """

    name: str
    base: Resolved = field(repr=False)
    scenario: Scenario = field(repr=False)
    factors: tuple[Factor, ...]
    left: tuple[Left, ...]
    design: Design = field(repr=False)
    outputs: tuple[Output, ...]
    engine: str
    first: Answer
    manifest: Mapping[str, Any] = field(repr=False)

    def seconds(self, jobs: int) -> float:
        """Return how long the study will take with some processes, from the time of the first run."""
        return len(self.design.points) * self.first.wall / max(1, min(jobs, len(self.design.points)))


@dataclass(frozen=True, slots=True)
class Study:
    """A study that was run.

    Attributes
    ----------
    plan : Plan
        What was run.
    answers : tuple of Answer
        One per point of the design.
    indices : mapping of str to list of Index
        By output, the strongest first.
    """

    plan: Plan
    answers: tuple[Answer, ...] = field(repr=False)
    indices: Mapping[str, list[Index]]


def begin(
    scenario: Scenario,
    *,
    outputs: Sequence[Output],
    choice: Choice | None = None,
    method: str = "morris",
    blocks: int = 10,
    engine: str = "auto",
) -> Plan:
    """Choose factors and points, and run the scenario as it stands once.

    Parameters
    ----------
    scenario : Scenario
        From `load_scenario`, with the replicates and the seed that every point is to have.
    outputs : sequence of Output
        What the sensitivity is of.
    choice : Choice, optional
        Which parameters; the assumed and calibrated ones by default.
    method : {'morris', 'sobol'}
        Screening, or shares of variance.
    blocks : int
        Trajectories or samples.
    engine : str
        How runs are computed.

    Raises
    ------
    InputError, UsageError, MachineError
        The scenario, the choice or the machine does not allow it.
    """
    outputs = tuple(outputs)
    base = resolve(scenario)  # before what is lean: warnings and text are those of the scenario itself
    reads = any(output.readout for output in outputs)
    kinds = {one.kind for one in base.parameters.plan.readouts} if reads else set()
    if reads and not kinds:
        example = "record: {readouts: [{kind: atp, at: [72 h]}]}"
        msg = f"--output readout: {scenario.name} has no read-out; write `{example}`"
        raise InputError(msg)
    lean = scenario.with_overrides([*LEAN, _readouts(base) if reads else "record.readouts=[]"])
    factors, left = factors_of(scenario, base, load_catalogue(), choice or Choice(), {str(kind) for kind in kinds})
    check = partial(_wrong, lean, factors)
    names = [factor.symbol for factor in factors]
    design = design_of(method, names, blocks, base.parameters.plan.seed, check)
    answer, results = _answered(resolve(lean), engine)
    _defined(answer, outputs, "the scenario as it stands")
    return Plan(scenario.name, base, lean, factors, left, design, outputs, engine, answer, results.manifest)


def study_of(plan: Plan, *, jobs: int = 1, progress: Progress | None = None) -> Study:
    """Run every point and work out the indices.

    Parameters
    ----------
    plan : Plan
        From `begin`.
    jobs : int
        Worker processes; the results do not depend on it.
    progress : callable, optional
        Called with points done and in all.
    """
    work = plan.design.points.tolist()
    answers: list[Answer] = []
    for answer in in_order(partial(_point, plan.scenario, plan.factors, plan.engine), work, jobs):
        answers.append(answer)
        _defined(answer, plan.outputs, f"point {len(answers)} of design.csv")
        if progress:
            progress(len(answers), len(work))
    indices = {
        output.name: indices_of(plan.design, plan.factors, _column(answers, output.name)) for output in plan.outputs
    }
    return Study(plan, tuple(answers), indices)


def _column(answers: Sequence[Answer], name: str) -> Floats:
    return np.array([answer.outputs[name] for answer in answers], dtype=np.float64)


def _defined(answer: Answer, outputs: Sequence[Output], where: str) -> None:
    for output in outputs:
        if answer.outputs[output.name] is None:
            msg = f"--output {output.name} has no value for {where}; ask for another, such as live_ratio or auc"
            raise InputError(msg)


def _readouts(base: Resolved) -> str:
    """Return the override that keeps the first read-out, without its dose series."""
    first = base.parameters.plan.readouts[0]
    return f"record.readouts=[{{kind: {first.kind}, at: [{max(first.at)!r} h]}}]"


def _changed(scenario: Scenario, factors: Sequence[Factor], shares: Sequence[float]) -> Scenario:
    return scenario.with_overrides([one.setting(share) for one, share in zip(factors, shares, strict=True)])


def _wrong(scenario: Scenario, factors: Sequence[Factor], shares: Sequence[float]) -> str:
    """Return why a point cannot be run; empty where it can.

    Beside what the language refuses (a doubling time too short for S, G2 and M), DM1 that stops a mitosis must be less
    than what kills a cell rapidly: the thresholds have an order, and the bounds of one know nothing of the other.
    """
    try:
        values = resolve(_changed(scenario, factors, shares)).parameters.values
    except InputError as error:
        first = error.problems[0]
        return ": ".join(part for part in (first.path, first.message, first.allowed) if part)
    return "C_M is above C_A" if values["C_M"] > values["C_A"] else ""


def _point(scenario: Scenario, factors: Sequence[Factor], engine: str, shares: Sequence[float]) -> Answer:
    """Run one point."""
    return _answered(resolve(_changed(scenario, factors, shares)), engine)[0]


def _answered(resolved: Resolved, engine: str) -> tuple[Answer, Results]:
    from tdm1sim.ensemble import simulate_resolved

    wall, cpu = time.perf_counter(), time.process_time()
    results = simulate_resolved(replace(resolved, warnings=()), engine=engine, jobs=1)
    outputs = {name: output.read(results) for name, output in OUTPUTS.items()}
    steps = _cell_steps(results)
    return Answer(outputs, steps, time.process_time() - cpu, time.perf_counter() - wall), results


def _cell_steps(results: Results) -> float:
    """Return living cells times steps, summed over replicates, from what was recorded."""
    total = 0.0
    for _, part in results.timeseries.groupby("replicate", sort=True):
        hours, live = (part[column].to_numpy(dtype=float) for column in ("time_h", "live_cells"))
        length = float(hours[-1] - hours[0])
        mean = float(np.trapezoid(live, hours)) / length if length > 0.0 else float(live[0])
        total += mean * float(results.manifest["steps"])
    return total
