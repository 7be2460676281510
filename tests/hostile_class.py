"""A class in which each hostile and each broken submission is a student, with honest students among them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from broken_files import SPOILS
from hostile_kinds import Kind, read_kinds
from informal_ict.assignments.hidden_tests import HiddenCheck, write_out
from small_course import HW, KERNEL, about, add_assignment, hand_in, make_course

OURS = "ours"  # its hidden test is marked outside
OTHERS = "others"  # its hidden test runs in the student's kernel, as in most courses
# Low, so that a submission that goes over one does so soon.
CONFIG = """
c.Execute.timeout = 2
c.Execute.iopub_timeout = 1
c.SubmissionLimits.wall_seconds = 20
c.SubmissionLimits.cpu_seconds = 6
c.SubmissionLimits.memory_bytes = 700 << 20
c.SubmissionLimits.processes = 60
c.SubmissionLimits.file_bytes = 20 << 20
c.SubmissionLimits.output_bytes = 50_000
"""
HUSH = "hush-hush"  # in the secret file, in the environment and in work of others
MARKER = "only_the_marker_sees"  # in the hidden tests

MARKING = f"""\
from pathlib import Path

FOLDER = "."


def {MARKER}():
    return len(Path(FOLDER, "tiny.csv").read_text().splitlines()) - 1


def check_rows(rows):
    assert abs(float(rows) - {MARKER}()) < 0.5, "Count again."
"""
OUR_TEST = """\
assert "rows" in globals(), "There is no `rows` yet."
### BEGIN HIDDEN TESTS
check_rows(rows)
### END HIDDEN TESTS"""
OTHER_TEST = f"""\
import math
assert len(double([1, 2, 3])) == 3
### BEGIN HIDDEN TESTS
{MARKER} = [2, 4, 6]
assert double([1, 2, 3]) == {MARKER} or all(
    math.isclose(one, other) for one, other in zip(double([1, 2, 3]), {MARKER}))
del {MARKER}
### END HIDDEN TESTS"""
COUNTS = "rows = len(open('tiny.csv').readlines()) - 1"
DOUBLES = "def double(x): return [2 * one for one in x]"
HONEST = MappingProxyType(
    {
        OURS: Kind(name="honest", does="Counts.", answer=COUNTS, keeps=2),
        OTHERS: Kind(name="honest", does="Doubles.", answer=DOUBLES, keeps=1),
        HW: Kind(name="honest", does="Hands in right work.", keeps=4),
    }
)
HONEST_NAMES = ("aa-first", "mm-middle", "stops-among", "zz-last")  # the course grades in the order of names


@dataclass(frozen=True)
class Student:
    """One who hands in.

    Attributes:
        name: of the folder.
        assignment: what is handed in.
        kind: in which way.
        number: one that no other process of this machine has in its command line.
    """

    name: str
    assignment: str
    kind: Kind
    number: int


def assignment_of(category: str) -> str:
    """Which assignment a category attacks."""
    return {"other-courses": OTHERS, "broken": HW}.get(category, OURS)


def everybody() -> dict[tuple[str, str], Student]:
    """The class: a student for each kind, and honest ones for each assignment, by assignment and name."""
    first = 1_000_000 + 1_000 * os.getpid()
    hostile = [
        (f"{category}-{name}", assignment_of(category), kind)
        for (category, name), kind in read_kinds().items()
    ]
    honest = [(name, assignment, kind) for assignment, kind in HONEST.items() for name in HONEST_NAMES]
    return {
        (assignment, name): Student(name, assignment, kind, first + place)
        for place, (name, assignment, kind) in enumerate(hostile + honest)
    }


def sources() -> dict[str, NotebookNode]:
    """The instructor's notebook of each assignment with one question."""
    ours = write_out(OUR_TEST, HiddenCheck("check_rows", "check_rows(rows)"), MARKING)
    made = {}
    for assignment, solution, test, points in (
        (OURS, "rows = 2", ours, 2),
        (OTHERS, DOUBLES, OTHER_TEST, 1),
    ):
        text = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
        cells = [
            new_code_cell(text, metadata=about("answer", solution=True)),
            new_code_cell(test, metadata=about("test", points)),
        ]
        made[assignment] = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    return made


def new_class(folder: Path, students: Iterable[Student], words: Mapping[str, str]) -> Path:
    """A course with what these students handed in.

    Args:
        folder: where to make it.
        students: who is in it.
        words: what the kinds are told, by the words that stand for it.
    """
    course = make_course(folder, CONFIG)
    add_sources(course)
    hand_in_all(course, students, words)
    return course


def add_sources(course: Path) -> None:
    """Release the assignments with one question."""
    for assignment, notebook in sources().items():
        add_assignment(course, assignment, {"tiny": notebook}, {"tiny.csv": "row\n1\n2\n"})


def hand_in_all(course: Path, students: Iterable[Student], words: Mapping[str, str]) -> None:
    """Let each student hand in."""
    for student in students:
        if student.assignment != HW:
            told = {**words, "<COURSE>": str(course), "<STUDENT>": student.name}
            told["<NUMBER>"] = str(student.number)
            hand_in_tiny(course, student, told)
            continue
        submitted = hand_in(course, student.name)
        if student.kind.name in SPOILS:
            SPOILS[student.kind.name](submitted)


def hand_in_tiny(course: Path, student: Student, words: Mapping[str, str]) -> None:
    """Hand in the notebook of an assignment with one question."""
    kind = student.kind
    notebook = nbformat.read(course / "release" / student.assignment / "tiny.ipynb", as_version=4)
    answer, test = notebook.cells
    answer.source = kind.answer
    test.metadata["tags"] = kind.tags
    test.metadata.nbgrader.update(kind.claims)
    notebook.cells = [new_code_cell(kind.first), answer, test, new_code_cell(kind.last)]
    for cell in notebook.cells:
        for word, value in words.items():
            cell.source = cell.source.replace(word, value)
    home = course / "submitted" / student.name / student.assignment
    home.mkdir(parents=True)
    nbformat.write(notebook, home / "tiny.ipynb")
    (home / "tiny.csv").write_text("row\n1\n2\n")
    (home / "secret.txt").write_text(HUSH if kind.name == "honest" else "none")
