"""Directives that write a part of a page from data, as MyST Markdown that is parsed like the rest of it."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from informal_ict import paths
from informal_ict.curriculum import load_curriculum
from informal_ict.errors import InputError
from informal_ict.reading import first_problem, read_text, read_yaml
from informal_ict.vignettes.index import case_index_myst
from informal_ict.vignettes.load import STANDARDS, load_all, load_standards
from informal_ict.vignettes.printed import plain

CITATION = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
CODE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


class Generated(SphinxDirective):
    """MyST Markdown made from source files."""

    def sources(self) -> Iterable[Path]:
        """The files it is made from."""
        raise NotImplementedError

    def myst(self) -> str:
        """The text."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """The parsed text. Raises DirectiveError with the fault of a source file."""
        for source in self.sources():
            self.env.note_dependency(str(source))
        try:
            text = self.myst()
        except InputError as error:
            raise self.error(str(error)) from error
        parent = nodes.Element()
        parent.document = self.state.document
        self.state.nested_parse(StringList(text.splitlines(), source=self.env.docname), 0, parent)
        return parent.children


class CurriculumMap(Generated):
    """Two tables: EPAS 2022 competencies, and CASWE themes, with what serves each."""

    def sources(self) -> Iterable[Path]:
        """The map, the standards, the cases, and the chapters for their titles."""
        return [paths.CURRICULUM, STANDARDS, *sorted(paths.VIGNETTES.glob("*.yml")), *_chapters()]

    def myst(self) -> str:
        """The tables."""
        curriculum, competencies, cases = load_curriculum(), load_standards().competencies, load_all()
        by_competency = []
        for number, name in competencies.items():
            chapters = [_page(slug) for slug, part in curriculum.chapters.items() if number in part.epas]
            played = [
                f"[{plain(case.title)}](cases/{case.slug}.md)"
                for case in cases
                if number in case.competencies
            ]
            graded = [
                f"[{part.title}](#assignment-{slug})"
                for slug, part in curriculum.assignments.items()
                if number in part.epas
            ]
            by_competency.append((f"{number}. {name}", chapters, played, graded))
        by_theme = []
        for theme, meaning in curriculum.themes.items():
            chapters = [_page(slug) for slug, part in curriculum.chapters.items() if theme in part.themes]
            by_theme.append((f"**{theme[0].upper()}{theme[1:]}.** {meaning}", chapters))
        return "\n".join(
            [
                *(_competency(*row) for row in by_competency),
                "",
                "**CASWE themes**",
                "",
                *(f"- {theme}\n  {'; '.join(chapters)}.\n" for theme, chapters in by_theme),
            ]
        )


def _competency(name: str, chapters: Sequence[str], cases: Sequence[str], graded: Sequence[str]) -> str:
    lines = [
        f"::::{{dropdown}} {name}",
        f"**Chapters.** {'; '.join(chapters) or 'None yet'}.",
        f"**Cases.** {'; '.join(cases) or 'None yet'}.",
    ]
    if graded:
        lines.append(f"**Assignments.** {'; '.join(graded)}.")
    return "\n\n".join(lines) + "\n::::\n"


def _page(slug: str) -> str:
    # A line of code may begin like a title.
    title = TITLE.search(CODE.sub("", read_text(paths.CHAPTERS / f"{slug}.md")))
    if not title:
        raise InputError(f"{slug}.md: has no title")
    return f"[{title[1].partition(':')[0]}]({slug}.md)"


class CaseIndex(Generated):
    """Every case, and how to find one."""

    def sources(self) -> Iterable[Path]:
        """The cases."""
        return [*sorted(paths.VIGNETTES.glob("*.yml")), STANDARDS]

    def myst(self) -> str:
        """The list, then the ways to find a case."""
        return case_index_myst(load_all(), load_standards())


class DeckCitation(BaseModel):
    """One citation of the slide deck."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    key: str
    deck: str
    remark: str = ""


def load_deck_citations(path: Path = paths.DECK_CITATIONS) -> list[DeckCitation]:
    """Read data/deck-citations.yml.

    Raises:
        InputError: naming the entry at fault.
    """
    try:
        return TypeAdapter(list[DeckCitation]).validate_python(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None


class DeckCitations(Generated):
    """What the deck cites, where this book cites it, and what to know about it."""

    def sources(self) -> Iterable[Path]:
        """The citations, and every page that may cite them."""
        return [paths.DECK_CITATIONS, *_chapters()]

    def myst(self) -> str:
        """One entry a citation."""
        cited = {page.stem: _keys(page) for page in _chapters()}
        entries = []
        for citation in load_deck_citations():
            pages = [_page(slug) for slug, keys in cited.items() if citation.key in keys]
            where = f"In {'; '.join(pages)}." if pages else "Not cited in this book."
            entries.append(
                f"- **{citation.deck}**: {{cite:t}}`{citation.key}`.\n  {citation.remark}\n  {where}"
            )
        return "\n".join(entries)


def _chapters() -> list[Path]:
    return sorted((paths.CHAPTERS).glob("*.md"))


def _keys(page: Path) -> set[str]:
    return {key.strip() for group in CITATION.findall(read_text(page)) for key in group.split(",")}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("curriculum-map", CurriculumMap)
    app.add_directive("case-index", CaseIndex)
    app.add_directive("deck-citations", DeckCitations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
