"""Make the nbgrader course from the assignment sources.

``source/``, ``release/``, ``release-zips/`` and ``instructor-guide/`` are made anew each time. The gradebook,
the configuration and everything that came from students stay. New points or data apply to work already handed
in when it is next marked, so a course is best rebuilt before an assignment goes out.
"""

import os
import shutil
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets.config.loader import Config, PyFileConfigLoader

from informal_ict.assignments.errors import AssignmentError
from informal_ict.assignments.source import Assignment, read_assignments
from informal_ict.course.guide import guide_html
from informal_ict.errors import InputError
from informal_ict.files import write_atomically
from informal_ict.paths import ASSIGNMENTS, COURSE, DATA
from informal_ict.vignettes.case_file import write_case_files

CONFIG_FILE = "nbgrader_config.py"
CONFIG = '''\
"""nbgrader's settings for this course. Made once by informal-ict; yours to change."""

from nbgrader.converters.autograde import Autograde

from informal_ict.course.feedback import HideMarking
from informal_ict.course.feedback.formgrader import show_submissions_safely
from informal_ict.course.feedback.marks import GetMarks
from informal_ict.course.feedback.page import FeedbackExporter
from informal_ict.course.restore import RestoreCells

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "informal-ict"

# What a student finds in place of a solution.
c.ClearSolutions.code_stub = {
    "python": 'raise NotImplementedError("Write your answer here, then delete this line.")'
}
c.ClearSolutions.text_stub = "*Write your answer here, and delete this line.*"

# Without this, a cell tagged skip-execution leaves no error behind and earns full marks.
c.Execute.skip_cells_with_tag = ""

# A deleted, copied, moved or renamed cell neither stops a run nor costs marks in silence.
c.Autograde.sanitize_preprocessors = [RestoreCells, *Autograde.sanitize_preprocessors.default()]

# A marked notebook is not needed alive; waiting for a polite goodbye takes a fifth of the time.
c.Execute.shutdown_kernel = "immediate"

# Feedback says what failed and why, and keeps hidden tests and mark schemes for the next class. No script of
# a submission runs in the page.
c.GenerateFeedback.preprocessors = [GetMarks, HideMarking]
c.GenerateFeedback.exporter_class = FeedbackExporter

# Nor does one run in formgrader, when Jupyter is started in this folder.
show_submissions_safely(c)
'''


class CourseError(InputError):
    """nbgrader refused to make the student version; the message holds its log."""


def build_course(target: Path = COURSE, assignments: Path = ASSIGNMENTS, data: Path = DATA) -> list[Path]:
    """Make an nbgrader course, or bring an existing one up to date.

    Every assignment is made aside first. Nothing is put in place unless all sources are good, and an
    assignment that the gradebook refuses stays as it was.

    Args:
        target: folder of the course.
        assignments: folder of the sources.
        data: folder of the data files that the sources name.

    Returns:
        The released folders.

    Raises:
        AssignmentError: if a source breaks a rule or names a data file that is not there.
        CourseError: if nbgrader refuses, for instance to add a cell to an assignment already handed in.
    """
    target = target.resolve()
    sources = read_assignments(assignments)
    target.mkdir(parents=True, exist_ok=True)
    if not (target / CONFIG_FILE).exists():
        write_atomically(target / CONFIG_FILE, CONFIG.encode())
    with TemporaryDirectory(prefix=".building-", dir=target) as folder:
        aside = Path(folder)
        for assignment in sources:
            write_source(assignment, aside / "source" / assignment.slug, assignments / assignment.slug, data)
        config = load_config(target, aside)
        # A rehearsal without the gradebook, so that a faulty source never touches it.
        for assignment in sources:
            generate(assignment.slug, config, rehearsal=True)
        for assignment in sources:
            generate(assignment.slug, config, rehearsal=False)
            archive = zip_release(aside, assignment.slug)
            guide = aside / "instructor-guide" / f"{assignment.slug}.html"
            write_atomically(guide, guide_html(assignment, assignments / assignment.slug).encode())
            release = aside / "release" / assignment.slug
            for made in (aside / "source" / assignment.slug, release, archive, guide):
                replace(target / made.relative_to(aside), made)
    return [target / "release" / assignment.slug for assignment in sources]


def write_source(assignment: Assignment, folder: Path, home: Path, data: Path) -> None:
    """Write the instructor's version of an assignment, with its files beside it.

    Args:
        assignment: what to write.
        folder: where to write it.
        home: the folder of its source, for the files that stand there.
        data: the folder of the data files.

    Raises:
        AssignmentError: if a data file is not there.
        InputError: if a case that students play has a fault, or is not there.
    """
    folder.mkdir(parents=True)
    for name in assignment.header.data:
        if not (data / name).is_file():
            raise AssignmentError(f"{assignment.slug}: the data file {data / name} is not there.")
        shutil.copyfile(data / name, folder / name)
    for name in assignment.header.files:
        shutil.copyfile(home / name, folder / name)
    write_case_files(assignment.header.cases, folder)
    text = nbformat.writes(assignment.notebook)
    (folder / f"{assignment.slug}.ipynb").write_text(text, encoding="utf-8")


def load_config(course: Path, aside: Path) -> Config:
    """Read the course's settings, for work aside with the course's own gradebook."""
    config: Config = PyFileConfigLoader(CONFIG_FILE, path=str(course)).load_config()
    config.CourseDirectory.root = str(aside)
    config.CourseDirectory.setdefault("db_url", f"sqlite:///{course / 'gradebook.db'}")
    return config


def generate(slug: str, config: Config, rehearsal: bool) -> None:
    """Let nbgrader make the student version of one assignment.

    Args:
        slug: the assignment.
        config: nbgrader's settings.
        rehearsal: make the files and leave the gradebook alone.

    Raises:
        CourseError: if nbgrader refuses.
    """
    config = Config(config)
    config.CourseDirectory.assignment_id = slug
    config.GenerateAssignment.no_database = rehearsal
    config.SaveCells.enabled = not rehearsal
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config, force=True)
    with scripts_on_path():
        result = capture_log(converter)  # type: ignore[no-untyped-call]
    if not result["success"]:
        raise CourseError(f"{slug}: nbgrader did not make the student version.\n{result.get('log', '')}")


@contextmanager
def scripts_on_path() -> Iterator[None]:
    """Let nbgrader find the `alembic` command, which it calls as if the environment were activated."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def zip_release(root: Path, slug: str) -> Path:
    """Pack a released folder, for a learning platform that takes one file."""
    archive = root / "release-zips" / slug
    return Path(shutil.make_archive(str(archive), "zip", root_dir=root / "release", base_dir=slug))


def replace(old: Path, new: Path) -> None:
    """Put a new file or folder where an old one may be."""
    old.parent.mkdir(exist_ok=True)
    if old.exists():
        old.rename(new.with_name(f"{new.name}.old"))
    new.rename(old)
