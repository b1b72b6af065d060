"""Luck is a function: same key, same luck; uniform, independent, and the same alone or in a column."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tdm1sim import luck
from tdm1sim.luck import Decision

KEYS = st.integers(min_value=0, max_value=2**64 - 1)


@given(key=KEYS, decision=st.sampled_from(list(Decision)))
def test_alone_and_in_a_column_are_the_same(key: int, decision: Decision) -> None:
    column = np.array([key], dtype=np.uint64)
    assert luck.uniforms(decision, column)[0] == luck.uniform(decision, key)
    assert luck.clocks(decision, column)[0] == luck.clock(decision, key)
    assert luck.normals(decision, column)[0] == luck.normal(decision, key)


@given(key=KEYS)
def test_numbers_lie_strictly_between_zero_and_one(key: int) -> None:
    assert 0.0 < luck.uniform(Decision.AGE, key) < 1.0


# Five Kolmogorov-Smirnov tests at 1e-4 each: one false alarm in 2,000 seeds, and the seed is fixed.
@pytest.mark.parametrize("decision", [Decision.HER2, Decision.APOPTOSIS, Decision.ARREST, Decision.AGE, Decision.CLONE])
def test_uniform_over_cells(decision: Decision) -> None:
    u = luck.uniforms(decision, luck.founder_keys(1, 1, 50_000))
    assert stats.kstest(u, "uniform").pvalue > 1e-4


def test_companion_a_skewed_hash_is_noticed() -> None:
    u = luck.uniforms(Decision.HER2, luck.founder_keys(1, 1, 50_000)) ** 1.05
    assert stats.kstest(u, "uniform").pvalue < 1e-4


def test_decisions_seeds_replicates_and_daughters_are_unrelated() -> None:
    keys = luck.founder_keys(1, 1, 20_000)
    base = luck.uniforms(Decision.HER2, keys)
    children = np.array([luck.daughter_key(int(k), 0) for k in keys[:20_000]], dtype=np.uint64)
    siblings = np.array([luck.daughter_key(int(k), 1) for k in keys[:20_000]], dtype=np.uint64)
    others = [
        luck.uniforms(Decision.MDR1, keys),
        luck.uniforms(Decision.HER2, luck.founder_keys(2, 1, 20_000)),
        luck.uniforms(Decision.HER2, luck.founder_keys(1, 2, 20_000)),
        luck.uniforms(Decision.HER2, children),
        luck.uniforms(Decision.HER2, siblings),
        luck.uniforms(Decision.HER2, keys, n=1),
    ]
    for other in others:
        assert abs(np.corrcoef(base, other)[0, 1]) < 5.0 / np.sqrt(20_000)


def test_a_founder_keeps_its_luck_when_there_are_more_founders() -> None:
    assert (luck.founder_keys(3, 1, 10) == luck.founder_keys(3, 1, 1000)[:10]).all()


def test_clocks_are_exponential_with_mean_one() -> None:
    clocks = luck.clocks(Decision.SLIPPAGE, luck.founder_keys(5, 1, 50_000))
    assert stats.kstest(clocks, "expon").pvalue > 1e-4


def test_generators_differ_by_purpose_and_seed() -> None:
    a, b, c = (luck.generator(s, p).random() for s, p in ((1, "x"), (1, "y"), (2, "x")))
    assert len({a, b, c}) == 3
    assert luck.generator(1, "x").random() == a
