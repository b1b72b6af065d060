"""A run again from its own result, and what moved: file by file, column by column. Floor 6.

``resolved.yaml`` holds every value, so defaults that a later version changed play no part. What it cannot hold is
the program itself: version, engine, libraries and machine are compared from the manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim import __version__

if TYPE_CHECKING:
    import pandas as pd

    from tdm1sim.catalogue import Catalogue
    from tdm1sim.results import Results
    from tdm1sim.scenario import Resolved
    from tdm1sim.uncertainty import Plan

ROUNDING = 1e-5
"""Relative difference that counts as rounding between versions or machines: one unit in the sixth digit written."""
SMALLEST = 1e-9
"""Numbers smaller than this (a balance error of 1e-15) are compared as if they were this large."""
RESOLVED, SUMMARY, ASKED = "resolved.yaml", "summary.json", "scenario.yaml"
ABSENT = "(absent)"
_MACHINE = ("tdm1sim", "engine", "python", "machine", "platform")


@dataclass(frozen=True, slots=True)
class Moved:
    """One quantity of a file that is not the same.

    Attributes
    ----------
    name : str
        Column of a table; dotted path in ``summary.json`` and ``resolved.yaml``.
    largest : float
        Largest relative difference, at least 0; infinity where a text or an empty value changed.
    before, after : str
        The values at the largest difference, as written.
    count : int
        How many values differ.
    """

    name: str
    largest: float
    before: str
    after: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class FileCompared:
    """One file of a result beside the same file of the repetition.

    Attributes
    ----------
    name : str
        Of the file.
    same_bytes : bool
        Whether both are the same, byte for byte.
    moved : tuple of Moved
        What differs, the largest first; empty where only bytes that say nothing differ.
    note : str
        What cannot be said by numbers: a file or rows that are missing.
    """

    name: str
    same_bytes: bool
    moved: tuple[Moved, ...] = ()
    note: str = ""

    @property
    def largest(self) -> float:
        """Return the largest relative difference; infinity where rows or files are missing."""
        return float("inf") if self.note else max((one.largest for one in self.moved), default=0.0)


def resolved_again(folder: Path, before: Results, catalogue: Catalogue | None = None) -> tuple[Resolved, list[Moved]]:
    """Return the scenario of a result as this version resolves it, and the values that differ.

    Parameters
    ----------
    folder : Path
        The result folder.
    before : Results
        What it holds.
    catalogue : Catalogue, optional
        What is known; the package's own by default.

    Returns
    -------
    Resolved
        Where no value differs its text is the result's own: the comments then still say where each came from.
    list of Moved
        Values that this version has and the result has not, or the other way round; usually none.

    Raises
    ------
    InputError
        If this version does not know a value of the result any more.
    """
    from tdm1sim.errors import InputError
    from tdm1sim.scenario import load_scenario, resolve

    try:
        resolved = resolve(load_scenario(folder / RESOLVED, catalogue=catalogue), catalogue)
    except InputError as error:
        made = before.manifest.get("tdm1sim", "an unknown version")
        error.add_note(f"the result was made by tdm1sim {made}; this is {__version__}")
        raise
    moved = tree_moved(before.scenario, resolved.tree)
    return (resolved if moved else replace(resolved, text=before.resolved_text)), moved


def drawn_again(folder: Path, before: Results, catalogue: Catalogue | None = None) -> tuple[Resolved, Plan] | None:
    """Return the run as it was asked for and the same draws of its uncertain values; None where none were drawn.

    Raises
    ------
    InputError
        The result does not hold what it was asked for, or this version finds nothing to draw in it.
    """
    from tdm1sim.errors import InputError
    from tdm1sim.scenario import load_scenario, resolve
    from tdm1sim.uncertainty import plan

    said = before.manifest.get("uncertain")
    if said is None:
        return None
    if not before.asked_text:
        msg = f"{folder} does not hold the scenario as it was asked for ({ASKED}): its draws cannot be made again"
        raise InputError(msg)
    count = [f"run.replicates={before.summary['replicates']}"]  # there may be more than were asked for
    asked = resolve(load_scenario(folder / ASKED, count, catalogue=catalogue), catalogue)
    return asked, plan([asked], said["draws"], held=said["held"])


def was_edited(before: Results) -> bool:
    """Whether ``resolved.yaml`` is another text than the one the run was made from."""
    stated = before.manifest.get("scenario_hash")
    return stated is not None and stated != hashlib.sha256(before.resolved_text.encode()).hexdigest()


def environment_moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return what the two manifests say about program and machine where they differ: name to before and after."""
    found = {}
    for name in _MACHINE:
        one, other = str(before.get(name, "unknown")), str(after.get(name, "unknown"))
        if one != other:
            found[name] = (one, other)
    packages = [manifest.get("packages") or {} for manifest in (before, after)]
    for name in dict.fromkeys([*packages[0], *packages[1]]):
        one, other = (str(some.get(name, "unknown")) for some in packages)
        if one != other:
            found[name] = (one, other)
    return found


