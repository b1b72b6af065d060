"""The equations of the model written down once more, as plain ODEs for `solve_ivp`: the yardstick."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

PER_NM_PL = 602.214076
STATES = ("R", "C", "Re", "Ce", "L", "Dc", "De", "Dl", "PL", "Pc")


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
        return [self.R0, 0.0, self.R0 * ke / (kr + self.v["ks"]), *([0.0] * 7)]

    def derivative(self, y: np.ndarray, a: float, d: float, p: float) -> tuple[list[float], list[float]]:
        """Return dy/dt and what one cell takes (molecules/h) of antibody, payload on it, free payload, ectodomain."""
        v = self.v
        R, C, Re, Ce, L, Dc, De, Dl, PL, Pc = y
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
        carried, kdec = v["kon"] * d * R, v["kdec"]
        pumped, entering = v["keff"] * self.mdr1 * Pf, v["kin"] * PER_NM_PL * p
        dy = [
            ksyn - bind - (ke + ksh) * R + kr * Re,
            bind - ke * C + kr * Ce - bound_shed * C,
            ke * R - (kr + ks) * Re,
            ke * C - (kr + ks) * Ce,
            ks * Ce + pino - (klys + v["kexoL"]) * L,
            carried - (koff + ke + bound_shed + kdec) * Dc + kr * De,
            ke * Dc - (kr + ks) * De,
            ks * De + v["kpino"] * PER_NM_PL * d - (klys + v["kexoL"]) * Dl,
            klys * Dl - (out + v["kexo"]) * PL,
            out * PL + entering - pumped,
        ]
        back = v["kexoL"] * self.v.get("returns", 0.0)
        taken = carried - koff * Dc + v["kpino"] * PER_NM_PL * d
        given = pumped + v["kexo"] * PL
        return dy, [bind + pino - back * L, taken - back * Dl, entering - given, -(ksh * R + bound_shed * C)]


def integrate(
    cells: Sequence[Cell],
    times: np.ndarray,
    *,
    given: Callable[[float], float] | None = None,
    amounts: Sequence[float] = (0.0, 0.0, 0.0, 0.0),
    capacity: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
    supply: Callable[[float], tuple[float, float]] = lambda t: (0.0, 0.0),
    loss: Sequence[float] = (0.0, 0.0, 0.0, 0.0),
    breaks: Sequence[float] = (),
    change: Callable[[float, np.ndarray], np.ndarray] = lambda t, amounts: amounts,
) -> tuple[np.ndarray, np.ndarray]:
    """Integrate cells and what they share.

    Either `given` fixes the free conjugate (nM, with a full load of payload) over time, or antibody, payload on it,
    free payload and shed ectodomain follow from `amounts` molecules in a compartment of `capacity` molecules per nM
    with inflow (of the first two) and `loss` to the outside. Returns states (times, cells, 10) and these four
    (times, 4), nM.
    """
    width, shared = len(STATES), len(amounts)
    held = np.array(capacity)

    def rhs(t: float, y: np.ndarray) -> np.ndarray:
        v = cells[0].v
        a, d, p, _ = (given(t), v["DAR"] * given(t), 0.0, 0.0) if given else y[-shared:] / held
        dy, taken = [], np.zeros(shared)
        for i, cell in enumerate(cells):
            change_, uptake = cell.derivative(y[width * i : width * (i + 1)], a, d, p)
            dy += change_
            taken += cell.count * np.array(uptake)
        gone = (np.array(loss) + np.array([0.0, v["kdec"], 0.0, 0.0])) * y[-shared:]
        outside = np.zeros(shared) if given else np.array([*supply(t), 0.0, 0.0]) - gone - taken
        return np.concatenate([dy, outside])

    y = np.array([x for cell in cells for x in cell.start()] + list(amounts))
    out = [y]
    edges = sorted({times[0], times[-1], *(b for b in breaks if times[0] < b < times[-1])})
    for a, b in itertools.pairwise(edges):
        inside = times[(times > a) & (times <= b)]
        wanted = np.unique(np.append(inside, b))
        s = solve_ivp(rhs, (a, b), y, method="LSODA", t_eval=wanted, rtol=1e-10, atol=1e-6, max_step=5.0)
        assert s.success, s.message
        y = s.y[:, -1].copy()
        if b < times[-1]:
            y[-shared:] = change(b, y[-shared:])
        out += [s.y[:, i] for i, t in enumerate(wanted) if t in inside and t < b]
        out += [y] if b in inside else []
    table = np.array(out)
    free = table[:, -shared:] / held
    return table[:, :-shared].reshape(len(times), len(cells), width), free
