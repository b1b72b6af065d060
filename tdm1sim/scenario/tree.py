"""A scenario as it was written: nested tables, lists and leaves that remember where they stand.

Nodes never change; merging and setting give new trees that share what stays the same. So after ``extends`` and
``--set`` every value still knows its own file, line and column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Key: TypeAlias = str | int
Path: TypeAlias = tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written: the file as the user knows it, line and column from 1 (0 for none)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return ``file:line``, without folders: the same text on every machine."""
        name = self.file.replace("\\", "/").rsplit("/", 1)[-1]
        return f"{name}:{self.line}" if self.line else name


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value."""

    place: Place
    value: Scalar


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    values: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; ``keys`` holds the place of each key."""

    place: Place
    values: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)

    def with_value(self, key: str, node: Node, place: Place) -> Table:
        """Return a table with one value set."""
        return Table(self.place, {**self.values, key: node}, {**self.keys, key: place})

    def without(self, *names: str) -> Table:
        """Return a table that lacks some keys."""
        kept = {key: node for key, node in self.values.items() if key not in names}
        return Table(self.place, kept, {key: self.keys[key] for key in kept})


Node: TypeAlias = Leaf | Items | Table


def plain(node: Node) -> object:
    """Return the tree as ordinary dictionaries, lists and scalars."""
    if isinstance(node, Table):
        return {key: plain(value) for key, value in node.values.items()}
    if isinstance(node, Items):
        return [plain(value) for value in node.values]
    return node.value


def find(node: Node, path: Sequence[Key]) -> Node | None:
    """Return the node at a path, None where there is none."""
    current: Node | None = node
    for key in path:
        if isinstance(current, Table) and isinstance(key, str):
            current = current.values.get(key)
        elif isinstance(current, Items) and isinstance(key, int) and -1 < key < len(current.values):
            current = current.values[key]
        else:
            return None
    return current


def place_of(root: Node, path: Sequence[Key], *, key: bool = False) -> Place:
    """Return the place of the value at a path (or of its key), or of the nearest thing around it."""
    if key and path:
        table = find(root, path[:-1])
        if isinstance(table, Table) and path[-1] in table.keys:
            return table.keys[str(path[-1])]
    for length in range(len(path), -1, -1):
        node = find(root, path[:length])
        if node is not None:
            parent = find(root, path[: length - 1]) if length else None
            if isinstance(parent, Table) and isinstance(node, Table | Items):
                return parent.keys[str(path[length - 1])]
            return node.place
    return root.place


def put(node: Node, path: Sequence[Key], value: Node) -> Node:
    """Return the tree with the value at a path set; the tables on the way must exist."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(node, Table):
        name = str(head)
        old = node.values.get(name, Table(value.place))
        place = node.keys.get(name, value.place) if rest else value.place
        return node.with_value(name, put(old, rest, value), place)
    if isinstance(node, Items) and isinstance(head, int):
        values = list(node.values)
        values[head] = put(values[head], rest, value)
        return Items(node.place, tuple(values))
    msg = f"nothing can be put at {head!r}"
    raise KeyError(msg)


def drop(node: Node, path: Sequence[Key]) -> Node:
    """Return the tree without the value at a path; in a list the value becomes an empty table."""
    if not path or find(node, path) is None:
        return node
    parent = find(node, path[:-1])
    if isinstance(parent, Table):
        smaller: Node = parent.without(str(path[-1]))
        return put(node, path[:-1], smaller) if len(path) > 1 else smaller
    return put(node, path, Table(place_of(node, path)))


WHOLE = (("tumour", "clones"), ("sweep", "vary"))
"""Tables that a child replaces."""


def merge(parent: Table, child: Table, path: Path = ()) -> Table:
    """Return the parent with the child's values over it.

    Tables merge key by key. Lists, scalars, the table of clones and the axes of a sweep are replaced whole: two sets
    of clones mixed would rarely add up to one, and axes of two sweeps multiply.
    """
    merged = Table(child.place, dict(parent.values), dict(parent.keys))
    for key, node in child.values.items():
        old = merged.values.get(key)
        here = (*path, key)
        if isinstance(old, Table) and isinstance(node, Table) and here not in WHOLE:
            node = merge(old, node, here)  # noqa: PLW2901 - the merged node takes the child's place
        merged = merged.with_value(key, node, child.keys[key])
    return merged


def dotted(path: Sequence[Key]) -> str:
    """Return a path as people write it (``tumour.clones.main.her2``)."""
    return ".".join(str(part) for part in path)
