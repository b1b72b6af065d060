"""From a name to one tree: find the file, follow ``extends``, merge.

A parent is a bundled scenario, or a file in the folder of the file that names it: scenarios are data, and reading
one reaches nowhere else.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from tdm1sim.errors import InputError, Problem
from tdm1sim.scenario.reader import read_file
from tdm1sim.scenario.tree import Leaf, Place, Table, merge

SUFFIXES = (".yaml", ".yml")
MAX_ANCESTORS = 10
# What belongs to one file only: a child asks its own question under its own name.
OWN_KEYS = ("format", "name", "question", "extends")


def bundled() -> dict[str, Path]:
    """Return the scenarios that come with the program: name -> file, in order of name."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "bundled_scenarios", package.parent / "scenarios"):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {}


def locate(source: str | Path) -> tuple[Path, str]:
    """Return the file a user means, and its name in messages.

    Raises
    ------
    InputError
        There is neither such a file nor a bundled scenario of that name.
    """
    text = os.fspath(source)
    path = Path(text)
    known = bundled()
    # A result folder of an earlier run must not hide the bundled scenario it was made from.
    if "\0" not in text and path.exists() and not (text in known and path.is_dir()):
        return path, text
    if text in known:
        return known[text], f"{text}.yaml"
    near = get_close_matches(path.stem if path.suffix in SUFFIXES else text, known, n=1)
    suggestion = f"did you mean {near[0]!r}?" if near else "`tdm1sim list` shows the bundled scenarios"
    allowed = "a path, or the name of a bundled scenario"
    what = "there is no such file, and no bundled scenario of that name"
    raise InputError([Problem("", what, allowed, suggestion, file=text)])


def read_whole(path: Path, shown: str) -> tuple[Table, list[Problem]]:
    """Read a scenario with everything it extends, the nearest file winning.

    Returns
    -------
    Table
        The merged tree; each node keeps the place where it was written.
    list of Problem
        What is wrong with inheritance, and keys written twice; the tree then holds what could be read.
    """
    tree, problems = read_file(path, shown)
    if "format" not in tree.values:
        allowed = "`format: 1` is the language of this version"
        place = tree.place
        problems.append(
            Problem("format", "is missing", allowed, "add the line `format: 1`", place.file, place.line, place.column)
        )
    seen = [path.resolve()]
    child = tree
    while "extends" in child.values:
        try:
            path, shown = _parent(child, path, shown, seen)
            parent, doubled = read_file(path, shown)
        except InputError as error:
            problems.extend(error.problems)
            break
        seen.append(path.resolve())
        problems.extend(doubled)
        tree = _under(parent, tree)
        child = parent
    return tree.without("extends"), problems


def _under(parent: Table, child: Table) -> Table:
    """Return the child over its parent; a child in another setting drops what only the old one has."""
    parent = parent.without(*OWN_KEYS)
    for mine, other in (("culture", "patient"), ("patient", "culture")):
        if mine in child.values and other not in child.values:
            parent = parent.without(other)
            tumour = parent.values.get("tumour")
            if isinstance(tumour, Table) and mine == "culture":
                parent.values["tumour"] = tumour.without("transport", "geometry")
    return merge(parent, child)


def _parent(child: Table, path: Path, shown: str, seen: list[Path]) -> tuple[Path, str]:
    """Return the file that ``extends`` names, and its name in messages; raises `InputError`."""
    node = child.values["extends"]
    name = node.value if isinstance(node, Leaf) else None
    if not isinstance(name, str) or not name:
        _refuse("is not a name", child.keys["extends"], "write `extends: her2_positive`")
    if "/" in name or "\\" in name or "\0" in name or name in {".", ".."} or Path(name).is_absolute():
        _refuse(f"{name!r} is outside the scenario's folder", node.place, "copy the file beside this one")
    found, as_shown = _named(name, path.resolve().parent, Path(shown).parent, node.place)
    if found.resolve() in seen:
        ring = " -> ".join([*(file.name for file in seen), found.name])
        _refuse(f"goes round in a circle: {ring}", node.place)
    if len(seen) > MAX_ANCESTORS:
        _refuse(f"more than {MAX_ANCESTORS} files in a row", node.place)
    return found, as_shown


def _named(name: str, folder: Path, shown_folder: Path, place: Place) -> tuple[Path, str]:
    """Return the bundled scenario or the neighbouring file of a name, and how messages call it."""
    known = bundled()
    beside = folder / (name if name.endswith(SUFFIXES) else f"{name}.yaml")
    as_neighbour = os.fspath(shown_folder / beside.name)
    if not name.endswith(SUFFIXES) and name in known:
        same = known[name].resolve() == beside.resolve()
        return known[name], as_neighbour if same else f"{name}.yaml"
    if not beside.is_file():
        choices = [*known, *(file.name for file in folder.glob("*.y*ml"))]
        near = get_close_matches(name, choices, n=1)
        _refuse(f"there is no scenario {name!r}", place, f"did you mean {near[0]!r}?" if near else "")
    if beside.resolve().parent != folder:
        _refuse(f"{name!r} is a link to a file outside the scenario's folder", place)
    return beside, as_neighbour


def _refuse(what: str, place: Place, suggestion: str = "") -> NoReturn:
    allowed = "a bundled scenario, or a file in the same folder"
    raise InputError([Problem("extends", what, allowed, suggestion, place.file, place.line, place.column)])
