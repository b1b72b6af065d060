"""``tdm1sim sweep``: many points around one scenario, each finished one kept."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import contextlib
import shlex
import time
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.names import nearest
from tdm1sim.cli.progress import bar
from tdm1sim.cli.terminal import complain, say_json, show
from tdm1sim.errors import InputError, MachineError, UsageError

if TYPE_CHECKING:
    from tdm1sim.sweeping.folder import SweepResults
    from tdm1sim.sweeping.planning import Sweep
    from tdm1sim.sweeping.running import How


class Design(StrEnum):
    """How points are chosen."""

    grid = "grid"
    random = "random"
    lhs = "lhs"


Vary = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="PATH=VALUES",
        help="V1,V2,… or LOW:HIGH:N[:log], with units where --set needs them. Repeatable. Goes before the sweep block.",
    ),
]
DesignName = Annotated[Design | None, typer.Option("--design", help="Every combination, or points. [default: grid]")]
Points = Annotated[
    int | None, typer.Option("--points", metavar="N", help="Points of a random or lhs design; values per resistance.")
]
Resistances = Annotated[
    bool,
    typer.Option("--resistances", help="Instead: every resistance of the catalogue over its range, one at a time."),
]
Measures = Annotated[
    list[str] | None,
    typer.Option(
        "--measure", metavar="NAME", help="Draw this column of sweep.csv. Repeatable. [default: cell_number_ratio]"
    ),
]
Cluster = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Dask scheduler that computes: tcp://host:8786.")
]
Restart = Annotated[bool, typer.Option("--restart", help="Throw away the points of an unfinished sweep, begin again.")]


@guarded
def sweep(  # the options explain themselves to typer
    ctx: typer.Context,
    scenario: options.OneScenario,
    vary: Vary = None,
    design: DesignName = None,
    points: Points = None,
    resistances: Resistances = False,
    measure: Measures = None,
    replicates_until: options.Until = None,
    max_replicates: options.MaxReplicates = None,
    uncertain: options.Uncertain = 0,
    out: options.Out = Path("results"),
    seed: options.Seed = None,
    replicates: options.Replicates = None,
    cells: options.Cells = None,
    set_: options.Set = None,
    jobs: options.Jobs = None,
    cluster: Cluster = None,
    engine: options.EngineName = options.Engine.auto,
    formats: options.Formats = "png,svg",
    no_figures: options.NoFigures = False,
    restart: Restart = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
    force: options.Force = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Run many points around a scenario: a table, a figure; killed and repeated it continues."""
    _check_usage(vary, design, resistances=resistances, jobs=jobs, cluster=cluster)
    kinds = options.formats_of(formats)
    until, draws = options.until_of(replicates_until, max_replicates), options.draws_of(uncertain)
    from tdm1sim.sweeping.running import How

    how = How(engine.value, options.jobs_of(jobs), cluster, until, restart=restart, force=force)
    changes = options.overrides(set_, seed, replicates, cells)
    planned = _planned(scenario, changes, vary or (), design, points, resistances=resistances)
    measures = measures_of(measure or (), planned)
    if draws:
        from tdm1sim.sweeping.ignorance import with_draws

        planned = with_draws(planned, draws)
    place = out / planned.folder
    with _telling_how_to_continue(planned, place, ctx.obj or ()):
        results = _run(planned, place, how, () if no_figures else measures, kinds, hidden=quiet or json)
    for warning in results.manifest["warnings"]:
        complain(f"warning: {planned.name}: {warning}")
    _tell(results, place, measures[0], quiet=quiet, json=json)


def _check_usage(
    vary: Sequence[str] | None, design: Design | None, *, resistances: bool, jobs: int | None, cluster: str | None
) -> None:
    """Refuse options that contradict each other; raises `UsageError`."""
    if resistances and (vary or design):
        msg = "--resistances has axes and a design of its own; leave out --vary and --design"
        raise UsageError(msg)
    if cluster is not None and jobs is not None:
        msg = "--jobs is for this machine, --cluster for others; leave one out"
        raise UsageError(msg)


def _planned(
    source: str,
    changes: Sequence[str],
    vary: Sequence[str],
    design: Design | None,
    count: int | None,
    *,
    resistances: bool,
) -> Sweep:
    from tdm1sim.scenario import load_scenario

    loaded = load_scenario(source, changes)
    if resistances:
        from tdm1sim.sweeping.mechanisms import plan_resistances

        return plan_resistances(loaded, count)
    from tdm1sim.sweeping.planning import plan

    return plan(loaded, vary, design=None if design is None else design.value, count=count)


def measures_of(names: Sequence[str], planned: Sweep) -> tuple[str, ...]:
    """Return the quantities to draw, once each.

    Raises
    ------
    UsageError
        No point has one of them.
    """
    from tdm1sim import quantities
    from tdm1sim.figures.sweep_words import DEFAULT

    known = tuple(dict.fromkeys(name for point in planned.points for name in quantities.names(point.parameters)))
    for name in names:
        if name not in known:
            msg = f"--measure {name}: no such quantity; there is: {', '.join(known)}{nearest(name, known)}"
            raise UsageError(msg)
    return tuple(dict.fromkeys(names)) or (DEFAULT,)


def _run(
    planned: Sweep, place: Path, how: How, measures: Sequence[str], kinds: Sequence[str], *, hidden: bool
) -> SweepResults:
    """Run what is not finished, and write the folder whole or not at all."""
    from tdm1sim.results_folder import staged
    from tdm1sim.sweeping import folder
    from tdm1sim.sweeping.running import finished

    started = time.perf_counter()
    notice = (lambda _: None) if hidden else complain
    with (
        bar(planned.folder, hidden=hidden, late=True) as progress,
        finished(planned, place, how, progress=progress, notice=notice) as done,
        staged(place, how.force) as temporary,
    ):
        results = folder.write(temporary, planned, done, how, time.perf_counter() - started)
        if measures:
            from tdm1sim.figures.sweep import write

            write(results, temporary / "figures", measures, kinds)
    return results


@contextlib.contextmanager
def _telling_how_to_continue(planned: Sweep, place: Path, words: Sequence[str]) -> Iterator[None]:
    """Add to whatever ends a sweep early what was kept, and the command that continues it."""
    from tdm1sim.sweeping.ignorance import noun
    from tdm1sim.sweeping.journal import POINTS
    from tdm1sim.sweeping.running import partial_folder

    try:
        yield
    except (InputError, UsageError):
        raise
    except (KeyboardInterrupt, MachineError, MemoryError, OSError) as error:
        kept = sum(1 for _ in (partial_folder(place) / POINTS).glob("*.json"))
        again = [word for word in words if word != "--restart"]
        told = (
            "1 finished point is kept"
            if kept == 1
            else f"{kept} finished {noun(planned)} are kept"
            if kept
            else "nothing kept"
        )
        error.add_note(f"{told}; {'continue' if kept else 'begin again'} with: {shlex.join(['tdm1sim', *again])}")
        raise


def _tell(results: SweepResults, place: Path, measure: str, *, quiet: bool, json: bool) -> None:
    figures = sorted((place / "figures").glob("*.*"))
    if json:
        say_json(
            {
                "scenario": results.manifest["scenario"],
                "folder": str(place),
                "figures": [str(path) for path in figures if path.suffix != ".md"],
                "warnings": results.manifest["warnings"],
                "points": results.table.astype(object).where(results.table.notna(), None).to_dict("records"),
            }
        )
    elif not quiet:
        from tdm1sim.cli.sweep_tables import report

        show(*report(results, place, measure, len({path.stem for path in figures})))
