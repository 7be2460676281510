"""The hidden tests of "Policy": each recomputes from the student's own agency what a question asks for.

A check takes the student number and the student's results, and says with an AssertionError what is wrong.
Every question takes the student's own earlier results as given where they come from a slip, so nobody pays
twice; whole columns of somebody else's numbers are not carried on.
"""

from itertools import product
from typing import Any

import pandas as pd

from marking_tools import as_series, close, close_series, read_data, seed_of

SAMPLE_SIZE = 90
FEWEST_ANSWERS = 3  # a sample is drawn again where fewer people answered a question
TOO_SMALL = 30
ROWS = {
    "informal use": "ict_use",
    "after hours": "after_hours",
    "searched": "searched_client",
    "out of curiosity": "reason_curiosity",
    "friend request": "friend_request",
    "talked about it": "talked_about_use",
    "has a policy": "workplace_policy",
    "knows privacy rules": "policy_privacy",
    "resolved": "difficulties_resolved",
}
AFTER_HOURS = ["sometimes", "often"]
SLIPS = 2  # so many rows may be off in a way of their own and still be the student's own work

# Sentences of sentences.csv, by number: a printed figure with the people whom it counts, and a printed figure
# with other people. All others have a figure that was never printed.
CITABLE = {2, 6, 7, 10, 13, 17, 21, 22}
TO_REPAIR = {1, 4, 9, 12, 15, 18, 20, 23}


def agency_of(student_number: Any) -> "pd.Series[Any]":
    """The agency that one student writes for."""
    agencies = read_data("agencies.csv")
    return agencies.iloc[seed_of(student_number) % len(agencies)]


def crowds(student_number: Any) -> list[pd.DataFrame]:
    """The 90 respondents of one student, and the wider crowds that a student may have counted in their place.

    Returns:
        The sample, everyone like the staff, everyone in the country, everyone.

    Raises:
        ValueError: if no draw has somebody who answered each question.
    """
    agency = agency_of(student_number)
    survey = read_data("survey.csv", ["country", "setting", *ROWS.values()])
    country = survey[survey["country"] == agency["country"]]
    like_staff = country[country["setting"].isin(str(agency["settings"]).split("; "))]
    for turn in range(1000):
        rows = like_staff.sample(n=SAMPLE_SIZE, random_state=(seed_of(student_number) + turn) % 2**32)
        if rows[list(ROWS.values())].count().min() >= FEWEST_ANSWERS:
            return [rows, like_staff, country, survey]
    raise ValueError(f"no sample for {student_number} has {FEWEST_ANSWERS} answers to each question")


def bases_of(rows: pd.DataFrame) -> "pd.Series[float]":
    """How many people answered, by row of the table."""
    return pd.Series({row: float(rows[column].count()) for row, column in ROWS.items()})


def counts_of(rows: pd.DataFrame) -> "pd.Series[float]":
    """How many people gave an answer that counts, by row of the table."""
    counts = {row: float((rows[column] == "yes").sum()) for row, column in ROWS.items()}
    return pd.Series(counts | {"after hours": float(rows["after_hours"].isin(AFTER_HOURS).sum())})


def yes_and_no(rows: pd.DataFrame) -> "pd.Series[float]":
    """How many people said yes or no, by row of the table; "unsure" is forgotten."""
    return pd.Series({row: float(rows[column].isin(["yes", "no"]).sum()) for row, column in ROWS.items()})


def columns_to_go_on_from(
    right: "pd.Series[float]", own: Any, slips: "list[pd.Series[float]]"
) -> "list[pd.Series[float]]":
    """The right column, and the student's own if nearly every row of it is right or a known slip.

    Any other column is somebody else's, or invented.
    """
    columns = [right]
    if isinstance(own, (dict, pd.Series)) and set(own.keys()) == set(right.index):
        given = as_series(own).reindex(right.index)
        known = pd.concat([given.sub(one).abs().le(0.051) for one in [right, *slips]], axis=1).any(axis=1)
        if given.notna().all() and (~known).sum() <= SLIPS:
            columns.append(given)
    return columns


def bases_to_go_on_from(people: list[pd.DataFrame], bases: Any) -> "list[pd.Series[float]]":
    """The right bases, and the student's own after a slip."""
    sample, *wider = people
    right = bases_of(sample)
    slips = [pd.Series(float(SAMPLE_SIZE), right.index), yes_and_no(sample), counts_of(sample)]
    return columns_to_go_on_from(right, bases, slips + [bases_of(rows) for rows in wider])


def counts_to_go_on_from(people: list[pd.DataFrame], counts: Any) -> "list[pd.Series[float]]":
    """The right counts, and the student's own after a slip."""
    sample, *wider = people
    slips = [bases_of(sample), *(counts_of(rows) for rows in wider)]
    return columns_to_go_on_from(counts_of(sample), counts, slips)


def shares(
    counts: "list[pd.Series[float]]", bases: "list[pd.Series[float]]"
) -> "list[tuple[pd.Series[float], pd.Series[float]]]":
    """Every count with every base that it can have."""
    return [(count, base) for count, base in product(counts, bases) if (base > 0).all()]


