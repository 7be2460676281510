"""An nbgrader course that was marked: a real gradebook and autograded notebooks, made without a kernel."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import nbformat
import nbgrader
from alembic.script import ScriptDirectory
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook

ASSIGNMENT, NOTEBOOK = "survey", "counts"
TASK = "meaning"
HIDDEN = "assert share == 1 - hidden_share_of_everybody_else_in_the_sample, 'Divide by the people asked.'"
MARK_SCHEME = """\
- A note for markers only.

**1. Finding**

- 2: Names a number and of whom.
- 1: Names a number.
- 0: Names none.

**2. What follows**

- 2: One thing that follows.
- 1: One thing so general that it fits anything.
- 0: Nothing.

**A strong answer: 2 + 2 = 4 points**

> An exemplar that no student may read.

It says of whom."""


@dataclass
class Submission:
    """What one student earned, and what the marked notebook holds.

    Attributes:
        student: name of the folder.
        scores: points by grade id; what is not named earns all.
        messages: what the check said, by grade id of the test.
        comments: of the marker, by grade id.
        blank: grade ids of answers that were left as they were.
        answer: text under the task.
        cells: more cells at the end, as they came.
        unread: whether the task has still to be marked.
        penalty: points off for lateness.
        metadata: of the notebook.
    """

    student: str
    scores: Mapping[str, float] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    blank: frozenset[str] = frozenset()
    answer: str = "It is **two**."
    cells: Sequence[NotebookNode] = ()
    unread: bool = False
    penalty: float = 0
    metadata: Mapping[str, object] = field(default_factory=dict)


def about(grade_id: str, **flags: object) -> dict[str, object]:
    standard = {"grade": False, "solution": False, "task": False, "locked": False, "schema_version": 3}
    return {"nbgrader": {**standard, "grade_id": grade_id, **flags}}


def make_course(folder: Path, submissions: Iterable[Submission], tests: Sequence[str] = ("share",)) -> Path:
    """Make a course of one assignment: a test worth 2 points for each name, and a task worth 4."""
    with version_known(), Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment(ASSIGNMENT)
        gradebook.add_notebook(NOTEBOOK, ASSIGNMENT)
        place = (NOTEBOOK, ASSIGNMENT)
        for test in tests:
            gradebook.add_solution_cell(test, *place)
            gradebook.add_grade_cell(f"test-{test}", *place, max_score=2, cell_type="code")
        gradebook.add_task_cell(TASK, *place, max_score=4, cell_type="markdown")
        gradebook.add_source_cell(TASK, *place, cell_type="markdown", source=task_source())
        for submission in submissions:
            record(gradebook, submission, tests)
            home = folder / "autograded" / submission.student / ASSIGNMENT
            home.mkdir(parents=True)
            nbformat.write(marked_notebook(submission, tests), home / f"{NOTEBOOK}.ipynb")
    return folder


def version_known() -> AbstractContextManager[object]:
    """Tell nbgrader the version of its tables, for which it would start a command that takes seconds."""
    scripts = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic"))
    return patch("nbgrader.api.get_alembic_version", lambda: scripts.get_current_head())


def record(gradebook: Gradebook, submission: Submission, tests: Sequence[str]) -> None:
    gradebook.add_student(submission.student)
    gradebook.add_submission(ASSIGNMENT, submission.student)
    notebook = gradebook.find_submission_notebook(NOTEBOOK, ASSIGNMENT, submission.student)
    notebook.late_submission_penalty = submission.penalty
    for grade in notebook.grades:
        score = submission.scores.get(grade.name, grade.max_score)
        if grade.name == TASK:
            grade.manual_score = None if submission.unread else score
            grade.needs_manual_grade = submission.unread
        else:
            grade.auto_score = score
            grade.needs_manual_grade = False
    for comment in notebook.comments:
        comment.manual_comment = submission.comments.get(comment.name)
        if comment.name in submission.blank:
            comment.auto_comment = "No response."
    gradebook.db.commit()


def marked_notebook(submission: Submission, tests: Sequence[str]) -> NotebookNode:
    cells = [new_markdown_cell("# Counts\n\nAbout ten minutes.")]
    for number, test in enumerate(tests, 1):
        cells.append(new_markdown_cell(f"## {number}. The {test} (2 points)\n\nWhat is the {test}?"))
        cells.append(new_code_cell(f"{test} = 0.5  # of everybody", metadata=about(test, solution=True)))
        cells.append(check_cell(test, submission))
    cells.append(new_markdown_cell(task_source(), metadata=about(TASK, task=True, locked=True, points=4)))
    cells.append(new_markdown_cell(submission.answer))
    cells += submission.cells
    language = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    return new_notebook(cells=cells, metadata={**language, **submission.metadata})


def check_cell(test: str, submission: Submission) -> NotebookNode:
    name = f"test-{test}"
    source = f'assert {test}, "Write a number."\n### BEGIN HIDDEN TESTS\n{HIDDEN}\n### END HIDDEN TESTS'
    cell = new_code_cell(source, metadata=about(name, grade=True, locked=True, points=2))
    if message := submission.messages.get(name):
        ename, _, evalue = message.partition(": ")
        traceback = ["\x1b[31m-----\x1b[0m", f"----> 3 {HIDDEN}", message]
        cell.outputs = [new_output("error", ename=ename, evalue=evalue, traceback=traceback)]
    return cell


def task_source() -> str:
    return (
        "## What it means (4 points)\n\nTwo sentences.\n\n"
        f"=== BEGIN MARK SCHEME ===\n\n{MARK_SCHEME}\n\n=== END MARK SCHEME ==="
    )
