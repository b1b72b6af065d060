"""Runs of the evidence as scenarios: the same language a user writes, so the same defaults and checks hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tdm1sim.catalogue import Catalogue
from tdm1sim.parameters import Culture, Parameters
from tdm1sim.scenario import load_scenario, resolve

Changes = Mapping[str, float]
"""Values in canonical units to use instead of the catalogue's, by symbol; ``line.trait`` for a trait of a cell line."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where an experiment is simulated: with which values, how fine, with which luck.

    Attributes
    ----------
    catalogue : Catalogue
        What is known.
    changes : mapping
        What is to be used instead, see `Changes`.
    size : float
        Factor on the number of simulated cells.
    seed : int
        Seed of all luck.
    """

    catalogue: Catalogue
    changes: Changes = field(default_factory=dict)
    size: float = 1.0
    seed: int = 1

    def cells(self, number: int) -> int:
        """Return how many cells to simulate where an experiment asks for `number`."""
        return max(1, round(number * self.size))


TRAITS = {"receptors": "her2", "doubling": "doubling", "ke": "ke", "kpino": "kpino", "volume": "volume", "E_T": "E_T"}
"""Trait of a cell line -> field of a clone."""
SHARED = {"ke": "ke", "kr": "kr", "ks": "ks", "kpino": "kpino", "E_T": "E_T", "V": "volume", "sigma_her2": "her2_sigma"}
"""Symbol of the whole run -> field of the clones that had its value."""


def parameters_of(bench: Bench, base: str, overrides: Sequence[str]) -> Parameters:
    """Return a bundled scenario's parameters with overrides of the language, then those of the bench."""
    scenario = load_scenario(base, [*overrides, f"run.seed={bench.seed}"], bench.catalogue)
    return changed(resolve(scenario, bench.catalogue).parameters, bench.changes)


def clone_name(line: str) -> str:
    """Return the name of a clone made of a cell line."""
    return line.replace("-", "_")


def changed(parameters: Parameters, changes: Changes) -> Parameters:
    """Return the run with other values.

    A symbol that clones carry themselves changes in the clones that had the value of the whole run; ``line.trait``
    changes the clone made of the line, ``line.cells_per_well`` its well.
    """
    values = {symbol: value for symbol, value in changes.items() if "." not in symbol}
    clones = []
    for clone in parameters.clones:
        fields: dict[str, Any] = {
            SHARED[symbol]: value
            for symbol, value in values.items()
            if symbol in SHARED and getattr(clone, SHARED[symbol]) == parameters.values.get(symbol)
        }
        fields |= {TRAITS[trait]: value for trait, value in _own(clone.name, changes).items() if trait in TRAITS}
        clones.append(replace(clone, **fields))
    where = parameters.surroundings
    if isinstance(where, Culture) and len(clones) == 1:
        wells = _own(clones[0].name, changes).get("cells_per_well", where.cells_per_well)
        where = replace(where, cells_per_well=wells)
    return replace(parameters, values={**parameters.values, **values}, clones=tuple(clones), surroundings=where)


def _own(clone: str, changes: Changes) -> dict[str, float]:
    """Return what the changes say about the cell line a clone is made of, by trait."""
    found = {}
    for name, value in changes.items():
        line, dot, trait = name.partition(".")
        if dot and clone_name(line) == clone:
            found[trait] = value
    return found
