"""What a result folder says about its run, ready to be told: numbers with their origin, status and sources."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tdm1sim.catalogue import Catalogue, ParameterEntry, load_catalogue
from tdm1sim.catalogue.drugs import DEFAULT
from tdm1sim.errors import InputError, Problem
from tdm1sim.scenario import read_plain
from tdm1sim.scenario.numbers import KEYED, OFF
from tdm1sim.scenario.origins import read_origins
from tdm1sim.units import UnitError, parse_in_unit

if TYPE_CHECKING:
    from tdm1sim.scenario.tree import Key

NEEDED = (
    ("tumour", "cells"),
    ("tumour", "clones"),
    ("run", "duration"),
    ("run", "dt"),
    ("run", "seed"),
    ("run", "replicates"),
    ("run", "capacity"),
    ("parameters",),
)
"""Keys of ``resolved.yaml`` without which nothing can be told."""
STATUSES = ("sourced", "calibrated", "assumed")
BETWEEN_PATIENTS = frozenset(
    {"weight_p05", "weight_p95", "residual_share", "residual_p95", "cv_CL", "cv_Vc", "cov_CL_Vc"}
)
"""Symbols that say how patients differ: in use where each replicate is another one."""
_ELSEWHERE = {"culture": ("body", "tumour"), "patient": ("assays",)}
"""Groups of the catalogue that play no part in a setting."""


class Source(Protocol):
    """What facts are read from: `tdm1sim.results.Results`, or a `Base`."""

    @property
    def summary(self) -> dict[str, Any]:
        """What came out; at least ``scenario`` and ``question``."""

    @property
    def manifest(self) -> dict[str, Any]:
        """Where it came from."""

    @property
    def resolved_text(self) -> str:
        """The complete scenario."""

    @property
    def scenario(self) -> dict[str, Any]:
        """The same as a plain tree."""


@dataclass(frozen=True, slots=True)
class Base:
    """A complete scenario that many runs went out from, in the place of the results of one run; see `Source`."""

    summary: dict[str, Any]
    manifest: dict[str, Any]
    resolved_text: str
    scenario: dict[str, Any]


def base_of(text: str, manifest: Mapping[str, Any]) -> Base:
    """Return what is told of a scenario without a run of its own.

    Parameters
    ----------
    text : str
        The complete scenario.
    manifest : mapping
        Of the sweep or the study that went out from it.
    """
    tree = read_plain(text)
    summary = {"scenario": tree.get("name", ""), "question": tree.get("question", "")}
    return Base(summary, dict(manifest), text, tree)


@dataclass(frozen=True, slots=True)
class Row:
    """One number of the run.

    Attributes
    ----------
    symbol, meaning : str
        As in the catalogue.
    value, unit : str
        As the run used it.
    status : str
        ``sourced``, ``calibrated`` or ``assumed`` as the run recorded it, or as the catalogue says of the same value;
        ``set by the scenario`` where the scenario changed it; ``unknown`` where nothing says.
    changed : bool
        Whether the scenario gave another value than the catalogue holds.
    default : str
        The catalogue's value and unit, where the run's is another one.
    rows : tuple of str
        Ids of evidence rows a calibrated value was fitted to.
    references : tuple of str
        Keys of the sources; empty where the value is the scenario's own.
    """

    symbol: str
    meaning: str
    value: str
    unit: str
    status: str
    changed: bool = False
    default: str = ""
    rows: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is told about a run.

    Attributes
    ----------
    results : Source
        The run.
    setting : {'patient', 'culture'}
        Where the cells live.
    rows : tuple of Row
        Numbers of the model in use, in the order of the catalogue.
    origins : mapping
        Comments of ``resolved.yaml`` by path.
    references : tuple of str
        Keys of the run's citations that the catalogue knows.
    warnings : tuple of str
        What this version could not tell.
    catalogue : Catalogue
        What is known.
    """

    results: Source
    setting: str
    rows: tuple[Row, ...]
    origins: Mapping[tuple[Key, ...], str]
    references: tuple[str, ...]
    warnings: tuple[str, ...]
    catalogue: Catalogue = field(repr=False)

    def get(self, *path: str) -> Any:
        """Return a value of the complete scenario; None where it has none."""
        return _at(self.results.scenario, path)

    def recorded(self, name: str) -> str:
        """Return an entry of the manifest as text; empty where an older version did not record it."""
        value = self.results.manifest.get(name)
        return "" if value is None else str(value)


def facts_of(results: Source, catalogue: Catalogue | None = None) -> Facts:
    """Return what is told about a run.

    Parameters
    ----------
    results : Source
        As read from its folder.
    catalogue : Catalogue, optional
        What is known; the package's own by default.

    Raises
    ------
    InputError
        With everything that ``resolved.yaml`` lacks.
    """
    catalogue = catalogue or load_catalogue()
    tree = results.scenario
    lacking = [".".join(path) for path in NEEDED if _at(tree, path) is None]
    if not (isinstance(tree.get("patient"), Mapping) or isinstance(tree.get("culture"), Mapping)):
        lacking.append("patient or culture")
    if lacking:
        made = results.manifest.get("tdm1sim", "an unknown version")
        raise InputError(
            [
                Problem(
                    name,
                    "is missing",
                    f"a complete scenario has it; this result was made by tdm1sim {made}",
                    file="resolved.yaml",
                )
                for name in lacking
            ]
        )
    setting = "patient" if isinstance(tree.get("patient"), Mapping) else "culture"
    origins = read_origins(results.resolved_text)
    warnings: list[str] = []
    rows = _rows(tree, setting, origins, catalogue, warnings)
    cited = [str(key) for key in results.manifest.get("citations") or ()]
    if "citations" not in results.manifest:
        warnings.append("manifest.json lists no citations; those of the catalogue's values are given")
    known = list(dict.fromkeys([*cited, *(key for row in rows for key in row.references)]))
    gone = [key for key in known if key not in catalogue.references]
    warnings += [f"the catalogue of this version has no reference {key!r}" for key in gone]
    return Facts(
        results=results,
        setting=setting,
        rows=rows,
        origins=origins,
        references=tuple(key for key in known if key in catalogue.references),
        warnings=tuple(warnings),
        catalogue=catalogue,
    )


