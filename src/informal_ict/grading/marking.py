"""nbgrader's ``Autograde`` in two halves, before and after notebooks are run, working in a folder aside."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.writers.files import FilesWriter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.autograde import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.nbgraderformat import common
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, DeduplicateIds, OverwriteCells

from informal_ict.course.restore import grade_id_of
from informal_ict.grading.course_folder import Course, Submission, is_execute, resolved


class Marking(Autograde):
    """The steps of ``Autograde`` for one submission at a time; its settings are the course's own."""

    submission: Submission
    staging: Path
    db_url: str

    def begin(self) -> None:
        """Make ready what all submissions share; nbgrader does this for each command."""
        self.writer = FilesWriter(parent=self, config=self.config)  # type: ignore[no-untyped-call]
        exporter: Any = self.exporter_class
        self.exporter = exporter(parent=self, config=self.config)
        self.autograde_preprocessors = [
            step for step in self.autograde_preprocessors if not is_execute(resolved(step))
        ]
        steps: list[Any] = []
        for step in self.sanitize_preprocessors:
            steps += [self.as_the_gradebook_knows_them, step] if resolved(step) is OverwriteCells else [step]
            steps += [without_empty_marks] if resolved(step) is DeduplicateIds else []
        self.sanitize_preprocessors = steps

    def work_on(self, submission: Submission, staging: Path) -> None:
        """Take up a submission, to be made ready in a folder."""
        self.submission, self.staging = submission, staging

    def sanitize(self, notebook: Path) -> None:
        """Write a notebook into the folder as it may be run: nbgrader's steps before it executes it."""
        self._convert(notebook, sanitizing=True)

    def mark(self, name: str) -> None:
        """Mark a notebook of the folder that has been run: nbgrader's steps after it executed it."""
        self._convert(self.staging / f"{name}.ipynb", sanitizing=False)

    def as_the_gradebook_knows_them(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Let each cell be the kind that the gradebook knows: answer, test or task, locked or not.

        nbgrader puts the text of a test back, with its hidden part, also where a student's metadata say that
        it is none. What is to be marked outside the kernel would then run in it like any other cell. A locked
        cell that is as it was handed out gets what the release left out of it here, since nbgrader's next
        step would report it as changed.
        """
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            known = known_cells(gradebook, about["notebook"], about["assignment"])
        for cell in nb.cells:
            name = grade_id_of(cell)
            if name not in known:
                continue
            kind, source = known[name].kind, known[name].source
            if not kind.items() <= cell.metadata.nbgrader.items():
                self.log.warning("The metadata of '%s' were changed; those handed out hold.", name)
                cell.metadata.nbgrader.update(kind)
            if kind["locked"] and cell.source != source and cell.source == self.released(cell, source):
                cell.source = source
        return nb, resources

    def released(self, cell: NotebookNode, source: str) -> str:
        """The text of a cell as it is handed out, without hidden tests and mark scheme."""
        handed_out = deepcopy(cell)
        handed_out.source = source
        steps: tuple[Any, ...] = (ClearHiddenTests, ClearMarkScheme)
        for step in steps:
            step(parent=self).preprocess_cell(handed_out, ResourcesDict(), 0)
        return str(handed_out.source)

    def _convert(self, notebook: Path, sanitizing: bool) -> None:
        self._sanitizing = sanitizing
        self._init_preprocessors()
        with schemas_checked_once():
            BaseConverter.convert_single_notebook(self, str(notebook))

    def init_single_notebook_resources(self, notebook_filename: str) -> dict[str, Any]:
        """What nbgrader reads out of the path, which here is another one."""
        name = Path(notebook_filename).stem
        about: Mapping[str, str] = {
            "student": self.submission.student,
            "assignment": self.submission.assignment,
            "notebook": name,
            "db_url": self.db_url,
        }
        return {"unique_key": name, "output_files_dir": f"{name}_files", "nbgrader": dict(about)}

    def _format_dest(self, assignment_id: str, student_id: str, escape: bool = False) -> str:
        return str(self.staging)

    def give_permissions(self) -> None:
        """Set the permissions that the course wants on everything in the folder."""
        self.set_permissions(self.submission.assignment, self.submission.student)


@contextmanager
def schemas_checked_once() -> Iterator[None]:
    """Let nbgrader check its own schema of cells once, and not again for each cell of each notebook."""
    uses: Any = common
    stock = uses.jsonschema
    uses.jsonschema = SimpleNamespace(validate=_validate)
    try:
        yield
    finally:
        uses.jsonschema = stock


def _validate(instance: object, schema: dict[str, Any]) -> None:
    error = best_match(_validator(json.dumps(schema)).iter_errors(instance))
    if error is not None:
        raise error


@cache
def _validator(schema: str) -> Any:
    content = json.loads(schema)
    kind = validator_for(content)
    kind.check_schema(content)
    return kind(content)


def without_empty_marks(nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
    """Let go of the empty marks that ``DeduplicateIds`` leaves on a copied cell.

    nbgrader's next step takes them for those of an ancient version, and refuses the notebook.
    """
    for cell in nb.cells:
        if cell.metadata.get("nbgrader") == {}:
            del cell.metadata["nbgrader"]
    return nb, resources


@dataclass(frozen=True)
class KnownCell:
    """What the gradebook knows of a cell.

    Attributes:
        kind: nbgrader's four flags.
        source: its text in the instructor's version.
    """

    kind: dict[str, bool]
    source: str


def known_cells(gradebook: Gradebook, notebook: str, assignment: str) -> dict[str, KnownCell]:
    """What the gradebook knows of the cells of a notebook, by grade id."""
    try:
        known = gradebook.find_notebook(notebook, assignment)
    except MissingEntry:
        return {}
    names = {
        "grade": {cell.name for cell in known.grade_cells},
        "solution": {cell.name for cell in known.solution_cells},
        "task": {cell.name for cell in known.task_cells},
        "locked": {cell.name for cell in known.source_cells if cell.locked},
    }
    return {
        cell.name: KnownCell({flag: cell.name in those for flag, those in names.items()}, cell.source)
        for cell in known.source_cells
    }


def new_marking(course: Course) -> Marking:
    """Begin to mark in a course."""
    marking = Marking(coursedir=course.directory, config=course.config, log=course.directory.log)
    marking.db_url = course.directory.db_url
    marking.begin()
    return marking
