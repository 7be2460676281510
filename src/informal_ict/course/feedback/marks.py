"""What the gradebook holds about a submission: points, comments, penalty, and the criteria of its tasks."""

from dataclasses import dataclass, field
from typing import Any

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.preprocessors.base import NbGraderPreprocessor

from informal_ict.assignments.rubrics import Criterion
from informal_ict.course.feedback.hide_marking import REGION
from informal_ict.course.feedback.rubric import criteria_in

KEY = "marks"  # in resources["nbgrader"], where nothing from a submission comes


@dataclass(frozen=True)
class Mark:
    """What one graded cell earned.

    Attributes:
        grade_id: its name.
        points: the most that it earns.
        score: what it earned, extra credit included.
        unread: whether a person has still to mark it.
    """

    grade_id: str
    points: float
    score: float
    unread: bool

    @property
    def state(self) -> str:
        """One word for it: unread, full, part or none."""
        if self.unread:
            return "unread"
        if self.score >= self.points:
            return "full"
        return "part" if self.score > 0 else "none"


@dataclass(frozen=True)
class Sum:
    """Points in all, the penalty taken off."""

    score: float
    points: float
    penalty: float


@dataclass(frozen=True)
class Marks:
    """What the gradebook holds about one notebook of one student.

    Attributes:
        student: whose it is.
        assignment: of which assignment.
        notebook: its name.
        by_cell: each graded cell, by grade id.
        comments: comments, by grade id of the cell under which they stand.
        total: of this notebook.
        whole: of all notebooks of the assignment, if there are several.
        criteria: of each task with criteria, by grade id.
    """

    student: str
    assignment: str
    notebook: str
    by_cell: dict[str, Mark]
    comments: dict[str, str]
    total: Sum
    whole: Sum | None
    criteria: dict[str, list[Criterion]] = field(default_factory=dict)


class GetMarks(NbGraderPreprocessor):
    """The first step of feedback: look up the marks, before mark schemes are taken out of the notebook."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Leave the marks where the page is made."""
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            found = gradebook.find_submission_notebook(
                about["notebook"], about["assignment"], about["student"]
            )
            about[KEY] = read_marks(gradebook, found)
        return nb, resources


def read_marks(gradebook: Gradebook, found: SubmittedNotebook) -> Marks:
    """Read what a gradebook holds about one notebook of one student."""
    submission: Any = found.assignment  # nbgrader's tables have no types that fit
    by_cell = {
        grade.name: Mark(grade.name, grade.max_score or 0, grade.score or 0, bool(grade.needs_manual_grade))
        for grade in found.grades
    }
    own: Any = found
    penalty = own.late_submission_penalty or 0
    several = len(submission.notebooks) > 1
    whole_penalty = submission.late_submission_penalty or 0
    notebook, assignment = found.name, submission.assignment.name
    criteria: dict[str, list[Criterion]] = {}
    for cell in found.notebook.task_cells:
        try:
            source = str(gradebook.find_source_cell(cell.name, notebook, assignment).source or "")
        except MissingEntry:
            continue  # a gradebook that nbgrader's commands did not make may hold none
        schemes = [match["body"] for match in REGION.finditer(source) if match["kind"] == "MARK SCHEME"]
        if listed := criteria_in("\n".join(schemes)):
            criteria[cell.name] = listed
    return Marks(
        student=submission.student.id,
        assignment=assignment,
        notebook=notebook,
        by_cell=by_cell,
        comments={comment.name: comment.comment for comment in found.comments if comment.comment},
        total=Sum(own.score - penalty, own.max_score, penalty),
        whole=Sum(submission.score - whole_penalty, submission.max_score, whole_penalty) if several else None,
        criteria=criteria,
    )
