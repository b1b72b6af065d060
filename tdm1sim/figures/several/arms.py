"""What is run for a figure of several runs: bundled scenarios, each with what is changed in it."""

from __future__ import annotations

from dataclasses import dataclass

SIZE = ("tumour.cells=1000", "run.replicates=4", "record.traces=0")
"""Size of each run: few cells, because runs on common luck are paired."""
_OF_SIZE = ("tumour.cells", "run.replicates", "record.traces")


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the runs that a figure shows side by side.

    Attributes
    ----------
    name : str
        Key of its results, fit for a folder.
    scenario : str
        A bundled scenario.
    overrides : tuple of str
        ``PATH=VALUE``, as ``--set`` takes them. Arms of the same scenario and overrides are the same run.
    """

    name: str
    scenario: str
    overrides: tuple[str, ...] = SIZE

    @property
    def changes(self) -> tuple[str, ...]:
        """Return the overrides that change more than the size of the run."""
        return tuple(text for text in self.overrides if text.partition("=")[0] not in _OF_SIZE)


def arm(name: str, scenario: str, *overrides: str) -> Arm:
    """Return an arm of the usual size."""
    return Arm(name, scenario, (*SIZE, *overrides))


TRASTUZUMAB = "treatment=[{drug: trastuzumab, dose: 8 mg/kg}]"
PERTUZUMAB = "treatment=[{drug: pertuzumab, dose: 12 mg/kg}]"
"""One loading dose of a naked antibody and nothing else."""

UNTREATED = arm("untreated", "untreated")
HER2_POSITIVE = arm("her2_positive", "her2_positive")
"""The tumour that others are compared with, without drug and after one dose of T-DM1."""
