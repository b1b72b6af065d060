"""A complete scenario as YAML, each value with a comment that says where it came from."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from tdm1sim.scenario.tree import Key

HEADER = """\
# Every value of this run, and where it came from. This file is a scenario by
# itself: it runs again with the same numbers, whatever the defaults of a later
# version are.
"""
ASKED = """\
# The scenario as it was asked for: with what it extends and what the command
# changed, without defaults. It runs by itself.
"""
_COMMENT_COLUMN = 44


def write(tree: Mapping[str, Any], origins: Mapping[tuple[Key, ...], str]) -> str:
    """Return the YAML text of a tree of dictionaries, lists and scalars.

    Parameters
    ----------
    tree : mapping
        What to write, in this order.
    origins : mapping
        Comment for the value at a path; values without one get none.
    """
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.width = 10_000  # one line per value: a comment belongs to it
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(_commented(tree, (), origins), text)
    return HEADER + text.getvalue()


def block(tree: Mapping[str, Any]) -> str:
    """Return the YAML text of a few keys, to stand below the rest of a complete scenario."""
    return write(tree, {}).removeprefix(HEADER)


def as_asked(tree: Mapping[str, Any]) -> str:
    """Return the YAML text of a scenario as it was asked for: only what somebody wrote, so defaults are defaults."""
    first = {key: tree[key] for key in ("format", "name", "question") if key in tree}
    return ASKED + block({**first, **tree})


def neat(value: Any) -> Any:
    """Return a whole number as an int, so that it is written without ``.0``; anything else as it is."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return int(value) if whole else value


def _commented(value: Any, path: tuple[Key, ...], origins: Mapping[tuple[Key, ...], str]) -> Any:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, Mapping):
        table = CommentedMap()
        for key, below in value.items():
            here = (*path, key)
            table[key] = _commented(below, here, origins)
            if here in origins:
                table.yaml_add_eol_comment(origins[here], key, column=_COMMENT_COLUMN)
        return table
    if isinstance(value, list | tuple):
        items = CommentedSeq([_commented(below, (*path, index), origins) for index, below in enumerate(value)])
        if all(not isinstance(below, Mapping) for below in value):
            items.fa.set_flow_style()
        return items
    return value
