"""Grading beside ``otter run``: the same notebooks, with the same questions and the same tests.

otter-grader is no part of this environment; whoever measures names its command.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from rich.table import Table

from informal_ict.bench.cost import GRADE, Cost, check_compiled, cost
from informal_ict.bench.grading_course import ASSIGNMENT, NOTEBOOKS, Question, make_course
from informal_ict.errors import InputError


@dataclass(frozen=True)
class OtterBench:
    """What the same submissions cost.

    Attributes:
        submissions: how many, each of two notebooks.
        otter: seconds of ``otter run``, once for each notebook.
        ours: cost of ``informal-ict grade``.
    """

    submissions: int
    otter: float
    ours: Cost


def bench_otter(otter: Path, submissions: int) -> OtterBench:
    """Grade the same submissions with ``otter run`` and with ours.

    Args:
        otter: its command, in an environment with pandas, SciPy and matplotlib.
        submissions: how many, each of two notebooks.

    Raises:
        InputError: if the command is not there, or fails.
    """
    check_compiled()
    found = shutil.which(otter)
    if found is None:
        raise InputError(f"{otter}: there is no such command.")
    command = str(Path(found).absolute())
    with TemporaryDirectory(prefix="bench-") as name:
        course = Path(name, "course")
        make_course(course, submissions)
        seconds = 0.0
        for notebook, questions in NOTEBOOKS.items():
            folder = Path(name, notebook)
            write_tests(folder, questions, course / "source" / ASSIGNMENT / "survey.csv")
            cost([command, "generate", "-t", "tests", "-o", "autograder.zip", "survey.csv"], folder)
            for path in sorted(course.glob(f"submitted/*/{ASSIGNMENT}/{notebook}.ipynb")):
                nbformat.write(for_otter(nbformat.read(path, as_version=4)), folder / f"{notebook}.ipynb")
                seconds += cost([command, "run", "-a", "autograder.zip", f"{notebook}.ipynb"], folder).seconds
        return OtterBench(submissions, seconds, cost([*GRADE, str(course), "--quiet"], course))


def write_tests(folder: Path, questions: tuple[Question, ...], data: Path) -> None:
    """Write the tests of a notebook as otter has them, with the data and what has to be installed."""
    (folder / "tests").mkdir(parents=True)
    shutil.copy(data, folder)
    (folder / "requirements.txt").write_text("matplotlib\npandas\nscipy\n")
    for one in questions:
        case = {"code": f">>> {one.check}", "hidden": True, "locked": False}
        suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
        test = {"name": one.name, "points": 1, "suites": [suite]}
        (folder / "tests" / f"{one.name}.py").write_text(f"OK_FORMAT = True\n\ntest = {test!r}\n")


def for_otter(notebook: NotebookNode) -> NotebookNode:
    """A submission with otter's checks in the place of nbgrader's tests."""
    for cell in notebook.cells:
        about = cell.metadata.pop("nbgrader", {})
        if about.get("grade"):
            cell.source = f"grader.check({about['grade_id'].removeprefix('test-')!r})"
    notebook.cells.insert(0, new_code_cell("import otter\ngrader = otter.Notebook()"))
    return notebook


def as_table(bench: OtterBench) -> Table:
    """For people."""
    table = Table(f"{bench.submissions} submissions of two notebooks", "seconds", "each", "times")
    for name, seconds in (("otter run", bench.otter), ("informal-ict grade", bench.ours.seconds)):
        times = f"{bench.otter / seconds:.1f}"
        table.add_row(name, f"{seconds:.1f}", f"{seconds / bench.submissions:.2f}", times)
    return table
