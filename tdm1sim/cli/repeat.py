"""``tdm1sim repeat``: a result run again from its own files, and what moved."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.progress import bar
from tdm1sim.cli.terminal import complain, say, say_json, show
from tdm1sim.errors import InputError, UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from tdm1sim.repeating import FileCompared, Moved
    from tdm1sim.results import Results
    from tdm1sim.resuming import Branch
    from tdm1sim.scenario import Resolved

MOVED = 1
"""Exit code where a value moved by more than the tolerance."""
SHOWN = 5
"""Columns shown of each file that moved."""

ResultFolder = Annotated[Path, typer.Argument(metavar="RESULT", help="A result folder.", show_default=False)]
Keep = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Keep the repetition in DIR/<name>/. [default: it is removed]"),
]
ThisEngine = Annotated[
    options.Engine | None, typer.Option("--engine", help="Another engine than the result's.", show_default=False)
]
Tolerance = Annotated[
    float | None,
    typer.Option(
        "--tolerance",
        metavar="R",
        help="Largest relative difference that still ends with 0. [default: 0, or 1e-5 where version, engine, "
        "libraries or machine differ]",
    ),
]


FromState = Annotated[
    str | None,
    typer.Option(
        "--resume",
        metavar="RESULT@TIME",
        help="The saved state that a branch goes on from; needed where it changed numbers of the model.",
        show_default=False,
    ),
]


@guarded
def repeat(
    result: ResultFolder,
    out: Keep = None,
    engine: ThisEngine = None,
    jobs: options.Jobs = None,
    tolerance: Tolerance = None,
    resume: FromState = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Run a result again: same bytes, or what moved.

    The result itself is left as it is. Ends with 0 where nothing moved by more than the tolerance, else with 1.
    """
    if tolerance is not None and not 0.0 <= tolerance < math.inf:
        msg = f"--tolerance {tolerance:g}: zero or more is needed"
        raise UsageError(msg)
    workers = options.jobs_of(jobs)

    from tdm1sim import repeating
    from tdm1sim.ensemble import simulate_resolved
    from tdm1sim.results import Results
    from tdm1sim.uncertainty import with_model_bands

    before = Results.read(result)
    resolved, values = repeating.resolved_again(result, before)
    drawn = repeating.drawn_again(result, before)
    used = _engine(before, engine)
    resolved, branch = _branch(before, resolved, resume)
    if repeating.was_edited(before):
        complain(f"warning: {result / repeating.RESOLVED} was changed after the run; it is repeated as it stands now")
    with _place(resolved.name, out) as folder:
        with bar(resolved.name, hidden=quiet or json) as progress:
            after = simulate_resolved(resolved, engine=used, jobs=workers, progress=progress, branch=branch)
        if drawn is not None:
            asked, draws = drawn
            with bar(f"{resolved.name}: {len(draws.runs)} draws", hidden=quiet or json) as progress:
                after = with_model_bands(after, asked, draws, engine=used, jobs=workers, progress=progress)
            after = replace(after, asked_text=before.asked_text)
        after.write(folder)
        files = repeating.folders_compared(result, folder)
    environment = repeating.environment_moved(before.manifest, after.manifest)
    allowed = tolerance if tolerance is not None else repeating.ROUNDING if environment else 0.0
    largest = max(file.largest for file in files)
    kept = None if out is None else str(out / resolved.name)
    if json:
        say_json(_record(result, kept, files, environment, largest, allowed))
    elif not quiet:
        _tell(files, values, environment, largest, allowed)
        if kept:
            say(f"Files: {kept}")
    if largest > allowed:
        raise typer.Exit(MOVED)


def _branch(before: Results, resolved: Resolved, resume: str | None) -> tuple[Resolved, Branch | None]:
    """Return how a result is run again: from the start, or from the saved state that it continues.

    Raises
    ------
    InputError
        It continues a state, cannot be run from the start, and the state was not named or is another one.
    """
    from tdm1sim import resuming

    note = before.manifest.get("branch")
    if note is None:
        if resume:
            msg = f"--resume {resume}: this result was run from the start"
            raise UsageError(msg)
        return resolved, None
    if resume is None:
        return resuming.in_whole(resolved, note), None
    branch = resuming.branch_of(resume, resolved)
    if branch.note["state"] != note["state"]:
        complain(f"warning: --resume {resume}: this is not the state that the result continues")
    return resolved, branch


