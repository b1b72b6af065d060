"""A tumour of which little is left: runs end, no amount is negative, all engines agree.

What is foreseen of births and deaths in a window is luck where few cells live: in long windows they would take more
than there is.
"""

from __future__ import annotations

import numpy as np
import pytest

from tdm1sim.engine import engine_of
from tdm1sim.parameters import Parameters
from tdm1sim.recorder import TIMESERIES
from tdm1sim.surroundings.sharing import advance_together
from tdm1sim.world import FEW, World
from tests.compiled.lived import differences, run
from tests.runs import PATIENT_VALUES, clone, patient

LOCAL = TIMESERIES.index("local_conjugate_nM")
DWINDLING = patient(
    [clone(name="sensitive", fraction=0.97), clone(name="pumping", fraction=0.03, mdr1=3.0)],
    {**PATIENT_VALUES, "doubling": 300.0},
    cells=400,
    cycles=3,
    duration=1512.0,
    dt=2.0,
)


def lowest(parameters: Parameters, few: int) -> tuple[float, int]:
    """Return the least free antibody (molecules) at the end of a window, and how many cells are left."""
    made = engine_of("numpy", World(parameters, few=few))
    amounts = []
    while not made.world.finished:
        made.advance_window()
        amounts.append(made.world.shared.amount)
    return min(amounts), made.living()


def test_no_amount_is_negative_and_few_are_left() -> None:
    least, left = lowest(DWINDLING, FEW)
    assert least >= 0.0
    assert left < 0.25 * DWINDLING.plan.cells


def test_companion_in_long_windows_few_cells_take_more_than_there_is() -> None:
    least, left = lowest(DWINDLING, 0)  # and even so the run comes to its end
    assert least < -1000.0
    assert left < 0.25 * DWINDLING.plan.cells


@pytest.mark.parametrize("few", [0, FEW])
@pytest.mark.parametrize("other", ["twin", "compiled"])
def test_engines_agree_to_the_last_cells(few: int, other: str) -> None:
    if other == "compiled":
        pytest.importorskip("numba")
    ours, theirs = run(DWINDLING, "numpy", few=few), run(DWINDLING, other, few=few)
    assert differences(ours, theirs) == []
    assert ours.record.balance < 1e-12


def test_what_is_recorded_is_never_negative() -> None:
    table = run(DWINDLING, "numpy", few=FEW).record.timeseries
    assert np.min([row[LOCAL] or 0.0 for row in table]) >= 0.0


@pytest.mark.parametrize("hours_owed", [1e-6, 0.01, 0.5, 1.0, 3.0, 100.0])
@pytest.mark.parametrize("owed", ["both", "antibody", "payload"])
def test_a_compartment_in_debt_is_solved(hours_owed: float, owed: str) -> None:
    made = engine_of("numpy", World(DWINDLING))
    for _ in range(30):
        made.advance_window()
    world, sums = made.world, made.totals()
    around, h = world.shared.compartment(), 2.0
    rich = advance_together(world.kinetics, sums.copy(), around, world.shared.supply, world.t, h, made.room)
    amount = -hours_owed * rich.supplied / h if owed != "payload" else around.amount
    carried = -hours_owed * rich.brought / h if owed != "antibody" else around.carried
    owing = around._replace(amount=amount, carried=carried)
    poor = advance_together(world.kinetics, sums, owing, world.shared.supply, world.t, h, made.room)
    assert 0.0 <= poor.a <= rich.a
    assert poor.d >= 0.0
    assert np.all(sums >= 0.0)
    assert np.all(np.isfinite(poor.matrices))
    if owed == "payload" or hours_owed <= 0.5:  # what comes within the step pays it off
        assert poor.amount >= 0.0
