"""From a tree to a checked `Document`: pydantic does the reading, this file turns what it says into problems.

Everything wrong is reported in one pass. What is wrong is then left out and the rest read again, so that the
checks across sections (`tdm1sim.scenario.checks`) still see all that is right.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tdm1sim.errors import Problem
from tdm1sim.scenario.document import TAG, Document, Section
from tdm1sim.scenario.fields import KIND, nearest, shown
from tdm1sim.scenario.tree import Items, Key, Leaf, Node, Path, Place, Table, dotted, drop, place_of, plain

_ROUNDS = 5
_MEANT = re.compile(r"did you mean '(.*)'\?")


def validated(tree: Table, molar_masses: Mapping[str, float]) -> tuple[Document, Table, list[Problem], set[Path]]:
    """Read a tree as a scenario.

    Parameters
    ----------
    tree : Table
        After ``extends`` and ``--set``.
    molar_masses : mapping of str to float
        Of each drug by name, g/mol, and of a dose series under the empty name: for concentrations given as mass per
        volume.

    Returns
    -------
    Document
        What could be read; fields that are wrong are None.
    Table
        The tree without what is wrong.
    list of Problem
        Everything wrong, in the order of the files.
    set of Path
        Where something is wrong.
    """
    problems = []
    bad: set[Path] = set()
    for path, problem in _not_values(tree, ()):
        problems.append(problem)
        bad.add(path)
    kept: Node = tree
    for path in bad:
        kept = drop(kept, _droppable(path))
    for attempt in range(_ROUNDS):
        try:
            document = Document.model_validate(plain(kept), context={"MW": molar_masses})
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                path = tuple(_parts(detail))
                problem = _problem(tree, path, detail)
                if attempt == 0:
                    problems.append(problem)
                bad.add(path)
                meant = _MEANT.fullmatch(problem.suggestion)
                if detail["type"] == "extra_forbidden" and meant:
                    # A misspelt key is not also a missing one.
                    bad.add((*path[:-1], meant.group(1)))
            for path in bad:
                kept = drop(kept, _droppable(path))
        else:
            break
    else:  # pragma: no cover - two rounds are enough for every mistake we know
        document, kept = Document(), Table(tree.place)
    return document, kept if isinstance(kept, Table) else tree, problems, bad


def located(
    root: Node, path: Path, what: str, allowed: str = "", suggestion: str = "", *, key: bool = False
) -> Problem:
    """Return a problem at the place in a file that a path means."""
    place = place_of(root, path, key=key)
    return Problem(dotted(path), what, allowed, suggestion, place.file, place.line, place.column)


def _not_values(node: Node, path: Path) -> Iterator[tuple[Path, Problem]]:
    """Find values that no field takes: nothing at all, NaN, infinity."""
    if isinstance(node, Table):
        for key, value in node.values.items():
            if isinstance(value, Leaf) and value.value is None:
                place = value.place if value.place.file == "--set" else node.keys[key]
                yield (*path, key), _empty((*path, key), place)
            else:
                yield from _not_values(value, (*path, key))
    elif isinstance(node, Items):
        for index, value in enumerate(node.values):
            yield from _not_values(value, (*path, index))
    elif node.value is None:
        yield path, _empty(path, node.place)
    elif isinstance(node.value, float) and not math.isfinite(node.value):
        word = "NaN" if math.isnan(node.value) else "infinity"
        what = f"{word} is not a number that can be used"
        yield path, Problem(dotted(path), what, "a finite number", "", *_where(node.place))


def _empty(path: Path, place: Place) -> Problem:
    return Problem(dotted(path), "has no value", "", "give it one, or remove the key", *_where(place))


def _where(place: Place) -> tuple[str, int, int]:
    return place.file, place.line, place.column


def _parts(detail: ErrorDetails) -> Iterator[Key]:
    """Return pydantic's address without the names of alternatives."""
    for part in detail["loc"]:
        if not (isinstance(part, str) and (part.startswith(TAG) or part == "[key]")):
            yield part


def _droppable(path: Path) -> Path:
    """Return what to leave out: entries of a list go with their list, so that no index moves."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


def _problem(root: Table, path: Path, detail: ErrorDetails) -> Problem:
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = _known_keys(path[:-1])
        what = f"the key {str(path[-1])!r} is not known here"
        return located(root, path, what, f"known: {', '.join(known)}", nearest(str(path[-1]), known), key=True)
    if kind == KIND:
        parts = detail.get("ctx", {})
        what, allowed, suggestion = (str(parts.get(name, "")) for name in ("what", "allowed", "suggestion"))
        return located(root, path, what, allowed, suggestion, key="[key]" in detail["loc"])
    found = shown(detail["input"])
    if kind in {"model_type", "dict_type", "model_attributes_type"}:
        known = _known_keys(path)
        allowed = "a mapping is needed" + (f" with keys among {', '.join(known)}" if known else "")
        return located(root, path, f"{found} is not a mapping", allowed)
    if kind == "list_type":
        single = f"write [{detail['input']}]" if isinstance(detail["input"], str | int | float) else ""
        suggestion = single or "begin each entry with a dash: `- {…}`"
        return located(root, path, f"{found} is not a list", "a list is needed", suggestion)
    return located(root, path, f"{found}: {detail['msg']}")


def _known_keys(path: Path) -> tuple[str, ...]:
    """Return the keys of the section at a path; empty where keys are free."""
    annotation: Any = Document
    for part in path:
        annotation = next((below for arm in _arms(annotation) if (below := _below(arm, part))), None)
        if annotation is None:
            return ()
    for arm in _arms(annotation):
        if isinstance(arm, type) and issubclass(arm, Section):
            return tuple(field.alias or name for name, field in arm.model_fields.items())
    return ()


def takes_whole_numbers(path: Sequence[str]) -> bool:
    """Tell whether the value at a path, in a list by any key, is a whole number."""
    annotation: Any = Document
    for part in path:
        below = (_below(arm, 0 if get_origin(arm) is list else part) for arm in _arms(annotation))
        annotation = next((found for found in below if found is not None), None)
        if annotation is None:
            return False
    return int in _arms(annotation)


def _arms(annotation: Any) -> list[Any]:
    """Return the alternatives of a type, without wrappers and None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _arms(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        return [arm for part in get_args(annotation) for arm in _arms(part)]
    return [] if annotation is type(None) else [annotation]


def _below(annotation: Any, part: Key) -> Any:
    """Return the type of a field, of a mapping's values, or of a list's entries."""
    origin = get_origin(annotation)
    if origin is dict:
        return get_args(annotation)[1]
    if origin is list and isinstance(part, int):
        return get_args(annotation)[0]
    if isinstance(annotation, type) and issubclass(annotation, Section):
        for name, field in annotation.model_fields.items():
            if part == (field.alias or name):
                return field.annotation
    return None
