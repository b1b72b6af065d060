"""The default step against LSODA: the worst of 75 cells that differ in HER2, efflux, SLC46A3 and tolerance."""

from __future__ import annotations

import pytest

from tdm1sim.scenario.resolution import DT
from tests.verification.worst_cell import CASES, reference, worst

pytestmark = pytest.mark.xdist_group("worst cell")  # the reference is kept

SURVIVAL = 2e-3
ARREST = {"patient": 1e-2, "culture": 1e-2, "culture, used up": 1e-2, "patient, T-DXd, 7 days": 5e-2}
"""Of the probability to be arrested if the cell entered mitosis just then: it rises with the 6th power of the level
(3rd for T-DXd), so the hours in which cells fill up show every error. DXd leaves lysosomes within the hour."""


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_default_step_is_exact_enough_for_every_cell(case: str) -> None:
    survival, arrest = worst(case, DT)
    assert survival < SURVIVAL
    assert arrest < ARREST[case]


def test_the_cells_are_far_apart() -> None:
    true = reference("culture")
    assert true.survival[-1].min() < 0.5
    assert true.survival[-1].max() > 0.98
    assert true.arrest.max(axis=0).min() < 0.3
    assert true.arrest.max() > 0.9


def test_half_the_step_quarters_the_error() -> None:
    long, short = (worst("culture", dt)[0] for dt in (2.0, 0.5))
    assert short < long / 10.0


def test_companion_hazards_of_the_start_of_each_step_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """First order instead of second."""
    from tdm1sim.mechanisms import cell

    true = cell.apoptosis_hazards
    monkeypatch.setattr(cell, "apoptosis_hazards", lambda *given: (true(*given)[0],) * 2)
    assert worst("culture", DT)[0] > SURVIVAL
