"""Which parameters are varied, between which bounds, and why the others are not."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tdm1sim.catalogue import Catalogue
from tdm1sim.catalogue.entries import ParameterEntry, Setting
from tdm1sim.errors import UsageError
from tdm1sim.parameters import Parameters, Patient
from tdm1sim.scenario import Resolved, Scenario
from tdm1sim.scenario.fields import nearest
from tdm1sim.scenario.numbers import KEYED, at_key, spelled
from tdm1sim.units import UnitError, parse_in_unit

CLASSES: dict[str, tuple[str, ...]] = {
    "unsure": ("assumed", "calibrated"),
    "assumed": ("assumed",),
    "calibrated": ("calibrated",),
    "sourced": ("sourced",),
    "all": ("sourced", "calibrated", "assumed"),
}
"""What ``--class`` allows, and which parameters each means; the first is the default."""
DECADE = 10.0
"""Bounds whose ratio is above this are sampled by the logarithm."""
ASKED = frozenset({"doubling", "medium", "cells_per_well", "weight", "t_infusion", "NK"})
"""What a scenario that states it asks about, though it be the catalogue's number: the experiment, not knowledge."""
_CLONES = {"ke": "rates", "kr": "rates", "ks": "rates", "kpino": "rates", "V": "rates", "E_T": "rates"}
_CLONES["doubling"] = "rates"
_WELL = frozenset({"medium", "cells_per_well"})
_PATIENT = frozenset({"body", "tumour"})
_PLASMA_DM1 = frozenset({"CL_DM1", "V_DM1", "fu_DM1", "MW_DM1", "f_CYP3A4"})
_BETWEEN = frozenset({"cv_CL", "cv_Vc", "cov_CL_Vc", "weight_p05", "weight_p95", "residual_share", "residual_p95"})
_COVARIATES = {"x_ECD": "ecd", "x_ALB": "albumin", "x_burden": "tumour_burden", "x_AST": "ast"}
_ASSAYS = {"w_arrested": "atp", "tau_dying": "atp", "colony": "clonogenic"}


@dataclass(frozen=True, slots=True)
class Factor:
    """A parameter that is varied.

    Attributes
    ----------
    entry : ParameterEntry
        What the catalogue says of it.
    low, high : float
        Bounds, in ``entry.unit``.
    nominal : float
        What the scenario uses, same unit.
    log : bool
        Whether it is sampled by its logarithm.
    """

    entry: ParameterEntry = field(repr=False)
    low: float
    high: float
    nominal: float
    log: bool

    @property
    def symbol(self) -> str:
        """The symbol."""
        return self.entry.symbol

    def value(self, share: float) -> float:
        """Return the value this far from the lower (0) to the upper bound (1), at six digits, never outside."""
        found = self.low * (self.high / self.low) ** share if self.log else self.low + (self.high - self.low) * share
        return min(max(float(f"{found:.6g}"), self.low), self.high)

    def setting(self, share: float) -> str:
        """Return the override that sets it there: ``parameters.C_M=80 nM``."""
        return f"parameters.{self.symbol}={spelled(self.value(share), self.entry)}"


@dataclass(frozen=True, slots=True)
class Left:
    """A parameter that is not varied, and why."""

    symbol: str
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command asks for.

    Attributes
    ----------
    classes : str
        A key of `CLASSES`.
    only : tuple of str
        Symbols to which it is restricted, whatever their class; empty for all.
    bounds : mapping of str to (str, str)
        Bounds to be used instead of the catalogue's, as written.
    """

    classes: str = "unsure"
    only: tuple[str, ...] = ()
    bounds: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def factors_of(
    scenario: Scenario, resolved: Resolved, catalogue: Catalogue, choice: Choice, readouts: Collection[str] = ()
) -> tuple[tuple[Factor, ...], tuple[Left, ...]]:
    """Return the parameters to vary, and those that are not with the reason.

    Parameters
    ----------
    scenario, resolved
        The scenario as written, and complete.
    catalogue : Catalogue
        What is known.
    choice : Choice
        What is asked for.
    readouts : collection of str
        Kinds of read-out that an output needs.

    Raises
    ------
    UsageError
        A symbol does not exist, has no bounds or bounds that cannot be used; or nothing is left to vary.
    """
    known = catalogue.parameters_with(resolved.parameters.drug)
    for symbol in (*choice.only, *choice.bounds):
        _exists(symbol, known)
    varied, left = [], []
    for symbol, entry in known.items():
        if choice.only and symbol not in choice.only:
            continue
        nominal = catalogue.displayed(symbol, resolved.parameters.values[symbol])
        low, high = _bounds(entry, choice.bounds.get(symbol))
        why = _unbounded(low, high)
        if why and symbol in choice.only:
            msg = f"--parameter {symbol}: {why}; give some with --bounds {symbol}=LOW:HIGH"
            raise UsageError(msg)
        if not choice.only:
            why = why or _idle(entry, nominal, scenario, resolved, readouts)
            why = why or _out_of_class(entry, choice)
        if why:
            left.append(Left(symbol, why))
            continue
        varied.append(Factor(entry, low, high, nominal, low > 0.0 and high / low > DECADE))
    if not varied:
        msg = f"nothing is left to vary: no parameter of class {choice.classes} that this run uses has bounds"
        raise UsageError(msg)
    return tuple(varied), tuple(left)


def _exists(symbol: str, known: Mapping[str, ParameterEntry]) -> None:
    if symbol not in known:
        near = nearest(symbol, list(known))
        msg = f"there is no parameter {symbol!r}; `tdm1sim explain` lists them{f'; {near}' if near else ''}"
        raise UsageError(msg)


def _bounds(entry: ParameterEntry, given: tuple[str, str] | None) -> tuple[float, float]:
    """Return bounds in the display unit: those given, or the catalogue's."""
    if given is None:
        return entry.low, entry.high
    low, high = (_number(text, entry) for text in given)
    if not low < high:
        msg = f"--bounds {entry.symbol}={given[0]}:{given[1]}: the lower bound is not below the upper one"
        raise UsageError(msg)
    return low, high


