"""The compartment all cells share: a culture well, or the interstitium of a well-mixed tumour.

Amounts are molecules for the whole simulated population: antibody of subdomain IV (conjugate and naked), the payload
on it, payload outside cells, shed ectodomain. Both kinds exchange drug with their cells
(`tdm1sim.surroundings.sharing`); they differ in where drug comes from and in what becomes of lost cells.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping

from tdm1sim.maths import MOLECULES_PER_NM_PL, PL_PER_UL
from tdm1sim.parameters import Culture, Parameters, Patient
from tdm1sim.surroundings.joint import Compartment, Supply
from tdm1sim.surroundings.pieces import HELD, INFLOW, pieces_of
from tdm1sim.surroundings.plasma import Plasma

NOTHING = Supply(pieces_of(()), pieces_of(()))
"""No antibody outside."""


class Shared(ABC):
    """One well-mixed compartment around all cells.

    Attributes
    ----------
    amount, carried, payload, ecd : float
        Free antibody (subdomain IV), payload on it, payload outside cells and antibodies, shed ectodomain, molecules.
    capacity, payload_capacity : float
        Molecules per nM of antibody, and of payload.
    loss, payload_loss : float
        First-order loss to plasma of antibody (and ectodomain) and of payload, 1/h.
    exchanged : bool
        Whether payload outside enters cells again: then it is booked where that is (`tdm1sim.engine.bystander`).
    returns : bool
        Whether antibody that cells give back re-enters the compartment (culture) or is counted as lost (patient).
    inflow : float
        What comes from outside, molecules/h per nM there.
    supply : Supply
        What is outside.
    others : bool
        Whether an antibody of subdomain II is around at any time.
    entered, left, carried_entered, carried_left, payload_left : float
        Cumulative molecules that came from and went to the outside.
    foreseen, foreseen_carried : float
        Free antibody and payload on it around the cells as last foreseen, nM (`tdm1sim.engine.foresee`).
    """

    returns: bool
    loss: float = 0.0
    payload_loss: float = 0.0
    KEPT: tuple[str, ...] = (
        "amount",
        "carried",
        "payload",
        "ecd",
        "entered",
        "left",
        "carried_entered",
        "carried_left",
        "payload_left",
    )
    """Numbers that a saved state keeps; all others follow from the parameters and the number of cells."""

    def __init__(self, values: Mapping[str, float]) -> None:
        self.amount = self.carried = self.payload = self.ecd = 0.0
        self.capacity = self.payload_capacity = 0.0
        self.entered = self.left = 0.0
        self.carried_entered = self.carried_left = self.payload_left = 0.0
        self.foreseen = self.foreseen_carried = 0.0
        self._DAR = values["DAR"]
        self.exchanged = values["kin"] > 0.0
        self.inflow = 0.0
        self.supply = NOTHING
        self.others = False

    def numbers(self) -> dict[str, float]:
        """Return the numbers that a saved state keeps."""
        return {name: getattr(self, name) for name in self.KEPT}

    def put_back(self, numbers: Mapping[str, float]) -> None:
        """Take over the numbers of a saved state."""
        for name in self.KEPT:
            setattr(self, name, numbers[name])

    @property
    def antibody_nM(self) -> float:
        """Free antibody of subdomain IV around the cells, conjugate and naked, nM."""
        return max(0.0, self.amount) / self.capacity if self.capacity > 0.0 else 0.0

    @property
    def carried_nM(self) -> float:
        """Payload on free antibody around the cells, nM."""
        return max(0.0, self.carried) / self.capacity if self.capacity > 0.0 else 0.0

    @property
    def concentration(self) -> float:
        """Free conjugate around the cells, nM: the payload on free antibody over the DAR of fresh conjugate."""
        return self.carried_nM / self._DAR if self._DAR > 0.0 else 0.0

    @property
    def mean_dar(self) -> float | None:
        """Payload per free antibody; None where there is none."""
        return self.carried_nM / self.antibody_nM if self.antibody_nM > 0.0 else None

    @property
    def payload_nM(self) -> float:
        """Payload outside cells and antibodies, nM."""
        return self.payload / self.payload_capacity if self.payload_capacity > 0.0 else 0.0

    @property
    def ecd_nM(self) -> float:
        """Shed HER2 ectodomain around the cells, nM."""
        return self.ecd / self.capacity if self.capacity > 0.0 else 0.0

    def compartment(self) -> Compartment:
        """Return what sharing needs to know of it now."""
        return Compartment(self.amount, self.carried, self.capacity, self.loss, self.inflow, self.returns)

    def clear(self, h: float) -> None:
        """Let shed ectodomain, and a payload that enters no cell, leave for `h` hours."""
        if not self.exchanged:
            gone = self.payload * -math.expm1(-self.payload_loss * h)
            self.payload -= gone
            self.payload_left += gone
        self.ecd *= math.exp(-self.loss * h)

    @abstractmethod
    def breakpoints(self) -> list[float]:
        """Return the times (h) at which exposure changes abruptly."""

    @abstractmethod
    def begin(self, t: float) -> None:
        """Carry out what happens at once at time `t`."""

    @abstractmethod
    def other_site_nM(self, t: float) -> float:
        """Return the antibody of subdomain II around the cells at `t`, nM, as if nobody took it up (assumed)."""

    @abstractmethod
    def resize(self, cells: int, lost: int) -> tuple[float, float]:
        """Follow the number of living cells; return what left with `lost` ones: antibody, payload on it, molecules."""


class Well(Shared):
    """A culture well: medium that is added, depleted by the cells, and replaced."""

    returns = True
    KEPT = (*Shared.KEPT, "_since")

    def __init__(self, culture: Culture, cells: int, values: Mapping[str, float]) -> None:
        super().__init__(values)
        self._exposures = culture.exposures
        self.others = any(e.site == "II" for e in culture.exposures)
        self._load = values["DAR"] * values["arm_payload"]
        self.capacity = culture.medium * PL_PER_UL * cells / culture.cells_per_well * MOLECULES_PER_NM_PL
        self.payload_capacity = self.capacity
        self._since = -math.inf

    def breakpoints(self) -> list[float]:
        """Return starts and ends of the treatment entries, h."""
        return sorted({t for e in self._exposures for t in (e.start, e.end)})

    def begin(self, t: float) -> None:
        """Replace all medium where an entry ends (those that go on are put back); add drug where one starts.

        Everything since the last call is due: the time grid merges times that differ by rounding only (0.3 h, and the
        third of steps of 0.1 h), and an entry must not be missed for a last digit.
        """
        since, self._since = self._since, t
        fresh = any(since < e.end <= t for e in self._exposures)
        if fresh:
            self.left += self.amount
            self.carried_left += self.carried
            self.payload_left += self.payload
            self.amount = self.carried = self.payload = self.ecd = 0.0
        for e in self._exposures:
            if e.site == "IV" and e.start <= t < e.end and (fresh or e.start > since):
                added = e.concentration * self.capacity
                load = added * self._load if e.conjugate else 0.0
                self.amount += added
                self.entered += added
                self.carried += load
                self.carried_entered += load

    def other_site_nM(self, t: float) -> float:
        """Return the stated concentration of the entries in force, nM."""
        return sum(e.concentration for e in self._exposures if e.site == "II" and e.start <= t < e.end)

    def resize(self, cells: int, lost: int) -> tuple[float, float]:  # noqa: ARG002 - the medium stays
        """Return 0: the medium does not depend on the cells."""
        return 0.0, 0.0


class Tumour(Shared):
    """Interstitium of a well-mixed tumour fed through capillary walls (Krogh geometry).

    Inflow per tumour volume is ``k_ex (plasma - interstitial / void)`` with ``k_ex = 2 P Rcap / RK^2``
    (Shah et al. 2012, doi:10.1007/s10928-012-9276-y), for antibody, the payload on it and, with permeability and void
    of its own, payload that cells gave off. Tumour volume follows the living cells, ``V / (1 - void)`` each; what a
    lost cell's share holds leaves with it.

    Cells take all that comes within seconds. So the little that is free at a time is what was foreseen of it; the
    books (``amount``) differ by what cells took more or less than foreseen since, which is much more than that little
    and is made good within the next step.
    """

    returns = False
    KEPT = (*Shared.KEPT, "foreseen", "foreseen_carried")

    def __init__(self, patient: Patient, values: Mapping[str, float]) -> None:
        super().__init__(values)
        self.plasma = Plasma(patient, values)
        self.others = self.plasma.others
        self._share = values["V"] / (1.0 - patient.void) * MOLECULES_PER_NM_PL
        self._void, self._void_payload = patient.void, values["void_payload"]
        krogh = 2.0 * patient.Rcap / (patient.RK * patient.RK)
        self._k_ex = krogh * patient.P
        load = self.plasma.drug.copy()
        load[:, :, (HELD, INFLOW)] *= values["arm_payload"]
        self.supply = Supply(self.plasma.antibody, load)
        self.loss = self._k_ex / patient.void
        self.payload_loss = krogh * values["P_payload"] / self._void_payload
        self._cells = 0

    @property
    def antibody_nM(self) -> float:
        """Free antibody of subdomain IV around the cells, conjugate and naked, nM."""
        return self.foreseen if self.capacity > 0.0 else 0.0

    @property
    def carried_nM(self) -> float:
        """Payload on free antibody around the cells, nM."""
        return self.foreseen_carried if self.capacity > 0.0 else 0.0

    def breakpoints(self) -> list[float]:
        """Return starts and ends of infusions, h."""
        return sorted({t for i in self.plasma.infusions for t in (i.start, i.start + i.length)})

    def begin(self, t: float) -> None:
        """Do nothing: plasma is known in closed form."""

    def other_site_nM(self, t: float) -> float:
        """Return plasma's antibody of subdomain II: the tumour in equilibrium with plasma (assumed), nM."""
        return float(self.plasma.other_site_nM(t))

    def resize(self, cells: int, lost: int) -> tuple[float, float]:
        """Follow the living cells; the share of lost ones leaves at the concentrations of the moment."""
        gone = 0.0, 0.0
        if lost and self._cells:
            share = min(1.0, lost / self._cells)
            gone = self.amount * share, self.carried * share
            self.amount -= gone[0]
            self.carried -= gone[1]
            self.payload_left += self.payload * share
            self.payload -= self.payload * share
            self.ecd -= self.ecd * share
        self._cells = cells
        self.inflow = self._k_ex * self._share * cells
        self.capacity = self._share * cells * self._void
        self.payload_capacity = self._share * cells * self._void_payload
        return gone


def surroundings_of(parameters: Parameters) -> Shared:
    """Build the compartment of a run."""
    where = parameters.surroundings
    if isinstance(where, Patient):
        return Tumour(where, parameters.values)
    return Well(where, parameters.plan.cells, parameters.values)
