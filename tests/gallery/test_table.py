"""The table of the gallery: complete, of things that exist, each distinct run once."""

from __future__ import annotations

import shlex
import string

import pytest

from tdm1sim.errors import UsageError
from tdm1sim.figures import FIGURES
from tdm1sim.figures.several import SEVERAL
from tdm1sim.gallery import ENTRIES, Size, chosen
from tdm1sim.gallery.making import distinct
from tdm1sim.gallery.sources import OneRun, Run, SeveralRuns
from tdm1sim.gallery.studies import DoseCurves, Measurements, ResistanceRanges
from tdm1sim.scenario import bundled, load_scenario, resolve
from tests.gallery.small import SIZE


def test_every_letter_of_the_lecture_is_there_once() -> None:
    assert [entry.letter for entry in ENTRIES.values()] == list(string.ascii_lowercase[:19])
    assert list(ENTRIES) == [entry.name for entry in ENTRIES.values()]
    assert set(SEVERAL) <= set(ENTRIES)


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_asks_and_answers(name: str) -> None:
    entry = ENTRIES[name]
    assert entry.question.rstrip().endswith("?")
    assert entry.wrong.endswith(".")
    assert entry.right.endswith((".", ")."))
    assert entry.wrong != entry.right
    command = entry.source.command(name, Size())
    assert shlex.split(command)[0] == "tdm1sim"


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if isinstance(entry.source, OneRun)])
def test_a_figure_of_one_run_exists_and_its_scenario_is_in_order(name: str) -> None:
    source = ENTRIES[name].source
    assert isinstance(source, OneRun)
    assert source.figure in FIGURES
    assert source.run.scenario in bundled()
    resolve(load_scenario(source.run.scenario, source.run.sized(Size()).changes))


def test_runs_that_are_the_same_are_done_once() -> None:
    entries = chosen(["mechanism", "drug_path", "dm1_bands", "fates", "three_lives", "cell_scatter"])
    assert len(distinct(entry.source.study(Size()) for entry in entries)) == 1
    both = [SeveralRuns("cyp3a4"), SeveralRuns("reversal")]
    arms = {Run(arm.scenario, arm.overrides).key for source in both for arm in source.several.arms}
    works = distinct(source.study(Size()) for source in both)
    assert {work.key for work in works} == arms
    assert len(works) == len(SEVERAL["cyp3a4"].arms) + len(SEVERAL["reversal"].arms) - 1  # both have her2_positive


def test_what_takes_longest_begins_first() -> None:
    costs = [work.cost for work in distinct(chosen([name])[0].source.study(Size()) for name in ("clones", "cyp3a4"))]
    assert costs == sorted(costs, reverse=True)
    assert len(costs) == 3


def test_the_later_change_of_a_path_holds_and_the_order_of_others_makes_no_difference() -> None:
    one = Run("her2_positive", ("tumour.cells=10", "run.seed=2", "tumour.cells=20"))
    other = Run("her2_positive", ("run.seed=2", "tumour.cells=20"))
    assert one.key == other.key != Run("her2_positive", ("run.seed=3", "tumour.cells=20")).key
    assert one.sized(Size(cells=7)).options == ["her2_positive", "--cells", "7", "--seed", "2"]


def test_commands_say_what_is_run() -> None:
    command = ENTRIES["clones"].source.command("clones", Size(cells=50))
    words = shlex.split(command)
    assert words[:3] == ["tdm1sim", "run", "mixed_resistance"]
    assert words[words.index("--cells") + 1] == "50"
    assert words[-2:] == ["--figure", "clones"]
    assert "--uncertain 8" in ENTRIES["resistances"].source.command("resistances", Size())
    assert shlex.split(ENTRIES["dose_response"].source.command("dose_response", Size()))[1] == "dose-response"
    assert ENTRIES["evidence"].source.command("evidence", Size()) == "tdm1sim evidence"


def test_studies_are_cut_into_pieces_for_processes() -> None:
    curves = ENTRIES["dose_response"].source
    assert isinstance(curves, DoseCurves)
    assert len(curves.study(SIZE).works) == len(curves.clones) == 4
    ranges = ENTRIES["resistances"].source
    assert isinstance(ranges, ResistanceRanges)
    points = ranges.study(SIZE).works
    assert len(points) % (SIZE.draws + 1 if SIZE.draws else 1) == 0
    assert len({work.key for work in points}) == len(points)
    measured = ENTRIES["evidence"].source
    assert isinstance(measured, Measurements)
    assert len(measured.study(Size()).works) > len(measured.study(SIZE).works) > 0


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="penguin"):
        chosen(["fates", "penguin"])
    assert [entry.name for entry in chosen(["fates", "mechanism"])] == ["mechanism", "fates"]
    assert chosen() == list(ENTRIES.values())
