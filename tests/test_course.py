"""Making the nbgrader course: what is refused, what a rebuild keeps, what feedback hides."""

import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.api import Gradebook

from informal_ict.assignments import (
    AssignmentError,
    find_cell,
    graded_cells,
    read_answer,
    read_assignment,
    read_assignments,
)
from informal_ict.course import CourseError, build_course
from informal_ict.feedback import LEFT_OUT, HideMarking
from informal_ict.paths import ASSIGNMENTS

SOURCE = """\
---
kernelspec: {name: python3, display_name: Python 3, language: python}
assignment: {title: A tiny one, minutes: 5, data: [tiny.csv]}
---

# Tiny

**Total: 3 points**

```{code-cell} ipython3
---
nbgrader: {grade: false, grade_id: tiny-student-number, locked: false, schema_version: 3, solution: true, task: false}
---
student_number = ""
```

## How many rows? (2 points)

```{code-cell} ipython3
---
nbgrader: {grade: false, grade_id: tiny-rows, locked: false, schema_version: 3, solution: true, task: false}
---
### BEGIN SOLUTION
rows = 1 + 1
### END SOLUTION
```

```{code-cell} ipython3
---
nbgrader: {grade: true, grade_id: test-tiny-rows, locked: true, points: 2, schema_version: 3, solution: false, task: false}
---
assert rows, "Write a number."
### BEGIN HIDDEN TESTS
assert rows == 4 - 2, "Count again."
### END HIDDEN TESTS
```

+++ {"nbgrader": {"grade": false, "grade_id": "tiny-meaning", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": true}}

## What does it mean? (1 point)

=== BEGIN MARK SCHEME ===
1: says what two is.
=== END MARK SCHEME ===
"""  # noqa: E501

ANSWER = """\
title: Counts three
kind: misconception
cells:
  tiny-rows: |
    rows = 3
loses: [test-tiny-rows]
"""


