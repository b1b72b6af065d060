"""Where each value of a complete scenario came from, read back from the comments that `resolve` wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tdm1sim.scenario.tree import Key


def read_origins(text: str) -> dict[tuple[Key, ...], str]:
    """Return the comment behind each value of ``resolved.yaml``, by path.

    Parameters
    ----------
    text : str
        Of the file.

    Returns
    -------
    dict
        ``("parameters", "ke")`` to ``catalogue (calibrated)``; nothing for a value without a comment.

    Raises
    ------
    InputError
        If it is not YAML.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from tdm1sim.errors import InputError

    try:
        document = YAML(typ="rt", pure=True).load(text)
    except YAMLError as error:
        msg = f"resolved.yaml is not valid YAML: {str(error).splitlines()[0]}"
        raise InputError(msg) from None
    return dict(_comments(document, ()))


def _comments(node: Any, path: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(node, dict):
        for key, below in node.items():
            tokens = node.ca.items.get(key) if hasattr(node, "ca") else None
            if tokens and len(tokens) > 2 and tokens[2] is not None:
                # A token runs on to the next value; only its first line stands behind this one.
                yield (*path, key), tokens[2].value.splitlines()[0].lstrip("# ").rstrip()
            yield from _comments(below, (*path, key))
    elif isinstance(node, list):
        for index, below in enumerate(node):
            yield from _comments(below, (*path, index))
