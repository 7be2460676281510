"""Read assignment sources and the answers they are tried on, and refuse those that would mislead a student.

An assignment is ``assignments/<slug>/<slug>.md``: a MyST notebook with nbgrader's metadata, solutions,
hidden tests and mark schemes side by side. Beside it, ``answers/*.yml`` holds answers with their marks.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import jupytext
import nbformat
from nbformat import NotebookNode
from nbgrader.nbgraderformat import ValidationError as MetadataError  # type: ignore[attr-defined]
from nbgrader.nbgraderformat.v3 import MetadataValidatorV3
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from informal_ict.errors import InputError
from informal_ict.paths import ASSIGNMENTS
from informal_ict.reading import read_yaml

GRADE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PRINTED_POINTS = re.compile(r"\((\d+) points?\)")
PRINTED_TOTAL = re.compile(r"Total: (\d+) points")
SOLUTION_MARKER = re.compile(r"^.*### (BEGIN|END) SOLUTION.*\n?", re.MULTILINE)

# The one answer that carries no marks: the locked cell after it says what is wrong with it.
STUDENT_NUMBER = "student-number"


class AssignmentError(InputError):
    """A source or an answers file that cannot be used; the message names the file and the cell."""


class Header(BaseModel):
    """What a source says about itself in its front matter, under ``assignment``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    minutes: int = Field(gt=0, lt=90)
    data: list[str]


