"""Read assignment sources, and refuse those that would mislead a student.

An assignment is ``assignments/<slug>/<slug>.md``: a MyST notebook with nbgrader's metadata, solutions and
visible tests. Beside it stand ``marking.py`` (the hidden tests), ``rubric.yml`` (what a person marks) and
``answers/`` (answers with the marks they must earn).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import jupytext
import nbformat
import yaml
from nbformat import NotebookNode
from nbgrader.nbgraderformat import ValidationError as MetadataError  # type: ignore[attr-defined]
from nbgrader.nbgraderformat.v3 import MetadataValidatorV3
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from informal_ict.assignments.cells import find_cell, graded_cells
from informal_ict.assignments.errors import AssignmentError, describe
from informal_ict.assignments.hidden_tests import HiddenCheck, read_hidden_check, read_marking, write_out
from informal_ict.assignments.rubrics import RUBRIC, Rubric, mark_scheme, read_rubric
from informal_ict.paths import ASSIGNMENTS
from informal_ict.reading import first_problem, read_text

GRADE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PRINTED_POINTS = re.compile(r"\((\d+) points?\)")
PRINTED_TOTAL = re.compile(r"Total: (\d+) points")
PRINTED_MINUTES = re.compile(r"About (\d+) minutes")
SOLUTION_MARKER = re.compile(r"^.*### (BEGIN|END) SOLUTION.*\n?", re.MULTILINE)
MARK_SCHEME = "=== BEGIN MARK SCHEME ===\n=== END MARK SCHEME ==="

# The one answer that carries no marks: the locked cell after it says what is wrong with it.
STUDENT_NUMBER = "student-number"


class Header(BaseModel):
    """What a source says about itself in its front matter, under ``assignment``.

    Attributes:
        title: shown to students.
        summary: one sentence on what students do, for the syllabus.
        minutes: how long a beginner needs.
        data: names of files in ``data/`` that students get.
        files: names of files beside the source that students get.
        cases: boundary cases that students play in the notebook.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    summary: str = Field(min_length=20)
    minutes: int = Field(gt=0, lt=90)
    data: list[str]
    files: list[str] = []
    cases: list[str] = []


@dataclass(frozen=True)
class Assignment:
    """A source that passed every check.

    Attributes:
        slug: its name, which is also the name of its folder and its notebook.
        header: what it says about itself.
        notebook: the instructor's version, with solutions, hidden tests and mark schemes written out.
        points: points by grade id of every test and task, in order.
        tests: grade id of the test by grade id of the answer.
        checks: the hidden check by grade id of the test.
        tasks: grade ids of the tasks, which a person marks.
        rubric: what that person looks for.
        marking: text of the module that the checks are in.
    """

    slug: str
    header: Header
    notebook: NotebookNode
    points: Mapping[str, int]
    tests: Mapping[str, str]
    checks: Mapping[str, HiddenCheck]
    tasks: tuple[str, ...]
    rubric: Rubric
    marking: str

    @property
    def student_number(self) -> str:
        """Grade id of the cell that holds the student number."""
        return f"{self.slug}-{STUDENT_NUMBER}"

    @property
    def total(self) -> int:
        """All points together."""
        return sum(self.points.values())

    def solution(self, grade_id: str) -> str:
        """Give the reference solution of one answer cell, without the markers around it."""
        return SOLUTION_MARKER.sub("", find_cell(self.notebook, grade_id).source).strip("\n")


def read_assignments(folder: Path = ASSIGNMENTS) -> list[Assignment]:
    """Read every assignment of the course.

    Raises:
        AssignmentError: if one of them cannot be used, or two of them share a grade id.
    """
    assignments = [
        read_assignment(source.parent)
        for source in sorted(folder.glob("*/*.md"))
        if source.stem != "teaching-note"
    ]
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
    notebook = read_notebook(path)
    try:
        header = Header.model_validate(notebook.metadata.pop("assignment", None))
    except ValidationError as error:
        raise AssignmentError(f"{path}: front matter, assignment: {first_problem(error)}") from error
    check_file_names(header, path)
    name_cells(notebook, slug)
    check_ids(notebook, path, slug)
    tests = pair_answers_with_tests(notebook, path, slug)
    points = check_points(notebook, path, header.minutes)
    tasks = tuple(
        cell.metadata.nbgrader.grade_id
        for _, cell in graded_cells(notebook)
        if cell.metadata.nbgrader.get("task", False)
    )
    check_solutions(notebook, path, tests)
    rubric = read_rubric(folder) if tasks else Rubric(tasks={})
    write_mark_schemes(notebook, path, rubric, {task: points[task] for task in tasks})
    marking = read_marking(folder)
    checks = {}
    for test in tests.values():
        cell = find_cell(notebook, test)
        checks[test] = read_hidden_check(path, test, cell.source, marking)
        cell.source = write_out(cell.source, checks[test], marking)
    nbformat.validate(notebook)
    return Assignment(slug, header, notebook, points, tests, checks, tasks, rubric, marking)


