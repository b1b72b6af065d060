"""``tdm1sim new``: a scenario that is valid as it stands, and with every example taken in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim.scenario import bundled, load_scenario, resolve
from tests.cli.cli_fakes import Ending
from tests.scenario.writing import PATIENT, written

Program = Callable[..., Ending]
PARENTS = ["her2_positive", "untreated", "in_vitro_sk_br_3", "mixed_resistance", "mdr1_inhibitor", "t_dxd_bystander"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def uncommented(text: str, block: str | None = None) -> str:
    """Take the # away from one block of examples, or from all; prose has a blank behind its #."""
    parts = text.split("\n\n")
    wanted = [
        part if block and not part.startswith(f"#{block}:") else re.sub(r"(?m)^#(?! \S)", "", part) for part in parts
    ]
    return "\n\n".join(wanted)


@pytest.mark.parametrize("parent", sorted(bundled()))
def test_it_is_valid_as_it_stands_and_changes_nothing(parent: str, tdm1sim: Program) -> None:
    done = tdm1sim("new", "mine", "--from", parent)
    assert (done.code, done.err) == (0, "")
    assert tdm1sim("validate", "mine.yaml") == Ending(0, "mine.yaml: OK\n", "")
    assert resolve(load_scenario("mine.yaml")).parameters == resolve(load_scenario(parent)).parameters


@pytest.mark.parametrize("block", ["tumour", "treatment", "run", None])
@pytest.mark.parametrize("parent", PARENTS)
def test_every_example_is_valid_alone_and_with_the_others(parent: str, block: str | None, tdm1sim: Program) -> None:
    tdm1sim("new", "mine", "--from", parent)
    text = uncommented(Path("mine.yaml").read_text(encoding="utf-8"), block)
    Path("mine.yaml").write_text(text, encoding="utf-8")
    done = tdm1sim("validate", "mine.yaml")
    assert (done.code, done.out) == (0, "mine.yaml: OK\n"), done.err
    clones = [clone.name for clone in resolve(load_scenario("mine.yaml")).parameters.clones]
    assert (clones == ["sensitive", "mdr1_high"]) == (block in {"tumour", None})


@pytest.mark.parametrize("parent", PARENTS)
def test_examples_show_the_parent_s_own_values(parent: str, tdm1sim: Program) -> None:
    """Taking treatment and run in, as they are, changes nothing."""
    tdm1sim("new", "mine", "--from", parent)
    text = Path("mine.yaml").read_text(encoding="utf-8")
    known = resolve(load_scenario(parent)).parameters
    for block in ("treatment", "run"):
        Path("mine.yaml").write_text(uncommented(text, block), encoding="utf-8")
        same = resolve(load_scenario("mine.yaml")).parameters == known
        assert same or (block, parent) == ("treatment", "untreated")


def test_a_wrong_example_would_be_noticed(tdm1sim: Program) -> None:
    tdm1sim("new", "mine")
    text = Path("mine.yaml").read_text(encoding="utf-8").replace("mdr1: 10}", "mdr1: ten}")
    Path("mine.yaml").write_text(uncommented(text), encoding="utf-8")
    assert tdm1sim("validate", "mine.yaml").code == 1


def test_the_schema_stands_in_the_first_line_and_beside_the_file(tdm1sim: Program) -> None:
    done = tdm1sim("new", "mine", "--from", "mdr1_high")
    first, *rest = Path("mine.yaml").read_text(encoding="utf-8").splitlines()
    assert first == "# yaml-language-server: $schema=scenario.schema.json"
    assert rest[2:6] == ["format: 1", "name: mine", "question: What is this run to answer?", "extends: mdr1_high"]
    assert json.loads(Path("scenario.schema.json").read_text(encoding="utf-8")) == json.loads(tdm1sim("schema").out)
    assert done.out.splitlines()[:2] == ["mine.yaml", "scenario.schema.json"]
    Path("scenario.schema.json").write_text("mine", encoding="utf-8")
    assert tdm1sim("new", "other").out.splitlines()[0] == "other.yaml"
    assert Path("scenario.schema.json").read_text(encoding="utf-8") == "mine"
    assert max(len(line) for line in rest) <= 80


def test_nothing_is_overwritten(tdm1sim: Program) -> None:
    tdm1sim("new", "mine")
    Path("mine.yaml").write_text("precious", encoding="utf-8")
    done = tdm1sim("new", "mine")
    assert done.code == 1
    assert "mine.yaml exists already and is left as it is; choose another name" in done.err
    assert Path("mine.yaml").read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("name", ["a b", "sub/mine", "..", "", "naïve?"])
def test_names_that_cannot_be_used_are_refused(name: str, here: Path, tdm1sim: Program) -> None:
    done = tdm1sim("new", name)
    assert done.code == 1
    assert "cannot name a scenario" in done.err
    assert list(here.iterdir()) == []


def test_a_bundled_name_is_refused_and_says_what_would_happen(tdm1sim: Program) -> None:
    done = tdm1sim("new", "her2_low")
    assert done.code == 1
    assert "`tdm1sim run her2_low`" in done.err
    assert "my_her2_low" in done.err
    assert not Path("her2_low.yaml").exists()


def test_the_ending_may_be_written(tdm1sim: Program) -> None:
    assert tdm1sim("new", "mine.yaml").code == 0
    assert load_scenario("mine.yaml").name == "mine"


@pytest.mark.parametrize("source", ["base.yaml", "base", "./base.yaml"])
def test_a_file_of_the_same_folder_can_be_extended(source: str, here: Path, tdm1sim: Program) -> None:
    written(here, PATIENT.replace("70 kg", "61 kg"), "base.yaml")
    assert tdm1sim("new", "mine", "--from", source).code == 0
    resolved = resolve(load_scenario("mine.yaml"))
    assert resolved.parameters.values["weight"] == 61
    assert "extends: base.yaml\n" in Path("mine.yaml").read_text(encoding="utf-8")


def test_another_folder_is_made_and_its_files_can_be_extended(here: Path, tdm1sim: Program) -> None:
    assert tdm1sim("new", "first", "--out", "study").code == 0
    assert tdm1sim("new", "second", "--from", "study/first.yaml", "--out", "study").code == 0
    assert tdm1sim("new", "third", "--from", "first", "--out", "study").code == 0
    assert tdm1sim("validate", "study/second.yaml", "study/third.yaml").code == 0
    done = tdm1sim("new", "fourth", "--from", "study/first.yaml")
    assert done.code == 1
    assert "add --out study" in done.err
    assert not Path("fourth.yaml").exists()


def test_a_parent_that_is_wrong_leaves_no_file(here: Path, tdm1sim: Program) -> None:
    written(here, PATIENT.replace("tumour", "tumor"), "base.yaml")
    done = tdm1sim("new", "mine", "--from", "base.yaml")
    assert done.code == 1
    assert "base.yaml:4" in done.err
    assert not Path("mine.yaml").exists()
    done = tdm1sim("new", "mine", "--from", "her2_positiv")
    assert done.code == 1
    assert "did you mean 'her2_positive'?" in done.err
