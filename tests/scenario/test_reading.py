"""Inheritance, overrides and places: who wins, and which file a problem points into."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tdm1sim.errors import InputError
from tdm1sim.scenario import bundled, load_scenario, read_plain
from tdm1sim.scenario.reader import scalar
from tests.scenario.writing import CULTURE, PATIENT, changed, load, problems, run, written

CHILD = "format: 1\nname: child\nextends: x.yaml\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e6", 1e6),
        ("1E+6", 1e6),
        (".5", 0.5),
        ("5.", 5.0),
        ("12", 12),
        ("-3", -3),
        ("010", 10),
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("3+", "3+"),
        ("0x10", "0x10"),
        ("2020-01-01", "2020-01-01"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    found = scalar(text, quoted=False)
    assert found == value
    assert type(found) is type(value)
    assert scalar(text, quoted=True) == text


def test_comments_schema_line_and_byte_order_mark_are_no_trouble(tmp_path: Path) -> None:
    text = "\ufeff# yaml-language-server: $schema=./schema.json\n# caf\u00e9\n" + PATIENT
    assert load(tmp_path, text).name == "small"


# ---------------------------------------------------------------- extends


def child(folder: Path, text: str, parent: str = PATIENT) -> Path:
    written(folder, parent)
    return written(folder, CHILD + text, "child.yaml")


def test_mappings_merge_and_lists_are_replaced(tmp_path: Path) -> None:
    parent = PATIENT + "record: {every: 3 h, traces: 2}\nquestion: Why?\n"
    path = child(tmp_path, "run: {seed: 7}\nrecord: {every: 12 h}\ntreatment: []\n", parent)
    scenario = load_scenario(path)
    assert scenario.tree["run"] == {"duration": "21 d", "seed": 7}
    assert scenario.tree["record"] == {"every": "12 h", "traces": 2}
    assert scenario.tree["treatment"] == []
    assert scenario.name == "child"
    assert scenario.question == "", "a child asks its own question"


def test_clones_of_a_child_replace_the_parents(tmp_path: Path) -> None:
    path = child(tmp_path, "tumour: {cells: 10, clones: {other: {fraction: 1, her2: 0}}}\n")
    assert list(load_scenario(path).tree["tumour"]["clones"]) == ["other"]


def test_a_child_in_culture_drops_what_only_the_patient_has(tmp_path: Path) -> None:
    parent = changed(
        "tumour:\n", "tumour:\n  geometry: well_mixed\n  transport: {void: 0.3}\n  growth: {doubling: 30 d}\n"
    )
    rest = "culture: {}\ntreatment: [{drug: t-dm1, concentration: 1 nM}]\n"
    tree = load_scenario(child(tmp_path, rest, parent)).tree
    assert "patient" not in tree
    assert tree["tumour"]["growth"] == {"doubling": "30 d"}
    assert "transport" not in tree["tumour"]


def test_grandparents_and_bundled_names(tmp_path: Path) -> None:
    written(tmp_path, "format: 1\nextends: her2_positive\nrun: {seed: 3}\n", "parent.yaml")
    path = written(tmp_path, "format: 1\nextends: parent\nrun: {replicates: 2}\n", "child.yaml")
    scenario = load_scenario(path)
    assert scenario.tree["run"] == {
        "duration": "21 d", "dt": "1 h", "seed": 3, "replicates": 2, "capacity": 100000,
    }  # fmt: skip
    assert scenario.name == "child"


def test_problems_point_into_the_file_that_is_wrong(tmp_path: Path) -> None:
    path = child(tmp_path, "run: {sed: 2}\n", changed("70 kg", "70"))
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    mine, inherited = caught.value.problems
    assert (Path(mine.file).name, mine.line, mine.column, mine.path) == ("child.yaml", 4, 7, "run.sed")
    assert (Path(inherited.file).name, inherited.line, inherited.path) == ("x.yaml", 3, "patient.weight")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("child.yaml", "goes round in a circle: child.yaml -> child.yaml"),
        ("child", "goes round in a circle"),
        ("../x.yaml", "outside the scenario's folder"),
        ("sub/x.yaml", "outside the scenario's folder"),
        ("/etc/passwd", "outside the scenario's folder"),
        ('"..\\\\x.yaml"', "outside the scenario's folder"),
        ("..", "outside the scenario's folder"),
        ("her2_postive", "did you mean 'her2_positive'?"),
        ("nothing.yaml", "there is no scenario 'nothing.yaml'"),
        ("[a]", "is not a name"),
        ("3", "is not a name"),
        ("", "is not a name"),
    ],
)
def test_extends_reaches_nowhere_else(tmp_path: Path, name: str, says: str) -> None:
    path = written(tmp_path, PATIENT.replace("name: small", f"name: small\nextends: {name}"), "child.yaml")
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    (problem,) = [p for p in caught.value.problems if p.path == "extends"]
    assert says in str(problem)
    assert problem.line == 3


def test_longer_circles_and_chains_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "format: 1\nextends: b.yaml\n", "a.yaml")
    written(tmp_path, "format: 1\nextends: a.yaml\n", "b.yaml")
    with pytest.raises(InputError, match=r"circle: a.yaml -> b.yaml -> a.yaml"):
        load_scenario(tmp_path / "a.yaml")
    for number in range(15):
        written(tmp_path, f"format: 1\nextends: n{number + 1}.yaml\n", f"n{number}.yaml")
    written(tmp_path, PATIENT, "n15.yaml")
    with pytest.raises(InputError, match="more than 10 files in a row"):
        load_scenario(tmp_path / "n0.yaml")
    assert load_scenario(tmp_path / "n6.yaml").name == "n6"


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "link.yaml").symlink_to(written(outside, PATIENT))
    path = written(inside, "format: 1\nextends: link.yaml\n", "child.yaml")
    with pytest.raises(InputError, match="a link to a file outside"):
        load_scenario(path)


def test_bundled_scenarios_load_by_name_and_by_path() -> None:
    assert {"her2_positive", "in_vitro_sk_br_3", "untreated"} <= set(bundled())
    for name, path in bundled().items():
        assert load_scenario(name).tree == load_scenario(path).tree
        assert load_scenario(name).name == name


# ---------------------------------------------------------------- --set


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("run.seed=5", ("run", "seed"), 5),
        ("tumour.cells=1e3", ("tumour", "cells"), 1000.0),
        ("treatment.0.dose=2.4 mg/kg", ("treatment", 0, "dose"), "2.4 mg/kg"),
        ("treatment.t-dm1.dose='2.4 mg/kg'", ("treatment", 0, "dose"), "2.4 mg/kg"),
        ("treatment.*.cycles=2", ("treatment", 0, "cycles"), 2),
        ("tumour.clones.main.mdr1=10", ("tumour", "clones", "main", "mdr1"), 10),
        ("tumour.clones.*.mdr1={median: 3, spread: 0.2}", ("tumour", "clones", "main", "mdr1", "median"), 3),
        ("parameters.C_M=100 nM", ("parameters", "C_M"), "100 nM"),
        ("tumour.growth.doubling=30 d", ("tumour", "growth", "doubling"), "30 d"),
        ("treatment=[]", ("treatment",), []),
        ("question=What if a=b?", ("question",), "What if a=b?"),
        ("record.readouts+={kind: live, at: [7 d]}", ("record", "readouts", 0, "kind"), "live"),
        ("treatment+={drug: t-dm1, dose: 1 mg/kg, from: 7 d}", ("treatment", 1, "from"), "7 d"),
        ("figures+=fates", ("figures", 0), "fates"),
    ],
)
def test_overrides(tmp_path: Path, override: str, path: tuple[str | int, ...], value: object) -> None:
    found: object = load(tmp_path, PATIENT, [override]).tree
    for key in path:
        found = found[key]  # type: ignore[index]
    assert found == value


def test_star_reaches_every_clone(tmp_path: Path) -> None:
    text = changed("fraction: 1, her2: 3+}", "fraction: 0.5, her2: 3+}\n    b: {fraction: 0.5, her2: 0}")
    clones = load(tmp_path, text, ["tumour.clones.*.mdr1=4", "tumour.clones.b.mdr1=7"]).tree["tumour"]["clones"]
    assert [clone["mdr1"] for clone in clones.values()] == [4, 7], "in the order given"


@pytest.mark.parametrize(
    ("override", "path", "says"),
    [
        ("run.seed", "run.seed", "is not PATH=VALUE"),
        ("=3", "", "is not PATH=VALUE"),
        ("run..seed=3", "run..seed", "is not PATH=VALUE"),
        ("run.seed=", "run.seed", "has no value"),
        ("run.seed=x", "run.seed", "'x' is not a number"),
        ("run.sed=1", "run.sed", "did you mean 'seed'?"),
        ("run.duration.x=1", "run.duration.x", "is a single value"),
        ("patient.weight=70", "patient.weight", "70 has no unit"),
        ("tumour.clones.man.mdr1=2", "tumour.clones.man.mdr1", "there is main; did you mean 'main'?"),
        ("treatment.tdm1.dose=2 mg/kg", "treatment.tdm1.dose", "did you mean 't-dm1'?"),
        ("treatment.3.dose=2 mg/kg", "treatment.3.dose", "has no entry 3; it has 1 (counted from 0)"),
        ("figures.*=x", "figures.*", "has no entries"),
        ("tumour+=3", "tumour", "is not a list"),
        ("run.seed=[1", "run.seed", "not valid YAML"),
        ("run={seed: 1, seed: 2}", "run", "written twice"),
        ("run.seed=!!int 3", "run.seed", "the tag !!int is not allowed"),
        ("run.seed=" + "[" * 5000, "run.seed", "nested more than 30 deep"),
        ("extends=her2_low", "extends", "it belongs in the file"),
        ("format=1", "format", "it belongs in the file"),
    ],
)
def test_bad_overrides_point_at_the_command_line(tmp_path: Path, override: str, path: str, says: str) -> None:
    (problem,) = problems(tmp_path, PATIENT, [override])
    assert (problem.file, problem.line, problem.path) == ("--set", 0, path)
    assert says in str(problem)


def test_a_drug_given_twice_needs_its_index(tmp_path: Path) -> None:
    text = changed("cycles: 1}", "cycles: 1}\n  - {drug: t-dm1, dose: 1 mg/kg, from: 7 d}")
    (problem,) = problems(tmp_path, text, ["treatment.t-dm1.dose=2 mg/kg"])
    assert "t-dm1 is given 2 times; say which: treatment.0 or treatment.1" in str(problem)


def test_problems_of_overrides_and_files_come_together(tmp_path: Path) -> None:
    found = problems(tmp_path, changed("70 kg", "70"), ["run.sed=1", "x"])
    assert {p.path for p in found} == {"patient.weight", "run.sed", "x"}


def test_a_value_of_the_command_line_is_told_as_such(tmp_path: Path) -> None:
    text = run(tmp_path, CULTURE, ["run.seed=9"]).text
    assert next(line for line in text.splitlines() if "seed" in line).endswith("# --set")


def test_with_overrides_checks_again(tmp_path: Path) -> None:
    scenario = load(tmp_path, PATIENT)
    assert scenario.with_overrides(["run.seed=4"]).tree["run"]["seed"] == 4
    assert "seed" not in scenario.tree["run"], "a scenario does not change"
    with pytest.raises(InputError, match=r"run\.seed"):
        scenario.with_overrides(["run.seed=x"])


def test_read_plain() -> None:
    assert read_plain("a: {b: [1e6, 3+]}") == {"a": {"b": [1e6, "3+"]}}
    for text in ("[1]", "a: 1\na: 2", ""):
        with pytest.raises(InputError):
            read_plain(text)


def test_a_result_folder_does_not_hide_the_bundled_scenario_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tdm1sim.scenario.inheritance import locate

    (tmp_path / "untreated").mkdir()
    (tmp_path / "her2_low").write_text("format: 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert locate("untreated")[0].is_file()
    assert locate("her2_low")[0] == Path("her2_low")  # a file of one's own is meant
