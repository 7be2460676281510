"""The hidden tests of "Describe": each recomputes from the student's own sample what a question asks for.

A check takes the student number and the student's results, and says with an AssertionError what is wrong.
A question takes the student's own earlier results as given, as long as they come from their own sample.
"""

from typing import Any, Literal

import pandas as pd
from scipy.stats import binomtest

from marking_tools import as_series, close, close_series, draw, is_number, read_data_with_blanks

SIZE = 1000
ITEM = "initiated_by"
ANSWERS = ["client", "social worker", "both"]
NEVER_ASKED = ""  # the two kinds of blank, as the file has them
LEFT_BLANK = "NA"
ROUNDED = 0.051  # percentages may be rounded to one decimal


def entries(student_number: Any) -> "pd.Series[int]":
    """How often each entry occurs in the student's sample, both kinds of blank among them."""
    survey = read_data_with_blanks("survey.csv", ["country", ITEM])
    canada = survey.loc[survey["country"] == "Canada", [ITEM]]
    kinds = [*ANSWERS, NEVER_ASKED, LEFT_BLANK]
    return draw(canada, student_number, SIZE)[ITEM].value_counts().reindex(kinds, fill_value=0)


def right_counts(student_number: Any) -> "pd.Series[float]":
    """How many people in the student's sample gave each answer."""
    return entries(student_number)[ANSWERS].astype(float)


def check_not_asked(student_number: Any, not_asked: Any) -> None:
    """Question 1: how many people were not asked."""
    blanks = entries(student_number)[[NEVER_ASKED, LEFT_BLANK]]
    both = "You counted both kinds of blank. The question is about the people who were not asked."
    assert not close(not_asked, blanks.sum(), 0) or blanks[LEFT_BLANK] == 0, both
    other = "These are the people who were asked and left it blank. The question is about those who were not asked."  # noqa: E501
    assert not close(not_asked, blanks[LEFT_BLANK], 0), other
    wrong = "This is not the number of people in your sample who were not asked who begins the contact."
    assert close(not_asked, blanks[NEVER_ASKED], 0), wrong


def check_no_answer(student_number: Any, no_answer: Any) -> None:
    """Question 2: how many people were asked and left it blank."""
    blanks = entries(student_number)[[NEVER_ASKED, LEFT_BLANK]]
    both = (
        "You counted both kinds of blank. The question is about the people who were asked and did not answer."
    )
    assert not close(no_answer, blanks.sum(), 0), both
    other = "These are the people who were not asked. The question is about those who were asked and did not answer."  # noqa: E501
    assert not close(no_answer, blanks[NEVER_ASKED], 0), other
    wrong = "This is not the number of people in your sample who were asked who begins the contact and left it blank."  # noqa: E501
    assert close(no_answer, blanks[LEFT_BLANK], 0), wrong


def check_base(student_number: Any, base: Any, not_asked: Any, no_answer: Any) -> None:
    """Question 3: how many people answered."""
    found = entries(student_number)
    bases = [float(found[ANSWERS].sum())]
    # Two numbers that both fit nothing in this sample were not counted in it.
    seen = [found[NEVER_ASKED], found[LEFT_BLANK], found[[NEVER_ASKED, LEFT_BLANK]].sum()]
    counted_here = any(close(own, kind, 0) for own in (not_asked, no_answer) for kind in seen)
    if counted_here and is_number(not_asked) and is_number(no_answer):
        bases.append(SIZE - float(not_asked) - float(no_answer))
    fits = any(close(base, one, 0) for one in bases)
    everyone = "This is everyone in your sample. The base is the people who answered this question."
    assert fits or not close(base, SIZE, 0), everyone
    asked = "These are the people who were asked. Some of them left it blank; the base is those who answered."
    assert fits or not close(base, SIZE - found[NEVER_ASKED], 0), asked
    skipped = (
        "You took away only those who left it blank. People who were not asked have not answered either."
    )
    assert fits or not close(base, SIZE - found[LEFT_BLANK], 0), skipped
    assert fits, "This is not the number of people in your sample who answered who begins the contact."


