"""Many runs of one scenario: replicates, untreated, dose series, arms switched off, traits restored. Floor 6."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim import attribution, saved_by
from tdm1sim.branching import files_of, state_of
from tdm1sim.engine import chosen, engine_of
from tdm1sim.errors import MachineError
from tdm1sim.manifest import manifest_of
from tdm1sim.parameters import Parameters
from tdm1sim.recorder import CLONES, FLOWS, TIMESERIES, TRACES, Record, Recorder
from tdm1sim.results import READOUTS, Results
from tdm1sim.state import pack, unpack
from tdm1sim.summary import summarise
from tdm1sim.surroundings.variability import patient_of
from tdm1sim.workers import in_order
from tdm1sim.world import World

if TYPE_CHECKING:
    from tdm1sim.resuming import Branch
    from tdm1sim.scenario import Resolved, Scenario

Progress = Callable[[float, float], None]
_SHARED = 30_000
"""Cells of a replicate from which threads share its cells; smaller replicates get a thread each."""


@dataclass(frozen=True, slots=True)
class Task:
    """One replicate of one arm.

    Attributes
    ----------
    arm : str
        ``run``, ``untreated``, ``dose`` for a well of a dose series; ``arms:…`` where only these arms of the drug act,
        ``restored:…`` where a trait of the cells is normal, ``point`` for a run of which no cell is followed.
    concentration : float
        Of the well, nM; 0 otherwise.
    parameters : Parameters
        Of the arm.
    replicate : int
        From 1.
    engine : str
        Engine name.
    threads : int
        How many threads it may use; the results do not depend on it.
    state : bytes or None
        A saved state (`tdm1sim.state.pack`) to go on from; None from the start.
    """

    arm: str
    concentration: float
    parameters: Parameters
    replicate: int
    engine: str
    threads: int = 1
    state: bytes | None = field(default=None, repr=False)

    @property
    def hours(self) -> float:
        """Simulated time that is to be run, h."""
        plan = self.parameters.plan
        return plan.duration - (plan.resumed_at or 0.0) if self.state is not None else plan.duration


def run_replicate(task: Task, report: Progress | None = None) -> Record:
    """Run one replicate to its end.

    Parameters
    ----------
    task : Task
        What to run.
    report : callable, optional
        Called now and then with simulated and planned hours.

    Returns
    -------
    Record
    """
    parameters = patient_of(task.parameters, task.replicate)
    plan = parameters.plan
    full = task.arm in {"run", "point"}
    begun = None if task.state is None else unpack(task.state)
    world = World(parameters, task.replicate, followed=task.arm == "run" and task.replicate == 1, state=begun)
    engine = engine_of(task.engine, world, task.threads)
    recorder = Recorder(engine, full=full)
    recorder.look()
    outcome = "capacity_reached" if begun is not None and engine.living() > plan.capacity else "completed"
    while outcome == "completed" and not world.finished:
        engine.advance_window()
        if task.arm == "run" and world.position in world.saves:
            recorder.record.states[world.saves[world.position]] = pack(state_of(engine, recorder, task.parameters))
        recorder.look()
        if engine.living() > plan.capacity:
            outcome = "capacity_reached"
        elif report:
            report(world.t - plan.duration + task.hours, task.hours)
    if outcome == "completed" and engine.living() == 0:
        outcome = "cleared"
    return recorder.finish(outcome)


def tasks_of(parameters: Parameters, engine: str, states: Sequence[bytes] = ()) -> list[Task]:
    """Return every replicate of every arm that the run needs, the main arm first; that one goes on from `states`."""
    numbers = range(1, parameters.plan.replicates + 1)
    tasks = [Task("run", 0.0, parameters, n, engine, state=states[n - 1] if states else None) for n in numbers]
    beside = {"untreated": parameters.untreated()} if parameters.plan.readouts else {}
    if parameters.plan.attribution:
        beside |= attribution.further_runs(parameters)
    tasks += [Task(arm, 0.0, changed, n, engine) for arm, changed in beside.items() for n in numbers]
    doses = sorted({c for readout in parameters.plan.readouts for c in readout.concentrations})
    for dose in doses:
        well = parameters.at_concentration(dose)
        tasks += [Task("dose", dose, well, n, engine) for n in numbers]
    if parameters.plan.saved_by:
        # cells.csv holds the first replicate only
        for trait, changed in saved_by.restorations(parameters).items():
            tasks.append(Task(saved_by.arm_name(trait), 0.0, changed, 1, engine))
    return tasks


def most_jobs(parameters: Parameters, engine: str = "auto") -> int:
    """Return how many processes or threads can share the work of `simulate_resolved`; the arguments are its own."""
    tasks, cells = tasks_of(parameters, chosen(engine, parameters)), parameters.plan.cells
    return cells if tasks[0].engine == "compiled" and cells >= _SHARED else len(tasks)


def run_all(tasks: Sequence[Task], jobs: int, progress: Progress | None) -> list[Record]:
    """Run tasks of one engine, several at once when `jobs` > 1; results come in the order of the tasks."""
    if not tasks:
        return []
    hours = sum(task.hours for task in tasks)
    records: list[Record] = []
    for record in _stream(tasks, jobs, progress, hours):
        records.append(record)
        if progress:
            done = sum(task.hours for task in tasks[: len(records)])
            progress(done, hours)
    return records


def _stream(tasks: Sequence[Task], jobs: int, progress: Progress | None, hours: float) -> Iterator[Record]:
    if jobs > 1 and tasks[0].engine == "compiled":
        if tasks[0].parameters.plan.cells >= _SHARED:
            tasks = [replace(task, threads=jobs) for task in tasks]
        elif len(tasks) > 1:  # threads: a process would load, or compile, all of it again
            yield from in_order(run_replicate, tasks, jobs, threads=True)
            return
    elif jobs > 1 and len(tasks) > 1:
        yield from in_order(run_replicate, tasks, jobs)
        return
    done = 0.0
    for task in tasks:
        report = _offset(progress, done, hours) if progress else None
        yield run_replicate(task, report)
        done += task.hours


def _offset(progress: Progress, done: float, hours: float) -> Progress:
    return lambda t, _: progress(done + t, hours)


def _readout_rows(tasks: Sequence[Task], records: Sequence[Record], parameters: Parameters) -> list[tuple[Any, ...]]:
    """Return rows of ``readouts.csv``; each arm is divided by the untreated arm of the same replicate."""
    untreated = {t.replicate: r for t, r in zip(tasks, records, strict=True) if t.arm == "untreated"}
    rows = []
    for task, record in zip(tasks, records, strict=True):
        if task.arm not in {"run", "dose"}:
            continue
        for readout in parameters.plan.readouts:
            if task.arm == "dose" and task.concentration not in readout.concentrations:
                continue
            dose = task.concentration if task.arm == "dose" else None
            for at in readout.at:
                value = record.readouts.get((readout.kind, at))
                if value is None:
                    continue
                control = untreated[task.replicate].readouts.get((readout.kind, at), 0.0)
                share = value / control if control else None
                rows.append((task.replicate, at, readout.kind, value, share, dose))
    return rows


def _by_arm(tasks: Sequence[Task], records: Sequence[Record]) -> dict[str, list[Record]]:
    """Return the records of each arm, in order of the replicates; wells of a dose series one after the other."""
    arms: dict[str, list[Record]] = {}
    for task, record in zip(tasks, records, strict=True):
        arms.setdefault(task.arm, []).append(record)
    return arms


def attribute(
    parameters: Parameters, engine: str = "auto", jobs: int = 1, progress: Progress | None = None
) -> dict[str, Any]:
    """Return which arm of the drug makes which share of the effect, as ``attribution`` in the summary has it.

    Parameters
    ----------
    parameters : Parameters
        The run; its plan need not ask for attribution.
    engine, jobs, progress
        As in `simulate_resolved`.
    """
    plan = replace(parameters.plan, readouts=(), attribution=True, saved_by=False)
    tasks = tasks_of(replace(parameters, plan=plan), chosen(engine, parameters))
    return attribution.summarise_arms(_by_arm(tasks, run_all(tasks, jobs, progress)))


def simulate_resolved(
    resolved: Resolved,
    *,
    engine: str = "auto",
    jobs: int = 1,
    progress: Progress | None = None,
    known: Sequence[Record] = (),
    branch: Branch | None = None,
    draw: bool = False,
) -> Results:
    """Run every replicate of a resolved scenario.

    Parameters
    ----------
    resolved : Resolved
        From `tdm1sim.scenario.resolve`.
    engine : {'auto', 'compiled', 'numpy', 'twin'}
        How cells are computed.
    jobs : int
        Worker processes, or threads of the compiled engine; the results do not depend on it.
    progress : callable, optional
        Called with done and total simulated hours over all replicates.
    known : sequence of Record
        The first replicates of the run, where they were run before.
    branch : Branch, optional
        Saved states to go on from (`tdm1sim.resuming.branch_of`); the start where left out.
    draw : bool
        Whether this is one of many draws of uncertain values (`tdm1sim.attribution.shares`).

    Returns
    -------
    Results

    Raises
    ------
    MachineError
        If memory runs out.
    """
    import pandas as pd

    started = time.perf_counter()
    parameters = resolved.parameters if branch is None else branch.parameters
    engine = chosen(engine, parameters)
    tasks = tasks_of(parameters, engine, () if branch is None else branch.states)
    try:
        records = [*known, *run_all(tasks[len(known) :], jobs, progress)]
    except MemoryError:
        message = "memory ran out; run fewer cells (--cells), or lower run.capacity"
        raise MachineError(message) from None
    arms = _by_arm(tasks, records)
    main = arms["run"]
    summary = summarise(main, parameters, resolved.name, resolved.question)
    if parameters.plan.attribution:
        summary["attribution"] = attribution.summarise_arms(arms, draw=draw)

    def table(columns: Sequence[str], attribute: str) -> pd.DataFrame:
        return pd.DataFrame([row for r in main for row in getattr(r, attribute)], columns=list(columns))

    readouts = None
    if parameters.plan.readouts:
        readouts = pd.DataFrame(_readout_rows(tasks, records, parameters), columns=list(READOUTS))
    return Results(
        summary=summary,
        timeseries=table(TIMESERIES, "timeseries"),
        clones=table(CLONES, "clones"),
        flows=table(FLOWS, "flows"),
        traces=table(TRACES, "traces"),
        cells=pd.DataFrame(_cell_columns(arms, parameters)),
        readouts=readouts,
        manifest=manifest_of(resolved, parameters, summary, arms, engine, time.perf_counter() - started)
        | ({} if branch is None else {"branch": branch.note}),
        resolved_text=resolved.text,
        scenario=resolved.tree,
        states=files_of(main, parameters),
    )


def _cell_columns(arms: Mapping[str, Sequence[Record]], parameters: Parameters) -> dict[str, Any]:
    """Return the columns of ``cells.csv``: one more where the traits that saved are asked for."""
    first = arms["run"][0]
    if not parameters.plan.saved_by:
        return dict(first.cells)
    restored = {trait: arms[saved_by.arm_name(trait)][0] for trait in saved_by.restorations(parameters)}
    saved = saved_by.saviours(first, restored, parameters.clones)
    return {**first.cells, saved_by.COLUMN: saved_by.column_of(first.cells["cell_id"].tolist(), saved)}


def simulate(
    scenario: str | Path | Scenario,
    seed: int | None = None,
    *,
    engine: str = "auto",
    jobs: int = 1,
    progress: Progress | None = None,
    resume: str | None = None,
) -> Results:
    """Simulate a scenario.

    Parameters
    ----------
    scenario : str, path or Scenario
        A file, the name of a bundled scenario, or what `load_scenario` returned.
    seed : int, optional
        Instead of the scenario's.
    engine, jobs, progress
        As in `simulate_resolved`.
    resume : str, optional
        ``RESULT@21d``: a saved state to go on from.

    Returns
    -------
    Results
        With pandas tables.

    Raises
    ------
    InputError
        With every problem of the scenario.

    Examples
    --------
    >>> from tdm1sim import simulate
    >>> results = simulate("her2_positive")  # doctest: +SKIP
    >>> results.summary["fates"]["surviving"]["mean"]  # doctest: +SKIP
    """
    from tdm1sim.scenario import Scenario, load_scenario, resolve

    if isinstance(scenario, Scenario):
        chosen = scenario if seed is None else scenario.with_overrides([f"run.seed={seed}"])
    else:
        chosen = load_scenario(scenario, [] if seed is None else [f"run.seed={seed}"])
    resolved, branch = resolve(chosen), None
    if resume is not None:
        from tdm1sim.resuming import branch_of

        branch = branch_of(resume, resolved)
    return simulate_resolved(resolved, engine=engine, jobs=jobs, progress=progress, branch=branch)
