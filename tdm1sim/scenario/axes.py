"""What a sweep varies: a list of values, or a range between two ends, read and spelled out as a scenario writes them.

``1.8 mg/kg, 3.6 mg/kg`` are values; ``1:100:7:log`` is a range of seven values at equal ratios, ``0:1:5`` one at equal
distances. Ends may carry a unit (``1 nM:100 nM:5:log``, or on the upper end alone).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from tdm1sim.errors import InputError, Problem
from tdm1sim.scenario.fields import Kind, brief, refuse, shown
from tdm1sim.scenario.overrides import FIXED
from tdm1sim.scenario.reader import read_text
from tdm1sim.scenario.tree import plain
from tdm1sim.units import UnitError, convert

VARY = "--vary"
"""Where an axis was written, when it was on the command line."""
MOST = 100_000
"""Values an axis, and points a sweep, may have."""
DESIGNS = ("grid", "random", "lhs")
_UNTOUCHED = (*FIXED, "name", "question", "figures", "sweep", "record")
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*(\D.*?)?\s*", re.DOTALL)
_RANGE = re.compile(rf"\s*{_NUMBER}[^:,]*:[^,]*")
_FORM = "LOW:HIGH:N or LOW:HIGH:N:log, such as 1:100:7:log"


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an axis.

    Attributes
    ----------
    written : object
        As a scenario writes it: a number, ``3.6 mg/kg``, ``3+``, a mapping.
    number : float or None
        In the unit of the axis; None for a word.
    """

    written: Any
    number: float | None

    @property
    def text(self) -> str:
        """The value as people write it."""
        return _text(self.written)

    @property
    def yaml(self) -> str:
        """The value on one line of YAML, quoted so that it is read as what it is."""
        return json.dumps(self.written, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Values:
    """What an axis takes.

    Attributes
    ----------
    steps : tuple of Value
        Those of a grid; empty for a range that does not say how many.
    unit : str
        Of the numbers; empty for plain numbers and for words.
    low, high : float or None
        Ends of a range, in ``unit``; None for a list.
    log : bool
        Whether equal steps are equal ratios.
    written : object
        As the scenario or the command line says it.
    """

    steps: tuple[Value, ...]
    unit: str = ""
    low: float | None = None
    high: float | None = None
    log: bool = False
    written: Any = None

    @property
    def numeric(self) -> bool:
        """Whether every value is a number in one unit."""
        return self.low is not None or all(step.number is not None for step in self.steps)

    def at(self, share: float, *, whole: bool = False) -> Value:
        """Return the value a share (0 to 1) of the way along: between the ends, or one of the list."""
        if self.low is None or self.high is None:
            return self.steps[min(int(share * len(self.steps)), len(self.steps) - 1)]
        return _value(_between(self.low, self.high, share, log=self.log), self.unit, whole=whole)


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that a sweep varies: where (a path as ``--set`` takes it) and which values."""

    path: str
    values: Values


class Vary(Kind):
    """The values of an axis in the scenario file: a list, or the text of a range."""

    def read(self, value: Any, _info: ValidationInfo, /) -> Values:
        """Return the values."""
        return values_of(value)

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the values as written."""
        words = f"A list of values, or a range: {_FORM}."
        pattern = f"^\\s*{_NUMBER.replace('(?:', '(')}[^:,]*:"
        return {
            "anyOf": [{"type": "array", "minItems": 1}, {"type": "string", "pattern": pattern}],
            "description": words,
            "examples": ["1:100:7:log"],
        }


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_text(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_text(below) for below in value) + "]"
    return value if isinstance(value, str) else shown(value)


def values_of(value: Any) -> Values:
    """Read the values of an axis; raises pydantic's error of a field that says what is wrong."""
    if isinstance(value, list):
        if not 0 < len(value) <= MOST:
            refuse(f"a list of {len(value)} values", f"from 1 to {MOST:,}")
        return _list(value)
    if not isinstance(value, str) or not _RANGE.fullmatch(value):
        refuse(f"{shown(value)} is neither a list of values nor a range", _FORM, "write a list: [1, 3, 10]")
    return _range(value)


def axes_of(texts: Sequence[str]) -> tuple[tuple[Axis, ...], list[Problem]]:
    """Return the axes of ``--vary PATH=VALUES`` on the command line, and what is wrong with the others."""
    axes: list[Axis] = []
    problems: list[Problem] = []
    for text in texts:
        path, equals, right = (part.strip() for part in text.partition("="))
        if not equals or not path or not right:
            form = "such as tumour.clones.*.mdr1=1,3,10 or tumour.clones.*.mdr1=1:100:7:log"
            problems.append(Problem(path, f"{text!r} is not PATH=VALUES", form, file=VARY))
            continue
        wrong = unfit(path, [axis.path for axis in axes])
        try:
            axes.append(Axis(path, values_of(right if _RANGE.fullmatch(right) else _words(right))))
        except PydanticCustomError as error:
            wrong.append(_problem(path, error))
        except InputError as error:
            wrong += [Problem(path, p.message, p.allowed, p.suggestion, VARY) for p in error.problems]
        problems += wrong
    return tuple(axes), problems


def unfit(path: str, before: Sequence[str], file: str = VARY) -> list[Problem]:
    """Return what is wrong with the path of an axis, given those before it."""
    if path in before:
        return [Problem(path, "is varied twice", "one axis for each path", "remove one of them", file)]
    if path.partition(".")[0] in _UNTOUCHED:
        return [Problem(path, "cannot be varied", "a sweep varies what changes the numbers of a run", "", file)]
    return []


def _words(text: str) -> list[Any]:
    """Return comma-separated values read as YAML; commas inside brackets belong to their value."""
    node, doubled = read_text(f"[{text}]", VARY, positions=False)
    if doubled:
        raise InputError(doubled)
    found = plain(node)
    return found if isinstance(found, list) else [found]


def _problem(path: str, error: PydanticCustomError) -> Problem:
    parts = error.context or {}
    what, allowed, suggestion = (str(parts.get(name, "")) for name in ("what", "allowed", "suggestion"))
    return Problem(path, what, allowed, suggestion, VARY)


def _list(found: list[Any]) -> Values:
    """Return the values of a list; numbers where all of them are, in the unit of the first."""
    for value in found:
        if value is None:
            refuse("a value is missing", "values separated by single commas")
    read = [_read(value) for value in found]
    known = [pair for pair in read if pair is not None]
    unit = known[0][1] if known else ""
    numbers: list[float | None] = [None] * len(found)
    if len(known) == len(found):
        try:
            numbers = [number if own == unit else convert(number, own, unit) for number, own in known]
        except UnitError:
            numbers, unit = [None] * len(found), ""
    else:
        unit = ""
    steps = tuple(Value(value, number) for value, number in zip(found, numbers, strict=True))
    seen: set[float | str] = set()
    for step in steps:
        same = step.yaml if step.number is None else step.number
        if same in seen:
            refuse(f"{step.text} is in the list twice", "each value once")
        seen.add(same)
    return Values(steps, unit, written=found)


def _read(value: Any) -> tuple[float, str] | None:
    """Return number and unit of a value; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), ""
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    # A number in quotes is no number to a scenario, and `3+` is an HER2 class.
    return (float(match[1]), match[2]) if match and match[2] and match[2][0].isalnum() else None


def _range(text: str) -> Values:
    parts = [part.strip() for part in text.split(":")]
    log = parts[-1].lower() == "log"
    parts = parts[:-1] if log else parts
    if len(parts) not in {2, 3}:
        refuse(f"{shown(text)} is not a range", _FORM)
    low, high, unit = _ends(parts[0], parts[1])
    if not low < high:
        refuse(f"{shown(text)} goes from {low:g} to {high:g}", "LOW is below HIGH")
    if log and low <= 0:
        refuse(f"{shown(text)} begins at {low:g}", "a log range begins above 0", "leave out :log, or begin higher")
    if len(parts) == 2:
        return Values((), unit, low, high, log, written=text)
    if not parts[2].isdecimal() or not 2 <= int(parts[2]) <= MOST:
        refuse(f"{parts[2]!r} is not a number of values", f"a whole number from 2 to {MOST:,}", _FORM)
    last = int(parts[2]) - 1
    steps = tuple(_value(_between(low, high, i / last, log=log), unit) for i in range(last + 1))
    return Values(steps, unit, low, high, log, written=text)


def _ends(first: str, second: str) -> tuple[float, float, str]:
    """Return the ends of a range in the unit of the upper one."""
    found = []
    for text in (first, second):
        match = _QUANTITY.fullmatch(text)
        if match is None:
            refuse(f"{text!r} is not a number, with or without unit", _FORM)
        found.append((float(match[1]), match[2] or ""))
    (low, unit_low), (high, unit) = found
    if unit_low and unit_low != unit:
        try:
            low = convert(low, unit_low, unit) if unit else math.nan
        except UnitError as error:
            refuse(error.what, "both ends in one unit")
        if math.isnan(low):
            refuse(f"{second!r} has no unit", "both ends in one unit", f"write {second} {unit_low}")
    return low, high, unit


def _between(low: float, high: float, share: float, *, log: bool) -> float:
    if share in {0.0, 1.0}:
        return high if share else low
    return low * (high / low) ** share if log else low + (high - low) * share


def _value(number: float, unit: str, *, whole: bool = False) -> Value:
    """Return a number as a scenario writes it, at six digits: what is simulated is what the tables say."""
    rounded = float(round(number)) if whole else float(f"{number:.6g}")
    if unit:
        return Value(f"{brief(rounded)} {unit}", rounded)
    return Value(int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded, rounded)
