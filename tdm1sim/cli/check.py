"""Commands that read a scenario and run nothing: ``validate``, ``resolve``, ``cite``."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.terminal import complain, say, say_json
from tdm1sim.errors import InputError, Problem


@guarded
def validate(
    scenarios: options.ScenarioList,
    seed: options.Seed = None,
    replicates: options.Replicates = None,
    cells: options.Cells = None,
    set_: options.Set = None,
    json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Check scenarios, run nothing: every problem at once."""
    changes = options.overrides(set_, seed, replicates, cells)
    bad = 0
    for source in scenarios:
        problems: list[Problem] = []
        warnings: tuple[str, ...] = ()
        try:
            warnings = _warnings(source, changes)
        except InputError as error:
            problems = list(error.problems)
            bad += 1
        if json:
            say_json(
                {
                    "scenario": source,
                    "ok": not problems,
                    "problems": [asdict(problem) for problem in problems],
                    "warnings": list(warnings),
                }
            )
            continue
        for problem in problems:
            complain(str(problem))
        for warning in warnings:
            complain(f"warning: {source}: {warning}")
        if problems:
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            say(f"{source}: {count}")
        else:
            say(f"{source}: OK")
    if bad:
        raise typer.Exit(InputError.exit_code)


def _warnings(source: str, changes: Sequence[str]) -> tuple[str, ...]:
    """Check a scenario, and every point of its sweep; return what a user should know. Raises `InputError`."""
    resolved = options.load_all([source], changes)[0]
    if "sweep" not in resolved.tree:
        return resolved.warnings
    from tdm1sim.scenario import load_scenario
    from tdm1sim.sweeping.planning import plan

    return plan(load_scenario(source, changes)).warnings


@guarded
def resolve(
    scenario: options.OneScenario,
    seed: options.Seed = None,
    replicates: options.Replicates = None,
    cells: options.Cells = None,
    set_: options.Set = None,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Print a scenario complete: every value, and where it came from."""
    resolved = options.load_all([scenario], options.overrides(set_, seed, replicates, cells))[0]
    for warning in resolved.warnings:
        complain(f"warning: {scenario}: {warning}")
    say(resolved.text.rstrip("\n"))


@guarded
def cite(
    scenario: options.OneScenario,
    set_: options.Set = None,
    json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """List the references behind the numbers of a run."""
    from tdm1sim.catalogue import load_catalogue
    from tdm1sim.cli.cards import reference_lines

    resolved = options.load_all([scenario], options.overrides(set_, None, None, None))[0]
    references = load_catalogue().references
    used = [references[key] for key in resolved.citations]
    if json:
        for reference in used:
            say_json(asdict(reference))
        return
    say(f"References of {resolved.name} ({len(used)}):")
    for reference in used:
        say()
        for line in reference_lines(reference):
            say(line)
