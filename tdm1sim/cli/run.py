"""``tdm1sim run``: from scenario files to result folders."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.progress import bar
from tdm1sim.cli.terminal import complain, say_json, show
from tdm1sim.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from tdm1sim.precision import Until
    from tdm1sim.results import Results
    from tdm1sim.resuming import Branch
    from tdm1sim.scenario import Resolved


@dataclass(frozen=True, slots=True)
class Request:
    """What the options of one ``run`` ask for, checked.

    Attributes
    ----------
    out : Path
        Folder that gets one folder per scenario.
    engine : str
        Name of the engine.
    jobs : int
        Number of processes.
    formats : tuple of str
        Formats of the figure files.
    figures : tuple of str or None
        Names of the figures to draw; None for what the scenario asks for; empty for none.
    force, quiet, json : bool
        Replace older results; say nothing; say it as JSON.
    until : Until or None
        How precise is enough; None for as many replicates as the scenario says.
    uncertain : int
        Draws of the assumed and calibrated values; 0 for none.
    style : str
        Where the figures will be seen.
    """

    out: Path
    engine: str
    jobs: int
    formats: tuple[str, ...]
    figures: tuple[str, ...] | None
    force: bool
    quiet: bool
    json: bool
    until: Until | None = None
    uncertain: int = 0
    style: str = "slide"


@guarded
def run(  # the options explain themselves to typer
    scenarios: options.ScenarioList,
    out: options.Out = Path("results"),
    seed: options.Seed = None,
    replicates: options.Replicates = None,
    cells: options.Cells = None,
    set_: options.Set = None,
    jobs: options.Jobs = None,
    engine: options.EngineName = options.Engine.auto,
    formats: options.Formats = "png,svg",
    style: options.StyleName = options.Style.slide,
    figure: options.FigureNames = None,
    no_figures: options.NoFigures = False,
    attribution: options.Attribution = False,
    precise: options.Precise = False,
    replicates_until: options.Until = None,
    max_replicates: options.MaxReplicates = None,
    uncertain: options.Uncertain = 0,
    resume: options.Resume = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
    force: options.Force = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Simulate scenarios: a result folder each, and a table of fates."""
    if figure and no_figures:
        msg = "--figure and --no-figures contradict each other; leave one out"
        raise UsageError(msg)
    asked = () if no_figures else options.figures_of(figure) if figure else None
    checked_formats = options.formats_of(formats)
    options.jobs_of(jobs, most=1)  # refused before anything is read
    changes = options.overrides(set_, seed, replicates, cells, attribution=attribution, precise=precise)
    until = options.until_of(replicates_until, max_replicates)
    draws = options.draws_of(uncertain)
    if resume and (draws or until):
        flag, what = ("--uncertain", "draws") if draws else ("--replicates-until", "further replicates")
        msg = f"--resume and {flag}: {what} are run from the start, so run the whole scenario with {flag}"
        raise UsageError(msg)
    resolved = options.load_all(scenarios, changes)
    branches = _branches(resume, resolved) if resume else [None] * len(resolved)
    most = until.most if until else _most(resolved, engine.value, draws)
    workers = options.jobs_of(jobs, most=most)
    request = Request(out, engine.value, workers, checked_formats, asked, force, quiet, json, until, draws, style.value)
    places = destinations(resolved, request, [f"@{one.label}" if one else "" for one in branches])
    finished: list[Path] = []
    with _telling_what_was_kept(finished):
        for source, one, place, branch in zip(scenarios, resolved, places, branches, strict=True):
            _run_one(one, place, request, partial(_again, source, changes), branch)
            finished.append(place)


def _again(source: str, changes: Sequence[str], replicates: int) -> Resolved:
    """Return a scenario resolved with another number of replicates."""
    return options.load_all([source], (*changes, f"run.replicates={replicates}"))[0]


def _most(resolved: Sequence[Resolved], engine: str, draws: int) -> int:
    """Return how many processes can share the work of one of these scenarios."""
    from tdm1sim.ensemble import most_jobs

    return max((draws, *(most_jobs(one.parameters, engine) for one in resolved)))


def _branches(resume: str, resolved: Sequence[Resolved]) -> list[Branch | None]:
    """Return each scenario as a branch of a saved state, and report the problems of all of them at once."""
    from tdm1sim.resuming import branch_of

    found: list[Branch | None] = []
    problems: list[Problem] = []
    for one in resolved:
        try:
            found.append(branch_of(resume, one))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(tuple(dict.fromkeys(problems)))
    return found


