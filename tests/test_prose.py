"""Rules of the prose: no typed numbers, one sentence a line, known citations and ids, one scaffold."""

import re
from pathlib import Path

import pytest

from informal_ict import paths, prose
from informal_ict.errors import InputError
from informal_ict.published import load_published
from informal_ict.sphinxext.generated import load_deck_citations
from informal_ict.widgets.explorable import load_explorable
from informal_ict.widgets.self_check import load_self_check

CHAPTERS = paths.ROOT / "chapters"
PAGES = prose.pages()
TEXTS = prose.texts()
BEHIND_THE_BOOK = {
    *("data", "every-published-number", "references", "glossary", "curriculum-map", "about", "how-to-use"),
    *("privacy", "take-along"),
}
CASES = [page for page in sorted((CHAPTERS / "cases").glob("*.md")) if page.stem != "index"]
TEACHING = sorted(page for page in CHAPTERS.glob("*.md") if page.stem not in BEHIND_THE_BOOK)

CITATION = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
STAT = re.compile(r"\{stat(?:-[npv])?\}`([^`]+)`")

FRAME = ("**What you will learn**", "**Time.**", "**You need.**")
OF_A_CASE = ("What to take away", "Further reading")
OF_A_CHAPTER = (
    "Check yourself",
    "What to take away",
    "What to do on Monday",
    "To discuss",
    "Further reading",
)
FIGURES = re.compile(r"^```\{(?:diagram|explore|published-chart|survey-explorer)\}", re.MULTILINE)
BODY = (1200, 2500)  # words of the scene and the sections, without the opening box and what follows the text


def named(path: Path) -> str:
    return str(path.relative_to(paths.ROOT))


@pytest.mark.parametrize("path", [*PAGES, *TEXTS], ids=named)
def test_the_prose_keeps_its_rules(path):
    assert not (found := prose.faults(path)), "\n".join(found)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_is_hard_to_read(page):
    assert prose.reading(page).grade <= prose.HARDEST_GRADE


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
    assert kind in prose.typed_numbers(sentence)


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
    assert not prose.typed_numbers(sentence)


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
    assert [line.strip() for _, line in prose.prose_lines(page) if "%" in line] == [
        "Headed 1%",
        "Read 2%.",
        "Read 3% and  X  and [a link] X .",
    ]


def test_dashes_that_nothing_closes_are_no_front_matter():
    assert [line for _, line in prose.prose_lines("---\n# Title")] == ["---", "# Title"]


def test_without_the_dictionary_it_is_said_where_it_comes_from(tmp_path, monkeypatch):
    monkeypatch.setattr(prose, "DICTIONARY", tmp_path / "index")
    prose._dictionary.cache_clear()
    with pytest.raises(InputError, match="bootstrap"):
        prose._dictionary()


def test_two_sentences_on_a_line_are_told_from_abbreviations():
    assert prose.sentences_end_inside("He wrote. She did not.")
    assert prose.sentences_end_inside("- A pause is a choice. A week is an answer.")
    assert prose.sentences_end_inside('"Is it?" Then she left.')
    assert not prose.sentences_end_inside("In the U.S. Canada is a neighbour.")
    assert not prose.sentences_end_inside("At 10:52 p.m. Kai writes.")
    assert not prose.sentences_end_inside("**Time.** About 20 minutes.")
    assert not prose.sentences_end_inside("- **Role.** Psychotherapists came first.")
    assert not prose.sentences_end_inside("1. Count, then ask.")


@pytest.mark.parametrize("page", [*TEACHING, *CASES], ids=named)
def test_every_chapter_has_the_scaffold(page):
    text = page.read_text(encoding="utf-8")
    assert "Before you begin" in text
    assert [part for part in FRAME if part not in text] == []
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    wanted = OF_A_CHAPTER if page in TEACHING else OF_A_CASE
    assert [heading for heading in wanted if heading not in headings] == []
    places = [headings.index(heading) for heading in wanted]
    assert places == sorted(places), "the closing sections stand in another order"


