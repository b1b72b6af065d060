"""R1 to R7, resistance: each way out of the drug, and the same claim where that way does not lead out."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from tdm1sim.parameters import Clone
from tdm1sim.recorder import Record
from tdm1sim.saved_by import restorations, saviours
from tests.mission.small import cell, column, conjugate, inhibited, last, living, moved, naked, record_of, well

UNTREATED = naked(0.0)


@lru_cache(maxsize=128)
def treated(kind: Clone, changes: tuple[tuple[str, float], ...] = ()) -> Record:
    """Three days of 1 nM T-DM1 on one kind of cell; the medium hardly runs out."""
    return record_of(well([kind], changes=dict(changes), cells=200))


def dm1(record: Record) -> float:
    """Return the median of the highest DM1 of all cells, nM."""
    return record.peaks.quantile(0.5)


def highest(record: Record, name: str) -> float:
    return float(column(record, name).max())


# R1: HER2 down ------------------------------------------------------------------------------------------------------


def her2_loss_saves(fold: float, **changes: float) -> bool:
    """Fewer receptors: less bound, less DM1, more survivors."""
    pairs = tuple(changes.items())
    lost, intact = (treated(cell(her2=n), pairs) for n in (fold * 1.0e6, 1.0e6))
    bound = [moved(r, "bound") for r in (lost, intact)]
    return bound[0] < 0.2 * bound[1] and dm1(lost) < 0.2 * dm1(intact) and living(lost) > 1.5 * living(intact)


def test_R1_loss_of_her2_saves_cells() -> None:
    assert her2_loss_saves(0.1)


def test_R1_companion_where_nothing_binds_or_nothing_is_lost_it_does_not() -> None:
    assert not her2_loss_saves(0.1, kon=1e-9)
    assert not her2_loss_saves(0.9)


# R2: MDR1 up --------------------------------------------------------------------------------------------------------


def mdr1_saves(mdr1: float = 30.0, inhibition: float = 0.0, **changes: float) -> bool:
    """DM1 is pumped out at equal uptake, and more cells survive."""
    run = well([cell(mdr1=mdr1)], changes=changes, cells=200)
    pumped, normal = record_of(inhibited(run, "pgp", inhibition)), treated(cell(), tuple(changes.items()))
    each = [moved(r, "carried_sorted") / moved(r, "internalised") for r in (pumped, normal)]
    return (
        each[0] == pytest.approx(each[1], rel=0.02)
        and dm1(pumped) < 0.2 * dm1(normal)
        and living(pumped) > 1.2 * living(normal)
    )


def test_R2_mdr1_pumps_dm1_out_before_it_acts() -> None:
    assert mdr1_saves()


def test_R2_companion_an_inhibitor_reverses_it() -> None:
    assert not mdr1_saves(inhibition=1.0)


def test_R2_companion_where_nothing_is_pumped_it_does_not() -> None:
    assert not mdr1_saves(keff=0.0)


# R3: SLC46A3 lost ---------------------------------------------------------------------------------------------------


def slc46a3_loss_traps(**changes: float) -> bool:
    """Catabolite stays in the lysosome, DM1 in the cytosol falls, cells survive."""
    pairs = tuple(changes.items())
    lost, intact = treated(cell(slc46a3=0.0), pairs), treated(cell(), pairs)
    pools = [highest(r, "lysosome_catabolite_molecules_median") for r in (lost, intact)]
    return pools[0] > 3.0 * pools[1] and dm1(lost) < 0.2 * dm1(intact) and living(lost) > 1.5 * living(intact)


def test_R3_loss_of_slc46a3_traps_the_catabolite() -> None:
    assert slc46a3_loss_traps()


def test_R3_companion_a_catabolite_that_leaks_needs_no_transporter() -> None:
    assert not slc46a3_loss_traps(kleak=0.214)


# R4: PTEN deficient -------------------------------------------------------------------------------------------------


def born(*, pten_deficient: bool, inhibition: float = 0.0, given: bool = True, **changes: float) -> int:
    """Cells born in three days beside 1 nM of antibody whose payload is off, or beside none."""
    drug = conjugate(1.0) if given else UNTREATED
    run = well([cell(pten_deficient=pten_deficient)], drug, changes={"arm_payload": 0.0, **changes}, cells=200)
    return record_of(inhibited(run, "pi3k", inhibition)).born


def pten_loss_undoes_blockade(inhibition: float = 0.0, **changes: float) -> bool:
    """Without PTEN the antibody slows nothing; with PTEN it does."""
    lost = born(pten_deficient=True, inhibition=inhibition, **changes)
    intact = born(pten_deficient=False, **changes)
    untreated = born(pten_deficient=True, given=False)
    return lost == untreated and intact < 0.8 * untreated


def test_R4_without_pten_blockade_does_nothing() -> None:
    assert pten_loss_undoes_blockade()


def test_R4_companion_a_pi3k_inhibitor_restores_it() -> None:
    assert not pten_loss_undoes_blockade(inhibition=0.8)
    restored, intact = born(pten_deficient=True, inhibition=0.8), born(pten_deficient=False)
    assert restored == pytest.approx(intact, rel=0.15)


def test_R4_companion_with_the_arm_off_there_is_nothing_to_undo() -> None:
    assert not pten_loss_undoes_blockade(arm_blockade=0.0)


def payload_keeps_its_power(**changes: float) -> bool:
    """PI3K stays fully on, DM1 is the same, and the payload does at least 80 % of what the drug does with PTEN."""
    pairs = tuple(changes.items())
    lost, intact = treated(cell(pten_deficient=True), pairs), treated(cell(), pairs)
    bare = living(record_of(well(None, UNTREATED, cells=200)))
    taken = [1.0 - living(r) / bare for r in (lost, intact)]
    activity = [last(r, "pi3k_activity_median") for r in (lost, intact)]
    same = dm1(lost) == pytest.approx(dm1(intact), rel=0.05)
    return bool(activity[0] == 1.0 and activity[1] < 0.5 and same and taken[0] > 0.8 * taken[1])


def test_R4_the_payload_keeps_most_of_its_power() -> None:
    assert payload_keeps_its_power()


def test_R4_companion_without_payload_nothing_is_left() -> None:
    assert not payload_keeps_its_power(arm_payload=0.0)


# R5: poor internalisation, fast recycling ---------------------------------------------------------------------------

DEFECTS = {"poor internalisation": {"ke": 0.014}, "fast recycling": {"kr": 12.0}}


def delivers_less(defect: dict[str, float], **traits: float) -> bool:
    """Less conjugate reaches the lysosomes at equal HER2, less DM1 is made, and more cells survive."""
    slow, normal = treated(cell(**{**traits, **defect})), treated(cell(**traits))
    sorted_ = [moved(r, "sorted_to_lysosome") for r in (slow, normal)]
    return sorted_[0] < 0.3 * sorted_[1] and dm1(slow) < 0.3 * dm1(normal) and living(slow) > 1.4 * living(normal)


@pytest.mark.parametrize("name", DEFECTS)
def test_R5_poor_internalisation_or_fast_recycling_delivers_less(name: str) -> None:
    assert delivers_less(DEFECTS[name])


@pytest.mark.parametrize("name", DEFECTS)
def test_R5_companion_a_cell_that_takes_it_up_with_the_fluid_loses_nothing(name: str) -> None:
    """Without receptors, uptake does not depend on how receptors travel."""
    assert not delivers_less(DEFECTS[name], her2=0.0, kpino=5.0)


# R6: weak lysosomes -------------------------------------------------------------------------------------------------


def piles_up_intact(**changes: float) -> bool:
    """Conjugate stays undigested in the lysosome, less DM1 is made, and more cells survive."""
    pairs = tuple(changes.items())
    weak, normal = treated(cell(phi=0.1), pairs), treated(cell(), pairs)
    pools = [highest(r, "lysosome_conjugate_molecules_median") for r in (weak, normal)]
    return pools[0] > 3.0 * pools[1] and dm1(weak) < 0.5 * dm1(normal) and living(weak) > 1.3 * living(normal)


def test_R6_conjugate_piles_up_intact_in_weak_lysosomes() -> None:
    assert piles_up_intact()


def test_R6_companion_where_it_leaves_the_lysosome_undigested_it_does_not() -> None:
    assert not piles_up_intact(kexoL=50.0)


# R7: mixtures, selection, acquired resistance, what saved a line ----------------------------------------------------


def mixture(becomes: float = 0.0, share: float = 0.1) -> list[Clone]:
    sensitive = cell(name="sensitive", fraction=1.0 - share, becomes=(("lost", becomes),) if becomes else ())
    return [sensitive, cell(name="lost", fraction=share, slc46a3=0.0)]


def share_of_lost(record: Record) -> float:
    """Return the share of the clone without SLC46A3 at the end."""
    counts = {name: n for _, t, name, n in record.clones if t == record.end_h}
    return counts["lost"] / sum(counts.values())


def selects(nM: float, becomes: float = 0.0) -> bool:
    """The resistant clone doubles its share in three days."""
    return share_of_lost(record_of(well(mixture(becomes), conjugate(nM), cells=300))) > 0.2


def test_R7_treatment_selects_the_resistant_clone() -> None:
    assert selects(1.0)


def test_R7_companion_without_a_drug_nothing_is_selected() -> None:
    assert not selects(0.0)


def acquires(becomes: float) -> bool:
    """Resistant cells appear in a tumour that had none."""
    return share_of_lost(record_of(well(mixture(becomes, share=0.0), UNTREATED, cells=200))) > 0.03


def test_R7_resistance_is_acquired_at_division() -> None:
    assert acquires(0.05)


def test_R7_companion_cells_that_never_turn_acquire_none() -> None:
    assert not acquires(0.0)


def lines_saved_by_the_trait(**changes: float) -> bool:
    """Some lines without SLC46A3 live and would have died with it; of the sensitive ones none was saved by anything."""
    run = well(mixture(share=0.5), conjugate(3.0), changes=changes, cells=200)
    restored = {trait: record_of(other) for trait, other in restorations(run).items()}
    record = record_of(run)
    saved = saviours(record, restored, run.clones)
    clone_of = {founder: run.clones[i].name for founder, i in np.argwhere(record.lines.T).tolist()}
    by_clone = {name: {saved[f] for f in saved if clone_of[f] == name} for name in ("sensitive", "lost")}
    return by_clone == {"sensitive": {"none"}, "lost": {"slc46a3", "none"}}


def test_R7_saved_by_names_the_trait_that_saved_a_line() -> None:
    assert lines_saved_by_the_trait()


def test_R7_companion_a_trait_that_makes_no_difference_saves_nobody() -> None:
    assert not lines_saved_by_the_trait(kSLC=0.0)


def test_R7_any_mixture_of_traits_in_one_cell_adds_up() -> None:
    both = cell(mdr1=10.0, slc46a3=0.1, her2=3.0e5)
    assert dm1(treated(both)) < min(dm1(treated(replace(cell(), **one))) for one in traits_of(both))


def traits_of(kind: Clone) -> list[dict[str, float]]:
    return [{name: getattr(kind, name)} for name in ("mdr1", "slc46a3", "her2")]
