"""Answers to what nbgrader's steps ask the gradebook for each cell, fetched for a whole notebook at once.

A step asks for the grade, the comment and the source of every cell by name, each with a query over seven
tables. One query for all cells takes about as long as one of those. What is not found is asked of nbgrader.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)

Found = dict[str, Any]


@dataclass
class Lookups:
    """The lookups of one ``Gradebook``, which lives as long as one step works on one notebook."""

    gradebook: Gradebook
    stock: dict[str, Callable[..., Any]]
    _known: dict[tuple[str, ...], Found] = field(default_factory=dict)

    def install(self) -> None:
        """Answer in place of the gradebook's own methods."""
        for name in LOOKUPS:
            setattr(self.gradebook, name, getattr(self, name))

    def _answer(self, method: str, load: Callable[..., Found], name: str, *where: str) -> Any:
        key = (method, *where)
        if key not in self._known:
            self._known[key] = load(*where)
        found = self._known[key].get(name)
        return self.stock[method](name, *where) if found is None else found

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """As ``Gradebook.find_source_cell``."""
        return self._answer("find_source_cell", self._source_cells, name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """As ``Gradebook.find_graded_cell``."""
        return self._answer("find_graded_cell", self._graded_cells, name, notebook, assignment)

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Any:
        """As ``Gradebook.find_grade``."""
        return self._answer("find_grade", self._grades, grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Any:
        """As ``Gradebook.find_comment``."""
        return self._answer("find_comment", self._comments, solution_cell, notebook, assignment, student)

    def _source_cells(self, notebook: str, assignment: str) -> Found:
        query = (
            self.gradebook.db.query(SourceCell)
            .join(Notebook, Notebook.id == SourceCell.notebook_id)
            .join(Assignment, Assignment.id == Notebook.assignment_id)
            .filter(Notebook.name == notebook, Assignment.name == assignment)
        )
        return {str(cell.name): cell for cell in query}

    def _graded_cells(self, notebook: str, assignment: str) -> Found:
        found: Found = {}
        for kind in (TaskCell, GradeCell):  # of two with one name, nbgrader takes the latter
            query = (
                self.gradebook.db.query(kind)
                .join(Notebook, Notebook.id == kind.notebook_id)
                .join(Assignment, Assignment.id == Notebook.assignment_id)
                .filter(Notebook.name == notebook, Assignment.name == assignment)
            )
            found |= {str(cell.name): cell for cell in query}
        return found

    def _grades(self, notebook: str, assignment: str, student: str) -> Found:
        rows = self._of_a_submission(Grade, notebook, assignment, student)
        return _by_name(rows, TaskCell, GradeCell)

    def _comments(self, notebook: str, assignment: str, student: str) -> Found:
        rows = self._of_a_submission(Comment, notebook, assignment, student)
        return _by_name(rows, TaskCell, SolutionCell)

    def _of_a_submission(self, kind: Any, notebook: str, assignment: str, student: str) -> Iterable[Any]:
        return list(
            self.gradebook.db.query(kind, BaseCell.name, BaseCell.type)
            .join(BaseCell, BaseCell.id == kind.cell_id)
            .join(SubmittedNotebook, SubmittedNotebook.id == kind.notebook_id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .filter(
                Notebook.name == notebook,
                Assignment.name == assignment,
                SubmittedAssignment.student_id == student,
            )
        )


LOOKUPS = ("find_source_cell", "find_graded_cell", "find_grade", "find_comment")


def _by_name(rows: Iterable[Any], *kinds: type[BaseCell]) -> Found:
    """Of several cells with one name, nbgrader takes that of the last kind."""
    found: Found = {}
    for kind in kinds:
        found |= {name: thing for thing, name, type_ in rows if type_ == kind.__name__}
    return found
