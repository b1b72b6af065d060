"""The data behind `tdm1sim evidence`: every row once, no secondary row a target, every entry able to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from tdm1sim.catalogue import CatalogueError, load_catalogue
from tdm1sim.catalogue.published import Published, published
from tdm1sim.evidence.comparison import measurement
from tdm1sim.evidence.protocols import PROTOCOLS

CATALOGUE = load_catalogue()
ENTRIES = list(CATALOGUE.published.values())


def uncovered(groups: Iterable[tuple[str, ...]]) -> tuple[list[str], list[str]]:
    """Return rows that no group has, and rows that are there more than once or do not exist."""
    count = Counter(row for group in groups for row in group)
    missing = [row for row in CATALOGUE.evidence if row not in count]
    return missing, [row for row, n in count.items() if n > 1 or row not in CATALOGUE.evidence]


def groups() -> list[tuple[str, ...]]:
    return [entry.rows for entry in ENTRIES] + [group.rows for group in CATALOGUE.unused.values()]


def test_every_row_is_compared_or_has_a_reason_once() -> None:
    assert uncovered(groups()) == ([], [])


def test_companion_a_forgotten_and_a_doubled_row_are_seen() -> None:
    some = groups()
    assert uncovered(some[1:])[0] == list(some[0])
    assert uncovered([*some, some[0]])[1] == list(some[0])


def test_secondary_and_assumed_rows_are_never_targets() -> None:
    for entry in ENTRIES:
        assert {CATALOGUE.evidence[row]["confidence"][0] for row in entry.rows} <= {"S", "D"}, entry.name


def test_unused_secondary_rows_are_all_in_one_group() -> None:
    for name, group in CATALOGUE.unused.items():
        secondary = [CATALOGUE.evidence[row]["confidence"][0] in "KA" for row in group.rows]
        assert all(secondary) if name == "secondary" else not any(secondary), name


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_entry_is_complete(entry: Published) -> None:
    assert CATALOGUE.experiments[entry.experiment].protocol in PROTOCOLS
    assert entry.because
    for i, id_ in enumerate(entry.rows):
        row = CATALOGUE.evidence[id_]
        assert measurement(row, entry.divide_by)[0] > 0.0
        if entry.at:  # "q3w" states the trough without its day
            assert f"{entry.at[i]:g}" in row["condition"] or (entry.at[i] == 21.0 and "q3w" in _place(row)), id_


def _place(row: dict[str, str]) -> str:
    return row["condition"]


def test_every_experiment_is_read() -> None:
    assert {entry.experiment for entry in ENTRIES} == set(CATALOGUE.experiments)


def test_rows_of_a_calibrated_value_are_calibration() -> None:
    """A row that a calibrated value of the catalogue names as its evidence cannot be a prediction."""
    fitted = {row for e in CATALOGUE.parameters.values() if e.status == "calibrated" for row in e.evidence}
    for line in CATALOGUE.cell_lines.values():
        fitted |= {row for trait, s in line.status.items() if s == "calibrated" for row in line.evidence[trait]}
    wrong = [row for entry in ENTRIES if entry.used_for == "prediction" for row in entry.rows if row in fitted]
    assert wrong == []
    assert fitted & {row for entry in ENTRIES if entry.used_for == "calibration" for row in entry.rows}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"at": [1, 2]}, "2 numbers for 1 rows"),
        ({"at": "1"}, "list of numbers"),
        ({"used_for": "hope"}, "allowed are"),
        ({"divide_by": 0}, "above 0"),
        ({"rows": "x001"}, "rows are written"),
        ({"colour": "red"}, "unknown key"),
    ],
)
def test_a_faulty_entry_is_refused(change: dict[str, object], complaint: str) -> None:
    data = {
        "label": "IC50",
        "rows": "c105",
        "experiment": "sk_br_3_72h",
        "read": "ic50_nM",
        "unit": "nM",
        "used_for": "calibration",
        "because": "fitted",
    }
    assert published("here", "one", data).rows == ("c105",)
    with pytest.raises(CatalogueError, match=complaint):
        published("here", "one", {**data, **change})
