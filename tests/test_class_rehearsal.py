"""A class of twenty, from release to grades, by the commands of the README and in the real formgrader."""

import csv
import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

import every_answer
from formgrader_server import formgrader_of
from informal_ict.assignments.answers import Answer, expected_marks, fill_in
from informal_ict.assignments.cells import find_cell
from nbgrader_course import in_a_process, nbgrader, new_course

SLUG = "crosstabs"
ASSIGNMENT = every_answer.SOURCES[SLUG]
ANSWERS = every_answer.ANSWERS[SLUG]
(TASK,) = ASSIGNMENT.tasks
TOKEN = "rehearsal"
SENTENCES = re.compile(r"^Two sentences, place \d+\.$")
NAMES = (
    *("abdi", "bélanger", "chen", "dumont", "eze", "ferreira", "gagnon", "hossain", "ibarra", "jónsdóttir"),
    *("kaur", "lavoie", "moreau", "nguyễn", "okafor", "papadakis", "quesnel", "roy", "singh", "tremblay"),
)


@dataclass(frozen=True)
class Student:
    """One generated student.

    Attributes:
        name: also the name of the folder, as a learning platform makes it.
        answer: what is handed in.
        sentences: for the person who marks.
        manual: what that person gives.
    """

    name: str
    answer: Answer
    sentences: str
    manual: int

    @property
    def total(self) -> int:
        """Marks in all."""
        return sum(expected_marks(ASSIGNMENT, self.answer).values()) + self.manual


def generate_class() -> list[Student]:
    """Twenty students, each with about one mistake in four questions, seeded."""
    chance = random.Random(2026)
    mistakes: dict[str, list[str]] = {}
    for mistake, answer in ANSWERS.items():
        if answer.kind == "misconception" and len(answer.loses) == len(answer.cells) == 1:
            mistakes.setdefault(answer.loses[0], []).append(mistake)
    students = []
    for place, name in enumerate(NAMES):
        made = [chance.choice(names) for names in mistakes.values() if chance.random() < 0.25]
        answer = Answer(
            title=f"{name}: {', '.join(made) or 'no mistake'}",
            kind="misconception",
            student_number=f"{chance.randrange(10**9):010d}",
            cells={cell: source for one in made for cell, source in ANSWERS[one].cells.items()},
            loses=[ANSWERS[one].loses[0] for one in made],
        )
        points = ASSIGNMENT.points[TASK]
        students.append(Student(name, answer, f"Two sentences, place {place}.", place % (points + 1)))
    return students


CLASS = generate_class()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Released, handed in and marked by the computer."""
    folder = new_course(tmp_path_factory, "rehearsal")
    for student in CLASS:
        home = folder / "submitted" / student.name
        with zipfile.ZipFile(folder / "release-zips" / f"{SLUG}.zip") as archive:
            archive.extractall(home)
        path = home / SLUG / f"{SLUG}.ipynb"
        notebook = fill_in(ASSIGNMENT, nbformat.read(path, as_version=4), student.answer)
        place = notebook.cells.index(find_cell(notebook, TASK))
        notebook.cells[place + 1].source = student.sentences
        nbformat.write(notebook, path)
    in_a_process("grade", folder, SLUG, "--quiet")
    return folder


@pytest.fixture(scope="module")
def formgrader(course: Path) -> Iterator[str]:
    """The address of nbgrader's own formgrader, served by Jupyter in the course folder."""
    with formgrader_of(course, TOKEN) as address:
        yield address


@pytest.fixture(scope="module")
def read_by_a_person(course: Path, formgrader: str, browser: Browser) -> Path:
    """The course after somebody gave every student marks and a comment in the formgrader."""
    by_sentences = {student.sentences: student for student in CLASS}
    page = browser.new_page(extra_http_headers={"Authorization": f"token {TOKEN}"})
    # The formgrader asks another host for MathJax, and waits for it; nothing here has formulas.
    page.route(lambda url: not url.startswith(formgrader), lambda route: route.abort())
    page.goto(f"{formgrader}/formgrader/gradebook/{SLUG}/{SLUG}")
    page.wait_for_function(f"document.querySelectorAll('a[href*=submissions]').length >= {len(CLASS)}")
    shown_or_not = page.eval_on_selector_all("a[href*=submissions]", "all => all.map(one => one.href)")
    links = list(dict.fromkeys(shown_or_not))  # a row has one link with the name and one without
    assert len(links) == len(CLASS)
    for link in links:
        page.goto(link)
        student = by_sentences[page.get_by_text(SENTENCES).text_content()]
        assert page.get_by_text("A strong answer:").count() == 1
        score, comment = page.locator(f"input#{TASK}"), page.locator(f"#{TASK}-comment")
        # The fields save nothing before what is known of them has come.
        page.wait_for_selector(f"#{TASK}_extra_credit[placeholder='0']")
        page.wait_for_selector(f"#{TASK}-comment[placeholder]")
        for field, value in ((score, str(student.manual)), (comment, f"Read with care, {student.name}.")):
            with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
                field.fill(value)
                field.press("Tab")
            assert saved.value.ok
    page.close()
    return course


def test_the_class_has_individual_data_and_different_marks() -> None:
    assert len({student.answer.student_number for student in CLASS}) == len(CLASS) == 20
    assert len({student.total for student in CLASS}) >= 6


def test_nothing_needs_a_look_before_marking(course: Path, informal_ict) -> None:
    result = informal_ict("course", "check", SLUG, "--course", course)
    assert (result.status, result.out) == (0, f"20 submissions of {SLUG}, 0 things to look at.\n")


def test_grades_are_exported_as_they_were_given(read_by_a_person: Path) -> None:
    nbgrader(read_by_a_person, ["export", "--to=grades.csv"])
    with (read_by_a_person / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == SLUG]
    given = {row["student_id"]: float(row["score"]) for row in rows}
    assert given == {student.name: student.total for student in CLASS}


def test_every_student_gets_feedback_with_the_comment(read_by_a_person: Path) -> None:
    in_a_process("feedback", read_by_a_person, SLUG)
    for student in CLASS:
        page = read_by_a_person / "feedback" / student.name / SLUG / f"{SLUG}.html"
        text = page.read_text(encoding="utf-8")
        assert f"{student.total} of {ASSIGNMENT.total} points" in text
        assert f"Read with care, {student.name}." in text
        assert "A strong answer:" not in text and "HIDDEN TESTS" not in text
