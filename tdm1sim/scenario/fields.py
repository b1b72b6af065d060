"""The kinds of value a scenario holds, as annotations for pydantic fields.

Each kind reads one YAML value, says what is wrong with it in people's words, and describes itself to editors.
``Annotated[float, Quantity("time", above=0)]`` reads ``21 d`` as 504.0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import PydanticCustomError, core_schema

from tdm1sim.units import DIMENSIONS, UnitError, no_unit, parse_quantity

KIND = "scenario"
"""The pydantic error type of everything raised here: its context holds the parts of a message."""
_NO_LIMIT = 1e15  # limits from here on are only there for safety, and not worth telling
_CYCLE = re.compile(r"cycle\s+(\d{1,4})")
_NUMBER_TEXT = r"[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?"


def refuse(what: str, allowed: str = "", suggestion: str = "") -> NoReturn:
    """Raise the error of a field: what was found, what is allowed, what to try."""
    raise PydanticCustomError(KIND, "{what}", {"what": what, "allowed": allowed, "suggestion": suggestion})


def brief(value: object) -> str:
    """Return a number as people write it: ``1e6``, ``2000``."""
    text = f"{value:.6g}" if isinstance(value, float) else f"{value}"
    return re.sub(r"e[+]?(-?)0*", r"e\1", text) if isinstance(value, float) else text


def shown(value: object) -> str:
    """Return a value as a message shows it: short, and named by kind where it is not a single value."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value) if isinstance(value, str) else brief(value)
    return text if len(text) <= 50 else text[:47] + "..."


def nearest(name: str, known: Sequence[str]) -> str:
    """Return ``did you mean …?`` for the nearest known name, or nothing; case, ``_`` and ``-`` count least."""
    near = get_close_matches(name, known, n=1)
    if not near:
        bare = {_bare(word): word for word in known}
        near = [bare[word] for word in get_close_matches(_bare(name), bare, n=1)]
    return f"did you mean {near[0]!r}?" if near else ""


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9+]", "", name.lower())


def _leading_number(value: object) -> str:
    found = re.match(_NUMBER_TEXT, value) if isinstance(value, str) else None
    return f"write {found.group()}" if found else ""


class Kind:
    """A way to read one value; subclasses say how."""

    def read(self, value: Any, _info: ValidationInfo, /) -> Any:
        """Return the value read, or `refuse` it."""
        raise NotImplementedError

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Tell pydantic to read the value with `read`."""
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell pydantic how editors see the value."""
        return self.describe()


@dataclass(frozen=True)
class Bounds(Kind):
    """Lowest and highest number allowed; ``above`` excludes the limit itself."""

    low: float | None = None
    high: float | None = None
    above: float | None = None

    def allowed(self, unit: str = "") -> str:
        """Return the bounds in words."""
        unit = f" {unit}" if unit else ""
        low, high, above = (None if limit is None else f"{limit:,.10g}" for limit in (self.low, self.high, self.above))
        if above is not None:
            return f"more than {above}{unit}" + (f", at most {high}{unit}" if high else "")
        if low is not None and high is not None and (self.high or 0) < _NO_LIMIT:
            return f"from {low} to {high}{unit}"
        return f"at least {low}{unit}" if low is not None else ""

    def check(self, number: float, as_written: str, unit: str = "") -> None:
        """Refuse a number outside the bounds."""
        if (
            (self.low is not None and number < self.low)
            or (self.high is not None and number > self.high)
            or (self.above is not None and number <= self.above)
        ):
            reason = "is negative" if number < 0 else "is out of range"
            refuse(f"{as_written} {reason}", self.allowed(unit))

    def limits(self) -> dict[str, Any]:
        """Return the bounds as JSON Schema."""
        named = {"minimum": self.low, "maximum": self.high, "exclusiveMinimum": self.above}
        return {name: limit for name, limit in named.items() if limit is not None}


@dataclass(frozen=True)
class Number(Bounds):
    """A plain number without unit."""

    def read(self, value: Any, _info: ValidationInfo, /) -> float:
        """Return the number as a float."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            refuse(f"{shown(value)} is not a number", self.needed(), _leading_number(value))
        self.check(value, brief(value))
        return float(value)

    def needed(self) -> str:
        """Return in words what is needed."""
        bounds = self.allowed()
        return "a number" + (f", {bounds}, is needed" if bounds else " is needed")

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        return {"type": "number", **self.limits()}


@dataclass(frozen=True)
class Count(Bounds):
    """A whole number; ``1e6`` counts as one."""

    def read(self, value: Any, _info: ValidationInfo, /) -> int:
        """Return the number as an int."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            needed = f"a whole number is needed, {self.allowed()}"
            refuse(f"{shown(value)} is not a number", needed, _leading_number(value))
        if value != int(value):
            refuse(f"{brief(value)} is not a whole number", f"a whole number is needed, {self.allowed()}")
        self.check(value, brief(value))
        return int(value)

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        return {"type": "integer", **self.limits()}


