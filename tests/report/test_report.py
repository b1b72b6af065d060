"""The page about a result: whole, self-contained, true to its files, safe against what a scenario may say."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tdm1sim.cli.main import main
from tdm1sim.report import write

HOSTILE = 'Does <script>alert(1)</script> & "more" kill?'
SMALL = ("--cells", "40", "--replicates", "2", "--set", "run.duration=2 d", "--jobs", "1", "--quiet", "--no-figures")
OUTSIDE = re.compile(
    r"""(?:src|href|srcset|action|data)\s*=\s*["'](?!data:|#)|url\(|@import|<script|<link|<iframe""", re.I
)
"""What would ask something of another place, or run."""


def asked_of_others(page: str) -> list[str]:
    """Return whatever in a page reaches beyond it; pictures are looked into by their markup, not by their words."""
    return [
        match[0] for match in OUTSIDE.finditer(re.sub(r"data:image/svg\+xml;base64,[A-Za-z0-9+/=]+", "data:", page))
    ]


class Outline(HTMLParser):
    """Headings in order, pictures' words, rows of tables, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.alts: list[str] = []
        self.open: list[str] = []
        self.lang = ""
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins."""
        found = dict(attrs)
        if tag == "html":
            self.lang = found.get("lang") or ""
        if tag == "img":
            self.alts.append(found.get("alt") or "")
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag not in {"meta", "img", "source", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note what ends."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report")
    assert (
        main(["run", "her2_positive", "--attribution", *SMALL, "--set", f"question={HOSTILE!r}", "--out", str(place)])
        == 0
    )
    return place / "her2_positive"


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return write(folder)


def test_nothing_is_asked_of_others_and_nothing_runs(page: str) -> None:
    assert asked_of_others(page) == []


@pytest.mark.parametrize(
    "more",
    [
        '<img src="https://example.org/x.png">',
        "<script>1</script>",
        "<style>a{background:url(x)}</style>",
        '<a href="x">',
    ],
)
def test_companion_what_reaches_out_is_noticed(page: str, more: str) -> None:
    assert asked_of_others(page.replace("</main>", f"{more}</main>"))


def test_what_a_scenario_says_is_words_and_nothing_else(page: str) -> None:
    assert "<script>" not in page
    assert html.escape("<script>alert(1)</script>", quote=False) in page


def test_elements_close_headings_follow_and_pictures_have_words(page: str) -> None:
    seen = Outline()
    seen.feed(page)
    assert seen.wrong == []
    assert seen.open == []
    assert seen.lang == "en"
    assert seen.levels[0] == 1
    assert seen.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(seen.levels, seen.levels[1:], strict=False))
    assert len(seen.alts) >= 5
    assert all(seen.alts)


def test_numbers_are_those_of_the_files(folder: Path, page: str) -> None:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    surviving = summary["fates"]["surviving"]
    row = f"<td>{surviving['mean']:.3f}</td><td>{surviving['low']:.3f} to {surviving['high']:.3f}</td>"
    assert re.sub(r"\s", " ", row) in page
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario_hash"] in page
    assert f"{summary['pk']['cmax_ug_ml']:.3g}" in page
    assert (folder / "resolved.yaml").read_text(encoding="utf-8").splitlines()[2] in html.unescape(page)


def test_how_sure_a_number_is_stands_beside_it(page: str) -> None:
    for status in ("assumed", "calibrated", "sourced"):
        assert status in page
    assert "doi:10." in page


