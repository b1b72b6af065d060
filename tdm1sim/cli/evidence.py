"""``tdm1sim evidence``: the model held against published numbers."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.progress import bar
from tdm1sim.cli.terminal import say_json, show
from tdm1sim.errors import UsageError

if TYPE_CHECKING:
    from tdm1sim.evidence import Comparison

FOLDER = "evidence"

Only = Annotated[
    str, typer.Option("--only", metavar="TEXT", help="Only what contains TEXT: a line, 'Jurkat', 'plasma', c105.")
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help=f"Files go to DIR/{FOLDER}/.")]
Unused = Annotated[bool, typer.Option("--unused", help="List the rows that nothing is held against, and why.")]
Folds = Annotated[bool, typer.Option("--folds", help="Instead: how far each resistance moves the IC50.")]


@guarded
def evidence(
    only: Only = "",
    out: Out = Path("results"),
    jobs: options.Jobs = None,
    formats: options.Formats = "png,svg",
    style: options.StyleName = options.Style.slide,
    unused: Unused = False,
    folds: Folds = False,
    no_figures: options.NoFigures = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
    force: options.Force = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Hold the model against published numbers: table, figure, JSON."""
    if unused and folds:
        msg = "--unused and --folds are two different tables; ask for one"
        raise UsageError(msg)
    if unused:
        _show_unused(as_json=json)
        return
    workers, kinds = options.jobs_of(jobs), options.formats_of(formats)
    if folds:
        _show_folds(workers, hidden=quiet or json, as_json=json)
        return
    from tdm1sim.cli.evidence_tables import report
    from tdm1sim.evidence import compare
    from tdm1sim.results_folder import check

    place = out / FOLDER
    check(place, force=force)
    with bar(FOLDER, hidden=quiet or json) as progress:
        comparison = compare(only=only, jobs=workers, progress=progress)
    if not comparison.lines:
        msg = f"--only {only}: nothing that is compared contains it; leave it out to see everything"
        raise UsageError(msg)
    _write(comparison, place, only, force=force, formats=() if no_figures else kinds, style=style.value)
    if json:
        say_json(comparison.as_json())
    elif not quiet:
        from rich.text import Text

        from tdm1sim.tables import DISCLAIMER

        files = Text(f"Files: {place}", no_wrap=True, overflow="ignore")
        show(*report(comparison), Text(""), files, Text(DISCLAIMER, style="dim"))


def _write(
    comparison: Comparison, place: Path, only: str, *, force: bool, formats: tuple[str, ...], style: str
) -> None:
    """Write the folder whole or not at all."""
    from tdm1sim.evidence import Comparison
    from tdm1sim.manifest import made_by
    from tdm1sim.results_folder import MANIFEST, staged

    told = comparison.as_json()
    with staged(place, force) as folder:
        for name, content in (("evidence.json", told), (MANIFEST, {**made_by(), "only": only})):
            text = json_text.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
            (folder / name).write_text(text + "\n", encoding="utf-8", newline="\n")
        if formats:
            from tdm1sim.figures.evidence import write
            from tdm1sim.figures.style import using

            with using(style):  # from what the file says: drawn again, it is then the same picture
                write(Comparison.from_json(told), folder / "figures", formats)


def _show_unused(*, as_json: bool) -> None:
    from tdm1sim.catalogue import load_catalogue
    from tdm1sim.cli.evidence_tables import unused_table

    catalogue = load_catalogue()
    if as_json:
        for group in catalogue.unused.values():
            say_json({"reason": group.reason, "rows": list(group.rows)})
        return
    show(unused_table(catalogue))


def _show_folds(jobs: int, *, hidden: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from tdm1sim.cli.evidence_tables import folds_table
    from tdm1sim.evidence.folds import folds

    with bar("folds", hidden=hidden) as progress:
        found = folds(jobs=jobs, progress=progress)
    if as_json:
        for one in found:
            say_json(asdict(one))
        return
    show(*folds_table(found))
