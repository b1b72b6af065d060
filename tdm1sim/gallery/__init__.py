"""The gallery: the lecture set of figures, each from bundled scenarios and one command. Floor 7."""

from tdm1sim.gallery.entry import Entry, Size, Told
from tdm1sim.gallery.making import check, chosen, make
from tdm1sim.gallery.table import ENTRIES

__all__ = ["ENTRIES", "Entry", "Size", "Told", "check", "chosen", "make"]
