"""Words that stand inside the pictures, in one table: another language is another column of it.

A figure asks for a label by its name, with what the run fills in: ``label("in_medium", drug="T-DM1")``. Labels are
short: words at axes and in keys, beside curves, over panels, in the drawing. Sentences (findings, captions, limit
lines) are made by grammar from the run's own numbers, in English, and are not in the table; where a sentence says the
same as a label it asks for `english`. Units and the names of data (drugs, clones, cell lines, parameters) are the same
in every language.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import fields

from tdm1sim import given
from tdm1sim.errors import UsageError
from tdm1sim.figures.texts.english import ENGLISH

__all__ = ["ENGLISH", "LANGUAGES", "Words", "english", "label", "of_payload", "speaking"]

LANGUAGES: dict[str, Mapping[str, str]] = {"en": ENGLISH}
"""The table: language to name of a label to its words. A label that a language lacks is drawn in English."""

Words = Callable[..., str]
"""`label` where something is drawn, `english` where a sentence says it: what tells both takes one of them."""

_used: ContextVar[str] = ContextVar("language of figures", default="en")


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Draw figures with labels in another language; raises `UsageError` where there is no column for it."""
    if language not in LANGUAGES:
        there = ", ".join(LANGUAGES)
        message = f"unknown language {language!r}; there are: {there}; docs/pictures.md says how to add a column"
        raise UsageError(message)
    token = _used.set(language)
    try:
        yield
    finally:
        _used.reset(token)


def label(name: str, **parts: str) -> str:
    """Return the words of a label in the language in use.

    Parameters
    ----------
    name : str
        Of the label.
    parts : str
        What the run fills in.

    Raises
    ------
    KeyError
        There is no such label, or a part is missing.
    """
    return LANGUAGES[_used.get()].get(name, ENGLISH[name]).format(**parts)


def english(name: str, **parts: str) -> str:
    """Return the words of a label as sentences have them, whatever language figures are drawn in."""
    return ENGLISH[name].format(**parts)


def of_payload(payload: str, words: Words = label) -> given.Words:
    """Return the words for the cells of a class of payload: of `given.WORDS`, in the language in use."""
    return given.Words(**{field.name: words(f"{payload}_{field.name}") for field in fields(given.Words)})
