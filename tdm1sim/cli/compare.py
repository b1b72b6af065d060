"""``tdm1sim compare``: scenarios on common luck, and their differences."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import all_or_nothing, guarded
from tdm1sim.cli.progress import bar
from tdm1sim.cli.terminal import complain, say_json, show
from tdm1sim.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from tdm1sim.comparing import Arms, Comparison
    from tdm1sim.scenario import Scenario

Compared = Annotated[
    list[str],
    typer.Argument(
        metavar="A [B...]",
        help="Scenarios, files or bundled names; the others are compared with the first. One alone needs --set.",
        show_default=False,
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Results go to DIR/<a>-vs-<b>/.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="With one scenario: what makes the second arm. With several: a change of all. Repeatable.",
    ),
]


@guarded
def compare(
    scenarios: Compared,
    out: Out = Path("results"),
    set_: Set = None,
    seed: options.Seed = None,
    replicates: options.Replicates = None,
    cells: options.Cells = None,
    jobs: options.Jobs = None,
    engine: options.EngineName = options.Engine.auto,
    formats: options.Formats = "png,svg",
    style: options.StyleName = options.Style.slide,
    no_figures: options.NoFigures = False,
    uncertain: options.Uncertain = 0,
    quiet: options.Quiet = False,
    json: options.Json = False,
    force: options.Force = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Compare scenarios on the same luck: differences with paired intervals."""
    workers, kinds = options.jobs_of(jobs), options.formats_of(formats)
    draws = options.draws_of(uncertain)
    arms = _arms(scenarios, set_ or (), options.overrides(None, seed, replicates, cells))
    from tdm1sim.comparing import compare as compare_arms
    from tdm1sim.results_folder import check

    place = out / arms.name
    check(place, force=force)
    for text in arms.aligned:
        complain(f"note: {text}: all arms follow the plan of {arms.names[0]}")
    with all_or_nothing(), bar(arms.name, hidden=quiet or json) as progress:
        comparison = compare_arms(arms, engine=engine.value, jobs=workers, uncertain=draws, progress=progress)
    figures = _write(comparison, place, force=force, formats=() if no_figures else kinds, style=style.value)
    warnings = list(dict.fromkeys([*_of_scenarios(arms), *comparison.content["warnings"]]))
    for warning in warnings:
        complain(f"warning: {warning}")
    if json:
        drawn = [str(place / figure) for figure in figures]
        say_json({"folder": str(place), "figures": drawn, **comparison.content, "warnings": warnings})
    elif not quiet:
        from tdm1sim.cli.compare_tables import report

        show(*report(comparison, place, len({figure.stem for figure in figures})))


def _arms(sources: Sequence[str], changes: Sequence[str], shared: Sequence[str]) -> Arms:
    """Return the arms: one scenario with and without changes, or several.

    Raises
    ------
    UsageError
        There is nothing to compare.
    InputError
        With every problem of every scenario.
    """
    if len(sources) == 1 and not changes:
        msg = (
            f"compare {sources[0]}: one scenario has nothing to be compared with; name another, or add --set PATH=VALUE"
        )
        raise UsageError(msg)
    from tdm1sim.comparing import arms_of, changed
    from tdm1sim.scenario import load_scenario

    if len(sources) == 1:
        return changed(load_scenario(sources[0], shared), changes)
    loaded: list[Scenario] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            loaded.append(load_scenario(source, [*changes, *shared]))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return arms_of(loaded)


def _of_scenarios(arms: Arms) -> list[str]:
    return [
        f"{name}: {text}"
        for name, resolved in zip(arms.names, arms.resolved, strict=True)
        for text in resolved.warnings
    ]


def _write(comparison: Comparison, place: Path, *, force: bool, formats: tuple[str, ...], style: str) -> list[Path]:
    """Write the folder whole or not at all; return the figure files, relative to it."""
    from tdm1sim.comparing.comparison import Comparison
    from tdm1sim.results_folder import staged

    with staged(place, force) as folder:
        comparison.write(folder)
        if not formats:
            return []
        from tdm1sim.figures.comparison import write
        from tdm1sim.figures.style import using

        with using(style):  # from the files: drawn again, it is then the same picture
            return [path.relative_to(folder) for path in write(Comparison.read(folder), folder / "figures", formats)]
