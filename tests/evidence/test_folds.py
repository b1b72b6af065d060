"""Fold changes of the IC50 by resistance."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.cli.evidence_tables import folds_table, number
from tdm1sim.evidence import folds as module
from tdm1sim.evidence.folds import ASSUMED, Fold, curve, folds, strengths

CATALOGUE = load_catalogue()
DOCS = Path(__file__).resolve().parents[2] / "docs" / "evidence.md"


def test_every_mechanism_is_taken_from_its_mild_to_its_strong_end() -> None:
    found = {name: [value for _, value in strengths(entry)] for name, entry in CATALOGUE.resistance.items()}
    assert found["her2_loss"] == [0.3, 0.1, 0.03]
    assert found["mdr1_high"] == [3.0, 10.0, 30.0]
    assert found["slc46a3_loss"] == [0.3, 0.0]
    assert found["pten_deficient"] == ["deficient"]


def test_what_is_assumed_is_named_for_every_mechanism() -> None:
    assert {next(iter(entry.sets)) for entry in CATALOGUE.resistance.values()} <= set(ASSUMED)


@pytest.mark.slow
def test_resistance_moves_the_ic50() -> None:
    ic50, _ = curve(CATALOGUE, "", "", size=0.2)
    resistant, _ = curve(CATALOGUE, "mdr1", 10.0, size=0.2)
    assert ic50 is not None
    assert resistant is not None
    assert 2.0 < resistant / ic50 < 5.0


def test_a_curve_that_never_meets_half_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "in_order", lambda _, work, __: iter([(0.1, 0.05), *[(None, 0.7)] * (len(work) - 1)]))
    found = folds(CATALOGUE)
    assert found[0].fold == 1.0
    assert {(one.ic50, one.fold) for one in found[1:]} == {(None, None)}
    assert number(found[1].fold) == "not reached"
    assert len(folds_table(found)) > 3


def test_the_page_prints_every_mechanism() -> None:
    page = DOCS.read_text(encoding="utf-8")
    for name, entry in CATALOGUE.resistance.items():
        assert page.count(f"    {name} ") == len(strengths(entry)), name


def test_fold_is_plain_data() -> None:
    assert Fold("mdr1_high", "efflux x 3", 0.1, 1.4, 0.2).assumed == ""
