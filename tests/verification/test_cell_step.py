"""One cell against the code-check rows of the evidence data, and the order of convergence of the step."""

from __future__ import annotations

import csv
import re
from importlib import resources

import numpy as np
import pytest
from scipy.integrate import quad

from tests.runs import PATIENT_VALUES, clone, patient
from tests.verification.reference import STATES, Cell, integrate
from tests.verification.simulated import one_cell

CHECK_VALUES = {
    **PATIENT_VALUES,
    "kon": 2.07,
    "KD": 0.314,
    "ke": 0.154,
    "klys": 0.15,
    "kexoL": 0.0,
    "keff": 0.2836,
    "kpino": 0.02,
    "kdec": 0.0,
}
COLUMN = {"C": 1, "L": 4, "PL": 8, "Pf+Pb": 9}


def code_check_rows() -> list[tuple[str, float, float, int, float]]:
    """Return (id, nM, h, state, expected) of every computed row."""
    path = resources.files("tdm1sim.catalogue") / "data" / "evidence" / "cell.csv"
    rows = []
    with resources.as_file(path) as file, file.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            found = re.match(r"code check: (\S+) ", row["quantity"])
            if found and found[1] in COLUMN:
                a, t = re.findall(r"([\d.]+) (?:nM|h)", row["condition"])
                rows.append((row["id"], float(a), float(t), COLUMN[found[1]], float(row["value"])))
    return rows


ROWS = code_check_rows()


def simulate_rows(values: dict[str, float]) -> dict[float, np.ndarray]:
    parameters = patient([clone(values, her2=1.0e6, her2_sigma=0.0)], values)
    return {a: one_cell(parameters, np.full(288, a), 0.25) for a in {row[1] for row in ROWS}}


@pytest.fixture(scope="module")
def simulated() -> dict[float, np.ndarray]:
    return simulate_rows(CHECK_VALUES)


def test_there_are_48_rows() -> None:
    assert len(ROWS) == 48


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_code_check(row: tuple[str, float, float, int, float], simulated: dict[float, np.ndarray]) -> None:
    _, a, t, state, expected = row
    assert simulated[a][round(4 * t)][state] == pytest.approx(expected, rel=0.01)


def test_companion_every_rate_constant_matters() -> None:
    for name in ("kon", "KD", "ke", "kr", "ks", "klys", "kSLC", "keff", "DAR"):
        wrong = simulate_rows({**CHECK_VALUES, name: 1.2 * CHECK_VALUES[name]})
        missed = [r for r in ROWS if wrong[r[1]][round(4 * r[2])][r[3]] != pytest.approx(r[4], rel=0.01)]
        assert missed, f"20 % more {name} went unnoticed"


def smooth(t: float) -> float:
    """Return a conjugate level that rises from zero and oscillates gently, nM."""
    return 2.0 * np.sin(np.pi * t / 96.0) ** 2 + 0.5 * np.sin(np.pi * t / 40.0) ** 2


def errors_at(h: float, values: dict[str, float], *, lag: float = 0.0) -> np.ndarray:
    parameters = patient([clone(values, her2=1.0e6, her2_sigma=0.0)], values)
    n = round(96.0 / h)
    edges = np.arange(n + 1) * h
    means = np.array([quad(smooth, max(0.0, a - lag), a - lag + h)[0] / h for a in edges[:-1]])
    states = one_cell(parameters, means, h)
    expected, _ = integrate([Cell(1.0e6, 1.0, dict(values))], edges, given=smooth)
    return np.abs(states - expected[:, 0]).max(axis=0) / expected[:, 0].max(axis=0)


def orders(values: dict[str, float], *, lag: bool = False) -> dict[str, float]:
    steps = (2.0, 1.0, 0.5)
    errors = np.array([errors_at(h, values, lag=0.5 * h if lag else 0.0) for h in steps])
    measured = {}
    for i, name in enumerate(STATES):
        if errors[0, i] > 1e-4:
            measured[name] = float(np.polyfit(np.log(steps), np.log(errors[:, i]), 1)[0])
    return measured


@pytest.mark.parametrize("changes", [{}, {"C_T": 500.0}], ids=["standard", "impaired trafficking"])
def test_order_of_convergence(changes: dict[str, float]) -> None:
    measured = orders({**PATIENT_VALUES, **changes})
    assert measured, "no state has an error to converge"
    assert min(measured.values()) >= 1.6, measured


def test_companion_a_first_order_step_is_noticed() -> None:
    assert min(orders(PATIENT_VALUES, lag=True).values()) < 1.3


def test_error_against_solve_ivp_at_one_hour() -> None:
    assert errors_at(1.0, PATIENT_VALUES).max() < 0.005