def wider_counts() -> list["pd.Series[float]"]:
    """How many people gave each answer in the whole survey and in each country."""
    survey = read_data_with_blanks("survey.csv", ["country", ITEM])
    groups = [survey, *(people for _, people in survey.groupby("country"))]
    return [people[ITEM].value_counts()[ANSWERS].astype(float) for people in groups]


def check_counts(student_number: Any, counts: Any) -> None:
    """Question 4: how many people gave each answer."""
    right = right_counts(student_number)
    given = as_series(counts)
    percentages = [100 * right / right.sum(), 100 * right / SIZE]
    percent = "These are percentages. The question asks for numbers of people."
    assert not any(close_series(given, one.round(), 0.5) for one in percentages), percent
    elsewhere = "You counted other people. Count in `sample`, and not in `us`, `canada` or `survey`."
    assert not any(close_series(given, one, 0) for one in wider_counts()), elsewhere
    wrong = "At least one of the three is not the number of people in your sample who gave that answer."
    assert close_series(given, right, 0), wrong


def counts_to_go_on_from(student_number: Any, counts: Any) -> list["pd.Series[float]"]:
    """The right counts, and the student's own if it comes from a slip.

    The student's own if one of its three numbers is wrong, or if it counts all of a country or of the survey.
    Any others are somebody else's sample, or invented.
    """
    right = right_counts(student_number)
    own = three_numbers(counts)
    if own is None:
        return [right]
    slip = (own != right).sum() <= 1 or any((own == one).all() for one in wider_counts())
    return [right, own] if slip and own.ge(0).all() and own.sum() > 0 else [right]


def three_numbers(given: Any) -> "pd.Series[float] | None":
    """A student's own three numbers, in the order of the answers; nothing if they are anything else."""
    if isinstance(given, pd.DataFrame) and given.shape[1] == 1:
        given = given.iloc[:, 0]
    if not isinstance(given, (dict, pd.Series)):
        return None
    own = as_series(given)
    if sorted(map(str, own.index)) != sorted(ANSWERS):
        return None
    return None if own.isna().any() else own[ANSWERS]


def bases_to_go_on_from(counts: list["pd.Series[float]"], base: Any) -> list[float]:
    """What each of these counts adds up to, and the student's own base, whatever it is."""
    bases = [float(one.sum()) for one in counts]
    return [*bases, float(base)] if is_number(base) and float(base) > 0 else bases


def check_valid_percent(student_number: Any, valid_percent: Any, counts: Any, base: Any) -> None:
    """Question 5: of those who answered, the percentage that gave each answer."""
    known = counts_to_go_on_from(student_number, counts)
    bases = bases_to_go_on_from(known, base)
    given = as_series(valid_percent)

    def like(divisors: list[float]) -> bool:
        return any(close_series(given, 100 * one / n, ROUNDED) for one in known for n in divisors)

    fits = like(bases)
    everyone = "You divided by everyone in your sample. The question is about those who answered."
    assert fits or not like([SIZE]), everyone
    asked = "You divided by everyone who was asked. Those who left it blank gave none of the three answers."
    assert fits or not like([float(SIZE - entries(student_number)[NEVER_ASKED])]), asked
    assert fits, "These are not the percentages among the people in your sample who answered."


def percentages_to_go_on_from(
    student_number: Any, valid_percent: Any, counts: Any, base: Any
) -> list["pd.Series[float]"]:
    """The right percentages, and the student's own if they come from this sample or from a slip.

    They do if they are its counts divided by any one number, or if one of the three is wrong.
    """
    right = right_counts(student_number)
    known = counts_to_go_on_from(student_number, counts)
    percentages = [100 * one / n for one in known for n in bases_to_go_on_from(known, base)]
    found = entries(student_number)
    percentages += [100 * right / n for n in (SIZE, SIZE - found[NEVER_ASKED], SIZE - found[LEFT_BLANK])]
    own = three_numbers(valid_percent)
    if own is not None and any((own - one).abs().gt(ROUNDED).sum() <= 1 for one in percentages):
        return [100 * right / right.sum(), own]
    return [100 * right / right.sum()]


