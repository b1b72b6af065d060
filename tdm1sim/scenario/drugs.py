"""Which drugs a scenario names, and which of them is the run's conjugate."""

from __future__ import annotations

from collections.abc import Mapping

from tdm1sim.catalogue import Catalogue
from tdm1sim.catalogue.drugs import DEFAULT
from tdm1sim.scenario.document import Document
from tdm1sim.scenario.tree import Items, Leaf, Table, find
from tdm1sim.units import UnitError, parse_in_unit

CONJUGATE = DEFAULT
"""The conjugate whose numbers hold where none is given."""


def conjugate_of(document: Document, catalogue: Catalogue) -> str:
    """Return the first conjugate that the treatment gives before the run ends; the usual one where it gives none."""
    end = document.run.duration if document.run else None
    for entry in document.treatment or ():
        drug = catalogue.drugs.get(entry.drug or "")
        late = end is not None and isinstance(entry.start, float) and entry.start >= end
        if drug is not None and drug.kind == "conjugate" and not late:
            return drug.name
    return CONJUGATE


def molar_masses(tree: Table, catalogue: Catalogue) -> Mapping[str, float]:
    """Return the molar mass (g/mol) of each drug that is weighed, as this run has it.

    Read before the document is: a concentration may be given as a mass. Under the empty name stands that of a dose
    series: the run's conjugate, or else the first antibody.
    """
    named = _named(tree)
    kinds = {name: drug.kind for name, drug in catalogue.drugs.items()}
    given = [name for name in named if kinds.get(name) in {"conjugate", "antibody"}]
    conjugate = next((name for name in given if kinds[name] == "conjugate"), CONJUGATE)
    known = catalogue.parameters_with(conjugate)
    found = {
        name: _mass(tree, catalogue, f"MW_{name}", known[f"MW_{name}"].value)
        for name in kinds
        if kinds[name] == "antibody"
    }
    found[conjugate] = _mass(tree, catalogue, "MW", known["MW"].value)
    series = conjugate if conjugate in given or not given else given[0]
    return {**found, "": found[series]}


def _named(tree: Table) -> list[str]:
    """Return the drugs of the treatment, in order."""
    entries = find(tree, ("treatment",))
    found = []
    for entry in entries.values if isinstance(entries, Items) else ():
        name = find(entry, ("drug",))
        if isinstance(name, Leaf) and isinstance(name.value, str):
            found.append(name.value)
    return found


def _mass(tree: Table, catalogue: Catalogue, symbol: str, default: float) -> float:
    """Return a molar mass of the parameters block or its default (both kg/mol), in g/mol; a wrong one is told later."""
    node = find(tree, ("parameters", symbol))
    value = default
    if isinstance(node, Leaf) and isinstance(node.value, str):
        try:
            given = parse_in_unit(node.value, catalogue.parameters[symbol].unit)
        except UnitError:
            given = default
        value = given if given > 0 else default
    return catalogue.canonical(symbol, value)
