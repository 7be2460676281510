"""Answers that an assignment is tried on, with the marks they must earn: ``answers/*.yml``."""

import copy
from pathlib import Path
from typing import Literal

from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, ValidationError

from informal_ict.assignments.cells import find_cell
from informal_ict.assignments.errors import AssignmentError, describe
from informal_ict.assignments.source import Assignment
from informal_ict.errors import InputError
from informal_ict.reading import read_yaml


class Answer(BaseModel):
    """One way of doing an assignment, and the tests that it must fail.

    Attributes:
        title: what the answer does, in words.
        kind: what it is there to show.
        student_number: whose sample it works on.
        cells: source by grade id of the answer cell; the others are taken from the reference.
        loses: grade ids of the tests whose marks it loses; it earns all the others.
        rests_on: grade ids of earlier answer cells. The mistake shows only where they are right, since a
            question takes earlier answers as given: a percentage of everyone is right if everyone was
            counted as the base.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    kind: Literal["reference", "blank", "right", "misconception"]
    student_number: int | str = "1009876543"
    cells: dict[str, str] = {}
    loses: list[str] = []
    rests_on: list[str] = []


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
    for grade_id in (*answer.cells, *answer.rests_on):
        if grade_id not in assignment.tests:
            raise AssignmentError(
                describe(path, grade_id, f"{assignment.slug} has no answer cell of this name.")
            )
    for grade_id, source in answer.cells.items():
        if not source.strip():
            raise AssignmentError(describe(path, grade_id, "the answer is empty; write 'pass' for nothing."))
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
    if answer.rests_on and answer.kind != "misconception":
        raise AssignmentError(f"{path}: rests_on: only a misconception rests on earlier answers.")
    if answer.kind == "blank" and (answer.cells or set(answer.loses) != tests):
        raise AssignmentError(f"{path}: a blank answer has no cells and loses every test.")
    return answer


def expected_marks(assignment: Assignment, answer: Answer) -> dict[str, int]:
    """Give the marks that the computer must give to an answer, by grade id of the test."""
    return {
        test: 0 if test in answer.loses else assignment.points[test] for test in assignment.tests.values()
    }


def fill_in(assignment: Assignment, released: NotebookNode, answer: Answer) -> NotebookNode:
    """Do what a student does: write an answer into a copy of the released notebook."""
    notebook = copy.deepcopy(released)
    if answer.kind == "blank":
        return notebook
    find_cell(notebook, assignment.student_number).source = f"student_number = {answer.student_number!r}"
    for grade_id in assignment.tests:
        find_cell(notebook, grade_id).source = answer.cells.get(grade_id, assignment.solution(grade_id))
    return notebook
