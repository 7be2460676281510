"""Assignment sources, rubrics and answers files: what is refused, and with what words."""

import contextlib
import re
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from informal_ict.assignments.answers import expected_marks, fill_in, read_answer
from informal_ict.assignments.cells import find_cell, graded_cells
from informal_ict.assignments.errors import AssignmentError
from informal_ict.assignments.source import read_assignment, read_assignments
from informal_ict.paths import ASSIGNMENTS
from tiny_assignment import ANSWER, MARKING, RUBRIC, SOURCE, write_source

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
    sources = sorted(ASSIGNMENTS.glob("*/*.md"))
    assert len(sources) > 1
    for path in sources:
        prose = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        # What somebody says or writes in a scene keeps its own lines.
        lines = [line for line in prose.splitlines() if not line.startswith(("|", ">", "<"))]
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
        ("rows? (2 points)", "rows? (1 point)", "cell 'test-tiny-rows': it is worth 2 points, .* prints 1"),
        ("mean? (2 points)", "mean?", "cell 'tiny-meaning': it is worth 2 points, .* prints nothing"),
        ("Total: 4", "Total: 3", "the total is 4 points, but the notebook prints 3"),
        ("About 5 minutes", "About 6 minutes", "it takes 5 minutes, but the notebook prints 6"),
        ("### BEGIN HIDDEN TESTS\n", "", "cell 'test-tiny-rows': it needs one BEGIN HIDDEN TESTS"),
        ("### END SOLUTION\n", "", "cell 'tiny-rows': it needs one BEGIN SOLUTION and one END"),
        ("=== END MARK SCHEME ===\n", "", "cell 'tiny-meaning': it needs one empty MARK SCHEME"),
        ("points: 2, ", "", "cell 'test-tiny-rows'"),
        (
            "locked: true, points: 2, schema_version: 3",
            "points: 2, schema_version: 3",
            "cell 'test-tiny-rows'",
        ),
        (
            "check_rows(student_number, rows)",
            "assert rows == 2",
            "cell 'test-tiny-rows': .* one call of a function",
        ),
        (
            "check_rows(student_number, rows)",
            "check_it(rows)",
            "cell 'test-tiny-rows': .* no function 'check_it'",
        ),
        (
            "check_rows(student_number, rows)",
            "check_rows(1)\ncheck_rows(2)",
            "cell 'test-tiny-rows': .* one call",
        ),
        ("[tiny.csv]", "[../secret.csv]", "'../secret.csv' is not a plain file name"),
        ("[tiny.csv]", "[tiny.csv], files: [play.py]", "'play.py' is not beside it"),
        ("summary: Count two rows and say it, ", "", "front matter, assignment: summary"),
        ("assignment: {title", "assignment: {title: [", "not a MyST notebook"),
        ("minutes: 5, ", "", "front matter, assignment: .*minutes"),
        ("minutes: 5", "minutes: 120", "front matter, assignment: .*minutes"),
    ],
)
def test_a_faulty_source_is_refused_with_its_place(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in SOURCE
    folder = write_source(tmp_path, SOURCE.replace(old, new))
    with pytest.raises(AssignmentError, match=re.compile(rf"tiny\.md: .*{problem}", re.DOTALL)):
        read_assignment(folder)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "tiny-meaning:",
            "tiny-sense:",
            "cell '(tiny-meaning|tiny-sense)': (the task has no rubric|there is no task)",
        ),
        ("marks: 2, text", "marks: 3, text", "'Sense' has no level of 2 marks"),
        ("{marks: 1, text: Says two.}", "{marks: 2, text: Says two.}", "run down to 0 marks"),
        ("- {marks: 0, text: Does not.}", "", "run down to 0 marks"),
        ("marks: [1]", "marks: [1, 1]", "the middling exemplar needs one mark for each criterion"),
        ("marks: [1]", "marks: [2]", "earn less from strong to weak"),
        ("level: middling", "level: strong", "a strong, a middling and a weak exemplar"),
        ("why: It says of what.", "", "exemplars.0.why"),
    ],
)
def test_a_faulty_rubric_is_refused_with_its_place(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in RUBRIC
    folder = write_source(tmp_path)
    (folder / "rubric.yml").write_text(RUBRIC.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AssignmentError, match=re.compile(rf"rubric\.yml: .*{problem}", re.DOTALL)):
        read_assignment(folder)


def test_a_rubric_is_read_by_markers_with_its_exemplars(tmp_path: Path) -> None:
    scheme = find_cell(read_assignment(write_source(tmp_path)).notebook, "tiny-meaning").source
    for part in (
        "**1. Sense**",
        "- 2: Says what two is.",
        "**A weak answer: 0 = 0 points**",
        "> Two respondents.",
    ):
        assert part in scheme


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("import math", "import math as", "line 1"),
        ("assert math.isclose", "'''note'''\n    assert math.isclose", "double quotation marks"),
        ("UNUSED = ", "FIRST, UNUSED = ", "'FIRST, UNUSED = .* only imports, constants and functions"),
        (
            "def counted",
            "@math.cache\ndef counted",
            "only imports, constants and functions without decorators",
        ),
        ('FOLDER = "."', "class Folder: pass", "'class Folder:': only imports"),
    ],
)
def test_a_faulty_marking_module_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    folder = write_source(tmp_path)
    (folder / "marking.py").write_text(MARKING.replace(old, new), encoding="utf-8")
    with pytest.raises(AssignmentError, match=rf"marking\.py: .*{problem}"):
        read_assignment(folder)


