"""A short document, and how it is written as Markdown, LaTeX or plain text.

Citations stand in a text as ``[@lu_2014; @shah_2012]``; each format writes them in its own way and in the order in
which they are first met.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

FORMATS = ("md", "tex", "txt")
WIDTH = 80
_CITED = re.compile(r"\s*\[((?:@[\w.-]+(?:; )?)+)\]")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption: a head, and rows of as many cells."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, its paragraphs, a list under them, and tables."""

    title: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Sections, and the references by key in full; only those are listed that a section cites, then the others."""

    title: str
    sections: tuple[Section, ...]
    references: Mapping[str, str]

    def cited(self) -> list[str]:
        """Return the keys in the order of the bibliography: as they are first cited, then those that are not."""
        text = "\n".join(
            "\n".join([*s.paragraphs, *s.items, *(cell for t in s.tables for row in t.rows for cell in row)])
            for s in self.sections
        )
        met = [key for found in _CITED.findall(text) for key in _keys(found)]
        return [key for key in dict.fromkeys([*met, *self.references]) if key in self.references]


def cite(keys: Sequence[str]) -> str:
    """Return the mark of a citation, with a blank before it; nothing where there are no keys."""
    return f" [{'; '.join(f'@{key}' for key in keys)}]" if keys else ""


def render(document: Document, kind: str) -> str:
    """Return the document as text.

    Parameters
    ----------
    document : Document
        What to write.
    kind : {'md', 'tex', 'txt'}
        How. LaTeX is a fragment to be included: it needs ``longtable``.
    """
    return _WRITERS[kind](document)


def _keys(found: str) -> list[str]:
    return [part.strip().lstrip("@") for part in found.split(";") if part.strip()]


def numbered(text: str, order: Sequence[str]) -> str:
    """Return the text with ``[3, 7]`` for its citations; a key that is not listed is left out."""

    def mark(match: re.Match[str]) -> str:
        numbers = sorted(order.index(key) + 1 for key in _keys(match[1]) if key in order)
        return f" [{', '.join(map(str, numbers))}]" if numbers else ""

    return _CITED.sub(mark, text)


def _markdown(document: Document) -> str:
    order = document.cited()

    def plain(text: str) -> str:
        return numbered(text, order)

    lines = [f"# {document.title}", ""]
    for section in document.sections:
        lines += [f"## {section.title}", ""]
        for paragraph in section.paragraphs:
            lines += [*textwrap.wrap(plain(paragraph), 100, break_long_words=False, break_on_hyphens=False), ""]
        lines += [*(f"- {plain(item)}" for item in section.items), *([""] if section.items else [])]
        for table in section.tables:
            lines += [f"**{table.caption}**", ""]
            lines += [_piped(table.head), "|" + "---|" * len(table.head)]
            lines += [*(_piped([plain(cell).strip() for cell in row]) for row in table.rows), ""]
    if order:
        lines += ["## References", "", *(f"{i}. {document.references[key]}" for i, key in enumerate(order, 1)), ""]
    return "\n".join(lines)


def _piped(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _text(document: Document) -> str:
    order = document.cited()
    lines = [document.title, "=" * len(document.title), ""]
    for section in document.sections:
        lines += [section.title, "-" * len(section.title), ""]
        for paragraph in section.paragraphs:
            lines += [*_wrap(numbered(paragraph, order)), ""]
        for item in section.items:
            lines += _wrap(numbered(item, order), "- ")
        lines += [""] if section.items else []
        for table in section.tables:
            lines += [*_wrap(table.caption), ""]
            for row in table.rows:
                cells = [numbered(cell, order).strip() for cell in row]
                rest = [f"{head}: {cell}" for head, cell in zip(table.head[1:], cells[1:], strict=True) if cell]
                lines += _wrap(f"{cells[0]}: " + "; ".join(rest), "  ")
            lines.append("")
    if order:
        lines += ["References", "----------", ""]
        for number, key in enumerate(order, 1):
            lines += _wrap(document.references[key], f"[{number}] ")
        lines.append("")
    return "\n".join(lines)


def _wrap(text: str, head: str = "") -> list[str]:
    indent = " " * max(len(head), 2 if head else 0)
    return textwrap.wrap(
        text, WIDTH, initial_indent=head, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


_SPECIAL = {
    "\\": r"\textbackslash{}",
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "µ": r"$\mu$",
    "γ": r"$\gamma$",
    "–": "--",
    "<": "$<$",
    ">": "$>$",
}


def escaped(text: str) -> str:
    """Return plain text as LaTeX."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def _latex(document: Document) -> str:
    def inside(text: str) -> str:
        parts, end = [], 0
        for match in _CITED.finditer(text):
            keys = [key for key in _keys(match[1]) if key in document.references]
            parts += [escaped(text[end : match.start()]), f"~\\cite{{{','.join(keys)}}}" if keys else ""]
            end = match.end()
        return "".join([*parts, escaped(text[end:])]).removeprefix("~")

    lines = [f"% {document.title}", "% A fragment: \\usepackage{longtable} and UTF-8 input are needed.", ""]
    for section in document.sections:
        lines += [f"\\section*{{{escaped(section.title)}}}", ""]
        for paragraph in section.paragraphs:
            lines += [inside(paragraph), ""]
        if section.items:
            lines += ["\\begin{itemize}", *(f"  \\item {inside(item)}" for item in section.items), "\\end{itemize}", ""]
        for table in section.tables:
            lines += _longtable(table, inside)
    order = document.cited()
    if order:
        lines += ["% Not needed where the BibTeX file is used.", "\\begin{thebibliography}{99}"]
        lines += [f"  \\bibitem{{{key}}} {escaped(document.references[key])}" for key in order]
        lines += ["\\end{thebibliography}", ""]
    return "\n".join(lines)


def _longtable(table: Table, inside: Callable[[str], str]) -> list[str]:
    width = 0.9 / len(table.head)
    columns = f"p{{{width:.2f}\\linewidth}}" * len(table.head)
    return [
        f"\\begin{{longtable}}{{{columns}}}",
        f"\\multicolumn{{{len(table.head)}}}{{l}}{{{escaped(table.caption)}}}\\\\",
        "\\hline",
        " & ".join(escaped(cell) for cell in table.head) + " \\\\",
        "\\hline",
        "\\endhead",
        *(" & ".join(inside(cell) for cell in row) + " \\\\" for row in table.rows),
        "\\hline",
        "\\end{longtable}",
        "",
    ]


_WRITERS: Mapping[str, Callable[[Document], str]] = {"md": _markdown, "tex": _latex, "txt": _text}
