"""References in full, and as BibTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tdm1sim.methods.layout import escaped

if TYPE_CHECKING:
    from tdm1sim.catalogue import Catalogue, Reference

PROGRAM = "tdm1sim"
"""Key of the program itself."""
_ARTICLE = re.compile(
    r"(?P<author>.+?)\. (?P<title>.+)\. (?P<journal>[^.]+?) (?P<year>(?:19|20)\d\d);(?P<volume>[^:]+):"
    r"(?P<pages>[\w-]+)(?P<note>.*)\.$"
)
_AUTHOR = re.compile(r"^[^\W\d_][\w'’ -]* [A-Z]{1,3}$")


def program(version: str) -> str:
    """Return how the program is cited, with the version that made a run."""
    told = f", version {version}" if version else ""
    return (
        "The tdm1sim developers. tdm1sim: an agent-based simulator of the antibody-drug conjugate T-DM1 in "
        f"HER2-expressing breast cancer cells{told}."
    )


def in_full(reference: Reference) -> str:
    """Return a reference as a reader would cite it, with its identifier."""
    text = reference.text
    if reference.doi:
        return f"{text} doi:{reference.doi}"
    if reference.pmid:
        return f"{text} PMID {reference.pmid}"
    return f"{text} {reference.url}".rstrip()


def bibtex(keys: Sequence[str], catalogue: Catalogue, version: str = "") -> str:
    """Return the BibTeX entries of references and of the program.

    Parameters
    ----------
    keys : sequence of str
        Of the catalogue's references.
    catalogue : Catalogue
        What is known.
    version : str
        Of the program that made the run.

    Notes
    -----
    An article whose text has the usual form (authors. title. journal year;volume:pages.) is taken apart. Anything
    else keeps its whole text in ``note``, so that no part of it is guessed.
    """
    entries = [_program_entry(version)]
    entries += [_entry(catalogue.references[key]) for key in keys if key in catalogue.references]
    return "\n\n".join(entries) + "\n"


def _program_entry(version: str) -> str:
    title = (
        "{tdm1sim}: an agent-based simulator of the antibody-drug conjugate {T-DM1} in {HER2}-expressing breast "
        "cancer cells"
    )
    fields = {"author": "{The tdm1sim developers}", "title": title, "note": f"Version {version}" if version else ""}
    return _written("misc", PROGRAM, fields)


def _entry(reference: Reference) -> str:
    found = _ARTICLE.match(reference.text)
    authors = _authors(found["author"]) if found else ""
    if not found or not authors:
        return _written("misc", reference.key, {"note": escaped(reference.text), **_identifiers(reference)})
    fields = {
        "author": escaped(authors),
        "title": f"{{{escaped(found['title'])}}}",
        "journal": escaped(found["journal"]),
        "year": found["year"],
        "volume": escaped(found["volume"]),
        "pages": found["pages"].replace("-", "--"),
        "note": escaped(found["note"].strip(" ()")),
    }
    return _written("article", reference.key, {**fields, **_identifiers(reference)})


def _authors(text: str) -> str:
    """Return ``Lu D, Girish S, et al`` as BibTeX has it; empty where a name is not of this form."""
    names = []
    for name in text.split(", "):
        if name == "et al":
            names.append("others")
            continue
        if not _AUTHOR.match(name):
            return ""
        family, _, initials = name.rpartition(" ")
        names.append(f"{family}, {' '.join(f'{letter}.' for letter in initials)}")
    return " and ".join(names)


def _identifiers(reference: Reference) -> dict[str, str]:
    return {"doi": reference.doi, "pmid": reference.pmid, "url": reference.url}


def _written(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])
