"""Every assignment under stock nbgrader: what students receive, what each answer earns, what comes back."""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from every_answer import ANSWERS, COPIED, SOURCES
from informal_ict.assignments.answers import Answer, expected_marks, fill_in
from informal_ict.assignments.cells import find_cell
from informal_ict.assignments.source import Assignment
from informal_ict.course.feedback import fingerprint
from informal_ict.grading.compare import contents, sqlite_url
from nbgrader_course import errors, in_a_process, marking_lines, nbgrader, new_course


def notebooks_to_mark(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Answers as they are, but with several mistakes in one notebook wherever one student can make them.

    It must lose what each of them loses and nothing else, so nobody is carried down by an earlier mistake.
    That a mistake costs nothing else when it is made alone is tested without nbgrader
    (``test_answers_alone.py``), for which it would be a notebook more.
    """
    mistakes = {name: one for name, one in answers.items() if one.kind == "misconception" and name != COPIED}
    # Those that go with few others first, as is usual where as few groups as possible are wanted.
    hardest = sorted(mistakes.values(), key=lambda one: sum(apart(one, o) for o in mistakes.values()))
    together: list[list[Answer]] = []
    for one in hardest:
        place = next((place for place in together if all(apart(one, other) for other in place)), None)
        if place is None:
            together.append([one])
        else:
            place.append(one)
    kept = {name: one for name, one in answers.items() if name not in mistakes}
    return kept | {f"mistakes-{number}": made_together(made) for number, made in enumerate(together)}


def apart(one: Answer, other: Answer) -> bool:
    """Whether one student can make both mistakes, and both show."""
    return (
        str(one.student_number) == str(other.student_number)
        and not one.cells.keys() & other.cells.keys()
        and not set(one.loses) & set(other.loses)
        and not one.cells.keys() & set(other.rests_on)
        and not other.cells.keys() & set(one.rests_on)
    )


def made_together(mistakes: Sequence[Answer]) -> Answer:
    """One notebook with several mistakes."""
    return mistakes[0].model_copy(
        update={
            "cells": {cell: source for one in mistakes for cell, source in one.cells.items()},
            "loses": [test for one in mistakes for test in one.loses],
        }
    )


HANDED_IN = {
    (slug, name): answer
    for slug, answers in ANSWERS.items()
    for name, answer in notebooks_to_mark(answers).items()
}
FIRST_RIGHT = {
    next(name for name, answer in answers.items() if answer.kind == "right") for answers in ANSWERS.values()
}
UNLIKE_EACH_OTHER = {"reference", "blank", COPIED, "mistakes-0", "mistakes-1", *FIRST_RIGHT}

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which every answer was handed in, and nothing is marked."""
    folder = new_course(tmp_path_factory, "answers")
    for (slug, name), answer in HANDED_IN.items():
        submitted = folder / "submitted" / name / slug
        submitted.mkdir(parents=True)
        notebook = fill_in(SOURCES[slug], released(folder, slug), answer)
        nbformat.write(notebook, submitted / f"{slug}.ipynb")
    return folder


@pytest.fixture(scope="module")
def course(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, marked by the stock command."""
    folder = Path(shutil.copytree(handed_in, tmp_path_factory.mktemp("stock") / "course"))
    # For two stock commands side by side: each waits for the other's writing, and finds every student there,
    # whom both would add at the same moment otherwise.
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('\nc.CourseDirectory.db_url = "sqlite:///gradebook.db?timeout=60"\n')
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        for name in {name for _, name in HANDED_IN}:
            gradebook.add_student(name)
    for_all_assignments("autograde", folder)
    return folder


def for_all_assignments(command: str, course: Path) -> None:
    """Run a stock command for every assignment, half of them beside the other half."""
    calls = [[command, slug] for slug in SOURCES]
    with ThreadPoolExecutor(2) as side_by_side:
        list(side_by_side.map(lambda half: nbgrader(course, *half), [calls[::2], calls[1::2]]))


@pytest.fixture(scope="module")
def feedback(course: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """Feedback on the reference and on the copy of every assignment, made by the stock command."""
    names = ("reference", COPIED)
    folder = tmp_path_factory.mktemp("feedback") / "course"
    folder.mkdir()
    for file in ("nbgrader_config.py", "gradebook.db"):
        shutil.copy(course / file, folder)
    for name in names:
        shutil.copytree(course / "autograded" / name, folder / "autograded" / name)
    for_all_assignments("generate_feedback", folder)
    return {
        (slug, name): (folder / "feedback" / name / slug / f"{slug}.html").read_text(encoding="utf-8")
        for slug in SOURCES
        for name in names
    }


def released(course: Path, slug: str) -> NotebookNode:
    return nbformat.read(course / "release" / slug / f"{slug}.ipynb", as_version=4)


def marked(course: Path, slug: str, name: str) -> NotebookNode:
    return nbformat.read(course / "autograded" / name / slug / f"{slug}.ipynb", as_version=4)


def test_there_are_six_assignments() -> None:
    assert set(SOURCES) == {"map-a-message", "describe", "crosstabs", "boundaries", "access", "policy"}


@pytest.mark.parametrize("slug", SOURCES)
def test_answers_cover_what_they_should(slug: str) -> None:
    """A reference, a blank, three right ones, a copy; for each question a mistake that costs it alone."""
    kinds = [answer.kind for answer in ANSWERS[slug].values()]
    assert kinds.count("reference") == kinds.count("blank") == 1
    assert kinds.count("right") >= 3
    assert COPIED in ANSWERS[slug]
    alone = {
        answer.loses[0]
        for answer in ANSWERS[slug].values()
        if answer.kind == "misconception" and len(answer.loses) == 1
    }
    assert alone == set(SOURCES[slug].tests.values())


def test_every_mistake_is_handed_in() -> None:
    for slug, answers in ANSWERS.items():
        handed_in = [answer for (one, _), answer in HANDED_IN.items() if one == slug]
        for answer in answers.values():
            assert any(answer.cells.items() <= other.cells.items() for other in handed_in)
    assert 40 < len(HANDED_IN) < 80


@pytest.mark.parametrize(("slug", "name"), HANDED_IN)
def test_an_answer_earns_exactly_its_marks(course: Path, slug: str, name: str) -> None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grades = gradebook.find_submission_notebook(slug, slug, name).grades
        given = {grade.name: grade.auto_score for grade in grades if grade.name not in SOURCES[slug].tasks}
    assert given == expected_marks(SOURCES[slug], HANDED_IN[slug, name])


def test_our_command_leaves_the_gradebook_that_the_stock_one_leaves(
    handed_in: Path, course: Path, tmp_path: Path, thorough: bool
) -> None:
    """Every cell, in the sandbox, with the hidden checks outside the kernel.

    Those that are unlike each other: of the notebooks with several mistakes, the two of each assignment with
    most, and of the right ones the first of each; all with --thorough.
    """
    students = {name for _, name in HANDED_IN if thorough or name in UNLIKE_EACH_OTHER}
    report = tmp_path / "report.json"
    chosen = ",".join(sorted(students))
    in_a_process("grade", handed_in, "--quiet", "--report", report, "--students", chosen)
    ours, stock = contents(sqlite_url(handed_in)), contents(sqlite_url(course))
    assert ours == {key: value for key, value in stock.items() if key[2] in students}
    flagged = [one for one in json.loads(report.read_text())["submissions"] if one["evidence"]]
    assert flagged == []


@pytest.mark.parametrize("slug", SOURCES)
def test_a_rubric_waits_for_a_person(course: Path, slug: str) -> None:
    assert SOURCES[slug].tasks
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for task in SOURCES[slug].tasks:
            grade = gradebook.find_grade(task, slug, slug, "reference")
            assert (grade.max_score, grade.needs_manual_grade) == (SOURCES[slug].points[task], True)


@pytest.mark.parametrize("slug", SOURCES)
def test_a_release_holds_no_marking_material(course: Path, slug: str) -> None:
    assignment, notebook = SOURCES[slug], released(course, slug)
    # A module that students get is written for them; its lines of code may be anybody's.
    files = [path for path in (course / "release" / slug).iterdir() if path.suffix != ".py"]
    raw = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for marker in ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
        assert f"BEGIN {marker}" not in raw
        assert f"END {marker}" not in raw
    shown = fingerprint(raw)
    secrets = marking_lines(assignment)
    assert secrets
    assert [line for line in secrets if line in shown] == []
    for grade_id in assignment.tests:
        assert assignment.solution(grade_id) not in "\n".join(cell.source for cell in notebook.cells)
    assert all(not cell.get("outputs") for cell in notebook.cells)


@pytest.mark.parametrize("slug", SOURCES)
def test_a_release_is_the_notebook_and_its_files(course: Path, slug: str) -> None:
    header = SOURCES[slug].header
    files = {path.name for path in (course / "release" / slug).iterdir()}
    assert files >= {f"{slug}.ipynb", *header.data, *header.files}
    assert not any("marking" in name or "rubric" in name or "answers" in name for name in files)
    notebook = released(course, slug)
    assert "informal_ict" not in json.dumps(notebook)
    assert "jupytext" not in notebook.metadata


@pytest.mark.parametrize("slug", SOURCES)
def test_a_blank_release_fails_only_as_intended(course: Path, slug: str) -> None:
    """The stubs, the checks, and the locked cells that need a student number; every message is for people."""
    assignment = SOURCES[slug]
    failed = errors(marked(course, slug, "blank"))
    assert failed.pop(assignment.student_number).startswith("NotImplementedError: Write your answer here")
    for grade_id in assignment.tests:  # a box to be filled in has no such line
        assert failed.pop(grade_id, "NotImplementedError").startswith("NotImplementedError")
    for grade_id in assignment.tests.values():
        assert failed.pop(grade_id).startswith("AssertionError: ")
    assert any("student number" in message for message in failed.values())


@pytest.mark.parametrize(
    ("slug", "name"), [key for key, answer in HANDED_IN.items() if answer.kind in {"reference", "right"}]
)
def test_a_right_answer_runs_without_a_red_message(course: Path, slug: str, name: str) -> None:
    assert errors(marked(course, slug, name)) == {}


@pytest.mark.parametrize(
    ("slug", "name"), [key for key, answer in HANDED_IN.items() if answer.kind == "misconception"]
)
def test_visible_checks_look_at_the_form_alone(course: Path, slug: str, name: str) -> None:
    """A wrong value of the right form passes in front of the student and fails when it is marked."""
    messages = errors(marked(course, slug, name))
    notebook = released(course, slug)
    visible = "\n".join(find_cell(notebook, test).source for test in SOURCES[slug].tests.values())
    for grade_id in HANDED_IN[slug, name].loses:
        error, _, message = messages[grade_id].partition(": ")
        assert error == "AssertionError"
        assert message not in visible


@pytest.mark.parametrize("slug", SOURCES)
def test_a_released_folder_runs_alone_and_soon(course: Path, slug: str, tmp_path: Path) -> None:
    for path in (course / "release" / slug).iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    # The working folder comes first on a kernel's path, so these hide what is installed here and not there.
    for name in ("informal_ict", "statsmodels", "pydantic", "yaml", "marking", "marking_tools"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('a student does not have this')")
    notebook = fill_in(SOURCES[slug], released(course, slug), ANSWERS[slug]["reference"])
    begin = time.perf_counter()
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert time.perf_counter() - begin < 20


def test_cold_kernels_give_the_same_marks(course: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The tests above let kernels be forked; this one starts them as an instructor's machine does."""
    tmp_path = new_course(tmp_path_factory, "cold")
    names = ("reference", COPIED)
    for name in names:
        (tmp_path / "submitted" / name / "crosstabs").mkdir(parents=True)
        path = Path("submitted", name, "crosstabs", "crosstabs.ipynb")
        (tmp_path / path).write_bytes((course / path).read_bytes())
    nbgrader(tmp_path, ["autograde", "crosstabs"], warm=False)
    for name in names:
        scores = []
        for folder in (course, tmp_path):
            with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
                grades = gradebook.find_submission_notebook("crosstabs", "crosstabs", name).grades
                scores.append({grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in grades})
        assert scores[0] == scores[1]


@pytest.mark.parametrize("slug", SOURCES)
def test_feedback_teaches_and_gives_nothing_away(feedback: dict[tuple[str, str], str], slug: str) -> None:
    assignment = SOURCES[slug]
    secrets = marking_lines(assignment)
    for name in ("reference", COPIED):
        text = unescape(feedback[slug, name])
        for marker in ("BEGIN SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
            assert marker not in text, name
        shown = fingerprint("".join(part.split(">", 1)[-1] for part in text.split("<")))
        # A line that quotes a message of a failed test is what the student should read.
        quoted = fingerprint(" ".join(parts[1] for parts in quotes(assignment)))
        assert [line for line in secrets if line in shown and line not in quoted] == [], name
        marks = sum(expected_marks(assignment, ANSWERS[slug][name]).values())
        assert f"<strong>{marks} of {assignment.total} points</strong>" in feedback[slug, name]


def quotes(assignment: Assignment) -> list[list[str]]:
    """Texts between quotation marks in the marking module."""
    return [["", part] for part in assignment.marking.split('"')[1::2]]
