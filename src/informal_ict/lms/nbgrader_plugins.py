"""The learning platforms at nbgrader's own slots: ``nbgrader export`` and ``nbgrader zip_collect``.

In ``nbgrader_config.py``, or as options of the command::

    c.ExportApp.plugin_class = "informal_ict.lms.nbgrader_plugins.CanvasExport"
    c.CanvasExport.template = "gradebook.csv"

    c.ZipCollectApp.collector_plugin = "informal_ict.lms.nbgrader_plugins.CanvasFileNames"
    c.CanvasFileNames.roster = "gradebook.csv"

``nbgrader zip_collect`` unpacks with the stock extractor, which has no limits and looks into every archive;
``informal-ict lms collect`` does what it does, with limits, a plan and nothing overwritten.
"""

from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any, ClassVar, NoReturn
from zoneinfo import ZoneInfo

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin, FileNameCollectorPlugin
from traitlets import Bool, Unicode

from informal_ict.errors import InputError
from informal_ict.files import write_atomically
from informal_ict.lms.archive import Entry
from informal_ict.lms.downloads import read_upload
from informal_ict.lms.grade_files import Wanted, fill
from informal_ict.lms.marks import read_marks
from informal_ict.lms.matching import match_people
from informal_ict.lms.notebook_names import is_notebook, meant
from informal_ict.lms.plan import TIMESTAMP_FORMAT, assignment_notebooks
from informal_ict.lms.platforms import Lms
from informal_ict.lms.roster import read_roster
from informal_ict.lms.tables import read_table


class GradesExport(ExportPlugin):
    """Fill the file that a platform exports; the subclasses say which platform."""

    lms: ClassVar[Lms]
    template = Unicode("", help="the file that the platform exported").tag(config=True)
    column = Unicode("", help="the column to fill, if it is not named as the assignment").tag(config=True)
    key = Unicode("", help="the column that names students' folders").tag(config=True)
    include_unfinished = Bool(False, help="also marks of work that still needs a person").tag(config=True)
    scale = Bool(False, help="convert marks to the points that the platform gives").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the file that ``--to`` names, for the one assignment that ``--assignment`` names."""
        try:
            self._export(gradebook)
        except InputError as error:
            fail(self, error)

    def _export(self, gradebook: Gradebook) -> None:
        if len(self.assignment) != 1:
            raise InputError("name one assignment, such as --assignment crosstabs")
        if not self.template:
            raise InputError(f"name the file that {self.lms.value} exported: {type(self).__name__}.template")
        assignment = str(self.assignment[0]).strip("[]")  # nbgrader's help asks for the brackets
        course = Path(command(self).coursedir.root)
        marks = read_marks(gradebook, assignment, course)
        if self.student:
            chosen = {str(student) for student in self.student}
            points = {key: value for key, value in marks.points.items() if key in chosen}
            marks = replace(marks, points=points, unmarked=marks.unmarked & chosen)
        wanted = Wanted(self.column, self.key, self.include_unfinished, self.scale)
        made = fill(read_table(Path(self.template)), self.lms, marks, wanted)
        target = Path(self.to or f"{assignment}-{self.lms.value}.csv")
        if target.exists() and target.resolve() == Path(self.template).resolve():
            raise InputError(f"{target}: would overwrite the file that {self.lms.value} exported")
        write_atomically(target, made.content)
        self.log.info("Wrote %s marks to %s, column %s", made.filled, target, made.column)
        for student, text in (*made.changed, *made.left):
            self.log.warning("%s: %s", student, text)


class CanvasExport(GradesExport):
    """Marks for Canvas: its exported gradebook with one column filled."""

    lms = Lms.CANVAS


class MoodleExport(GradesExport):
    """Marks for Moodle: its grading worksheet, or a file for its gradebook."""

    lms = Lms.MOODLE


class BrightspaceExport(GradesExport):
    """Marks for Brightspace: identifiers, points and the sign at the end of a line."""

    lms = Lms.BRIGHTSPACE


class FileNames(FileNameCollectorPlugin):
    """Find the student in the names of a platform's download; the subclasses say which platform."""

    lms: ClassVar[Lms]
    roster = Unicode("", help="the class, as the platform exports it").tag(config=True)
    key = Unicode("", help="the column that names students' folders").tag(config=True)
    timezone = Unicode("", help="of the platform's clock, such as America/Toronto").tag(config=True)

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Say whose notebook an extracted file is; None if it is none, or nobody's on the roster.

        A name that two people share is not guessed, as far as one file can tell.
        """
        try:
            return self._collect(Path(submitted_file))
        except InputError as error:
            fail(self, error)

    def _collect(self, path: Path) -> dict[str, str] | None:
        if not self.roster:
            raise InputError(f"name the class as {self.lms.value} exports it: {type(self).__name__}.roster")
        entry = Entry(path.parts, 0, lambda: path.open("rb"))
        upload = read_upload(entry, self.lms)
        if upload is None or upload.typed or not is_notebook(upload.path[-1]):
            return None
        matched, reasons = match_people([upload], read_roster(Path(self.roster), self.lms, self.key), {})
        if upload.person in reasons:
            self.log.warning("%s: %s", upload.person, reasons[upload.person])
            return None
        settings = command(self).coursedir
        notebooks = assignment_notebooks(Path(settings.root), settings.assignment_id)
        notebook = meant(upload.path[-1], notebooks) or upload.path[-1]
        found = {"student_id": matched[upload.person].key, "file_id": Path(notebook).stem}
        if upload.time is not None and self.timezone:
            time = upload.time.replace(tzinfo=ZoneInfo(self.timezone)).astimezone(UTC)
            found["timestamp"] = time.strftime(TIMESTAMP_FORMAT)
        return found


class CanvasFileNames(FileNames):
    """Names in a download of submissions from Canvas."""

    lms = Lms.CANVAS


class MoodleFileNames(FileNames):
    """Names in a download of submissions from Moodle."""

    lms = Lms.MOODLE


class BrightspaceFileNames(FileNames):
    """Names in a download of submissions from Brightspace."""

    lms = Lms.BRIGHTSPACE


def fail(plugin: GradesExport | FileNames, error: InputError) -> NoReturn:
    """End nbgrader's command with a message and no traceback."""
    command(plugin).fail(str(error))
    raise AssertionError("nbgrader's fail() ends the process")


def command(plugin: GradesExport | FileNames) -> Any:
    """The command of nbgrader that uses a plugin."""
    return plugin.parent
