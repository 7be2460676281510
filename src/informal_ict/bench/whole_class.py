"""A generated class that hands in all six assignments: whether grading it ends, and what memory it takes."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from rich.table import Table

from informal_ict.assignments.answers import fill_in, read_answers
from informal_ict.assignments.source import read_assignments
from informal_ict.bench.cost import GRADE, Cost, check_compiled, cost
from informal_ict.course.build import build_course
from informal_ict.paths import ASSIGNMENTS

SEED = 2026
FLAT = 1.1
"""How much more memory the last quarter of a run may take than the second, which has started up."""


@dataclass(frozen=True)
class ClassBench:
    """What it cost to grade a class.

    Attributes:
        submissions: how many were handed in.
        graded: how many were run and marked to their end.
        cost: of the command.
    """

    submissions: int
    graded: int
    cost: Cost

    @property
    def is_flat(self) -> bool:
        """Whether memory does not grow with the class."""
        return self.cost.quarters[3] <= FLAT * self.cost.quarters[1]


def bench_class(students: int, jobs: int) -> ClassBench:
    """Grade a generated class in the sandbox.

    Args:
        students: how many; each hands in all assignments.
        jobs: executor processes.

    Raises:
        InputError: if the command fails.
    """
    check_compiled()
    with TemporaryDirectory(prefix="bench-") as name:
        course, report = Path(name, "course"), Path(name, "report.json")
        submissions = make_class(course, students)
        options = ["--jobs", str(jobs), "--quiet", "--report", str(report)]
        spent = cost([*GRADE, str(course), *options], course, statuses=(0, 1))
        told = json.loads(report.read_text(encoding="utf-8"))["submissions"]
        graded = sum(one["state"] == "graded" and not one["failures"] for one in told)
        return ClassBench(submissions, graded, spent)


def make_class(course: Path, students: int) -> int:
    """Make our course, and let generated students hand in right answers and mistakes.

    Args:
        course: its folder, which is not there yet.
        students: how many.

    Returns:
        How many submissions there are.
    """
    chance = random.Random(SEED)
    build_course(course)
    submissions = 0
    for assignment in read_assignments():
        slug = assignment.slug
        answers = [
            one
            for one in read_answers(ASSIGNMENTS / slug / "answers", assignment).values()
            if one.kind != "blank"
        ]
        released = nbformat.read(course / "release" / slug / f"{slug}.ipynb", as_version=4)
        for number in range(students):
            answer = chance.choice(answers).model_copy(update={"student_number": f"{2_000_000 + number}"})
            folder = course / "submitted" / f"student-{number:03d}" / slug
            folder.mkdir(parents=True)
            nbformat.write(fill_in(assignment, released, answer), folder / f"{slug}.ipynb")
            submissions += 1
    return submissions


def as_table(bench: ClassBench) -> Table:
    """For people."""
    table = Table("submissions", "graded", "minutes", "each, s", "peak MB in each quarter of the time")
    table.add_row(
        f"{bench.submissions}",
        f"{bench.graded}",
        f"{bench.cost.seconds / 60:.1f}",
        f"{bench.cost.seconds / bench.submissions:.2f}",
        ", ".join(f"{one:.0f}" for one in bench.cost.quarters),
    )
    return table
