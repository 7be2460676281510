"""Every answer by itself, in this process, for students with other numbers and so with other data."""

from itertools import cycle

import pytest

from every_answer import ANSWERS, COPIED, SOURCES
from informal_ict.assignments.trial import compare, student_files, student_folder, try_answer
from informal_ict.paths import ASSIGNMENTS

OTHER_NUMBERS = ("007123", "A9B8C7D6E5F4", "2000000003")


@pytest.mark.parametrize("slug", SOURCES)
def test_an_answer_alone_earns_the_same_for_other_students(slug: str) -> None:
    """In this process, for numbers with a leading zero, with letters, and long ones.

    ``course try --numbers`` goes through all answers with many numbers.
    """
    assignment = SOURCES[slug]
    files = {path.name: path for path in student_files(assignment, ASSIGNMENTS / slug)}
    tried = {
        name: answer for name, answer in ANSWERS[slug].items() if name != COPIED and answer.kind != "blank"
    }
    wrong = {}
    with student_folder(assignment, files):
        for (name, answer), number in zip(tried.items(), cycle(OTHER_NUMBERS), strict=False):
            trial = compare(
                answer, try_answer(assignment, answer.model_copy(update={"student_number": number}))
            )
            if not trial.as_declared:
                wrong[name, number] = (trial.missing, trial.surplus)
    assert wrong == {}