def write_source(assignments: Path, text: str = SOURCE, slug: str = "tiny") -> Path:
    folder = assignments / slug
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{slug}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one tiny assignment, made once, with its sources beside it."""
    folder = tmp_path_factory.mktemp("made")
    write_source(folder / "assignments")
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


# ---- The assignments of this repository


def test_grade_ids_are_human_and_unique_in_the_course() -> None:
    ids = [
        cell.metadata.nbgrader.grade_id
        for one in read_assignments()
        for _, cell in graded_cells(one.notebook)
    ]
    assert len(ids) == len(set(ids)) > 0
    assert all(re.fullmatch(r"[a-z0-9-]+", grade_id) for grade_id in ids)


def test_one_sentence_a_line() -> None:
    for path in ASSIGNMENTS.glob("*/*.md"):
        prose = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        lines = [line for line in prose.splitlines() if not line.startswith("|")]
        assert [line for line in lines if re.search(r"[a-z`)*][.?!] [A-Z`]", line)] == []


# ---- Sources and answers that are refused


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("grade_id: tiny-rows", "grade_id: cell-a3e4ac", "cell 'cell-a3e4ac': begin the name with 'tiny-'"),
        ("grade_id: tiny-rows", "grade_id: tiny_Rows", "cell 'tiny_Rows': .* small letters"),
        ("grade_id: tiny-rows,", "", "cell '': .* small letters"),
        (
            '"grade_id": "tiny-meaning"',
            '"grade_id": "tiny-rows"',
            "cell 'tiny-rows': the name is given twice",
        ),
        (
            "test-tiny-rows",
            "test-tiny-columns",
            "cell 'tiny-rows': its test, 'test-tiny-rows', should come next",
        ),
        ("(2 points)", "(1 point)", "cell 'test-tiny-rows': it is worth 2 points, .* prints 1"),
        (" (1 point)", "", "cell 'tiny-meaning': it is worth 1 points, .* prints nothing"),
        ("Total: 3", "Total: 4", "the total is 3 points, but the notebook prints 4"),
        ("### BEGIN HIDDEN TESTS\n", "", "cell 'test-tiny-rows': it needs one BEGIN HIDDEN TESTS"),
        ("### END SOLUTION\n", "", "cell 'tiny-rows': it needs one BEGIN SOLUTION and one END"),
        ("=== END MARK SCHEME ===\n", "", "cell 'tiny-meaning': it needs one BEGIN MARK SCHEME"),
        ("points: 2, ", "", "cell 'test-tiny-rows'"),
        (
            "locked: true, points: 2, schema_version: 3",
            "points: 2, schema_version: 3",
            "cell 'test-tiny-rows'",
        ),
        ("minutes: 5, ", "", "front matter, assignment: .*minutes"),
        ("minutes: 5", "minutes: 120", "front matter, assignment: .*minutes"),
    ],
)
def test_a_faulty_source_is_refused_with_its_place(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in SOURCE
    folder = write_source(tmp_path, SOURCE.replace(old, new))
    with pytest.raises(AssignmentError, match=re.compile(rf"tiny\.md: .*{problem}", re.DOTALL)):
        read_assignment(folder)


def test_a_test_without_an_answer_is_refused(tmp_path: Path) -> None:
    answer = re.search(r"```{code-cell} ipython3\n---\n[^\n]*grade_id: tiny-rows,.*?```\n", SOURCE, re.DOTALL)
    assert answer is not None
    folder = write_source(tmp_path, SOURCE.replace(answer[0], ""))
    with pytest.raises(AssignmentError, match=r"cell 'test-tiny-rows': a test without the answer"):
        read_assignment(folder)


def test_a_misnamed_source_is_refused(tmp_path: Path) -> None:
    folder = write_source(tmp_path)
    (folder / "tiny.md").rename(folder / "small.md")
    with pytest.raises(AssignmentError, match=r"tiny\.md: not found"):
        read_assignments(tmp_path)


def test_no_assignment_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match="no assignment here"):
        read_assignments(tmp_path)


def test_a_name_used_by_two_assignments_is_refused(tmp_path: Path) -> None:
    # The beginning 'tiny-two-' is right in 'tiny-two', and in 'tiny' as well.
    write_source(tmp_path, SOURCE.replace("tiny-meaning", "tiny-two-meaning"))
    write_source(tmp_path, SOURCE.replace("tiny-", "tiny-two-"), "tiny-two")
    with pytest.raises(AssignmentError, match=r"cell 'tiny-two-meaning': the assignment tiny has"):
        read_assignments(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("tiny-rows: |", "tiny-columns: |", "cell 'tiny-columns': tiny has no answer cell"),
        ("[test-tiny-rows]", "[tiny-rows]", "cell 'tiny-rows': tiny has no test"),
        ("[test-tiny-rows]", "[test-tiny-rows, test-tiny-rows]", "a test is named twice"),
        ("loses: [test-tiny-rows]", "", "a misconception loses"),
        ("kind: misconception", "kind: right", "a right answer loses nothing"),
        ("kind: misconception", "kind: blank", "a blank answer has no cells"),
        ("kind: misconception", "kind: wrong", "kind"),
        ("title: Counts three\n", "", "title"),
        ("title:", "marks: 3\ntitle:", "marks"),
        ("loses:", "  tiny-rows: rows = 4\nloses:", "'tiny-rows' is there twice"),
        ("cells:", "cells: [", "cannot start any token"),
    ],
)
def test_a_faulty_answers_file_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    assert old in ANSWER
    assignment = read_assignment(write_source(tmp_path))
    path = tmp_path / "three.yml"
    path.write_text(ANSWER.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AssignmentError, match=re.compile(rf"three\.yml: .*({problem})", re.DOTALL)):
        read_answer(path, assignment)


def test_an_answer_is_filled_in_and_expects_its_marks(tmp_path: Path) -> None:
    assignment = read_assignment(write_source(tmp_path))
    path = tmp_path / "three.yml"
    path.write_text(ANSWER, encoding="utf-8")
    answer = read_answer(path, assignment)
    assert assignment.marks(answer) == {"test-tiny-rows": 0}
    filled = assignment.fill_in(assignment.notebook, answer)
    assert find_cell(filled, "tiny-rows").source.strip() == "rows = 3"
    assert find_cell(filled, "tiny-student-number").source == "student_number = '1009876543'"
    assert assignment.solution("tiny-rows") == "rows = 1 + 1"


# ---- Making and making again


def test_a_course_is_made(made: Path) -> None:
    course = made / "course"
    assert sorted(contents(course)) == [
        "gradebook.db",
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
        assert gradebook.find_assignment("tiny").max_score == 3


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
        ("Total: 3", "Total: 4", AssignmentError),
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
