"""The index of a gallery: what it holds as JSON, Markdown and one HTML page that needs no network."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tdm1sim import __version__
from tdm1sim.gallery.drawing import first_pictures
from tdm1sim.gallery.entry import Entry, Told

CONTENT, MARKDOWN, HTML = "gallery.json", "index.md", "index.html"
TITLE = "How T-DM1 works, and why it stops working"
ADVICE = (
    "Simulated with tdm1sim: a teaching and research tool, never clinical advice. Each title is the finding of the "
    "runs behind its figure, from their own numbers."
)

_STYLE = """\
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 80rem; padding: 1rem; font: 1rem/1.45 system-ui, sans-serif; }
main { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
article { border: 1px solid #8886; border-radius: .5rem; overflow: hidden; }
img { display: block; width: 100%; height: auto; background: #fff; }
article div { padding: .25rem 1rem .75rem; }
h1 { line-height: 1.2; } h2 { font-size: 1.05rem; line-height: 1.3; }
p, details { margin: .5rem 0; overflow-wrap: anywhere; } code { font-size: .85em; }
@media print { article { break-inside: avoid; } }
"""


def write(staging: Path, folder: Path, entries: Sequence[Entry], told: Sequence[Told]) -> None:
    """Write the index into ``staging``: these entries, and those that ``folder`` holds already."""
    content = merged(_known(folder), [record(*pair) for pair in zip(entries, told, strict=True)])
    text = json.dumps({"tdm1sim": __version__, "figures": content}, indent=1, ensure_ascii=False)
    for name, words in ((CONTENT, text + "\n"), (MARKDOWN, markdown(content)), (HTML, page(content))):
        (staging / name).write_text(words, encoding="utf-8", newline="\n")


def is_ours(folder: Path) -> bool:
    """Whether the index of a folder was written by `write`."""
    try:
        content = json.loads((folder / CONTENT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "tdm1sim" in content and isinstance(content.get("figures"), list)


def _known(folder: Path) -> list[dict[str, Any]]:
    """Return what an index of ours says of figures that are still there."""
    if not is_ours(folder):
        return []
    found: list[dict[str, Any]] = json.loads((folder / CONTENT).read_text(encoding="utf-8"))["figures"]
    return [one for one in found if (folder / f"{one.get('name')}.md").is_file()]


def record(entry: Entry, told: Told) -> dict[str, Any]:
    """Return what the index holds of an entry."""
    return {
        "letter": entry.letter,
        "name": entry.name,
        "title": told.words.title,
        "picture": next(iter(first_pictures(told)), ""),
        "files": [*told.files, f"{entry.name}.md"],
        "command": told.command,
        "question": entry.question,
        "wrong": entry.wrong,
        "right": entry.right,
    }


def merged(known: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return records by letter, the newer one of each name."""
    by_name = {str(one["name"]): one for one in (*known, *new)}
    return sorted(by_name.values(), key=lambda one: str(one["letter"]))


def markdown(content: Sequence[Mapping[str, Any]]) -> str:
    """Return the index as Markdown."""
    rows = [f"| {one['letter']} | [{one['name']}]({one['name']}.md) | {one['title']} |" for one in content]
    head = [f"# {TITLE}", "", ADVICE, "", "| | figure | finding |", "|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def page(content: Sequence[Mapping[str, Any]]) -> str:
    """Return the index as a page for browsers, large or small; it asks nothing of any network."""
    articles = "\n".join(_article(one) for one in content)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{TITLE}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{TITLE}</h1>\n<p>{ADVICE}</p>\n<main>\n{articles}\n</main>\n</body>\n</html>\n"
    )


def _article(one: Mapping[str, Any]) -> str:
    told = {key: html.escape(str(value)) for key, value in one.items() if isinstance(value, str)}
    name, files = told["name"], [html.escape(file) for file in one["files"]]
    shown = (
        f'<a href="{told["picture"]}"><img src="{told["picture"]}" alt="{told["title"]}" loading="lazy"></a>\n'
        if told["picture"]
        else ""
    )
    links = " · ".join(f'<a href="{file}">{file}</a>' for file in files)
    return (
        f'<article id="{name}">\n{shown}<div>\n<h2>{told["letter"]}. {told["title"]}</h2>\n'
        f"<details><summary>Ask first: {told['question']}</summary>\n<p>Common wrong answer: {told['wrong']}</p>\n"
        f"<p>{told['right']}</p></details>\n<p><code>{told['command']}</code></p>\n<p>{links}</p>\n</div>\n</article>"
    )
