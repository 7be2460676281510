"""The assignment "Crosstabs": what students receive, what every answer earns, what comes back as feedback."""

import json
import os
import subprocess
import sys
import sysconfig
import time
from html import unescape
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from informal_ict.assignments import Answer, Assignment, find_cell, read_answers, read_assignment
from informal_ict.course import build_course
from informal_ict.feedback import REGION, fingerprint
from informal_ict.paths import ASSIGNMENTS, PUBLISHED, SURVEY

SLUG = "crosstabs"
ASSIGNMENT: Assignment = read_assignment(ASSIGNMENTS / SLUG)
ANSWERS: dict[str, Answer] = read_answers(ASSIGNMENTS / SLUG / "answers", ASSIGNMENT)
FAILING = "copied-from-a-neighbour"
NOTEBOOK = f"{SLUG}.ipynb"


def nbgrader(course: Path, *calls: list[str]) -> None:
    """Run stock commands beside each other, as an instructor would type them in the course folder."""
    environment = os.environ | {"PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "nbgrader", *call],
            cwd=course,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for call in calls
    ]
    for process in running:
        _, log = process.communicate()
        assert process.returncode == 0, log[-3000:]


def marking_lines() -> set[str]:
    """What only a marker may read, line by line."""
    sources = [cell.source for cell in ASSIGNMENT.notebook.cells]
    bodies = [match["body"] for source in sources for match in REGION.finditer(source)]
    lines = {fingerprint(line) for body in bodies for line in body.splitlines()}
    visible = fingerprint("\n".join(REGION.sub("", source) for source in sources))
    return {line for line in lines if len(line) >= 12 and line not in visible}


