"""What was given is what is told: naked antibody, another conjugate, inhibitors; in pictures and in the terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tdm1sim import given
from tdm1sim.figures import FIGURES, applicable, draw_all, reading
from tdm1sim.scenario import document
from tdm1sim.tables import run_report
from tests.figures import look_alike, synthetic
from tests.figures.sheets import flat, results_of, sheet_of, words_on

LECTURE = ("exposure", "drug_path", "dm1_bands", "fates", "clones")


def terminal(results: Any) -> str:
    console = Console(width=80, file=None)
    with console.capture() as capture:
        for part in run_report(results, Path("results/x"), 5):
            console.print(part)
    return flat(capture.get())


def with_living(results: look_alike.FakeResults) -> look_alike.FakeResults:
    """The same with the split of the survivors, which figures do not read and the terminal does."""
    parts = {stage: look_alike.spanned(0.1, 0.05) for stage in ("cycling", "arrested", "multinucleated")}
    return look_alike.FakeResults(**{**vars(results), "summary": {**results.summary, "living": parts, "question": ""}})


@pytest.mark.parametrize("name", LECTURE)
def test_a_run_of_t_dxd_never_speaks_of_dm1(name: str) -> None:
    results = results_of("t_dxd")
    told = f"{FIGURES[name].title(results)} {FIGURES[name].caption(results)} {words_on(sheet_of('t_dxd', name))}"
    assert "DM1" not in told
    assert "tubulin" not in told
    assert "mito" not in told.replace("dm1", "")
    assert "catabolite" not in told
    if name in {"drug_path", "dm1_bands"}:
        assert "DXd in the cytosol" in told
    if name == "exposure":
        assert "T-DXd" in told


@pytest.mark.parametrize("name", LECTURE)
def test_companion_the_same_numbers_given_as_t_dm1_do(name: str) -> None:
    results = synthetic.t_dxd()
    results.scenario["treatment"] = [synthetic.T_DM1]
    told = FIGURES[name].caption(results)
    assert "T-DM1" in told
    assert "DXd" not in told


@pytest.mark.parametrize("story", ["naked", "adcc", "pertuzumab"])
@pytest.mark.parametrize("name", LECTURE)
def test_M9_naked_antibody_is_not_no_drug(story: str, name: str) -> None:
    results = results_of(story)
    told = f"{FIGURES[name].title(results)} {FIGURES[name].caption(results)} {words_on(sheet_of(story, name))}".lower()
    assert "no drug" not in told
    assert "without drug" not in told
    assert ("pertuzumab" if story == "pertuzumab" else "trastuzumab") in told


def test_M9_titles_say_that_no_payload_came() -> None:
    naked, adcc, pertuzumab = (results_of(story) for story in ("naked", "adcc", "pertuzumab"))
    assert FIGURES["dm1_bands"].title(naked) == (
        "Trastuzumab brings no payload: no cell holds any DM1, and all of them stay in the low band"
    )
    killed = (adcc.cells["fate"] == "adcc").sum() / (adcc.cells["fate"] != "divided").sum()
    assert FIGURES["dm1_bands"].title(adcc).endswith(f"NK cells killed {100 * killed:.0f} % of the cells")
    assert FIGURES["drug_path"].title(naked).startswith("Trastuzumab carries no payload")
    assert "no DM1 in any cell" in FIGURES["drug_path"].title(pertuzumab)
    assert FIGURES["fates"].title(naked).startswith("With trastuzumab and no payload, each founder cell leaves")
    assert FIGURES["fates"].title(adcc).endswith("; 0.40 were killed by NK cells")
    assert FIGURES["exposure"].title(adcc).startswith("Trastuzumab in the medium")
    assert "course not recorded" in words_on(sheet_of("pertuzumab", "exposure"))


def test_an_inhibitor_alone_is_a_drug_but_no_antibody() -> None:
    results = synthetic.untreated()
    assert not reading.has_drug(results)
    results.scenario["treatment"] = [{"drug": "pi3k_inhibitor", "inhibition": 0.8}]
    assert reading.has_drug(results)
    assert not reading.has_antibody(results)
    assert FIGURES["exposure"].title(results).startswith("No antibody given")
    assert FIGURES["fates"].title(results).startswith("With no antibody, each founder cell")
    assert "inhibitor of PI3K taking away 80 %" in FIGURES["fates"].caption(results)


def test_trastuzumab_left_from_earlier_therapy_counts() -> None:
    results = synthetic.codosing()
    results.scenario["treatment"] = [synthetic.T_DM1]
    assert reading.naked(results) == []
    results.scenario["patient"]["residual_trastuzumab"] = "20 ug/mL"
    assert reading.naked(results) == ["trastuzumab left from earlier therapy"]
    assert "trastuzumab left from earlier therapy, 20 µg/mL in plasma" in FIGURES["exposure"].caption(results)


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        ({"drug": "trastuzumab", "dose": "8 mg/kg"}, ["trastuzumab"]),
        ({"drug": "trastuzumab", "dose": "0 mg/kg"}, []),
        ({"drug": "pgp_inhibitor", "inhibition": 0}, []),
        ({"drug": "t-dxd", "dose": "5.4 mg/kg", "from": "21 d"}, []),
        ({"drug": "t-dxd", "dose": "5.4 mg/kg", "from": "20 d"}, ["t-dxd"]),
        ({"drug": "pertuzumab", "concentration": "1 nM", "from": "cycle 2"}, ["pertuzumab"]),
    ],
)
def test_what_counts_as_given(entry: dict[str, Any], names: list[str]) -> None:
    found = given.given({"treatment": [entry], "run": {"duration": "21 d"}})
    assert [drug.name for drug in found.drugs] == names
    assert found.payload == ("DXd" if names == ["t-dxd"] else "DM1")
    assert found.has("pertuzumab") == (names == ["pertuzumab"])


def test_the_terminal_uses_the_words_of_the_payload() -> None:
    dxd, dm1 = (terminal(with_living(results_of(story))) for story in ("t_dxd", "patient"))
    assert "arrested after S phase" in dxd
    assert "arrest, then death" in dxd
    assert "mitosis" not in dxd
    assert "mitotic" not in dxd
    assert "arrested in mitosis" in dm1
    assert "mitotic catastrophe" in dm1


def test_intervals_over_patients_are_told_as_such() -> None:
    many = results_of("population")
    assert "intervals: chance, and how patients differ (PK)" in terminal(with_living(many))
    assert "intervals are for chance alone" in terminal(with_living(results_of("patient")))
    for name in ("fates", "clones"):
        assert "95 % interval, chance and patients" in words_on(sheet_of("population", name))
        assert "chance alone" not in words_on(sheet_of("population", name))


def test_the_scenario_language_knows_every_figure() -> None:
    assert tuple(FIGURES) == document.FIGURES


def test_a_plain_run_has_five_figures_and_others_what_is_their_point(tmp_path: Path) -> None:
    def drawn(story: str) -> list[str]:
        written = draw_all(results_of(story), tmp_path / story, formats=["svg"])
        return [path.stem for path in written if path.suffix == ".svg"]

    assert drawn("patient") == list(LECTURE)
    assert drawn("cyp3a4_inhibitor") == [*LECTURE, "plasma_dm1"]
    assert drawn("naked") == [*LECTURE, "shed_ectodomain"]
    assert drawn("trafficking") == [*LECTURE, "proteolysis_activity"]


def test_further_figures_are_there_for_the_asking() -> None:
    assert {"plasma_dm1", "shed_ectodomain"} <= set(applicable(results_of("patient")))
    assert "plasma_dm1" not in applicable(results_of("t_dxd")), "what DXd does in plasma is not put in"
    assert "plasma_dm1" not in applicable(results_of("naked"))
    assert "plasma_dm1" not in applicable(results_of("culture"))
    assert "shed_ectodomain" not in applicable(results_of("untreated"))
    assert "proteolysis_activity" not in applicable(results_of("patient"))


def test_no_label_of_the_tables_is_shown() -> None:
    for story in ("naked", "t_dxd", "codosing", "mdr1_inhibitor"):
        for name in LECTURE:
            assert not re.search(r"pgp_inhibitor|t-dm1|t-dxd|_nM", words_on(sheet_of(story, name)))
            assert not re.search(r"pgp_inhibitor|t-dm1|t-dxd", FIGURES[name].caption(results_of(story)))
