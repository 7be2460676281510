"""A self-check: choose an answer, see why. No score is kept, and any answer can be opened."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

import ipywidgets as widgets
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from informal_ict.errors import InputError
from informal_ict.markdown import fill_in_numbers, inline, markdown
from informal_ict.published import PublishedNumber
from informal_ict.reading import first_problem, read_yaml
from informal_ict.widgets.choices import html_panel, panels_for, radio_buttons


class Answer(BaseModel):
    """One answer, whether it holds, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str
    holds: bool
    why: str


class Question(BaseModel):
    """One question with two to five answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: str
    answers: tuple[Answer, ...] = Field(min_length=2, max_length=5)


def load_self_check(path: Path) -> list[Question]:
    """Read the questions of one page.

    Raises:
        InputError: naming the place of the first fault.
    """
    try:
        questions = TypeAdapter(list[Question]).validate_python(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
    if not questions:
        raise InputError(f"{path.name}: has no questions")
    for number, question in enumerate(questions):
        if not any(answer.holds for answer in question.answers):
            raise InputError(f"{path.name}: {number}.answers: none of them holds")
    return questions


def self_check(questions: list[Question], published: Mapping[str, PublishedNumber]) -> widgets.Widget:
    """The widget: each question with its answers, and the reason for the one chosen."""
    parts: list[widgets.Widget] = []
    for number, question in enumerate(questions, start=1):
        control = radio_buttons([fill_in_numbers(answer.text, published) for answer in question.answers])
        panels = [html_panel(_why(answer, published)) for answer in question.answers]
        lead = html_panel(f"<p><strong>{number}.</strong> {_inline(question.question, published)}</p>")
        parts += [lead, control, panels_for(control, panels)]
    box = widgets.VBox(parts)
    box.add_class("ict-box")
    box.add_class("ict-self-check")
    return box


def self_check_on_paper(questions: list[Question], published: Mapping[str, PublishedNumber]) -> str:
    """The same as folded HTML."""
    items = []
    for number, question in enumerate(questions, start=1):
        answers = "".join(
            f"<details><summary>{escape(fill_in_numbers(answer.text, published))}</summary>"
            f"{_why(answer, published)}</details>"
            for answer in question.answers
        )
        items.append(f"<p><strong>{number}.</strong> {_inline(question.question, published)}</p>{answers}")
    return '<div class="ict-on-paper">' + "".join(items) + "</div>"


def _why(answer: Answer, published: Mapping[str, PublishedNumber]) -> str:
    verdict = "This holds." if answer.holds else "This does not hold."
    kind = "holds" if answer.holds else "fails"
    reason = markdown(fill_in_numbers(answer.why, published))
    return f'<div class="ict-why ict-{kind}"><p><strong>{verdict}</strong></p>{reason}</div>'


def _inline(text: str, published: Mapping[str, PublishedNumber]) -> str:
    return inline(fill_in_numbers(text, published))
