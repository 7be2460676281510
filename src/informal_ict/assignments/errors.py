"""What is wrong with an assignment, said so that its place is found at once."""

from pathlib import Path

from informal_ict.errors import InputError


class AssignmentError(InputError):
    """A source, rubric or answers file that cannot be used; the message names the file and the cell."""


def describe(path: Path, grade_id: str, problem: str) -> str:
    """Word a problem of one cell with its place."""
    return f"{path}: cell '{grade_id}': {problem}"
