"""The tree of clones: where each clone came from, when, and how many of it live. Floor 4, reads tables only.

A cell arose by ``becomes`` when its clone is not its mother's; ``cells.csv`` holds mother and daughter, so it says
this by itself and needs no column of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FOUNDERS = "founders"
"""Beginning of the name of a lineage whose clone was there at the start: ``founders:sensitive``."""
COLUMNS = (
    "lineage",
    "clone",
    "parent",
    "from_clone",
    "cell_id",
    "mother_id",
    "arose_h",
    "cells",
    "living",
    "living_descendants",
)
"""Of the tree."""


def lineages(cells: pd.DataFrame) -> pd.Series[str]:
    """Return the lineage of each cell: its clone's founders, or the cell that last became another clone.

    Parameters
    ----------
    cells : pandas.DataFrame
        As in ``cells.csv``: a mother stands above her daughters.

    Returns
    -------
    pandas.Series of str, in the order of the rows
        ``founders:sensitive``; or ``17.01``, the cell in which this lineage of its clone arose. A cell whose mother
        is not in the table counts as a founder.
    """
    import pandas as pd

    known: dict[str, tuple[str, str]] = {}
    rows = zip(cells["cell_id"], cells["parent_id"], cells["clone"], strict=True)
    for cell, parent, clone in rows:
        mother = known.get(parent)
        if mother is None:
            known[cell] = (clone, f"{FOUNDERS}:{clone}")
        elif mother[0] == clone:
            known[cell] = mother
        else:
            known[cell] = (clone, str(cell))
    return pd.Series([known[cell][1] for cell in cells["cell_id"]], index=cells.index, name="lineage", dtype=object)


def became(cells: pd.DataFrame) -> pd.Series[bool]:
    """Return whether each cell arose by ``becomes``: a daughter of another clone than her mother's."""
    return (lineages(cells) == cells["cell_id"]).rename("became")


def clone_tree(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the tree of clones of a run's first replicate.

    Parameters
    ----------
    cells : pandas.DataFrame
        As in ``cells.csv``.

    Returns
    -------
    pandas.DataFrame
        One row per lineage: the founders of each clone that was there at the start, then every cell that became
        another clone, in order of time.

        ``lineage`` name (``founders:sensitive``, else the cell's); ``clone``; ``parent`` the lineage it arose in and
        ``from_clone`` that lineage's clone; ``cell_id`` and ``mother_id`` of the cell that became it; ``arose_h``
        (0 for founders); ``cells`` that ever lived in it, and ``living`` at the end, both without the lineages that
        arose in it; ``living_descendants`` with them. Empty where founders have none.

    Notes
    -----
    Above 20,000 founders ``cells.csv`` holds whole families of some of them, and so does the tree.
    """
    import pandas as pd

    of = lineages(cells)
    alive = cells["fate"] == "surviving"
    tree = pd.DataFrame(
        {
            "clone": cells["clone"].groupby(of, sort=False).first(),
            "cells": cells["cell_id"].groupby(of, sort=False).size(),
            "living": alive.groupby(of, sort=False).sum().astype(int),
        }
    )
    tree.index.name = "lineage"
    tree = tree.reset_index()
    born = cells.loc[of == cells["cell_id"]].set_index("cell_id")
    by_cell = pd.Series(of.to_numpy(), index=cells["cell_id"])
    clone_of = pd.Series(cells["clone"].to_numpy(), index=cells["cell_id"])
    tree["mother_id"] = tree["lineage"].map(born["parent_id"])
    tree["parent"] = tree["mother_id"].map(by_cell)
    tree["from_clone"] = tree["mother_id"].map(clone_of)
    tree["cell_id"] = tree["lineage"].where(tree["mother_id"].notna())
    tree["arose_h"] = tree["lineage"].map(born["birth_h"]).astype(float).fillna(0.0)
    tree["living_descendants"] = _with_those_that_arose_in_it(tree)
    # Stable: founders keep the order in which the table has them, twins the order of their names.
    order = tree.assign(acquired=tree["mother_id"].notna()).sort_values(["acquired", "arose_h"], kind="stable").index
    return tree.loc[order, list(COLUMNS)].reset_index(drop=True)


def _with_those_that_arose_in_it(tree: pd.DataFrame) -> list[int]:
    """Return the living cells of each lineage and of all that arose in it, and in those."""
    living = dict(zip(tree["lineage"], tree["living"].tolist(), strict=True))
    parents = dict(zip(tree["lineage"], tree["parent"], strict=True))
    # A lineage arises after the one it arises in: the youngest hand on their sum first.
    for lineage in tree.sort_values("arose_h", ascending=False, kind="stable")["lineage"]:
        if parents[lineage] in living:
            living[parents[lineage]] += living[lineage]
    return [living[lineage] for lineage in tree["lineage"]]
