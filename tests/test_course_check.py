"""Notebooks that come back changed: cells deleted, copied, moved, renamed; other names; other numbers."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook

from informal_ict.assignments.cells import find_cell
from informal_ict.course.build import build_course
from informal_ict.course.restore import NOTE_ID, restore
from nbgrader_course import nbgrader
from tiny_assignment import write_source

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

FULL = 2.0


def place(notebook: NotebookNode, grade_id: str) -> int:
    return notebook.cells.index(find_cell(notebook, grade_id))


def answered(notebook: NotebookNode) -> NotebookNode:
    notebook = copy.deepcopy(notebook)
    find_cell(notebook, "tiny-student-number").source = 'student_number = "1001"'
    find_cell(notebook, "tiny-rows").source = "rows = 2"
    notebook.cells.append(new_markdown_cell("Two respondents."))
    return notebook


def unchanged(notebook: NotebookNode) -> None:
    pass


def test_deleted(notebook: NotebookNode) -> None:
    del notebook.cells[place(notebook, "test-tiny-rows")]


def answer_deleted(notebook: NotebookNode) -> None:
    del notebook.cells[place(notebook, "tiny-rows")]


def answer_copied_and_the_copy_changed(notebook: NotebookNode) -> None:
    cell = find_cell(notebook, "tiny-rows")
    second = copy.deepcopy(cell)
    cell.source = 'raise NotImplementedError("Write your answer here, then delete this line.")'
    notebook.cells.insert(place(notebook, "test-tiny-rows"), second)


def answer_deleted_beside_a_copied_check(notebook: NotebookNode) -> None:
    check = copy.deepcopy(find_cell(notebook, "test-tiny-rows"))
    check.id = "copied-check"
    notebook.cells[place(notebook, "tiny-rows")] = check


def answer_split_in_two(notebook: NotebookNode) -> None:
    """As JupyterLab does it: both halves keep the name."""
    cell = find_cell(notebook, "tiny-rows")
    second = copy.deepcopy(cell)
    cell.source, second.source, second.id = "half = 1", "rows = half + half", "second-half"
    start = place(notebook, "tiny-rows") + 1
    notebook.cells[start:start] = [new_code_cell("half = half * 1"), second]


def answer_retyped_in_a_new_box(notebook: NotebookNode) -> None:
    notebook.cells[place(notebook, "tiny-rows")] = new_code_cell("rows = 2")


def answer_moved_behind_its_check(notebook: NotebookNode) -> None:
    cell = notebook.cells.pop(place(notebook, "tiny-rows"))
    notebook.cells.insert(place(notebook, "test-tiny-rows") + 1, cell)


def names_changed(notebook: NotebookNode) -> None:
    for name in ("tiny-rows", "test-tiny-rows", "tiny-meaning"):
        find_cell(notebook, name).metadata.nbgrader.grade_id = name.replace("tiny", "small")


def all_metadata_lost(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})


def points_raised_and_check_emptied(notebook: NotebookNode) -> None:
    cell = find_cell(notebook, "test-tiny-rows")
    cell.metadata.nbgrader.points = 200
    cell.source = "pass"


def check_and_task_turned_into_text(notebook: NotebookNode) -> None:
    cell = find_cell(notebook, "test-tiny-rows")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


# What was done to a right answer: what it should earn, and what the person who marks should read on top.
CHANGES: dict[Callable[[NotebookNode], None], tuple[float, str]] = {
    unchanged: (FULL, ""),
    test_deleted: (FULL, "'test-tiny-rows' was missing; it was put back as handed out."),
    answer_deleted: (0, "'tiny-rows' was missing; it was put back as handed out."),
    answer_copied_and_the_copy_changed: (
        FULL,
        "'tiny-rows' was there 2 times; the last one that was changed",
    ),
    answer_deleted_beside_a_copied_check: (0, "'tiny-rows' was missing; it was put back as handed out."),
    answer_split_in_two: (FULL, "'tiny-rows' was there 2 times; the last one that was changed"),
    answer_retyped_in_a_new_box: (FULL, "'tiny-rows' had lost its name; the box of code in its place counts"),
    answer_moved_behind_its_check: (FULL, "Cells stood in another order"),
    names_changed: (FULL, ""),
    all_metadata_lost: (FULL, ""),
    points_raised_and_check_emptied: (FULL, "'test-tiny-rows' had been changed and is locked"),
    check_and_task_turned_into_text: (FULL, "'test-tiny-rows' had become a cell of another kind"),
}
for change in CHANGES:
    change.__test__ = False  # type: ignore[attr-defined]  # one of them begins like a test


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("changed")
    write_source(folder / "assignments")
    (folder / "data").mkdir()
    (folder / "data" / "tiny.csv").write_text("id\n1\n2\n", encoding="utf-8")
    build_course(folder / "course", folder / "assignments", folder / "data")
    return folder / "course"


@pytest.fixture(scope="module")
def released(course: Path) -> NotebookNode:
    return nbformat.read(course / "release" / "tiny" / "tiny.ipynb", as_version=4)


def hand_in(course: Path, student: str, notebook: NotebookNode, name: str = "tiny.ipynb") -> Path:
    folder = course / "submitted" / student / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / name)
    return folder


@pytest.fixture(scope="module")
def marked(course: Path, released: NotebookNode) -> Path:
    """The course with every change handed in and marked by the stock command."""
    for change in CHANGES:
        notebook = answered(released)
        change(notebook)
        hand_in(course, change.__name__, notebook)
    nbgrader(course, ["autograde", "tiny"])
    return course


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_changed_notebook_earns_what_its_work_deserves(
    marked: Path, change: Callable[[NotebookNode], None]
) -> None:
    marks, message = CHANGES[change]
    with Gradebook(f"sqlite:///{marked / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook("tiny", "tiny", change.__name__)
        grades = {grade.name: grade for grade in notebook.grades}
        assert grades["test-tiny-rows"].auto_score == marks
        assert grades["test-tiny-rows"].max_score == FULL
        assert grades["tiny-meaning"].needs_manual_grade
    path = marked / "autograded" / change.__name__ / "tiny" / "tiny.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    notes = [cell.source for cell in cells if cell.get("id") == NOTE_ID]
    assert [message in note for note in notes] == ([True] if message else [])
    assert "Two respondents." in cells[-1].source


def test_restoring_what_is_whole_changes_nothing(released: NotebookNode) -> None:
    notebook = answered(released)
    restored = restore(notebook, released)
    assert restored.findings == []
    assert [cell.source for cell in restored.notebook.cells] == [cell.source for cell in notebook.cells]


def test_a_notebook_of_an_older_format_is_whole_afterwards(released: NotebookNode) -> None:
    notebook = answered(released)
    notebook.nbformat_minor = 2
    for cell in notebook.cells:
        del cell["id"]
    restored = restore(notebook, released)
    assert restored.findings == []
    nbformat.validate(restored.notebook)
    assert find_cell(restored.notebook, "tiny-rows").source == "rows = 2"


@pytest.mark.parametrize("answered_first", [True, False])
def test_of_a_whole_assignment_pasted_twice_the_blank_one_leaves_nothing(
    released: NotebookNode, answered_first: bool
) -> None:
    """A blank copy that ran after the answers would undo the student number, and fail every check."""
    done, blank = answered(released), copy.deepcopy(released)
    done.cells.insert(place(done, "test-tiny-rows") + 1, new_code_cell("scratch"))
    whole = [*done.cells, *blank.cells] if answered_first else [*blank.cells, *done.cells]
    pasted = copy.deepcopy(done)
    pasted.cells = [*copy.deepcopy(whole)]
    restored = restore(pasted, released).notebook
    assert [cell.source for cell in restored.cells if cell.cell_type == "code"] == [
        'student_number = "1001"',
        "rows = 2",
        find_cell(released, "test-tiny-rows").source,
        "scratch",
    ]
    task = place(restored, "tiny-meaning")
    assert "Two respondents." in [cell.source for cell in restored.cells[task:]]


# ---- informal-ict course check


@pytest.fixture
def fresh(course: Path, tmp_path: Path) -> Path:
    """A course in which nothing was handed in yet."""
    (tmp_path / "release" / "tiny").mkdir(parents=True)
    (tmp_path / "submitted").mkdir()
    name = Path("release", "tiny", "tiny.ipynb")
    (tmp_path / name).write_bytes((course / name).read_bytes())
    return tmp_path


def with_number(released: NotebookNode, source: str) -> NotebookNode:
    notebook = answered(released)
    find_cell(notebook, "tiny-student-number").source = source
    return notebook


def test_nothing_to_look_at(fresh: Path, released: NotebookNode, informal_ict) -> None:
    hand_in(fresh, "ada", answered(released))
    result = informal_ict("course", "check", "tiny", "--course", fresh)
    assert (result.status, result.out) == (0, "1 submissions of tiny, 0 things to look at.\n")


def test_one_number_in_two_notebooks_is_flagged_for_both(fresh: Path, released, informal_ict) -> None:
    hand_in(fresh, "ada", with_number(released, 'student_number = "a 123456"'))
    hand_in(fresh, "ben", with_number(released, 'student_number = "A123456"'))
    hand_in(fresh, "cem", with_number(released, 'student_number = "A123457"'))
    result = informal_ict("course", "check", "tiny", "--course", fresh)
    assert result.status == 1
    assert "ada: the number A123456 is in the work of ada, ben" in result.out
    assert "ben: the number A123456 is in the work of ada, ben" in result.out
    assert "cem" not in result.out


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ('student_number = ""', "there is no student number"),
        ("pass", "there is no student number"),
        ("student_number = 0123456", "there is no student number that can be read"),
        ("student_number = '\ud83d'", "there is no student number that can be read"),
        (f"student_number = {'-' * 20_000}1", "there is no student number that can be read"),
        ("student_number = str(1000 + 1)", "not typed but computed"),
        ('student_number, course = "1001", "SW 500"', "not typed but computed"),
        ("for student_number in ['1001']: pass", "not typed but computed"),
        ("student_number: str", "there is no student number that can be read"),
    ],
)
def test_a_number_that_is_not_typed_is_flagged(fresh, released, informal_ict, source, problem) -> None:
    folder = hand_in(fresh, "ada", with_number(released, ""))
    # Not with nbformat, which cannot write half a letter, as an editor in a browser can.
    notebook = json.loads((folder / "tiny.ipynb").read_text(encoding="utf-8"))
    next(cell for cell in notebook["cells"] if cell["id"] == "tiny-student-number")["source"] = source
    (folder / "tiny.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    result = informal_ict("course", "check", "tiny", "--course", fresh)
    assert result.status == 1 and problem in result.out


def test_a_number_with_its_type_is_read(fresh, released, informal_ict) -> None:
    hand_in(fresh, "ada", with_number(released, 'student_number: str = "1001"'))
    hand_in(fresh, "ben", with_number(released, 'student_number = own = "1001"'))
    out = informal_ict("course", "check", "tiny", "--course", fresh).out
    assert "ada: the number 1001 is in the work of ada, ben" in out


@pytest.mark.parametrize(
    "source",
    [
        '%xmode Minimal\nstudent_number = "1002"',
        'student_number: str = "1002"',
        'student_number, course = "1002", "SW 500"',
        'print(student_number := "1002")',
        'student_number += "2"',
    ],
)
def test_a_number_set_again_elsewhere_is_flagged(fresh, released, informal_ict, source) -> None:
    notebook = answered(released)
    notebook.cells.append(new_code_cell(source))
    hand_in(fresh, "ada", notebook)
    assert (
        "another cell sets student_number again"
        in informal_ict("course", "check", "tiny", "--course", fresh).out
    )


def test_a_roster_is_compared(fresh, released, informal_ict, tmp_path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("student,student_number\nada,1001\nben,1003\n", encoding="utf-8")
    for student in ("ada", "ben", "cem"):
        hand_in(fresh, student, with_number(released, f"student_number = {1001 + ord(student[0])}"))
    hand_in(fresh, "ada", with_number(released, "student_number = 1001"))
    out = informal_ict("course", "check", "tiny", "--course", fresh, "--roster", roster).out
    assert "ada" not in out
    assert "ben: works on the data of 1099; the roster has 1003." in out
    assert "cem: is not on the roster." in out


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("student\nada\n", "the column student_number is missing"),
        ("student,student_number\nada,\n", "line 2: a field is empty"),
        ("student,student_number\nada,1\nada,2\n", "line 3: ada is there twice"),
    ],
)
def test_a_faulty_roster_is_refused(fresh, informal_ict, tmp_path, text, problem) -> None:
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    result = informal_ict("course", "check", "tiny", "--course", fresh, "--roster", tmp_path / "roster.csv")
    assert result.status == 1 and problem in result.err


def test_a_renamed_notebook_is_found_and_copied_to_its_name(fresh, released, informal_ict) -> None:
    folder = hand_in(fresh, "ada", answered(released), "tiny (1).ipynb")
    result = informal_ict("course", "check", "tiny", "--course", fresh)
    assert result.status == 1
    assert "the notebook is called 'tiny (1).ipynb'; --repair copies it to tiny.ipynb" in result.out
    assert informal_ict("course", "check", "tiny", "--course", fresh, "--repair").status == 0
    assert sorted(path.name for path in folder.iterdir()) == ["tiny (1).ipynb", "tiny.ipynb"]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"tiny.ipynb": "not JSON"}, "tiny.ipynb is not a notebook that can be opened"),
        ({"tiny.ipynb": "[]"}, "tiny.ipynb is not a notebook that can be opened"),
        (
            {"tiny.ipynb": '{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'},
            "is not a notebook",
        ),
        (
            {
                "tiny.ipynb": '{"cells": [{"cell_type": "raw", "id": "a", "metadata": {}}], "metadata": {}, '
                '"nbformat": 4, "nbformat_minor": 5}'
            },
            "is not a notebook that can be opened (it has a cell without text)",
        ),
        ({"essay.docx": "text"}, "there is no tiny.ipynb, but essay.docx"),
        ({}, "there is no tiny.ipynb, but nothing"),
    ],
)
def test_what_is_no_notebook_is_named(fresh, informal_ict, files, problem) -> None:
    folder = fresh / "submitted" / "ada" / "tiny"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    result = informal_ict("course", "check", "tiny", "--course", fresh)
    assert result.status == 1 and problem in result.out


def test_an_assignment_that_was_not_released_is_refused(fresh, informal_ict) -> None:
    result = informal_ict("course", "check", "small", "--course", fresh)
    assert result.status == 1 and "make the course first" in result.err