def test_companion_another_summary_is_another_page(folder: Path, page: str, tmp_path: Path) -> None:
    other = tmp_path / "her2_positive"
    shutil.copytree(folder, other)
    summary = json.loads((other / "summary.json").read_text(encoding="utf-8"))
    summary["fates"]["surviving"]["mean"] = 0.123
    (other / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    assert "<td>0.123</td>" in write(other)
    assert "<td>0.123</td>" not in page


def test_the_same_result_has_the_same_bytes(folder: Path, page: str) -> None:
    assert write(folder) == page


def test_the_command_writes_once_and_only_what_it_can(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "page.html"
    assert main(["report", str(folder), "--out", str(to)]) == 0
    assert str(to) in capsys.readouterr().out
    assert main(["report", str(folder), "--out", str(to)]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["report", str(folder), "--out", str(to), "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] == to.stat().st_size
    assert main(["report", str(tmp_path)]) == 1
    assert "no result of a run" in capsys.readouterr().err


def test_comparisons_and_sweeps_have_pages_too(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("format: 1\nname: a\nextends: her2_positive\nrun: {duration: 2 d}\n")
    size = ["--cells", "40", "--replicates", "2", "--jobs", "1", "--quiet", "--no-figures", "--out", str(tmp_path)]
    changed = ["--set", "tumour.clones.main.mdr1=3"]
    assert main(["compare", str(tmp_path / "a.yaml"), *changed, *size]) == 0
    vary = ["--vary", "tumour.clones.main.mdr1=1,10"]
    assert main(["sweep", "her2_positive", *vary, *SMALL, "--out", str(tmp_path)]) == 0
    (compared,) = tmp_path.glob("*-vs-*")
    for folder in (compared, tmp_path / "her2_positive-sweep"):
        found = write(folder)
        assert asked_of_others(found) == []
        assert "data:image/svg+xml" in found
        seen = Outline()
        seen.feed(found)
        assert seen.wrong == []


QUIET = "--disable-background-networking --disable-component-update --disable-sync --disable-gpu --no-first-run"
BROWSER = ("chromium", "--headless", "--no-sandbox", *QUIET.split())
needs_chromium = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")


@needs_chromium
def test_a_browser_shows_it_without_complaint(folder: Path, page: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    command = [*BROWSER, f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000", "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr
    assert "her2_positive" in done.stdout


def printed(page: str, place: Path) -> list[float]:
    """Return how light each page is (0 to 1) that a reader with a dark screen prints."""
    place.mkdir()
    (place / "page.html").write_text(page, encoding="utf-8")
    dark = ("--blink-settings=preferredColorScheme=0", "--no-pdf-header-footer", f"--print-to-pdf={place / 'page.pdf'}")
    command = [*BROWSER, f"--user-data-dir={place / 'profile'}", *dark, (place / "page.html").as_uri()]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    subprocess.run(["pdftoppm", "-r", "10", str(place / "page.pdf"), str(place / "page")], timeout=120, check=True)
    pixels = [path.read_bytes().split(b"\n", 3)[3] for path in sorted(place.glob("page-*.ppm"))]
    return [sum(one) / (255.0 * len(one)) for one in pixels]


@needs_chromium
@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler-utils")
def test_paper_is_white_for_a_dark_screen_too(page: str, tmp_path: Path) -> None:
    light = printed(page, tmp_path / "good")
    assert len(light) > 5
    assert min(light) > 0.7
    wrong = page.replace("@media print {\n  :root { --ground: #ffffff;", "@media print {\n  :root { --ground: #10151c;")
    assert wrong != page
    assert min(printed(wrong, tmp_path / "bad")) < 0.5  # companion


def shown(style: str) -> set[tuple[str, str]]:
    """Return where a drawing other than the light one is shown, by media and class."""
    found = set()
    for media, inside in re.findall(r"@media ([^{]+) \{((?:[^{}]*\{[^{}]*\})*)", style):
        for names in re.findall(r"([.\w, ]+)\{ display: block; \}", inside):
            found |= {(media, name.strip()) for name in names.split(",")}
    return found


def test_each_reader_gets_one_drawing_of_a_figure(page: str) -> None:
    style = page[: page.index("</style>")]
    assert page.count('<img class="light"') == page.count('<img class="dark"') == page.count('<img class="phone"') > 4
    assert ".light { display: block; } .dark, .phone { display: none; }" in style
    dark, phone = "screen and (prefers-color-scheme: dark)", "screen and (max-width: 34rem)"
    assert shown(style) == {(dark, ".dark"), (phone, ".phone")}
    assert shown(style.replace("screen and (max", "(max")) != {(dark, ".dark"), (phone, ".phone")}


# Figures drawn again --------------------------------------------------------------------------------------------


def test_a_figure_is_drawn_again_without_simulating(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tdm1sim import ensemble
    from tdm1sim.cli.redraw import redraw

    monkeypatch.setattr(ensemble, "run_replicate", None)
    redraw([str(folder)], names=["fates"], formats=("svg",), out=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fates.md", "fates.svg"]
    first = (tmp_path / "fates.svg").read_bytes()
    redraw([str(folder)], names=["fates"], formats=("svg",), style="dark", out=tmp_path, json=True)
    assert (tmp_path / "fates.svg").read_bytes() != first
    assert '"kind":"run"' in capsys.readouterr().out.replace(" ", "")


def test_what_cannot_be_drawn_is_said(folder: Path, tmp_path: Path) -> None:
    from tdm1sim.errors import InputError, UsageError
    from tdm1sim.figures.again import drawable

    with pytest.raises(UsageError, match=r"it has: .*exposure"):
        drawable(folder).chosen(["plasma"])
    with pytest.raises(InputError, match="no folder"):
        drawable(tmp_path / "nothing")
    with pytest.raises(InputError, match="no result of a run, comparison, sweep, dose-response, sensitivity or evid"):
        drawable(tmp_path)


def test_a_scenario_chooses_and_titles_its_figures(tmp_path: Path) -> None:
    own = "Hardly a cell dies in two days"
    chosen = ["--set", f"figures=[exposure, {{fates: {own}}}]", "--formats", "svg", "--out", str(tmp_path)]
    assert main(["run", "her2_positive", *[word for word in SMALL if word != "--no-figures"], *chosen]) == 0
    drawn = tmp_path / "her2_positive" / "figures"
    assert {path.stem for path in drawn.iterdir()} == {"exposure", "fates"}
    assert own in (drawn / "fates.svg").read_text(encoding="utf-8").replace("\n", " ")
    said = (drawn / "fates.md").read_text(encoding="utf-8")
    assert said.startswith(f"# {own}\n\nFinding: Per founder cell")
    assert own not in (drawn / "exposure.svg").read_text(encoding="utf-8")
    assert own in write(tmp_path / "her2_positive")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("[fate]", "did you mean 'fates'?"),
        ("[{fate: a}]", "did you mean 'fates'?"),
        ("[{fates: ''}]", "is no title"),
        ("[{fates: a, exposure: b}]", "one name with a title"),
    ],
)
def test_a_wrong_choice_of_figures_is_refused(wrong: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "her2_positive", "--set", f"figures={wrong}"]) == 1
    assert told in capsys.readouterr().err