def answer_of(name: str) -> str:
    """Find out which answer a bar stands for; the longer names hold the shorter ones."""
    for answer in ("both", "social worker", "client"):
        if answer in name.lower():
            return answer
    return name


def check_chart(
    student_number: Any,
    bars: list[dict[str, Any]],
    view: list[float],
    scale: str,
    valid_percent: Any,
    counts: Any,
    base: Any,
) -> None:
    """Question 6: the bars show the valid percentages, in full length.

    Args:
        student_number: whose sample it is.
        bars: of each bar its ``name``, where it begins (``start``) and its ``length``.
        view: where the axis of the percentages begins and ends.
        scale: what matplotlib calls the scale of that axis.
        valid_percent: the student's answer to question 5.
        counts: the student's answer to question 4.
        base: the student's answer to question 3.
    """
    lengths = pd.Series({answer_of(bar["name"]): bar["length"] for bar in bars}, dtype=float)
    people = "The bars show numbers of people. Draw your valid percentages."
    known = counts_to_go_on_from(student_number, counts)
    assert not any(close_series(lengths, one, 0) for one in known), people
    whole = bool((lengths % 1 == 0).all())  # whole percentages are exact enough for a picture
    percentages = percentages_to_go_on_from(student_number, valid_percent, counts, base)
    fits = any(close_series(lengths, one, 0.5 if whole else ROUNDED) for one in percentages)
    assert fits, "At least one bar does not have the length of its valid percentage."
    cut = "The axis does not begin at zero, so the lengths of the bars mislead."
    assert view[0] <= 0, cut
    apart = "A bar does not begin at zero. Let each bar stand by itself, and not on another one."
    assert all(bar["start"] == 0 for bar in bars), apart
    assert scale == "linear", "Equal steps on the axis should stand for equal differences."
    assert view[1] >= lengths.max(), "The axis ends before the longest bar does, so a part of it is cut off."


def interval_of(low: float, high: float) -> "pd.Series[float]":
    """Name the two ends of an interval, as percentages."""
    return pd.Series({"low": 100 * low, "high": 100 * high})


def check_interval(student_number: Any, ends: list[Any], counts: Any, base: Any) -> None:
    """Question 8: the Wilson interval of the share that said "social worker"."""
    known = counts_to_go_on_from(student_number, counts)
    bases = bases_to_go_on_from(known, base)
    given = pd.Series(sorted(ends), index=["low", "high"])

    def like(answer: str, divisors: list[float], method: Literal["exact", "wilson"]) -> bool:
        pairs = [(round(one[answer]), round(n)) for one in known for n in divisors if 0 < one[answer] <= n]
        tests = [binomtest(k, n).proportion_ci(method=method) for k, n in pairs]
        return any(close_series(given, interval_of(test.low, test.high), ROUNDED) for test in tests)

    def textbook(k: float, n: float) -> "pd.Series[float]":
        reach = 1.96 * (k / n * (1 - k / n) / n) ** 0.5
        return interval_of(k / n - reach, k / n + reach)

    fits = like("social worker", bases, "wilson")
    shares = [(one["social worker"], n) for one in known for n in bases if 0 < one["social worker"] <= n]
    first = "This is the interval of the textbook formula. The question asks for Wilson's."
    assert fits or not any(close_series(given, textbook(k, n), ROUNDED) for k, n in shares), first
    exact = (
        'This is the exact interval, which SciPy gives when it is not told a method. Write method="wilson".'
    )
    assert fits or not like("social worker", bases, "exact"), exact
    everyone = (
        "The base of this interval is everyone in your sample. The question is about those who answered."
    )
    assert fits or not like("social worker", [SIZE], "wilson"), everyone
    other = "This is the interval of another answer. The question is about the social worker."
    assert fits or not any(like(answer, bases, "wilson") for answer in ("client", "both")), other
    assert fits, "This is not the 95 per cent Wilson interval of the percentage in your sample."