def errors(notebook: NotebookNode) -> dict[str, str]:
    return {
        cell.metadata.get("nbgrader", {}).get("grade_id", cell.source): f"{output.ename}: {output.evalue}"
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which every answer was handed in and marked by the stock command."""
    folder = tmp_path_factory.mktemp("course")
    (release,) = build_course(folder)
    released = nbformat.read(release / NOTEBOOK, as_version=4)
    for name, answer in ANSWERS.items():
        submitted = folder / "submitted" / name / SLUG
        submitted.mkdir(parents=True)
        nbformat.write(ASSIGNMENT.fill_in(released, answer), submitted / NOTEBOOK)
    nbgrader(folder, ["autograde", SLUG, "--student=[a-c]*"], ["autograde", SLUG, "--student=[!a-c]*"])
    return folder


@pytest.fixture(scope="module")
def feedback(course: Path) -> dict[str, str]:
    names = ("reference", FAILING)
    nbgrader(course, *(["generate_feedback", SLUG, f"--student={name}"] for name in names))
    pages = {name: course / "feedback" / name / SLUG / f"{SLUG}.html" for name in names}
    return {name: page.read_text(encoding="utf-8") for name, page in pages.items()}


@pytest.fixture(scope="module")
def released(course: Path) -> NotebookNode:
    return nbformat.read(course / "release" / SLUG / NOTEBOOK, as_version=4)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_earns_exactly_its_marks(course: Path, name: str) -> None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grades = gradebook.find_submission_notebook(SLUG, SLUG, name).grades
        given = {grade.name: grade.auto_score for grade in grades if grade.name not in ASSIGNMENT.tasks}
    assert given == ASSIGNMENT.marks(ANSWERS[name])


def test_the_answers_cover_what_they_should() -> None:
    kinds = [answer.kind for answer in ANSWERS.values()]
    assert kinds.count("reference") == kinds.count("blank") == 1
    assert kinds.count("right") >= 3
    alone = {
        answer.loses[0]
        for answer in ANSWERS.values()
        if answer.kind == "misconception" and len(answer.loses) == 1
    }
    assert alone == set(ASSIGNMENT.tests.values())


def test_the_rubric_waits_for_a_person(course: Path) -> None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade(ASSIGNMENT.tasks[0], SLUG, SLUG, "reference")
        assert (grade.max_score, grade.needs_manual_grade) == (6, True)


def test_a_release_holds_no_marking_material(course: Path, released: NotebookNode) -> None:
    raw = (course / "release" / SLUG / NOTEBOOK).read_text(encoding="utf-8")
    for marker in ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
        assert f"BEGIN {marker}" not in raw
        assert f"END {marker}" not in raw
    shown = fingerprint(raw)
    assert [line for line in marking_lines() if line in shown] == []
    for grade_id in ASSIGNMENT.tests:
        assert "NotImplementedError" in find_cell(released, grade_id).source
        assert ASSIGNMENT.solution(grade_id) not in "\n".join(cell.source for cell in released.cells)
    assert all(not cell.get("outputs") for cell in released.cells)


def test_a_release_is_the_notebook_and_its_data(course: Path, released: NotebookNode) -> None:
    files = sorted(path.name for path in (course / "release" / SLUG).iterdir())
    assert files == [NOTEBOOK, "survey.csv"]
    assert (course / "release" / SLUG / "survey.csv").read_bytes() == SURVEY.read_bytes()
    assert "informal_ict" not in json.dumps(released)
    assert "jupytext" not in released.metadata


def test_a_blank_release_fails_only_as_intended(course: Path) -> None:
    failed = errors(nbformat.read(course / "autograded" / "blank" / SLUG / NOTEBOOK, as_version=4))
    assert failed.pop("crosstabs-sample").startswith("ValueError: Your student number is still empty.")
    for grade_id in [*ASSIGNMENT.tests, ASSIGNMENT.student_number]:
        assert failed.pop(grade_id).startswith("NotImplementedError: Write your answer here")
    for grade_id in ASSIGNMENT.tests.values():
        assert failed.pop(grade_id).startswith("AssertionError: There is no `")
    assert failed == {}


@pytest.mark.parametrize(
    "name", [name for name, answer in ANSWERS.items() if answer.kind in {"reference", "right"}]
)
def test_a_right_answer_runs_without_a_red_message(course: Path, name: str) -> None:
    notebook = nbformat.read(course / "autograded" / name / SLUG / NOTEBOOK, as_version=4)
    assert errors(notebook) == {}


@pytest.mark.parametrize(
    "name",
    [name for name, answer in ANSWERS.items() if answer.kind == "misconception"],
)
def test_visible_checks_look_at_the_form_alone(course: Path, name: str) -> None:
    """A wrong value of the right form passes in front of the student and fails when it is marked."""
    marked = nbformat.read(course / "autograded" / name / SLUG / NOTEBOOK, as_version=4)
    visible = [assertion for cell in released_tests(course) for assertion in cell.splitlines()]
    for grade_id in ANSWERS[name].loses:
        message = errors(marked)[grade_id].removeprefix("AssertionError: ")
        assert not any(message in line for line in visible)


def released_tests(course: Path) -> list[str]:
    notebook = nbformat.read(course / "release" / SLUG / NOTEBOOK, as_version=4)
    return [find_cell(notebook, test).source for test in ASSIGNMENT.tests.values()]


def test_a_released_folder_runs_alone_and_soon(course: Path, released: NotebookNode, tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_bytes(SURVEY.read_bytes())
    # The working folder comes first on a kernel's path, so this package hides the installed one.
    (tmp_path / "informal_ict.py").write_text(
        "raise ImportError('a student does not have this')", encoding="utf-8"
    )
    notebook = ASSIGNMENT.fill_in(released, ANSWERS["reference"])
    begin = time.perf_counter()
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert time.perf_counter() - begin < 20


def test_feedback_teaches_and_gives_nothing_away(feedback: dict[str, str]) -> None:
    secrets = marking_lines()
    for name, page in feedback.items():
        text = unescape(page)
        for marker in ("BEGIN SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
            assert marker not in text, name
        shown = fingerprint("".join(part.split(">", 1)[-1] for part in text.split("<")))
        assert [line for line in secrets if line in shown] == [], name
    assert "This is not the number of people in your sample who gave their age group." in feedback[FAILING]
    assert "This is not the number of people" not in feedback["reference"]
    assert "(Score: 19.0 / 25.0)" in feedback["reference"]
    assert "(Score: 3.0 / 25.0)" in feedback[FAILING]


def mark_in_process(answer: Answer, student_number: int) -> set[str]:
    """Run an answer and its tests without a kernel, and give the tests that fail."""
    names: dict[str, object] = {"student_number": student_number, "survey": pd.read_csv("survey.csv")}
    exec("import hashlib\nimport pandas as pd\nfrom scipy import stats", names)
    exec(find_cell(ASSIGNMENT.notebook, "crosstabs-sample").source, names)
    failed = set()
    for grade_id, test in ASSIGNMENT.tests.items():
        exec(answer.cells.get(grade_id) or ASSIGNMENT.solution(grade_id), names)
        try:
            exec(find_cell(ASSIGNMENT.notebook, test).source, names)
        except AssertionError:
            failed.add(test)
    return failed


@pytest.mark.parametrize("name", [name for name, answer in ANSWERS.items() if answer.kind != "blank"])
def test_an_answer_earns_the_same_for_every_student(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ANSWERS[name]
    survey = pd.read_csv(SURVEY)
    monkeypatch.setattr(pd, "read_csv", lambda _: survey.copy())  # reading it again takes most of the time
    for number in range(2_000_000_000, 2_000_000_006):
        failed = mark_in_process(answer, number)
        if name == FAILING:
            # Two samples may agree on one number by chance, hardly ever on two.
            assert len(set(answer.loses) - failed) <= 1
            assert failed <= set(answer.loses)
        else:
            assert failed == set(answer.loses)


def run_sample_cell(student_number: object) -> pd.DataFrame:
    survey = pd.read_csv(SURVEY)
    names: dict[str, object] = {"student_number": student_number, "survey": survey, "pd": pd}
    exec("import hashlib\n" + find_cell(ASSIGNMENT.notebook, "crosstabs-sample").source, names)
    sample = names["sample"]
    assert isinstance(sample, pd.DataFrame)
    return sample


def test_a_student_number_draws_one_sample() -> None:
    one = run_sample_cell("1009876543")
    pd.testing.assert_frame_equal(one, run_sample_cell(1009876543))
    pd.testing.assert_frame_equal(one, run_sample_cell(" 1009 876 543 "))
    assert set(one["country"]) == {"Canada"}
    assert one["id"].is_unique and len(one) == 600
    assert set(one["id"]) != set(run_sample_cell("1009876544")["id"])


@pytest.mark.parametrize(
    ("number", "error"), [("", ValueError), ("  ", ValueError), (1.0, TypeError), (None, TypeError)]
)
def test_a_missing_student_number_is_explained(number: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="student number"):
        run_sample_cell(number)


def test_every_sample_carries_the_assignment() -> None:
    for number in range(1_000_000_000, 1_000_000_060):
        sample = run_sample_cell(number)
        table = pd.crosstab(sample["setting"], sample["ict_use"])
        assert table.shape == (9, 2)
        assert table.sum(axis=1).min() >= 10
        assert sample["age_group"].isna().sum() > 0
        assert (sample["age_group"] == "under 30").mean() > 0.02


def test_the_published_numbers_are_those_of_the_table() -> None:
    """The notebook is self-contained, so it repeats two published tests; they must not drift."""
    published = (
        pd.read_csv(PUBLISHED)
        .query("statistic == 'chi2' and country == 'United States'")
        .set_index("variable")
    )
    text = "\n".join(cell.source for cell in ASSIGNMENT.notebook.cells)
    for variable in ("role", "geography"):
        row = published.loc[variable]
        test = f"χ²({int(row['df'])}, *N* = {int(row['n']):,}) = {float(row['value']):.3f}"
        assert f"{test}, *p* {row['p_reported']}" in text
        assert f"stats.chi2.sf({float(row['value']):.3f}, {int(row['df'])})" in text
