"""Text into a tree: YAML 1.2 with every position kept, and nothing that a data file has no use for.

ruamel.yaml scans and parses; its events are put together here without recursion, so depth, size and the growth
through aliases are checked before anything large exists. Tags, several documents and keys written twice are
refused. Plain scalars follow the core schema of YAML 1.2 (``1e6`` is a number, ``no`` a word).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tdm1sim.errors import InputError, Problem
from tdm1sim.scenario.tree import Items, Leaf, Node, Place, Scalar, Table

MAX_BYTES = 1_000_000
MAX_DEPTH = 30
MAX_NODES = 20_000

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?\d+")
_FLOAT = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST_INT = 30  # digits; longer ones are read as floats, because Python refuses those of thousands of digits


def read_file(path: Path, shown: str) -> tuple[Table, list[Problem]]:
    """Read a scenario file.

    Parameters
    ----------
    path : Path
        The file.
    shown : str
        Its name in messages.

    Returns
    -------
    Table
        The tree; of a key written twice the first value.
    list of Problem
        Keys written twice: wrong, but no reason to stop looking for more.

    Raises
    ------
    InputError
        The file is missing, too large, not UTF-8, not YAML, empty, or not a mapping.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _refusal(shown, "there is no such file") from None
    except IsADirectoryError:
        raise _refusal(shown, "this is a folder", "name a file in it") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
        reason = getattr(error, "strerror", None) or str(error)
        raise _refusal(shown, f"the file cannot be read ({reason})") from None
    if len(data) > MAX_BYTES:
        allowed = f"a scenario has at most {MAX_BYTES:,} bytes"
        raise _refusal(shown, f"the file is larger than {MAX_BYTES:,} bytes", allowed)
    node, doubled = read_text(_decoded(data, shown), shown)
    if not isinstance(node, Table):
        kind = "a list" if isinstance(node, Items) else f"the single value {str(node.value)[:40]!r}"
        problem = Problem("", f"the file holds {kind}", "a scenario is a mapping", "start with `format: 1`")
        raise InputError([_at(problem, node.place)])
    return node, doubled


