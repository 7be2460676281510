"""The item report as an instructor opens it: a real gradebook, care with small classes, and no names."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbgrader.api import Gradebook

from built_site import AXE
from informal_ict.items.read import read_results
from informal_ict.items.sentences import what_to_do
from informal_ict.items.statistics import figures, item_rest_correlation, share_earned
from marked_course import ASSIGNMENT, NOTEBOOK, TASK, Submission, make_course

BY_K = "You divided by k. The formula divides by k - 1."
TESTS = ("base", "share", "people")
STUDENTS = 24


def student(number: int) -> Submission:
    """Everybody has the base; every second one loses the share; the strong half loses the people."""
    scores: dict[str, float] = {TASK: 4 if number < 12 else 2}
    messages: dict[str, str] = {}
    blank: set[str] = set()
    if number % 2:
        scores["test-share"] = 0
        messages["test-share"] = (
            f"AssertionError: {BY_K}" if number < 18 else "NameError: name 'x' is not defined"
        )
        if number >= 18:
            blank.add("share")
    if number < 12:
        scores["test-people"] = 0
        messages["test-people"] = (
            f"AssertionError: Only student {number} hears <script>alert(1)</script> this."
        )
    return Submission(f"Łucja Number{number}", scores, messages, blank=frozenset(blank), unread=number == 23)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("items"), [student(n) for n in range(STUDENTS)], TESTS)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("small"), [student(n) for n in range(6)], TESTS)


def test_the_numbers_are_those_of_the_class(course: Path) -> None:
    results = read_results(course, ASSIGNMENT)
    base, share, people, task = figures(results)
    assert [one.item.title for one in (base, share, people, task)] == [
        "The base", "The share", "The people", "What it means",
    ]  # fmt: skip
    assert (base.lost, share.lost, people.lost, task.lost, task.people) == (0, 12, 12, 11, 23)
    assert share.item.messages == {BY_K: 9, "The check stopped with NameError.": 3}
    assert (base.item.blank, share.item.blank, task.item.blank) == (0, 3, None)
    assert share.lost_share is not None and share.lost_share.value == 50
    assert base.discrimination is None  # everybody earned the same
    # Worked out without SciPy, among the 23 who are marked in full.
    rows = np.array(
        [[2, 0 if n % 2 else 2, 0 if n < 12 else 2, 4 if n < 12 else 2] for n in range(23)], float
    )
    rest = rows.sum(axis=1) - rows[:, 2]
    expected = np.corrcoef(rows[:, 2], rest)[0, 1]
    assert people.discrimination is not None
    assert people.discrimination.value == pytest.approx(expected)
    assert people.discrimination.low < expected < people.discrimination.high < 0
    assert "Read the question and its check again" in " ".join(what_to_do(people))
    assert "One explanation reaches most of them" in " ".join(what_to_do(share))


def test_extra_credit_does_not_make_a_question_easier(course: Path) -> None:
    before = figures(read_results(course, ASSIGNMENT))[1].earned
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("test-share", NOTEBOOK, ASSIGNMENT, "Łucja Number0")
        grade.extra_credit = 5
        gradebook.db.commit()
        try:
            assert figures(read_results(course, ASSIGNMENT))[1].earned == before == 0.5
        finally:
            grade.extra_credit = 0
            gradebook.db.commit()


def test_the_page(course: Path, tmp_path: Path, informal_ict, browser) -> None:
    target = tmp_path / "items.html"
    result = informal_ict("items", course, ASSIGNMENT, "--output", target)
    assert (result.status, result.out) == (0, f"wrote {target}\n")
    html = target.read_text(encoding="utf-8")
    assert "Łucja" not in html and "Number" not in html
    assert "alert(1)" not in html  # a message for one student alone
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(target.as_uri())
    assert asked == [target.as_uri()] and said == []
    first = " ".join(page.locator(".box").first.inner_text().split())
    assert first.startswith(
        "Question 2, The share. 12 of 24 students lost points (50%, interval 31% to 69%)."
    )
    assert f"To most of them (9 of 12) the check said: “{BY_K}” 3 left the answer blank." in first
    row = " ".join(page.locator("table").first.locator("tbody tr").nth(1).inner_text().split())
    assert row.startswith("2. The share Lost points: 12 of 24") or row.startswith("2. The share 12 of 24")
    assert page.locator("svg.ict-chart").count() == 2
    assert "2. The share, 50%" in page.locator("svg.ict-chart").first.get_attribute("aria-label")
    assert "12 more messages were for one student alone" in html
    assert "nbgrader keeps no times of marking" in html
    page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    for width, mode in ((390, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=mode)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert [one["id"] for one in page.evaluate("axe.run(document)")["violations"]] == []
    context.close()


def test_a_small_class_is_counted_and_not_correlated(small: Path, tmp_path: Path, informal_ict) -> None:
    target = tmp_path / "items.html"
    assert informal_ict("items", small, ASSIGNMENT, "--output", target).status == 0
    body = target.read_text(encoding="utf-8").split("<main>")[1].split("<h2>How it was counted")[0]
    assert "The class is small." in body
    assert "3 of 6 students lost points." in body
    assert "%" not in body and "<svg" not in body and "With the others" not in body


def test_a_broken_notebook_is_said_to_be_missing(small: Path, tmp_path: Path, informal_ict) -> None:
    broken = small / "autograded" / "Łucja Number1" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    before = broken.read_bytes()
    broken.write_text("[]", encoding="utf-8")
    try:
        target = tmp_path / "items.html"
        assert informal_ict("items", small, ASSIGNMENT, "--output", target).status == 0
    finally:
        broken.write_bytes(before)
    html = target.read_text(encoding="utf-8")
    assert "1 marked notebook could not be read" in html
    assert "3 of 6 students lost points." in html  # the gradebook has the points


def test_computing_time_is_shown_where_it_is_noted(small: Path, tmp_path: Path, informal_ict) -> None:
    path = small / "autograded" / "Łucja Number0" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(
        one for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade_id") == "test-base"
    )
    cell.metadata["execution"] = {
        "iopub.execute_input": "2026-01-05T10:00:00.000000Z",
        "shell.execute_reply": "2026-01-05T10:00:02.500000Z",
    }
    nbformat.write(notebook, path)
    target = tmp_path / "items.html"
    assert informal_ict("items", small, ASSIGNMENT, "--output", target).status == 0
    assert re.search(r'data-label="Computing">2\.5 s<', target.read_text(encoding="utf-8"))


def test_what_is_not_there_is_named(course: Path, informal_ict) -> None:
    wrong = informal_ict("items", course, "diary")
    assert wrong.status == 1 and f"it has {ASSIGNMENT}" in " ".join(wrong.err.split())
    nowhere = informal_ict("items", course / "autograded", ASSIGNMENT)
    assert nowhere.status == 1 and "gradebook" in nowhere.err


def test_intervals() -> None:
    part = share_earned([0, 1, 2, 2] * 5, 2)
    assert part.value == 62.5 and 40 < part.low < 62.5 < part.high < 85
    all_or_nothing = share_earned([0, 2] * 10, 2)
    assert (round(all_or_nothing.low, 1), round(all_or_nothing.high, 1)) == (29.9, 70.1)  # Wilson 1927
    same = share_earned([1.0] * 12, 2)
    assert (same.low, same.value, same.high) == (50, 50, 50)
    assert item_rest_correlation([0, 1] * 9, list(range(18))) is None
    assert item_rest_correlation([1] * 30, list(range(30))) is None
