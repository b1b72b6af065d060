"""``tdm1sim sensitivity``: which numbers of the model an output depends on."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import all_or_nothing, guarded
from tdm1sim.cli.progress import bar
from tdm1sim.cli.terminal import complain, say_json, show
from tdm1sim.errors import UsageError

if TYPE_CHECKING:
    from tdm1sim.sensitivity import Plan

TRAJECTORIES, SAMPLES = 10, 64
"""Defaults: of Morris and of Sobol."""


class Method(StrEnum):
    """How the model is asked."""

    morris = "morris"
    sobol = "sobol"


class Class(StrEnum):
    """How sure the parameters are that are varied."""

    unsure = "unsure"
    assumed = "assumed"
    calibrated = "calibrated"
    sourced = "sourced"
    all = "all"


MethodName = Annotated[Method, typer.Option("--method", help="Screening, or shares of variance (many more runs).")]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", metavar="NAME", help="Vary only this one, whatever its class. Repeatable."),
]
ClassName = Annotated[
    Class, typer.Option("--class", help="Which to vary; unsure is assumed and calibrated.", show_default=True)
]
Bounds = Annotated[
    list[str] | None,
    typer.Option("--bounds", metavar="NAME=LOW:HIGH", help="Instead of the catalogue's bounds. Repeatable."),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option("--output", metavar="NAME", help="live_ratio, auc, surviving, ... Repeatable. [default: live_ratio]"),
]
Trajectories = Annotated[
    int | None, typer.Option("--trajectories", metavar="N", help=f"Morris: trajectories. [default: {TRAJECTORIES}]")
]
Samples = Annotated[
    int | None, typer.Option("--samples", metavar="N", help=f"Sobol: samples, a power of 2. [default: {SAMPLES}]")
]
Replicates = Annotated[
    int | None, typer.Option("--replicates", metavar="N", help="Of each run; all have the same luck. [default: 1]")
]


@guarded
def sensitivity(
    scenario: options.OneScenario,
    method: MethodName = Method.morris,
    output: Outputs = None,
    parameter: Parameters = None,
    class_: ClassName = Class.unsure,
    bounds: Bounds = None,
    trajectories: Trajectories = None,
    samples: Samples = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Files go to DIR/<name>-sensitivity/.")] = Path(
        "results"
    ),
    seed: options.Seed = None,
    replicates: Replicates = None,
    cells: options.Cells = None,
    set_: options.Set = None,
    jobs: options.Jobs = None,
    engine: options.EngineName = options.Engine.auto,
    formats: options.Formats = "png,svg",
    style: options.StyleName = options.Style.slide,
    no_figures: options.NoFigures = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
    force: options.Force = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Find the numbers an output depends on: Morris or Sobol, tornado figure."""
    kinds, workers, blocks = options.formats_of(formats), options.jobs_of(jobs), _blocks(method, trajectories, samples)
    given = _bounds(bounds)
    from tdm1sim.results_folder import check
    from tdm1sim.scenario import load_scenario
    from tdm1sim.sensitivity import Choice, begin, output_named, study_of
    from tdm1sim.sensitivity.design import salib

    asked = [output_named(name) for name in dict.fromkeys(output or ["live_ratio"])]
    salib("sample.morris")  # before anything is run
    # One replicate unless more are asked for: with common luck they buy less than further points do.
    loaded = load_scenario(scenario, ("run.replicates=1", *options.overrides(set_, seed, replicates, cells)))
    place = out / f"{loaded.name}-sensitivity"
    check(place, force=force)
    choice = Choice(class_.value, tuple(dict.fromkeys(parameter or ())), given)
    plan = begin(loaded, outputs=asked, choice=choice, method=method.value, blocks=blocks, engine=engine.value)
    for warning in (*plan.base.warnings, *_refused(plan)):
        complain(f"warning: {plan.name}: {warning}")
    if not quiet:
        complain(estimate(plan, workers))
    with all_or_nothing(), bar(plan.name, hidden=quiet or json) as progress:
        study = study_of(plan, jobs=workers, progress=progress)
    from tdm1sim.cli import sensitivity_files

    formats_drawn = () if no_figures else kinds
    figures = sensitivity_files.write(study, place, force=force, formats=formats_drawn, style=style.value)
    if json:
        for record in sensitivity_files.records(study):
            say_json({"scenario": plan.name, "folder": str(place), "figures": figures, **record})
    elif not quiet:
        from tdm1sim.cli.sensitivity_tables import report

        show(*report(study, place, len(figures) > 0))


def _blocks(method: Method, trajectories: int | None, samples: int | None) -> int:
    """Return how many trajectories or samples are asked for; the other option is a slip."""
    if method is Method.morris:
        if samples is not None:
            msg = "--samples belongs to --method sobol; for Morris say --trajectories N"
            raise UsageError(msg)
        return TRAJECTORIES if trajectories is None else trajectories
    if trajectories is not None:
        msg = "--trajectories belongs to --method morris; for Sobol say --samples N"
        raise UsageError(msg)
    return SAMPLES if samples is None else samples


def _bounds(texts: Sequence[str] | None) -> dict[str, tuple[str, str]]:
    found = {}
    for text in texts or ():
        name, equals, span = text.partition("=")
        low, colon, high = span.partition(":")
        if not equals or not colon or not all(part.strip() for part in (name, low, high)):
            msg = f"--bounds {text}: write NAME=LOW:HIGH, such as C_M=60:120"
            raise UsageError(msg)
        found[name.strip()] = (low.strip(), high.strip())
    return found


def _refused(plan: Plan) -> list[str]:
    """Return that combinations were set aside, and why, where some were."""
    refused, kind = plan.design.refused, "trajectories" if plan.design.method == "morris" else "samples"
    if not refused:
        return []
    common = max(dict.fromkeys(refused), key=refused.count)
    instead = "others were drawn instead" if plan.design.method == "morris" else "the indices are of the others"
    return [f"{len(refused)} {kind} hold a combination that cannot be run ({common}); {instead}"]


def estimate(plan: Plan, jobs: int) -> str:
    """Return what the study will cost, from the time of its first run."""
    runs, used = len(plan.design.points), min(jobs, len(plan.design.points))
    processes = "1 process" if used == 1 else f"{used} processes"
    return (
        f"{runs:,} runs of {plan.first.wall:.2g} s, with {processes}: about {duration(plan.seconds(jobs))}. "
        "Ctrl-C stops; nothing is kept then."
    )


def duration(seconds: float) -> str:
    """Return a time as people say it: 40 s, 3 min, 2.5 h."""
    if seconds < 90.0:
        return f"{max(1.0, seconds):.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"
