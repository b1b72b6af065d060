"""Commands about what the program knows, on the real catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.cli.names import close
from tdm1sim.cli.wording import number
from tdm1sim.errors import MachineError
from tests.cli.cli_fakes import Ending

Program = Callable[..., Ending]


def widest(text: str) -> int:
    return max(len(line) for line in text.splitlines())


def test_explain_lists_every_parameter_of_the_catalogue(tdm1sim: Program) -> None:
    done = tdm1sim("explain")
    first_words = {line.split()[0] for line in done.out.splitlines() if line.strip()}
    assert done.code == 0
    assert set(load_catalogue().parameters) <= first_words
    assert widest(done.out) <= 80


def test_explain_shows_value_unit_range_status_and_source_of_a_parameter(tdm1sim: Program) -> None:
    done = tdm1sim("explain", "KD")
    entry = load_catalogue().parameters["KD"]
    assert done.code == 0
    for piece in (
        entry.name,
        f"{number(entry.value)} nM",
        f"{number(entry.low)} to {number(entry.high)}",
        entry.status,
    ):
        assert piece in " ".join(done.out.split())
    for key in entry.references:
        assert f"[{key}]" in done.out
    assert widest(done.out) <= 80


def every_name() -> list[str]:
    catalogue = load_catalogue()
    books = (
        catalogue.parameters,
        catalogue.drugs,
        catalogue.cell_lines,
        catalogue.her2_classes,
        catalogue.resistance,
        catalogue.measured,
        catalogue.references,
    )
    return [name for book in books for name in book]


def test_everything_in_the_catalogue_can_be_explained_in_80_columns(tdm1sim: Program) -> None:
    for name in every_name():
        done = tdm1sim("explain", name)
        assert done.code == 0, name
        long = [line for line in done.out.splitlines() if len(line) > 80 and len(line.split()) > 1]
        assert long == []


def test_a_value_that_depends_on_the_setting_shows_both(tdm1sim: Program) -> None:
    out = tdm1sim("explain", "kpino").out
    assert "in culture" in out
    assert "in patient" in out


def test_capitals_matter_only_where_two_names_differ_by_them(tdm1sim: Program) -> None:
    assert tdm1sim("explain", "SK-BR-3").out == tdm1sim("explain", "sk-br-3").out
    assert tdm1sim("explain", "kon").out.startswith("kon:")


def test_an_unknown_name_ends_with_1_and_the_nearest_names(tdm1sim: Program) -> None:
    done = tdm1sim("explain", "sk-br3")
    assert done.code == 1
    assert "nothing in the catalogue is called 'sk-br3'" in done.err
    assert "did you mean sk-br-3" in done.err


def test_explain_as_json_holds_the_whole_entry(tdm1sim: Program) -> None:
    record = json.loads(tdm1sim("explain", "ke", "--json").out)
    assert record["kind"] == "parameter"
    assert record["value"] == load_catalogue().parameters["ke"].value
    records = [json.loads(line) for line in tdm1sim("explain", "--json").out.splitlines()]
    assert {record["symbol"] for record in records} == set(load_catalogue().parameters)


@pytest.mark.parametrize("section", ["cell_lines", "her2", "resistance", "drugs"])
def test_list_shows_everything_of_a_section(tdm1sim: Program, section: str) -> None:
    catalogue = load_catalogue()
    books = {
        "cell_lines": catalogue.cell_lines,
        "her2": catalogue.her2_classes,
        "resistance": catalogue.resistance,
        "drugs": catalogue.drugs,
    }
    done = tdm1sim("list", section)
    assert {line.split(" ")[0] for line in done.out.splitlines() if line} >= set(books[section])
    assert widest(done.out) <= 80
    rows = [json.loads(line) for line in tdm1sim("list", section, "--json").out.splitlines()]
    assert [row["name"] for row in rows] == list(books[section])
    assert {row["section"] for row in rows} == {section}


def test_an_unknown_section_ends_with_2(tdm1sim: Program) -> None:
    done = tdm1sim("list", "figs")
    assert done.code == 2
    assert "figures" in done.err


def test_schedule_prints_the_steps_in_order(tdm1sim: Program) -> None:
    from tdm1sim.mechanisms import schedule

    done = tdm1sim("schedule")
    positions = [done.out.index(f" {name} ") for name, _ in schedule()]
    assert positions == sorted(positions)
    assert widest(done.out) <= 80
    records = [json.loads(line) for line in tdm1sim("schedule", "--json").out.splitlines()]
    assert [(record["step"], record["does"]) for record in records] == schedule()


def test_a_defect_below_is_reported_without_a_traceback(tdm1sim: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[tuple[str, str]]:
        message = "the schedule is gone"
        raise MachineError(message)

    monkeypatch.setattr("tdm1sim.mechanisms.schedule", broken)
    assert tdm1sim("schedule") == Ending(3, "", "error: the schedule is gone\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (3.5, "3.5"),
        (0.00395, "0.00395"),
        (1e4, "1e4"),
        (1.13e6, "1.13e6"),
        (5e-4, "5e-4"),
        (8000.0, "8000"),
        (float("inf"), "off"),
    ],
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text


def test_near_names_are_found_whatever_the_case() -> None:
    assert close("kdt", ["KD", "KDt", "kon"])[0] == "KDt"
    assert close("high", ["mdr1_high", "kon"]) == ["mdr1_high"]
    assert close("zzz", ["KD", "kon"]) == []
