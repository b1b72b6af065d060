"""Words that a module writes into a picture itself, found by reading its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

PLACES: dict[str, tuple[int, ...]] = {
    "set_xlabel": (0,),
    "set_ylabel": (0,),
    "set_title": (0,),
    "set_label": (0,),
    "set_text": (0,),
    "suptitle": (0,),
    "text": (2,),
    "annotate": (0,),
    "set_xticks": (1,),
    "set_yticks": (1,),
    "set_ticks": (1,),
    "set_xticklabels": (0,),
    "set_yticklabels": (0,),
    # this project's own
    "write": (1,),
    "time_axis": (2,),
    "log_line": (4,),
    "line_from_zero": (4,),
    "key_above": (1,),
    "key_below": (1,),
    "_in_key": (0,),
    "Entry": (0,),
    "Note": (2, 3),
    "Group": (0, 2),
    "Row": (0, 2),
    "Bar": (2, 3),
    "Line": (1,),
    "draw": (2, 3),
}
"""What draws words, and which of its arguments are the words."""
WORDS = {"label", "labels", "title", "xlabel", "ylabel", "text", "note", "aside"}
"""Arguments by name that are words, of whatever is called."""
KEPT = {"join", "wrap", "wrapped", "balanced", "elide", "capital", "listed", "fit", "str"}
"""What gives back the words it was given first, in another form."""
METHODS = {"replace", "format", "strip", "rstrip", "join"}
"""Methods of strings that do."""
TABLE = {"label", "english", "words"}
"""What takes words from the table."""
SAME = r"(?<![^\W_])(?:nM|pM|ng/mL|µg/mL|IC50|q|h)(?![^\W_])"
"""Units and symbols, which are the same in every language."""


def is_word(text: str) -> bool:
    """Whether a text has a word of two letters or more that is no unit."""
    return re.search(r"[^\W\d_]{2}", re.sub(SAME, "", text)) is not None


class Module:
    """A module, in which names are followed to what they stand for."""

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self.functions = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}

    def faults(self) -> list[str]:
        """Every text with words that is drawn and does not come from the table, with its line."""
        found = {
            f"{literal.lineno}: {text}"
            for home in (self.tree, *self.functions.values())
            for call in _own(home)
            if isinstance(call, ast.Call)
            for argument in _words_of(call)
            for literal, text in self._literals(argument, home, ())
            if is_word(text)
        }
        return sorted(found)

    def _literals(self, node: ast.AST, home: ast.AST, seen: tuple[object, ...]) -> Iterator[tuple[ast.Constant, str]]:
        """Yield the literals that an expression is made of, within what holds it."""
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node, node.value
        elif isinstance(node, ast.Name):
            if (node.id, home) not in seen:
                for value, where in self._values(node.id, home):
                    yield from self._literals(value, where, (*seen, (node.id, home)))
        elif isinstance(node, ast.Call):
            yield from self._of_call(node, home, seen)
        else:
            for part in _parts(node):
                yield from self._literals(part, home, seen)

    def _of_call(self, node: ast.Call, home: ast.AST, seen: tuple[object, ...]) -> Iterator[tuple[ast.Constant, str]]:
        name = _name(node.func)
        if name in TABLE:
            return
        if name in KEPT | METHODS:
            for part in (*([node.func] if name in METHODS else []), *(node.args[:1] if name in KEPT else [])):
                yield from self._literals(part, home, seen)
        elif isinstance(node.func, ast.Name) and name in self.functions and name not in seen:
            function = self.functions[name]
            for inner in _own(function):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from self._literals(inner.value, function, (*seen, name))

    def _values(self, name: str, home: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """Yield what a name is set to, in a function or else in the module."""
        found = [value for node in _own(home) for value in _assigned(node, name)]
        if found or home is self.tree:
            yield from ((value, home) for value in found)
        else:
            yield from self._values(name, self.tree)


def _own(home: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a module or function that are in no other function of it."""
    for child in ast.iter_child_nodes(home):
        if not isinstance(child, ast.FunctionDef):
            yield child
            yield from _own(child)


def _name(function: ast.AST) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _words_of(call: ast.Call) -> Iterator[ast.AST]:
    """Yield the arguments of a call that are drawn as words."""
    for place in PLACES.get(_name(call.func), ()):
        if place < len(call.args) and not any(isinstance(one, ast.Starred) for one in call.args[: place + 1]):
            yield call.args[place]
    yield from (keyword.value for keyword in call.keywords if keyword.arg in WORDS)


def _parts(node: ast.AST) -> Iterable[ast.AST]:
    """Return the expressions whose text is part of the text of an expression."""
    if isinstance(node, ast.JoinedStr):
        return node.values
    if isinstance(node, ast.FormattedValue | ast.Subscript | ast.Starred | ast.Attribute):
        return [node.value]
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return node.elts
    if isinstance(node, ast.Dict):
        return node.values
    if isinstance(node, ast.ListComp | ast.GeneratorExp):
        return [node.elt]
    return []


def _assigned(node: ast.AST, name: str) -> Iterator[ast.AST]:
    """Yield the expressions that a statement gives to a name."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from _given(target, node.value, name)
    elif isinstance(node, ast.For | ast.comprehension):
        items = node.iter
        if isinstance(items, ast.Call) and _name(items.func) == "items" and isinstance(node.target, ast.Tuple):
            _, value = node.target.elts  # of a dict, whose keys are no words
            if isinstance(items.func, ast.Attribute) and isinstance(value, ast.Name) and value.id == name:
                yield items.func.value
        elif isinstance(items, ast.Tuple | ast.List):
            for item in items.elts:
                yield from _given(node.target, item, name)


def _given(target: ast.AST, value: ast.AST, name: str) -> Iterator[ast.AST]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, part in zip(target.elts, value.elts, strict=True):
            yield from _given(one, part, name)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.IfExp):
        yield from (found for side in (value.body, value.orelse) for found in _given(target, side, name))
