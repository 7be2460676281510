"""The cells of a file that a form tool wrote, CSV or Excel, as text.

Rows are counted as a spreadsheet shows them: the names of the columns are row 1, and a line break within a
cell makes no new row.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeAlias

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from informal_ict.errors import InputError
from informal_ict.reading import read_export

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
MOST_BYTES = 20_000_000
MOST_ROWS = 20_000
SAVE_AS = 'Open it in your spreadsheet and save it as "CSV UTF-8" or as .xlsx.'
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# How many cells of a header name a question.
Recognise: TypeAlias = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class Spreadsheet:
    """The header, and each further row with its number; rows without any text are left out."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_spreadsheet(path: Path, recognise: Recognise) -> Spreadsheet:
    """Read a CSV file in UTF-8, or an .xlsx file.

    Between the cells of CSV stand commas, semicolons or tabs; a byte order mark may stand before the first.

    What kind of file it is shows in its first bytes and not in its name.

    Args:
        path: the file.
        recognise: tells between which signs, and in which sheet, the questions are found.

    Raises:
        InputError: if it cannot be read; the message says what to do.
    """
    content = _bytes(path)
    if content.startswith(b"PK"):
        rows = _excel(path, content, recognise)
    elif content.startswith(OLD_EXCEL):
        raise InputError(f"{path.name}: an Excel file of the old kind, or one with a password. {SAVE_AS}")
    else:
        rows = _csv(path, _text(path, content), recognise)
    numbered = [(number, tuple(cells)) for number, cells in enumerate(rows, start=1)]
    header = numbered[0][1]
    kept = tuple((number, cells) for number, cells in numbered[1:] if any(cells))
    if len(kept) > MOST_ROWS:
        raise InputError(f"{path.name}: has {len(kept):,} rows, and at most {MOST_ROWS:,} are read")
    return Spreadsheet(path.name, header, kept)


def _bytes(path: Path) -> bytes:
    content = read_export(path, MOST_BYTES)
    if not content.strip():
        raise InputError(f"{path.name}: the file is empty; row 1 should name the questions")
    return content


def _text(path: Path, content: bytes) -> str:
    if content.startswith(UTF_16) or b"\0" in content:
        raise InputError(f"{path.name}: is no CSV file in UTF-8. {SAVE_AS}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path.name}, line {line}: a letter there is not in UTF-8. {SAVE_AS}") from None
    if not text.strip():
        raise InputError(f"{path.name}: the file is empty; row 1 should name the questions")
    if text.lstrip().startswith(("<", "{", "%PDF")):
        raise InputError(f"{path.name}: is no table. Export the answers from the form tool as CSV or .xlsx.")
    return text


def _csv(path: Path, text: str, recognise: Recognise) -> list[list[str]]:
    recognised = {delimiter: recognise(_first_row(text, delimiter)) for delimiter in DELIMITERS}
    delimiter = max(recognised, key=lambda one: recognised[one])
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append([cell.strip() for cell in cells])
    except csv.Error:
        raise InputError(
            f"{path.name}, row {len(rows) + 1}: a quotation mark there is out of place or never closed; "
            "open the file in your spreadsheet, mend that row and save it again"
        ) from None
    return rows


def _first_row(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []  # a cell beyond what is read; the strict reading says which row


def _excel(path: Path, content: bytes, recognise: Recognise) -> list[list[str]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError):
        # openpyxl lets what it finds in a foreign archive through as any of these.
        raise InputError(
            f"{path.name}: is an archive and no Excel workbook. If it is a .zip, unpack it and name the file "
            "inside; if it is a spreadsheet, save it as .xlsx or CSV."
        ) from None
    try:
        sheets = {sheet.title: _sheet(path, sheet) for sheet in book.worksheets}
    finally:
        book.close()
    filled = {title: rows for title, rows in sheets.items() if any(any(cells) for cells in rows)}
    if not filled:
        raise InputError(f"{path.name}: the workbook is empty; row 1 should name the questions")
    with_questions = [title for title, rows in filled.items() if recognise(rows[0])]
    if len(with_questions) > 1:
        raise InputError(
            f"{path.name}: {len(with_questions)} sheets have the questions: {', '.join(with_questions)}; "
            "keep one of them"
        )
    return filled[with_questions[0]] if with_questions else next(iter(filled.values()))


def _sheet(path: Path, sheet: Any) -> list[list[str]]:
    rows: list[list[str]] = []
    for cells in sheet.iter_rows(values_only=True):
        rows.append([_cell(value) for value in cells])
        if len(rows) > MOST_ROWS + 1:
            raise InputError(
                f"{path.name}, sheet {sheet.title}: more than {MOST_ROWS:,} rows; is it the right file?"
            )
    return rows


def _cell(value: object) -> str:
    """What a cell of Excel holds, as a CSV export would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value).strip()
