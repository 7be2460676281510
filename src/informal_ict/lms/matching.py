"""Which student on the roster a person in a download is. Whoever is not certain is never guessed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from informal_ict.errors import InputError
from informal_ict.lms.downloads import Upload
from informal_ict.lms.roster import Student, plain
from informal_ict.lms.tables import read_table

IN_DOWNLOAD = "in the download"
STUDENT = "student"


def match_people(
    uploads: Sequence[Upload], roster: Sequence[Student], decided: Mapping[str, str]
) -> tuple[dict[str, Student], dict[str, str]]:
    """Find the student of each person in a download.

    A number decides where both the roster and the download have it; else the whole name does, if exactly one
    student has it and exactly one person in the download.

    Args:
        uploads: the files of the download.
        roster: the class.
        decided: students' keys by person, where somebody has looked.

    Returns:
        The student of each person, and why there is none for the others.
    """
    by_key = {student.key: student for student in roster}
    by_number = {student.number: student for student in roster if student.number}
    by_name: dict[str, list[Student]] = defaultdict(list)
    for student in roster:
        for name in student.names:
            by_name[name].append(student)
    people = {upload.person: upload for upload in uploads}
    numbers_of_name: dict[str, set[str]] = defaultdict(set)
    for upload in people.values():
        if upload.person not in decided:
            numbers_of_name[plain(upload.name)].add(upload.number)
    found: dict[str, Student] = {}
    reasons: dict[str, str] = {}
    for person, upload in people.items():
        name = plain(upload.name)
        if person in decided:
            found[person] = by_key[decided[person]]
        elif by_number and upload.number:
            if upload.number in by_number:
                found[person] = by_number[upload.number]
            else:
                reasons[person] = f"the number {upload.number} is not on the roster"
        elif not name:
            reasons[person] = "the download does not say who this is; anonymous marking must be off"
        elif not by_name[name]:
            reasons[person] = "nobody on the roster has this name"
        elif len(by_name[name]) > 1:
            keys = ", ".join(sorted(student.key for student in by_name[name]))
            reasons[person] = f"several students have this name: {keys}"
        elif len(numbers_of_name[name]) > 1:
            reasons[person] = "several people in the download have this name"
        else:
            found[person] = by_name[name][0]
    return found, reasons


def read_decided(path: Path, people: Collection[str], roster: Sequence[Student]) -> dict[str, str]:
    """Read which students somebody has found people of a download to be.

    Args:
        path: a CSV file with the columns "in the download" and "student".
        people: as the download writes them.
        roster: the class.

    Raises:
        InputError: if a person is not in the download or twice in the file, or a student not on the roster.
    """
    table = read_table(path)
    person_column, student_column = table.needed(IN_DOWNLOAD), table.needed(STUDENT)
    keys = {student.key for student in roster}
    decided: dict[str, str] = {}
    for row in table.rows:
        person, student = row.cell(person_column).strip(), row.cell(student_column).strip()
        where = f"{table.file}, line {row.line}"
        if person not in people:
            raise InputError(f"{where}: {person!r} is not in the download")
        if person in decided:
            raise InputError(f"{where}: {person!r} is there twice")
        if student not in keys:
            raise InputError(f"{where}: {student!r} is not on the roster")
        decided[person] = student
    return decided
