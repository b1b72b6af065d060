"""``tdm1sim bench``: how fast it is on this machine, all engines side by side."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.progress import bar
from tdm1sim.cli.terminal import complain, say_json, show

if TYPE_CHECKING:
    from tdm1sim.benching import Report

FOLDER = "bench"

Quick = Annotated[bool, typer.Option("--quick", help="Small sizes: a look, in less than half a minute.")]
Strict = Annotated[bool, typer.Option("--strict", help="End with exit code 1 where a floor is missed.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help=f"Files go to DIR/{FOLDER}/.")]


@guarded
def bench(
    quick: Quick = False,
    strict: Strict = False,
    out: Out = Path("results"),
    quiet: options.Quiet = False,
    json: options.Json = False,
    force: options.Force = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Measure speed and memory: all engines side by side, table of targets."""
    from tdm1sim import benching
    from tdm1sim.results_folder import check

    place = out / FOLDER
    check(place, force=force)
    sizes = benching.QUICK if quick else benching.FULL
    if not (quick or quiet):
        complain("a few minutes on two cores that do nothing else; Ctrl-C stops, nothing is kept then")
    with bar(FOLDER, hidden=quiet or json) as progress:
        report = benching.bench(sizes, progress=progress)
    _write(report, place, force=force)
    if json:
        say_json(report.as_json())
    elif not quiet:
        from tdm1sim.cli.bench_tables import tables

        show(*tables(report, place))
    if report.missed:
        where = "floors missed at small sizes" if report.quick else "floors missed"
        complain(f"{'error' if strict else 'warning'}: {where}: {', '.join(report.missed)}")
        if strict:
            raise typer.Exit(1)


def _write(report: Report, place: Path, *, force: bool) -> None:
    """Write the folder whole or not at all."""
    from tdm1sim import __version__
    from tdm1sim.results import rounded
    from tdm1sim.results_folder import MANIFEST, staged

    with staged(place, force) as folder:
        for name, content in (("bench.json", rounded(report.as_json())), (MANIFEST, {"tdm1sim": __version__})):
            text = json_text.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
            (folder / name).write_text(text + "\n", encoding="utf-8", newline="\n")
