"""Which values of a scenario are uncertain, and between which bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tdm1sim.catalogue import Catalogue, ParameterEntry, load_catalogue
from tdm1sim.catalogue.entries import Setting
from tdm1sim.parameters import Parameters, Patient
from tdm1sim.scenario import Resolved, Scenario, as_asked, resolve

UNSURE = ("assumed", "calibrated")
"""What the catalogue calls a value that nobody has measured."""
DECADE = 10.0
"""Bounds further apart than this fold are drawn from by their logarithm."""
OF_PATIENTS = ("body", "tumour")
"""Groups of the catalogue that a culture has no use for."""
OF_ASSAYS = "assays"
"""The group that only read-outs use."""
OF_LINES: Mapping[str, str] = {
    "ke": "ke",
    "kpino": "kpino",
    "V": "volume",
    "doubling": "doubling",
    "E_T": "E_T",
    "sigma_her2": "spread",
}
"""Symbols that a cell line may bring, and what it calls them."""


@dataclass(frozen=True, slots=True)
class Value:
    """An uncertain value as one scenario has it.

    Attributes
    ----------
    name : str
        The symbol; ``her2.3+`` for the receptors of a class, ``resistance.mdr1_high`` for the size of a mechanism.
    value, low, high : float
        What the run itself uses, and the bounds it is drawn between, in ``unit``.
    unit, status : str
        Unit as displayed; ``assumed`` or ``calibrated``.
    log : bool
        Whether its logarithm is drawn evenly.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    status: str
    log: bool

    def at(self, share: float) -> float:
        """Return the value at a share (0 to 1) of the way from low to high."""
        if self.log:
            return min(self.high, max(self.low, self.low * math.exp(share * math.log(self.high / self.low))))
        return self.low + share * (self.high - self.low)

    def as_json(self) -> dict[str, Any]:
        """Return the value as the manifest lists it."""
        drawn = {"scale": "logarithmic" if self.log else "linear"}
        return {key: getattr(self, key) for key in ("name", "value", "low", "high", "unit", "status")} | drawn


def uncertain_values(resolved: Resolved, catalogue: Catalogue | None = None) -> dict[str, Value]:
    """Return what may be drawn for a scenario, by name.

    Not drawn is what the scenario sets itself, what is measured, what is a choice and no fact (a switch, the size of a
    well), what is off (zero or infinite), what this run has no use for, and what all its cells have from a cell line,
    whose traits have no bounds.

    Parameters
    ----------
    resolved : Resolved
        The run.
    catalogue : Catalogue, optional
        What is known; the package's own by default.
    """
    catalogue = catalogue or load_catalogue()
    scenario, parameters = source_of(resolved), resolved.parameters
    setting: Setting = "patient" if isinstance(parameters.surroundings, Patient) else "culture"
    brought = _from_lines(scenario, catalogue)
    found = {}
    for symbol, entry in catalogue.parameters_with(parameters.drug).items():
        value, (low, high) = entry.in_setting(setting), entry.bounds_in(setting)
        known = entry.status not in UNSURE or entry.chosen or symbol in resolved.given or symbol in brought
        if known or value in {0.0, math.inf} or not low < high < math.inf or not _used(entry, parameters):
            continue
        found[symbol] = _value(symbol, value, low, high, entry.unit, entry.status)
    return found | _of_clones(scenario, catalogue)


def source_of(resolved: Resolved) -> Scenario:
    """Return the scenario that was resolved."""
    if resolved.scenario is None:
        msg = "this run was not resolved from a scenario, so no value of it can be drawn"
        raise TypeError(msg)
    return resolved.scenario


def asked_text(resolved: Resolved) -> str:
    """Return the text of the scenario that was resolved, as it was asked for (``scenario.yaml``)."""
    return as_asked(source_of(resolved).tree)


def _value(name: str, value: float, low: float, high: float, unit: str, status: str) -> Value:
    return Value(name, value, low, high, unit, status, log=low > 0.0 and high / low > DECADE)


