"""What is measured in cells: pure functions of one cell's numbers or of columns. Floor 3."""

from __future__ import annotations

from tdm1sim.maths import MOLECULES_PER_NM_PL, Real
from tdm1sim.mechanisms.cytosol import free_fraction
from tdm1sim.mechanisms.lysosome import impairment
from tdm1sim.pools import K

QUANTITIES = (
    "surface_molecules",
    "endosome_molecules",
    "lysosome_conjugate_molecules",
    "lysosome_catabolite_molecules",
    "dm1_cytosol_nM",
    "dm1_tubulin_bound_nM",
)
"""Per-cell quantities whose median and 5-95 % band are recorded."""
LATER_QUANTITIES = ("pi3k_activity", "proteolysis_activity")
"""The same for quantities whose columns came later, at the end of the table: activities, 1 = normal."""


def to_nM(molecules: Real, volume: float) -> Real:
    """Convert molecules in a cell of `volume` (pL) to nM."""
    return molecules / (volume * MOLECULES_PER_NM_PL)


def tubulin_bound_nM(Pc: Real, volume: float, T: float, KDt: float) -> Real:
    """Return tubulin-bound DM1 (nM) of cells with `Pc` molecules of cytosolic DM1; `T` and `KDt` in nM."""
    scale = volume * MOLECULES_PER_NM_PL
    free = free_fraction(Pc, T * scale, KDt * scale, K)
    return Pc * (1.0 - free) / scale


def carriers(payload: Real, DAR: float) -> Real:
    """Return fresh conjugates that would carry this payload, molecules; none where antibodies carry nothing."""
    return payload * (1.0 / DAR if DAR > 0.0 else 0.0)


def proteolysis_activity(Pc: Real, tolerance: Real, volume: float, C_T: float) -> Real:
    """Return the fraction of lysosomal proteolysis that the payload leaves (1 unless `C_T`, nM, is set)."""
    return impairment(to_nM(Pc, volume) / tolerance, 1.0 / C_T, K)
