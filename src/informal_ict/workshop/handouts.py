"""What is handed out, as PDF: forms, templates, the contacts to sort, the frameworks, the certificate."""

from pathlib import Path
from typing import Any

from informal_ict.facilitator_sheets import one_line
from informal_ict.files import write_atomically
from informal_ict.markdown import plain_text
from informal_ict.paths import CHAPTERS, SELF_CHECKS, WORKSHOP
from informal_ict.typeset import document_facts, set_pdf
from informal_ict.widgets.self_check import load_self_check
from informal_ict.workshop.forms import (
    CERTIFICATE,
    FORM_NAMES,
    Form,
    load_certificate,
    load_form,
    standards_of,
)
from informal_ict.workshop.markdown_pdf import page_pdf

FRAMEWORKS = WORKSHOP / "handouts" / "frameworks"
GUIDE = CHAPTERS / "workshop" / "facilitator-guide.md"
CONTACTS = SELF_CHECKS / "sorting-contacts.yml"
# Type in points and room for a line of handwriting in millimetres, so that a form fills its pages.
FORM_SIZES = {
    "communication-agreement": ("11", "8.5"),
    "informal-ict-policy": ("10", "7"),
    "action-plan": ("11", "8"),
    "evaluation": ("10", "6.5"),
}


def write_guide(folder: Path) -> Path:
    """The facilitator guide, from its page in the book."""
    return _written(folder / "facilitator-guide.pdf", page_pdf(GUIDE, kind="For facilitators", body="10.5"))


def write_handouts(folder: Path) -> list[Path]:
    """Write every handout to its place in a folder.

    Raises:
        InputError: naming the source that is at fault.
    """
    forms = [load_form(name) for name in FORM_NAMES]
    sheets = {
        "eight-contacts": set_pdf("eight-contacts.typ", contacts_data(), CONTACTS.name),
        "certificate": set_pdf("certificate.typ", certificate_data(), CERTIFICATE.name),
        **{form.name: form_pdf(form) for form in forms},
        **{
            f"frameworks/{page.stem}": page_pdf(page, kind="Framework", body="11.5")
            for page in sorted(FRAMEWORKS.glob("*.md"))
        },
    }
    return [_written(folder / f"{name}.pdf", content) for name, content in sheets.items()]


def form_pdf(form: Form) -> bytes:
    """A form on paper."""
    body, gap = FORM_SIZES[form.name]
    return set_pdf("form.typ", form_data(form), f"{form.name}.yml", body=body, gap=gap)


def form_data(form: Form) -> dict[str, Any]:
    """Everything that stands on a form, ready to become JSON."""
    return {
        "document": document_facts(form.title, one_line(form.lead)),
        **form.model_dump(include={"title", "kind", "blanks", "scale"}),
        "lead": one_line(form.lead),
        "foot": one_line(form.foot),
        "fields": [
            {**field.model_dump(), "hint": one_line(field.hint), "standards": standards_of(field)}
            for field in form.fields
        ],
    }


def certificate_data() -> dict[str, Any]:
    """Everything that stands on a certificate, ready to become JSON."""
    certificate = load_certificate()
    return {
        "document": document_facts(certificate.title, one_line(certificate.foot)),
        **certificate.model_dump(),
        "foot": one_line(certificate.foot),
    }


def contacts_data() -> dict[str, Any]:
    """The contacts of the book's self-check with the reading of each, ready to become JSON."""
    contacts = []
    for question in load_self_check(CONTACTS):
        right = next(answer for answer in question.answers if answer.holds)
        contacts.append(
            {
                "text": plain_text(question.question).removesuffix("What is this?").strip(),
                "arrangement": right.text,
                "why": plain_text(right.why),
            }
        )
    title = "Contacts to sort"
    return {
        "document": document_facts(
            title, "Contacts by text, e-mail and portal, to be sorted by arrangement."
        ),
        "title": title,
        "lead": (
            "Everyone here is invented. Sort each contact by its arrangement. "
            "The app is not among the questions. If the answer is three times no, "
            "ask whether it only runs the service, and then it is administrative."
        ),
        "questions": [
            "Is it the main way of working?",
            "Was it agreed as part of the plan?",
            "Does anyone monitor it?",
        ],
        "arrangements": ["Formal online", "Formal blended", "Informal", "Administrative"],
        "reading": (
            "Where you disagree, find the question out of the three that divides us. "
            "The chapter It crept in of the book gives the reasons against the other answers, too."
        ),
        "contacts": contacts,
    }


def _written(target: Path, content: bytes) -> Path:
    write_atomically(target, content)
    return target