def check_bases(student_number: Any, bases: Any) -> None:
    """Question 1: how many people answered, row by row."""
    rows, *_ = crowds(student_number)
    right = bases_of(rows)
    given = as_series(bases).reindex(right.index)
    everyone = "You counted everyone in the sample, with those who left the question blank or were not asked."
    assert not (given == SAMPLE_SIZE).all(), everyone
    unsure = "In 'has a policy', people who answered unsure belong to the base too: they answered."
    assert (
        given["has a policy"] == right["has a policy"]
        or given["has a policy"] != yes_and_no(rows)["has a policy"]
    ), unsure
    wrong = ", ".join(row for row in right.index if given[row] != right[row])
    assert not wrong, f"Not the number of people in your sample who answered the question: {wrong}."


def check_counts(student_number: Any, counts: Any) -> None:
    """Question 2: how many people gave an answer that counts, row by row."""
    rows, *_ = crowds(student_number)
    right = counts_of(rows)
    given = as_series(counts).reindex(right.index)
    never = "In 'after hours' the answers sometimes and often count. You counted other answers there."
    others = {0.0, *rows["after_hours"].value_counts().astype(float)}
    assert given["after hours"] == right["after hours"] or given["after hours"] not in others, never
    wrong = ", ".join(row for row in right.index if given[row] != right[row])
    assert not wrong, f"Not the number of people in your sample whose answer counts: {wrong}."


def check_percentages(student_number: Any, percentages: Any, counts: Any, bases: Any) -> None:
    """Question 3: count divided by base, row by row."""
    people = crowds(student_number)
    own_counts = counts_to_go_on_from(people, counts)
    own_bases = bases_to_go_on_from(people, bases)
    fits = any(
        close_series(percentages, 100 * count / base, 0.051) for count, base in shares(own_counts, own_bases)
    )
    of_all = any(close_series(percentages, 100 * count / SAMPLE_SIZE, 0.051) for count in own_counts)
    everyone = "You divided every row by 90. Each row has a base of its own: the people who answered."
    assert fits or not of_all, everyone
    assert fits, "These are not your counts divided by your bases, times 100."


def names(given: Any) -> set[str]:
    """Read the names in a list, or those in front of a Series where they stand there."""
    if isinstance(given, pd.Series) and given.index.isin(list(ROWS)).all():
        given = given.index
    return {str(name) for name in given}


def check_too_small(student_number: Any, too_small: Any, bases: Any) -> None:
    """Question 4: the rows with a base below 30."""
    given = names(too_small)
    people = crowds(student_number)
    own_bases = bases_to_go_on_from(people, bases)

    def like(columns: "list[pd.Series[float]]", limit: int = TOO_SMALL) -> bool:
        return any(given == set(one.index[one < limit]) for one in columns)

    fits = like(own_bases)
    by_count = like([counts_of(people[0])])
    assert fits or not by_count, (
        "You looked at the counts. The rule is about the base, the people who answered."
    )
    at_thirty = like(own_bases, TOO_SMALL + 1)
    assert fits or not at_thirty, "A base of exactly 30 is large enough: the rule says below 30."
    assert fits, "These are not all the rows with a base below 30, and no others."


def percentages_to_go_on_from(
    people: list[pd.DataFrame], percentages: Any, counts: Any, bases: Any
) -> "list[pd.Series[float]]":
    """The right percentages, those of the student's own columns, and the student's own after a slip."""
    own_counts = counts_to_go_on_from(people, counts)
    own_bases = bases_to_go_on_from(people, bases)
    right, *others = [100 * count / base for count, base in shares(own_counts, own_bases)]
    slips = [*others, *(100 * count / SAMPLE_SIZE for count in own_counts)]
    slips += [100 * counts_of(rows) / bases_of(rows) for rows in people[1:]]
    slips += [one / 100 for one in [right, *others]]
    return [*columns_to_go_on_from(right, percentages, slips), *others]


def check_knows_of_all(
    student_number: Any, knows_of_all: Any, counts: Any, bases: Any, percentages: Any
) -> None:
    """Question 5: of those who answered on having a policy, the percentage that knows its privacy rules.

    The product of two percentages is taken too: it says the same of those who answered both questions.
    """
    people = crowds(student_number)
    own_counts = counts_to_go_on_from(people, counts)
    own_bases = bases_to_go_on_from(people, bases)
    own_percentages = percentages_to_go_on_from(people, percentages, counts, bases)
    expected = [
        100 * count["knows privacy rules"] / base["has a policy"]
        for count, base in shares(own_counts, own_bases)
    ]
    expected += [one["knows privacy rules"] * one["has a policy"] / 100 for one in own_percentages]
    fits = any(close(knows_of_all, value, 0.06) for value in expected)
    with_policy = any(close(knows_of_all, one["knows privacy rules"], 0.06) for one in own_percentages)
    of_some = "This is the percentage of those whose workplace has a policy. The question asks about everyone who answered on having one."  # noqa: E501
    assert fits or not with_policy, of_some
    of_sample = any(
        close(knows_of_all, 100 * count["knows privacy rules"] / SAMPLE_SIZE, 0.06) for count in own_counts
    )
    everyone = "You divided by everyone in the sample. Some of them did not answer on having a policy."
    assert fits or not of_sample, everyone
    wrong = (
        "This is not the percentage, of those who answered on having a policy, that knows its privacy rules."
    )
    assert fits, wrong


