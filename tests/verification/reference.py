"""The equations of the model written down once more, as plain ODEs for `solve_ivp`: the yardstick."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

PER_NM_PL = 602.214076
STATES = ("R", "C", "Re", "Ce", "L", "PL", "Pc")


@dataclass
class Cell:
    """One kind of cell and how many of it there are."""

    R0: float
    count: float
    v: dict[str, float]
    mdr1: float = 1.0
    slc46a3: float = 1.0
    phi: float = 1.0
    mu: float = 0.0
    ke_fold: float = 1.0
    kr_fold: float = 1.0

    def start(self) -> list[float]:
        ke, kr = self.v["ke"] * self.ke_fold, self.v["kr"] * self.kr_fold
        return [self.R0, 0.0, self.R0 * ke / (kr + self.v["ks"]), 0.0, 0.0, 0.0, 0.0]

    def derivative(self, y: np.ndarray, a: float) -> tuple[list[float], float]:
        """Return dy/dt and the net uptake of free conjugate (molecules/h) of one cell."""
        v = self.v
        R, C, Re, Ce, L, PL, Pc = y
        ke, kr, ks, ksh = v["ke"] * self.ke_fold, v["kr"] * self.kr_fold, v["ks"], v["ksh"]
        koff = v["kon"] * v["KD"]
        ksyn = self.R0 * (ke * ks / (ks + kr) + ksh) + self.mu * self.R0 * (1 + ke / (kr + ks))
        bound_shed = ksh * (1 - v["eta"])
        klys = v["klys"] * self.phi / (1 + (Pc / (v["V"] * PER_NM_PL) / v["C_T"]) ** 2)
        out = v["kSLC"] * self.slc46a3 * self.phi + v["kleak"]
        T, KDt = v["T"] * v["V"] * PER_NM_PL, v["KDt"] * v["V"] * PER_NM_PL
        b = KDt + T - Pc
        Pf = 2 * KDt * Pc / (b + np.sqrt(b * b + 4 * KDt * Pc)) if Pc > 0 else 0.0
        pino = v["kpino"] * PER_NM_PL * a
        bind = v["kon"] * a * R - koff * C
        dy = [
            ksyn - bind - (ke + ksh) * R + kr * Re,
            bind - ke * C + kr * Ce - bound_shed * C,
            ke * R - (kr + ks) * Re,
            ke * C - (kr + ks) * Ce,
            ks * Ce + pino - (klys + v["kexoL"]) * L,
            v["DAR"] * klys * L - (out + v["kexo"]) * PL,
            out * PL - v["keff"] * self.mdr1 * Pf,
        ]
        return dy, bind + pino - v["kexoL"] * L * self.v.get("returns", 0.0)


def integrate(
    cells: Sequence[Cell],
    times: np.ndarray,
    *,
    given: Callable[[float], float] | None = None,
    amount: float = 0.0,
    capacity: float = 1.0,
    supply: Callable[[float], float] = lambda t: 0.0,
    loss: float = 0.0,
    breaks: Sequence[float] = (),
    change: Callable[[float, float], float] = lambda t, amount: amount,
) -> tuple[np.ndarray, np.ndarray]:
    """Integrate cells and what they share.

    Either `given` fixes the free conjugate (nM) over time, or it follows from `amount` molecules in a compartment of
    `capacity` molecules per nM with inflow and loss. Returns states (times, cells, 7) and free conjugate (times,).
    """

    def rhs(t: float, y: np.ndarray) -> np.ndarray:
        a = given(t) if given else y[-1] / capacity
        dy, taken = [], 0.0
        for i, cell in enumerate(cells):
            d, uptake = cell.derivative(y[7 * i : 7 * i + 7], a)
            dy += d
            taken += cell.count * uptake
        dy.append(0.0 if given else supply(t) - loss * y[-1] - taken)
        return np.array(dy)

    y = np.array([x for cell in cells for x in cell.start()] + [amount])
    out = [y]
    edges = sorted({times[0], times[-1], *(b for b in breaks if times[0] < b < times[-1])})
    for a, b in itertools.pairwise(edges):
        inside = times[(times > a) & (times <= b)]
        wanted = np.unique(np.append(inside, b))
        s = solve_ivp(rhs, (a, b), y, method="LSODA", t_eval=wanted, rtol=1e-10, atol=1e-6, max_step=5.0)
        assert s.success, s.message
        y = s.y[:, -1].copy()
        if b < times[-1]:
            y[-1] = change(b, y[-1])
        out += [s.y[:, i] for i, t in enumerate(wanted) if t in inside and t < b]
        out += [y] if b in inside else []
    table = np.array(out)
    a_free = np.array([given(t) for t in times]) if given else table[:, -1] / capacity
    return table[:, :-1].reshape(len(times), len(cells), 7), a_free