def drugs_of(tree: Mapping[str, Any]) -> list[str]:
    """Return the names of the drugs of the treatment, each once, in its order."""
    entries = tree.get("treatment") or ()
    names = [str(entry.get("drug")) for entry in entries if isinstance(entry, Mapping)]
    return list(dict.fromkeys(names))


def _antibodies(tree: Mapping[str, Any]) -> set[str]:
    """Return the drugs whose own pharmacokinetics are in use: those given, and what earlier therapy left."""
    found = set(drugs_of(tree))
    patient = tree.get("patient")
    if not isinstance(patient, Mapping):
        return set()
    left = str(patient.get("residual_trastuzumab", "")).split()
    if patient.get("population") is True or (left and float(left[0]) > 0.0):
        found.add("trastuzumab")
    return found


def _rows(
    tree: Mapping[str, Any],
    setting: str,
    origins: Mapping[tuple[Key, ...], str],
    catalogue: Catalogue,
    warnings: list[str],
) -> tuple[Row, ...]:
    drugs = [name for name in drugs_of(tree) if name in catalogue.drugs]
    conjugate = next((name for name in drugs if catalogue.drugs[name].kind == "conjugate"), DEFAULT)
    known = catalogue.parameters_with(conjugate)
    antibodies = _antibodies(tree)
    population = setting == "patient" and tree["patient"].get("population") is True
    found = []
    for symbol, entry in known.items():
        path, value = _written(tree, symbol)
        if value is None or (entry.like and entry.group not in antibodies):
            continue
        if symbol.startswith("arm_") and str(value) == "1":
            continue  # a switch that is on is no number
        if entry.group in _ELSEWHERE[setting] or (symbol in BETWEEN_PATIENTS and not population):
            continue
        found.append(_row(entry, str(value), origins.get(path, ""), setting))
    for symbol, value in tree["parameters"].items():
        if symbol not in known:
            warnings.append(f"the catalogue of this version has no parameter {symbol!r}; it is listed as it stands")
            number, _, unit = str(value).partition(" ")
            status = _recorded_status(origins.get(("parameters", symbol), "")) or "unknown"
            found.append(Row(str(symbol), "not in the catalogue of this version", number, unit, status))
    return tuple(found)


def _written(tree: Mapping[str, Any], symbol: str) -> tuple[tuple[Key, ...], Any]:
    """Return the path and the value of a symbol; None where the run does not have it."""
    key = KEYED.get(symbol)
    if key is not None and (value := _at(tree, key)) is not None:
        return key, value
    return ("parameters", symbol), tree["parameters"].get(symbol)


def _row(entry: ParameterEntry, text: str, origin: str, setting: str) -> Row:
    """Return one number: recorded as the catalogue's, stated but equal to it, or changed by the scenario."""
    default = entry.in_setting("patient" if setting == "patient" else "culture")
    shown, unit = _in_unit(text, entry)
    same = _equal(text, default, entry)
    recorded = _recorded_status(origin)
    status = recorded or (entry.status if same else "set by the scenario")
    fitted = entry.evidence if status == "calibrated" else ()
    return Row(
        symbol=entry.symbol,
        meaning=entry.name,
        value=shown,
        unit=unit,
        status=status,
        changed=not same and not recorded,
        default="" if same else _spelled(default, entry),
        rows=fitted,
        references=entry.references if same or recorded else (),
    )


def _recorded_status(origin: str) -> str:
    """Return what a comment says of a value that came from the catalogue; empty for one of the scenario's own."""
    for word in ("catalogue", "drug ", "cell line "):
        if origin.startswith(word):
            return next((status for status in STATUSES if f"({status})" in origin), "")
    return ""


def _in_unit(text: str, entry: ParameterEntry) -> tuple[str, str]:
    """Return number and unit as the run spells them; ``off`` has no unit."""
    number, _, unit = text.partition(" ")
    return (number, "") if number == OFF else (number, unit or ("" if entry.unit == "1" else entry.unit))


def _equal(text: str, default: float, entry: ParameterEntry) -> bool:
    if text == OFF:
        return math.isinf(default)
    try:
        value = float(text) if entry.unit == "1" else parse_in_unit(text, entry.unit)
    except (UnitError, ValueError):
        return False
    return math.isclose(value, default, rel_tol=1e-12)


def _spelled(value: float, entry: ParameterEntry) -> str:
    if math.isinf(value):
        return OFF
    return f"{value:.6g}" if entry.unit == "1" else f"{value:.6g} {entry.unit}"


def _at(tree: Any, path: Sequence[str]) -> Any:
    for name in path:
        if not isinstance(tree, Mapping):
            return None
        tree = tree.get(name)
    return tree


def spans(ids: Sequence[str]) -> str:
    """Return ids of evidence rows with runs closed up: ``c014, c018, c021-c044``."""
    found: list[list[str]] = []
    for name in ids:
        last = found[-1][-1] if found else ""
        if (
            last
            and name[:1] == last[:1]
            and name[1:].isdigit()
            and last[1:].isdigit()
            and int(name[1:]) == int(last[1:]) + 1
        ):
            found[-1].append(name)
        else:
            found.append([name])
    return ", ".join(group[0] if len(group) == 1 else f"{group[0]}-{group[-1]}" for group in found)
