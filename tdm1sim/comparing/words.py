"""In what two scenarios differ, in words: every value that somebody wrote and that came out different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tdm1sim.catalogue import load_catalogue
from tdm1sim.scenario import Resolved
from tdm1sim.scenario.numbers import KEYED

SILENT = frozenset({"format", "name", "question", "figures", "record"})
"""Keys that say nothing about what is simulated."""
DERIVED = ("parameters", "patient", "culture", "immune", "tumour.transport", "tumour.growth")
"""Parts of which a value that neither file wrote follows from something else (the drug, the setting)."""
ABSENT = "absent"
_CLONES = "tumour.clones."
NORMAL = {
    "pten": "intact",
    "mdr1": "1",
    "slc46a3": "1",
    "internalization": "1",
    "recycling": "1",
    "lysosome": "1",
}
"""Traits that are not told of a clone that only one arm has."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs.

    Attributes
    ----------
    path : str
        Where, as ``--set`` writes it.
    a, b : str
        What it is in the first and in the second; ``absent`` where it is not there.
    what : str
        What a parameter means; empty elsewhere.
    """

    path: str
    a: str
    b: str
    what: str = ""


def changes(a: Resolved, b: Resolved) -> tuple[list[Change], int]:
    """Return in what two scenarios differ, and how many further values only follow from that.

    Parameters
    ----------
    a, b : Resolved
        As they are run.
    """
    found, follow = [], 0
    left, right = dict(_leaves(_whole(a))), dict(_leaves(_whole(b)))
    ours, theirs = (f"{_CLONES}{_only_clone(one)}." for one in (a, b))
    if ours != theirs and _only_clone(a) and _only_clone(b):  # the same cells by another name: told trait by trait
        found.append(Change(_CLONES[:-1], str(_only_clone(a)), str(_only_clone(b))))
        right = {path.replace(theirs, ours, 1): text for path, text in right.items()}
    for path in dict.fromkeys((*left, *right)):
        mine, other = left.get(path, ABSENT), right.get(path, ABSENT)
        if mine == other:
            continue
        if _written(path, a) or _written(path.replace(ours, theirs, 1), b):
            found.append(Change(path, mine, other, _meaning(path)))
        else:
            follow += 1
    return _merged(found, left, right), follow


def _only_clone(resolved: Resolved) -> str | None:
    """Return the name of the clone where there is one only."""
    names = list(resolved.tree["tumour"]["clones"])
    return str(names[0]) if len(names) == 1 else None


def _whole(resolved: Resolved) -> dict[str, Any]:
    """Return the complete tree, with the cell line and the resistances that a clone names."""
    tree = {key: value for key, value in resolved.tree.items() if key not in SILENT}
    written = (resolved.scenario.tree if resolved.scenario else {}).get("tumour") or {}
    clones = {}
    for name, traits in tree["tumour"]["clones"].items():
        own = (written.get("clones") or {}).get(name) or {}
        named = {key: own[key] for key in ("cell_line", "resistance") if own.get(key)}
        clones[name] = {**named, **traits}
    tree["tumour"] = {**tree["tumour"], "clones": clones}
    return tree


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every value with its path; entries of the treatment by drug, where one is given once."""
    if isinstance(node, Mapping):
        for key, inner in node.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list) and node and all(isinstance(one, Mapping) for one in node):
        names = [str(one.get("drug", "")) for one in node]
        for index, one in enumerate(node):
            name = names[index] if names[index] and names.count(names[index]) == 1 else str(index)
            yield from _leaves(one, f"{path}.{name}")
    else:
        yield path, ", ".join(map(str, node)) if isinstance(node, list) else _text(node)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _written(path: str, resolved: Resolved) -> bool:
    """Whether a difference at a path is told: somebody wrote it, or it is of a part in which nothing is derived."""
    if not path.startswith(tuple(f"{part}." for part in DERIVED)):
        return True
    if any(path == ".".join(key) and symbol in resolved.given for symbol, key in KEYED.items()):
        return True
    node: Any = resolved.scenario.tree if resolved.scenario else {}
    for key in path.split("."):
        if not isinstance(node, Mapping) or key not in node:
            return False
        node = node[key]
    return True


def _meaning(path: str) -> str:
    section, _, symbol = path.partition(".")
    entry = load_catalogue().parameters.get(symbol) if section == "parameters" else None
    return entry.name if entry else ""


def _merged(found: Sequence[Change], left: Mapping[str, str], right: Mapping[str, str]) -> list[Change]:
    """Return the changes with what only one arm has (a clone, a drug, a section) told in one line."""
    merged: dict[str, list[Change]] = {}
    for change in found:
        merged.setdefault(_top(change, left, right), []).append(change)
    told = []
    for top, some in merged.items():
        if top in {change.path for change in some}:
            told += some
            continue
        mine, other = (", ".join(_short(top, some, side)) or ABSENT for side in "ab")
        told.append(Change(top, mine, other))
    return told


def _short(top: str, some: Sequence[Change], side: str) -> Iterator[str]:
    """Yield what one arm has below a path, without traits that are as usual."""
    for change in some:
        key, text = change.path[len(top) + 1 :], getattr(change, side)
        if text != ABSENT and NORMAL.get(key) != text and key != "drug":
            yield f"{key} {text}"


def _top(change: Change, left: Mapping[str, str], right: Mapping[str, str]) -> str:
    """Return the highest part around a path that one of the arms lacks whole; the path itself where there is none."""
    if ABSENT not in {change.a, change.b}:
        return change.path
    lacking = left if change.a == ABSENT else right
    parts = change.path.split(".")
    for length in range(1, len(parts)):
        top = ".".join(parts[:length])
        if not any(path == top or path.startswith(f"{top}.") for path in lacking):
            return top
    return change.path