def destinations(resolved: Sequence[Resolved], request: Request, endings: Sequence[str] | None = None) -> list[Path]:
    """Return where each result goes, having checked that all of them can be written.

    Parameters
    ----------
    resolved : sequence of Resolved
        The scenarios.
    request : Request
        Where results go, and whether older ones are replaced.
    endings : sequence of str, optional
        What the folder of each is called by beyond the scenario's name: ``@21d``.

    Raises
    ------
    InputError
        Two scenarios share a name, or a result exists already (and ``--force`` was not given).
    MachineError
        A folder cannot be made or written to.
    """
    from tdm1sim.results_folder import check

    problems: list[Problem] = []
    places: list[Path] = []
    for one, ending in zip(resolved, endings or [""] * len(resolved), strict=True):
        place = request.out / f"{one.name}{ending}"
        if one.name in {"", ".", ".."} or Path(one.name).name != one.name:
            problems.append(Problem(path="name", message=f"{one.name!r} cannot name a folder"))
        elif place in places:
            message = f"two of these scenarios are called {one.name!r} and would write the same folder {place}"
            problems.append(Problem("", message, suggestion="run them one by one, each with its own --out DIR"))
        else:
            try:
                check(place, force=request.force)
            except InputError as error:
                problems.extend(error.problems)
        places.append(place)
    if problems:
        raise InputError(problems)
    return places


def _simulated(
    resolved: Resolved, request: Request, again: Callable[[int], Resolved], branch: Branch | None
) -> tuple[Results, Resolved]:
    """Return the results, and the scenario with as many replicates as were run."""
    from tdm1sim.ensemble import simulate_resolved

    engine, jobs = request.engine, request.jobs
    with bar(resolved.name, hidden=request.quiet or request.json) as progress:
        if branch is not None:
            told = replace(resolved, warnings=(*resolved.warnings, *branch.warnings))
            return simulate_resolved(told, engine=engine, jobs=jobs, progress=progress, branch=branch), told
        if request.until is None:
            return simulate_resolved(resolved, engine=engine, jobs=jobs, progress=progress), resolved
        from tdm1sim.precision import simulate_until

        return simulate_until(again, resolved, request.until, engine=engine, jobs=jobs, progress=progress)


def _run_one(
    resolved: Resolved,
    place: Path,
    request: Request,
    again: Callable[[int], Resolved],
    branch: Branch | None = None,
) -> None:
    """Simulate one scenario, write its folder, tell about it."""
    from tdm1sim.results_folder import staged

    results, resolved = _simulated(resolved, request, again, branch)
    if request.uncertain:
        results = _with_draws(results, resolved, request)
    with staged(place, request.force) as folder:
        results.write(folder)
        figures = _draw(results, resolved, folder, request)
    warnings = _warnings(resolved, results)
    for warning in warnings:
        complain(f"warning: {resolved.name}: {warning}")
    if request.json:
        say_json(
            {
                "scenario": resolved.name,
                "folder": str(place),
                "figures": [str(place / figure) for figure in figures],
                "warnings": warnings,
                "summary": results.summary,
            }
        )
    elif not request.quiet:
        from tdm1sim.tables import run_report

        show(*run_report(results, place, len({figure.stem for figure in figures})))


def _with_draws(results: Results, resolved: Resolved, request: Request) -> Results:
    """Return the results with bands of ignorance."""
    from tdm1sim.attribution import COALITIONS
    from tdm1sim.uncertainty import with_model_bands

    # what takes so long, where every draw is shared out too
    each = f" of {len(COALITIONS) + 1} arms" if resolved.parameters.plan.attribution else ""
    with bar(f"{resolved.name}: {request.uncertain} draws{each}", hidden=request.quiet or request.json) as progress:
        return with_model_bands(
            results, resolved, request.uncertain, engine=request.engine, jobs=request.jobs, progress=progress
        )


def _draw(results: Results, resolved: Resolved, folder: Path, request: Request) -> list[Path]:
    """Draw what was asked for; return the files, relative to the result folder.

    From the files that were just written, so that the figures drawn again, and those of a report, are the same: a
    number of more digits would now and then be rounded otherwise.
    """
    if request.figures == () or (request.figures is None and resolved.tree.get("figures") == []):
        return []
    from tdm1sim.figures import draw_all
    from tdm1sim.figures.style import using

    with using(request.style):
        drawn = draw_all(results.read(folder), folder / "figures", formats=request.formats, names=request.figures)
    return [path.relative_to(folder) for path in drawn]


def _warnings(resolved: Resolved, results: Results) -> list[str]:
    """Return what a reader of the results must know, each once."""
    found = [*resolved.warnings, *results.manifest.get("warnings", ())]
    if results.summary["outcome"] == "capacity_reached" and not any("capacity" in text for text in found):
        found.append(
            "the population reached run.capacity and the run stopped there; "
            "raise it with --set run.capacity=N, or start from fewer cells with --cells N"
        )
    return list(dict.fromkeys(found))


@contextlib.contextmanager
def _telling_what_was_kept(finished: list[Path]) -> Iterator[None]:
    """Add to whatever ends the command early which result folders are whole."""
    try:
        yield
    except BaseException as error:
        kept = ", ".join(str(place) for place in finished) if finished else "nothing"
        error.add_note(f"kept: {kept}; no half-written folder was left.")
        raise
