"""A class on three learning platforms: their rosters and their downloads of submissions, made for tests.

The forms are those that the docstrings of informal_ict.lms name, with the certainty said there.
"""

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from informal_ict.lms.platforms import Lms

ASSIGNMENT = "tiny"
NOTEBOOKS = ("tiny.ipynb", "second-part.ipynb")


@dataclass(frozen=True)
class Person:
    login: str
    first: str
    last: str
    number: int

    @property
    def whole(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def in_canvas(self) -> str:
        sortable = f"{self.last}, {self.first}".lower()
        return "".join(letter for letter in sortable if letter.isalnum() or letter == "_")


ELODIE = Person("etremblay", "Élodie", "Tremblay", 4101)
JEAN = Person("jtremblay", "Jean-Luc", "Tremblay", 4102)
WEI = Person("wchen1", "Wei", "Chen", 4103)
OTHER_WEI = Person("wchen2", "Wei", "Chen", 4104)
AMINA = Person("aokafor", "Amina", "O'Kafor", 4105)
ABSENT = Person("nobody", "Noor", "Haddad", 4106)
CLASS = (ELODIE, JEAN, WEI, OTHER_WEI, AMINA, ABSENT)


def notebook(text: str) -> bytes:
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    path.write_bytes(zip_bytes(files))
    return path


def zip_bytes(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def write_csv(
    path: Path, rows: Sequence[Sequence[str]], delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def canvas_gradebook(most: str = "4.00") -> list[list[str]]:
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Notes", "tiny (771)", "Essay (772)"]
    rows = [
        [*header, "Final Score"],
        ["", "", "", "", "", "", "Manual Posting", "", ""],
        ["    Points Possible", "", "", "", "", "", most, "20.00", "(read only)"],
    ]
    for one in CLASS:
        name = f"{one.last}, {one.first}"
        rows.append([name, str(one.number), f"S{one.number}", one.login, "Group A", "", "", "17.00", "85.00"])
    return rows


def moodle_worksheet(most: str = "4.00") -> list[list[str]]:
    rows = [
        [
            "Identifier",
            "Full name",
            "Username",
            "Email address",
            "Status",
            "Grade",
            "Maximum Grade",
            "Grade can be changed",
            "Last modified (submission)",
            "Last modified (grade)",
            "Feedback comments",
        ]
    ]
    for one in CLASS:
        handed_in = "-" if one is ABSENT else "Friday, 20 November 2026, 9:53 PM"
        status = "No submission" if one is ABSENT else "Submitted for grading"
        who = [f"Participant {one.number}", one.whole, one.login, f"{one.login}@example.ca"]
        rows.append([*who, status, "", most, "Yes", handed_in, "-", "- a list\n- of praise"])
    return rows


def brightspace_grades(most: str = "4") -> list[list[str]]:
    item = f"tiny Points Grade <Numeric MaxPoints:{most} Weight:10>"
    other = "Essay Points Grade <Numeric MaxPoints:20>"
    rows = [["OrgDefinedId", "Username", "Last Name", "First Name", item, other, "End-of-Line Indicator"]]
    rows += [[f"#{one.number}", f"#{one.login}", one.last, one.first, "", "17", "#"] for one in CLASS]
    return rows


ROSTERS = {
    Lms.CANVAS: canvas_gradebook,
    Lms.MOODLE: moodle_worksheet,
    Lms.BRIGHTSPACE: brightspace_grades,
}


def roster(folder: Path, lms: Lms) -> Path:
    return write_csv(folder / f"{lms}.csv", ROSTERS[lms]())


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def course(folder: Path) -> Path:
    release = folder / "course" / "release" / ASSIGNMENT
    release.mkdir(parents=True)
    for name in NOTEBOOKS:
        (release / name).write_bytes(notebook("released"))
    return folder / "course"
