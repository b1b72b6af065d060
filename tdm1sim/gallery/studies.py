"""Figures of studies: dose-response curves, resistances over their ranges, published measurements."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim.gallery.entry import Found, Size, Study, Words, Work
from tdm1sim.gallery.sources import Run, engine

if TYPE_CHECKING:
    from tdm1sim.doses import Asked, Curve
    from tdm1sim.evidence import Comparison
    from tdm1sim.figures.bare import Page
    from tdm1sim.sweeping.folder import SweepResults
    from tdm1sim.sweeping.point import Done, Job


class _Whole:
    """A figure that is not built up."""

    __slots__ = ()

    def frames(self, data: Any) -> Sequence[Page]:  # noqa: ARG002
        """Return no pages."""
        return ()


@dataclass(frozen=True, slots=True)
class DoseCurves(_Whole):
    """Dose-response curves of the clones of a culture.

    Attributes
    ----------
    run : Run
        The culture.
    clones : tuple of str
        A curve each.
    cost : float
        Of each curve, see `Work`.
    """

    run: Run
    clones: tuple[str, ...]
    cost: float = 3.0

    def _asked(self, size: Size) -> list[Asked]:
        from tdm1sim.doses import Wanted, asked_of
        from tdm1sim.scenario import load_scenario

        run = self.run.sized(size)
        loaded = load_scenario(run.scenario, run.changes)
        asked = asked_of(loaded, Wanted(clones=self.clones))
        if size.doses is None:
            return asked
        every = sorted({dose for one in asked[0].resolved.parameters.plan.readouts for dose in one.concentrations})
        step = max(1, (len(every) - 1) // max(1, size.doses - 1))
        return asked_of(loaded, Wanted(clones=self.clones, doses=tuple(every[::step])))

    def study(self, size: Size) -> Study:
        """Return what is to be simulated."""
        asked = self._asked(size)
        key = self.run.sized(size).key
        works = tuple(Work(f"curve {one.name} of\n{key}", _curve, one, self.cost) for one in asked)
        return Study(works, lambda found: [found[work.key] for work in works])

    def command(self, name: str, size: Size) -> str:  # noqa: ARG002
        """Return the command that makes the figure."""
        clones = [word for clone in self.clones for word in ("--clone", clone)]
        return shlex.join(["tdm1sim", "dose-response", *self.run.sized(size).options, *clones])

    def words(self, data: Sequence[Curve]) -> Words:
        """Return what is said of it."""
        from tdm1sim.figures import dose_curves

        keys = dict.fromkeys(str(key) for curve in data for key in curve.results.manifest.get("citations", ()))
        return Words(dose_curves.title(data), dose_curves.caption(data), tuple(keys))

    def page(self, data: Sequence[Curve]) -> Page:
        """Return the figure, in the style in use."""
        from tdm1sim.figures import dose_curves

        return dose_curves.page(data)


def _curve(asked: Asked) -> Curve:
    from tdm1sim.doses import curve_of

    return curve_of(asked, engine=engine())


@dataclass(frozen=True, slots=True)
class ResistanceRanges(_Whole):
    """Every resistance over its range, with what nobody has measured drawn beside chance.

    Attributes
    ----------
    run : Run
        The tumour without any.
    values, draws : int
        Of each resistance; of what nobody has measured.
    cost : float
        Of each point and draw, see `Work`.
    """

    run: Run
    values: int
    draws: int
    cost: float = 0.5

    def study(self, size: Size) -> Study:
        """Return what is to be simulated."""
        from tdm1sim.scenario import load_scenario
        from tdm1sim.sweeping.ignorance import draws_of, with_draws
        from tdm1sim.sweeping.mechanisms import plan_resistances
        from tdm1sim.sweeping.running import Finished, How, jobs_of

        run, how = self.run.sized(size), How(engine())
        planned = plan_resistances(load_scenario(run.scenario, run.changes), self._values(size))
        planned = with_draws(planned, self._draws(size))
        works = tuple(
            Work(f"point {job.number} of\n{run.key}", _point, job, self.cost) for job in jobs_of(planned, how)
        )

        def gather(found: Found) -> SweepResults:
            from tdm1sim.sweeping import folder

            done = {one.number: one for one in (found[work.key] for work in works)}
            points = tuple(done[point.number] for point in planned.points)
            finished = Finished(points, 0, draws_of(planned, done))
            with tempfile.TemporaryDirectory() as place:
                return folder.write(Path(place), planned, finished, how, sum(one.seconds for one in done.values()))

        return Study(works, gather)

    def _values(self, size: Size) -> int:
        return size.values or self.values

    def _draws(self, size: Size) -> int:
        return size.draws or self.draws

    def command(self, name: str, size: Size) -> str:  # noqa: ARG002
        """Return the command that makes the figure."""
        counts = ["--points", str(self._values(size)), "--uncertain", str(self._draws(size))]
        return shlex.join(["tdm1sim", "sweep", *self.run.sized(size).options, "--resistances", *counts])

    def words(self, data: SweepResults) -> Words:
        """Return what is said of it."""
        from tdm1sim.figures import sweep

        keys = tuple(str(key) for key in data.manifest["citations"])
        return Words(sweep.title(data, MEASURE), sweep.caption(data, MEASURE), keys)

    def page(self, data: SweepResults) -> Page:
        """Return the figure, in the style in use."""
        from tdm1sim.figures import sweep

        return sweep.page(data, MEASURE)


MEASURE = "cell_number_ratio"
"""What is drawn of each resistance: living cells per founder."""


def _point(job: Job) -> Done:
    from tdm1sim.sweeping.point import run_point

    return run_point(job)


@dataclass(frozen=True, slots=True)
class Measurements(_Whole):
    """The model against everything published that it is held against.

    Attributes
    ----------
    costs : tuple of (str, float)
        Kinds of experiments that take long (how their names begin), see `Work`; all others take ``cost``.
    cost : float
        Of any other experiment.
    """

    costs: tuple[tuple[str, float], ...] = ()
    cost: float = 2.0

    def study(self, size: Size) -> Study:
        """Return what is to be simulated."""
        from tdm1sim.catalogue import load_catalogue

        by_experiment: dict[str, list[str]] = {}
        for name, entry in load_catalogue().published.items():
            if size.only.lower() in name.lower():
                by_experiment.setdefault(entry.experiment, []).append(name)
        works = tuple(
            Work(f"experiment {experiment}", _measured, tuple(names), self._cost(experiment))
            for experiment, names in by_experiment.items()
        )

        def gather(found: Found) -> Comparison:
            from tdm1sim.evidence import Comparison

            lines = {line.entry.name: line for work in works for line in found[work.key].lines}
            return Comparison(tuple(lines[name] for name in load_catalogue().published if name in lines))

        return Study(works, gather)

    def _cost(self, experiment: str) -> float:
        return next((cost for begin, cost in self.costs if experiment.startswith(begin)), self.cost)

    def command(self, name: str, size: Size) -> str:  # noqa: ARG002
        """Return the command that makes the figure."""
        return "tdm1sim evidence"

    def words(self, data: Comparison) -> Words:
        """Return what is said of it, and where every number was published."""
        from tdm1sim.figures import evidence

        sources = dict.fromkeys(row.source.strip().rstrip(".") for row in data.rows())
        caption = f"{evidence.caption(data)}\n\nSources of the numbers: {'; '.join(sources)}."
        return Words(evidence.title(data), caption)

    def page(self, data: Comparison) -> Page:
        """Return the figure, in the style in use."""
        from tdm1sim.figures import evidence

        return evidence.page(data)


def _measured(names: tuple[str, ...]) -> Comparison:
    from tdm1sim.evidence import compare

    return compare(entries=names)