@pytest.mark.parametrize("page", TEACHING, ids=named)
def test_every_chapter_is_as_long_as_a_class_can_read(page):
    text = page.read_text(encoding="utf-8")
    box = text.index("```{admonition} Before you begin")
    body = text[:box] + text[text.index("\n```\n", box) + 5 : text.index("## Check yourself")]
    words = sum(len(line.split()) for _, line in prose.prose_lines(body) if not line.startswith("#"))
    assert BODY[0] <= words <= BODY[1], words


@pytest.mark.parametrize("page", TEACHING, ids=named)
def test_every_chapter_has_a_figure_and_questions(page):
    text = page.read_text(encoding="utf-8")
    assert FIGURES.search(text)
    checks = re.findall(r"^```\{self-check\} (\S+)", text, re.MULTILINE)
    assert sum(len(load_self_check(paths.SELF_CHECKS / f"{name}.yml")) for name in checks) >= 2
    assert page.stem in checks


@pytest.mark.parametrize("path", sorted(paths.SELF_CHECKS.glob("*.yml")), ids=named)
def test_no_answer_is_given_away_by_its_length_or_place(path):
    questions = load_self_check(path)
    for question in questions:
        lengths = [len(answer.text) for answer in question.answers]
        assert max(lengths) <= 2 * min(lengths) or max(lengths) < 40, question.question
    places = {[answer.holds for answer in question.answers].index(True) for question in questions}
    assert len(places) > 1


@pytest.mark.parametrize("folder", [paths.SELF_CHECKS, paths.EXPLORABLES, paths.WORKSHEETS], ids=named)
def test_nothing_is_written_that_no_page_shows(folder):
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    shown = set(re.findall(r"^```\{(?:self-check|explore|worksheet)\} (\S+)", text, re.MULTILINE))
    assert {path.stem for path in folder.glob("*.yml")} <= shown


def test_every_diagram_is_shown():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    shown = set(re.findall(r"^```\{diagram\} (\S+)", text, re.MULTILINE))
    shown |= {load_explorable(path, load_published()).diagram for path in paths.EXPLORABLES.glob("*.yml")}
    assert {path.stem for path in paths.DIAGRAMS.glob("*.svg")} <= shown


def test_every_work_that_the_deck_cites_has_its_place():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    cited = {key.strip() for group in CITATION.findall(text) for key in group.split(",")}
    deck = load_deck_citations()
    assert len(deck) == len({citation.key for citation in deck}) == 63
    assert {citation.key for citation in deck} <= cited


def test_every_term_is_used_and_every_use_is_a_term():
    glossary = (CHAPTERS / "glossary.md").read_text(encoding="utf-8")
    entries = glossary[glossary.index("```{glossary}") :].split("\n")[1:-2]
    terms = {line for line in entries if line and not line.startswith(" ")}
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    used = {(target or name) for name, target in re.findall(r"\{term\}`([^`<]+?)(?: <([^>`]+)>)?`", text)}
    assert used <= terms
    known = re.sub(r"\s+", " ", text).lower()
    assert [term for term in terms if known.count(term.lower()) < 2] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_opens_with_prose(page):
    """A scene, an idea: the first thing after the title is a sentence, not a box or a chart."""
    lines = [line for _, line in prose.prose_lines(page.read_text(encoding="utf-8")) if line.strip()]
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


@pytest.mark.parametrize("path", [path for path in TEXTS if path.suffix == ".yml"], ids=named)
def test_text_files_use_only_the_role_that_is_rendered_there(path):
    assert not re.search(r"\{(?!stat\})[\w:-]+\}`", path.read_text(encoding="utf-8"))


def test_a_misspelled_word_is_caught():
    assert prose.misspelled("The behavior of the centre was analysed.") == ["behavior", "analysed"]
    assert prose.misspelled("The behaviour of the centre was analyzed.") == []


def test_headings_that_skip_a_level_are_caught():
    assert prose.heading_faults("# One\n\n### Three\n") == ["'### Three' skips a level"]
    assert prose.heading_faults("## Two\n") == ["there are 0 titles"]
    assert prose.heading_faults("# One\n\n```\n# a comment\n```\n\n## Two\n") == []


def test_filler_is_caught():
    assert prose.FILLER.search("It is important to note that she left.")
    assert not prose.FILLER.search("She left, and that was important to him.")
