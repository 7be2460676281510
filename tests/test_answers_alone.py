"""Every answer by itself, in this process, for students with other numbers and so with other data."""

from itertools import cycle

import pytest

from every_answer import ANSWERS, COPIED, SOURCES
from informal_ict.assignments.errors import AssignmentError
from informal_ict.assignments.trial import compare, student_files, student_folder, try_answers
from informal_ict.paths import ASSIGNMENTS

# With letters, with a leading zero, and long; each assignment has one of them, and all with --thorough.
OTHER_NUMBERS = ("A9B8C7D6E5F4", "007123", "2000000003")


@pytest.mark.parametrize(("slug", "number"), list(zip(SOURCES, cycle(OTHER_NUMBERS), strict=False)))
def test_an_answer_alone_earns_the_same_for_other_students(slug: str, number: str, thorough: bool) -> None:
    """In this process; ``course try --numbers`` goes through all answers with many numbers."""
    assignment = SOURCES[slug]
    files = {path.name: path for path in student_files(assignment, ASSIGNMENTS / slug)}
    tried = {
        f"{name} ({other})": answer.model_copy(update={"student_number": other})
        for name, answer in ANSWERS[slug].items()
        for other in (OTHER_NUMBERS if thorough else [number])
        if name != COPIED and answer.kind != "blank"
    }
    with student_folder(assignment, files):
        trials = {name: compare(tried[name], outcome) for name, outcome in try_answers(assignment, tried)}
    assert trials.keys() == tried.keys()
    wrong = {name: one for name, one in trials.items() if not one.as_declared}
    assert {name: (one.missing, one.surplus) for name, one in wrong.items()} == {}


def test_what_answers_share_changes_nothing_of_what_each_earns() -> None:
    assignment = SOURCES["map-a-message"]
    names = list(ANSWERS[assignment.slug])[:5]
    some = {name: ANSWERS[assignment.slug][name] for name in names}
    files = {path.name: path for path in student_files(assignment, ASSIGNMENTS / assignment.slug)}
    with student_folder(assignment, files):
        together = dict(try_answers(assignment, some))
        alone = {name: dict(try_answers(assignment, {name: answer}))[name] for name, answer in some.items()}
    assert together == alone
    assert len({len(one.failed) for one in alone.values()}) > 1


def test_an_answer_that_ends_its_process_is_named() -> None:
    assignment = SOURCES["map-a-message"]
    first, *_, last = assignment.tests
    reference = ANSWERS[assignment.slug]["reference"]
    some = {
        name: reference.model_copy(update={"cells": {place: "import os; os._exit(3)"}})
        for name, place in (("at the end", last), ("at the beginning", first))
    }
    files = {path.name: path for path in student_files(assignment, ASSIGNMENTS / assignment.slug)}
    with student_folder(assignment, files):
        for name, answer in some.items():
            with pytest.raises(AssignmentError, match=f"ends the process that it runs in: {name}$"):
                dict(try_answers(assignment, {name: answer}))
            with pytest.raises(AssignmentError, match=f"ends the process that it runs in: .*{name}"):
                dict(try_answers(assignment, {name: answer, "reference": reference}))


def test_the_command_tells_which_answers_earn_other_marks(informal_ict, monkeypatch) -> None:
    result = informal_ict("course", "try", "map-a-message", "--only", "blank")
    assert (result.status, "blank" in result.out) == (0, True)
    blank = ANSWERS["map-a-message"]["blank"]
    declared = {"blank": blank.model_copy(update={"loses": blank.loses[1:]})}
    monkeypatch.setattr("informal_ict.assignments.trial.read_answers", lambda *_: declared)
    result = informal_ict("course", "try", "map-a-message")
    assert (result.status, blank.loses[0] in result.out) == (1, True)


def test_the_command_says_when_no_answer_has_such_a_name(informal_ict) -> None:
    result = informal_ict("course", "try", "map-a-message", "--only", "nothing-like-it")
    assert result.status == 1
    assert "no answer has 'nothing-like-it' in its name" in " ".join(result.err.split())
