"""Cycle, arrest, death, division and inheritance: each against what it must be."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tdm1sim import luck
from tdm1sim.engine import engine_of
from tdm1sim.engine.base import Engine
from tdm1sim.engine.events import End, Outcome, Push, Start, daughter, live_through, rules_of, settle, turn_into
from tdm1sim.lives import CAUSES
from tdm1sim.mechanisms.death import arrest_probability
from tdm1sim.parameters import Parameters
from tdm1sim.population import COLUMNS, INDEX, NAMES, CycleTimes, Stage, cycle_scale, founders
from tdm1sim.world import World, time_grid
from tests.runs import CULTURE_VALUES, PATIENT_VALUES, clone, culture, patient, plan

RULES = rules_of(patient(), patient().clones[0])
CALM = Push(apoptosis=0.0, nk=0.0, factor=1.0, speed=1.0, x0=0.0, x1=0.0)


def finished(parameters: Parameters) -> Engine:
    run = engine_of("numpy", World(parameters, followed=True))
    while not run.world.finished:
        run.advance()
    return run


@pytest.mark.parametrize("cv", [0.0, 0.15, 0.3])
def test_untreated_cells_double_in_the_doubling_time(cv: float) -> None:
    values = {**CULTURE_VALUES, "cv_cycle": cv}
    run = finished(culture(values=values, exposures=(), cells=4000, duration=5 * 37.4, record_every=37.4))
    # 4,000 founders: SD of ln(ratio) about 0.006; 4 SD leave one false alarm in 15,000.
    assert math.log2(run.living() / 4000) == pytest.approx(5.0, abs=0.035)


def test_untreated_growth_is_steady_from_the_first_hour() -> None:
    """Ages at start come from the steady distribution: no burst and no pause in the first doubling."""
    run = engine_of("numpy", World(culture(exposures=(), cells=6000, duration=37.4)))
    while not run.world.finished:
        run.advance()
        expected = 2.0 ** (run.world.t / 37.4)
        assert run.living() / 6000 == pytest.approx(expected, rel=0.02)


def test_companion_cells_that_all_start_young_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    run = engine_of("numpy", World(culture(exposures=(), cells=6000, duration=37.4)))
    run.blocks[0].column("y")[:] = 0.0  # type: ignore[attr-defined]
    run.blocks[0].column("stage")[:] = 0.0  # type: ignore[attr-defined]
    run.blocks[0].column("gate")[:] = run.rules[0].times.M  # type: ignore[attr-defined]
    while run.world.t < 18.0:
        run.advance()
    assert run.living() / 6000 != pytest.approx(2.0 ** (run.world.t / 37.4), rel=0.02)


def test_phases_of_an_untreated_culture() -> None:
    """Steady exponential growth: the share of cells past position y of the cycle is 2^(1 - y/T) - 1."""
    values = {**CULTURE_VALUES, "cv_cycle": 0.0}
    run = finished(culture(values=values, exposures=(), cells=8000, duration=12.0))
    times = CycleTimes.of(run.clones[0], values, "microtubule")
    y = run.column(0, "y")
    for gate in (times.G1, times.S_end, times.M):
        assert (y >= gate).mean() == pytest.approx(2.0 ** (1.0 - gate / times.end) - 1.0, abs=0.02)


def test_euler_lotka() -> None:
    for cv in (0.05, 0.15, 0.4):
        median, sigma = cycle_scale(cv)
        z = stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
        assert np.mean(np.exp(-math.log(2.0) * median * np.exp(sigma * z))) == pytest.approx(0.5, abs=1e-5)


def test_arrest_probability() -> None:
    assert arrest_probability(0.0, 80.0, 6.5) == 0.0
    assert arrest_probability(80.0, 80.0, 6.5) == pytest.approx(0.5)
    assert arrest_probability(160.0, 80.0, 6.5) == pytest.approx(1.0 / (1.0 + 2.0**-6.5))
    assert arrest_probability(1e9, 80.0, 6.5) == pytest.approx(1.0)


def test_a_cell_waits_in_arrest_for_the_first_of_its_clocks() -> None:
    start = Start(RULES.times.M, math.inf, math.inf, 0.5, 10.0, float(Stage.ARRESTED))
    outcome = live_through(start, CALM, 1.0, 7, RULES, 100.0)
    assert outcome.end == End.DEATH_IN_ARREST
    assert outcome.time == pytest.approx(0.5 / RULES.kdm)


def test_slippage_leads_to_a_new_clock_in_the_same_step() -> None:
    start = Start(RULES.times.M, math.inf, math.inf, 1e9, 0.075, float(Stage.ARRESTED))
    outcome = live_through(start, CALM, 1.0, 7, RULES, 1e4)
    assert outcome.end == End.DEATH_AFTER_SLIPPAGE
    wait = luck.clock(luck.Decision.DEATH_AFTER_SLIPPAGE, 7) / RULES.kmc
    assert outcome.time == pytest.approx(1.0 + wait)


def test_apoptosis_is_interpolated_inside_the_step() -> None:
    push = CALM._replace(apoptosis=0.8)
    outcome = live_through(Start(0.0, 0.2, math.inf, math.inf, math.inf, 0.0), push, 1.0, 7, RULES, 2.0)
    assert (outcome.end, outcome.time) == (End.INTERPHASE_APOPTOSIS, pytest.approx(0.5))


def test_shield_slows_death_but_not_slippage() -> None:
    start = Start(RULES.times.M, math.inf, math.inf, 0.5, 1e9, float(Stage.ARRESTED))
    slowed = live_through(start, CALM._replace(factor=0.5), 1.0, 7, RULES, 100.0)
    assert slowed.time == pytest.approx(2.0 * 0.5 / RULES.kdm)
    slip = Start(RULES.times.M, math.inf, math.inf, 1e9, 0.075, float(Stage.ARRESTED))
    outcome = live_through(slip, CALM._replace(factor=0.5), 1.0, 7, RULES, 1.5)
    assert (outcome.end, outcome.stage) == (End.NONE, float(Stage.MULTINUCLEATED))


def test_without_drug_a_cell_passes_mitosis_and_divides() -> None:
    y = RULES.times.M - 0.5
    outcome = live_through(Start(y, math.inf, math.inf, math.inf, math.inf, 0.0), CALM, 1.0, 7, RULES, 5.0)
    assert (outcome.end, outcome.time) == (End.DIVISION, pytest.approx(1.5))


def newborn(values: list[float], key: int, outcome: Outcome, push: Push, born: float, h: float) -> list[float]:
    cell = [math.nan] * len(values)
    daughter(cell, values, key, outcome, push, RULES, born, h)
    return cell


def mother() -> list[float]:
    born = founders(patient(cells=1), 1)[0].values[:, 0].tolist()
    for i, column in enumerate(COLUMNS):
        if column.daughters == "half":
            born[i] = 1000.0 + i
    return born


def test_daughters_receive_what_the_columns_say() -> None:
    values = mother()
    outcome = live_through(
        Start(RULES.times.M, math.inf, math.inf, math.inf, math.inf, 1.0), CALM, values[INDEX["pace"]], 3, RULES, 50.0
    )
    children = [
        newborn(values, luck.daughter_key(3, i), outcome, CALM._replace(speed=values[INDEX["pace"]]), 9.0, 50.0)
        for i in (0, 1)
    ]
    for i, column in enumerate(COLUMNS):
        a, b = children[0][i], children[1][i]
        if column.daughters == "half":
            assert a + b == values[i]
        elif column.daughters == "same":
            assert a == b == values[i]
        elif column.daughters == "drawn":
            assert len({a, b, values[i]}) == 3
    assert all(child[INDEX["birth"]] == 9.0 for child in children)
    assert children[0][INDEX["peak"]] == pytest.approx(children[0][INDEX["Pc"]] * RULES.nM)


def test_overshoot_goes_to_the_daughters() -> None:
    values = mother()
    values[INDEX["pace"]] = 1.0
    outcome = live_through(Start(RULES.times.M, math.inf, math.inf, math.inf, math.inf, 1.0), CALM, 1.0, 3, RULES, 3.0)
    child = newborn(values, 5, outcome, CALM, 0.0, 3.0)
    assert child[INDEX["y"]] == pytest.approx((3.0 - outcome.time) * child[INDEX["pace"]])


def test_turning_into_another_clone_keeps_the_cells_own_deviation() -> None:
    values = mother()
    before = values[INDEX["R0"]]
    before_and_after = patient([clone(her2=1e6), clone(name="b", her2=1e5, mdr1=10.0, pten_deficient=True)])
    turn_into(values, *(rules_of(before_and_after, kind).medians for kind in before_and_after.clones))
    assert values[INDEX["R0"]] == pytest.approx(0.1 * before)
    assert values[INDEX["mdr1"]] == pytest.approx(10.0)
    assert (values[INDEX["pten"]], values[INDEX["coupled"]]) == (0.0, 0.0)


def test_resistance_acquired_at_division_appears_at_the_stated_rate() -> None:
    clones = [clone(CULTURE_VALUES, name="a", becomes=(("b", 0.05),)), clone(CULTURE_VALUES, name="b", fraction=0.0)]
    run = finished(culture(clones, exposures=(), cells=3000, duration=37.4))
    rows = run.world.tally.lives.rows
    born = rows[(rows["cause"] == CAUSES.index("division")) & (rows["clone"] == 0)]
    # Binomial, about 5,000 births: SD 0.003; 4 SD.
    assert len(run.column(1, "R")) / (2 * len(born)) == pytest.approx(0.05, abs=0.0125)


def test_settled_cells_stand_where_their_stage_says() -> None:
    values = mother()
    outcome = live_through(Start(0.0, 5.0, math.inf, math.inf, math.inf, 0.0), CALM, 1.0, 3, RULES, 1.0)
    settle(values, outcome._replace(stage=float(Stage.ARRESTED)), RULES)
    assert values[INDEX["growing"]] == 0.0
    assert values[INDEX["k_exit"]] == RULES.kdm
    assert values[INDEX["gate"]] == math.inf


@pytest.mark.parametrize("cells", [1, 20, 2000])
def test_founders_follow_the_stated_medians(cells: int) -> None:
    kinds = [clone(name="a", fraction=0.7, her2_sigma=0.5), clone(name="b", fraction=0.3, her2=1e5, mdr1_sigma=0.4)]
    drawn = founders(patient(kinds, cells=cells), 1)
    assert sum(some.values.shape[1] for some in drawn) == cells
    if cells == 2000:
        for some, kind in zip(drawn, kinds, strict=True):
            logs = np.log(some.values[INDEX["R0"]] / kind.her2)
            assert abs(logs.mean()) < 4.0 * 0.5 / math.sqrt(logs.size)
            assert logs.std() == pytest.approx(0.5, rel=0.1)
    assert np.isfinite(np.concatenate([s.values[:7] for s in drawn], axis=1)).all()


def test_changing_a_fraction_moves_no_cell_that_need_not_move() -> None:
    def assignment(share: float) -> dict[int, str]:
        kinds = [clone(name="a", fraction=1.0 - share), clone(name="b", fraction=share)]
        drawn = founders(patient(kinds, cells=1000), 1)
        return {int(f): k.name for some, k in zip(drawn, kinds, strict=True) for f in some.values[INDEX["founder"]]}

    few, more = assignment(0.05), assignment(0.10)
    assert {f for f, name in few.items() if name == "b"} < {f for f, name in more.items() if name == "b"}


def test_time_grid_holds_every_promised_time() -> None:
    schedule = plan(duration=100.0, dt=1.0, record_every=7.0)
    grid, looks = time_grid(schedule, (0.0, 1.5, 50.25))
    assert grid[0] == 0.0
    assert grid[-1] == 100.0
    steps = np.diff(grid)
    assert steps.min() > 0.0
    assert steps.max() <= 1.0 + 1e-12
    for t in (1.5, 50.25, *range(0, 100, 7)):
        assert np.abs(grid - t).min() < 1e-9
        assert t == 0 or np.abs(grid[looks] - t).min() < 1e-9  # where somebody looks, a window ends
    after = np.searchsorted(grid, 50.25 - 1e-9)
    assert grid[after + 1] - grid[after] < 0.05


def test_a_trait_drawn_once_is_inherited_exactly() -> None:
    run = finished(culture(exposures=(), cells=20, duration=100.0))
    by_founder: dict[float, set[float]] = {}
    for founder, r0 in zip(run.column(0, "founder"), run.column(0, "R0"), strict=True):
        by_founder.setdefault(founder, set()).add(r0)
    assert all(len(some) == 1 for some in by_founder.values())


def test_names_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)


def test_blockade_slows_g1_only() -> None:
    values = {**PATIENT_VALUES, "E_T": 0.48}
    blocked = replace(patient(values=values).clones[0], E_T=0.48)
    from tdm1sim.mechanisms.cycle import cycle
    from tdm1sim.pools import K

    times = CycleTimes.of(blocked, values, "microtubule")
    slow, _ = cycle(10.0, 0.0, 1.0, 1.0, 0.48, times.G1, 1.0, K)
    free, _ = cycle(10.0, 1.0, 1.0, 1.0, 0.48, times.G1, 1.0, K)
    late, _ = cycle(times.G1 + 1.0, 0.0, 1.0, 1.0, 0.48, times.G1, 1.0, K)
    assert (slow, free, late) == (pytest.approx(10.52), pytest.approx(11.0), pytest.approx(times.G1 + 2.0))
