"""``tdm1sim methods``: what a paper says about a run, from its result folder alone."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.terminal import complain, say
from tdm1sim.errors import InputError, Problem

BIBLIOGRAPHY = "references.bib"
"""What ``--out`` calls the BibTeX file."""


class Kind(StrEnum):
    """How the text is written."""

    md = "md"
    tex = "tex"
    txt = "txt"


ResultFolder = Annotated[Path, typer.Argument(metavar="RESULT", help="A result folder.", show_default=False)]
KindOf = Annotated[Kind, typer.Option("--format", help="Markdown, LaTeX (a fragment) or plain text.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help=f"Write DIR/methods.<format> and DIR/{BIBLIOGRAPHY}. [default: print]"),
]
Bibtex = Annotated[Path | None, typer.Option("--bibtex", metavar="FILE", help="Write the references as BibTeX.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that are there already.")]


@guarded
def methods(
    result: ResultFolder,
    kind: KindOf = Kind.md,
    out: Out = None,
    bibtex: Bibtex = None,
    force: Force = False,
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Write methods, parameters and references of a run.

    As a paper has them, from the files of the result alone: nothing is simulated.
    """
    from tdm1sim import methods as written
    from tdm1sim.results import Results

    facts = written.facts_of(Results.read(result))
    document = written.write_up(facts)
    text = written.render(document, kind.value)
    files: dict[Path, str] = {}
    if out is not None:
        files[out / f"methods.{kind.value}"] = text
    if out is not None or bibtex is not None:
        place = bibtex if bibtex is not None else Path(out or ".") / BIBLIOGRAPHY
        files[place] = written.bibtex(facts.references, facts.catalogue, facts.recorded("tdm1sim"))
    _write(files, force=force)
    for warning in facts.warnings:
        complain(f"warning: {result}: {warning}")
    if out is None:
        say(text.rstrip("\n"))
    else:
        for place in files:
            say(str(place))


def _write(files: dict[Path, str], *, force: bool) -> None:
    """Write all files or none that stands in the way.

    Raises
    ------
    InputError
        One is there already, and ``--force`` was not given; or a folder has its name.
    """
    problems = [
        Problem("", f"{place} exists already; nothing is overwritten unless asked: add --force to replace it")
        for place in files
        if os.path.lexists(place) and (place.is_dir() or not force)
    ]
    if problems:
        raise InputError(problems)
    for place, text in files.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="\n")