@dataclass(frozen=True)
class Quantity(Bounds):
    """A number with a unit, read into the canonical unit of a dimension."""

    dimension: str = "time"

    def read(self, value: Any, _info: ValidationInfo, /) -> float:
        """Return the quantity in its canonical unit; a concentration in ug/mL uses the molar mass of its drug."""
        kind = DIMENSIONS[self.dimension]
        masses = _info.context.get("MW", {}) if _info.context else {}
        drug = (_info.data or {}).get("drug") or ""  # of the entry this stands in, read before it
        molar_mass = masses.get(drug, masses.get(""))
        try:
            if isinstance(value, int | float) and not isinstance(value, bool):
                bare = f"{value:g}"
                raise no_unit(bare, kind)
            if not isinstance(value, str):
                refuse(f"{shown(value)} is not {kind.words}", f"write it like {kind.example}")
            number = parse_quantity(value, self.dimension, molar_mass=molar_mass)
        except UnitError as error:
            refuse(error.what, error.allowed, error.suggestion)
        self.check(number, shown(value), kind.unit)
        return number

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        kind = DIMENSIONS[self.dimension]
        described = f"{kind.words} with its unit ({', '.join(kind.common)})"
        bounds = self.allowed(kind.unit)
        return {
            "type": "string",
            "pattern": f"^\\s*{_NUMBER_TEXT}\\s*([A-Za-zµμ/]|1/).*$",
            "description": described[0].upper() + described[1:] + (f"; {bounds}." if bounds else "."),
            "examples": [kind.example],
        }


@dataclass(frozen=True)
class Cycle:
    """The moment of the n-th dose of the first conjugate, counted from 1."""

    number: int


class Moment(Kind):
    """A time since the start of the run, or ``cycle 3``."""

    time = Quantity(dimension="time", low=0)

    def read(self, value: Any, _info: ValidationInfo, /) -> float | Cycle:
        """Return hours, or the cycle meant."""
        if isinstance(value, str) and (found := _CYCLE.fullmatch(value.strip().lower())):
            if int(found.group(1)) < 1:
                refuse(f"{shown(value)} is out of range", "cycles count from 1")
            return Cycle(int(found.group(1)))
        return self.time.read(value, _info)

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        words = "A time since the start (42 d), or the dose of a cycle of the first conjugate (cycle 3)."
        pattern = f"^\\s*({_NUMBER_TEXT}\\s*[A-Za-z].*|cycle\\s+[0-9]+)\\s*$"
        return {"type": "string", "pattern": pattern, "description": words, "examples": ["42 d", "cycle 3"]}


@dataclass(frozen=True)
class Word(Kind):
    """One word of a fixed set."""

    choices: tuple[str, ...]

    def read(self, value: Any, _info: ValidationInfo, /) -> str:
        """Return the word."""
        if isinstance(value, str) and value in self.choices:
            return value
        allowed = " or ".join(self.choices) if len(self.choices) < 3 else f"one of {', '.join(self.choices)}"
        suggestion = nearest(value, self.choices) if isinstance(value, str) else ""
        refuse(f"{shown(value)} is not known here", allowed, suggestion)

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        return {"enum": list(self.choices)}


@dataclass(frozen=True)
class Titled(Word):
    """One word of a fixed set, or such a word with a title of one's own: ``word`` or ``{word: title}``."""

    longest: int = 200

    def read(self, value: Any, info: ValidationInfo, /) -> Any:
        """Return the word, or the word and its title as a mapping of one."""
        if not isinstance(value, dict):
            return super().read(value, info)
        rule = "{NAME: title}, one name with a title of one line"
        if len(value) != 1:
            refuse(f"{shown(value)} is no figure with a title", rule)
        ((word, title),) = value.items()
        if not isinstance(title, str) or not title.strip() or "\n" in title or len(title) > self.longest:
            refuse(f"{shown(title)} is no title", f"{rule}, at most {self.longest} letters")
        return {super().read(word, info): title.strip()}

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        title = {"type": "string", "minLength": 1, "maxLength": self.longest}
        named = dict.fromkeys(self.choices, title)
        whole = {"type": "object", "properties": named, "additionalProperties": False, "minProperties": 1}
        return {"anyOf": [super().describe(), {**whole, "maxProperties": 1}]}


@dataclass(frozen=True)
class Text(Kind):
    """A text; with a pattern, one that may be used as a name."""

    pattern: str = ""
    rule: str = "a text"
    longest: int = 2000

    def read(self, value: Any, _info: ValidationInfo, /) -> str:
        """Return the text."""
        if not isinstance(value, str):
            suggestion = "" if isinstance(value, dict | list) else f'write "{shown(value)}", with the quotes'
            refuse(f"{shown(value)} is not a text", self.rule, suggestion)
        if len(value) > self.longest:
            refuse(f"a text of {len(value)} characters", f"at most {self.longest} characters")
        if self.pattern and not re.fullmatch(self.pattern, value):
            refuse(f"{shown(value)} cannot be used here", self.rule)
        return value

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        return {"type": "string", **({"pattern": f"^{self.pattern}$"} if self.pattern else {})}


class Switch(Kind):
    """``true`` or ``false``."""

    def read(self, value: Any, _info: ValidationInfo, /) -> bool:
        """Return the truth value."""
        if isinstance(value, bool):
            return value
        yes_no = {"yes": "true", "on": "true", "no": "false", "off": "false"}
        meant = yes_no.get(str(value).lower(), "")
        suggestion = f"write {meant}" if meant else ""
        refuse(f"{shown(value)} is not known here", "true or false", suggestion)

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Share(Kind):
    """A fraction from 0 to 1, or ``rest``: what the others leave."""

    def read(self, value: Any, _info: ValidationInfo, /) -> float | str:
        """Return the number, or ``rest``."""
        if value == "rest":
            return "rest"
        number = Number(low=0, high=1)
        try:
            return number.read(value, _info)
        except PydanticCustomError as error:
            parts = error.context or {}
            what, suggestion = str(parts.get("what")), str(parts.get("suggestion", ""))
            refuse(what, "a number from 0 to 1, or the word rest", suggestion)

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        return {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"const": "rest"}]}
