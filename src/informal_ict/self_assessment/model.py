"""The twenty statements of ``data/self-assessment.yml``, checked."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from informal_ict.compare.instrument import Instrument, Option, Question
from informal_ict.errors import InputError
from informal_ict.paths import DATA, ROOT
from informal_ict.reading import first_problem, read_text, read_yaml
from informal_ict.vignettes.model import Standards

SELF_ASSESSMENT = DATA / "self-assessment.yml"
LEVELS = 4
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_CODE_CELL = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)

Short = Annotated[str, Field(min_length=3, max_length=160)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(_Frozen):
    """What somebody at this level does, and what they could do next, with the page that helps."""

    text: Short
    next: Short
    page: str = Field(pattern=r"^[a-z0-9/-]+$")


class Statement(_Frozen):
    """One thing that is done or not done yet.

    Attributes:
        key: the name of the question in a file of answers.
        epas: EPAS 2022 competencies, by number.
        standards: keys of data/standards.yml.
    """

    key: str = Field(pattern=r"^[a-z]\d$")
    name: str = Field(min_length=3, max_length=40)
    statement: Short
    epas: tuple[int, ...] = Field(min_length=1)
    standards: tuple[str, ...] = Field(min_length=1)
    levels: tuple[Level, ...] = Field(min_length=LEVELS, max_length=LEVELS)


class Area(_Frozen):
    """Statements that belong together."""

    name: str
    statements: tuple[Statement, ...] = Field(min_length=3, max_length=6)


class SelfAssessment(_Frozen):
    """The whole of it."""

    title: str
    lead: str
    notice: str
    code_word: str
    levels: tuple[str, ...] = Field(min_length=LEVELS, max_length=LEVELS)
    areas: tuple[Area, ...] = Field(min_length=5, max_length=5)

    @property
    def statements(self) -> Iterator[Statement]:
        """All statements, in their order."""
        return (statement for area in self.areas for statement in area.statements)


def load_self_assessment(path: Path = SELF_ASSESSMENT) -> SelfAssessment:
    """Read the self-assessment, and check that its pages are in the book.

    Raises:
        InputError: naming the place.
    """
    try:
        assessment = SelfAssessment.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
    keys = [statement.key for statement in assessment.statements]
    if len(set(keys)) < len(keys):
        raise InputError(f"{path.name}: two statements have the same key")
    pages = _pages()
    for statement in assessment.statements:
        for level in statement.levels:
            if level.page not in pages:
                raise InputError(f"{path.name}, {statement.key}: _toc.yml has no page {level.page!r}")
    return assessment


def check_citations(assessment: SelfAssessment, standards: Standards) -> None:
    """Check that every standard and competency is there.

    Raises:
        InputError: naming the statement.
    """
    for statement in assessment.statements:
        unknown = [
            *(key for key in statement.standards if key not in standards.standards),
            *(number for number in statement.epas if number not in standards.competencies),
        ]
        if unknown:
            raise InputError(f"self-assessment, {statement.key}: standards.yml has no {unknown[0]!r}")


def instrument(assessment: SelfAssessment) -> Instrument:
    """The self-assessment as questions, for a form and for reading what comes back from it."""
    return Instrument(
        questions=tuple(
            Question(
                name=statement.key,
                text=f"{statement.name}: {statement.statement}",
                options=tuple(
                    Option(code=str(number), label=level.text)
                    for number, level in enumerate(statement.levels, 1)
                ),
            )
            for statement in assessment.statements
        )
    )


def page_title(page: str) -> str:
    """The title of a page of the book, as its first heading has it.

    Raises:
        InputError: if it has none.
    """
    found = _TITLE.search(_CODE_CELL.sub("", read_text(ROOT / f"{page}.md")))
    if found is None:
        raise InputError(f"{page}.md: has no title")
    return found[1].strip()


def _pages() -> Collection[str]:
    toc = read_text(ROOT / "_toc.yml")
    return frozenset(re.findall(r"^\s*- file: (\S+)$", toc, re.MULTILINE))
