"""A course to measure grading on: one assignment of two notebooks, with pandas, SciPy and matplotlib."""

import random
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets.config.loader import Config

from informal_ict.course.build import CourseError, scripts_on_path

ASSIGNMENT = "bench"
SEED = 2026
ROWS = 400
SHARE_WRONG = 0.2
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        name: of its cells.
        right: a right answer.
        wrong: a wrong one.
        check: the graded test.
    """

    name: str
    right: str
    wrong: str
    check: str


TABLES = (
    Question("read", "rows = len(frame)", "rows = frame.size", f"assert rows == {ROWS}"),
    Question(
        "mean",
        "mean = frame['hours'].mean()",
        "mean = frame['hours'].median() + 1",
        "assert math.isclose(mean, frame['hours'].sum() / len(frame))",
    ),
    Question(
        "groups",
        "groups = frame.groupby('team')['hours'].mean()",
        "groups = frame.groupby('team')['hours'].sum()",
        "assert groups.max() < 40 and len(groups) == 4",
    ),
    Question(
        "table",
        "table = pd.crosstab(frame['team'], frame['uses'])",
        "table = pd.crosstab(frame['uses'], frame['team'])",
        "assert table.shape == (4, 2)",
    ),
    Question(
        "missing",
        "missing = int(frame['note'].isna().sum())",
        "missing = len(frame)",
        "assert 0 < missing < len(frame)",
    ),
    Question(
        "sorted",
        "first = frame.sort_values('hours').iloc[0]['hours']",
        "first = frame.iloc[0]['hours'] + 1",
        "assert first == frame['hours'].min()",
    ),
)
TESTS = (
    Question(
        "chi",
        "chi = stats.chi2_contingency(pd.crosstab(frame['team'], frame['uses']))[1]",
        "chi = 2.0",
        "assert 0 <= chi <= 1",
    ),
    Question(
        "t",
        "t = stats.ttest_ind(*[part['hours'] for _, part in frame.groupby('uses')]).pvalue",
        "t = -1",
        "assert 0 <= t <= 1",
    ),
    Question(
        "correlation",
        "r = stats.pearsonr(frame['hours'], frame['years']).statistic",
        "r = 7",
        "assert -1 <= r <= 1",
    ),
    Question(
        "bars",
        "axes = frame['team'].value_counts().plot.bar()\naxes.set_ylabel('people')",
        "axes = frame['team'].value_counts().plot.bar()",
        "assert axes.get_ylabel()",
    ),
    Question(
        "histogram",
        "figure, axes = plt.subplots()\ncounts, _, _ = axes.hist(frame['hours'], bins=10)",
        "counts = [1]",
        f"assert sum(counts) == {ROWS}",
    ),
    Question(
        "interval",
        "low, high = stats.t.interval(0.9, len(frame) - 1, frame['hours'].mean(), stats.sem(frame['hours']))",
        "low, high = 1, 0",
        "assert low < frame['hours'].mean() < high",
    ),
)
NOTEBOOKS = {"tables": TABLES, "tests": TESTS}
IMPORTS = """\
import math
import matplotlib.pyplot as plt
import pandas as pd
from scipy import stats

frame = pd.read_csv("survey.csv")"""


def make_course(course: Path, submissions: int) -> None:
    """Make a course with generated submissions, the same ones each time.

    Args:
        course: its folder, which is not there yet.
        submissions: how many students handed in.

    Raises:
        CourseError: if nbgrader does not make the assignment.
    """
    chance = random.Random(SEED)
    source = course / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "bench"\n')
    (source / "survey.csv").write_text(_survey(chance))
    for name, questions in NOTEBOOKS.items():
        nbformat.write(_notebook(questions), source / f"{name}.ipynb")
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.course_id = "bench"
    config.CourseDirectory.assignment_id = ASSIGNMENT
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    with scripts_on_path():
        result = capture_log(converter)  # type: ignore[no-untyped-call]
    if not result["success"]:
        raise CourseError(
            f"{ASSIGNMENT}: nbgrader did not make the student version.\n{result.get('log', '')}"
        )
    for number in range(submissions):
        folder = course / "submitted" / f"student-{number:03d}" / ASSIGNMENT
        folder.mkdir(parents=True)
        for name, questions in NOTEBOOKS.items():
            released = nbformat.read(course / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
            nbformat.write(_answered(released, questions, chance), folder / f"{name}.ipynb")


def _survey(chance: random.Random) -> str:
    lines = ["team,uses,hours,years,note"]
    for _ in range(ROWS):
        team, uses = chance.choice("ABCD"), chance.choice(("yes", "no"))
        hours, years = round(chance.gauss(35, 4), 2), chance.randrange(1, 30)
        lines.append(f"{team},{uses},{hours},{years},{chance.choice(('', 'seen'))}")
    return "\n".join(lines) + "\n"


def _notebook(questions: tuple[Question, ...]) -> NotebookNode:
    cells = [new_code_cell(IMPORTS)]
    for one in questions:
        solution = f"### BEGIN SOLUTION\n{one.right}\n### END SOLUTION"
        cells.append(new_code_cell(solution, metadata=_about(one.name, solution=True)))
        cells.append(new_code_cell(one.check, metadata=_about(f"test-{one.name}", solution=False)))
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})  # type: ignore[no-any-return]


def _about(name: str, solution: bool) -> dict[str, dict[str, object]]:
    points = {} if solution else {"points": 1}
    return {
        "nbgrader": {
            **{"grade": not solution, "grade_id": name, "locked": not solution, "schema_version": 3},
            **{"solution": solution, "task": False},
            **points,
        }
    }


def _answered(notebook: NotebookNode, questions: tuple[Question, ...], chance: random.Random) -> NotebookNode:
    answers = {one.name: one.wrong if chance.random() < SHARE_WRONG else one.right for one in questions}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
    return notebook