class Answer(BaseModel):
    """One way of doing an assignment, and the tests that it must fail.

    Attributes:
        title: what the answer does, in words.
        kind: what it is there to show.
        student_number: whose sample it works on.
        cells: source by grade id of the answer cell; the others are taken from the reference.
        loses: grade ids of the tests whose marks it loses; it earns all the others.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    kind: Literal["reference", "blank", "right", "misconception"]
    student_number: int | str = "1009876543"
    cells: dict[str, str] = {}
    loses: list[str] = []


@dataclass(frozen=True)
class Assignment:
    """A source that passed every check.

    Attributes:
        slug: its name, which is also the name of its folder and its notebook.
        header: what it says about itself.
        notebook: the instructor's version, with solutions and hidden tests.
        points: points by grade id of every test and task, in order.
        tests: grade id of the test by grade id of the answer.
        tasks: grade ids of the tasks, which a person marks.
    """

    slug: str
    header: Header
    notebook: NotebookNode
    points: Mapping[str, int]
    tests: Mapping[str, str]
    tasks: tuple[str, ...]

    @property
    def student_number(self) -> str:
        """Grade id of the cell that holds the student number."""
        return f"{self.slug}-{STUDENT_NUMBER}"

    def marks(self, answer: Answer) -> dict[str, int]:
        """Give the marks that the computer must give to an answer, by grade id of the test."""
        return {test: 0 if test in answer.loses else self.points[test] for test in self.tests.values()}

    def solution(self, grade_id: str) -> str:
        """Give the reference solution of one answer cell, without the markers around it."""
        return SOLUTION_MARKER.sub("", find_cell(self.notebook, grade_id).source).strip("\n")

    def fill_in(self, released: NotebookNode, answer: Answer) -> NotebookNode:
        """Do what a student does: write an answer into a copy of the released notebook."""
        notebook = copy.deepcopy(released)
        if answer.kind == "blank":
            return notebook
        find_cell(notebook, self.student_number).source = f"student_number = {answer.student_number!r}"
        for grade_id in self.tests:
            find_cell(notebook, grade_id).source = answer.cells.get(grade_id) or self.solution(grade_id)
        return notebook


def read_assignments(folder: Path = ASSIGNMENTS) -> list[Assignment]:
    """Read every assignment of the course.

    Raises:
        AssignmentError: if one of them cannot be used, or two of them share a grade id.
    """
    assignments = [read_assignment(source.parent) for source in sorted(folder.glob("*/*.md"))]
    if not assignments:
        raise AssignmentError(f"{folder}: there is no assignment here (<slug>/<slug>.md).")
    owners: dict[str, str] = {}
    for assignment in assignments:
        for _, cell in graded_cells(assignment.notebook):
            grade_id = cell.metadata.nbgrader.grade_id
            owner = owners.setdefault(grade_id, assignment.slug)
            if owner != assignment.slug:
                message = f"the assignment {owner} has a cell of this name too."
                raise AssignmentError(describe(folder / assignment.slug, grade_id, message))
    return assignments


def read_assignment(folder: Path) -> Assignment:
    """Read and check one assignment.

    Args:
        folder: ``assignments/<slug>``.

    Raises:
        AssignmentError: if a rule that students or nbgrader rely on does not hold.
    """
    slug = folder.name
    path = folder / f"{slug}.md"
    if not path.exists():
        raise AssignmentError(f"{path}: not found. An assignment's source is named after its folder.")
    notebook = jupytext.read(path, fmt="md:myst")
    try:
        header = Header.model_validate(notebook.metadata.pop("assignment", None))
    except ValidationError as error:
        raise AssignmentError(f"{path}: front matter, assignment: {error}") from error
    del notebook.metadata["jupytext"]  # a student's copy is never paired with a text file
    name_cells(notebook, slug)
    check_ids(notebook, path, slug)
    tests = pair_answers_with_tests(notebook, path, slug)
    points = check_points(notebook, path)
    tasks = tuple(
        cell.metadata.nbgrader.grade_id
        for _, cell in graded_cells(notebook)
        if cell.metadata.nbgrader.get("task", False)
    )
    check_markers(notebook, path, tests, tasks)
    nbformat.validate(notebook)
    return Assignment(slug, header, notebook, points, tests, tasks)


def read_answers(folder: Path, assignment: Assignment) -> dict[str, Answer]:
    """Read the answers an assignment is tried on.

    Args:
        folder: ``assignments/<slug>/answers``.
        assignment: the assignment they answer.

    Returns:
        The answers by name of their file.

    Raises:
        AssignmentError: if a file is malformed, or names a cell that the assignment does not have.
    """
    return {path.stem: read_answer(path, assignment) for path in sorted(folder.glob("*.yml"))}


def read_answer(path: Path, assignment: Assignment) -> Answer:
    """Read and check one answers file.

    Raises:
        AssignmentError: if it is malformed, or names a cell that the assignment does not have.
    """
    try:
        answer = Answer.model_validate(read_yaml(path))
    except (InputError, ValidationError) as error:
        raise AssignmentError(f"{path}: {error}") from error
    for grade_id in answer.cells:
        if grade_id not in assignment.tests:
            raise AssignmentError(
                describe(path, grade_id, f"{assignment.slug} has no answer cell of this name.")
            )
    tests = set(assignment.tests.values())
    for grade_id in answer.loses:
        if grade_id not in tests:
            raise AssignmentError(describe(path, grade_id, f"{assignment.slug} has no test of this name."))
    if len(set(answer.loses)) < len(answer.loses):
        raise AssignmentError(f"{path}: loses: a test is named twice.")
    if answer.kind in {"reference", "right"} and answer.loses:
        raise AssignmentError(f"{path}: a {answer.kind} answer loses nothing.")
    if answer.kind == "misconception" and not answer.loses:
        raise AssignmentError(f"{path}: a misconception loses the marks of at least one test.")
    if answer.kind == "blank" and (answer.cells or set(answer.loses) != tests):
        raise AssignmentError(f"{path}: a blank answer has no cells and loses every test.")
    return answer


def describe(path: Path, grade_id: str, problem: str) -> str:
    """Word a problem so that its place is found at once."""
    return f"{path}: cell '{grade_id}': {problem}"


def find_cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """Find a cell by its grade id.

    Raises:
        KeyError: if the notebook has none of this name.
    """
    for _, cell in graded_cells(notebook):
        if cell.metadata.nbgrader.grade_id == grade_id:
            return cell
    raise KeyError(grade_id)


def graded_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """Go through the cells that nbgrader knows, with their place."""
    return ((place, cell) for place, cell in enumerate(notebook.cells) if "nbgrader" in cell.metadata)


def name_cells(notebook: NotebookNode, slug: str) -> None:
    """Give every cell a lasting id, so that the same source always makes the same notebook."""
    for place, cell in enumerate(notebook.cells):
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id") or f"{slug}-cell-{place}"


def check_ids(notebook: NotebookNode, path: Path, slug: str) -> None:
    """Check nbgrader's metadata and the names of cells.

    Raises:
        AssignmentError: if a name is missing, not human, not unique in the course, or given twice.
    """
    seen: set[str] = set()
    for place, cell in graded_cells(notebook):
        grade_id = cell.metadata.nbgrader.get("grade_id", "")
        if not GRADE_ID.fullmatch(grade_id):
            message = f"cell number {place + 1}: a grade id has small letters, digits and hyphens."
            raise AssignmentError(describe(path, grade_id, message))
        if not grade_id.startswith((f"{slug}-", f"test-{slug}-")):
            message = f"begin the name with '{slug}-' or 'test-{slug}-', so that it is unique in the course."
            raise AssignmentError(describe(path, grade_id, message))
        if grade_id in seen:
            raise AssignmentError(describe(path, grade_id, "the name is given twice."))
        seen.add(grade_id)
        try:
            MetadataValidatorV3().validate_cell(cell)
        except MetadataError as error:
            raise AssignmentError(describe(path, grade_id, str(error))) from error


def pair_answers_with_tests(notebook: NotebookNode, path: Path, slug: str) -> dict[str, str]:
    """Find the test of every answer cell: the next cell that nbgrader knows.

    Raises:
        AssignmentError: if an answer has no test, or a test no answer.
    """
    cells = [cell.metadata.nbgrader for _, cell in graded_cells(notebook)]
    tests: dict[str, str] = {}
    for cell, following in pairwise([*cells, None]):
        if not cell.solution or cell.grade_id == f"{slug}-{STUDENT_NUMBER}":
            continue
        expected = f"test-{cell.grade_id}"
        if following is None or following.grade_id != expected or not following.grade:
            raise AssignmentError(describe(path, cell.grade_id, f"its test, '{expected}', should come next."))
        tests[cell.grade_id] = expected
    for cell in cells:
        if cell.grade and cell.grade_id not in tests.values():
            raise AssignmentError(describe(path, cell.grade_id, "a test without the answer that it tests."))
    return tests


def check_points(notebook: NotebookNode, path: Path) -> dict[str, int]:
    """Check that the points a student reads are the points that are given.

    Returns:
        Points by grade id of every test and task, in order.

    Raises:
        AssignmentError: if a prompt, or the total, prints other points.
    """
    points: dict[str, int] = {}
    printed: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            printed += PRINTED_POINTS.findall(cell.source)
        about = cell.metadata.get("nbgrader", {})
        if not (about.get("grade", False) or about.get("task", False)):
            continue
        points[about.grade_id] = about.points
        if printed != [str(about.points)]:
            told = " and ".join(printed) or "nothing"
            message = f"it is worth {about.points} points, but the prompt before it prints {told}."
            raise AssignmentError(describe(path, about.grade_id, message))
        printed = []
    if printed:
        raise AssignmentError(f"{path}: after the last test, a prompt prints {' and '.join(printed)} points.")
    totals = [total for cell in notebook.cells for total in PRINTED_TOTAL.findall(cell.source)]
    if totals != [str(sum(points.values()))]:
        told = " and ".join(totals) or "nothing"
        raise AssignmentError(
            f"{path}: the total is {sum(points.values())} points, but the notebook prints {told}."
        )
    return points


def check_markers(
    notebook: NotebookNode, path: Path, tests: Mapping[str, str], tasks: tuple[str, ...]
) -> None:
    """Check that every answer has a solution to remove, every test a hidden part, every task a mark scheme.

    Raises:
        AssignmentError: if one has not, or if the markers do not come in pairs.
    """
    wanted = dict.fromkeys(tests, "SOLUTION") | dict.fromkeys(tests.values(), "HIDDEN TESTS")
    wanted |= dict.fromkeys(tasks, "MARK SCHEME")
    for grade_id, marker in wanted.items():
        source = find_cell(notebook, grade_id).source
        if (source.count(f"BEGIN {marker}"), source.count(f"END {marker}")) != (1, 1):
            raise AssignmentError(
                describe(path, grade_id, f"it needs one BEGIN {marker} and one END {marker}.")
            )
