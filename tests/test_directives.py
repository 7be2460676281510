"""The directives of the book through Sphinx: a fault stops the build with its place, a change is noticed."""

import io
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from informal_ict import book, paths
from informal_ict.errors import InputError
from informal_ict.sphinxext import figures, interactive
from informal_ict.sphinxext.generated import CurriculumMap
from informal_ict.vignettes.load import load_vignette, slugs

CONF = """
ours = "informal_ict.sphinxext."
extensions = ["myst_parser", "sphinx_design", ours + "interactive", ours + "figures"]
myst_enable_extensions = ["colon_fence"]
"""
HARD = next(slug for slug in slugs() if load_vignette(slug).content_note)
CHART = "```{published-chart}\n:finding: F.\n:caption: C.\n\nUse: use-ca, use-us\n```\n"


def build(folder: Path, page: str) -> tuple[Sphinx, str]:
    """A one-page book, and what Sphinx warned of."""
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    (folder / "index.md").write_text(f"# Page\n\n{page}", encoding="utf-8")
    warnings, out = io.StringIO(), str(folder / "out")
    with docutils_namespace():
        app = Sphinx(str(folder), str(folder), out, out, "html", status=None, warning=warnings)
        app.build()
    return app, warnings.getvalue()


def dependencies(app: Sphinx) -> set[Path]:
    return {Path(app.srcdir, name).resolve() for name in app.env.dependencies["index"]}


def broken(*_: object) -> None:
    raise InputError("published.csv, row 2, column id: is broken")


def test_a_case_page_changes_with_the_case_that_its_note_names(tmp_path):
    app, warnings = build(tmp_path, f"```{{vignette-play}} {HARD}\n```\n")
    assert warnings == ""
    assert paths.VIGNETTES / f"{load_vignette(HARD).content_note.instead}.yml" in dependencies(app)


def test_a_fault_in_the_case_that_a_note_names_has_its_place(tmp_path, monkeypatch):
    def only(slug: str):
        return load_vignette(slug) if slug == HARD else broken()

    monkeypatch.setattr(interactive, "load_vignette", only)
    _, warnings = build(tmp_path, f"```{{vignette-play}} {HARD}\n```\n")
    assert "index.md:3: ERROR" in warnings and "is broken" in warnings


@pytest.mark.parametrize("fails", ["published_numbers", "load_questionnaire"])
def test_a_fault_behind_a_published_chart_has_its_place(tmp_path, monkeypatch, fails):
    monkeypatch.setattr(figures, fails, broken)
    _, warnings = build(tmp_path, CHART)
    assert "index.md:3: ERROR" in warnings and "is broken" in warnings


def test_a_published_chart_changes_with_the_questionnaire(tmp_path):
    app, warnings = build(tmp_path, CHART)
    assert warnings == ""
    assert dependencies(app) >= {paths.PUBLISHED, paths.QUESTIONNAIRE}


@pytest.mark.parametrize("text", ["", "country\n", "a,b\n1\n2,3,4\n"])
def test_a_faulty_survey_behind_the_explorer_has_its_place(tmp_path, monkeypatch, text):
    survey = tmp_path / "survey.csv"
    survey.write_text(text, encoding="utf-8")
    monkeypatch.setattr(paths, "SURVEY", survey)
    _, warnings = build(tmp_path, "```{survey-explorer}\n```\n")
    assert "index.md:3: ERROR" in warnings and "survey.csv" in warnings


def test_the_curriculum_map_changes_with_the_titles_of_chapters():
    assert paths.ROOT / "chapters" / "the-survey.md" in CurriculumMap.sources(None)


def test_a_build_after_one_that_stopped_reads_every_page_again(tmp_path, monkeypatch):
    """Sphinx pickles what it read before it stops for a warning, and says nothing of it the next time."""
    monkeypatch.setattr(paths, "DOWNLOADS", tmp_path / "downloads")
    monkeypatch.setattr(book, "write_notebook_downloads", lambda folder: None)
    monkeypatch.setattr(book, "execute_pages", lambda cache, beside: None)
    monkeypatch.setattr(
        book, "_fingerprint", lambda names, _="": "behind" if names is book.BEHIND_PAGES else "pages"
    )
    for place in ("STAMP", "EXECUTED", "HTML", "DOCTREES"):
        monkeypatch.setattr(book, place, tmp_path / place)
    for folder in (book.HTML, book.EXECUTED, book.DOCTREES):
        folder.mkdir()
    (book.HTML / "index.html").write_text("")
    book.STAMP.write_text("behind")  # what a build that stopped leaves
    there = []

    def run(command):
        there.append((book.DOCTREES.exists(), book.EXECUTED.exists()))
        return type("Finished", (), {"returncode": 1})

    monkeypatch.setattr(book.subprocess, "run", run)
    with pytest.raises(InputError, match="was not built"):
        book.build_book()
    assert there == [(False, True)]
    assert book.STAMP.read_text() == "behind"
