"""What the pictures must not teach by accident: one table of limit lines.

Each line says on which figures it stands, when, and what. Every figure prints its lines, and its caption
repeats them; a figure without a line from here is a defect that the tests look for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdm1sim.figures import reading

if TYPE_CHECKING:
    from tdm1sim.results import Results

EVERY = "every figure"
LICENSED_RECEPTORS = 5e5
"""Receptors per cell below which a patient's tumour counts as HER2-low here: between 2+ and 3+."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit line.

    Attributes
    ----------
    name : str
        What it guards against.
    figures : tuple of str
        Figures it stands on; ``EVERY`` for all.
    when : callable
        Results to bool: whether the line applies to this run.
    text : callable
        Results to str: the line as printed.
    """

    name: str
    figures: tuple[str, ...]
    when: Callable[[Results], bool]
    text: Callable[[Results], str]


def _always(_: Results) -> bool:
    return True


def _treated_patient(results: Results) -> bool:
    return reading.is_patient(results) and reading.has_drug(results)


def _her2_low_patient(results: Results) -> bool:
    if not _treated_patient(results):
        return False
    return any(
        name in {"0", "1+", "2+"} or receptors < LICENSED_RECEPTORS
        for name, receptors in reading.her2_of(results).values()
    )


def _nowhere_driven(results: Results) -> bool:
    clones = reading.clones(results).values()
    return bool(clones) and all(traits.get("her2_driven") is False for traits in clones)


def _cleared_text(results: Results) -> str:
    return (
        f"Cleared: none of {reading.simulated(results):,} simulated cells; rarer survivors are invisible; not a cure."
    )


LIMITS: tuple[Limit, ...] = (
    Limit(
        "bands",
        ("dm1_bands",),
        _always,
        lambda _: "Bands: this model's thresholds, not measured; fate follows them by construction.",
    ),
    Limit(
        "her2_low",
        (EVERY,),
        _her2_low_patient,
        lambda _: "The model overstates T-DM1 in HER2-low tumours, where it is not licensed.",
    ),
    Limit(
        "dose",
        ("exposure", "fates", "clones"),
        _treated_patient,
        lambda _: "Toxicity is not modelled; more drug always looks better here.",
    ),
    Limit(
        "dose_series",
        ("dose_response",),
        _always,
        lambda _: (
            "Toxicity is not modelled; more drug always looks better here. "
            "Cells per well and assay length shift such curves."
        ),
    ),
    Limit(
        "shares",
        ("attribution",),
        _always,
        lambda _: "Shares depend on E_T and q, which nobody measured.",
    ),
    Limit(
        "put_in",
        ("attribution",),
        _nowhere_driven,
        lambda _: "HER2 drives no cell here, so blockade slows none (E_T = 0): put in, not found.",
    ),
    Limit(
        "cleared",
        ("drug_path", "dm1_bands", "fates", "clones", "attribution"),
        reading.is_cleared,
        _cleared_text,
    ),
    Limit("cells", (EVERY,), _always, lambda _: "Fractions of cells, not of patients."),
    Limit("advice", (EVERY,), _always, lambda _: "A teaching and research tool, never clinical advice."),
)


def limit_lines(figure: str, results: Results) -> tuple[str, ...]:
    """Return the limit lines of one figure for one run, in the order of the table."""
    return tuple(
        limit.text(results)
        for limit in LIMITS
        if (EVERY in limit.figures or figure in limit.figures) and limit.when(results)
    )
