"""What an experiment of the catalogue states, taken key by key; a key that nobody takes is a fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from tdm1sim.catalogue import CatalogueError
from tdm1sim.catalogue.published import Experiment
from tdm1sim.units import parse_in_unit


class Settings:
    """The settings of one experiment.

    Parameters
    ----------
    experiment : Experiment
        From the catalogue.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._where = f"experiments.yaml: {experiment.name}"
        self._left: dict[str, object] = dict(experiment.settings)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def _take(self, key: str, default: object = None) -> object:
        if key not in self._left and default is None:
            self.fail(f"the setting `{key}` is missing")
        return self._left.pop(key, default)

    def fail(self, text: str) -> NoReturn:
        """Raise `CatalogueError` naming the experiment."""
        msg = f"{self._where}: {text}"
        raise CatalogueError(msg)

    def text(self, key: str, default: str | None = None) -> str:
        """Take a text, such as a name or a quantity that goes into a scenario as it stands."""
        return str(self._take(key, default))

    def number(self, key: str, default: float | None = None) -> float:
        """Take a bare number."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(f"the setting `{key}` is {value!r}, a number is expected")
        return float(value)

    def quantity(self, key: str, unit: str) -> float:
        """Take a number with its unit, in `unit`."""
        return parse_in_unit(self.text(key), unit)

    def numbers(self, key: str) -> tuple[float, ...]:
        """Take a list of numbers."""
        value = self._take(key)
        if not isinstance(value, list):
            self.fail(f"the setting `{key}` is {value!r}, a list is expected")
        return tuple(float(item) for item in value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of names."""
        value = self._take(key)
        if not isinstance(value, list):
            self.fail(f"the setting `{key}` is {value!r}, a list is expected")
        return tuple(str(item) for item in value)

    def mapping(self, key: str) -> dict[str, object]:
        """Take a mapping; an absent one is empty."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            self.fail(f"the setting `{key}` is {value!r}, a mapping is expected")
        return dict(value)

    def finish(self) -> None:
        """Refuse settings that nobody asked for."""
        if self._left:
            self.fail(f"unknown settings {', '.join(self._left)}")


def as_mapping(items: Mapping[str, object]) -> str:
    """Return a mapping as YAML in one line, to be set in a scenario."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
