"""``tdm1sim methods``: from the files of a result alone; every number is the run's own."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.methods import bibtex, facts_of
from tdm1sim.methods.bibliography import in_full
from tdm1sim.methods.facts import spans
from tdm1sim.methods.layout import Document, Section, Table, cite, render
from tdm1sim.report.said import made_of
from tdm1sim.results import Results
from tests.cli.cli_fakes import Ending
from tests.cli.small_results import ASKED, written

Program = Callable[..., Ending]
CATALOGUE = load_catalogue()


def flat(text: str) -> str:
    return " ".join(text.split())


def table_of(text: str) -> dict[str, list[str]]:
    """Return the rows of the table of numbers by symbol."""
    part = text.partition("**Numbers of the model**")[2].partition("## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:2] == "| "]
    return {row[0]: row[1:] for row in rows[1:]}


@pytest.fixture
def patient(tmp_path: Path) -> Path:
    return written(tmp_path, "acquired_mdr1")


def test_the_paragraphs_tell_the_run(patient: Path, tdm1sim: Program) -> None:
    done = tdm1sim("methods", str(patient))
    told = flat(done.out)
    assert (done.code, done.err) == (0, "")
    manifest = json.loads((patient / "manifest.json").read_text())
    for piece in (
        "Simulations were run with tdm1sim 0.1.0 [1] (engine numpy;",
        f"Python {manifest['python']}",
        f"numpy {manifest['packages']['numpy']}",
        "When does a tumour regrow whose resistance has still to arise?",
        "a patient of 70 kg",
        "permeability of the vessel wall 259 um/d",
        "Given was T-DM1 at 0.5 mg/kg every 21 d for",
        "40 founder cells in 2 clones",
        "mdr1_high (none at the start, median of 1,000,000 HER2 per cell, efflux times 10)",
        "a daughter of sensitive becomes mdr1_high with a probability of 0.2 at each division (assumed)",
        "Simulated time was 144 h in steps of at most 2 h, in 2 independent replicates, with seed 1",
        f"({manifest['steps']} steps each)",
        "Student's t distribution over the 2 replicates",
        "Shapley value",
        "saved by a trait",
        manifest["scenario_hash"],
        "2 were changed by the scenario (doubling and E_T)",
        "Toxicity is not modelled.",
    ):
        assert piece in told, piece


def test_every_number_of_the_table_is_the_run_s(patient: Path, tdm1sim: Program) -> None:
    rows = table_of(tdm1sim("methods", str(patient)).out)
    results = Results.read(patient)
    for symbol, (meaning, value, unit, *_) in rows.items():
        name = symbol.rstrip("*")
        entry = CATALOGUE.parameters[name]
        assert meaning == entry.name
        if name in results.scenario["parameters"]:
            assert f"{value} {unit}".strip() == str(results.scenario["parameters"][name])
    assert rows["E_T*"][1:] == ["0.3", "", "set by the scenario; catalogue: 0.2"]
    assert rows["doubling*"][1:3] == ["72", "h"]
    assert rows["C_M"][1:3] == ["160", "nM"]
    assert rows["C_M"][3].startswith("calibrated, data c097-c104, c106-c115, c177 [")
    assert rows["ke"][3].startswith("calibrated, data c014, c018-c019, c021-c044 [")
    assert rows["KD"][3].startswith("sourced [")
    assert rows["kdm"][3].startswith("assumed")
    assert rows["P"][1:3] == ["259", "um/d"], "stated by the scenario, and the catalogue's own"
    assert "CL_trastuzumab" not in rows, "not given"
    assert "medium" not in rows, "a patient has none"


def test_the_numbers_follow_the_files_and_nothing_else(patient: Path, tdm1sim: Program) -> None:
    """The companion: other files, other words. Nothing was simulated with them."""
    text = (patient / "resolved.yaml").read_text()
    for old, new in (
        ("C_M: 160 nM", "C_M: 111 nM"),
        ("weight: 70 kg", "weight: 81 kg"),
        ("cells: 40", "cells: 41"),
        ("duration: 144 h", "duration: 7 d"),
        ("mdr1_high: 0.2", "mdr1_high: 0.3"),
    ):
        assert old in text
        text = text.replace(old, new)
    (patient / "resolved.yaml").write_text(text)
    manifest = json.loads((patient / "manifest.json").read_text())
    (patient / "manifest.json").write_text(json.dumps({**manifest, "engine": "abacus", "tdm1sim": "9.9"}))
    out = tdm1sim("methods", str(patient)).out
    for piece in ("tdm1sim 9.9", "engine abacus", "81 kg", "41 founder", "was 7 d", "probability of 0.3"):
        assert piece in flat(out)
    row = table_of(out)["C_M"]
    assert row[1] == "111"
    assert "calibrated" in row[3], "what the run recorded"
    assert "catalogue: 160 nM" in row[3], "this version has another"


def test_a_culture_with_one_replicate(tmp_path: Path, tdm1sim: Program) -> None:
    out = flat(tdm1sim("methods", str(written(tmp_path, "in_vitro_sk_br_3"))).out)
    for piece in (
        "in culture: 100 uL of medium and 8,000 cells per well, of which each simulated cell stands for 400",
        "T-DM1 at 1 nM",
        "one replicate",
        "20 groups of founders",
        "Read-outs were atp at 12 h in wells at 1 nM and 10 nM",
        "| medium |",
    ):
        assert piece in out, piece
    for absent in ("| CL |", "| P |", "| RK |", "Student"):
        assert absent not in out


def test_the_clones_have_their_table(patient: Path, tdm1sim: Program) -> None:
    out = tdm1sim("methods", str(patient)).out
    part = out.partition("**Clone mdr1_high")[2]
    assert re.search(r"\| mdr1\* \| fold of total efflux of the payload \| 10 \| acquired_mdr1.yaml:\d+ \|", part)
    assert "| becomes.mdr1_high |" in out.partition("**Clone sensitive")[2].partition("**Clone")[0]


def test_references_are_numbered_as_they_are_cited(patient: Path, tdm1sim: Program) -> None:
    out = tdm1sim("methods", str(patient)).out
    body, _, listed = out.partition("## References")
    numbers = [int(n) for found in re.findall(r"\[([\d, ]+)\]", body) for n in found.split(",")]
    entries = re.findall(r"^(\d+)\. ", listed, flags=re.MULTILINE)
    assert [int(n) for n in entries] == list(range(1, len(entries) + 1))
    assert max(numbers) <= len(entries)
    citations = json.loads((patient / "manifest.json").read_text())["citations"]
    assert all(in_full(CATALOGUE.references[key]) in listed for key in citations)


@pytest.mark.parametrize("kind", ["md", "tex", "txt"])
@pytest.mark.parametrize("name", ASKED)
def test_formats_hold_the_same(name: str, kind: str, tmp_path: Path, tdm1sim: Program) -> None:
    done = tdm1sim("methods", str(written(tmp_path, name)), "--format", kind)
    assert done.code == 0
    out = flat(done.out)
    for symbol in ("kon", "KDt", "kSLC"):
        assert symbol in out
    assert "[@" not in out, "every citation was written out"
    if kind == "tex":
        assert out.count("\\begin{") == out.count("\\end{")
        assert out.count("{") - out.count("\\{") == out.count("}") - out.count("\\}")
        cited = {key for found in re.findall(r"\\cite\{([^}]*)\}", out) for key in found.split(",")}
        assert cited <= set(re.findall(r"\\bibitem\{([^}]*)\}", out))
        assert not re.search(r"(?<!\\)[&%#_](?=[^&]*\\\\$)", done.out.partition("\\endhead")[0])
    if kind == "txt":
        assert max(len(line) for line in done.out.splitlines() if len(line.split()) > 2) <= 80


def test_files_are_written_whole_and_never_over_others(patient: Path, tmp_path: Path, tdm1sim: Program) -> None:
    place = tmp_path / "paper"
    done = tdm1sim("methods", str(patient), "--out", str(place), "--format", "tex")
    assert done.code == 0
    assert {path.name for path in place.iterdir()} == {"methods.tex", "references.bib"}
    assert done.out.splitlines() == [str(place / "methods.tex"), str(place / "references.bib")]
    again = tdm1sim("methods", str(patient), "--out", str(place), "--format", "tex")
    assert again.code == 1
    assert again.err.count("exists already") == 2
    assert tdm1sim("methods", str(patient), "--out", str(place), "--format", "tex", "--force").code == 0
    only = tmp_path / "mine.bib"
    done = tdm1sim("methods", str(patient), "--bibtex", str(only))
    assert done.out.startswith("# Methods of acquired_mdr1")
    assert only.read_text(encoding="utf-8") == (place / "references.bib").read_text(encoding="utf-8")


def test_an_older_result_is_told_as_far_as_it_goes(patient: Path, tdm1sim: Program) -> None:
    manifest = json.loads((patient / "manifest.json").read_text())
    for name in ("packages", "citations", "steps", "engine", "scenario_hash", "python"):
        del manifest[name]
    (patient / "manifest.json").write_text(json.dumps(manifest))
    done = tdm1sim("methods", str(patient))
    assert done.code == 0
    assert "manifest.json lists no citations" in done.err
    assert "Lu D, Girish S" in done.out
    assert "None" not in done.out


def test_a_package_that_was_not_there_is_not_named(patient: Path, tdm1sim: Program) -> None:
    manifest = json.loads((patient / "manifest.json").read_text())
    manifest["packages"] = {"numpy": "2.0", "distributed": None}
    (patient / "manifest.json").write_text(json.dumps(manifest))
    done = tdm1sim("methods", str(patient))
    assert "numpy 2.0" in done.out
    assert "distributed" not in done.out.split("Simulations were run with")[1][:300]
    assert made_of(manifest)[-1] == ("numpy", "2.0")


def test_a_scenario_that_lacks_what_must_be_told_is_refused(patient: Path, tdm1sim: Program) -> None:
    text = (patient / "resolved.yaml").read_text()
    (patient / "resolved.yaml").write_text(re.sub(r"  (seed|dt): .*\n", "", text))
    done = tdm1sim("methods", str(patient))
    assert done.code == 1
    assert "resolved.yaml: run.dt: is missing" in done.err
    assert "resolved.yaml: run.seed: is missing" in done.err
    assert "made by tdm1sim 0.1.0" in done.err


def test_what_the_catalogue_does_not_know_is_listed_as_it_stands(patient: Path, tdm1sim: Program) -> None:
    text = (patient / "resolved.yaml").read_text()
    text = text.replace("  kon: ", "  k_phlogiston: 3 1/h   # catalogue (assumed)\n  kon: ")
    (patient / "resolved.yaml").write_text(text.replace("drug: t-dm1", "drug: t-dm9"))
    manifest = json.loads((patient / "manifest.json").read_text())
    (patient / "manifest.json").write_text(json.dumps({**manifest, "citations": [*manifest["citations"], "me_1999"]}))
    done = tdm1sim("methods", str(patient))
    assert done.code == 0
    assert "has no parameter 'k_phlogiston'" in done.err
    assert "has no reference 'me_1999'" in done.err
    assert table_of(done.out)["k_phlogiston"] == ["not in the catalogue of this version", "3", "1/h", "assumed"]
    assert "Given was t-dm9 at 0.5 mg/kg" in flat(done.out)


def test_what_is_no_result_is_refused(tmp_path: Path, tdm1sim: Program) -> None:
    done = tdm1sim("methods", str(tmp_path))
    assert done.code == 1
    assert "not a whole result folder" in done.err
    assert "no such folder" not in done.err


def test_what_is_not_there_or_of_a_sweep_is_told_so(tmp_path: Path, tdm1sim: Program) -> None:
    done = tdm1sim("methods", str(tmp_path / "nowhere"))
    assert (done.code, "there is no such folder" in done.err, "missing" in done.err) == (1, True, False)
    (tmp_path / "sweep.csv").touch()
    done = tdm1sim("repeat", str(tmp_path))
    assert (done.code, f"`tdm1sim sweep {tmp_path / 'base.yaml'}` runs again" in done.err) == (1, True)


# ---------------------------------------------------------------- BibTeX


def entries(text: str) -> dict[str, dict[str, str]]:
    found = re.findall(r"@(\w+)\{(\w+),\n(.*?)\n\}", text, flags=re.DOTALL)
    return {
        key: {"kind": kind, **dict(re.findall(r"^  (\w+) = \{(.*)\},$", body, flags=re.MULTILINE))}
        for kind, key, body in found
    }


def test_every_reference_of_the_catalogue_becomes_an_entry_that_loses_nothing() -> None:
    found = entries(bibtex(list(CATALOGUE.references), CATALOGUE, "1.2"))
    assert set(found) == {"tdm1sim", *CATALOGUE.references}
    for key, reference in CATALOGUE.references.items():
        entry = found[key]
        kept = re.sub(r"[\\{}$]", "", " ".join(entry.values()))
        for number in re.findall(r"\d+", reference.text):
            assert number in kept, (key, number)
        assert entry.get("doi", "") == reference.doi
    articles = [entry for entry in found.values() if entry["kind"] == "article"]
    assert len(articles) >= 30
    lu = found["lu_2014"]
    assert lu["author"] == "Lu, D. and Girish, S. and Gao, Y. and others"
    assert (lu["journal"], lu["year"], lu["volume"], lu["pages"]) == (
        "Cancer Chemotherapy and Pharmacology",
        "2014",
        "74",
        "399--410",
    )
    assert found["cellosaurus_sk_br_3"]["kind"] == "misc"
    assert found["tdm1sim"]["note"] == "Version 1.2"


def test_braces_are_balanced() -> None:
    text = bibtex(list(CATALOGUE.references), CATALOGUE)
    assert text.count("{") == text.count("}")


# ---------------------------------------------------------------- layout


def test_a_small_document_in_each_format() -> None:
    table = Table("A & B", ("symbol", "meaning"), (("k_x", f"50 % of it{cite(['b'])}"), ("q|r", "")))
    sections = (Section("One", (f"First{cite(['b', 'a'])}, then{cite(['zz'])} nothing.",), ("x_1",), (table,)),)
    document = Document("Title", sections, {"a": "Author A.", "b": "Author B."})
    markdown = render(document, "md")
    assert "First [1, 2], then nothing." in markdown
    assert "1. Author B.\n2. Author A." in markdown
    assert "| q\\|r |  |" in markdown
    latex = render(document, "tex")
    assert "First~\\cite{b,a}, then nothing." in latex
    assert "k\\_x & 50 \\% of it~\\cite{b} \\\\" in latex
    assert "A \\& B" in latex
    assert "k_x: meaning: 50 % of it [1]" in render(document, "txt")


def test_ids_are_closed_up() -> None:
    assert spans(["c014", "c018", "c019", "c020", "b021"]) == "c014, c018-c020, b021"
    assert spans([]) == ""


def test_facts_tell_changed_from_stated(tmp_path: Path) -> None:
    facts = facts_of(Results.read(written(tmp_path, "acquired_mdr1")))
    by_symbol = {row.symbol: row for row in facts.rows}
    assert {row.symbol for row in facts.rows if row.changed} == {"E_T", "doubling"}
    assert by_symbol["P"].status == CATALOGUE.parameters["P"].status
    assert by_symbol["E_T"].references == ()
    with (tmp_path / "acquired_mdr1" / "cells.csv").open() as file:
        assert next(csv.reader(file))[0] == "cell_id"
