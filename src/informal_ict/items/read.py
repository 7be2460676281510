"""What a gradebook and the marked notebooks tell about each question of an assignment."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory

from informal_ict.assignments.cells import graded_cells
from informal_ict.course.check import read_notebook
from informal_ict.course.feedback.hide_marking import without_colours
from informal_ict.course.feedback.make import load_course
from informal_ict.course.feedback.page import question_titles
from informal_ict.errors import InputError

NO_RESPONSE = "No response."  # nbgrader's comment on an answer that is as it was handed out
LONGEST = 240  # letters of a message


@dataclass(frozen=True)
class Item:
    """One question.

    Attributes:
        notebook: where it stands.
        grade_id: of its graded cell.
        title: the heading above it.
        points: what it is worth.
        by_person: whether it is a task that a person marks.
        scores: points of each student, in the order of all items; None where it is still to be marked.
        messages: how many students each message of the check was for.
        blank: how many left the answer as it was handed out; None where nbgrader does not record it.
        seconds: computing time of the check for each student, where the notebook tells.
    """

    notebook: str
    grade_id: str
    title: str
    points: float
    by_person: bool
    scores: tuple[float | None, ...]
    messages: Counter[str]
    blank: int | None
    seconds: tuple[float, ...]


@dataclass(frozen=True)
class Results:
    """An assignment as a class did it.

    Attributes:
        assignment: its name.
        students: how many handed it in and were marked by the computer.
        items: its questions, in order.
        unreadable: how many marked notebooks could not be read, so that their messages are missing.
    """

    assignment: str
    students: int
    items: tuple[Item, ...]
    unreadable: int


@dataclass
class _Gathered:
    """What is gathered about one question while going through the class."""

    points: float
    by_person: bool
    scores: list[float | None] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)
    titles: Counter[str] = field(default_factory=Counter)
    places: list[int] = field(default_factory=list)
    blank: int = 0
    answers: bool = False
    seconds: list[float] = field(default_factory=list)


def read_results(course: Path, assignment: str) -> Results:
    """Read how an assignment went.

    Args:
        course: folder of any nbgrader course.
        assignment: its name.

    Raises:
        InputError: if the course or the assignment is not there, or nothing of it was marked yet.
    """
    _, directory = load_course(course)
    with Gradebook(directory.db_url) as gradebook:
        try:
            found = gradebook.find_assignment(assignment)
        except MissingEntry:
            names = ", ".join(sorted(str(one.name) for one in gradebook.assignments)) or "none"
            raise InputError(
                f"{directory.root}: the gradebook has no assignment '{assignment}'; it has {names}"
            ) from None
        submissions = sorted(found.submissions, key=lambda one: str(one.id))  # an order that names nobody
        if not submissions:
            raise InputError(f"{directory.root}: nothing of '{assignment}' was marked yet")
        items: list[Item] = []
        unreadable = 0
        for name in sorted(notebook.name for notebook in found.notebooks):
            gathered: dict[str, _Gathered] = {}
            for submission in submissions:
                notebook = next(one for one in submission.notebooks if one.name == name)
                _count_scores(notebook, gathered)
                path = _marked_file(directory, submission.student.id, assignment, name)
                unreadable += not _count_notebook(path, notebook, gathered)
            items += _in_order(name, gathered)
    return Results(assignment, len(submissions), tuple(items), unreadable)


def _marked_file(directory: CourseDirectory, student: str, assignment: str, notebook: str) -> Path:
    folder = directory.format_path(directory.autograded_directory, student, assignment)
    return Path(folder, f"{notebook}.ipynb")


def _count_scores(notebook: SubmittedNotebook, gathered: dict[str, _Gathered]) -> None:
    for grade in notebook.grades:
        points = float(grade.max_score or 0)
        by_person = grade.cell.type == "TaskCell" or grade.auto_score is None
        item = gathered.setdefault(grade.name, _Gathered(points, by_person))
        earned = float(grade.score or 0) - float(grade.extra_credit or 0)
        item.scores.append(None if grade.needs_manual_grade else earned)


def _count_notebook(path: Path, notebook: SubmittedNotebook, gathered: dict[str, _Gathered]) -> bool:
    """Count what the marked file tells, and say whether it could be read."""
    try:
        content = read_notebook(path)
    except InputError:
        return False
    blank = {comment.name for comment in notebook.comments if comment.auto_comment == NO_RESPONSE}
    titles = question_titles(content)
    answers: list[str] = []
    for place, cell in graded_cells(content):
        about = cell.metadata.nbgrader
        name = str(about.get("grade_id", ""))
        if about.get("solution"):
            answers.append(name)
        if name not in gathered:
            continue
        item = gathered[name]
        item.places.append(place)
        item.titles[titles.get(name, name)] += 1
        item.answers = item.answers or bool(answers)
        item.blank += bool(answers) and blank.issuperset(answers)
        answers = []
        if cell.cell_type == "code":
            item.messages.update(set(_messages(cell)))
            if (took := _seconds(cell)) is not None:
                item.seconds.append(took)
    return True


def _messages(cell: NotebookNode) -> list[str]:
    """What the check said: the message of a failed one, or the kind of error that stopped it."""
    said = []
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            text = " ".join(without_colours(str(output.evalue)).split())
            is_message = output.ename == "AssertionError" and text
            said.append(text if is_message else f"The check stopped with {output.ename}.")
    return [text if len(text) <= LONGEST else f"{text[:LONGEST]}…" for text in said]


def _seconds(cell: NotebookNode) -> float | None:
    """How long a cell ran, which Jupyter may note in its metadata."""
    times = cell.metadata.get("execution", {})
    start, end = (times.get(key) for key in ("iopub.execute_input", "shell.execute_reply"))
    try:
        return (_time(end) - _time(start)).total_seconds()
    except (TypeError, ValueError, AttributeError):
        return None  # not noted


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _in_order(notebook: str, gathered: dict[str, _Gathered]) -> list[Item]:
    places = {name: min(one.places, default=10**6) for name, one in gathered.items()}
    titles: dict[str, int] = defaultdict(int)
    items = []
    for name in sorted(gathered, key=lambda name: (places[name], name)):
        one = gathered[name]
        if one.points <= 0:
            continue  # it counts for nothing
        ((title, _),) = one.titles.most_common(1) or [(name, 1)]
        titles[title] += 1
        items.append(
            Item(
                notebook=notebook,
                grade_id=name,
                title=title if titles[title] == 1 else f"{title} ({name})",
                points=one.points,
                by_person=one.by_person,
                scores=tuple(one.scores),
                messages=one.messages,
                blank=one.blank if one.answers else None,
                seconds=tuple(one.seconds),
            )
        )
    return items
