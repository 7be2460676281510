"""What a gradebook holds, with the names that people use, so that two of them can be compared."""

from pathlib import Path

from nbgrader.api import BaseCell, Comment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook

Key = tuple[object, ...]


def contents(url: str) -> dict[Key, tuple[object, ...]]:
    """Everything that grading writes: submissions, notebooks, grades and comments, cell by cell."""
    found: dict[Key, tuple[object, ...]] = {}
    with Gradebook(url) as gradebook:
        for one in gradebook.db.query(SubmittedAssignment):
            found["submission", one.assignment.name, one.student.id] = (
                one.timestamp,
                one.extension,
                one.score,
            )
        for note in gradebook.db.query(SubmittedNotebook):
            key = (note.assignment.assignment.name, note.assignment.student.id, note.name)
            found["notebook", *key] = (note.late_submission_penalty, note.flagged)
            for grade, cell in (
                gradebook.db.query(Grade, BaseCell)
                .join(BaseCell, BaseCell.id == Grade.cell_id)
                .filter(Grade.notebook_id == note.id)
            ):
                found["grade", *key, cell.name] = (
                    *(grade.auto_score, grade.manual_score, grade.extra_credit),
                    *(grade.needs_manual_grade, grade.failed_tests),
                )
            for comment, cell in (
                gradebook.db.query(Comment, BaseCell)
                .join(BaseCell, BaseCell.id == Comment.cell_id)
                .filter(Comment.notebook_id == note.id)
            ):
                found["comment", *key, cell.name] = (comment.auto_comment, comment.manual_comment)
    return found


def differences(one: str, other: str) -> list[str]:
    """How two gradebooks differ, one line for each thing; none if they hold the same."""
    first, second = contents(one), contents(other)
    return [
        f"{'/'.join(map(str, key))}: {first.get(key)} and {second.get(key)}"
        for key in sorted(first.keys() | second.keys(), key=str)
        if first.get(key) != second.get(key)
    ]


def graded_cells(url: str) -> int:
    """How many grades a gradebook holds."""
    return sum(key[0] == "grade" for key in contents(url))


def sqlite_url(course: Path) -> str:
    """The address of a course's gradebook where nbgrader keeps it if nothing else is said."""
    return f"sqlite:///{course / 'gradebook.db'}"
