"""Finding what a person meant by a name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def close(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to ``count`` of the known names that look like ``name``, best first, whatever the case."""
    by_fold: dict[str, list[str]] = {}
    for item in known:
        by_fold.setdefault(item.casefold(), []).append(item)
    wanted = name.casefold()
    folds = difflib.get_close_matches(wanted, by_fold, n=count, cutoff=0.5)
    folds += [fold for fold in by_fold if len(wanted) > 1 and wanted in fold and fold not in folds]
    return [item for fold in folds for item in by_fold[fold]][:count]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean a, b?`` or nothing."""
    found = close(name, known)
    return f"; did you mean {', '.join(found)}?" if found else ""
