"""What a student is asked in an assignment: its questions with their points, in order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from informal_ict.assignments.source import PRINTED_POINTS, Assignment

HEADING = re.compile(r"^#+ +(?:\d+\. +)?(?P<title>.+?) +\(\d+ points?\)", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        grade_id: of the test, or of the task.
        title: the heading above it, without its number.
        points: what it is worth.
        by_person: whether a person marks it, by rubric; otherwise the computer does.
    """

    grade_id: str
    title: str
    points: int
    by_person: bool


def questions(assignment: Assignment) -> list[Question]:
    """List the questions of an assignment. A source that was read prints points once for each of them."""
    titles = (title for title in _titles(assignment))
    return [
        Question(grade_id, title, points, grade_id in assignment.tasks)
        for (grade_id, points), title in zip(assignment.points.items(), titles, strict=True)
    ]


def computer_points(assignment: Assignment) -> int:
    """Points that tests give."""
    return sum(points for name, points in assignment.points.items() if name not in assignment.tasks)


def marks_in_words(marks: int) -> str:
    """Write '1 point', '2 points'."""
    return f"{marks} point" if marks == 1 else f"{marks} points"


def _titles(assignment: Assignment) -> Iterator[str]:
    for cell in assignment.notebook.cells:
        if cell.cell_type == "markdown" and PRINTED_POINTS.search(cell.source):
            heading = HEADING.search(cell.source)
            yield heading["title"] if heading else PRINTED_POINTS.sub("", cell.source.splitlines()[0]).strip()
