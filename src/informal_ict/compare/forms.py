"""An instrument as a form to load into a tool: XLSForm, and a CSV template with its items to copy.

XLSForm is what KoboToolbox and ODK read (https://xlsform.org/en/). The form asks a device for
no time, number or account: those are ``start``, ``end``, ``deviceid`` and ``username`` questions, and there
are none in it.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook

from informal_ict.compare.columns import CODE_WORD
from informal_ict.compare.instrument import EVERYONE, Instrument, Question

SURVEY_COLUMNS = ("type", "name", "label", "hint", "relevant", "required")
ITEM_COLUMNS = ("question", "text", "answers_allowed", "asked_of", "code", "answer")


def xlsform(
    instrument: Instrument,
    form_id: str,
    title: str,
    notes: Sequence[str],
    closing: str,
    code_word: str = "",
) -> bytes:
    """The form as .xlsx.

    Args:
        instrument: the questions; they become optional, each with its answers.
        form_id: the form's name for the tool, in letters and underscores.
        title: what people see at the top.
        notes: what they read before the first question, consent included.
        closing: what they read at the end.
        code_word: how to choose a code word; without it none is asked for.
    """
    rows: list[dict[str, str]] = [
        {"type": "note", "name": f"note_{number}", "label": note} for number, note in enumerate(notes, 1)
    ]
    if code_word:
        rows.append({"type": "text", "name": CODE_WORD, "label": "Your code word", "hint": code_word})
    rows += [_survey_row(question, instrument) for question in instrument.questions]
    rows.append({"type": "note", "name": "note_end", "label": closing})
    choices = [
        {"list_name": question.name, "name": option.code, "label": option.label}
        for question in instrument.questions
        for option in question.options
    ]
    book = Workbook()
    book.remove(book.active)
    _fill(book.create_sheet("survey"), SURVEY_COLUMNS, rows)
    _fill(book.create_sheet("choices"), ("list_name", "name", "label"), choices)
    settings = {"form_title": title, "form_id": form_id, "version": "1"}
    _fill(book.create_sheet("settings"), tuple(settings), [settings])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def csv_template(instrument: Instrument, code_word: bool = False) -> str:
    """The header of a file of answers: one row a person is typed beneath it."""
    names = [*([CODE_WORD] if code_word else []), *instrument.by_name]
    return ",".join(names) + "\n"


def items_csv(instrument: Instrument) -> str:
    """Every question and answer as a table, to copy into a form tool word for word."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ITEM_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for question in instrument.questions:
        for option in question.options:
            writer.writerow(
                {
                    "question": question.name,
                    "text": question.text,
                    "answers_allowed": "several" if question.several else "one",
                    "asked_of": asked_of(question, instrument),
                    "code": option.code,
                    "answer": option.label,
                }
            )
    return text.getvalue()


def asked_of(question: Question, instrument: Instrument) -> str:
    """Whom a question is for: everyone, or those who gave an answer to an earlier one."""
    if question.base == EVERYONE:
        return EVERYONE
    gate = instrument.gates[question.base]
    before = instrument.by_name[gate.question]
    number = list(instrument.by_name).index(gate.question) + 1
    return f"those who answered “{before.option(gate.code).label}” to question {number}"


def _survey_row(question: Question, instrument: Instrument) -> dict[str, str]:
    kind = "select_multiple" if question.several else "select_one"
    row = {"type": f"{kind} {question.name}", "name": question.name, "label": question.text, "required": "no"}
    if question.base != EVERYONE:
        gate = instrument.gates[question.base]
        row["relevant"] = f"${{{gate.question}}} = '{gate.code}'"
    return row


def _fill(sheet: object, columns: Sequence[str], rows: Iterable[dict[str, str]]) -> None:
    append = sheet.append  # type: ignore[attr-defined]  # openpyxl has no types
    append(list(columns))
    for row in rows:
        append([row.get(column, "") for column in columns])
