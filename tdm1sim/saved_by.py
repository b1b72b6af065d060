"""Which trait saved a surviving founder line: traits restored to normal one at a time on common luck. Floor 6.

A founder line is a founder and all its descendants. It was saved by a trait when some cell of it lives at the end,
its living cells carry the trait, and on the same luck the line dies out once the trait is normal everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tdm1sim.catalogue import load_catalogue
from tdm1sim.parameters import Clone, Parameters
from tdm1sim.recorder import Record

TRAITS = ("her2", "mdr1", "slc46a3", "pten", "internalization", "recycling", "lysosome")
COLUMN = "saved_by"
NONE = "none"
"""A line that survives every restoration: chance, or too little DM1 whatever its traits."""


def normal(clone: Clone, trait: str) -> Clone:
    """Return the clone with one trait restored to normal; the clone itself where it is normal.

    HER2 is normal from the median of class 3+ upwards, and keeps the spread between cells; MDR1, SLC46A3, the
    lysosome and the folds of internalisation and recycling are normal at 1 in every cell; PTEN is normal intact.
    """
    strong = load_catalogue().her2_classes["3+"].receptors
    restored: dict[str, dict[str, Any]] = {
        "her2": {"her2": max(clone.her2, strong)},
        "mdr1": {"mdr1": 1.0, "mdr1_sigma": 0.0},
        "slc46a3": {"slc46a3": 1.0, "slc46a3_sigma": 0.0},
        "pten": {"pten_deficient": False},
        "internalization": {"ke": clone.ke if clone.ke_normal is None else clone.ke_normal},
        "recycling": {"kr": clone.kr if clone.kr_normal is None else clone.kr_normal},
        "lysosome": {"phi": 1.0},
    }
    return replace(clone, **restored[trait])


def carries(clone: Clone, trait: str) -> bool:
    """Whether a trait of the clone, or of some of its cells, is not normal."""
    return normal(clone, trait) != clone


def restorations(parameters: Parameters) -> dict[str, Parameters]:
    """Return the runs with one trait normal in all clones, for every trait that some clone does not have normal."""
    return {
        trait: replace(parameters, clones=tuple(normal(clone, trait) for clone in parameters.clones))
        for trait in TRAITS
        if any(carries(clone, trait) for clone in parameters.clones)
    }


def arm_name(trait: str) -> str:
    """Return the name of the run in which a trait is restored: ``restored:mdr1``."""
    return f"restored:{trait}"


def saviours(run: Record, restored: Mapping[str, Record], clones: Sequence[Clone]) -> dict[int, str]:
    """Return what saved each founder line that survives.

    Parameters
    ----------
    run : Record
        The run as it is.
    restored : mapping of str to Record
        The same replicate with a trait restored.
    clones : sequence of Clone
        Of the run as it is.

    Returns
    -------
    dict of int to str
        Founder to trait names joined by ``+``, or ``none``. Nothing where one of the runs stopped at its capacity: its
        survivors have not been through the whole treatment.
    """
    if any(record.outcome == "capacity_reached" for record in (run, *restored.values())):
        return {}
    alive = {trait: set(np.flatnonzero(record.lines.any(axis=0)).tolist()) for trait, record in restored.items()}
    found: dict[int, list[str]] = {}
    for founder, clone in np.argwhere(run.lines.T).tolist():
        names = found.setdefault(founder, [])
        names += [t for t in alive if t not in names and founder not in alive[t] and carries(clones[clone], t)]
    return {founder: "+".join(t for t in TRAITS if t in names) or NONE for founder, names in found.items()}


def column_of(cell_ids: Sequence[str], saved: Mapping[int, str]) -> list[str | None]:
    """Return the column of ``cells.csv`` for these cells: empty for every cell of a line that died out."""
    return [saved.get(int(name.partition(".")[0])) for name in cell_ids]