def _used(entry: ParameterEntry, parameters: Parameters) -> bool:
    """Whether a run has a use for a value at all."""
    where = parameters.surroundings
    courses = where.courses if isinstance(where, Patient) else ()
    if entry.like:
        return any(course.drug == entry.group for course in courses)
    if entry.group in OF_PATIENTS and not isinstance(where, Patient):
        return False
    if entry.group == OF_ASSAYS:
        return bool(parameters.plan.readouts)
    special = {
        "kNK": parameters.values["NK"] > 0.0,
        "K_NK": parameters.values["NK"] > 0.0,
        "KD_II": any(site == "II" for site in _sites(parameters)),
        "f_CYP3A4": any(inhibition.target == "cyp3a4" for inhibition in parameters.inhibitions),
        "residual_share": isinstance(where, Patient) and where.variability is not None,
    }
    return special.get(entry.symbol, True)


def _sites(parameters: Parameters) -> list[str]:
    where = parameters.surroundings
    return [one.site for one in (where.courses if isinstance(where, Patient) else where.exposures)]


def _from_lines(scenario: Scenario, catalogue: Catalogue) -> set[str]:
    """Return the symbols that every clone has from a cell line or from its own ``rates``."""
    clones = (scenario.document.tumour.clones if scenario.document.tumour else None) or {}
    own = scenario.document.cell_lines or {}

    def brings(clone: Any, symbol: str, trait: str) -> bool:
        if clone.rates is not None and getattr(clone.rates, symbol, None) is not None:
            return True
        if symbol == "sigma_her2" and getattr(clone.her2, "spread", None) is not None:
            return True
        if clone.cell_line in own:
            return getattr(own[clone.cell_line], trait, None) is not None
        line = catalogue.cell_lines.get(clone.cell_line or "")
        return line is not None and trait in line.values

    return {
        symbol for symbol, trait in OF_LINES.items() if all(brings(clone, symbol, trait) for clone in clones.values())
    }


def _of_clones(scenario: Scenario, catalogue: Catalogue) -> dict[str, Value]:
    """Return the receptors of the HER2 classes and the sizes of the named resistance mechanisms that clones have."""
    clones = (scenario.document.tumour.clones if scenario.document.tumour else None) or {}
    found = {}
    for name in sorted({clone.her2 for clone in clones.values() if isinstance(clone.her2, str)}):
        kind = catalogue.her2_classes[name]
        if kind.status in UNSURE:  # receptors differ by folds, so by their logarithm
            found[f"her2.{name}"] = Value(
                f"her2.{name}", kind.receptors, kind.low, kind.high, "1", kind.status, log=True
            )
    for name in sorted({name for clone in clones.values() for name in clone.resistance or ()}):
        entry = catalogue.resistance[name]
        size = next(iter(entry.sets.values()))
        if entry.status in UNSURE and isinstance(size, float) and size and entry.low is not None and entry.high:
            found[f"resistance.{name}"] = _value(f"resistance.{name}", size, entry.low, entry.high, "1", entry.status)
    return found


def with_values(
    resolved: Resolved, values: Mapping[str, float], catalogue: Catalogue | None = None, *, text: bool = True
) -> Resolved:
    """Return the run as it would be if the catalogue held other values.

    Parameters
    ----------
    resolved : Resolved
        The run.
    values : mapping of str to float
        Name, as `uncertain_values` has it, to a value in its display unit.
    catalogue : Catalogue, optional
        What is known; the package's own by default.
    text : bool
        Whether its YAML is written, as in `tdm1sim.scenario.resolve`.

    Raises
    ------
    InputError
        If the values do not fit together, or the scenario.
    """
    catalogue = catalogue or load_catalogue()
    parameters, classes, resistance = {}, {}, {}
    drug = catalogue.drugs[resolved.parameters.drug]
    own = dict(drug.values)
    for name, value in values.items():
        kind, _, inner = name.partition(".")
        if kind == "her2":
            classes[inner] = replace(catalogue.her2_classes[inner], receptors=value)
        elif kind == "resistance":
            entry = catalogue.resistance[inner]
            resistance[inner] = replace(entry, sets=dict.fromkeys(entry.sets, value))
        elif name in own and drug.kind == "conjugate":
            own[name] = replace(own[name], value=value, by_setting={})
        else:
            parameters[name] = replace(catalogue.parameters[name], value=value, by_setting={})
    changed = catalogue.replaced(
        parameters={**catalogue.parameters, **parameters},
        her2_classes={**catalogue.her2_classes, **classes},
        resistance={**catalogue.resistance, **resistance},
        drugs={**catalogue.drugs, drug.name: replace(drug, values=own)},
    )
    return resolve(source_of(resolved), changed, text=text)