def test_a_marked_notebook_holds_what_its_checks_need_and_no_more(tmp_path: Path) -> None:
    source = find_cell(read_assignment(write_source(tmp_path)).notebook, "test-tiny-rows").source
    assert "import math" in source and "def counted()" in source and "FOLDER =" in source
    assert "UNUSED" not in source


def run_as_student(folder: Path, answer: str, then: str = "") -> dict[str, object]:
    """Run an answer, its test, and one more cell in a shell that began in the folder."""
    source = find_cell(read_assignment(write_source(folder)).notebook, "test-tiny-rows").source
    (folder / "tiny.csv").write_text("id\n1\n2\n", encoding="utf-8")
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    with contextlib.chdir(folder):
        shell = InteractiveShell(config=config)
        for cell in ("student_number = 1", answer, source, then):
            shell.run_cell(cell, store_history=False).raise_error()
    return dict(shell.user_ns)


@pytest.mark.parametrize(
    "answer", ["rows = 2", "len = 1; sum = 0; rows = 2", "import os; os.chdir('/'); rows = 2"]
)
def test_names_and_folders_of_a_student_do_not_reach_a_hidden_check(tmp_path: Path, answer: str) -> None:
    run_as_student(tmp_path, answer)
    with pytest.raises(AssertionError, match=r"Count again\."):
        run_as_student(tmp_path, answer.replace("rows = 2", "rows = 3"))


def test_a_hidden_check_leaves_nothing_behind(tmp_path: Path) -> None:
    names = run_as_student(
        tmp_path, "rows = 2", "left = [name for name in globals() if 'marking' in name or 'check' in name]"
    )
    assert names["left"] == []
    assert not {"_builtins", "_types", "counted"} & names.keys()


def test_a_hidden_check_that_stops_leaves_nothing_behind(tmp_path: Path) -> None:
    source = find_cell(read_assignment(write_source(tmp_path)).notebook, "test-tiny-rows").source
    names = {"get_ipython": None, "student_number": 1, "rows": 2}
    with pytest.raises(TypeError):
        exec(source, names)
    assert names.keys() == {"get_ipython", "student_number", "rows", "__builtins__"}


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
        ("loses:", "rests_on: [tiny-columns]\nloses:", "cell 'tiny-columns': tiny has no answer cell"),
        ("kind: misconception", "kind: blank\nrests_on: [tiny-rows]", "only a misconception rests on"),
        ("cells:", "cells: [", "cannot start any token"),
        ("rows = 3", "", "cell 'tiny-rows': the answer is empty"),
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
    assert expected_marks(assignment, answer) == {"test-tiny-rows": 0}
    filled = fill_in(assignment, assignment.notebook, answer)
    assert find_cell(filled, "tiny-rows").source.strip() == "rows = 3"
    assert find_cell(filled, "tiny-student-number").source == "student_number = '1009876543'"
    assert assignment.solution("tiny-rows") == "rows = 1 + 1"
