"""``--set PATH=VALUE``: changes from the command line, applied to the tree before it is checked.

A path is dotted. A list takes an index, the treatment also the name of a drug that appears once, and ``*`` means
every entry. ``PATH+=VALUE`` appends to a list. The value is read as YAML.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from tdm1sim.errors import InputError, Problem
from tdm1sim.scenario.reader import read_text
from tdm1sim.scenario.tree import Items, Key, Leaf, Node, Path, Place, Table, dotted, find, put

FILE = "--set"
# Tables whose entries users name: a new one is written whole, so a path through an unknown name is a slip.
NAMED = (("tumour", "clones"), ("cell_lines",))
FIXED = ("extends", "format")


def apply_overrides(tree: Table, overrides: Sequence[str]) -> tuple[Table, list[Problem]]:
    """Return the tree with every override applied in order, and what is wrong with the others."""
    problems: list[Problem] = []
    for text in overrides:
        try:
            tree = _apply(tree, text)
        except InputError as error:
            problems.extend(error.problems)
    return tree, problems


def _apply(tree: Table, text: str) -> Table:
    left, equals, right = text.partition("=")
    appends = left.endswith("+")
    address = (left[:-1] if appends else left).strip()
    parts = address.split(".")
    if not equals or not all(parts):
        raise _wrong(address, f"{text!r} is not PATH=VALUE", "such as run.seed=2 or treatment.0.dose='2.4 mg/kg'")
    if parts[0] in FIXED:
        raise _wrong(address, "cannot be set from the command line", "it belongs in the file")
    value = _value(address, right)
    for path in _paths(tree, (), parts, address):
        target = find(tree, path)
        new = _appended(target, value, address) if appends else value
        changed = put(tree, path, new)
        if isinstance(changed, Table):
            tree = changed
    return tree


def _value(address: str, text: str) -> Node:
    """Return what stands behind the equals sign, read as YAML."""
    if not text.strip():
        return Leaf(Place(FILE), None)
    try:
        node, doubled = read_text(text, FILE, positions=False)
    except InputError as error:
        doubled = list(error.problems)
        node = Leaf(Place(FILE), None)
    if doubled:
        raise InputError([Problem(address, p.message, p.allowed, p.suggestion, FILE) for p in doubled])
    return node


def _appended(target: Node | None, value: Node, address: str) -> Node:
    if target is not None and not isinstance(target, Items):
        raise _wrong(address, "is not a list, so nothing can be appended", "use = to replace it")
    old = target.values if isinstance(target, Items) else ()
    return Items(target.place if target else value.place, (*old, value))


def _paths(node: Node | None, done: Path, parts: Sequence[str], address: str) -> list[Path]:
    """Return the places of the tree that a dotted path means (several with ``*``)."""
    if not parts:
        return [done]
    part, rest = parts[0], parts[1:]
    if isinstance(node, Leaf):
        raise _wrong(address, f"{dotted(done)!r} is a single value: it has no {part!r}", f"stop at {dotted(done)}")
    if part == "*":
        found: list[Path] = []
        keys: Sequence[Key] = () if node is None else _keys(node)
        if not keys:
            raise _wrong(address, f"{dotted(done)!r} has no entries for * to stand for")
        for key in keys:
            found += _paths(find(node, [key]) if node else None, (*done, key), rest, address)
        return found
    step = _index(node, done, part, address) if isinstance(node, Items) else part
    below = find(node, [step]) if node is not None else None
    if below is None and rest and done in NAMED:
        names = list(node.values) if isinstance(node, Table) else []
        near = get_close_matches(part, names, n=1)
        suggestion = f"did you mean {near[0]!r}?" if near else ""
        raise _wrong(address, f"there is no {part!r} in {dotted(done)}", f"there is {', '.join(names)}", suggestion)
    return _paths(below, (*done, step), rest, address)


def _keys(node: Node) -> Sequence[Key]:
    if isinstance(node, Table):
        return list(node.values)
    return range(len(node.values)) if isinstance(node, Items) else ()


def _index(node: Items, done: Path, part: str, address: str) -> int:
    """Return which entry of a list is meant: a number from 0, or the name of a drug that appears once."""
    count = len(node.values)
    if part.isdecimal() and len(part) < 7:
        if int(part) < count:
            return int(part)
        allowed = f"it has {count} (counted from 0)" if count else "the list is empty"
        raise _wrong(address, f"{dotted(done)} has no entry {part}", allowed, "+= appends")
    drugs = [_drug(entry) for entry in node.values] if done == ("treatment",) else []
    if drugs.count(part) == 1:
        return drugs.index(part)
    if drugs.count(part) > 1:
        ways = " or ".join(f"treatment.{i}" for i, name in enumerate(drugs) if name == part)
        raise _wrong(address, f"{part} is given {drugs.count(part)} times", f"say which: {ways}")
    allowed = f"an index from 0 to {count - 1}, or *" if count else "the list is empty"
    if any(drugs):
        allowed += f"; or the drug: {', '.join(dict.fromkeys(name for name in drugs if name))}"
    near = get_close_matches(part, [name for name in drugs if name], n=1)
    suggestion = f"did you mean {near[0]!r}?" if near else ""
    raise _wrong(address, f"{dotted(done)} is a list and has no {part!r}", allowed, suggestion)


def _drug(entry: Node) -> str:
    name = entry.values.get("drug") if isinstance(entry, Table) else None
    return name.value if isinstance(name, Leaf) and isinstance(name.value, str) else ""


def _wrong(address: str, what: str, allowed: str = "", suggestion: str = "") -> InputError:
    return InputError([Problem(address, what, allowed, suggestion, FILE)])
