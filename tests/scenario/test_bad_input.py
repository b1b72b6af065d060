"""The list of bad input: each says where, what, what is allowed, what to try; none ends in a traceback."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tdm1sim.errors import InputError
from tdm1sim.scenario import load_scenario
from tests.scenario.bad_drugs import BAD_DRUGS
from tests.scenario.writing import CULTURE, PATIENT, changed, load, problems

# What is changed in PATIENT; line, column; path; a piece of the message.
BAD_VALUES = [
    ("70 kg", "70", 3, 19, "patient.weight", "70 has no unit; a body weight is needed, such as 70 kg; write '70 kg'"),
    ("70 kg", "70 nM", 3, 19, "patient.weight", "'70 nM' is a concentration; a body weight is needed"),
    ("70 kg", "5 kg", 3, 19, "patient.weight", "from 20 to 300 kg"),
    ("3.6 mg/kg", "-3.6 mg/kg", 8, 25, "treatment.0.dose", "is negative"),
    ("3.6 mg/kg", ".nan", 8, 25, "treatment.0.dose", "NaN is not a number that can be used"),
    ("3.6 mg/kg", "nan mg/kg", 8, 25, "treatment.0.dose", "not a finite number"),
    ("3.6 mg/kg", "-.inf", 8, 25, "treatment.0.dose", "infinity is not a number"),
    ("3.6 mg/kg", "inf mg/kg", 8, 25, "treatment.0.dose", "not a finite number"),
    ("3.6 mg/kg", "250 mg", 8, 25, "treatment.0.dose", "is a mass; a dose per body weight is needed"),
    ("3.6 mg/kg", "3.6 Mg/kg", 8, 25, "treatment.0.dose", "is out of range"),
    ("3.6 mg/kg", "true", 8, 25, "treatment.0.dose", "true is not a dose per body weight"),
    ("3.6 mg/kg", "[1, 2]", 8, 19, "treatment.0.dose", "a list is not a dose per body weight"),
    ("t-dm1", "tdm1", 8, 12, "treatment.0.drug", "'tdm1'; known: t-dm1, t-dxd, pertuzumab, "),
    ("drug: t-dm1, ", "", 8, 5, "treatment.0.drug", "is missing"),
    ("dose: 3.6 mg/kg", "concentration: 1 nM", 8, 19, "treatment.0.concentration", "does not belong to a patient"),
    ("every: 21 d, cycles: 1", "cycles: 3", 8, 5, "treatment.0.every", "3 cycles need it; write `every: 21 d`"),
    ("cycles: 1", "cycles: 2.5", 8, 57, "treatment.0.cycles", "2.5 is not a whole number"),
    ("every: 21 d, cycles: 1", "from: cycle 2", 8, 42, "treatment.0.from", "counts the doses of this very entry"),
    ("every: 21 d, cycles: 1", "from: cycle 0", 8, 42, "treatment.0.from", "cycles count from 1"),
    ("every: 21 d, cycles: 1", "from: 3 d, until: 2 d", 8, 54, "treatment.0.until", "ends at 48 h; after its start"),
    ("every: 21 d", "every: 1 h", 8, 43, "treatment.0.every", "does not fit into 1 h"),
    ("every: 21 d, cycles: 1", "every: 2 min, infusion: 1 min", 8, 43, "treatment.0.every", "more than 10,000 doses"),
    ("fraction: 1", "fraction: 0.9", 5, 3, "tumour.clones", "the fractions add to 0.9"),
    ("fraction: 1", "fraction: 1.5", 6, 22, "tumour.clones.main.fraction", "1.5 is out of range; a number from 0 to 1"),
    ("fraction: 1", "fraction: '1'", 6, 22, "tumour.clones.main.fraction", "'1' is not a number"),
    ("her2: 3+", "her2: 3", 6, 31, "tumour.clones.main.her2", "or {receptors: 1e6, spread: 0.5}; write 3+"),
    ("her2: 3+", "her2: 1e6", 6, 31, "tumour.clones.main.her2", "an IHC class (0, 1+, 2+, 3+), or {receptors"),
    ("her2: 3+", "her2: 4+", 6, 31, "tumour.clones.main.her2", "'4+' is not an IHC class"),
    ("her2: 3+", "her2: 2+", 6, 5, "tumour.clones.main.ish", "decided by the gene; amplified or not_amplified"),
    ("her2: 3+", "her2: {spread: 1}", 6, 25, "tumour.clones.main.her2.receptors", "is missing"),
    (", her2: 3+", "", 6, 5, "tumour.clones.main.her2", "write `her2: 3+`"),
    ("her2: 3+", "her2: 3+, mdr: 10", 6, 35, "tumour.clones.main.mdr", "did you mean 'mdr1'?"),
    ("her2: 3+", "her2: 3+, mdr1: -2", 6, 41, "tumour.clones.main.mdr1", "-2 is negative"),
    ("her2: 3+", "her2: 3+, mdr1: {median: x}", 6, 50, "tumour.clones.main.mdr1.median", "'x' is not a number"),
    ("her2: 3+", "her2: 3+, pten: lost", 6, 41, "tumour.clones.main.pten", "'lost' is not known here; intact or"),
    ("her2: 3+", "her2: 3+, her2_driven: yes", 6, 48, "tumour.clones.main.her2_driven", "write true"),
    ("her2: 3+", "cell_line: skbr3", 6, 36, "tumour.clones.main.cell_line", "did you mean 'sk-br-3'?"),
    ("her2: 3+", "her2: 3+, resistance: [mdr1]", 6, 48, "tumour.clones.main.resistance.0", "no resistance mechanism"),
    ("her2: 3+", "her2: 3+, resistance: mdr1_high", 6, 47, "tumour.clones.main.resistance", "write [mdr1_high]"),
    ("her2: 3+", "her2: 3+, becomes: {b: 0.1}", 6, 45, "tumour.clones.main.becomes.b", "there is no clone 'b'"),
    ("her2: 3+", "her2: 3+, becomes: {main: 0.1}", 6, 45, "tumour.clones.main.becomes.main", "is the clone itself"),
    ("    main:", "    'ma in':", 6, 5, "tumour.clones.ma in", "a name of letters, digits, _ and -"),
    ("duration: 21 d", "duration: 0 d", 9, 17, "run.duration", "more than 0 h"),
    ("duration: 21 d", "seed: 1", 9, 1, "run.duration", "is missing"),
    ("21 d}\n", "21 d, dt: 25 h}\n", 9, 27, "run.dt", "at most 24 h"),
    ("21 d}\n", "21 d, dt: 0 h}\n", 9, 27, "run.dt", "more than 0 h"),
    ("21 d}\n", "21 d, dt: 1 s}\n", 9, 27, "run.dt", "at most 1,000,000; make dt longer"),
    ("21 d}\n", "21 d, seed: -1}\n", 9, 29, "run.seed", "-1 is negative"),
    ("21 d}\n", "21 d, capacity: 100}\n", 9, 33, "run.capacity", "less than the 2,000 cells of the start"),
    ("21 d}\n", "21 d, capacity: 1e9}\n", 9, 33, "run.capacity", "would need about 559 GiB of memory"),
    ("tumour:\n", "tumour:\n  cells: 0\n", 5, 10, "tumour.cells", "0 is out of range; at least 1"),
    (
        "tumour:\n",
        "tumour:\n  cells: 1e12\n",
        5,
        10,
        "tumour.cells",
        "would need about 546 TiB of memory; at most 28,633",
    ),
    ("tumour:\n", "tumour:\n  cells: 10 cells\n", 5, 10, "tumour.cells", "write 10"),
    ("tumour:\n", "tumour:\n  growth: {doubling: 13 h}\n", 5, 22, "tumour.growth.doubling", "at least 14 h"),
    ("tumour:\n", "tumour:\n  geometry: vessel\n", 5, 13, "tumour.geometry", "'vessel' is not known here; well_mixed"),
    ("tumour:\n", "tumours:\n", 4, 1, "tumours", "did you mean 'tumour'?"),
    ("patient: {weight: 70 kg}\n", "", 1, 1, "", "neither `patient` nor `culture` is there"),
    ("patient: {weight: 70 kg}", "patient:", 3, 1, "patient", "has no value"),
    ("patient: {weight: 70 kg}", "patient: 70 kg", 3, 10, "patient", "'70 kg' is not a mapping"),
    ("patient: {weight: 70 kg}", "patient: {}\nculture: {}", 4, 1, "culture", "there is a patient and a culture"),
    ("format: 1\n", "", 1, 1, "format", "is missing; `format: 1` is the language of this version"),
    ("format: 1", "format: 2", 1, 9, "format", "format 2 is not known; this version reads format 1"),
    ("name: small", "name: ../x", 2, 7, "name", "cannot be used here"),
    ("name: small", "name: 12", 2, 7, "name", 'write "12", with the quotes'),
    ("name: small", "figures: [fate]", 2, 11, "figures.0", "did you mean 'fates'?"),
    ("treatment:\n  - {", "treatment:\n    {", 7, 1, "treatment", "a mapping is not a list"),
    ("run:", "parameters: {C_M: 100}\nrun:", 9, 19, "parameters.C_M", "write '100 nM' or '100 uM'"),
    ("run:", "parameters: {C_M: 10 d}\nrun:", 9, 19, "parameters.C_M", "'10 d' is a time; a concentration"),
    ("run:", "parameters: {Cm: 1 nM}\nrun:", 9, 14, "parameters.Cm", "did you mean 'C_M'?"),
    ("run:", "parameters: {E_T: 2}\nrun:", 9, 19, "parameters.E_T", "at most 1"),
    ("run:", "parameters: {q: two}\nrun:", 9, 17, "parameters.q", "a plain number is needed"),
    ("run:", "parameters: {KD: 0 nM}\nrun:", 9, 18, "parameters.KD", "more than zero is needed"),
    ("run:", "parameters: {kdm: -1 1/h}\nrun:", 9, 19, "parameters.kdm", "is negative"),
    ("run:", "parameters: {C_A: off}\nrun:", 9, 19, "parameters.C_A", "'off' is not a concentration"),
    ("run:", "parameters: {t_S: 30 d}\nrun:", 4, 1, "tumour.growth.doubling", "cells cannot double in 25 d"),
    (
        "run:",
        "record: {readouts: [{kind: atp, at: [1 d]}]}\nrun:",
        9,
        28,
        "record.readouts.0.kind",
        "assay of cultures",
    ),
    ("run:", "record: {readouts: [{kind: live, at: [90 d]}]}\nrun:", 9, 39, "record.readouts.0.at.0", "after the end"),
    ("run:", "record: {readouts: [{at: [1 d]}]}\nrun:", 9, 21, "record.readouts.0.kind", "is missing"),
    ("run:", "record: {every: 1 s}\nrun:", 9, 17, "record.every", "record less often"),
    (
        "run:",
        "cell_lines: {jurkat: {receptors: 0}}\nrun:",
        9,
        14,
        "cell_lines.jurkat",
        "is a cell line of the catalogue",
    ),
    ("run:", "cell_lines: {mine: {spread: 1}}\nrun:", 9, 14, "cell_lines.mine.receptors", "is missing"),
    *BAD_DRUGS,
]


@pytest.mark.parametrize(("old", "new", "line", "column", "path", "says"), BAD_VALUES)
def test_one_mistake_gives_one_problem_at_its_place(
    tmp_path: Path, old: str, new: str, line: int, column: int, path: str, says: str
) -> None:
    found = [p for p in problems(tmp_path, changed(old, new)) if p.path == path]
    assert len(found) == 1
    problem = found[0]
    assert (problem.line, problem.column) == (line, column)
    assert says in str(problem)
    assert str(problem).startswith(f"{tmp_path / 'x.yaml'}:{line}:{column}: ")


def test_the_unchanged_scenarios_are_fine(tmp_path: Path) -> None:
    """Without this the list above could pass for another reason."""
    for text in (PATIENT, CULTURE):
        assert load(tmp_path, text).name


def test_a_single_mistake_is_reported_once(tmp_path: Path) -> None:
    """Most mistakes lead to exactly one problem; those that change what the scenario is may lead to more."""
    more = {"concentration", "tumour.geometry", "culture"}
    for old, new, *_, path, _ in BAD_VALUES:
        found = problems(tmp_path, changed(old, new))
        if not any(word in path for word in more):
            assert len(found) == 1, (new, [str(p) for p in found])


@pytest.mark.parametrize(
    ("old", "new", "path", "says"),
    [
        ("1 nM", "1", "treatment.0.concentration", "write '1 nM' or '1 uM'"),
        ("1 nM", "-1 nM", "treatment.0.concentration", "is negative"),
        ("concentration: 1 nM", "dose: 1 mg/kg", "treatment.0.dose", "does not belong to a culture"),
        ("nM}", "nM, from: cycle 2}", "treatment.0.from", "has no meaning in culture"),
        (
            "nM}",
            "nM, until: 50 h}\n  - {drug: t-dm1, concentration: 2 nM, from: 40 h}",
            "treatment.1",
            "overlaps with treatment.0: both hold t-dm1 at 40 h",
        ),
        (
            "nM}",
            "nM}\n  - {drug: trastuzumab, concentration: 2 nM}\n"
            "  - {drug: trastuzumab, concentration: 3 nM, from: 9 h}",
            "treatment.2",
            "overlaps with treatment.1: both hold trastuzumab at 9 h; exposures to one drug follow each other",
        ),
        (
            "nM}",
            "nM}\n  - {drug: cyp3a4_inhibitor, inhibition: 0.9}",
            "treatment.1.drug",
            "cyp3a4_inhibitor has no meaning in culture; it acts on DM1 in a patient's plasma",
        ),
        (
            "nM}",
            "nM}\n  - {drug: pgp_inhibitor, inhibition: 1, from: cycle 2}",
            "treatment.1.from",
            "no meaning in culture",
        ),
        ("nM}", "nM}\n  - {drug: pgp_inhibitor, concentration: 1 uM}", "treatment.1.concentration", "to an inhibitor"),
        (
            "drug: t-dm1, concentration: 1 nM}\nrun:",
            "drug: pgp_inhibitor, inhibition: 1}\n"
            "record: {readouts: [{kind: atp, at: [72 h], concentrations: [1 nM]}]}\nrun:",
            "record.readouts.0.concentrations",
            "a dose series needs a treatment with an antibody",
        ),
        ("tumour:\n", "tumour:\n  transport: {void: 0.3}\n", "tumour.transport", "belongs to the tumour of a patient"),
        (
            "run:",
            "record: {readouts: [{kind: atp, at: [72 h], measured: x}]}\nrun:",
            "record.readouts.0.measured",
            "no",
        ),
        (
            "cell_line: sk-br-3",
            "cell_line: sk-br-3, rates: {doubling: 1 h}",
            "tumour.clones.main.rates.doubling",
            "14 h",
        ),
    ],
)
def test_cultures(tmp_path: Path, old: str, new: str, path: str, says: str) -> None:
    found = [p for p in problems(tmp_path, changed(old, new, CULTURE)) if p.path == path]
    assert len(found) == 1
    assert says in str(found[0])


def test_overlapping_infusions_are_refused(tmp_path: Path) -> None:
    text = changed("cycles: 1}", "cycles: 1}\n  - {drug: t-dm1, dose: 1 mg/kg, from: 1 h}")
    (problem,) = problems(tmp_path, text)
    assert "overlaps with treatment.0: both infuse t-dm1 at 1 h" in problem.message
    assert load(tmp_path, changed("from: 1 h", "from: 2 h", text))


def test_every_problem_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        PATIENT.replace("70 kg", "70")
        .replace("her2: 3+", "her2: 3, mdr: 10")
        .replace("fraction: 1", "fraction: 0.5")
        .replace("t-dm1", "tdm1")
        .replace("duration: 21 d", "duration: -21 d, seed: x")
        .replace("name: small", "name: small\nname: again\nquestion:")
    )
    found = problems(tmp_path, text)
    assert [p.path for p in found] == [
        "name",
        "question",
        "patient.weight",
        "tumour.clones",
        "tumour.clones.main.her2",
        "tumour.clones.main.mdr",
        "treatment.0.drug",
        "run.duration",
        "run.seed",
    ]


def test_fractions(tmp_path: Path) -> None:
    two = "main: {fraction: %s, her2: 3+}\n    low: {fraction: %s, her2: 1+}"
    single = "main: {fraction: 1, her2: 3+}"
    for one, other in ((0.95, 0.05), (0.3, "rest"), (1, 0)):
        assert load(tmp_path, changed(single, two % (one, other)))
    for one, other, says in (
        (0.7, 0.2, "add to 0.9 (0.7 + 0.2); they add to 1; one may be `rest`; write `fraction: 0.3`"),
        ("rest", "rest", "rest is written twice"),
        (0.5, 0.500001, "add to 1.000001"),
    ):
        found = problems(tmp_path, changed(single, two % (one, other)))
        assert says in str(found[0])
    three = two + "\n    rest: {fraction: rest, her2: 0}"
    assert "at most 1 beside rest" in str(problems(tmp_path, changed(single, three % (0.9, 0.2)))[0])
    assert "is missing" in str(problems(tmp_path, changed(single, three.replace("fraction: %s, ", "") % ()))[0])


@pytest.mark.parametrize(
    ("data", "line", "column", "says"),
    [
        (b"", 0, 0, "the file is empty"),
        (b"# nothing but a comment\n", 0, 0, "the file is empty"),
        (b"---\n", 0, 0, "the file is empty"),
        (b"- 1\n- 2\n", 1, 1, "the file holds a list; a scenario is a mapping"),
        (b"hello", 1, 1, "the file holds the single value 'hello'"),
        (b"format: 1\nname: caf\xe9\n", 2, 10, "the file is not UTF-8 text"),
        ("format: 1".encode("utf-16"), 1, 1, "the file is not UTF-8 text"),
        (b"format: 1\nname: a\0b\n", 0, 0, "special characters are not allowed"),
        (b"format: 1\nname: a: b\n", 2, 8, "a text that holds ': ' needs quotes"),
        (b"format: 1\n\tname: a\n", 2, 1, "indent with blanks, not tabs"),
        (b"format: {1\n", 2, 1, "not valid YAML"),
        (b"format: 'x\n", 2, 1, "not valid YAML"),
        (b"format: 1\n--- \nformat: 1\n", 2, 1, "a second document starts here"),
        (b"format: 1\nname: !!python/object/apply:os.system [ls]\n", 2, 7, "the tag !!python/object/apply:os.system"),
        (b"format: !x 1\n", 1, 9, "the tag !x is not allowed"),
        (b"? [a]\n: 1\n", 1, 3, "this key is not a word"),
        (b"format: *a\n", 1, 9, "the alias *a points to nothing"),
        (b"format: &a [*a]\n", 1, 13, "the alias *a points to nothing finished"),
        (b"a: &a {x: 1}\n*a : 1\n", 2, 1, "this key is not a word"),
        (b"x" * 1_000_001, 0, 0, "larger than 1,000,000 bytes"),
    ],
)
def test_not_a_scenario_at_all(tmp_path: Path, data: bytes, line: int, column: int, says: str) -> None:
    (problem,) = problems(tmp_path, data)
    assert (problem.line, problem.column) == (line, column)
    assert says in str(problem)


@pytest.mark.parametrize("text", ["[" * 5000, "[" * 5000 + "]" * 5000, "{a: " * 5000 + "}" * 5000, "- " * 5000])
def test_nesting_of_5000_is_refused_quickly(tmp_path: Path, text: str) -> None:
    start = time.perf_counter()
    found = problems(tmp_path, f"format: 1\nx:\n  {text}\n")
    assert "nested more than 30 deep" in found[0].message
    assert time.perf_counter() - start < 5


def test_block_nesting_of_5000_is_refused(tmp_path: Path) -> None:
    text = "".join(f"{' ' * depth}a:\n" for depth in range(1000))
    assert "nested more than 30 deep" in problems(tmp_path, text)[0].message


def test_yaml_bombs_are_refused_quickly(tmp_path: Path) -> None:
    lists = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    lists += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 40))
    tables = "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {{x: *a{i - 1}, y: *a{i - 1}}}\n" for i in range(1, 40))
    many = "x: [" + "1, " * 30_000 + "1]\n"
    start = time.perf_counter()
    for text in (lists, tables, many):
        assert "more than 20,000 values" in problems(tmp_path, text)[0].message
    assert time.perf_counter() - start < 5


def test_aliases_are_fine_in_moderation(tmp_path: Path) -> None:
    text = changed("main: {fraction: 1, her2: 3+}", "a: &a {fraction: 0.5, her2: 3+}\n    b: *a")
    assert load(tmp_path, text).tree["tumour"]["clones"]["b"] == {"fraction": 0.5, "her2": "3+"}


def test_depth_counts_through_aliases(tmp_path: Path) -> None:
    text = "a: &a " + "[" * 20 + "]" * 20 + "\nb: " + "[" * 15 + "*a" + "]" * 15 + "\n"
    assert "nested more than 30 deep" in problems(tmp_path, text)[0].message


def test_duplicate_keys_name_both_places(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, changed("fraction: 1", "fraction: 1, fraction: 1"))
    assert (problem.path, problem.line, problem.column) == ("tumour.clones.main.fraction", 6, 25)
    assert "is written twice: first at line 6, column 12" in problem.message


def test_huge_numbers_are_no_trouble(tmp_path: Path) -> None:
    found = problems(tmp_path, changed("tumour:\n", f"tumour:\n  cells: {'9' * 5000}\n"))
    assert "infinity" in found[0].message
    assert "out of range" in problems(tmp_path, changed("tumour:\n", "tumour:\n  cells: 1e300\n"))[0].message


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nowhere.yaml", "there is no such file, and no bundled scenario of that name"),
        ("her2_postive", "did you mean 'her2_positive'?"),
        ("her2_positive.yml", "did you mean 'her2_positive'?"),
        ("a\0b", "no such file"),
    ],
)
def test_missing_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, says: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=says.replace("?", r"\?")):
        load_scenario(source)


def test_a_folder_is_not_a_scenario(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this is a folder"):
        load_scenario(tmp_path)


def test_a_file_whose_name_cannot_name_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "my scenario!.yaml"
    path.write_text(PATIENT.replace("name: small\n", ""))
    with pytest.raises(InputError, match="write `name: my_scenario`"):
        load_scenario(path)
    path = tmp_path / "mine.yaml"
    path.write_text(PATIENT.replace("name: small\n", ""))
    assert load_scenario(path).name == "mine"