def read_notebook(path: Path) -> NotebookNode:
    """Read a MyST source as a notebook that is not paired with it.

    Raises:
        AssignmentError: if its front matter or the options of a cell are not YAML, or a cell does not end.
    """
    text = read_text(path)
    try:
        notebook: NotebookNode = jupytext.reads(text, fmt="md:myst")
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        raise AssignmentError(f"{path}: not a MyST notebook: {error}") from error
    notebook.metadata.pop("jupytext", None)
    return notebook


def check_file_names(header: Header, path: Path) -> None:
    """Check that what students get is named by plain file names, so that nothing else can slip in.

    Raises:
        AssignmentError: if a name has a folder in it, or is not there.
    """
    for name in [*header.data, *header.files]:
        if Path(name).name != name or name.startswith("."):
            raise AssignmentError(f"{path}: front matter, assignment: '{name}' is not a plain file name.")
    for name in header.files:
        if not (path.parent / name).is_file():
            raise AssignmentError(f"{path}: front matter, assignment: '{name}' is not beside it.")


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


def check_points(notebook: NotebookNode, path: Path, minutes: int) -> dict[str, int]:
    """Check that the points and the time a student reads are those that count.

    Returns:
        Points by grade id of every test and task, in order.

    Raises:
        AssignmentError: if a prompt, the total or the time prints something else.
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
    times = [told for cell in notebook.cells for told in PRINTED_MINUTES.findall(cell.source)]
    if times != [str(minutes)]:
        told = " and ".join(times) or "no"
        raise AssignmentError(f"{path}: it takes {minutes} minutes, but the notebook prints {told} minutes.")
    return points


def check_solutions(notebook: NotebookNode, path: Path, tests: Mapping[str, str]) -> None:
    """Check that every answer has a solution to remove.

    Raises:
        AssignmentError: if one has not, or if the markers do not come in pairs.
    """
    for grade_id in tests:
        source = find_cell(notebook, grade_id).source
        if (source.count("BEGIN SOLUTION"), source.count("END SOLUTION")) != (1, 1):
            raise AssignmentError(
                describe(path, grade_id, "it needs one BEGIN SOLUTION and one END SOLUTION.")
            )


def write_mark_schemes(notebook: NotebookNode, path: Path, rubric: Rubric, tasks: Mapping[str, int]) -> None:
    """Put the rubric of every task where nbgrader shows it to markers and takes it from students.

    Args:
        notebook: changed in place.
        path: the source, for messages.
        rubric: of this assignment.
        tasks: points by grade id of the task.

    Raises:
        AssignmentError: if tasks and rubric differ in names or points, or the place is not marked once.
    """
    for grade_id in {*tasks, *rubric.tasks}:
        if grade_id not in rubric.tasks:
            raise AssignmentError(describe(path.with_name(RUBRIC), grade_id, "the task has no rubric."))
        if grade_id not in tasks:
            raise AssignmentError(
                describe(path.with_name(RUBRIC), grade_id, "there is no task of this name.")
            )
        task = rubric.tasks[grade_id]
        if task.points != tasks[grade_id]:
            message = f"its criteria add up to {task.points} points, and the task is worth {tasks[grade_id]}."
            raise AssignmentError(describe(path.with_name(RUBRIC), grade_id, message))
        cell = find_cell(notebook, grade_id)
        if cell.source.count(MARK_SCHEME) != 1:
            message = "it needs one empty MARK SCHEME, a line BEGIN and a line END; rubric.yml fills it."
            raise AssignmentError(describe(path, grade_id, message))
        begin, end = MARK_SCHEME.splitlines()
        cell.source = cell.source.replace(MARK_SCHEME, f"{begin}\n\n{mark_scheme(task)}\n\n{end}")
