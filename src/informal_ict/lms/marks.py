"""The marks of one assignment, and the class, in nbgrader's gradebook."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import Config, PyFileConfigLoader

from informal_ict.errors import InputError
from informal_ict.lms.roster import Student

CONFIG_FILE = "nbgrader_config.py"


@dataclass(frozen=True)
class Marks:
    """The marks of one assignment.

    Attributes:
        assignment: its name in the course.
        most: the points it can earn.
        points: what students earned, by key, with late penalties taken off.
        unfinished: whose work still needs a person's marks; their points are those so far.
        unmarked: who handed in and has no marks at all.
        outdated: who handed in again after the work with these marks.
    """

    assignment: str
    most: float
    points: dict[str, float]
    unfinished: frozenset[str]
    unmarked: frozenset[str]
    outdated: frozenset[str]


@contextmanager
def open_gradebook(course: Path) -> Iterator[Gradebook]:
    """Open the gradebook that a course's settings name.

    Raises:
        InputError: if the folder is no course, or its gradebook is not there.
    """
    course = course.resolve()
    if not course.is_dir():
        raise InputError(f"{course}: there is no such folder; name the course with --course")
    config = Config()
    if (course / CONFIG_FILE).exists():
        config = PyFileConfigLoader(CONFIG_FILE, path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    settings = CourseDirectory(config=config)
    url = settings.db_url
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not file.exists():
        raise InputError(f"{file}: the gradebook is not there; make the course first, or check --course")
    with Gradebook(url, settings.course_id) as gradebook:
        yield gradebook


def read_marks(gradebook: Gradebook, assignment: str, course: Path) -> Marks:
    """Read the marks of one assignment.

    Args:
        gradebook: nbgrader's.
        assignment: its name.
        course: the folder of the course, where work without marks and newer work is found.

    Raises:
        InputError: if the gradebook does not have the assignment.
    """
    try:
        most = cast(float, gradebook.find_assignment(assignment).max_score)
    except MissingEntry:
        names = ", ".join(sorted(str(one.name) for one in gradebook.assignments)) or "none"
        raise InputError(f"the gradebook has no assignment {assignment}; it has {names}") from None
    submissions = gradebook.assignment_submissions(assignment)  # type: ignore[no-untyped-call]
    there = handed_in(course, assignment)
    points = {
        one.student.id: max(0.0, one.score - (one.late_submission_penalty or 0.0)) for one in submissions
    }
    return Marks(
        assignment=assignment,
        most=most,
        points=points,
        unfinished=frozenset(one.student.id for one in submissions if one.needs_manual_grade),
        unmarked=frozenset(there.keys() - points.keys()),
        outdated=frozenset(
            one.student.id for one in submissions if _older(one.timestamp, there, one.student.id)
        ),
    )


def handed_in(course: Path, assignment: str) -> dict[str, datetime | None]:
    """Whose work on an assignment is in the course, and when it was handed in, where that is known."""
    settings = CourseDirectory()
    return {
        folder.parent.name: settings.get_existing_timestamp(str(folder))
        for folder in sorted((course / "submitted").glob(f"*/{assignment}"))
    }


def _older(marked: datetime | None, there: Mapping[str, datetime | None], student: str) -> bool:
    """Whether the work that was marked is older than what is in the course; in both, times are in UTC."""
    now = there.get(student)
    return now is not None and (marked is None or marked < now)


def import_students(gradebook: Gradebook, roster: Sequence[Student], names: bool, emails: bool) -> list[str]:
    """Put the class into the gradebook. Nobody is removed, and marks stay.

    Args:
        gradebook: nbgrader's.
        roster: the class.
        names: also store names, which the formgrader shows.
        emails: also store addresses, which nothing in marking needs.

    Returns:
        Who is in the gradebook and not on the roster.
    """
    for student in roster:
        details: dict[str, Any] = {}
        if names:
            details |= {"first_name": student.first_name or None, "last_name": student.last_name or None}
        if emails:
            details |= {"email": student.email or None}
        gradebook.update_or_create_student(student.key, **details)
    known = {student.key for student in roster}
    return sorted({str(one.id) for one in gradebook.students} - known)
