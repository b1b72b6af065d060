"""The options that commands share, and how they become overrides of a scenario."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tdm1sim.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from tdm1sim.precision import Until as HowPrecise
    from tdm1sim.scenario import Resolved

FORMATS = ("png", "svg", "pdf")
"""What ``--formats`` may name."""


class Engine(StrEnum):
    """How a run is computed."""

    auto = "auto"
    compiled = "compiled"
    numpy = "numpy"
    twin = "twin"


class Style(StrEnum):
    """Where figures will be seen."""

    slide = "slide"
    paper = "paper"
    paper_double = "paper-double"
    dark = "dark"


ScenarioList = Annotated[
    list[str],
    typer.Argument(metavar="SCENARIO", help="Files, or names of bundled scenarios.", show_default=False),
]
OneScenario = Annotated[
    str,
    typer.Argument(metavar="SCENARIO", help="File, or name of a bundled scenario.", show_default=False),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value: treatment.0.dose='2.4 mg/kg'. Repeatable."),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Same as --set run.seed=N.")]
Replicates = Annotated[int | None, typer.Option("--replicates", metavar="N", help="Same as --set run.replicates=N.")]
Cells = Annotated[int | None, typer.Option("--cells", metavar="N", help="Same as --set tumour.cells=N.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Results go to DIR/<scenario name>/.")]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", metavar="N", help="Processes (results do not depend on it). [default: all cores]"),
]
EngineName = Annotated[
    Engine, typer.Option("--engine", help="How to compute; auto goes by the work, twin is the slow reference.")
]
Formats = Annotated[str, typer.Option("--formats", metavar="LIST", help=f"From {','.join(FORMATS)}.")]
FigureNames = Annotated[
    list[str] | None,
    typer.Option("--figure", metavar="NAME", help="Draw only this figure (see `list figures`). Repeatable."),
]
StyleName = Annotated[
    Style,
    typer.Option("--style", help="Figures for a lecture, one column of a journal (85 mm), two (175 mm), a dark room."),
]
NoFigures = Annotated[bool, typer.Option("--no-figures", help="Draw nothing.")]
Attribution = Annotated[
    bool,
    typer.Option(
        "--attribution",
        help="Same as --set record.attribution=true: each way of acting, its share; nine runs instead of one.",
    ),
]
Until = Annotated[
    str | None,
    typer.Option("--replicates-until", metavar="TEXT", help="Add replicates until e.g. 'surviving +-0.01' (95 %)."),
]
MaxReplicates = Annotated[
    int | None, typer.Option("--max-replicates", metavar="N", help="Where --replicates-until gives up. [default: 200]")
]
Uncertain = Annotated[
    int,
    typer.Option(
        "--uncertain",
        metavar="N",
        help="Also N draws of what nobody has measured: bands of ignorance beside those of chance. "
        "Each is up to two replicates, with record.attribution nine times that.",
        show_default=False,
    ),
]
Resume = Annotated[
    str | None,
    typer.Option(
        "--resume",
        metavar="RESULT@TIME",
        help="Go on from a saved state (record.save_state): results/her2_positive@21d.",
        show_default=False,
    ),
]
Precise = Annotated[
    bool,
    typer.Option("--precise", help="Same as --set 'run.dt=7.5 min' and double precision: to check a result."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bar, no table; warnings and errors only.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per line instead of text.")]
Force = Annotated[bool, typer.Option("--force", help="Replace an older result folder of the same name.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def overrides(
    settings: Sequence[str] | None,
    seed: int | None,
    replicates: int | None,
    cells: int | None,
    *,
    attribution: bool = False,
    precise: bool = False,
) -> tuple[str, ...]:
    """Return what the command line changes, as ``PATH=VALUE``; the named options come after ``--set``."""
    named: dict[str, int | str | None] = {
        "run.seed": seed,
        "run.replicates": replicates,
        "tumour.cells": cells,
        "record.attribution": "true" if attribution else None,
        "run.dt": "7.5 min" if precise else None,
        "run.precision": "double" if precise else None,
    }
    return (*(settings or ()), *(f"{path}={value}" for path, value in named.items() if value is not None))


def load_all(sources: Sequence[str], changes: Sequence[str]) -> list[Resolved]:
    """Read and resolve every scenario, and report the problems of all of them at once.

    Raises
    ------
    InputError
        With every problem of every scenario.
    """
    from tdm1sim.scenario import load_scenario, resolve

    loaded: list[Resolved] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            loaded.append(resolve(load_scenario(source, changes)))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return loaded


def formats_of(text: str) -> tuple[str, ...]:
    """Return the formats named in ``png,svg``, in order and once each.

    Raises
    ------
    UsageError
        One of them is not a format we write, or there is none.
    """
    names = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        found = f"unknown format {', '.join(unknown)}" if unknown else "no format given"
        msg = f"--formats {text}: {found}; allowed: {', '.join(FORMATS)}, separated by commas"
        raise UsageError(msg)
    return names


def figures_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return the figure names as given, once each.

    Raises
    ------
    UsageError
        One of them is not a figure we draw.
    """
    from tdm1sim.cli.names import nearest
    from tdm1sim.figures import FIGURES

    for name in names:
        if name not in FIGURES:
            msg = f"--figure {name}: no such figure; allowed: {', '.join(FIGURES)}{nearest(name, FIGURES)}"
            raise UsageError(msg)
    return tuple(dict.fromkeys(names))


def draws_of(draws: int) -> int:
    """Return the number of draws asked for, 0 for none.

    Raises
    ------
    UsageError
        One draw, or fewer than none.
    """
    if draws == 1 or draws < 0:
        msg = f"--uncertain {draws}: at least 2 draws make a band; 20 or more are worth reading"
        raise UsageError(msg)
    return draws


def jobs_of(jobs: int | None, most: int | None = None) -> int:
    """Return the number of processes: as asked, or as many as this program may use.

    Parameters
    ----------
    jobs : int, optional
        As asked.
    most : int, optional
        How many can be of use; where that is one, the processors are not counted, which takes a while.

    Raises
    ------
    UsageError
        Fewer than one was asked for.
    """
    if jobs is None and most == 1:
        return 1
    if jobs is None:
        from joblib import cpu_count

        return int(cpu_count())
    if jobs < 1:
        msg = f"--jobs {jobs}: at least 1 is needed"
        raise UsageError(msg)
    return jobs


def until_of(text: str | None, most: int | None) -> HowPrecise | None:
    """Return how precise is enough; None where nobody asks.

    Raises
    ------
    UsageError
        The text does not say it, or there is a bound without it.
    """
    if text is None:
        if most is not None:
            msg = "--max-replicates belongs to --replicates-until, which is missing"
            raise UsageError(msg)
        return None
    from tdm1sim import precision

    return precision.until_of(text, most)
