"""``tdm1sim new``: a scenario file to begin with, that extends another."""

# Heavy imports wait inside the commands: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tdm1sim.cli import options
from tdm1sim.cli.guard import guarded
from tdm1sim.cli.terminal import say
from tdm1sim.errors import InputError, MachineError

if TYPE_CHECKING:
    from tdm1sim.scenario import Resolved

SCHEMA = "scenario.schema.json"
"""The schema that the first line of the file names, for completion in editors."""
DRUG = {
    "patient": "{drug: t-dm1, dose: 3.6 mg/kg, every: 21 d, cycles: 6}",
    "culture": "{drug: t-dm1, concentration: 1 nM}",
}
"""The example of a treatment where the parent has none."""
SAID = ("drug", "dose", "concentration", "inhibition", "every", "cycles", "from", "until")

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Of the scenario: the file is NAME.yaml.", show_default=False)
]
From = Annotated[
    str,
    typer.Option("--from", metavar="SCENARIO", help="What it extends: a bundled scenario, or a file beside it."),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the file.")]


@guarded
def new(
    name: Name,
    source: From = "her2_positive",
    out: Out = Path(),
    debug: options.Debug = False,  # noqa: ARG001  # read by the guard
) -> None:
    """Begin a scenario of your own that extends another one.

    The file is valid as it stands, and shows in comments what is changed most often.
    """
    from tdm1sim.scenario import json_schema, load_scenario, resolve

    stem = _checked(name)
    parent = _parent(source, out)
    place = out / f"{stem}.yaml"
    if os.path.lexists(place):
        msg = f"{place} exists already and is left as it is; choose another name"
        raise InputError(msg)
    known = resolve(load_scenario(source if not parent.endswith((".yaml", ".yml")) else out / parent))
    written = [place]
    try:
        out.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8", newline="\n") as file:
            file.write(scaffold(stem, parent, known))
        if not (out / SCHEMA).exists():
            import json

            text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
            (out / SCHEMA).write_text(text, encoding="utf-8", newline="\n")
            written.append(out / SCHEMA)
        load_scenario(place)
    except OSError as error:
        msg = f"cannot write {place}: {error.strerror or error}"
        raise MachineError(msg) from None
    except InputError:
        place.unlink(missing_ok=True)
        raise
    for path in written:
        say(str(path))
    say(f"Write your question into it, change what you want, then: tdm1sim run {place}")


def _checked(name: str) -> str:
    """Return the name of the scenario.

    Raises
    ------
    InputError
        It cannot name a result folder, or a bundled scenario is called so.
    """
    from tdm1sim.scenario import bundled
    from tdm1sim.scenario.document import Document

    stem = name.removesuffix(".yaml").removesuffix(".yml")
    try:
        Document.model_validate({"name": stem})
    except ValueError:
        msg = f"{name!r} cannot name a scenario; letters, digits and . _ - are allowed, and --out DIR names its folder"
        raise InputError(msg) from None
    if stem in bundled():
        msg = (
            f"{stem!r} is a bundled scenario: `tdm1sim run {stem}` and `extends: {stem}` would go on meaning that one, "
            f"and both would write to results/{stem}/; choose another name, such as my_{stem}"
        )
        raise InputError(msg)
    return stem


def _parent(source: str, out: Path) -> str:
    """Return what ``extends`` says: a bundled name, or the name of a file in the same folder.

    Raises
    ------
    InputError
        There is no such scenario, or its file is in another folder.
    """
    from tdm1sim.scenario import bundled
    from tdm1sim.scenario.inheritance import locate

    beside = out / f"{source}.yaml"
    if source not in bundled() and not Path(source).exists() and beside.is_file():
        return beside.name
    path, _ = locate(source)
    if source in bundled() and path == bundled()[source]:
        return source
    if path.resolve().parent != out.resolve():
        msg = (
            f"{source} is in another folder than the new file, and `extends` reads nothing outside its own; "
            f"copy it there, or add --out {path.parent}"
        )
        raise InputError(msg)
    return path.name


def scaffold(name: str, parent: str, known: Resolved) -> str:
    """Return the text of a new scenario.

    Parameters
    ----------
    name : str
        Of the scenario.
    parent : str
        What it extends.
    known : Resolved
        The parent, complete: its own values stand in the examples.
    """
    tree = known.tree
    run = tree["run"]
    return f"""\
# yaml-language-server: $schema={SCHEMA}
# What differs from {parent}; all else is as there.
# `tdm1sim resolve {name}.yaml` shows every value and where it is from.
format: 1
name: {name}
question: What is this run to answer?
extends: {parent}

# Examples of what is changed most often: take the # away, keep the indent.
# Quantities carry their unit. What is not said stays as in {parent}.

#tumour:
#  cells: {tree["tumour"]["cells"]}                  # founders in each replicate; fewer is faster
#  clones:                      # replaces all clones of the parent
#    sensitive: {{fraction: rest, her2: 3+}}
#    mdr1_high: {{fraction: 0.05, her2: 3+, mdr1: 10}}   # efflux times 10

#treatment:                     # replaces the whole list; [] for none
{_treatment(tree)}
#run:
#  duration: {run["duration"]}
#  replicates: {run["replicates"]}                # intervals are over these
#  seed: {run["seed"]}                      # the same seed is the same luck
"""


def _treatment(tree: Mapping[str, Any]) -> str:
    entries = [_entry(entry) for entry in tree.get("treatment") or ()]
    setting = "patient" if "patient" in tree else "culture"
    return "".join(f"#  - {entry}\n" for entry in entries or [DRUG[setting]])


def _entry(entry: Mapping[str, Any]) -> str:
    """Return an entry of the parent as people write it, without what is as it would be unsaid."""
    said = [key for key in SAID if key in entry and not (key == "from" and str(entry[key]).split()[0] == "0")]
    return "{" + ", ".join(f"{key}: {entry[key]}" for key in said) + "}"
