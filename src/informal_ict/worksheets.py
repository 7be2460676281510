"""Worksheets: something to fill in on the page or on paper. Nothing written there is stored or sent."""

from html import escape
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from informal_ict.errors import InputError
from informal_ict.markdown import inline
from informal_ict.reading import first_problem, read_yaml


class WorksheetField(BaseModel):
    """One thing to write down."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str = Field(min_length=1, max_length=90)
    hint: str = Field(min_length=1, max_length=320)
    lines: int = Field(ge=1, le=8)


class Worksheet(BaseModel):
    """A form of two to fourteen fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str = Field(min_length=1, max_length=90)
    lead: str = Field(min_length=1, max_length=400)
    fields: tuple[WorksheetField, ...] = Field(min_length=2, max_length=14)


def load_worksheet(path: Path) -> Worksheet:
    """Read one worksheet.

    Raises:
        InputError: naming the file and the place of the first fault.
    """
    try:
        return Worksheet.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None


def worksheet_html(worksheet: Worksheet, name: str) -> str:
    """The form. ``name`` makes its ids unique on the page.

    ``autocomplete="off"`` keeps a browser from bringing back on a shared device what somebody wrote.
    """
    fields = "".join(_field(field, f"{name}-{number}") for number, field in enumerate(worksheet.fields, 1))
    return (
        f'<form class="ict-worksheet" autocomplete="off" aria-labelledby="{name}-title">'
        f'<p class="ict-worksheet-title" id="{name}-title">{inline(worksheet.title)}</p>'
        f"<p>{inline(worksheet.lead)}</p>{fields}"
        '<p class="ict-worksheet-tools" hidden><button type="button" data-copy>Copy as text</button>'
        '<button type="reset">Empty the form</button> '
        '<span class="ict-worksheet-said ict-small"></span></p>'
        '<p class="ict-small">What you write here is not stored or sent, and is gone when you leave '
        "the page. Write nothing that would identify a client.</p></form>"
    )


def _field(field: WorksheetField, name: str) -> str:
    return (
        f'<div class="ict-worksheet-field"><label for="{name}">{escape(field.label)}</label>'
        f'<p class="ict-small" id="{name}-hint">{inline(field.hint)}</p>'
        f'<textarea id="{name}" rows="{field.lines}" autocomplete="off" aria-describedby="{name}-hint">'
        "</textarea></div>"
    )