def read_text(text: str, shown: str, *, positions: bool = True) -> tuple[Node, list[Problem]]:
    """Read YAML from a text, as `read_file` does; ``positions=False`` keeps no lines (for ``--set``)."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    composer = _Composer(shown, positions=positions)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            composer.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        problem = Problem("", f"not valid YAML: {what}", suggestion=_hint(what))
        raise InputError([_at(problem, composer.place(mark))]) from None
    except YAMLError as error:
        what = str(error).splitlines()[0]
        raise InputError([_at(Problem("", f"not valid YAML: {what}"), Place(shown))]) from None
    except RecursionError:  # pragma: no cover - the depth limit comes first
        raise _refusal(shown, "nested too deeply") from None
    return composer.finish(), composer.doubled


def scalar(text: str, *, quoted: bool) -> Scalar:
    """Return what a scalar means by the core schema of YAML 1.2."""
    if quoted:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) and len(text) <= _LONGEST_INT:
        return int(text)
    if _FLOAT.fullmatch(text) or _SPECIAL.fullmatch(text):
        return float(text if _FLOAT.fullmatch(text) else text.replace(".", ""))
    return text


@dataclass(slots=True)
class _Open:
    """A table or list still being read: the key that waits for its value, and what has come so far."""

    node: Table | Items
    anchor: str | None
    size: int = 1
    height: int = 1
    values: list[Node] = field(default_factory=list)
    key: tuple[str, Place] | None = None


class _Composer:
    """Puts parser events together; collects doubled keys and refuses what no scenario needs."""

    def __init__(self, shown: str, *, positions: bool) -> None:
        self.shown = shown
        self.positions = positions
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.documents = 0
        # Of each finished anchor: the node, how many nodes it stands for, how high it is.
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.doubled: list[Problem] = []

    def place(self, mark: Any) -> Place:
        """Return the place of a parser's mark, whose lines and columns count from 0."""
        if mark is None or not self.positions:
            return Place(self.shown)
        return Place(self.shown, mark.line + 1, mark.column + 1)

    def take(self, event: Any) -> None:
        """Take one event of the parser."""
        kind = type(event).__name__
        here = self.place(event.start_mark)
        if kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self.refuse(here, "a second document starts here", "a scenario file holds one document")
            return
        if getattr(event, "tag", None) is not None:
            name = str(event.tag).replace("tag:yaml.org,2002:", "!!")[:40]
            self.refuse(here, f"the tag {name} is not allowed", "scenarios are plain data", "remove it")
        anchor = event.anchor if kind != "AliasEvent" and hasattr(event, "anchor") else None
        if kind in {"MappingStartEvent", "SequenceStartEvent"}:
            self.waiting_for_key(here, scalar_key=False)
            self.stack.append(_Open(Table(here) if kind == "MappingStartEvent" else Items(here), anchor))
            self.check_depth(here, len(self.stack))
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            done = self.stack.pop()
            node = Items(done.node.place, tuple(done.values)) if isinstance(done.node, Items) else done.node
            self.add(node, done.size, done.height, done.anchor)
        elif kind == "ScalarEvent":
            self.take_scalar(event, here, anchor)
        elif kind == "AliasEvent":
            self.take_alias(event, here)

    def take_scalar(self, event: Any, here: Place, anchor: str | None) -> None:
        """Take a key or a value."""
        if self.waiting_for_key(here, scalar_key=True):
            self.take_key(str(event.value), here)
            return
        quoted = event.style in {"'", '"', "|", ">"}
        self.add(Leaf(here, scalar(str(event.value), quoted=quoted)), 1, 1, anchor)

    def take_key(self, key: str, here: Place) -> None:
        """Remember a key, and note it when the table has it already."""
        top = self.stack[-1]
        top.key = (key, here)
        first = top.node.keys.get(key) if isinstance(top.node, Table) else None
        if first is not None:
            path = ".".join([*(open_.key[0] for open_ in self.stack[:-1] if open_.key), key])
            what = f"the key {key!r} is written twice"
            if first.line:
                what += f": first at line {first.line}, column {first.column}"
            self.doubled.append(_at(Problem(path, what, "each key once", "remove one of them"), here))

    def take_alias(self, event: Any, here: Place) -> None:
        """Take ``*name``: the finished anchor again, with its full size."""
        name = str(event.anchor)
        if name not in self.anchors:
            self.refuse(here, f"the alias *{name} points to nothing finished before it", "an anchor above it")
        if self.waiting_for_key(here, scalar_key=False):  # pragma: no cover - refuses by itself
            return
        node, size, height = self.anchors[name]
        self.check_depth(here, len(self.stack) + height)
        self.add(node, size, height, None)

    def waiting_for_key(self, here: Place, *, scalar_key: bool) -> bool:
        """Tell whether the next node is a key; refuse one that is not a scalar."""
        if not self.stack:
            return False
        top = self.stack[-1]
        waiting = isinstance(top.node, Table) and top.key is None
        if waiting and not scalar_key:
            self.refuse(here, "this key is not a word", "keys are plain words such as `tumour`")
        return waiting

    def add(self, node: Node, size: int, height: int, anchor: str | None) -> None:
        """Hang a finished node where it belongs."""
        if anchor is not None:
            self.anchors[anchor] = (node, size, height)
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.size += size
        top.height = max(top.height, height + 1)
        if top.size > MAX_NODES:
            self.refuse(node.place, f"more than {MAX_NODES:,} values", "aliases count with all they stand for")
        if isinstance(top.node, Table) and top.key is not None:
            key, place = top.key
            top.node.values.setdefault(key, node)
            top.node.keys.setdefault(key, place)
            top.key = None
        else:
            top.values.append(node)

    def check_depth(self, here: Place, depth: int) -> None:
        """Refuse nesting that no scenario needs."""
        if depth > MAX_DEPTH:
            self.refuse(here, f"nested more than {MAX_DEPTH} deep", f"at most {MAX_DEPTH} levels")

    def refuse(self, here: Place, what: str, allowed: str, suggestion: str = "") -> None:
        """Stop reading: what follows cannot be trusted."""
        raise InputError([*self.doubled, _at(Problem("", what, allowed, suggestion), here)])

    def finish(self) -> Node:
        """Return the tree, or say what is wrong with it."""
        if self.root is None or (isinstance(self.root, Leaf) and self.root.value is None):
            problem = Problem("", "the file is empty", "a scenario is a mapping", "start with `format: 1`")
            raise InputError([_at(problem, Place(self.shown))])
        return self.root


def _decoded(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        problem = Problem("", "the file is not UTF-8 text", "scenarios are UTF-8", "save it again as UTF-8")
        raise InputError([_at(problem, Place(shown, line, column))]) from None


def _hint(what: str) -> str:
    if "\\t" in what:
        return "indent with blanks, not tabs"
    if "mapping values are not allowed" in what:
        return "a text that holds ': ' needs quotes; or a key is indented too far"
    return ""


def _refusal(shown: str, what: str, allowed: str = "") -> InputError:
    return InputError([_at(Problem("", what, allowed), Place(shown))])


def _at(problem: Problem, place: Place) -> Problem:
    return Problem(
        problem.path,
        problem.message,
        problem.allowed,
        problem.suggestion,
        place.file,
        place.line,
        place.column,
    )
