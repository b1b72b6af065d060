"""Figures of runs: of one run, or of several side by side. Each distinct run is simulated once."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tdm1sim.gallery.entry import Found, Size, Study, Words, Work

if TYPE_CHECKING:
    from tdm1sim.figures.bare import Page
    from tdm1sim.figures.several import Several
    from tdm1sim.results import Results

_NAMED = {"tumour.cells": "--cells", "run.replicates": "--replicates", "run.seed": "--seed"}
"""Settings that have an option of their own."""


@dataclass(frozen=True, slots=True)
class Run:
    """A bundled scenario and what is changed in it, ``PATH=VALUE``; the later of two changes of one path holds."""

    scenario: str
    changes: tuple[str, ...] = ()

    def sized(self, size: Size) -> Run:
        """Return the run with another size."""
        return Run(self.scenario, _last((*self.changes, *size.settings())))

    @property
    def key(self) -> str:
        """Return what tells it from every other run."""
        return "\n".join((self.scenario, *sorted(_last(self.changes))))

    @property
    def options(self) -> list[str]:
        """Return the words of a command line that make it: the scenario and its changes."""
        words = [self.scenario]
        for text in self.changes:
            path, _, value = text.partition("=")
            words += [_NAMED[path], value] if path in _NAMED else ["--set", text]
        return words


def _last(changes: Sequence[str]) -> tuple[str, ...]:
    return tuple({text.partition("=")[0]: text for text in changes}.values())


def engine() -> str:
    """Return the engine of all runs: compiled where it is there, since it is loaded once for many of them.

    A single run may be too small for that to be worth while, and ``auto`` takes another engine for it; the cells live
    the same lives.
    """
    return "compiled" if find_spec("numba") is not None else "auto"


def simulated(run: Run) -> Results:
    """Simulate a run."""
    from tdm1sim.ensemble import simulate_resolved
    from tdm1sim.scenario import load_scenario, resolve

    return simulate_resolved(resolve(load_scenario(run.scenario, run.changes)), engine=engine())


def _works(runs: Sequence[Run], cost: float) -> tuple[Work, ...]:
    return tuple(Work(run.key, simulated, run, cost) for run in runs)


@dataclass(frozen=True, slots=True)
class OneRun:
    """A figure of one run.

    Attributes
    ----------
    figure : str
        Key of `tdm1sim.figures.FIGURES`.
    run : Run
        What is simulated.
    built_up : bool
        Whether there are frames that build it up (the mechanism has them).
    cost : float
        See `Work`.
    """

    figure: str
    run: Run
    built_up: bool = False
    cost: float = 1.5

    def study(self, size: Size) -> Study:
        """Return what is to be simulated."""
        run = self.run.sized(size)
        return Study(_works([run], self.cost), lambda found: found[run.key])

    def command(self, name: str, size: Size) -> str:  # noqa: ARG002  # the figure has the name that `run` knows
        """Return the command that makes the figure."""
        return shlex.join(["tdm1sim", "run", *self.run.sized(size).options, "--figure", self.figure])

    def words(self, data: Results) -> Words:
        """Return what is said of it."""
        from tdm1sim.figures import FIGURES

        figure = FIGURES[self.figure]
        return Words(figure.title(data), figure.caption(data), _citations(data))

    def page(self, data: Results) -> Page:
        """Return the figure, in the style in use."""
        from tdm1sim.figures import page

        return page(self.figure, data)

    def frames(self, data: Results) -> Sequence[Page]:
        """Return the pages that build it up."""
        if not self.built_up:
            return ()
        from tdm1sim.figures import mechanism

        return mechanism.frames(data)


@dataclass(frozen=True, slots=True)
class SeveralRuns:
    """A figure of several runs on the same luck.

    Attributes
    ----------
    figure : str
        Key of `tdm1sim.figures.several.SEVERAL`, where its runs are.
    cost : float
        Of each run, see `Work`.
    """

    figure: str
    cost: float = 1.5

    @property
    def several(self) -> Several:
        """Return the figure."""
        from tdm1sim.figures.several import SEVERAL

        return SEVERAL[self.figure]

    def study(self, size: Size) -> Study:
        """Return what is to be simulated."""
        runs = {arm.name: Run(arm.scenario, arm.overrides).sized(size) for arm in self.several.arms}

        def gather(found: Found) -> dict[str, Any]:
            return {name: found[run.key] for name, run in runs.items()}

        return Study(_works(list(runs.values()), self.cost), gather)

    def command(self, name: str, size: Size) -> str:  # noqa: ARG002  # the gallery alone makes it
        """Return the command that makes the figure; its caption says each run."""
        return f"tdm1sim figures --gallery gallery --figure {name}"

    def words(self, data: dict[str, Results]) -> Words:
        """Return what is said of it."""
        keys = dict.fromkeys(key for results in data.values() for key in _citations(results))
        return Words(self.several.title(data), self.several.caption(data), tuple(keys))

    def page(self, data: dict[str, Results]) -> Page:
        """Return the figure, in the style in use."""
        from tdm1sim.figures.several import page

        return page(self.figure, data)

    def frames(self, data: dict[str, Results]) -> Sequence[Page]:  # noqa: ARG002
        """Return no pages: it is not built up."""
        return ()


def _citations(results: Results) -> tuple[str, ...]:
    return tuple(str(key) for key in results.manifest.get("citations", ()))
