"""Hostile submissions as data, and the class that they are handed in with."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import nbformat
from jupyter_core.paths import jupyter_runtime_dir
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade
from pydantic import BaseModel, ConfigDict

from informal_ict.assignments.hidden_tests import HiddenCheck, write_out
from informal_ict.grading.jobs import Job, Limits, Problem
from informal_ict.paths import ROOT
from informal_ict.reading import read_yaml

FOLDER = Path(__file__).parent / "hostile"
CATEGORIES = ("marks", "leaks", "network", "escapes", "outlive", "stops", "other-courses")
LIMITS = Limits(
    cell_seconds=1.5,
    wall_seconds=8,
    cpu_seconds=6,
    memory_bytes=700 << 20,
    processes=60,
    file_bytes=20 << 20,
    output_bytes=50_000,
)
SETTINGS = {"iopub_timeout": 1}  # seconds after an interrupt
HUSH = "hush-hush"  # in the secret file and in the environment
MARKER = "only_the_marker_sees"  # in the hidden test

MARKING = f"""\
from pathlib import Path

FOLDER = "."


def {MARKER}():
    return len(Path(FOLDER, "tiny.csv").read_text().splitlines()) - 1


def check_rows(rows):
    assert abs(float(rows) - {MARKER}()) < 0.5, "Count again."
"""
TEST = """\
assert "rows" in globals(), "There is no `rows` yet."
### BEGIN HIDDEN TESTS
check_rows(rows)
### END HIDDEN TESTS"""
OTHER_TEST = f"""\
import math
assert len(double([1, 2, 3])) == 3
### BEGIN HIDDEN TESTS
{MARKER} = [2, 4, 6]
assert double([1, 2, 3]) == {MARKER} or all(
    math.isclose(one, other) for one, other in zip(double([1, 2, 3]), {MARKER}))
del {MARKER}
### END HIDDEN TESTS"""
FILES = {"tiny.csv": b"row\n1\n2\n"}


