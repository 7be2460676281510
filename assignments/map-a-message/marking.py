"""The hidden tests of "Map a message": each compares five words with the authors' reading.

A check takes the student number, the student's words and the number of the first of five contacts, and says
with an AssertionError which contacts to look at again. Four of five words are enough.

The thirty contacts are fifteen pairs. The two of a pair, "a" and "b", are different stories with the same
reading, so that every student's fifteen contacts have every word in the same number, whichever are drawn.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from marking_tools import draw

# The words that fit, a row for each pair. "by_app" is the type in the eyes of somebody who
# looks at the app and not at the arrangement.
READINGS = pd.DataFrame(
    columns=["type", "by_app", "level", "acceptance", "relationship"],
    index=range(1, 16),
    data=[
        ("blended", "informal", "meso", "norm", "goal"),
        ("online", "informal", "micro", "intention", "bond"),
        ("informal", "online", "techno", "ease", "bond"),
        ("blended", "online", "macro", "external", "task"),
        ("informal", "informal", "exo", "usefulness", "task"),
        ("blended", "informal", "techno", "ease", "task"),
        ("online", "informal", "micro", "usefulness", "bond"),
        ("informal", "online", "chrono", "norm", "task"),
        ("online", "online", "exo", "external", "goal"),
        ("informal", "informal", "meso", "usefulness", "goal"),
        ("blended", "online", "chrono", "ease", "bond"),
        ("informal", "online", "macro", "ease", "goal"),
        ("online", "informal", "meso", "external", "task"),
        ("blended", "informal", "exo", "usefulness", "goal"),
        ("informal", "informal", "techno", "intention", "bond"),
    ],
)
# A second word that fits. Contact 15b was agreed, and nobody reads it any more: the chapter "It crept in"
# leaves its type open. In contact 10a the daycare is her son's, so some place it where she has no part.
ALSO = {("type", "15b"): "blended", ("level", "10a"): "exo"}

# What to say to a known misreading: by the word that fits, then by the word given.
TYPE_LESSONS = {
    "informal": {
        "blended": "Blended use is planned and monitored; what grew by itself is informal.",
        "online": "A secure app makes nothing formal: ask who agreed on it, and who monitors it.",
    },
    "blended": {
        "informal": "Between meetings is not yet informal: ask whether it was agreed, and who reads it.",
        "online": "Where the two meet in person, an agreed and monitored online part is blended.",
    },
    "online": {
        "blended": "Blended use adds to meetings in person. Where there are none, the messages are the work.",
        "informal": "An ordinary app can be the main way of working, if that was agreed and is monitored.",
    },
}
SORTED_BY_APP = "You sorted by the app. Ask how it was arranged: main way, agreed, monitored."
LEVEL_LESSONS = {
    "techno": {
        "macro": "Not everything digital is society: a person's own device is the techno-subsystem.",
        "micro": "The techno-subsystem is part of the microsystem; for a device, take the narrower word.",
        "exo": "Ask whose device it is: what the client holds is the techno-subsystem.",
    },
    "micro": {
        "exo": "The exosystem is not the community or the family: ask whether the client takes part.",
        "meso": "One setting is a microsystem; a mesosystem is a link between two of them.",
    },
    "meso": {
        "micro": "Count the settings: when one of the client's settings changes another, it is a mesosystem.",
        "exo": "The client takes part in both settings of the sentence, so their link is a mesosystem.",
    },
    "exo": {
        "micro": "Look from the client's side: where the client has no part is the exosystem.",
        "meso": "A mesosystem links two settings of the client; here the client has no part in one.",
        "macro": "One office is a setting and not society: ask who decided, and if the client had a part.",
    },
    "macro": {
        "exo": "What holds for everybody, such as a law or a belief, is the macrosystem.",
        "micro": "What holds for everybody, such as a law or a belief, is the macrosystem.",
    },
    "chrono": {
        "macro": "The sentence compares now with earlier in a life: that is time, the chronosystem.",
        "micro": "The sentence compares now with earlier in a life: that is time, the chronosystem.",
    },
}
ACCEPTANCE_LESSONS = {
    "usefulness": {
        "ease": "Usefulness is what the tool gets somebody; ease is how little effort it costs.",
        "intention": "The sentence says what the tool gets somebody, and not what they mean to do.",
    },
    "ease": {
        "usefulness": "Usefulness is what the tool gets somebody; ease is how little effort it costs.",
        "external": "The sentence reports a belief about effort, and not a fact behind the belief.",
    },
    "external": {
        "ease": "A device, a course or a data plan is a fact further back, and ease is a belief.",
        "usefulness": "A device, a course or a data plan is a fact further back, and usefulness is a belief.",
        "norm": "Somebody gave or built something here; nobody says what one should do.",
    },
    "norm": {
        "external": "What people who matter think one should do has a name of its own, the norm.",
        "usefulness": "Nobody says here that the tool helps; somebody says what others expect.",
        "intention": "What others expect of a person is not yet what the person means to do.",
    },
    "intention": {
        "usefulness": "What somebody plans to do is an intention, and not a belief about the tool.",
        "ease": "What somebody plans to do is an intention, and not a belief about the tool.",
        "norm": "The plan is the person's own; nobody else's expectation is named.",
    },
}
RELATIONSHIP_LESSONS = {
    "goal": {
        "task": "What the work is for is a goal; who does what and when is a task.",
        "bond": "People can trust each other and want different things: look at where the work should lead.",
    },
    "task": {
        "goal": "What the work is for is a goal; who does what and when is a task.",
        "bond": "Limits and times belong to the tasks; they are part of the alliance, not against it.",
    },
    "bond": {
        "goal": "The sentence is about trust between the two, and not about where the work should lead.",
        "task": "The sentence is about trust between the two, and not about who does what.",
    },
}


def contacts(student_number: Any) -> dict[int, str]:
    """The fifteen contacts of one student, such as "12b", by the number they have in the notebook."""
    both = pd.DataFrame([(pair, version) for pair in range(1, 16) for version in "ab"])
    drawn = draw(both, student_number, 30).drop_duplicates(0)
    in_groups = drawn.assign(group=(drawn[0] - 1) // 5).sort_values("group", kind="stable")
    codes = in_groups[0].astype(str) + in_groups[1]
    return dict(enumerate(codes, start=1))


def pair_of(contact: str) -> int:
    """The pair that a contact such as "12b" belongs to."""
    return int(contact[:-1])


def as_word(given: Any, words: set[str]) -> str | None:
    """The word that is meant, in its long or short form; None if it is none of them, or two."""
    letters = "".join(character for character in str(given).lower() if character.isalpha())
    found = [word for word in words if word[:5] in letters]
    return found[0] if len(found) == 1 else None


def as_answers(given: Any, first: int, words: set[str]) -> dict[int, str | None]:
    """Five words by number of the contact, from a dictionary, a Series or a list in order."""
    numbers = range(first, first + 5)
    if isinstance(given, pd.Series) and list(given.index) == list(range(5)):
        given = list(given)
    if isinstance(given, (list, tuple)):
        given = dict(zip(numbers, given, strict=False))
    if not isinstance(given, (dict, pd.Series)):
        given = {}
    by_number = {str(number).strip(): word for number, word in given.items()}
    return {number: as_word(by_number.get(str(number)), words) for number in numbers}


def check(
    student_number: Any,
    given: Any,
    first: int,
    question: str,
    lessons: Mapping[str, Mapping[str, str]],
) -> None:
    """Compare five words with the key; at least four should fit.

    Args:
        student_number: whose contacts they are.
        given: what the student wrote.
        first: number of the first of the five contacts.
        question: the column of the readings that it is about.
        lessons: what to say, by the word that fits and then by the word given.

    Raises:
        AssertionError: if two or more do not fit.
    """
    key = READINGS[question]
    answers = as_answers(given, first, set(key))
    drawn = contacts(student_number)
    wrong = []
    said = []
    for number, word in answers.items():
        contact = drawn[number]
        right = key[pair_of(contact)]
        if word not in (right, ALSO.get((question, contact), right)):
            wrong.append(number)
            said.append(lessons[right].get(word or "", ""))
    taught = [lesson for lesson in dict.fromkeys(said) if lesson]
    look = " and ".join([", ".join(map(str, wrong[:-1])), *map(str, wrong[-1:])])
    message = f"Words that fit: {5 - len(wrong)} of 5; at least 4 should. Look again at the contacts {look}."
    assert len(wrong) <= 1, " ".join([message, *taught])


def check_types(student_number: Any, given: Any, first: int) -> None:
    """Questions 1 to 3: how each contact was arranged."""
    drawn = contacts(student_number)
    answers = as_answers(given, first, set(READINGS["type"]))
    by_app = [word == READINGS["by_app"][pair_of(drawn[number])] for number, word in answers.items()]
    lessons = TYPE_LESSONS
    if all(by_app):
        lessons = {right: dict.fromkeys(words, SORTED_BY_APP) for right, words in TYPE_LESSONS.items()}
    check(student_number, given, first, "type", lessons)


def check_levels(student_number: Any, given: Any, first: int) -> None:
    """Questions 4 to 6: at which level the thing lies that the sentence names, seen from the client."""
    check(student_number, given, first, "level", LEVEL_LESSONS)


def check_acceptance(student_number: Any, given: Any, first: int) -> None:
    """Questions 7 to 9: which part of the acceptance model the sentence shows."""
    check(student_number, given, first, "acceptance", ACCEPTANCE_LESSONS)


def check_relationship(student_number: Any, given: Any, first: int) -> None:
    """Questions 10 to 12: which part of the alliance the sentence is about."""
    check(student_number, given, first, "relationship", RELATIONSHIP_LESSONS)
