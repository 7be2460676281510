"""Forms and templates to fill in: their fields as data, for paper and for Word alike."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from informal_ict.errors import InputError
from informal_ict.paths import WORKSHEETS, WORKSHOP
from informal_ict.reading import first_problem, read_yaml
from informal_ict.vignettes.load import load_standards
from informal_ict.worksheets import load_worksheet

FORMS = WORKSHOP / "forms"
FORM_NAMES = ("communication-agreement", "informal-ict-policy", "action-plan", "evaluation")
CERTIFICATE = FORMS / "certificate.yml"


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Addition(_Frozen):
    """What a form adds to a field of a worksheet."""

    wording: tuple[str, ...] = Field(min_length=1, description="Sentences to begin from.")
    standards: tuple[str, ...] = Field(min_length=1, description="Keys of data/standards.yml.")
    lines: int = Field(
        default=2, description="Fewer than in the worksheet, since there is wording to change."
    )


class FormField(_Frozen):
    """One thing to write, to tick or to rate."""

    label: str = Field(min_length=1, max_length=90)
    hint: str = ""
    lines: int = Field(default=0, ge=0, le=8)
    options: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    wording: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_room_for_an_answer(self) -> "FormField":
        if sum(map(bool, (self.lines, self.options, self.statements))) != 1:
            raise ValueError("needs lines, options or statements, and only one of them")
        return self


class _Source(_Frozen):
    """A form as its file has it."""

    title: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    lead: str = Field(min_length=1)
    foot: str = Field(min_length=1)
    blanks: tuple[str, ...] = ()
    scale: tuple[str, ...] = ()
    worksheet: str = ""
    adds: dict[str, Addition] = {}
    fields: tuple[FormField, ...] = ()


class Form(_Frozen):
    """A form with all its fields."""

    name: str
    title: str
    kind: str
    lead: str
    foot: str
    blanks: tuple[str, ...]
    scale: tuple[str, ...]
    fields: tuple[FormField, ...] = Field(min_length=1)


class Certificate(_Frozen):
    """What stands on a certificate of attendance, with a blank for each thing to write."""

    title: str
    statement: str
    workshop: str
    blanks: dict[str, str] = Field(min_length=1)
    contents: tuple[str, ...] = Field(min_length=1)
    foot: str


def load_form(name: str, folder: Path = FORMS) -> Form:
    """Read and check one form. A form that names a worksheet of the book takes its fields from there.

    Raises:
        InputError: naming the file and the place of the first fault.
    """
    path = folder / f"{name}.yml"
    try:
        source = _Source.model_validate(read_yaml(path))
        fields = source.fields or tuple(_fields_of_worksheet(source))
        form = Form(name=name, fields=fields, **source.model_dump(exclude={"worksheet", "adds", "fields"}))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
    for fault in _faults(source, form):
        raise InputError(f"{path.name}: {fault}")
    return form


def load_certificate(path: Path = CERTIFICATE) -> Certificate:
    """Read and check workshop/forms/certificate.yml.

    Raises:
        InputError: naming the place of the first fault.
    """
    try:
        return Certificate.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None


def standards_of(field: FormField) -> list[str]:
    """The standards that speak to a field, each with how sure we are of it."""
    known = load_standards().standards
    return [f"{known[key].citation} ({known[key].certainty})" for key in field.standards]


def _fields_of_worksheet(source: _Source) -> Iterator[FormField]:
    if source.worksheet:
        adds: Mapping[str, Addition] = source.adds
        for field in load_worksheet(WORKSHEETS / f"{source.worksheet}.yml").fields:
            added = adds[field.label].model_dump() if field.label in adds else {}
            yield FormField(**(field.model_dump() | added))


def _faults(source: _Source, form: Form) -> Iterator[str]:
    if bool(source.worksheet) == bool(source.fields):
        yield "fields: come from a worksheet or stand here, and not both"
    labels = [field.label for field in form.fields]
    for label in source.adds:
        if label not in labels:
            yield f"adds: the worksheet has no field {label!r}"
    known = load_standards().standards
    for field in form.fields:
        if field.statements and not form.scale:
            yield f"{field.label}: statements need a scale"
        for key in field.standards:
            if key not in known:
                yield f"{field.label}: {key!r} is not in data/standards.yml"