class Kind(BaseModel):
    """A hostile submission, and what is expected of it.

    Attributes:
        name: of the kind.
        does: what it does, in words.
        stock: what stock nbgrader was measured to do with it.
        first: a cell of its own before all others.
        answer: its answer cell; nothing is as handed out.
        last: a cell of its own behind the test.
        tags: of the test.
        problem: the reason that an instructor reads, if it cannot be run to its end.
        stops: whether it may end its own kernel, whatever the reason.
        sign: part of the evidence that an instructor reads.
        gains: whether it earns the marks of a test that runs in the student's interpreter.
        honest: whether it is honest work, which keeps its marks and is not flagged.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    does: str
    stock: str = "not measured"
    first: str = "started = True"
    answer: str = 'raise NotImplementedError("Write your answer here.")'
    last: str = "ended = True"
    tags: list[str] = []
    problem: Literal["KERNEL_DIED", "OUT_OF_TIME", "OUT_OF_MEMORY", ""] = ""
    stops: bool = False
    sign: str = ""
    gains: bool = False
    honest: bool = False


def read_kinds() -> dict[tuple[str, str], Kind]:
    """Read every kind by category and name."""
    kinds = {}
    for category in CATEGORIES:
        for entry in read_yaml(FOLDER / f"{category}.yml"):
            kind = Kind.model_validate(entry)
            kinds[category, kind.name] = kind
    return kinds


HERE = {
    "marks": "earns nothing",
    "leaks": "finds nothing",
    "network": "reaches nobody",
    "escapes": "changes nothing outside",
    "outlive": "has ended with its kernel",
    "stops": "costs its own cell or notebook; the next student is marked",
    "other-courses": "earns nothing",
}


def what_is_done(category: str, kind: Kind) -> str:
    """What comes of a kind here, in a word or two."""
    if kind.honest:
        return "keeps its marks, not flagged"
    done = "earns the marks of that test" if kind.gains else HERE[category]
    if kind.problem:
        done = f"its own notebook is not marked: {Problem[kind.problem]}"
    if kind.sign:
        return f"{done}, flagged"
    return f"{done}, not noticed" if kind.gains else done


def table() -> str:
    """A table of every kind, for SECURITY.md."""
    lines = ["| | A submission | Stock nbgrader | Here |", "|---|---|---|---|"]
    for (category, _), kind in read_kinds().items():
        lines.append(f"| {category} | {kind.does} | {kind.stock} | {what_is_done(category, kind)} |")
    return "\n".join(lines)


def locked_test(source: str, grade_id: str, points: int) -> NotebookNode:
    cell = new_code_cell(source)
    cell.metadata["nbgrader"] = {
        **{"grade": True, "grade_id": grade_id, "locked": True, "points": points},
        **{"schema_version": 3, "solution": False, "task": False},
    }
    return cell


def notebook_of(kind: Kind, ours: bool) -> NotebookNode:
    """The notebook as nbgrader's own steps have made it ready: locked cells are as the course has them."""
    if ours:
        source = write_out(TEST, HiddenCheck("check_rows", "check_rows(rows)"), MARKING)
        test = locked_test(source, "test-rows", 2)
    else:
        test = locked_test(OTHER_TEST, "test-double", 1)
    test.metadata["tags"] = kind.tags
    cells = [new_code_cell(kind.first), new_code_cell(kind.answer), test, new_code_cell(kind.last)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def job_of(kind: Kind, words: dict[str, str], ours: bool = True) -> Job:
    """The job of a kind, with the words in it that only the test knows."""
    text = nbformat.writes(notebook_of(kind, ours))
    for word, value in words.items():
        text = text.replace(word, value)
    return Job("tiny", kind.name, {"tiny": text}, FILES, LIMITS, (), execute=SETTINGS)


def marks(notebook: str) -> float:
    """The marks that stock nbgrader gives to a notebook that was run."""
    cells = nbformat.reads(notebook, as_version=4).cells
    given = [determine_grade(cell)[0] for cell in cells if "nbgrader" in cell.metadata]
    return sum(one or 0 for one in given)


@dataclass
class Surroundings:
    """What hostile submissions reach for.

    Attributes:
        secret: a file of somebody else's.
        words: what the kinds are told: where the secret, this machine's own files and the listeners are.
        reached: what the listeners got.
    """

    secret: Path
    words: dict[str, str]
    reached: list[bytes] = field(default_factory=list)

    def untouched(self) -> list[str]:
        """Names of files beside the secret; there should be no other."""
        return sorted(path.name for path in self.secret.parent.iterdir())


@contextmanager
def surroundings(folder: Path) -> Iterator[Surroundings]:
    """A secret in a file and in the environment, and listeners on loopback and on a name without a file."""
    secret = folder / "secret.txt"
    secret.write_text(HUSH)
    os.environ["HOSTILE_SECRET"] = HUSH
    number = str(1_000_000 + os.getpid())
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as named:
        named.bind(f"\0informal-ict-{number}")
        named.listen()
        words = {
            "<SECRET>": str(secret),
            "<HOME>": str(Path.home()),
            "<REPOSITORY>": str(ROOT),
            "<RUNTIME>": jupyter_runtime_dir(),
            "<PORT>": str(listener.getsockname()[1]),
            "<ABSTRACT>": f"informal-ict-{number}",
            "<NUMBER>": number,
        }
        about = Surroundings(secret, words)
        for one in (listener, named):
            threading.Thread(target=listen, args=(one, about.reached), daemon=True).start()
        yield about
    del os.environ["HOSTILE_SECRET"]


def listen(server: socket.socket, reached: list[bytes]) -> None:
    """Note every connection until the socket is closed."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            reached.append(connection.recv(100))


def running(number: str) -> list[str]:
    """Command lines of processes that hold a number which only the test knows."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if line.startswith("sleep") and number in line:
            found.append(line)
    return found
