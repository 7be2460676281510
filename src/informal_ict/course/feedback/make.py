"""Feedback for a class: a page for each student and notebook, where nbgrader puts feedback."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets.config.loader import Config, PyFileConfigLoader

from informal_ict.course.feedback.hide_marking import HideMarking
from informal_ict.course.feedback.marks import GetMarks
from informal_ict.course.feedback.page import FeedbackExporter
from informal_ict.errors import InputError

CONFIG_FILE = "nbgrader_config.py"
TIMESTAMP = "timestamp.txt"


class FeedbackPages(GenerateFeedback):
    """nbgrader's step, with our page, and without copies of what the student handed in beside it.

    A copy would show the student nothing new, and a page or a link among it could do harm.
    """

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Keep the time of handing in, by which nbgrader sees that feedback is out of date."""
        source = Path(self._format_source(assignment_id, student_id), TIMESTAMP)
        target = Path(self._format_dest(assignment_id, student_id))
        target.mkdir(parents=True, exist_ok=True)
        if source.is_file() and not source.is_symlink():
            copyfile(source, target / TIMESTAMP)


@dataclass(frozen=True)
class Given:
    """What became of the feedback for one student.

    Attributes:
        assignment: of which assignment.
        student: for whom.
        written: the pages that were made.
        problem: why none could be made, if so.
    """

    assignment: str
    student: str
    written: tuple[Path, ...]
    problem: str = ""


def load_course(course: Path) -> tuple[Config, CourseDirectory]:
    """Read the settings of any nbgrader course.

    Raises:
        InputError: if there is no gradebook, so that nothing was marked yet.
    """
    course = course.resolve()
    if not course.is_dir():
        raise InputError(f"{course}: there is no such folder; name the folder of an nbgrader course")
    config = Config()
    if (course / CONFIG_FILE).exists():
        config = PyFileConfigLoader(CONFIG_FILE, path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    directory = CourseDirectory(config=config)
    database = str(directory.db_url).removeprefix("sqlite:///")
    if directory.db_url != database and not Path(database).exists():
        raise InputError(f"{database}: there is no gradebook; nbgrader autograde makes it")
    return config, directory


def marked(directory: CourseDirectory, assignment: str = "*", student: str = "*") -> list[tuple[str, str]]:
    """The assignment and student of everything that the computer has marked, in order."""
    pattern = directory.format_path(directory.autograded_directory, student, assignment)
    places = list(Path(directory.format_path(directory.autograded_directory, "S", "A")).parts)
    at_student, at_assignment = places.index("S"), places.index("A")
    folders = Path("/").glob(str(pattern).lstrip("/"))
    return sorted(
        (folder.parts[at_assignment], folder.parts[at_student]) for folder in folders if folder.is_dir()
    )


def make_feedback(
    course: Path, assignments: Sequence[str] = (), students: Sequence[str] = (), force: bool = False
) -> list[Given]:
    """Make the pages of feedback.

    Args:
        course: folder of an nbgrader course, ours or another.
        assignments: which; all that were marked if none is named.
        students: whose; everybody's if nobody is named.
        force: also make pages anew that are there and belong to the same submission.

    Returns:
        What became of each submission. One that fails stops no other.

    Raises:
        InputError: if there is nothing to give feedback on, or something named is not there.
    """
    config, directory = load_course(course)
    found = marked(directory)
    for name, known in (("assignment", {a for a, _ in found}), ("student", {s for _, s in found})):
        named = assignments if name == "assignment" else students
        if missing := [one for one in named if one not in known]:
            raise InputError(f"{directory.root}: nothing of {name} {', '.join(missing)} was autograded yet")
    wanted = [
        (assignment, student)
        for assignment, student in found
        if (not assignments or assignment in assignments) and (not students or student in students)
    ]
    if not wanted:
        raise InputError(f"{directory.root}: nothing was autograded yet, so there is nothing to give back")
    return [_give(config, assignment, student, force) for assignment, student in wanted]


def _give(config: Config, assignment: str, student: str, force: bool) -> Given:
    config = Config(config)
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = student
    config.FeedbackPages.preprocessors = [GetMarks, HideMarking]
    config.FeedbackPages.exporter_class = FeedbackExporter
    directory = CourseDirectory(config=config)
    target = Path(directory.format_path(directory.feedback_directory, student, assignment))
    before = _pages(target)
    converter = FeedbackPages(coursedir=directory, config=config, force=force)  # type: ignore[no-untyped-call]
    result = capture_log(converter)  # type: ignore[no-untyped-call]
    after = _pages(target)
    written = tuple(page for page, time in after.items() if before.get(page) != time)
    problem = "" if result["success"] else _reason(result)
    return Given(assignment, student, written, problem)


def _pages(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in sorted(folder.glob("*.html"))}


def _reason(result: dict[str, str]) -> str:
    """The last line of what nbgrader caught, which names the fault."""
    lines = [line for line in result.get("log", "").splitlines() if line.strip()]
    faults = [line.strip() for line in lines if "Error:" in line or "Exception:" in line]
    return faults[-1] if faults else "\n".join(lines[-3:])
