"""What a paper says about a run: methods, table of parameters, references. Floor 7, reads a result only.

`write_up` turns a result into a `Document`; `render` writes it as Markdown, LaTeX or plain text, and `bibtex` its
references. Every number is the result's own: from ``resolved.yaml``, ``manifest.json``, ``summary.json``.
"""

from tdm1sim.methods.bibliography import bibtex
from tdm1sim.methods.facts import Facts, base_of, facts_of
from tdm1sim.methods.layout import FORMATS, Document, render
from tdm1sim.methods.writing import write_up

__all__ = ["FORMATS", "Document", "Facts", "base_of", "bibtex", "facts_of", "render", "write_up"]