def _number(text: str, entry: ParameterEntry) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return parse_in_unit(text, entry.unit)
    except UnitError as error:
        msg = f"--bounds {entry.symbol}: {error}"
        raise UsageError(msg) from None


def _unbounded(low: float, high: float) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return "it has no finite bounds"
    return "" if low < high else "the catalogue has one value and no range"


def _out_of_class(entry: ParameterEntry, choice: Choice) -> str:
    if entry.symbol in choice.bounds or entry.status in CLASSES[choice.classes]:
        return ""
    return f"{entry.status}; --class {entry.status} or all varies it"


def _idle(  # noqa: PLR0911  # one return per reason
    entry: ParameterEntry, nominal: float, scenario: Scenario, resolved: Resolved, readouts: Collection[str]
) -> str:
    """Return why a parameter says nothing here; empty where the run uses the catalogue's number."""
    symbol, parameters = entry.symbol, resolved.parameters
    if entry.group == "arms":
        return "a switch, not an uncertain number"
    if symbol in _PLASMA_DM1 or symbol == "band_fraction":
        return "it moves none of the outputs"
    if symbol in _ASSAYS and _ASSAYS[symbol] not in readouts:
        return "no output asked for reads that assay"
    why = _elsewhere(entry, parameters, scenario)
    if why:
        return why
    if nominal == 0.0 or math.isinf(nominal):
        return "what it describes is off in this run"
    if _own_everywhere(symbol, resolved):
        return "every clone has a value of its own"
    said = _said(symbol, scenario)
    if said and (symbol in ASKED or nominal != entry.in_setting(_setting(parameters))):
        return "the scenario states it"
    return ""


def _elsewhere(  # noqa: PLR0911  # one return per reason
    entry: ParameterEntry, parameters: Parameters, scenario: Scenario
) -> str:
    """Return why a parameter belongs to something that this run does not have."""
    symbol, where = entry.symbol, parameters.surroundings
    antibodies = {one.drug for one in (where.courses if isinstance(where, Patient) else where.exposures)}
    if not isinstance(where, Patient):
        patient = entry.group in _PATIENT or entry.like or symbol in {"P_payload", "void_payload"}
        if patient:
            return "it belongs to a patient"
    elif symbol in _WELL:
        return "it belongs to a culture"
    elif entry.like and entry.group not in antibodies:
        return f"there is no {entry.group} in this run"
    elif symbol in _BETWEEN and where.variability is None:
        return "all replicates are the same patient"
    elif symbol in _COVARIATES and getattr(scenario.document.patient, _COVARIATES[symbol], None) is None:
        return "the scenario does not state what it acts on"
    if symbol == "KD_II" and "pertuzumab" not in antibodies:
        return "there is no pertuzumab in this run"
    if symbol in {"kNK", "K_NK"} and parameters.values["NK"] == 0.0:
        return "there are no NK cells in this run"
    if symbol in {"P_payload", "void_payload"} and parameters.values["kin"] == 0.0:
        return "payload outside cells enters none here"
    return ""


def _own_everywhere(symbol: str, resolved: Resolved) -> bool:
    """Whether no clone uses the number of the whole run."""
    clones = resolved.tree["tumour"]["clones"].values()
    if symbol == "sigma_her2":
        mean = resolved.parameters.values[symbol]
        return all(clone.her2_sigma != mean for clone in resolved.parameters.clones)
    return symbol in _CLONES and all(symbol in (clone.get(_CLONES[symbol]) or {}) for clone in clones)


def _said(symbol: str, scenario: Scenario) -> bool:
    """Whether the scenario states a number, in ``parameters`` or at its own key."""
    key = KEYED.get(symbol)
    return symbol in (scenario.document.parameters or {}) or (
        key is not None and at_key(scenario.document, key) is not None
    )


def _setting(parameters: Parameters) -> Setting:
    return "patient" if isinstance(parameters.surroundings, Patient) else "culture"


def named(factors: Sequence[Factor]) -> str:
    """Return how sure the varied numbers are, counted: ``14 assumed, 3 calibrated``."""
    counts = {status: sum(1 for factor in factors if factor.entry.status == status) for status in CLASSES["all"]}
    return ", ".join(f"{count} {status}" for status, count in reversed(counts.items()) if count)