def _engine(before: Results, asked: options.Engine | None) -> str:
    """Return the engine to use: as asked, or the one that made the result.

    Raises
    ------
    InputError
        This version has no such engine.
    """
    from tdm1sim.engine import ENGINES

    if asked is not None:
        return asked.value
    used = str(before.manifest.get("engine", "auto"))
    if used not in ENGINES:
        msg = f"the result was made by the engine {used!r}, which this version lacks; choose one with --engine"
        raise InputError(msg)
    return used


@contextlib.contextmanager
def _place(name: str, out: Path | None) -> Iterator[Path]:
    """Yield where the repetition is written: a new folder below ``out``, or one that goes away again."""
    if out is not None:
        from tdm1sim.results_folder import staged

        with staged(out / name, force=False) as folder:
            yield folder
        return
    with tempfile.TemporaryDirectory(prefix="tdm1sim-repeat-") as folder:
        yield Path(folder)


def _tell(
    files: Sequence[FileCompared],
    values: Sequence[Moved],
    environment: dict[str, tuple[str, str]],
    largest: float,
    allowed: float,
) -> None:
    """Print a line per file, what moved in it, what is different here, and the verdict."""
    show(_table(files))
    say()
    if environment:
        told = "; ".join(f"{name} {one} -> {other}" for name, (one, other) in environment.items())
        say(f"Different here: {told}.")
    if values:
        say(f"Not the same scenario in this version: {len(values)} values of resolved.yaml differ.")
    say(_verdict(files, largest, allowed))


def _verdict(files: Sequence[FileCompared], largest: float, allowed: float) -> str:
    if all(file.same_bytes for file in files):
        return f"The same bytes in all {len(files)} files."
    if largest == math.inf:
        return "Moved: rows, texts or files are not the same."
    within = "within" if largest <= allowed else "beyond"
    return f"Moved by up to {largest:.2g} (relative): {within} the tolerance of {allowed:g}."


def _table(files: Sequence[FileCompared]) -> Table:
    from rich.text import Text

    from tdm1sim.tables import plain_table

    table = plain_table("")
    table.title = None
    table.add_column("File", no_wrap=True)
    table.add_column("repeated", ratio=1)
    table.add_column("largest difference", justify="right", no_wrap=True)
    for file in files:
        verdict = "same bytes" if file.same_bytes else file.note or ("moved" if file.moved else "same values")
        table.add_row(Text(file.name), Text(verdict), "" if not file.moved else _size(file.largest))
        for one in file.moved[:SHOWN]:
            row = f"{one.before} -> {one.after}" + (f" (of {one.count})" if one.count > 1 else "")
            table.add_row(Text(f"  {one.name}", style="dim"), Text(row, style="dim"), _size(one.largest))
        if len(file.moved) > SHOWN:
            table.add_row(Text(f"  and {len(file.moved) - SHOWN} more", style="dim"), "", "")
    return table


def _size(difference: float) -> str:
    return "not a number" if difference == math.inf else f"{difference:.2g}"


def _record(
    result: Path,
    kept: str | None,
    files: Sequence[FileCompared],
    environment: dict[str, tuple[str, str]],
    largest: float,
    allowed: float,
) -> dict[str, Any]:
    """Return the whole comparison for programs; a difference that is none of numbers is null."""
    return {
        "result": str(result),
        "folder": kept,
        "same_bytes": all(file.same_bytes for file in files),
        "within_tolerance": largest <= allowed,
        "largest": largest,
        "tolerance": allowed,
        "environment": {name: {"before": one, "after": other} for name, (one, other) in environment.items()},
        "files": [{**asdict(file), "largest": file.largest} for file in files],
    }
