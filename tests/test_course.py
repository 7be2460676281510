"""Making the nbgrader course: what a rebuild keeps, what feedback hides."""

import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.api import Gradebook

from informal_ict.assignments.cells import find_cell
from informal_ict.assignments.errors import AssignmentError
from informal_ict.course.build import CourseError, build_course
from informal_ict.course.feedback import LEFT_OUT, HideMarking
from tiny_assignment import ANSWER, SOURCE, write_source


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one tiny assignment, made once, with its sources beside it."""
    folder = tmp_path_factory.mktemp("made")
    answers = write_source(folder / "assignments") / "answers"
    answers.mkdir()
    (answers / "three.yml").write_text(ANSWER, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "tiny.csv").write_text("id\n1\n2\n", encoding="utf-8")
    build_course(folder / "course", folder / "assignments", folder / "data")
    return folder


@pytest.fixture
def places(made: Path, tmp_path: Path) -> tuple[Path, Path, Path]:
    """The arguments of build_course, for a copy of that course."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "course", tmp_path / "assignments", tmp_path / "data"


def hand_in(course: Path) -> None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission("tiny", "ada")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---- Making and making again


def test_a_course_is_made(made: Path) -> None:
    course = made / "course"
    assert sorted(contents(course)) == [
        "gradebook.db",
        "instructor-guide/tiny.html",
        "nbgrader_config.py",
        "release-zips/tiny.zip",
        "release/tiny/tiny.csv",
        "release/tiny/tiny.ipynb",
        "source/tiny/tiny.csv",
        "source/tiny/tiny.ipynb",
    ]
    notebook = nbformat.read(course / "release" / "tiny" / "tiny.ipynb", as_version=4)
    stub = 'raise NotImplementedError("Write your answer here, then delete this line.")'
    assert find_cell(notebook, "tiny-rows").source == stub
    with zipfile.ZipFile(course / "release-zips" / "tiny.zip") as archive:
        files = {name for name in archive.namelist() if not name.endswith("/")}
    assert files == {"tiny/tiny.csv", "tiny/tiny.ipynb"}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert gradebook.find_assignment("tiny").max_score == 4


def test_the_guide_has_solutions_mistakes_and_exemplars(made: Path) -> None:
    guide = (made / "course" / "instructor-guide" / "tiny.html").read_text(encoding="utf-8")
    for part in (
        "rows = 1 + 1",
        "Counts three",
        "Two respondents.",
        "<h2>Teaching note</h2>",
        "For instructors only",
    ):
        assert part in guide


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_rebuild_keeps_what_came_from_students_and_instructors(places: tuple[Path, Path, Path]) -> None:
    course = places[0]
    hand_in(course)
    for part in ("submitted", "autograded", "feedback"):
        (course / part / "ada" / "tiny").mkdir(parents=True)
        (course / part / "ada" / "tiny" / "tiny.ipynb").write_text("work", encoding="utf-8")
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("c.CourseDirectory.course_id = 'swk-101'\n")
    before = contents(course)
    assert build_course(*places) == [course / "release" / "tiny"]
    after = contents(course)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed <= {"gradebook.db", "release-zips/tiny.zip"}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert gradebook.find_submission("tiny", "ada").student_id == "ada"


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("Total: 4", "Total: 3", AssignmentError),
        ("[tiny.csv]", "[missing.csv]", AssignmentError),
        # Only nbgrader notices a solution outside an answer cell.
        ("# Tiny", "```{code-cell}\n### BEGIN SOLUTION\n### END SOLUTION\n```\n\n# Tiny", CourseError),
    ],
)
def test_a_faulty_source_leaves_the_last_good_course(
    places: tuple[Path, Path, Path], old: str, new: str, error: type[Exception]
) -> None:
    course, assignments, _ = places
    before = contents(course)
    write_source(assignments, SOURCE.replace(old, new))
    with pytest.raises(error, match="tiny"):
        build_course(*places)
    assert contents(course) == before


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_new_cell_in_an_assignment_already_handed_in_is_refused(places: tuple[Path, Path, Path]) -> None:
    course, assignments, _ = places
    hand_in(course)
    before = contents(course / "release") | contents(course / "source")
    write_source(assignments, SOURCE.replace("tiny-meaning", "tiny-sense"))
    with pytest.raises(CourseError, match="Cannot add or remove cells"):
        build_course(*places)
    assert contents(course / "release") | contents(course / "source") == before


# ---- Feedback

HIDDEN = """\
assert rows, "Write a number."
### BEGIN HIDDEN TESTS
secret_expected_value = sum(counted_by_the_marker) - 2
assert rows == secret_expected_value, "Count again."
### END HIDDEN TESTS
"""
TRACEBACK = [
    "\x1b[0;31mAssertionError\x1b[0m   Traceback (most recent call last)",
    "\x1b[1;32m      2\x1b[0m secret_expected_value \x1b[38;5;241m=\x1b[39m sum(counted_by_the_marker) - 2",
    "\x1b[0;31mAssertionError\x1b[0m: Count again.",
]


def clean(*cells: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    notebook, _ = HideMarking().preprocess(new_notebook(cells=list(cells)), {})
    return notebook.cells


def failed(name: str, value: str) -> nbformat.NotebookNode:
    return new_output("error", ename=name, evalue=value, traceback=list(TRACEBACK))


def test_feedback_keeps_the_message_of_a_failed_test_and_drops_its_code() -> None:
    (cell,) = clean(new_code_cell(HIDDEN, outputs=[failed("AssertionError", "Count again.")]))
    assert cell.source == 'assert rows, "Write a number."'
    assert cell.outputs[0].traceback == ["Count again."]


def test_feedback_does_not_quote_an_unforeseen_error_of_a_hidden_test() -> None:
    (cell,) = clean(new_code_cell(HIDDEN, outputs=[failed("KeyError", "secret_expected_value")]))
    assert "secret" not in str(cell.outputs[0].traceback)
    assert "KeyError" in cell.outputs[0].traceback[0]


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", text=repr(["", HIDDEN])),
        new_output(
            "execute_result", data={"text/plain": repr(HIDDEN), "text/html": "<pre>" + HIDDEN + "</pre>"}
        ),
        failed("NameError", "name 'x' is not defined"),
    ],
)
def test_feedback_leaves_out_an_output_that_shows_a_hidden_test(output: nbformat.NotebookNode) -> None:
    _, cell = clean(new_code_cell(HIDDEN), new_code_cell("print(In)", outputs=[output]))
    assert [out.text for out in cell.outputs] == [LEFT_OUT]


def test_feedback_leaves_a_student_s_own_cells_alone() -> None:
    own = new_code_cell("rows = 3\nrows", outputs=[new_output("execute_result", data={"text/plain": "3"})])
    _, cell = clean(new_code_cell(HIDDEN), own)
    assert (cell.source, cell.outputs[0].data["text/plain"]) == ("rows = 3\nrows", "3")
