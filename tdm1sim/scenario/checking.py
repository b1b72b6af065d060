"""What the checks across sections share: the document, what is wrong with it, and a way to say more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tdm1sim.catalogue import Catalogue, ParameterEntry
from tdm1sim.catalogue.entries import Setting
from tdm1sim.errors import Problem
from tdm1sim.scenario.document import Document
from tdm1sim.scenario.drugs import conjugate_of
from tdm1sim.scenario.tree import Path, Table, place_of
from tdm1sim.scenario.validation import located


@dataclass(slots=True)
class Checking:
    """A document under examination.

    Attributes
    ----------
    root : Table
        The whole tree, with places; also what is wrong.
    document : Document
        What could be read.
    catalogue : Catalogue
        What is known.
    bad : set of Path
        Where something is wrong already: nothing is concluded from what is missing there.
    problems, warnings : list
        What the checks find.
    conjugate : str
        The conjugate of this run.
    known : mapping of str to ParameterEntry
        Every symbol as this conjugate has it.
    """

    root: Table
    document: Document
    catalogue: Catalogue
    bad: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    conjugate: str = field(init=False)
    known: Mapping[str, ParameterEntry] = field(init=False)

    def __post_init__(self) -> None:
        """Find out which conjugate the run has, because values of the catalogue depend on it."""
        self.conjugate = conjugate_of(self.document, self.catalogue)
        self.known = self.catalogue.parameters_with(self.conjugate)

    def fine(self, *path: str | int) -> bool:
        """Tell whether nothing is wrong at a path, above it or below it."""
        length = len(path)
        return not any(bad[:length] == path[: len(bad)] for bad in self.bad)

    def complain(self, path: Path, what: str, allowed: str = "", suggestion: str = "", *, key: bool = False) -> None:
        """Add a problem at a path."""
        self.problems.append(located(self.root, path, what, allowed, suggestion, key=key))
        self.bad.add(path)

    def origin(self, *path: str | int) -> str:
        """Return where a value was written: ``file:line`` or ``--set``."""
        return str(place_of(self.root, path))

    @property
    def setting(self) -> Setting:
        """``culture`` or ``patient``."""
        return "culture" if self.document.culture is not None else "patient"
