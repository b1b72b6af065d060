"""``tdm1sim dose-response``: curve, IC50 and interval of cell lines or clones."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import all_or_nothing, guarded
from tdm1sim.cli.progress import bar
from tdm1sim.cli.terminal import complain, say_json, show

if TYPE_CHECKING:
    from tdm1sim.doses import Asked, Curve


class Readout(StrEnum):
    """How wells are read."""

    live = "live"
    atp = "atp"
    clonogenic = "clonogenic"


Culture = Annotated[
    str,
    typer.Argument(metavar="SCENARIO", help="A culture: file, or name of a bundled scenario.", show_default=False),
]
CellLines = Annotated[
    list[str] | None,
    typer.Option("--cell-line", metavar="NAME", help="A curve for this line (`list cell_lines`). Repeatable."),
]
Clones = Annotated[
    list[str] | None, typer.Option("--clone", metavar="NAME", help="A curve for this clone alone. Repeatable.")
]
Kind = Annotated[
    Readout | None, typer.Option("--readout", help="How wells are read. [default: as the scenario, else atp]")
]
At = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="When they are read: 72h. [default: as the scenario]")
]
Doses = Annotated[
    str | None,
    typer.Option("--doses", metavar="DOSES", help="In nM, 0.01:100:9:log, or a list with units. [default: scenario's]"),
]
Wells = Annotated[
    float | None,
    typer.Option("--cells-per-well", metavar="N", help="Cells seeded in a well. [default: as the scenario]"),
]


@guarded
def dose_response(
    scenario: Culture,
    cell_line: CellLines = None,
    clone: Clones = None,
    readout: Kind = None,
    at: At = None,
    doses: Doses = None,
    cells_per_well: Wells = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Files go to DIR/<name>-dose-response/.")] = Path(
        "results"
    ),
    seed: options.Seed = None,
    replicates: options.Replicates = None,
    cells: options.Cells = None,
    set_: options.Set = None,
    uncertain: options.Uncertain = 0,
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
    """Draw dose-response curves: IC50s with intervals, table, figure, files."""
    from tdm1sim.cli.dose_options import doses_of, hours_of

    kinds, workers = options.formats_of(formats), options.jobs_of(jobs)
    hours, given, draws = hours_of(at), doses_of(doses), options.draws_of(uncertain)
    from tdm1sim.doses import Wanted, asked_of, with_ignorance
    from tdm1sim.results_folder import check
    from tdm1sim.scenario import load_scenario

    wanted = Wanted(
        tuple(cell_line or ()), tuple(clone or ()), readout.value if readout else None, hours, given, cells_per_well
    )
    loaded = load_scenario(scenario, options.overrides(set_, seed, replicates, cells))
    asked = asked_of(loaded, wanted)
    place = out / f"{loaded.name}-dose-response"
    check(place, force=force)
    started = time.perf_counter()
    curves = [_run(one, engine.value, workers, hidden=quiet or json) for one in asked]
    drawn = None
    if draws:
        with all_or_nothing(), bar("draws", hidden=quiet or json) as progress:
            curves, drawn = with_ignorance(curves, draws, engine=engine.value, jobs=workers, progress=progress)
    warnings = _warnings(asked, curves)
    from tdm1sim.cli import dose_files

    figures = dose_files.write(
        curves,
        place,
        scenario=loaded,
        wanted=wanted,
        seconds=time.perf_counter() - started,
        warnings=warnings,
        drawn=drawn,
        force=force,
        formats=() if no_figures else kinds,
        style=style.value,
    )
    for warning in warnings:
        complain(f"warning: {loaded.name}: {warning}")
    if json:
        for record in dose_files.fits(curves):
            say_json({"scenario": loaded.name, "folder": str(place), "figures": figures, **record})
    elif not quiet:
        from tdm1sim.cli.dose_tables import report

        show(*report(loaded.name, curves, place, len(figures) > 0))


def _run(asked: Asked, engine: str, jobs: int, *, hidden: bool) -> Curve:
    from tdm1sim.doses import curve_of

    with all_or_nothing(), bar(asked.name, hidden=hidden) as progress:
        return curve_of(asked, engine=engine, jobs=jobs, progress=progress)


def _warnings(asked: list[Asked], curves: list[Curve]) -> list[str]:
    """Return what a reader must know, each once."""
    found = [warning for one in asked for warning in (*one.warnings, *one.resolved.warnings)]
    found += [warning for curve in curves for warning in curve.results.manifest.get("warnings", ())]
    silent = [curve for curve in curves if curve.ignorance is not None and curve.ignorance.silent]
    found += [
        f"{curve.asked.name}: in {curve.ignorance.silent} of {curve.ignorance.draws} draws wells show nothing to "
        "compare with; the model's band leaves them out"
        for curve in silent
        if curve.ignorance is not None
    ]
    return list(dict.fromkeys(found))
