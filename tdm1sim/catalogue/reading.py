"""Reads one data file strictly: what is missing, unknown or doubled is named, with its file and entry."""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from tdm1sim.errors import TdmError

Key = TypeVar("Key")
Value = TypeVar("Value")


class CatalogueError(TdmError):
    """The catalogue's data is faulty: our defect, never the user's, so exit code 3."""


class FrozenDict(dict[Key, Value]):
    """A dictionary nobody can change: the catalogue is shared by everything in the process."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        msg = "the catalogue cannot be changed; override a value in the scenario's `parameters:` block"
        raise TypeError(msg)

    __setitem__ = __delitem__ = update = setdefault = pop = popitem = clear = __ior__ = _refuse

    def __reduce__(self) -> tuple[type[FrozenDict[Key, Value]], tuple[dict[Key, Value]]]:
        """Survive copying and the trip to a worker process."""
        return type(self), (dict(self),)


def read_yaml(path: Path) -> dict[str, object]:
    """Return the mapping in a YAML 1.2 file; doubled keys and bad syntax raise `CatalogueError`."""
    # Here because `tdm1sim --help` imports this package and must not pay for the reader.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        # pure=True: the optional C reader knows YAML 1.1 only, where 1e6 is a text.
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError, ValueError) as error:
        # The reader names line and column; its advice on how to allow doubled keys does not belong here.
        said = str(error).partition("To suppress this check")[0].strip()
        msg = f"{path.name}: {said}"
        raise CatalogueError(msg) from error
    return read_mapping(path.name, data)


def read_mapping(where: str, data: object) -> dict[str, object]:
    """Return ``data`` if it is a mapping from names, else raise `CatalogueError`."""
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        msg = f"{where}: a mapping from names is expected"
        raise CatalogueError(msg)
    return data


def read_table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a CSV file whose header must be exactly ``columns``."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
    except (OSError, ValueError, csv.Error) as error:
        msg = f"{path.name}: {error}"
        raise CatalogueError(msg) from error
    if reader.fieldnames != list(columns):
        msg = f"{path.name}: the header is {reader.fieldnames}, expected {list(columns)}"
        raise CatalogueError(msg)
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            msg = f"{path.name}: row {number}: {len(columns)} fields are expected"
            raise CatalogueError(msg)
    return rows


class Fields:
    """The keys of one entry, taken one by one; `finish` refuses what nobody took.

    Parameters
    ----------
    where : str
        File and entry, as every message begins.
    data : object
        What the file holds there; must be a mapping.
    """

    def __init__(self, where: str, data: object) -> None:
        self.where = where
        self._left = dict(read_mapping(where, data))
        self._known: list[str] = []

    def fail(self, text: str) -> NoReturn:
        """Raise `CatalogueError` naming the file and the entry."""
        msg = f"{self.where}: {text}"
        raise CatalogueError(msg)

    def has(self, key: str) -> bool:
        """Tell whether ``key`` is there and not yet taken."""
        return key in self._left

    def left(self) -> tuple[str, ...]:
        """Return the keys not yet taken, where any name may stand."""
        return tuple(self._left)

    def raw(self, key: str, default: object = None) -> object:
        """Take ``key`` as it stands; without a default it must be there."""
        self._known.append(key)
        if key not in self._left and default is None:
            self.fail(f"`{key}` is missing")
        return self._left.pop(key, default)

    def text(self, key: str, default: str | None = None) -> str:
        """Take a text; without a default it must be there and not empty."""
        value = self.raw(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.fail(f"`{key}` is {value!r}, a text is expected")
        return value.strip()

    def flag(self, key: str) -> bool:
        """Take ``true`` or ``false``."""
        value = self.raw(key)
        if not isinstance(value, bool):
            self.fail(f"`{key}` is {value!r}, true or false is expected")
        return value

    def choice(self, key: str, allowed: Sequence[str]) -> str:
        """Take one of ``allowed``."""
        value = self.text(key)
        if value not in allowed:
            self.fail(f"`{key}` is {value!r}, allowed are {', '.join(allowed)}")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """Take a list written as ``one, two``; absent means none."""
        return tuple(self._words(key))

    def rows(self, key: str) -> tuple[str, ...]:
        """Take evidence rows written as ``c001, c021-c044``; a range is written out."""
        return tuple(row for word in self._words(key) for row in self._span(key, word))

    def quantity(self, key: str) -> tuple[float, str]:
        """Take a number with its unit (``0.36 1/nM/h``); a bare number has the unit ``1``."""
        value = self.raw(key)
        if isinstance(value, str):
            number, _, unit = value.strip().partition(" ")
            return self.number(key, number), unit.strip() or "1"
        return self.number(key, value), "1"

    def span(self, key: str) -> tuple[float, float]:
        """Take a range written as ``0.1 to 5``."""
        low, word, high = self.text(key).partition(" to ")
        if not word:
            self.fail(f"`{key}` is {low!r}, a range such as 0.1 to 5 is expected")
        return self.number(key, low), self.number(key, high)

    def number(self, key: str, value: object) -> float:
        """Return ``value`` as a number, infinity allowed."""
        try:
            found = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            found = math.nan
        if math.isnan(found):
            self.fail(f"`{key}` is {value!r}, a number is expected")
        return found

    def finish(self) -> None:
        """Refuse keys that nobody asked for, with the nearest known name."""
        for key in self._left:
            near = difflib.get_close_matches(str(key), self._known, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            self.fail(f"unknown key `{key}`, allowed are {', '.join(self._known)}{hint}")

    def _words(self, key: str) -> Iterator[str]:
        text = self.text(key, "")
        for word in text.split(",") if text else ():
            if not word.strip():
                self.fail(f"`{key}` has an empty place in {text!r}")
            yield word.strip()

    def _span(self, key: str, word: str) -> Iterator[str]:
        match = re.fullmatch(r"([bcf])(\d{3})(?:-\1(\d{3}))?", word)
        if match is None:
            self.fail(f"`{key}` has {word!r}; rows are written c001 or c021-c044")
        letter, first, last = match.group(1), int(match.group(2)), int(match.group(3) or match.group(2))
        if last < first:
            self.fail(f"`{key}` has {word!r}, which runs backwards")
        for number in range(first, last + 1):
            yield f"{letter}{number:03d}"
