"""A course in a folder, and stock nbgrader's commands in it."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from nbformat import NotebookNode

from informal_ict.assignments.hidden_tests import HIDDEN
from informal_ict.assignments.source import Assignment
from informal_ict.course.build import build_course
from informal_ict.course.feedback import REGION, fingerprint

WARM = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "informal-ict-warm"}
# nbgrader's own command line, several times in one process, which imports it and warms up once.
ONE_AFTER_ANOTHER = """
import json, sys
from nbgrader.apps import NbGraderApp
for call in json.loads(sys.argv[1]):
    NbGraderApp.launch_instance(call)
    NbGraderApp.clear_instance()
"""


def new_course(folders: pytest.TempPathFactory, name: str) -> Path:
    """The course of all six assignments in a folder of its own; it is built once for all test processes."""
    shared = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    built = shared / "built-course"
    with (shared / "built-course.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            build_course(built)
    return Path(shutil.copytree(built, folders.mktemp(name) / "course"))


def nbgrader(course: Path, *calls: list[str], warm: bool = True) -> None:
    """Run stock commands one after the other, as an instructor would type them in the course folder.

    Args:
        course: the folder.
        calls: arguments of each command.
        warm: let kernels be forked from a warm template, which is not nbgrader's business.
    """
    environment = os.environ | {"PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_ANOTHER, json.dumps(calls)],
        cwd=course,
        env=environment | (WARM if warm else {}),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, done.stderr[max(0, done.stderr.find("Traceback")) :][:4000]


def in_a_process(*arguments: object, status: int = 0) -> str:
    """Run ``informal-ict`` as a command of its own, which ends with this status; gives what it printed."""
    command = [sys.executable, "-c", "from informal_ict.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == status, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


def errors(notebook: NotebookNode) -> dict[str, str]:
    """The error of each cell that stopped with one, by grade id or else by text."""
    return {
        cell.metadata.get("nbgrader", {}).get("grade_id", cell.source): f"{output.ename}: {output.evalue}"
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }


def marking_lines(assignment: Assignment) -> set[str]:
    """What only a marker may read, line by line: hidden tests, mark schemes, exemplars."""
    sources = [cell.source for cell in assignment.notebook.cells]
    bodies = [match["body"] for source in sources for match in REGION.finditer(source)]
    bodies.append(assignment.marking)
    for task in assignment.rubric.tasks.values():
        bodies += task.for_markers
        bodies += [text for exemplar in task.exemplars for text in (exemplar.answer, exemplar.why)]
    imports = ("import ", "from ")  # anybody's
    lines = {
        fingerprint(line) for body in bodies for line in body.splitlines() if not line.startswith(imports)
    }
    visible = "\n".join(REGION.sub("", HIDDEN.sub("", source)) for source in sources)
    # Students read the criteria and their levels in the book, and in their feedback.
    for task in assignment.rubric.tasks.values():
        for one in task.criteria:
            visible += "\n".join(
                f"{one.title}\n{level.text}\n{level.marks}: {level.text}" for level in one.levels
            )
    shown = fingerprint(visible)
    return {line for line in lines if len(line) >= 16 and line not in shown}
