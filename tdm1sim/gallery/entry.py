"""What a gallery is made of: entries, what they simulate, and what is told of a drawn figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tdm1sim.figures.bare import Bare, Page

Found = Mapping[str, Any]
"""What pieces of work have returned, by their keys."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is simulated; None for what each entry chooses itself.

    Attributes
    ----------
    cells, replicates : int or None
        Of every run.
    doses : int or None
        Wells of a dose series, evenly taken from its own.
    values, draws : int or None
        Of each resistance, and of what nobody has measured.
    only : str
        The published measurements that contain it.
    """

    cells: int | None = None
    replicates: int | None = None
    doses: int | None = None
    values: int | None = None
    draws: int | None = None
    only: str = ""

    def settings(self) -> tuple[str, ...]:
        """Return the size of a run as ``PATH=VALUE``."""
        named = {"tumour.cells": self.cells, "run.replicates": self.replicates}
        return tuple(f"{path}={value}" for path, value in named.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work for one process.

    Attributes
    ----------
    key : str
        Pieces with the same key are the same and done once.
    do : callable
        Of a module, so that another process finds it.
    what : object
        What it is done with.
    cost : float
        How long it takes, in about seconds: long ones begin first, and progress is told by it.
    """

    key: str
    do: Callable[[Any], Any]
    what: Any
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Study:
    """What an entry needs simulated, and how its pieces become what is drawn."""

    works: tuple[Work, ...]
    gather: Callable[[Found], Any]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a figure: its finding, its caption, the keys of its sources."""

    title: str
    caption: str
    citations: tuple[str, ...] = ()


class Source(Protocol):
    """Where a figure comes from."""

    def study(self, size: Size) -> Study:
        """Return what is to be simulated."""
        ...

    def command(self, name: str, size: Size) -> str:
        """Return the command that makes the figure called ``name``."""
        ...

    def words(self, data: Any) -> Words:
        """Return what is said of it."""
        ...

    def page(self, data: Any) -> Page:
        """Return the figure, in the style in use."""
        ...

    def frames(self, data: Any) -> Sequence[Page]:
        """Return the pages that build it up, none for most."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure of the lecture.

    Attributes
    ----------
    letter, name : str
        Its place in the lecture (``a``), and the name of its files.
    source : Source
        Where it comes from.
    question : str
        What to ask the audience before it is shown.
    wrong : str
        The answer that is often given and is not right.
    right : str
        What is right, in a sentence.
    citations : tuple of str
        Keys of sources beside those of the run.
    """

    letter: str
    name: str
    source: Source
    question: str
    wrong: str
    right: str
    citations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A drawn entry: what is said of it, its files (names in the gallery) and its pictures for slides."""

    letter: str
    name: str
    words: Words
    command: str
    files: tuple[str, ...]
    pictures: tuple[Bare, ...] = ()
