"""Reading a scenario: file, inheritance, overrides, checks; and every problem at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tdm1sim.catalogue import Catalogue, load_catalogue
from tdm1sim.errors import InputError, Problem
from tdm1sim.scenario.checking import Checking
from tdm1sim.scenario.checks import check_whole
from tdm1sim.scenario.document import Document
from tdm1sim.scenario.drugs import molar_masses
from tdm1sim.scenario.inheritance import locate, read_whole
from tdm1sim.scenario.overrides import apply_overrides
from tdm1sim.scenario.reader import read_text
from tdm1sim.scenario.tree import Table, plain
from tdm1sim.scenario.validation import validated


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that was read and found in order.

    Attributes
    ----------
    name, question : str
        What it is called, and what it asks.
    file : Path
        Where it was read.
    tree : dict
        The scenario as ordinary dictionaries, after ``extends`` and ``--set``, as written.
    document : Document
        The same, checked; quantities in canonical units.
    root : Table
        The same with the place of every value.
    """

    name: str
    question: str
    file: Path
    tree: dict[str, Any]
    document: Document = field(repr=False)
    root: Table = field(repr=False)

    def with_overrides(self, overrides: Sequence[str], catalogue: Catalogue | None = None) -> Scenario:
        """Return the scenario with ``PATH=VALUE`` applied and everything checked again; raises `InputError`."""
        return _checked(self.root, overrides, [], self.file, self.root.place.file, catalogue or load_catalogue())

    def without(self, *keys: str) -> Scenario:
        """Return the scenario as if it had never had some of its keys that need not be there (``sweep``)."""
        kept = {key: value for key, value in self.tree.items() if key not in keys}
        document = self.document.model_copy(update=dict.fromkeys(keys))
        return replace(self, tree=kept, document=document, root=self.root.without(*keys))


def load_scenario(source: str | Path, overrides: Sequence[str] = (), catalogue: Catalogue | None = None) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    source : str or Path
        A file, or the name of a bundled scenario.
    overrides : sequence of str
        ``PATH=VALUE`` or ``PATH+=VALUE``, applied in order.
    catalogue : Catalogue, optional
        What is known; the package's own by default.

    Returns
    -------
    Scenario
        Read, merged and checked.

    Raises
    ------
    InputError
        With every problem found, each with file, line and column.
    """
    catalogue = catalogue or load_catalogue()
    path, shown = locate(source)
    tree, problems = read_whole(path, shown)
    return _checked(tree, overrides, problems, path, shown, catalogue)


def read_plain(text: str, shown: str = "resolved.yaml") -> dict[str, Any]:
    """Return a scenario's text as ordinary dictionaries, without checks; raises `InputError` if it is not YAML."""
    node, problems = read_text(text, shown)
    if problems or not isinstance(node, Table):
        raise InputError(problems or [Problem("", "a scenario is a mapping", file=shown)])
    tree = plain(node)
    return tree if isinstance(tree, dict) else {}


def _checked(
    tree: Table, overrides: Sequence[str], problems: list[Problem], path: Path, shown: str, catalogue: Catalogue
) -> Scenario:
    """Apply overrides, run every check, and return the scenario or raise all problems."""
    tree, wrong = apply_overrides(tree, overrides)
    problems += wrong
    document, _, found, bad = validated(tree, molar_masses(tree, catalogue))
    problems += found
    name = document.name or path.stem
    if document.name is None and ("name",) not in bad:
        problems += _unfit_stem(name, shown)
    check = Checking(tree, document, catalogue, bad)
    check_whole(check)
    problems += check.problems
    if problems:
        raise InputError(_sorted(problems, shown))
    whole = plain(tree)
    return Scenario(
        name=name,
        question=document.question or "",
        file=path,
        tree=whole if isinstance(whole, dict) else {},
        document=document,
        root=tree,
    )


def _unfit_stem(stem: str, shown: str) -> list[Problem]:
    """Return a problem where a file's name cannot name a result folder."""
    try:
        Document.model_validate({"name": stem})
    except ValueError:
        what = f"is missing, and the file's name {stem!r} cannot stand in for it"
        return [Problem("name", what, "letters, digits, . _ -", "write `name: my_scenario`", shown, 1, 1)]
    return []


def _sorted(problems: Sequence[Problem], first: str) -> list[Problem]:
    """Return problems in the order of the files (the user's own first) without repetitions."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda p: (p.file != first, p.file, p.line, p.column))
