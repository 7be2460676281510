"""Rules of the prose: no typed numbers, one sentence a line, known citations and ids, one scaffold."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from informal_ict import paths
from informal_ict.published import load_published

CHAPTERS = paths.ROOT / "chapters"
PAGES = [paths.ROOT / "index.md", *sorted(CHAPTERS.rglob("*.md"))]
TEXTS = [*sorted(paths.SELF_CHECKS.glob("*.yml")), *sorted(paths.VIGNETTES.glob("*.yml"))]
BEHIND_THE_BOOK = {"data.md", "every-published-number.md", "references.md"}
CASES = sorted((CHAPTERS / "cases").glob("*.md"))
FINDINGS = sorted(page for page in CHAPTERS.glob("*.md") if page.name not in BEHIND_THE_BOOK)

FENCE = re.compile(r"^(`{3,}|~{3,}|:{3,})\s*(\{[\w-]+\})?")
READ_INSIDE = {"{admonition}", "{note}", "{tip}", "{warning}", "{important}", "{margin}", "{dropdown}"}
INLINE = (
    re.compile(r"\{[\w:-]+\}`[^`]*`"),  # roles
    re.compile(r"(`+).+?\1"),  # inline code
    re.compile(r"(?<=\])\([^)\s]*\)"),  # link targets
    re.compile(r"<https?://[^>]*>"),
    re.compile(r"^\([\w-]+\)=\s*$"),  # labels
)
TYPED_NUMBER = {
    "a percentage": re.compile(r"\d\s*%|\d\s+per\s?cent\b", re.IGNORECASE),
    "a chi-square": re.compile(
        r"(?:χ²|χ2|chi-squared?|X²)\s*(?:\([^)]*\))?\s*(?:=|of|was|is)?\s*\d", re.IGNORECASE
    ),
    "an N": re.compile(r"\b[Nn]\s*=\s*\d"),
    "a count": re.compile(r"\b\d{1,3},\d{3}\b"),
}
LATIN = re.compile(r"\b(?:e\.\s?g\.|i\.\s?e\.|etc\.|viz\.|cf\.)", re.IGNORECASE)
ABBREVIATIONS = re.compile(r"\b(?:U\.S|U\.K|a\.m|p\.m|Dr|Ms|Mr|Mrs|St|al|No|vs)\.$")
LABEL = re.compile(r"^(?:[-*+]|\d+\.)?\s*\*\*[^*]+\*\*\s+")
SENTENCE_END = re.compile(r"[.!?][\"'”’)*_]*(?=\s+[\"'“‘(*_\[{]*[A-Z\d{])")
CITATION = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
STAT = re.compile(r"\{stat(?:-[npv])?\}`([^`]+)`")

FRAME = ("**What you will learn**", "**Time.**", "**You need.**")
OF_EVERY_PAGE = ("What to take away", "Further reading")
OF_FINDINGS = ("Check yourself", "What to take away", "What to do on Monday", "Further reading")


def prose_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines a reader reads, numbered.

    Left out are front matter, code, options of directives, comments, roles and the targets of links.
    """
    lines = text.split("\n")
    start = lines.index("---", 1) + 1 if lines[0] == "---" else 0
    skipped_until = ""
    open_directives: list[str] = []
    for number, line in enumerate(lines[start:], start=start + 1):
        stripped = line.strip()
        fence = FENCE.match(stripped)
        if skipped_until:
            skipped_until = "" if stripped == skipped_until else skipped_until
        elif fence and fence[2] in READ_INSIDE:
            open_directives.append(fence[1])
            yield number, _plain(stripped[fence.end() :])
        elif open_directives and stripped == open_directives[-1]:
            open_directives.pop()
        elif fence:
            skipped_until = fence[1]
        elif not stripped.startswith("%") and not re.match(r":[\w-]+:", stripped):
            yield number, _plain(line)


def _plain(line: str) -> str:
    for pattern in INLINE:
        line = pattern.sub(" X ", line)
    return line