def folders_compared(before: Path, after: Path) -> list[FileCompared]:
    """Return what became of each file of a result: the summary, the tables, the complete scenario.

    Figures and the manifest (wall time, platform) are not compared.

    Parameters
    ----------
    before, after : Path
        Result folders.
    """
    tables = {path.name for folder in (before, after) for path in folder.glob("*.csv")}
    return [_compared(name, before / name, after / name) for name in (SUMMARY, *sorted(tables), RESOLVED)]


def _compared(name: str, before: Path, after: Path) -> FileCompared:
    for path, whose in ((before, "the result"), (after, "the repetition")):
        if not path.is_file():
            return FileCompared(name, same_bytes=False, note=f"{whose} has no such file")
    old, new = before.read_bytes(), after.read_bytes()
    if old == new:
        return FileCompared(name, same_bytes=True)
    if name.endswith(".csv"):
        moved, note = _table_moved(before, after)
    else:
        moved, note = tree_moved(_tree(name, old), _tree(name, new)), ""
    return FileCompared(name, same_bytes=False, moved=tuple(_largest_first(moved)), note=note)


def _tree(name: str, content: bytes) -> dict[str, Any]:
    if name == RESOLVED:
        from tdm1sim.scenario import read_plain

        return read_plain(content.decode())
    found = json.loads(content)
    return found if isinstance(found, dict) else {"": found}


def _table_moved(before: Path, after: Path) -> tuple[list[Moved], str]:
    """Return the columns that moved, and what is missing; rows are compared in their order."""
    import pandas as pd

    old, new = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in (before, after))
    notes = []
    if gone := [name for name in old.columns if name not in new.columns]:
        notes.append(f"columns gone: {', '.join(gone)}")
    if added := [name for name in new.columns if name not in old.columns]:
        notes.append(f"columns added: {', '.join(added)}")
    if len(old) != len(new):
        notes.append(f"{len(old)} rows became {len(new)}")
        return [], "; ".join(notes)
    both = [name for name in old.columns if name in new.columns]
    return [moved for name in both if (moved := _column_moved(name, old[name], new[name]))], "; ".join(notes)


def _column_moved(name: str, old: pd.Series[str], new: pd.Series[str]) -> Moved | None:
    """Return how a column moved; None where every value is the same text."""
    differ = (old != new).to_numpy()
    pairs = list(zip(old[differ], new[differ], strict=True))
    if not pairs:
        return None
    sizes = [relative(one, other) for one, other in pairs]
    worst = max(range(len(pairs)), key=lambda i: sizes[i])
    return Moved(name, sizes[worst], *pairs[worst], count=len(pairs))


def tree_moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Moved]:
    """Return the values of two nested dictionaries that differ, by dotted path; order of keys does not count."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    found = []
    for path in dict.fromkeys([*old, *new]):
        one, other = old.get(path, ABSENT), new.get(path, ABSENT)
        if one != other:
            found.append(Moved(path, relative(one, other), one, other))
    return found


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping | list | tuple):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        empty = True
        for key, below in items:
            empty = False
            yield from _leaves(below, f"{path}.{key}" if path else str(key))
        if empty:
            yield path, "(empty)"
    else:
        yield path, str(value)


def relative(before: str, after: str) -> float:
    """Return the relative difference of two written numbers; infinity where one is not a finite number.

    Relative to the larger of the two, but to no less than `SMALLEST`. A unit that both carry is ignored.
    """
    numbers = []
    for text in (before, after):
        word, _, unit = text.partition(" ")
        try:
            numbers.append((float(word), unit))
        except ValueError:
            return float("inf")
    (one, unit), (other, same) = numbers
    size = max(abs(one), abs(other), SMALLEST)
    difference = abs(one - other) / size
    return difference if unit == same and difference < float("inf") else float("inf")


def _largest_first(moved: list[Moved]) -> list[Moved]:
    return sorted(moved, key=lambda one: -one.largest)
