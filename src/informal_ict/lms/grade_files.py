"""Marks as a file that a learning platform imports: its own export with one column filled.

Other columns of marks are left out, so that importing the file cannot bring back an older mark of another
assignment. Where there is nothing to say about a student, the cell stays as the platform exported it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from informal_ict.errors import InputError
from informal_ict.lms.marks import Marks
from informal_ict.lms.platforms import Lms
from informal_ict.lms.roster import Student, students
from informal_ict.lms.tables import NUMBER, Table, csv_bytes, neutral

TOLERANCE = 0.005  # half of the last place that is written


@dataclass(frozen=True)
class GradeFile:
    """What a platform imports, and what a person should know before importing it.

    Attributes:
        content: the CSV file.
        column: the column that was filled.
        filled: how many marks are in it.
        changed: marks that the platform has and that would change, as (student, what).
        left: students without a mark in the file, as (student, why).
    """

    content: bytes
    column: str
    filled: int
    changed: tuple[tuple[str, str], ...]
    left: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Wanted:
    """How marks are to be written.

    Attributes:
        column: the column to fill; empty if it can be found by the name of the assignment.
        key: the column that names students' folders; empty for the best that the file has.
        unfinished: also marks of work that still needs a person.
        scale: convert marks to the points that the platform gives.
    """

    column: str = ""
    key: str = ""
    unfinished: bool = False
    scale: bool = False


def fill(table: Table, lms: Lms, marks: Marks, wanted: Wanted) -> GradeFile:
    """Fill a platform's own export with marks.

    Args:
        table: the export.
        lms: the platform.
        marks: of one assignment.
        wanted: how.

    Raises:
        InputError: if a column is not there, nobody in the file is in the gradebook, or the platform gives
            other points than nbgrader and ``scale`` is not wanted.
    """
    roster = students(table, lms, wanted.key)
    if not any(one.key in marks.points or one.key in marks.unmarked for one in roster):
        raise InputError(
            f"{table.file}: nobody in it has handed in {marks.assignment} under the same name; the first is "
            f"{roster[0].key}. Choose another column with --key?"
        )
    return _FILLERS[lms](table, roster, marks, wanted)


@dataclass
class _Cells:
    """Decides what stands in the cell of each student, and keeps account of it."""

    marks: Marks
    wanted: Wanted
    filled: int = 0

    def __post_init__(self) -> None:
        self.changed: list[tuple[str, str]] = []
        self.left: list[tuple[str, str]] = []

    def cell(self, student: Student, before: str, possible: float | None, where: str) -> str:
        """What stands in the file for one student.

        Args:
            student: who it is.
            before: what the platform exported.
            possible: the points it gives; None if the file does not tell.
            where: the place in the file, for a message.
        """
        points = self.marks.points.get(student.key)
        reason = ""
        if before.strip().upper() in ("EX", "N/A"):
            reason = f"is {before.strip()} on the platform"
        elif student.key in self.marks.unmarked:
            reason = "handed in and has no marks yet"
        elif points is None:
            reason = "has handed in nothing"
        elif student.key in self.marks.outdated:
            reason = "handed in again after this was marked"
        elif student.key in self.marks.unfinished and not self.wanted.unfinished:
            reason = "still needs a person's marks"
        if reason or points is None:
            self.left.append((student.key, reason))
            return before
        mark = number(points * self._factor(possible, where))
        self.filled += 1
        old = as_number(before)
        if old is not None and abs(old - float(mark)) >= TOLERANCE:
            self.changed.append((student.key, f"{before.strip()} on the platform, {mark} here"))
        return mark

    def _factor(self, possible: float | None, where: str) -> float:
        most = self.marks.most
        if possible is None or abs(possible - most) < TOLERANCE:
            return 1.0
        if not self.wanted.scale:
            raise InputError(
                f"{where}: the platform gives {number(possible)} points and nbgrader {number(most)}. Change "
                "the points on the platform, or convert marks with --scale"
            )
        if most == 0:
            raise InputError(f"the assignment {self.marks.assignment} has no points in nbgrader")
        return possible / most

    def unlisted(self, roster: Sequence[Student]) -> list[tuple[str, str]]:
        """Who has marks and is not in the file."""
        there = {student.key for student in roster}
        return [(key, "is not in the platform's file") for key in sorted(self.marks.points.keys() - there)]

    def result(self, header: Sequence[str], rows: Sequence[Sequence[str]], column: str) -> GradeFile:
        return GradeFile(
            csv_bytes(header, rows), column, self.filled, tuple(self.changed), tuple(sorted(self.left))
        )


# Source: lib/gradebook_importer.rb of Canvas. It finds a student by ID, then by the SIS columns; an
# assignment by the number in brackets; it wants "Student" and "ID" first and "Section" last of the columns
# about students. A column that is not in the file stays as it is; an emptied cell deletes a mark.
_CANVAS_STUDENT_COLUMNS = (
    "Student",
    "LastName",
    "FirstName",
    "ID",
    "SIS User ID",
    "SIS Login ID",
    "Integration ID",
    "Root Account",
    "Section",
)
_CANVAS_ASSIGNMENT = re.compile(r"(?P<title>.*)\s\(\d+\)")


def _fill_canvas(table: Table, roster: Sequence[Student], marks: Marks, wanted: Wanted) -> GradeFile:
    known = [name.casefold() for name in _CANVAS_STUDENT_COLUMNS]
    kept = [place for place, name in enumerate(table.header) if name.casefold() in known]
    table.needed("Section")
    column = _find_column(table, _CANVAS_ASSIGNMENT, marks.assignment, wanted.column)
    by_line = {student.line: student for student in roster}
    possible = next((row for row in table.rows if "Points Possible" in row.cell(0)), None)
    most = None if possible is None else as_number(possible.cell(column))
    cells = _Cells(marks, wanted)
    rows = []
    for row in table.rows:
        cell = row.cell(column)
        if row.line in by_line:
            where = f"{table.file}, line {possible.line if possible else 1}, {table.header[column]}"
            cell = cells.cell(by_line[row.line], cell, most, where)
        rows.append([*(row.cell(place) for place in kept), cell])
    cells.left += cells.unlisted(roster)
    name = table.header[column]
    return cells.result([*(table.header[place] for place in kept), name], rows, name)


# Source: mod/assign/feedback/offline/importgradeslib.php and locallib.php of Moodle. The worksheet needs
# these three columns, named in the language in which Moodle shows itself; a row without a grade is passed
# over, and so is one whose grade on Moodle is younger than the file says. Columns of feedback are left out
# here: Moodle would take them for changed where a text was made safe for spreadsheets.
_MOODLE_WORKSHEET = ("Identifier", "Grade", "Last modified (grade)")
_MOODLE_KEPT = ("Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)")


def _fill_moodle(table: Table, roster: Sequence[Student], marks: Marks, wanted: Wanted) -> GradeFile:
    if table.column("Identifier") is None:
        return _fill_moodle_import(table, roster, marks, wanted)
    grade = {name: table.needed(name) for name in _MOODLE_WORKSHEET}["Grade"]
    kept = [place for place in (table.column(name) for name in _MOODLE_KEPT) if place is not None]
    most = table.column("Maximum Grade")
    by_line = {student.line: student for student in roster}
    cells = _Cells(marks, wanted)
    rows = []
    for row in table.rows:
        possible = None if most is None else as_number(row.cell(most))
        where = f"{table.file}, line {row.line}, Maximum Grade"
        mark = cells.cell(by_line[row.line], row.cell(grade), possible, where)
        rows.append([mark if place == grade else row.cell(place) for place in kept])
    cells.left += cells.unlisted(roster)
    return cells.result([table.header[place] for place in kept], rows, "Grade")


# Source: grade/import/csv/classes/load_data.php of Moodle: one column says who (username, ID number or
# address), another is mapped to a grade item by whoever imports. A cell without a grade would empty the grade
# on Moodle, so such rows are left out.
def _fill_moodle_import(table: Table, roster: Sequence[Student], marks: Marks, wanted: Wanted) -> GradeFile:
    if not wanted.column:
        raise InputError(
            f"{table.file}: is no grading worksheet, since it has no column Identifier. For a file for "
            "Moodle's gradebook, name the grade item with --column"
        )
    key = table.needed(wanted.key) if wanted.key else table.column("Username", "ID number", "Email address")
    assert key is not None  # students() has found one of them
    header = [table.header[key], wanted.column]
    return _one_row_each(table, roster, marks, wanted, [key], None, None, header)


# Documentation: community.d2l.com, "Importing grades": OrgDefinedId or Username or both, "<item> Points
# Grade", and as last column the End-of-Line Indicator with # in each row. Seen: exports write # before both
# identifiers and note the points in the header, and such files are imported. What an empty cell does, is said
# nowhere; so rows without a mark are left out.
_BRIGHTSPACE_GRADE = re.compile(r"(?P<title>.*?) Points Grade\s*(<.*)?", re.IGNORECASE)
_BRIGHTSPACE_POINTS = re.compile(r"MaxPoints:\s*([\d.,]+)", re.IGNORECASE)
_END_OF_LINE = "End-of-Line Indicator"


def _fill_brightspace(table: Table, roster: Sequence[Student], marks: Marks, wanted: Wanted) -> GradeFile:
    ids = [place for place in (table.column("OrgDefinedId"), table.column("Username")) if place is not None]
    items = [name for name in table.header if _BRIGHTSPACE_GRADE.fullmatch(name)]
    column = None
    if items or not wanted.column:
        column = _find_column(table, _BRIGHTSPACE_GRADE, marks.assignment, wanted.column)
    name = f"{wanted.column} Points Grade" if column is None else table.header[column]
    points = _BRIGHTSPACE_POINTS.search(name)
    possible = as_number(points[1]) if points else None
    header = [*(table.header[place] for place in ids), name, _END_OF_LINE]
    return _one_row_each(table, roster, marks, wanted, ids, column, possible, header, end=("#",))


def _one_row_each(
    table: Table,
    roster: Sequence[Student],
    marks: Marks,
    wanted: Wanted,
    ids: Sequence[int],
    column: int | None,
    possible: float | None,
    header: Sequence[str],
    end: Sequence[str] = (),
) -> GradeFile:
    """A file with nothing but identifiers and marks, and a row for each student who has one."""
    name = header[len(ids)]
    if neutral(name) != name:
        raise InputError(f"{table.file}: the name {name!r} of the grade item would be a formula; rename it")
    by_line = {student.line: student for student in roster}
    cells = _Cells(marks, wanted)
    rows = []
    for row in table.rows:
        student = by_line[row.line]
        identity = [row.cell(place).strip() for place in ids]
        if any(neutral(one) != one for one in identity):
            cells.left.append((student.key, "has an identifier that a spreadsheet would take for a formula"))
            continue
        before = "" if column is None else row.cell(column)
        mark = cells.cell(student, before, possible, f"{table.file}, line 1, {name}")
        if as_number(mark) is not None:
            rows.append([*identity, mark, *end])
    cells.left += cells.unlisted(roster)
    return cells.result(header, rows, name)


def _find_column(table: Table, form: re.Pattern[str], assignment: str, wanted: str) -> int:
    """The column of an assignment, by its name on the platform or by that of the assignment."""
    titles = {
        place: match["title"].strip()
        for place, name in enumerate(table.header)
        if (match := form.fullmatch(name))
    }
    if wanted:
        found = [place for place, title in titles.items() if wanted in (title, table.header[place])]
    else:
        found = [place for place, title in titles.items() if _letters(title) == _letters(assignment)]
    if len(found) == 1:
        return found[0]
    sought = f"named {wanted}" if wanted else f"with the name of {assignment}"
    listed = "; ".join(table.header[place] for place in titles) or "none"
    raise InputError(
        f"{table.file}, line 1: there {'are several columns' if found else 'is no column'} {sought}. "
        f"Choose with --column among these: {listed}"
    )


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def number(value: float) -> str:
    """A mark with at most two places after the point, which is what Canvas and Moodle keep."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def as_number(text: str) -> float | None:
    """A number that a platform wrote, with a point or a comma; None for any other text."""
    text = text.strip()
    return float(text.replace(",", ".")) if NUMBER.fullmatch(text) and "%" not in text else None


_FILLERS: dict[Lms, Callable[[Table, Sequence[Student], Marks, Wanted], GradeFile]] = {
    Lms.CANVAS: _fill_canvas,
    Lms.MOODLE: _fill_moodle,
    Lms.BRIGHTSPACE: _fill_brightspace,
}
