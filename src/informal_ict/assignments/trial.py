"""Try answers on an assignment in this process: seconds where nbgrader needs minutes.

For authors. What counts is what stock nbgrader gives, and the tests of this repository compare the two.
"""

import contextlib
import gc
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from traitlets.config import Config

from informal_ict.assignments.answers import Answer, fill_in, read_answers
from informal_ict.assignments.cells import find_cell
from informal_ict.assignments.errors import AssignmentError
from informal_ict.assignments.source import Assignment, read_assignment
from informal_ict.kernels.forked import PRELOADED
from informal_ict.paths import DATA
from informal_ict.vignettes.case_file import write_case_files

OTHER_NUMBERS = 2_000_000_000
Notebooks = dict[str, list[NotebookNode]]  # the code cells of each, by the name of the answer


@dataclass(frozen=True)
class Outcome:
    """What one answer earned.

    Attributes:
        failed: the message by grade id of every test that it failed.
        broken: the message by name of every other cell that stopped with an error.
    """

    failed: dict[str, str]
    broken: dict[str, str]


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


def try_assignment(folder: Path, only: str = "", numbers: int = 0) -> dict[str, Trial]:
    """Try the answers of an assignment.

    Args:
        folder: ``assignments/<slug>``.
        only: leave out answers without this in their name.
        numbers: how many other student numbers to try each answer with.

    Returns:
        How it went, by the name of the answer (and the number).

    Raises:
        AssignmentError: if the source or an answers file cannot be used, or an answer ends its process.
    """
    assignment = read_assignment(folder)
    answers = read_answers(folder / "answers", assignment)
    tried = {name: answer for name, answer in answers.items() if only in name}
    for name, answer in list(tried.items()):
        for number in range(OTHER_NUMBERS, OTHER_NUMBERS + (numbers if answer.kind != "blank" else 0)):
            tried[f"{name} ({number})"] = answer.model_copy(update={"student_number": str(number)})
    with student_folder(assignment, {path.name: path for path in student_files(assignment, folder)}):
        outcomes = dict(try_answers(assignment, tried))
    return {name: compare(answer, outcomes[name]) for name, answer in tried.items()}


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


def try_answers(assignment: Assignment, answers: Mapping[str, Answer]) -> Iterator[tuple[str, Outcome]]:
    """Run answers and every test, in the working folder.

    Answers that begin alike share their beginning: where they part this process forks, and with it all that
    their cells have made so far. Where processes cannot fork each answer runs from its first cell.

    Args:
        assignment: what is answered.
        answers: the answers by name.

    Yields:
        The name of an answer and what it earned, in the order in which they end.

    Raises:
        AssignmentError: if an answer ends the process that it runs in.
    """
    if not answers:
        return
    matplotlib.use("agg")
    tests = set(assignment.tests.values())
    notebooks = {name: _code_cells(assignment, answer) for name, answer in answers.items()}
    if "fork" in get_all_start_methods():
        for module in PRELOADED:  # else each process would import it
            import_module(module)
        yield from _in_a_fork(_new_shell(), tests, Outcome({}, {}), notebooks, 0)
    else:
        for name, cells in notebooks.items():
            yield from _go_on(_new_shell(), tests, Outcome({}, {}), {name: cells}, 0)


def _code_cells(assignment: Assignment, answer: Answer) -> list[NotebookNode]:
    notebook = fill_in(assignment, assignment.notebook, answer)
    if answer.kind == "blank":
        for grade_id in (assignment.student_number, *assignment.tests):
            find_cell(notebook, grade_id).source = "raise NotImplementedError"
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _new_shell() -> InteractiveShell:
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    return InteractiveShell(config=config)


def _go_on(
    shell: InteractiveShell, tests: Set[str], so_far: Outcome, notebooks: Notebooks, place: int
) -> Iterator[tuple[str, Outcome]]:
    """Run notebooks that are alike before a place from there to their end."""
    length = len(next(iter(notebooks.values())))
    for now in range(place, length):
        *others, notebooks = _alike(notebooks, now)
        for aside in others:
            yield from _in_a_fork(shell, tests, so_far, aside, now)
        cell = next(iter(notebooks.values()))[now]
        problem = run(shell, cell)
        if problem is not None:
            (so_far.failed if cell.id in tests else so_far.broken)[cell.id] = problem
    plt.close("all")
    for name in notebooks:
        yield name, so_far


def _alike(notebooks: Notebooks, place: int) -> list[Notebooks]:
    """Notebooks in groups that have the same cell there."""
    groups: dict[str, dict[str, list[NotebookNode]]] = {}
    for name, cells in notebooks.items():
        groups.setdefault(cells[place].source, {})[name] = cells
    return list(groups.values())


def _in_a_fork(
    shell: InteractiveShell, tests: Set[str], so_far: Outcome, notebooks: Notebooks, place: int
) -> Iterator[tuple[str, Outcome]]:
    """Go on in a process of its own, which has all that was made so far."""
    context = get_context("fork")
    reading, writing = context.Pipe(duplex=False)

    def send_outcomes() -> None:
        try:
            for found in _go_on(shell, tests, so_far, notebooks, place):
                writing.send(found)
        except AssignmentError as error:
            writing.send(error)

    gc.freeze()  # else the collector would write to, and so copy, all that the two share
    process = context.Process(target=send_outcomes)
    process.start()
    writing.close()
    with reading:
        for _ in notebooks:
            try:
                found = reading.recv()
            except EOFError:
                names = ", ".join(notebooks)
                found = AssignmentError(f"one of these answers ends the process that it runs in: {names}")
            if isinstance(found, AssignmentError):
                raise found
            yield found
    process.join()


def run(shell: InteractiveShell, cell: NotebookNode) -> str | None:
    """Run one cell and give its error, if it stopped with one."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        result = shell.run_cell(cell.source, store_history=False, silent=True)
    error = result.error_before_exec or result.error_in_exec
    return None if error is None else f"{type(error).__name__}: {error}"
