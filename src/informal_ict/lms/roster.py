"""Who is in the class: the roster that a learning platform exports."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from informal_ict.errors import InputError
from informal_ict.lms.platforms import COLUMNS, Lms
from informal_ict.lms.tables import Row, Table, read_table

LONGEST_KEY = 100
UNFIT_FOR_A_FOLDER = re.compile(r'[/\\<>:"|?*{}\x00-\x1f\x7f]')


@dataclass(frozen=True)
class Student:
    """One student on the roster.

    Attributes:
        key: names the student's folder, and the student in the gradebook.
        names: every way in which the platform may write the name, see ``plain``.
        number: the number in the names of downloaded files; empty where the platform has none.
        first_name: as on the roster; empty if it has whole names only.
        last_name: as on the roster, or the whole name.
        email: as on the roster; empty if it has none.
        line: where on the roster.
    """

    key: str
    names: frozenset[str]
    number: str
    first_name: str
    last_name: str
    email: str
    line: int


def read_roster(path: Path, lms: Lms, key: str = "") -> tuple[Student, ...]:
    """Read a roster.

    Args:
        path: the CSV file.
        lms: the platform that exported it.
        key: the column that names students' folders; without it, the best that the file has.

    Raises:
        InputError: if a column is missing, a key cannot name a folder, or two students have the same.
    """
    return students(read_table(path), lms, key)


def students(table: Table, lms: Lms, key: str = "") -> tuple[Student, ...]:
    """The students of a roster that has been read; see ``read_roster``."""
    columns = COLUMNS[lms]
    key_column = table.needed(key) if key else table.column(*columns.keys)
    named = table.column(*columns.full_name) is not None or table.column(*columns.last_name) is not None
    if key_column is None or not named:
        wanted = "a name" if key_column is not None else f"one of the columns {', '.join(columns.keys)}"
        raise InputError(
            f"{table.file}, line 1: a roster needs {wanted}, and there are only {table.columns()}. "
            f"Take {columns.roster_is}."
        )
    read = [
        _student(table, row, lms, key_column) for row in table.rows if not _describes_columns(table, row, lms)
    ]
    if not read:
        raise InputError(f"{table.file}: there is no student on the roster")
    _stop_on_doubles(table, read)
    return tuple(read)


def _describes_columns(table: Table, row: Row, lms: Lms) -> bool:
    """Whether a row is one of those that Canvas puts between the header and the students.

    Source: lib/gradebook_exporter.rb and lib/gradebook_importer.rb of Canvas: "Points Possible" after four
    spaces, and before it "Manual Posting" under assignments, with no student.
    """
    if lms is not Lms.CANVAS:
        return False
    return "Points Possible" in row.cell(0) or not (row.cell(0).strip() or row.cell(1).strip())


def _student(table: Table, row: Row, lms: Lms, key_column: int) -> Student:
    columns = COLUMNS[lms]
    full, last, first, email, number = (
        _cell(table, row, names)
        for names in (columns.full_name, columns.last_name, columns.first_name, columns.email, columns.number)
    )
    key = fit_key(row.cell(key_column), lms)
    where = f"{table.file}, line {row.line}"
    if not key:
        raise InputError(
            f"{where}: {table.header[key_column]} is empty; choose another column with --key, or mend the row"
        )
    if UNFIT_FOR_A_FOLDER.search(key) or key.startswith(".") or key.endswith((".", " ")):
        raise InputError(
            f"{where}: {table.header[key_column]} has a sign that the name of a folder cannot have"
        )
    if len(key) > LONGEST_KEY:
        raise InputError(f"{where}: {table.header[key_column]} is longer than {LONGEST_KEY} signs")
    if lms is Lms.CANVAS and "," in full:
        last, _, first = (part.strip() for part in full.partition(","))
    elif full and not last:
        last = full
    written = {full, f"{first} {last}", f"{last} {first}", f"{last}, {first}"}
    return Student(
        key=key,
        names=frozenset(plain(name) for name in written if plain(name).strip(", ")),
        number=re.sub(r"\D", "", number),
        first_name=first,
        last_name=last,
        email=email,
        line=row.line,
    )


def fit_key(text: str, lms: Lms) -> str:
    """A key without what the platform puts around it: Brightspace writes a # before (seen)."""
    text = unicodedata.normalize("NFC", text.strip())
    return text.removeprefix("#") if lms is Lms.BRIGHTSPACE else text


def plain(name: str) -> str:
    """A name for comparison: one form of accents, no capitals, single spaces.

    Accents count: Ola and Óla may be two people.
    """
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _cell(table: Table, row: Row, names: tuple[str, ...]) -> str:
    column = table.column(*names)
    return "" if column is None else row.cell(column).strip()


def _stop_on_doubles(table: Table, read: list[Student]) -> None:
    for what in ("key", "number"):
        seen: dict[str, int] = {}
        for student in read:
            value = (student.key if what == "key" else student.number).casefold()
            if value and seen.setdefault(value, student.line) != student.line:
                raise InputError(
                    f"{table.file}, line {student.line}: the same {what} as on line {seen[value]}; "
                    "no two students may share one"
                )
