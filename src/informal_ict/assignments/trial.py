"""Try answers on an assignment in this process: seconds where nbgrader needs minutes.

For authors. What counts is what stock nbgrader gives, and the tests of this repository compare the two.
"""

import contextlib
import gc
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from traitlets.config import Config

from informal_ict.assignments.answers import Answer, fill_in, read_answers
from informal_ict.assignments.cells import find_cell
from informal_ict.assignments.source import Assignment, read_assignment
from informal_ict.paths import DATA
from informal_ict.vignettes.case_file import write_case_files

OTHER_NUMBERS = 2_000_000_000


@dataclass(frozen=True)
class Outcome:
    """What one answer earned.

    Attributes:
        failed: the message by grade id of every test that it failed.
        broken: the message by name of every other cell that stopped with an error.
    """

    failed: Mapping[str, str]
    broken: Mapping[str, str]


@dataclass(frozen=True)
class Trial:
    """What one answer earned beside what its file declares.

    Attributes:
        outcome: what happened.
        missing: tests that it should fail and passes.
        surplus: the message by name of every cell that should not stop with an error and does.
    """

    outcome: Outcome
    missing: tuple[str, ...]
    surplus: Mapping[str, str]

    @property
    def as_declared(self) -> bool:
        """Whether the answer earns exactly what its file says."""
        return not self.missing and not self.surplus


def try_assignment(folder: Path, only: str = "", numbers: int = 0) -> Iterator[tuple[str, Trial]]:
    """Try the answers of an assignment one after the other.

    Args:
        folder: ``assignments/<slug>``.
        only: leave out answers without this in their name.
        numbers: how many other student numbers to try each answer with.

    Yields:
        The name of the answer (and the number), and how it went.

    Raises:
        AssignmentError: if the source or an answers file cannot be used.
    """
    assignment = read_assignment(folder)
    answers = read_answers(folder / "answers", assignment)
    with student_folder(assignment, {path.name: path for path in student_files(assignment, folder)}):
        for name, answer in answers.items():
            if only not in name:
                continue
            yield name, compare(answer, try_answer(assignment, answer))
            for number in range(OTHER_NUMBERS, OTHER_NUMBERS + (numbers if answer.kind != "blank" else 0)):
                other = answer.model_copy(update={"student_number": str(number)})
                yield f"{name} ({number})", compare(other, try_answer(assignment, other))


def compare(answer: Answer, outcome: Outcome) -> Trial:
    """Hold what happened against what the answers file declares."""
    surplus = {test: message for test, message in outcome.failed.items() if test not in answer.loses}
    if answer.kind in {"reference", "right"}:
        surplus |= outcome.broken
    return Trial(outcome, tuple(test for test in answer.loses if test not in outcome.failed), surplus)


def student_files(assignment: Assignment, folder: Path) -> list[Path]:
    """Where the files come from that students have beside the notebook."""
    return [
        *(DATA / name for name in assignment.header.data),
        *(folder / name for name in assignment.header.files),
    ]


@contextlib.contextmanager
def student_folder(assignment: Assignment, files: Mapping[str, Path]) -> Iterator[Path]:
    """A folder with what students have beside the notebook, as the working folder; gone afterwards.

    Args:
        assignment: whose files they are.
        files: where each file comes from, by name.
    """
    with tempfile.TemporaryDirectory(prefix=f"{assignment.slug}-") as name:
        for file, origin in files.items():
            shutil.copyfile(origin, Path(name, file))
        write_case_files(assignment.header.cases, Path(name))
        gc.freeze()  # each shell that ends has all objects looked through, most of which stay anyway
        with contextlib.chdir(name), importable(Path(name)):
            yield Path(name)


@contextlib.contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let a notebook import the modules beside it, as it does in a kernel that began there."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for module in folder.glob("*.py"):
            sys.modules.pop(module.stem, None)


def try_answer(assignment: Assignment, answer: Answer) -> Outcome:
    """Run an answer and every test, in the working folder.

    Args:
        assignment: what is answered.
        answer: the answer.
    """
    matplotlib.use("agg")
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell(config=config)
    failed: dict[str, str] = {}
    broken: dict[str, str] = {}
    tests = set(assignment.tests.values())
    notebook = fill_in(assignment, assignment.notebook, answer)
    if answer.kind == "blank":
        for grade_id in (assignment.student_number, *assignment.tests):
            find_cell(notebook, grade_id).source = "raise NotImplementedError"
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        problem = run(shell, cell)
        if problem is not None:
            (failed if cell.id in tests else broken)[cell.id] = problem
    plt.close("all")
    return Outcome(failed, broken)


def run(shell: InteractiveShell, cell: NotebookNode) -> str | None:
    """Run one cell and give its error, if it stopped with one."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        result = shell.run_cell(cell.source, store_history=False, silent=True)
    error = result.error_before_exec or result.error_in_exec
    return None if error is None else f"{type(error).__name__}: {error}"