def published_friend_requests() -> dict[str, float]:
    """The published percentage of people who had a friend request, by country."""
    published = read_data("published.csv").query("variable == 'friend_request' and statistic == 'percent'")
    return {row["country"]: float(row["value"]) for _, row in published.iterrows()}


def check_difference(student_number: Any, difference: Any, counts: Any, bases: Any, percentages: Any) -> None:
    """Question 6: the student's percentage of friend requests, less the published one."""
    people = crowds(student_number)
    own = [one["friend request"] for one in percentages_to_go_on_from(people, percentages, counts, bases)]
    country = str(agency_of(student_number)["country"])
    figures = published_friend_requests()
    figure = figures.pop(country)

    def like(expected: list[float]) -> bool:
        return any(close(difference, value, 0.06) for value in expected)

    fits = like([value - figure for value in own])
    assert fits or not like([figure - value for value in own]), (
        "The sign is turned round. Subtract the published percentage from yours."
    )
    abroad = like([value - other for value in own for other in figures.values()])
    assert fits or not abroad, "You took the published figure of the other country."
    relative = like([100 * (value - figure) / figure for value in own])
    assert fits or not relative, (
        "This is a change in per cent. The question asks for percentage points: subtract."
    )
    assert fits, "This is not your percentage of friend requests less the published one."


def sentences_of(student_number: Any) -> "pd.Series[int]":
    """The numbers of one student's six sentences, by letter."""
    seed = seed_of(student_number)
    drafts = read_data("sentences.csv")
    country = agency_of(student_number)["country"]
    own = drafts[(drafts["country"] == country) & (drafts["set"] == seed // 8 % 2)]
    shuffled: pd.Series[int] = own.sample(frac=1, random_state=seed).set_axis(list("ABCDEF"))["sentence"]
    return shuffled


def letters(given: Any) -> set[str]:
    """Read a list of letters."""
    return {str(letter).strip().upper() for letter in given}


def check_leave_out(student_number: Any, leave_out: Any) -> None:
    """Question 7: the sentences whose number comes from the simulated file."""
    sentences = sentences_of(student_number)
    given = letters(leave_out)
    right = set(sentences.index[~sentences.isin(CITABLE | TO_REPAIR)])
    trusted = (
        "A reference at the end of a sentence proves nothing. Look every number up in the published figures."
    )
    assert not given < right, trusted
    to_repair = set(sentences.index[sentences.isin(TO_REPAIR)])
    printed = (
        "A number that is printed may stay. Its sentence needs a repair where it names the wrong people."
    )
    assert not (right < given <= right | to_repair), printed
    assert given == right, "These are not the sentences whose number is missing from the published figures."


def check_cite(student_number: Any, cite: Any) -> None:
    """Question 8: the sentences with a printed number that name the people it counts."""
    sentences = sentences_of(student_number)
    given = letters(cite)
    right = set(sentences.index[sentences.isin(CITABLE)])
    printed = set(sentences.index[sentences.isin(CITABLE | TO_REPAIR)])
    bases = "Being printed is not enough. A sentence must also name the people whom its number counts: read the column base."  # noqa: E501
    assert not (right < given <= printed), bases
    simulated = "At least one of these numbers is not among the published figures, whatever reference stands behind it."  # noqa: E501
    assert given <= printed, simulated
    assert given == right, "These are not the sentences with a printed number and the right people."


def standards_of(student_number: Any) -> pd.DataFrame:
    """The five standards on one student's list, by name."""
    seed = seed_of(student_number)
    standards = read_data("standards.csv").set_index("id")
    here = standards["country"].isin([agency_of(student_number)["country"], "both countries"])
    picked = [
        standards[here & (standards["certainty"] == tag)].sample(n=1, random_state=seed)
        for tag in standards["certainty"].unique()
    ]
    five: pd.DataFrame = pd.concat([*picked, standards[~here].sample(n=2, random_state=seed)])
    return five.assign(here=here.loc[five.index])


def check_tags(student_number: Any, tags: Any) -> None:
    """Question 9: the certainty of the standards that speak to the agency's country."""
    five = standards_of(student_number)
    given = {str(name): str(tag) for name, tag in dict(tags).items()}
    abroad = sorted(name for name in given if name in five.index and not five.loc[name, "here"])
    other_country = (
        "A standard of the other country does not speak to your agency: look at the column country."
    )
    assert not abroad, other_country
    right = five.loc[five["here"], "certainty"].to_dict()
    missing = (
        "A standard that speaks to your agency's country is missing. 'both countries' speaks to yours too."
    )
    assert set(given) == set(right), missing
    assert given == right, "At least one tag is not the one in the column certainty."
