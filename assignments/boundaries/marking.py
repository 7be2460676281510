"""The hidden tests of "Boundaries": facts of a case, of the standards and of the survey.

No test looks at a judgement: any way through the case is a right answer to the first question, and what a
decision is worth is read by a person. The others recompute a fact from the student's own draw.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from marking_tools import FOLDER, close, draw, is_number, read_data, seed_of

CASE = "friend-request"
OPTIONS = 12
PEOPLE = 600
STANDARDS = {"seen": 2, "recalled": 2, "to check": 1}  # from each country, as far as there are so many
COUNTRIES = ["Canada", "United States"]


def read_case() -> dict[str, Any]:
    """The case, from the file that students have."""
    case: dict[str, Any] = json.loads(Path(FOLDER, f"{CASE}.json").read_text(encoding="utf-8"))
    return case


def names_in(given: Any) -> set[str]:
    """The names that a student lists, in any form and order; capitals and spaces make no difference."""
    listed = [given] if isinstance(given, str) else list(given)
    return {" ".join(str(name).split()).lower() for name in listed}


def letters_in(given: Any) -> list[str]:
    """The letters of a path, from a list or from one text."""
    listed: Iterable[Any] = given.replace(",", " ").replace(" ", "") if isinstance(given, str) else given
    return [str(letter).strip().upper() for letter in listed]


def check_path(my_path: Any) -> None:
    """Question 1: letters that lead from the first scene to an ending, whichever they are."""
    case = read_case()
    parts, scene = case["scenes"], case["start"]
    for place, letter in enumerate(letters_in(my_path), start=1):
        following = {choice["letter"]: choice["next"] for choice in parts[scene]["choices"]}
        assert following, f"The case had ended before letter number {place}. Leave out what comes after."
        unknown = f"Letter number {place} is {letter}, but the scene that you had reached has no option of this letter."  # noqa: E501
        assert letter in following, unknown
        scene = following[letter]
    stops = "This path stops before an ending. It needs one letter for every scene that you met."
    assert not parts[scene]["choices"], stops


def my_options(student_number: Any) -> pd.DataFrame:
    """The options of the case that were drawn for one student."""
    rows = [
        {"option": f"{scene} {choice['letter']}".lower(), "risk": choice["risk"]}
        for scene, part in read_case()["scenes"].items()
        for choice in part["choices"]
    ]
    return draw(pd.DataFrame(rows), student_number, OPTIONS)


def check_kai_first(student_number: Any, kai_first: Any) -> None:
    """Question 2: the options in which the short answer, with which each text on risk begins, is Kai."""
    options = my_options(student_number)
    given = names_in(kai_first)
    right = set(options.loc[options["risk"].str.startswith("Kai"), "option"])
    anywhere = set(options.loc[options["risk"].str.contains("Kai"), "option"])
    too_many = "You listed every option whose text names Kai somewhere. Where is the short answer Kai?"
    assert given == right or given != anywhere, too_many
    others = "These are the options where the short answer is not Kai."
    assert given == right or given != set(options["option"]) - right, others
    foreign = "You list an option that is not among your twelve."
    assert given <= set(options["option"]), foreign
    assert given <= right, "At least one option that you list has another short answer."
    assert given == right, "At least one option with Kai as its short answer is missing from your list."


def my_standards(student_number: Any) -> pd.DataFrame:
    """The standards that were drawn for one student."""
    groups = read_data("standards.csv").groupby(["country", "certainty"])
    parts = [
        draw(rows, student_number, min(len(rows), STANDARDS[str(certainty)]))
        for (_, certainty), rows in groups
    ]
    return pd.concat(parts)


def check_not_seen(student_number: Any, not_seen: Any) -> None:
    """Question 3: the standards that the table marks as recalled or as to check."""
    standards = my_standards(student_number)
    given = names_in(not_seen)
    right = set(standards.loc[standards["certainty"] != "seen", "key"])
    to_check = set(standards.loc[standards["certainty"] == "to check", "key"])
    assert given != to_check, (
        "A standard that is marked as recalled is not marked as seen. It belongs in the list."
    )
    seen = set(standards["key"]) - right
    assert given != seen, "These are the standards that are marked as seen. The question asks for the others."
    assert given <= set(standards["key"]), "You list a standard that is not among your eleven."
    assert not given & seen, "At least one standard in your list is marked as seen."
    assert given == right, "At least one standard that is not marked as seen is missing from your list."


def check_for_ontario(student_number: Any, for_ontario: Any) -> None:
    """Question 4: the standards from Canada, and those that concern both countries."""
    standards = my_standards(student_number)
    given = names_in(for_ontario)
    elsewhere = set(standards.loc[standards["country"] == "United States", "key"])
    canadian = set(standards.loc[standards["country"] == "Canada", "key"])
    right = set(standards["key"]) - elsewhere
    assert given <= set(standards["key"]), "You list a standard that is not among your eleven."
    assert not given & elsewhere, "A U.S. source is in your list. Noor works in Ontario."
    both = "One of your eleven concerns both countries, so it belongs in the list."
    assert given == right or given != canadian, both
    assert given == right, "At least one standard that concerns Canada is missing from your list."


def sample(student_number: Any) -> pd.DataFrame:
    """The 600 respondents of one student, all from one country."""
    survey = read_data("survey.csv", ["country", "friend_request", "friend_response"])
    country = COUNTRIES[seed_of(student_number) % 2]
    return draw(survey[survey["country"] == country], student_number, PEOPLE)


def check_request_base(student_number: Any, request_base: Any) -> None:
    """Question 5: how many said what they did with a friend request."""
    rows = sample(student_number)
    right = int(rows["friend_response"].count())
    fits = close(request_base, right, 0)
    everyone = "You counted all who answered whether they ever received a request. Only those who had received one were asked what they did."  # noqa: E501
    assert fits or not close(request_base, rows["friend_request"].count(), 0), everyone
    received = "You counted all who had received a request. Some of them did not say what they did."
    assert fits or not close(request_base, (rows["friend_request"] == "yes").sum(), 0), received
    assert fits or not close(request_base, len(rows), 0), "This is your whole sample."
    assert fits, "This is not the number of people in your sample who said what they did with the request."


def check_silent_percent(student_number: Any, silent_percent: Any, request_base: Any) -> None:
    """Question 6: of those, the percentage that declined and did not follow up."""
    rows = sample(student_number)
    silent = int((rows["friend_response"] == "declined in silence").sum())
    bases = [float(rows["friend_response"].count())]
    if is_number(request_base) and float(request_base) > 0:
        bases.append(float(request_base))
    fits = any(close(silent_percent, 100 * silent / base, 0.051) for base in bases)
    of_all = "You divided by the whole sample. The question is about the people who said what they did with a request."  # noqa: E501
    assert fits or not close(silent_percent, 100 * silent / len(rows), 0.051), of_all
    of_asked = "You divided by all who answered whether they ever received a request."
    assert fits or not close(silent_percent, 100 * silent / rows["friend_request"].count(), 0.051), of_asked
    assert fits, "This is not the percentage of those people who declined and did not follow up."


def check_silent_of_all(student_number: Any, silent_of_all: Any) -> None:
    """Question 7: the same people, as a percentage of the whole sample."""
    rows = sample(student_number)
    silent = int((rows["friend_response"] == "declined in silence").sum())
    right = 100 * silent / len(rows)
    fits = close(silent_of_all, right, 0.051)
    same = "This is the percentage of those who had received a request. Here the base is everyone in your sample."  # noqa: E501
    assert fits or not close(silent_of_all, 100 * silent / rows["friend_response"].count(), 0.051), same
    assert fits, "This is not the percentage of your whole sample that declined and did not follow up."
