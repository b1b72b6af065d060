"""A gallery at a size for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from tdm1sim.figures import page
from tdm1sim.gallery import Entry, Size
from tdm1sim.gallery.entry import Found, Study, Words, Work
from tests.figures import synthetic

SIZE = Size(cells=60, replicates=2, doses=5, values=2, draws=2, only="krop")


@dataclass(frozen=True, slots=True)
class Ready:
    """A source whose runs are there already."""

    figure: str = "fates"
    story: str = "patient"
    count: int = 1

    def study(self, size: Size) -> Study:
        works = tuple(Work(f"{self.story} {i}", made, self.story, 1.0 + i) for i in range(self.count))

        def gather(found: Found) -> Any:
            return found[works[0].key]

        return Study(works, gather)

    def command(self, name: str, size: Size) -> str:
        return f"tdm1sim run {self.story} --figure {name}"

    def words(self, data: Any) -> Words:
        from tdm1sim.figures import FIGURES

        figure = FIGURES[self.figure]
        return Words(figure.title(data), figure.caption(data), ("lu_2014", "lewis_phillips_2008"))

    def page(self, data: Any) -> Figure:
        return page(self.figure, data)

    def frames(self, data: Any) -> tuple[Figure, ...]:
        return ()


def made(story: str) -> Any:
    return synthetic.ALL[story]()


def entry(letter: str, name: str, source: Any) -> Entry:
    return Entry(letter, name, source, f"What of {name} & <co>?", "This.", "That.")
