"""A stand-in for everything below the command line: fast, and able to fail on demand."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tdm1sim.errors import InputError, Problem

INTERVAL = {"mean": 0.35, "low": 0.34, "high": 0.36}
FIGURES = ("exposure", "fates", "clones")


@dataclass(frozen=True)
class Ending:
    """How a call of the program ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def summary(name: str, outcome: str = "completed") -> dict[str, Any]:
    return {
        "scenario": name,
        "question": "Does [it] work?",
        "seed": 1,
        "replicates": 8,
        "duration_h": 504.0,
        "cells_start": 2000,
        "outcome": outcome,
        "fates": dict.fromkeys(("apoptosis", "mitotic_catastrophe", "adcc", "surviving"), INTERVAL),
        "living": dict.fromkeys(("cycling", "arrested", "multinucleated"), INTERVAL),
        "cell_number_ratio": INTERVAL,
        "time_to_kill_d": {"0.5": None, "0.9": float("nan")},
    }


@dataclass
class FakeResults:
    summary: dict[str, Any]
    manifest: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        (folder / "manifest.json").write_text('{"tdm1sim": "0"}')
        (folder / "summary.json").write_text(repr(self.summary))

    def read(self, folder: Path) -> FakeResults:
        assert (folder / "summary.json").is_file()
        return self


@dataclass
class World:
    """What the fakes do, and what they were asked."""

    during: Callable[[str], None] = lambda _name: None
    outcome: str = "completed"
    warnings: tuple[str, ...] = ()
    overrides: list[tuple[str, ...]] = field(default_factory=list)
    simulated: list[dict[str, Any]] = field(default_factory=list)
    drawn: list[dict[str, Any]] = field(default_factory=list)
    tree: dict[str, Any] = field(default_factory=dict)

    def load_scenario(self, source: str | Path, overrides: Sequence[str] = ()) -> SimpleNamespace:
        self.overrides.append(tuple(overrides))
        name = Path(source).stem
        if name.startswith("bad"):
            raise InputError(
                [
                    Problem("tumour.cels", "unknown key 'cels'", "cells", "did you mean cells?", str(source), 3, 1),
                    Problem("run.dt", "no unit", file=str(source), line=9, column=6),
                ]
            )
        return SimpleNamespace(name=name.split("@")[0], question="Does [it] work?")

    def resolve(self, scenario: SimpleNamespace) -> SimpleNamespace:
        return SimpleNamespace(
            name=scenario.name,
            question=scenario.question,
            text=f"name: {scenario.name}\n",
            parameters=None,
            tree=self.tree,
            warnings=self.warnings,
            citations=(),
        )

    def simulate_resolved(self, resolved: Any, **options: Any) -> FakeResults:
        self.simulated.append({"name": resolved.name, **options})
        self.during(resolved.name)
        return FakeResults(summary(resolved.name, self.outcome), {"warnings": []})

    def draw_all(self, results: FakeResults, folder: Path, **options: Any) -> list[Path]:
        self.drawn.append(options)
        folder.mkdir()
        drawn = []
        for name in options["names"] or FIGURES:
            for kind in options["formats"]:
                drawn.append(folder / f"{name}.{kind}")
                drawn[-1].write_text("picture")
        return drawn


def install(monkeypatch: pytest.MonkeyPatch) -> World:
    """Put the stand-ins where the command line imports the real ones from."""
    world = World()
    names: dict[str, dict[str, Any]] = {
        "tdm1sim.scenario": {"load_scenario": world.load_scenario, "resolve": world.resolve},
        "tdm1sim.ensemble": {"simulate_resolved": world.simulate_resolved, "most_jobs": lambda *_: 8},
        "tdm1sim.figures": {"draw_all": world.draw_all, "FIGURES": dict.fromkeys(FIGURES)},
    }
    for name, members in names.items():
        module = ModuleType(name)
        vars(module).update(members)
        spec = find_spec(name)
        assert spec is not None
        module.__path__ = list(spec.submodule_search_locations or [])  # what lies inside the real one is found
        monkeypatch.setitem(sys.modules, name, module)
    return world
