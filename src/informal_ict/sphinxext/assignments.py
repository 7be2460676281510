"""Directives on the assignments: what each asks and how it is marked, and never an answer."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from informal_ict import paths
from informal_ict.assignments.questions import computer_points, marks_in_words, questions
from informal_ict.assignments.source import Assignment, read_assignment
from informal_ict.curriculum import load_curriculum
from informal_ict.sphinxext.generated import Generated


class AssignmentOverview(Generated):
    """Time, points and questions of one assignment."""

    required_arguments = 1

    def sources(self) -> Iterable[Path]:
        """The assignment."""
        return source_files(self.arguments[0])

    def myst(self) -> str:
        """A line on time and points, then the questions."""
        assignment = _read(self.arguments[0])
        rows = [
            f"| {number} | {question.title} | {question.points} | "
            f"{'a person' if question.by_person else 'the computer'} |"
            for number, question in enumerate(questions(assignment), start=1)
        ]
        return "\n".join(
            [
                f"**About {assignment.header.minutes} minutes.** {points_in_words(assignment)}",
                "",
                "| | Question | Points | Marked by |",
                "|---|---|---|---|",
                *rows,
            ]
        )


class RubricTable(Generated):
    """Criteria and levels of every task of one assignment: what students may read of the mark scheme."""

    required_arguments = 1

    def sources(self) -> Iterable[Path]:
        """The assignment."""
        return source_files(self.arguments[0])

    def myst(self) -> str:
        """A list for each criterion, which a phone shows in its full width."""
        assignment = _read(self.arguments[0])
        parts: list[str] = []
        for task in assignment.rubric.tasks.values():
            parts += [f":::{{admonition}} {task.title} ({marks_in_words(task.points)})", ":class: rubric", ""]
            for criterion in task.criteria:
                parts += [f"**{criterion.title}**", ""]
                parts += [
                    f"- *{marks_in_words(level.marks)}:* {' '.join(level.text.split())}"
                    for level in criterion.levels
                ]
                parts.append("")
            parts += [":::", ""]
        return "\n".join(parts)


class Syllabus(Generated):
    """All assignments: what they ask, how long they take, what they are worth."""

    def sources(self) -> Iterable[Path]:
        """Every assignment, and the weights."""
        slugs = load_curriculum().assignments
        return [paths.CURRICULUM, *(path for slug in slugs for path in source_files(slug))]

    def myst(self) -> str:
        """One row an assignment, in the order of the curriculum."""
        rows = []
        for slug, part in load_curriculum().assignments.items():
            assignment = _read(slug)
            computer = computer_points(assignment)
            points = f"{computer} + {assignment.total - computer}"
            rows.append(
                f"| **[{part.title}](#assignment-{slug})**: {assignment.header.summary} "
                f"| {assignment.header.minutes} | {points} | {part.weight}% |"
            )
        header = "| Assignment | Min. | Points | Weight |"
        note = "Minutes are for a beginner. Points are those of the computer and those of a person."
        return "\n".join([header, "|---|---|---|---|", *rows, "", note])


def _read(slug: str) -> Assignment:
    return _read_once(slug, tuple(path.stat().st_mtime_ns for path in source_files(slug) if path.exists()))


@cache  # four directives speak of each assignment
def _read_once(slug: str, changed: tuple[int, ...]) -> Assignment:
    return read_assignment(paths.ASSIGNMENTS / slug)


def points_in_words(assignment: Assignment) -> str:
    """Who gives how many points."""
    computer = computer_points(assignment)
    return (
        f"{assignment.total} points: {computer} are checked by the computer, "
        f"{assignment.total - computer} are read by a person."
    )


def source_files(slug: str) -> list[Path]:
    """What a page on an assignment is made from."""
    folder = paths.ASSIGNMENTS / slug
    return [folder / f"{slug}.md", folder / "rubric.yml", folder / "marking.py"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("assignment-overview", AssignmentOverview)
    app.add_directive("assignment-rubric", RubricTable)
    app.add_directive("syllabus", Syllabus)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
