"""What was asked: questions with their options, and the published figures that stand beside them."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from informal_ict.errors import InputError
from informal_ict.paths import DATA
from informal_ict.published import Country, PublishedNumber, load_published
from informal_ict.reading import first_problem, read_text, read_yaml

ITEMS = DATA / "own-questionnaire.csv"
TEXTS = DATA / "own-questionnaire.yml"
EVERYONE = "everyone"
COUNTRIES: dict[Country, str] = {"Canada": "published_ca", "United States": "published_us"}
# What form tools take as the name of a question or of an answer; LimeSurvey allows five letters for an answer
# of a single-choice question, and no underscore in the name of a question (it is passed over when read).
NAME = re.compile(r"[a-z][a-z0-9_]{0,19}")
LONGEST_CODE = 5


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Frozen):
    """One answer that can be given.

    Attributes:
        code: short name in a file.
        label: what people read.
        line: what it is called where it is compared; empty if it is not.
        published: ids of the published percentages it stands beside, by country.
    """

    code: str = Field(pattern=r"^[a-z0-9]+$")
    label: str = Field(min_length=1)
    line: str = ""
    published: Mapping[Country, str] = Field(default_factory=dict)


class Question(_Frozen):
    """One question.

    Attributes:
        name: short name in a file.
        text: what people read.
        several: whether more than one answer may be given.
        base: whom it is for: everyone, or those who gave a certain answer to an earlier question.
    """

    name: str
    text: str = Field(min_length=1)
    several: bool = False
    base: str = EVERYONE
    options: tuple[Option, ...] = Field(min_length=2)

    def option(self, code: str) -> Option:
        """The option of that code. Raises KeyError."""
        for option in self.options:
            if option.code == code:
                return option
        raise KeyError(code)

    @property
    def compared(self) -> tuple[Option, ...]:
        """The options with a published figure."""
        return tuple(option for option in self.options if option.line)


class Gate(_Frozen):
    """The answer that makes a person one of a base."""

    question: str
    code: str


class Instrument(_Frozen):
    """Questions, and who belongs to each base but everyone."""

    questions: tuple[Question, ...] = Field(min_length=1)
    gates: Mapping[str, Gate] = Field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Question]:
        """The questions by name, in their order."""
        return {question.name: question for question in self.questions}


class FormTexts(_Frozen):
    """What stands around the questions of a form."""

    title: str
    invitation: tuple[str, ...] = Field(min_length=1)
    consent: tuple[str, ...] = Field(min_length=1)
    keeper: str
    closing: str


class _Row(_Frozen):
    """One row of own-questionnaire.csv: one option of one question."""

    column: str = Field(pattern=f"^{NAME.pattern}$")
    question: str
    several: Literal["yes", "no"]
    base: str
    code: str
    option: str
    makes_base: str
    line: str
    published_ca: str
    published_us: str


def load_questionnaire_items(
    path: Path = ITEMS, published: Mapping[str, PublishedNumber] | None = None
) -> Instrument:
    """Read the questionnaire and check it against the published numbers.

    Raises:
        InputError: naming the row and the column.
    """
    numbers = published or load_published()
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    if list(reader.fieldnames or []) != list(_Row.model_fields):
        raise InputError(f"{path.name}, row 1: the columns must be {', '.join(_Row.model_fields)}")
    rows: list[_Row] = []
    for number, cells in enumerate(reader, start=2):
        try:
            row = _Row.model_validate(cells)
        except ValidationError as error:
            raise InputError(f"{path.name}, row {number}: {first_problem(error)}") from None
        if fault := _published_fault(row, numbers):
            raise InputError(f"{path.name}, row {number}, column {fault}")
        rows.append(row)
    questions = [_question(list(of), path) for _, of in groupby(rows, key=lambda row: row.column)]
    gates = {row.makes_base: Gate(question=row.column, code=row.code) for row in rows if row.makes_base}
    _check_bases(questions, gates, path)
    return Instrument(questions=tuple(questions), gates=gates)


def load_form_texts(path: Path = TEXTS) -> FormTexts:
    """Read what stands around the questions.

    Raises:
        InputError: naming the place.
    """
    try:
        return FormTexts.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None


def _published_fault(row: _Row, numbers: Mapping[str, PublishedNumber]) -> str:
    for country, column in COUNTRIES.items():
        key = getattr(row, column)
        if bool(key) != bool(row.line):
            return f"{column}: a line that is compared needs a figure for each country, and no other has one"
        if not key:
            continue
        if key not in numbers:
            return f"{column}: published.csv has no number {key!r}"
        number = numbers[key]
        if (number.statistic, number.country, number.base) != ("percent", country, row.base):
            return f"{column}: {key} is not a percentage of {row.base!r} in {country}"
    return ""


def _question(rows: list[_Row], path: Path) -> Question:
    first = rows[0]
    alike = {(row.question, row.several, row.base) for row in rows}
    if len(alike) > 1:
        raise InputError(f"{path.name}: the rows of {first.column} differ in question, several or base")
    options = [
        Option(
            code=row.code,
            label=row.option,
            line=row.line,
            published={c: getattr(row, column) for c, column in COUNTRIES.items()} if row.line else {},
        )
        for row in rows
    ]
    several = first.several == "yes"
    if fault := _option_fault(options, several):
        raise InputError(f"{path.name}, question {first.column}: {fault}")
    return Question(
        name=first.column, text=first.question, several=several, base=first.base, options=tuple(options)
    )


def _option_fault(options: Iterable[Option], several: bool) -> str:
    seen: dict[str, str] = {}
    for option in options:
        if not several and len(option.code) > LONGEST_CODE:
            return f"the code {option.code!r} is longer than {LONGEST_CODE} letters"
        if several and any(sign in option.label for sign in ",;/[]"):
            return f"{option.label!r} has a sign that form tools put between answers"
        for text in {option.code, option.label.casefold()}:
            if seen.setdefault(text, option.code) != option.code:
                return f"{text!r} stands for two answers"
    return ""


def _check_bases(questions: list[Question], gates: Mapping[str, Gate], path: Path) -> None:
    place = {question.name: number for number, question in enumerate(questions)}
    if len(place) < len(questions):
        raise InputError(f"{path.name}: the rows of a question must stand together")
    for question in questions:
        if question.base == EVERYONE:
            continue
        gate = gates.get(question.base)
        if gate is None:
            raise InputError(
                f"{path.name}, question {question.name}: no answer makes the base {question.base!r}"
            )
        asked = questions[place[gate.question]]
        if place[gate.question] >= place[question.name] or asked.base != EVERYONE or asked.several:
            raise InputError(
                f"{path.name}, question {question.name}: its base must come from an earlier question "
                "for everyone with one answer"
            )
