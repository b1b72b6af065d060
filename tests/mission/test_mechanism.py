"""M1 to M10, the mechanism: each claim on the model as it is, and on the model with that mechanism switched off."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from tdm1sim.ensemble import attribute
from tdm1sim.figures.words import names
from tdm1sim.given import WORDS
from tdm1sim.intervals import Interval
from tdm1sim.parameters import Clone, Parameters
from tests.mission.small import (
    DAY,
    body,
    cell,
    conjugate,
    last,
    living,
    moved,
    naked,
    pertuzumab,
    record_of,
    rising,
    still,
    trastuzumab,
    well,
)
from tests.runs import clone
from tests.science.arms import column, lives_of, paired

# M1: binding at subdomain IV, internalisation with the receptor, turnover ------------------------------------------


def uptake(*exposures: object, **changes: float) -> float:
    """Payload that reaches the lysosomes of a cell in a day, molecules."""
    record = record_of(still(well(None, *exposures, changes=changes, cells=10, duration=DAY)))  # type: ignore[arg-type]
    return moved(record, "carried_sorted")


def competes(site: str) -> bool:
    """Fifty times as much naked antibody on this subdomain keeps most of 2 nM of conjugate out."""
    return uptake(conjugate(2.0), naked(100.0, site)) < 0.1 * uptake(conjugate(2.0))  # type: ignore[arg-type]


def test_M1_trastuzumab_competes_with_the_conjugate() -> None:
    assert competes("IV")


def test_M1_companion_pertuzumab_binds_elsewhere_and_does_not() -> None:
    assert not competes("II")
    assert uptake(conjugate(2.0), naked(100.0, "II")) == uptake(conjugate(2.0))


def goes_in_with_the_receptor(**traits: float) -> bool:
    """What lysosomes receive came on receptors, antibody and all of its payload, and receptors are replaced."""
    record = record_of(still(well([cell(kpino=0.0, **traits)], changes={"kdec": 0.0}, cells=10)))
    bound, taken = moved(record, "bound"), moved(record, "sorted_to_lysosome")
    whole = moved(record, "carried_sorted") == pytest.approx(3.5 * taken, rel=1e-6)
    turnover = taken > 1.5e6  # more in three days than a cell ever has on its surface
    return bool(whole and turnover and taken < moved(record, "internalised") and taken < bound)


def test_M1_the_whole_conjugate_goes_in_with_the_receptor() -> None:
    assert goes_in_with_the_receptor()


@pytest.mark.parametrize("rate", ["ke", "ks"])
def test_M1_companion_without_endocytosis_or_sorting_it_does_not(rate: str) -> None:
    assert not goes_in_with_the_receptor(**{rate: 0.0})


# M2: proteolysis releases a catabolite that cannot leave by itself --------------------------------------------------


def digested_to_a_catabolite(**changes: float) -> bool:
    """Lysosomes hold conjugate, digest it, and 3.5 payloads per antibody go to the cytosol by a transporter."""
    changes = {"kdec": 0.0, **changes}
    record = record_of(still(well(changes=changes, cells=10, duration=DAY)))
    stuck = record_of(still(well([cell(slc46a3=0.0)], changes={**changes, "kexo": 0.0}, cells=10, duration=DAY)))
    antibodies, payloads = moved(record, "proteolysed"), moved(record, "carried_released")
    return bool(
        last(record, "lysosome_conjugate_molecules_median") > 1e4
        and antibodies > 1e5
        and payloads == pytest.approx(3.5 * antibodies, rel=1e-6)
        and moved(record, "catabolite_to_cytosol") > 0.5 * payloads
        and moved(stuck, "catabolite_to_cytosol") + moved(stuck, "catabolite_exocytosed") == 0.0
        and last(stuck, "lysosome_catabolite_molecules_median") == pytest.approx(moved(stuck, "carried_released"))
    )


def test_M2_lysosomes_release_a_catabolite_that_cannot_leave_by_itself() -> None:
    assert digested_to_a_catabolite(kleak=0.0)


@pytest.mark.parametrize("change", [{"klys": 0.0}, {"kleak": 0.2}, {"DAR": 2.0}])
def test_M2_companion_no_proteolysis_a_leaky_membrane_or_another_load(change: dict[str, float]) -> None:
    assert not digested_to_a_catabolite(**{"kleak": 0.0, **change})


def loses_its_payload(**changes: float) -> bool:
    """Conjugate in the medium carries less and less, and what fell off is counted."""
    record = record_of(still(well([cell(her2=1.0e5)], changes=changes, cells=10)))
    dar, t = column(record, "local_mean_dar"), column(record, "time_h")
    falls = dar == pytest.approx(3.5 * np.exp(-0.0023 * t), rel=0.01)
    entered, out = moved(record, "carried_entered"), moved(record, "carried_deconjugated")
    counted = out == pytest.approx(entered * -np.expm1(-0.0023 * t[-1]), rel=0.01)
    return bool(falls and counted and record.balance < 1e-12)


def test_M2_the_mean_load_falls_and_the_lost_drug_is_counted() -> None:
    assert loses_its_payload()


def test_M2_companion_a_linker_that_holds_loses_none() -> None:
    assert not loses_its_payload(kdec=0.0)


# M3: tubulin, arrest at mitosis, death ------------------------------------------------------------------------------


def binds_tubulin_saturably(**changes: float) -> bool:
    """Much DM1 binds, ten times the drug binds less than ten times as much, and never more than there are sites."""
    doses = (1.0, 1.0e4)
    records = [
        record_of(still(well(None, conjugate(nM), changes=changes, medium=1e8, cells=10, duration=48.0)))
        for nM in doses
    ]
    total, bound = ([last(r, f"dm1_{name}_nM_median") for r in records] for name in ("cytosol", "tubulin_bound"))
    shares = [b / t for b, t in zip(bound, total, strict=True)]
    return bool(0.9 < shares[0] < 1.0 and shares[1] < 0.97 * shares[0] and bound[1] < 20_000.0)


def test_M3_dm1_binds_tubulin_saturably() -> None:
    assert binds_tubulin_saturably()


@pytest.mark.parametrize("change", [{"KDt": 1e9}, {"T": 1e9}])
def test_M3_companion_without_affinity_or_without_end(change: dict[str, float]) -> None:
    assert not binds_tubulin_saturably(**change)


def arrests_and_kills(**changes: float) -> bool:
    """Mitotic phase fills up, cells slip, and die in arrest and after it."""
    record = record_of(well(None, conjugate(3.0), changes={"kap": 0.0, **changes}, cells=200))
    causes = {life["cause"] for life in lives_of(record)}
    stuck = column(record, "arrested") + column(record, "multinucleated")
    return {"death_in_arrest", "death_after_slippage"} <= causes and bool(stuck[-1] > 0.5 * living(record) * 200)


def test_M3_cells_are_arrested_at_mitosis_and_die() -> None:
    assert arrests_and_kills()


def test_M3_companion_a_spindle_that_feels_nothing_goes_on() -> None:
    assert not arrests_and_kills(C_M=1e9)


def test_M3_the_fates_are_called_what_they_are() -> None:
    shown = names(WORDS["microtubule"])
    assert shown["apoptosis"] == "rapid (interphase) apoptosis"
    assert shown["mitotic_catastrophe"] == "mitotic catastrophe (arrest, then death, often apoptotic)"


# M4: the antibody's own effect: signalling --------------------------------------------------------------------------


def antibody_slows_G1(nM: float = 10.0, her2_driven: bool = True, **changes: float) -> bool:
    """Naked antibody lowers PI3K activity; more cells are in G1 and fewer are born."""
    kind = [cell(her2_driven=her2_driven)]
    treated, bare = (record_of(well(kind, naked(c), changes=changes, cells=300)) for c in (nM, 0.0))
    in_G1 = [column(r, "g1")[-1] / column(r, "live_cells")[-1] for r in (treated, bare)]
    return bool(
        last(treated, "pi3k_activity_median") < 0.2
        and last(bare, "pi3k_activity_median") == 1.0
        and treated.born < 0.8 * bare.born
        and in_G1[0] > in_G1[1] + 0.04
    )


def test_M4_antibody_inhibits_signalling_and_slows_G1() -> None:
    assert antibody_slows_G1()


@pytest.mark.parametrize(
    "off",
    [{"arm_blockade": 0.0}, {"her2_driven": False}, {"nM": 1e-4}],
    ids=["arm off", "HER2 does not drive", "nothing bound"],
)
def test_M4_companion_without_blockade_nothing_slows(off: dict[str, float]) -> None:
    assert not antibody_slows_G1(**off)  # type: ignore[arg-type]


# M5: ADCC -----------------------------------------------------------------------------------------------------------


def killed_by_nk(her2: float, **changes: float) -> float:
    """Share of cells that NK cells kill in an assay: 2 ug/mL trastuzumab, an NK cell per tumour cell, 4 h."""
    kind = [cell(her2=her2, her2_sigma=0.0)]
    record = record_of(well(kind, naked(13.7), changes={"NK": 1.0, **changes}, cells=400, duration=4.0))
    return last(record, "died_adcc") / 400.0


def kills_the_rich_and_spares_the_poor(**changes: float) -> bool:
    return killed_by_nk(1.0e6, **changes) > 0.2 and killed_by_nk(1.0e4, **changes) < 0.03


def test_M5_in_an_assay_nk_cells_kill_3_plus_and_spare_1e4_receptors() -> None:
    assert kills_the_rich_and_spares_the_poor()


@pytest.mark.parametrize("off", [{"arm_adcc": 0.0}, {"NK": 0.0}, {"K_NK": 10.0}], ids=["arm", "no NK", "no threshold"])
def test_M5_companion_no_arm_no_cells_no_threshold(off: dict[str, float]) -> None:
    assert not kills_the_rich_and_spares_the_poor(**off)


def changes_little_in_a_tumour(NK: float) -> bool:
    """Living cells of day 21 with and without ADCC differ by less than 2 %."""
    with_it, without = (living(record_of(body(changes={"NK": NK, "arm_adcc": arm}, cells=400))) for arm in (1.0, 0.0))
    return abs(with_it / without - 1.0) < 0.02


def test_M5_at_a_tumours_density_it_changes_little() -> None:
    assert changes_little_in_a_tumour(1e-4)


def test_M5_companion_at_an_assays_density_it_would_change_much() -> None:
    assert not changes_little_in_a_tumour(1.0)


# M6: shedding -------------------------------------------------------------------------------------------------------


def antibody_keeps_receptors_from_being_shed(**changes: float) -> bool:
    """Cells shed less ectodomain with antibody on them, and the pool around them grows more slowly."""
    treated, bare = (
        record_of(still(well(None, naked(c), changes=changes, cells=10, duration=DAY))) for c in (100.0, 0.0)
    )
    shed = [moved(r, "shed_receptor") + moved(r, "shed_with_receptor") for r in (treated, bare)]
    pools = [last(r, "local_shed_ecd_nM") for r in (treated, bare)]
    return shed[1] > 0.0 and shed[0] < 0.2 * shed[1] and pools[0] < 0.2 * pools[1]


def test_M6_bound_antibody_inhibits_shedding() -> None:
    assert antibody_keeps_receptors_from_being_shed()


@pytest.mark.parametrize("off", [{"arm_shedding": 0.0}, {"eta": 0.0}, {"ksh": 0.0}])
def test_M6_companion_arm_off_no_inhibition_no_shedding(off: dict[str, float]) -> None:
    assert not antibody_keeps_receptors_from_being_shed(**off)


# M7, M8: what share of the effect is which arm's --------------------------------------------------------------------


@lru_cache
def shares(her2: float, her2_driven: bool, off: str = "") -> dict[str, Interval | None]:
    """The share of each arm of 1 nM T-DM1 in the area under living cells over three days."""
    kind = cell(her2=her2, her2_driven=her2_driven, E_T=0.48 if her2_driven else 0.0)
    changes = {off: 0.0} if off else {}
    told = attribute(well([kind], changes=changes, cells=100, replicates=3, record_every=12.0))
    return {arm: part["share"] for arm, part in told["arms"].items()}


def counts(share: Interval | None) -> bool:
    """Whether a share is above zero with an interval that excludes it."""
    return share is not None and share["low"] is not None and share["low"] > 0.0


def test_M7_in_3_plus_payload_and_blockade_both_contribute() -> None:
    found = shares(1.0e6, True)
    assert counts(found["payload"])
    assert counts(found["blockade"])


@pytest.mark.parametrize("arm", ["payload", "blockade"])
def test_M7_companion_an_arm_that_is_off_has_no_share(arm: str) -> None:
    other = {"payload": "blockade", "blockade": "payload"}[arm]
    found = shares(1.0e6, True, f"arm_{arm}")
    assert not counts(found[arm])
    assert counts(found[other])


def is_payload_alone(her2_driven: bool) -> bool:
    found = shares(5.0e4, her2_driven)
    blockade = found["blockade"]
    assert blockade is not None
    assert blockade["mean"] is not None
    return counts(found["payload"]) and abs(blockade["mean"]) < 0.01


def test_M8_in_her2_low_the_effect_is_payload_alone() -> None:
    assert is_payload_alone(her2_driven=False)


def test_M8_companion_cells_with_as_few_receptors_that_her2_drives_have_a_blockade_share() -> None:
    assert not is_payload_alone(her2_driven=True)


# M9: naked antibodies in HER2-low -----------------------------------------------------------------------------------


def numbers(kind: Clone, *, given: bool, **changes: float) -> list[float]:
    """Living cells per founder of each replicate, with trastuzumab and pertuzumab or with nothing."""
    courses = (trastuzumab(), pertuzumab()) if given else ()
    run = body([kind], *courses, dose=0.0, changes=changes, cells=80, duration=4 * DAY, dt=2.0)
    return [living(record_of(run, replicate)) for replicate in (1, 2)]


def naked_antibodies_do_nothing(kind: Clone) -> bool:
    """The paired difference from untreated contains zero and is narrower than 2 %; without NK cells it is none."""
    bare = numbers(kind, given=False)
    difference = paired(numbers(kind, given=True), bare)
    low, high = difference["low"], difference["high"]
    assert low is not None
    assert high is not None
    alike = low <= 0.0 <= high and high - low < 0.02 * float(np.mean(bare))
    return alike and numbers(kind, given=True, arm_adcc=0.0) == bare


def test_M9_trastuzumab_and_pertuzumab_change_nothing_in_her2_low() -> None:
    assert naked_antibodies_do_nothing(clone(her2=5.0e4, her2_driven=False, E_T=0.0, doubling=100.0))


def test_M9_companion_cells_that_her2_drives_grow_more_slowly() -> None:
    assert not naked_antibodies_do_nothing(clone(her2=5.0e4, doubling=100.0))


# M10: more HER2, more of everything ---------------------------------------------------------------------------------

CLASSES = (1.0e4, 5.0e4, 2.0e5, 1.0e6)


def more_her2_is_more(**traits: float) -> bool:
    """Over the classes 0, 1+, 2+ and 3+ in culture: internalised conjugate, DM1 and effect all rise."""
    records = [record_of(well([cell(her2=n, **traits)], cells=150)) for n in CLASSES]
    taken = [moved(r, "internalised") + moved(r, "pinocytosed") for r in records]
    dm1 = [r.peaks.quantile(0.5) for r in records]
    effect = [-living(r) for r in records]
    return rising(taken) and rising(dm1) and all(b > a for a, b in pairwise(effect))


def test_M10_in_culture_more_her2_is_more_internalised_more_dm1_more_effect() -> None:
    assert more_her2_is_more()


def test_M10_companion_without_endocytosis_of_her2_it_is_not() -> None:
    assert not more_her2_is_more(ke=0.0)


def follows_her2(run: Parameters) -> bool:
    """Between the cells of one run the ranks of HER2 and of the highest DM1 go together."""
    founders = [c for c in lives_of(record_of(run)) if "." not in c["cell_id"] and c["cause"] != "division"]
    ranks = [np.argsort(np.argsort([c[name] for c in founders])) for name in ("her2_per_cell", "dm1_peak_nM")]
    return bool(np.corrcoef(*ranks)[0, 1] > 0.8)


def test_M10_between_the_cells_of_one_tumour_dm1_follows_her2() -> None:
    assert follows_her2(body(cells=150, duration=7 * DAY))


def test_M10_companion_with_fluid_phase_uptake_alone_it_does_not() -> None:
    assert not follows_her2(body([clone(ke=0.0, kpino=0.05)], cells=150, duration=7 * DAY))


# Beside T-DM1: a payload that crosses membranes ---------------------------------------------------------------------


def reaches_neighbours(kin: float, **changes: float) -> bool:
    """HER2-poor cells in a tumour of 3+ cells hold more payload than they do alone."""
    poor, rich = clone(name="poor", fraction=0.5, her2=0.0, kpino=0.0), clone(name="rich", fraction=0.5)
    run = still(body([poor, rich], changes={"kin": kin, **changes}, cells=20, duration=3 * DAY))
    poor_alone = record_of(replace(run, clones=(replace(poor, fraction=1.0),)))
    beside = record_of(run)
    return last(beside, "dm1_cytosol_nM_p05") > 1.0 and last(poor_alone, "dm1_cytosol_nM_p05") == 0.0


def test_M2_a_permeable_payload_enters_neighbours() -> None:
    assert reaches_neighbours(kin=3.8)


def test_M2_companion_the_payload_of_t_dm1_does_not() -> None:
    assert not reaches_neighbours(kin=0.0)
