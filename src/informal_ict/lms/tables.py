"""CSV files of learning platforms: read as they come, written so that no cell is a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from informal_ict.errors import InputError
from informal_ict.reading import read_export

DELIMITERS = (",", ";", "\t")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
MOST_BYTES = 20_000_000
SAVE_AS = 'Open it in your spreadsheet and save it as "CSV UTF-8", or export it anew.'

# A spreadsheet takes a cell for a formula by its first sign, some also by a full-width one or after spaces.
FORMULA = re.compile(r"[\t\r]|\s*[=+\-@＝＋－＠]")
# Another delimiter within a cell begins a new cell where a spreadsheet expects that delimiter.
FORMULA_AFTER_DELIMITER = re.compile(r"([,;\t\r\n]\s*)(?=[=+\-@＝＋－＠])")
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?%?")
NO_GRADE = "-"  # what Moodle and Canvas write for a grade that is not there


@dataclass(frozen=True)
class Row:
    """One row, with the line of the file on which it begins."""

    line: int
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        """The text of a cell; empty where the row is too short."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True)
class Table:
    """A header and its rows; rows without any text are left out."""

    file: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, *names: str) -> int | None:
        """The first of these columns that is there, whatever its capitals."""
        known = [name.casefold() for name in self.header]
        return next((known.index(name.casefold()) for name in names if name.casefold() in known), None)

    def needed(self, name: str) -> int:
        """The column with this name.

        Raises:
            InputError: if it is not there.
        """
        column = self.column(name)
        if column is None:
            raise InputError(f"{self.file}, line 1: there is no column {name}; there are {self.columns()}")
        return column

    def columns(self) -> str:
        """The names of all columns, for a message."""
        return ", ".join(name or "(without a name)" for name in self.header)


def read_table(path: Path) -> Table:
    """Read a CSV file in UTF-8 or UTF-16, with commas, semicolons or tabs between its cells.

    Raises:
        InputError: if it cannot be read, or has the same column twice.
    """
    text = _text(path)
    delimiter = max(DELIMITERS, key=lambda one: _cells_in_first_line(text, one))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            rows.append(Row(line, tuple(cells)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path.name}, line {line}: {error}. {SAVE_AS}") from None
    header = tuple(cell.strip() for cell in rows[0].cells)
    for name in header:
        if name and header.count(name) > 1:
            raise InputError(f"{path.name}, line 1: the column {name} is there twice")
    return Table(path.name, header, tuple(row for row in rows[1:] if any(cell.strip() for cell in row.cells)))


def _cells_in_first_line(text: str, delimiter: str) -> int:
    return len(next(csv.reader([text.splitlines()[0]], delimiter=delimiter)))


def _text(path: Path) -> str:
    content = read_export(path, MOST_BYTES)
    if content.startswith(b"PK"):
        raise InputError(f"{path.name}: is an Excel workbook or an archive, and no CSV file. {SAVE_AS}")
    encoding = "utf-16" if content.startswith(UTF_16) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path.name}, line {line}: a letter there is not in UTF-8. {SAVE_AS}") from None
    if not text.strip():
        raise InputError(f"{path.name}: the file is empty")
    if "\0" in text:
        raise InputError(f"{path.name}: is no CSV file. {SAVE_AS}")
    return text.lstrip("\ufeff\r\n")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a table as the three platforms import it: commas, UTF-8 without a byte order mark.

    Canvas compares the first cell of the header letter by letter, so a byte order mark would hide it. Every
    cell goes through ``neutral``.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([neutral(cell) for cell in row])
    return buffer.getvalue().encode()


def neutral(cell: str) -> str:
    """Give a text back so that no spreadsheet takes it, or a part of it, for a formula.

    An apostrophe before the sign makes it a text, as OWASP recommends. Numbers stay as they are.
    """
    if NUMBER.fullmatch(cell.strip()) or cell.strip() in ("", NO_GRADE):
        return cell
    safe = FORMULA_AFTER_DELIMITER.sub(r"\1'", cell)
    return f"'{safe}" if FORMULA.match(cell) else safe
