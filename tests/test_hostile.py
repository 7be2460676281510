"""Hostile and broken submissions in one class with honest students, graded by one run of the command.

Each kind is data in ``tests/hostile``. None may earn a mark over its honest work, read what is not its own,
reach another program, change a file outside, go on after its end, or keep anybody else from being marked.
"""

from pathlib import Path

import nbformat
import pytest

from broken_files import SPOILS
from hostile_class import HUSH, HW, MARKER, Student, everybody
from hostile_kinds import HERE, read_kinds, table
from hostile_run import Graded, grade_the_class
from informal_ict.grading.jobs import MB, Problem
from informal_ict.grading.record import ITS_OWN_DOING
from informal_ict.paths import ROOT

CLASS = everybody()
KINDS = {key: one for key, one in CLASS.items() if one.kind.name != "honest"}
HONEST = {key: one for key, one in CLASS.items() if one.kind.name == "honest"}
LONGEST = 30  # seconds; three questions that nobody answers, beside one who takes both processors


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return grade_the_class(tmp_path_factory.mktemp("hostile"))


def test_there_are_enough_kinds_and_each_broken_one_is_broken() -> None:
    assert len(KINDS) == len(read_kinds()) >= 40
    assert {name for category, name in read_kinds() if category == "broken"} == SPOILS.keys()
    assert {path.stem for path in Path(__file__).parent.glob("hostile/*.yml")} == HERE.keys()


def test_the_table_in_security_md_lists_them_all() -> None:
    there = table() in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert there, "python tests/hostile_kinds.py writes it."  # pytest would compare the two for minutes


def test_the_run_went_to_its_end_and_says_what_needs_a_person(graded: Graded) -> None:
    """Its exit status is looked at where it runs."""
    assert graded.report["stopped"] is None
    assert graded.outcomes.keys() == CLASS.keys()
    needing = sum(bool(one["failures"] or one["evidence"]) for one in graded.report["submissions"])
    assert graded.report["needs_a_person"] == needing > len(SPOILS) / 2


@pytest.mark.parametrize("key", HONEST, ids="-".join)
def test_an_honest_student_has_full_marks(graded: Graded, key: tuple[str, str]) -> None:
    outcome = graded.outcomes[key]
    assert (outcome["state"], outcome["failures"], outcome["evidence"]) == ("graded", [], [])
    assert graded.marks(HONEST[key]) == HONEST[key].kind.keeps


@pytest.mark.parametrize("key", KINDS, ids=lambda key: key[1])
def test_a_kind_gains_nothing_and_has_its_reason(graded: Graded, key: tuple[str, str]) -> None:
    student, outcome = KINDS[key], graded.outcomes[key]
    assert graded.marks(student) == student.kind.worth
    a_person_reads_what_became_of_it(graded, student, outcome)
    what_was_not_marked_waits(graded, student, outcome)
    nothing_leaked(graded, student, outcome)
    little_is_left(graded, student)
    assert outcome["seconds"] < LONGEST


def a_person_reads_what_became_of_it(graded: Graded, student: Student, outcome: dict) -> None:
    kind, failures = student.kind, outcome["failures"]
    signs = " ".join(f"{one['sign']} {one['detail']}" for one in outcome["evidence"])
    assert kind.sign in signs
    if kind.honest:
        assert signs == ""
    if kind.problem:
        assert failures[0]["problem"] == kind.problem.lower()
    elif not kind.stops:
        assert failures == []
    details = [one["detail"] for one in failures]
    assert kind.says in " ".join([*details, *outcome["remarks"]])
    assert all("Traceback" not in detail for detail in details)
    assert all(one["problem"] != Problem.MACHINE.name.lower() for one in failures)
    assert kind.shows in graded.output(student)


def what_was_not_marked_waits(graded: Graded, student: Student, outcome: dict) -> None:
    waiting = {one.partition("/test")[0] for one in outcome["waiting"]}
    for failure in outcome["failures"]:
        name, problem = failure["notebook"], Problem[failure["problem"].upper()]
        if failure["detail"].startswith("It counts 0."):  # as in stock nbgrader, if others are there
            assert name not in waiting
            continue
        assert outcome["state"] == "failed"
        assert name in waiting
        if problem in ITS_OWN_DOING:
            kept = nbformat.read(graded.place("autograded", student) / f"{name}.ipynb", as_version=4)
            assert problem in kept.cells[0].source


def nothing_leaked(graded: Graded, student: Student, outcome: dict) -> None:
    shown = "".join(what_it_holds(path) for path in graded.files("autograded", student))
    shown += "".join(path.read_text() for path in graded.files("feedback", student))
    shown += repr(outcome)
    assert HUSH not in shown
    assert MARKER not in shown


def what_it_holds(path: Path) -> str:
    """The text of a file; of a notebook without the tests, into which the course has put hidden ones."""
    assert not path.is_symlink()
    if path.suffix != ".ipynb":
        return path.read_bytes().decode(errors="replace")
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.source = ""
    return nbformat.writes(notebook)


def little_is_left(graded: Graded, student: Student) -> None:
    sizes = {path: path.stat().st_size for path in graded.files("autograded", student)}
    notebooks = sum(size for path, size in sizes.items() if path.suffix == ".ipynb")
    assert notebooks <= MB
    assert sum(sizes.values()) - notebooks <= 20 * MB  # as the course has it
    assert student.name not in graded.outlived


def test_nobody_was_reached_and_nothing_outside_was_changed(graded: Graded) -> None:
    assert graded.around.reached == []
    assert graded.around.landmarks(graded.course) == []
    assert graded.changed == set()
    assert HUSH not in graded.said and MARKER not in graded.said


def test_nothing_is_left_of_the_run(graded: Graded) -> None:
    assert graded.all_ended
    assert len(graded.handles) == 2
    for counts in graded.handles:
        third = len(counts) // 3
        assert third > 10
        # One handle kept for each submission would be dozens.
        assert max(counts[-third:]) <= max(counts[:third]) + 8


def test_of_links_nothing_is_taken(graded: Graded) -> None:
    names = {path.name for path in graded.files("autograded", KINDS[HW, "broken-links-beside-it"])}
    assert names == {"one.ipynb", "two.ipynb", "data.txt", "own.txt"}