def strings_of(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a YAML file, with its place."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from strings_of(part, f"{where}.{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from strings_of(part, f"{where}[{index}]")


def typed_numbers(text: str) -> list[str]:
    return [kind for kind, pattern in TYPED_NUMBER.items() if pattern.search(_plain(text))]


def sentences_end_inside(line: str) -> bool:
    """Whether a line holds the end of one sentence and the beginning of another."""
    text = LABEL.sub("", line.strip())
    text = re.sub(r"^(?:[-*+>]|\d+\.)\s+", "", text)
    text = LABEL.sub("", text)
    return any(not ABBREVIATIONS.search(text[: end.start() + 1]) for end in SENTENCE_END.finditer(text))


def named(path: Path) -> str:
    return str(path.relative_to(paths.ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_number_is_typed_in_a_page(page):
    found = [
        f"{page.name}:{number}: {', '.join(kinds)}: {line.strip()}"
        for number, line in prose_lines(page.read_text(encoding="utf-8"))
        if (kinds := typed_numbers(line))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", TEXTS, ids=named)
def test_no_number_is_typed_in_a_text_file(path):
    found = [
        f"{path.name}{where}: {', '.join(kinds)}: {text}"
        for where, text in strings_of(yaml.safe_load(path.read_text(encoding="utf-8")))
        if (kinds := typed_numbers(text))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("In Canada it was 78.1% of them.", "a percentage"),
        ("In Canada it was 78 percent.", "a percentage"),
        ("In Canada it was 78 per cent.", "a percentage"),
        ("The test gave χ²(8, N = 1,224) = 126.834.", "a chi-square"),
        ("The test gave a chi-square of 9.765.", "a chi-square"),
        ("A chi-squared = 9.765 was found.", "a chi-square"),
        ("There were few (N = 42).", "an N"),
        ("There were few (n=6).", "an N"),
        ("It drew 2,609 people.", "a count"),
    ],
)
def test_a_typed_number_is_caught(sentence, kind):
    assert kind in typed_numbers(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The survey ran in 2017, and the code changed on 1 January 2018.",
        "It is 10:52 p.m. on Wednesday.",
        "A p below .05 is called significant.",
        "See pages 85 to 99, or 49(1).",
        "It was {stat}`use-ca` in Canada ({stat}`setting-us`).",
        "Write `2,609` or `78.1%` as code.",
        "Chi-square (χ²) says how far a table is from equal rates.",
        "The first of 3 steps takes 40 minutes.",
        "Standard 1.06(h) speaks of it.",
    ],
)
def test_other_numbers_pass(sentence):
    assert not typed_numbers(sentence)


def test_prose_lines_leave_out_what_is_not_prose():
    page = "\n".join(
        [
            "---",
            "title: 50% front matter",
            "---",
            "# Title",
            "```{code-cell} ipython3",
            "x = '60%'",
            "```",
            "```{admonition} Headed 1%",
            ":class: tip 70%",
            "Read 2%.",
            "```",
            "```",
            "plain code 80%",
            "```",
            "Read 3% and `90%` and [a link](page-95%.html).",
        ]
    )
    assert [line.strip() for _, line in prose_lines(page) if "%" in line] == [
        "Headed 1%",
        "Read 2%.",
        "Read 3% and  X  and [a link] X .",
    ]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_one_sentence_a_line(page):
    found = [
        f"{page.name}:{number}: {line.strip()}"
        for number, line in prose_lines(page.read_text(encoding="utf-8"))
        if sentences_end_inside(line)
    ]
    assert not found, "\n".join(found)


def test_two_sentences_on_a_line_are_told_from_abbreviations():
    assert sentences_end_inside("He wrote. She did not.")
    assert sentences_end_inside("- A pause is a choice. A week is an answer.")
    assert sentences_end_inside('"Is it?" Then she left.')
    assert not sentences_end_inside("In the U.S. Canada is a neighbour.")
    assert not sentences_end_inside("At 10:52 p.m. Kai writes.")
    assert not sentences_end_inside("**Time.** About 20 minutes.")
    assert not sentences_end_inside("- **Role.** Psychotherapists came first.")
    assert not sentences_end_inside("1. Count, then ask.")


@pytest.mark.parametrize("path", [*PAGES, *TEXTS], ids=named)
def test_no_latin_abbreviations(path):
    text = path.read_text(encoding="utf-8")
    lines = prose_lines(text) if path.suffix == ".md" else enumerate(text.split("\n"), start=1)
    found = [f"{path.name}:{number}: {line.strip()}" for number, line in lines if LATIN.search(line)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("page", [*FINDINGS, *CASES], ids=named)
def test_every_chapter_has_the_scaffold(page):
    text = page.read_text(encoding="utf-8")
    assert "Before you begin" in text
    assert [part for part in FRAME if part not in text] == []
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    wanted = OF_FINDINGS if page in FINDINGS else OF_EVERY_PAGE
    assert [heading for heading in wanted if heading not in headings] == []
    places = [headings.index(heading) for heading in wanted]
    assert places == sorted(places), "the closing sections stand in another order"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_opens_with_prose(page):
    """A scene, an idea: the first thing after the title is a sentence, not a box or a chart."""
    lines = [line for _, line in prose_lines(page.read_text(encoding="utf-8")) if line.strip()]
    title = next(index for index, line in enumerate(lines) if line.startswith("# "))
    assert re.match(r"[A-Z\"“]", lines[title + 1])


@pytest.mark.parametrize("path", [*PAGES, *TEXTS], ids=named)
def test_every_citation_and_every_number_is_known(path):
    text = path.read_text(encoding="utf-8")
    bibliography = (paths.ROOT / "references.bib").read_text(encoding="utf-8")
    keys = set(re.findall(r"^@\w+\{([^,]+),", bibliography, re.MULTILINE))
    cited = {key.strip() for group in CITATION.findall(text) for key in group.split(",")}
    assert cited <= keys
    assert set(STAT.findall(text)) <= set(load_published())


@pytest.mark.parametrize("path", TEXTS, ids=named)
def test_text_files_use_only_the_role_that_is_rendered_there(path):
    assert not re.search(r"\{(?!stat\})[\w:-]+\}`", path.read_text(encoding="utf-8"))
