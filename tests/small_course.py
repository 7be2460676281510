"""A small nbgrader course that tests may break: one assignment of two notebooks, without pandas."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets.config.loader import Config

from informal_ict.course.build import scripts_on_path
from informal_ict.grading.course_folder import read_config

HW = "hw"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
QUICK = "ipykernel.kernelapp"  # no scientific stack, so that kernels are there in a moment
CONFIG = f"""
c = get_config()
c.CourseDirectory.course_id = "small"
c.Execute.shutdown_kernel = "immediate"
c.WarmProvisioner.preload = ["{QUICK}"]
"""
RIGHT = {"answer": "answer = 42", "essay": "My own words.", "total": "total = 3"}


def about(grade_id: str, points: int | None = None, solution: bool = False) -> dict[str, object]:
    grade = points is not None
    locked = grade and not solution
    metadata = {
        **{"grade": grade, "grade_id": grade_id, "locked": locked, "schema_version": 3},
        **{"solution": solution, "task": False},
    }
    return {"nbgrader": metadata | ({"points": points} if grade else {})}


def source() -> dict[str, NotebookNode]:
    one = [
        new_code_cell(
            "### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION", metadata=about("answer", solution=True)
        ),
        new_code_cell(
            "assert answer == 42, 'Look again.'\n"
            "### BEGIN HIDDEN TESTS\nassert type(answer) is int\n### END HIDDEN TESTS",
            metadata=about("test-answer", 2),
        ),
        new_markdown_cell("Write here.", metadata=about("essay", 3, solution=True)),
    ]
    two = [
        new_code_cell(
            "### BEGIN SOLUTION\ntotal = 3\n### END SOLUTION", metadata=about("total", solution=True)
        ),
        new_code_cell("1 if total == 3 else 0.5", metadata=about("test-total", 1)),
        new_code_cell("open('data.txt').read()", metadata=about("test-data", 1)),
    ]
    return {
        name: new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
        for name, cells in {"one": one, "two": two}.items()
    }


def make_course(folder: Path, config: str = "") -> Path:
    """Make the course, with its gradebook and a release."""
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG + config)
    add_assignment(folder, HW, source(), {"data.txt": "12"})
    return folder


def add_assignment(
    folder: Path, name: str, notebooks: Mapping[str, NotebookNode], files: Mapping[str, str]
) -> None:
    """Write the source of an assignment, and release it."""
    home = folder / "source" / name
    home.mkdir(parents=True)
    for path, text in files.items():
        (home / path).write_text(text)
    for notebook, content in notebooks.items():
        nbformat.write(content, home / f"{notebook}.ipynb")
    generate(folder, name)


def generate(folder: Path, assignment: str = HW) -> None:
    settings = read_config(folder)
    settings.CourseDirectory.root = str(folder)
    settings.CourseDirectory.assignment_id = assignment
    converter = GenerateAssignment(
        coursedir=CourseDirectory(config=settings), config=Config(settings), force=True
    )
    with scripts_on_path():
        result = capture_log(converter)
    assert result["success"], result.get("log")


def answered(folder: Path, name: str, answers: dict[str, str]) -> NotebookNode:
    notebook = nbformat.read(folder / "release" / HW / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        grade_id = cell.metadata.nbgrader.grade_id
        if grade_id in answers:
            cell.source = answers[grade_id]
    return notebook


def hand_in(folder: Path, student: str, timestamp: str = "", **answers: str) -> Path:
    """Hand in both notebooks, right where nothing else is said."""
    submitted = folder / "submitted" / student / HW
    submitted.mkdir(parents=True, exist_ok=True)
    for name in ("one", "two"):
        nbformat.write(answered(folder, name, RIGHT | answers), submitted / f"{name}.ipynb")
    (submitted / "data.txt").write_text("changed by the student")
    if timestamp:
        (submitted / "timestamp.txt").write_text(timestamp)
    return submitted


def copy(course: Path, to: Path) -> Path:
    """A course that starts from the same place."""
    shutil.copytree(course, to, symlinks=True)
    return to


def files(course: Path) -> dict[str, int]:
    """What is in autograded/, with permissions; hidden names too."""
    folder = course / "autograded"
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mode
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
