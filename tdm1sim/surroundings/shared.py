"""The compartment all cells share: a culture well, or the interstitium of a well-mixed tumour.

Amounts are molecules of conjugate for the whole simulated population. Both kinds exchange drug with their cells
(`tdm1sim.surroundings.sharing`); they differ in where drug comes from and in what becomes of lost cells.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from tdm1sim.maths import MOLECULES_PER_NM_PL, PL_PER_UL
from tdm1sim.parameters import Culture, Parameters, Patient
from tdm1sim.surroundings.plasma import Plasma


class Shared(ABC):
    """One well-mixed compartment around all cells.

    Attributes
    ----------
    amount : float
        Free conjugate, molecules.
    capacity : float
        Molecules per nM of free conjugate.
    loss : float
        First-order loss to plasma, 1/h.
    returns : bool
        Whether what cells give back re-enters the compartment (culture) or is counted as lost (patient).
    entered, left : float
        Cumulative molecules that came from and went to the outside.
    """

    returns: bool
    loss: float = 0.0

    def __init__(self) -> None:
        self.amount = 0.0
        self.capacity = 0.0
        self.entered = 0.0
        self.left = 0.0

    @property
    def concentration(self) -> float:
        """Free conjugate around the cells, nM."""
        return self.amount / self.capacity if self.capacity > 0.0 else 0.0

    @abstractmethod
    def breakpoints(self) -> list[float]:
        """Return the times (h) at which exposure changes abruptly."""

    @abstractmethod
    def begin(self, t: float) -> None:
        """Carry out what happens at once at time `t`."""

    @abstractmethod
    def supply(self, t: float) -> float:
        """Return the inflow at time `t`, molecules/h."""

    @abstractmethod
    def supplied(self, t0: float, t1: float) -> float:
        """Return the inflow between two times, molecules."""

    @abstractmethod
    def plasma_ug_ml(self, t: float) -> float | None:
        """Return the plasma conjugate at `t`, ug/mL; None where there is no plasma."""

    @abstractmethod
    def resize(self, cells: int, lost: int) -> float:
        """Follow the number of living cells; return what left with `lost` ones, molecules."""


class Well(Shared):
    """A culture well: medium that is added, depleted by the cells, and replaced."""

    returns = True

    def __init__(self, culture: Culture, cells: int) -> None:
        super().__init__()
        self._culture = culture
        self.capacity = culture.medium * PL_PER_UL * cells / culture.cells_per_well * MOLECULES_PER_NM_PL

    def breakpoints(self) -> list[float]:
        """Return starts and ends of the treatment entries, h."""
        return sorted({t for e in self._culture.exposures for t in (e.start, e.end)})

    def begin(self, t: float) -> None:
        """Replace the medium where an entry ends; add drug where one starts."""
        if any(e.end == t for e in self._culture.exposures):
            self.left += self.amount
            self.amount = 0.0
        for e in self._culture.exposures:
            if e.start == t:
                added = e.concentration * self.capacity
                self.amount += added
                self.entered += added

    def supply(self, t: float) -> float:  # noqa: ARG002 - a well has no inflow
        """Return 0."""
        return 0.0

    def supplied(self, t0: float, t1: float) -> float:  # noqa: ARG002
        """Return 0."""
        return 0.0

    def plasma_ug_ml(self, t: float) -> float | None:  # noqa: ARG002
        """Return None."""
        return None

    def resize(self, cells: int, lost: int) -> float:  # noqa: ARG002 - the medium stays
        """Return 0: the medium does not depend on the cells."""
        return 0.0


class Tumour(Shared):
    """Interstitium of a well-mixed tumour fed through capillary walls (Krogh geometry).

    Inflow per tumour volume is ``k_ex (plasma - interstitial / void)`` with ``k_ex = 2 P Rcap / RK^2``
    (Shah et al. 2012, doi:10.1007/s10928-012-9276-y). Tumour volume follows the living cells,
    ``V / (1 - void)`` each; what a lost cell's share holds leaves with it.
    """

    returns = False

    def __init__(self, patient: Patient, values: Mapping[str, float]) -> None:
        super().__init__()
        self.plasma = Plasma(patient, values)
        self._share = values["V"] / (1.0 - patient.void) * MOLECULES_PER_NM_PL
        self._void = patient.void
        self._k_ex = 2.0 * patient.P * patient.Rcap / (patient.RK * patient.RK)
        self._nM_per_ug_ml = 1.0e6 / values["MW"]
        self.loss = self._k_ex / patient.void
        self._cells = 0

    def breakpoints(self) -> list[float]:
        """Return starts and ends of infusions, h."""
        return sorted({t for i in self.plasma.infusions for t in (i.start, i.start + i.length)})

    def begin(self, t: float) -> None:
        """Do nothing: plasma is known in closed form."""

    def supply(self, t: float) -> float:
        """Return the inflow from plasma, molecules/h."""
        rate = self._k_ex * self._share * self._cells * self._nM_per_ug_ml
        return rate * float(self.plasma.concentration(t))

    def supplied(self, t0: float, t1: float) -> float:
        """Return the inflow from plasma between two times, molecules."""
        rate = self._k_ex * self._share * self._cells * self._nM_per_ug_ml
        return rate * self.plasma.integral(t0, t1)

    def plasma_ug_ml(self, t: float) -> float | None:
        """Return the plasma conjugate, ug/mL."""
        return float(self.plasma.concentration(t))

    def resize(self, cells: int, lost: int) -> float:
        """Follow the living cells; the share of lost ones leaves at the concentration of the moment."""
        gone = 0.0
        if lost and self._cells:
            gone = self.amount * min(1.0, lost / self._cells)
            self.amount -= gone
        self._cells = cells
        self.capacity = self._share * cells * self._void
        return gone


def surroundings_of(parameters: Parameters) -> Shared:
    """Build the compartment of a run."""
    where = parameters.surroundings
    if isinstance(where, Patient):
        return Tumour(where, parameters.values)
    return Well(where, parameters.plan.cells)
