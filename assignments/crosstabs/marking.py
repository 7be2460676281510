"""The hidden tests of "Crosstabs": each recomputes from the student's own sample what a question asks for.

A check takes the student number and the student's results, and says with an AssertionError what is wrong.
Every question takes the student's own earlier results as given, so nobody pays twice for one slip.
"""

from typing import Any

import pandas as pd
from scipy.stats import chi2, chi2_contingency

from marking_tools import as_series, close, draw, is_number, read_data

PUBLISHED_CHI2 = 10.644
PUBLISHED_DF = 3


def sample(student_number: Any) -> pd.DataFrame:
    """The 600 Canadian respondents of one student."""
    survey = read_data("survey.csv", ["country", "setting", "ict_use", "age_group"])
    canada = survey.loc[survey["country"] == "Canada", ["setting", "ict_use", "age_group"]]
    return draw(canada, student_number, 600)


def check_base(student_number: Any, answered_age: Any) -> None:
    """Question 1: how many people gave their age group."""
    ages = sample(student_number)["age_group"]
    blank = ages.isna().sum()
    everyone = "You counted everyone in the sample, with those who left their age blank."
    assert not (blank and close(answered_age, len(ages), 0)), everyone
    wrong = "This is not the number of people in your sample who gave their age group."
    assert close(answered_age, ages.count(), 0), wrong


def check_under_30(student_number: Any, percent_under_30: Any, answered_age: Any) -> None:
    """Question 2: of those who gave their age group, the percentage under 30."""
    ages = sample(student_number)["age_group"]
    young = int((ages == "under 30").sum())
    bases = [int(ages.count())]
    if is_number(answered_age) and float(answered_age) > 0:
        bases.append(float(answered_age))
    fits = any(close(percent_under_30, 100 * young / base, 0.051) for base in bases)
    everyone = close(percent_under_30, 100 * young / len(ages), 0.051)
    wrong_base = (
        "You divided by everyone in the sample. The question is about those who told their age group."
    )
    assert fits or not everyone, wrong_base
    assert fits, (
        "This is not the percentage under 30 among the people in your sample who gave their age group."
    )


def right_table(student_number: Any) -> pd.DataFrame:
    """Setting by use, in the student's sample."""
    rows = sample(student_number)
    return pd.crosstab(rows["setting"], rows["ict_use"])


def as_table(given: Any, like: pd.DataFrame) -> pd.DataFrame:
    """Put a student's table in the order of another; what is missing or no number counts as nobody."""
    table = pd.DataFrame(given).reindex(index=like.index, columns=like.columns)
    return table.apply(pd.to_numeric, errors="coerce").fillna(0).astype(float)


def check_table(student_number: Any, table: Any) -> None:
    """Question 3: counts by setting and use."""
    right = right_table(student_number)
    given = as_table(table, right)
    everyone = "Your table counts more people than your sample has. It should count `sample` only."
    assert given.to_numpy().sum() <= 600, everyone
    wrong = "At least one cell does not hold the number of people in your sample."
    assert (given - right).abs().to_numpy().max() == 0, wrong


def tables_to_go_on_from(student_number: Any, table: Any) -> list[pd.DataFrame]:
    """The right table, and the student's own if it comes from a slip.

    The student's own counts after a slip in a few cells, if it counts only part of the sample, or if it
    counts a whole country or everyone. Any other table is somebody else's sample, or invented.
    """
    right = right_table(student_number)
    tables = [right]
    if isinstance(table, pd.DataFrame):
        own = as_table(table, right)
        slips = (own != right).to_numpy().sum()
        part = own.to_numpy().sum() >= 60 and (own <= right).to_numpy().all()
        survey = read_data("survey.csv", ["country", "setting", "ict_use"])
        groups = [survey, *(people for _, people in survey.groupby("country"))]
        wider = [pd.crosstab(people["setting"], people["ict_use"]) for people in groups]
        known = slips <= 4 or part or any((own == one).to_numpy().all() for one in wider)
        if known and (own.sum(axis=1) > 0).all():
            tables.append(own)
    return tables


def check_row_percentages(student_number: Any, rates: Any, table: Any) -> None:
    """Question 4: of the people in each setting, the percentage that says yes."""
    tables = tables_to_go_on_from(student_number, table)
    yes = rates["yes"] if isinstance(rates, pd.DataFrame) and "yes" in rates else rates
    given = as_series(yes).reindex(tables[0].index)

    def like(expected: list[pd.Series]) -> bool:
        return any((given - one).abs().max() < 0.051 and given.notna().all() for one in expected)

    columns = like([100 * one["yes"] / one["yes"].sum() for one in tables])
    of_users = "These are column percentages: of all users, the share in each setting. The base should be the people in the setting."  # noqa: E501
    assert not columns, of_users
    whole = like([100 * one["yes"] / one.to_numpy().sum() for one in tables])
    of_all = (
        "You divided by everyone in the table. In each row, the base should be the people in that setting."
    )
    assert not whole, of_all
    wrong = "These are not the percentages of informal users in each setting of your sample."
    assert like([100 * one["yes"] / one.sum(axis=1) for one in tables]), wrong


def chi_square(table: pd.DataFrame) -> float:
    """χ² without Yates' correction."""
    return float(chi2_contingency(table, correction=False).statistic)


def check_chi_square(student_number: Any, chi2_value: Any, table: Any) -> None:
    """Question 5: χ² of the table."""
    tables = tables_to_go_on_from(student_number, table)
    fits = any(close(chi2_value, chi_square(one), 0.011) for one in tables)
    shares = [100 * one.div(one.sum(axis=1), axis=0) for one in tables]
    percentages = any(close(chi2_value, chi_square(one), 0.011) for one in shares)
    of_percentages = "You gave percentages to the test. χ² needs the counts of people."
    assert fits or not percentages, of_percentages
    p_value = any(close(chi2_value, chi2_contingency(one, correction=False).pvalue, 1e-4) for one in tables)
    assert fits or not p_value, "This is the p value. The question asks for χ² itself, the statistic."
    assert fits, "This is not the χ² of your setting by use table."


def chi_squares_to_go_on_from(tables: list[pd.DataFrame], chi2_value: Any) -> list[float]:
    """χ² of these tables, and the student's own if it comes from them by a known mistake.

    It also counts if it is so small or so large that it cannot be the right answer for another sample.
    """
    squares = [chi_square(one) for one in tables]
    if is_number(chi2_value):
        own = float(chi2_value)
        known = [
            chi2_contingency(one, correction=False, lambda_="log-likelihood").statistic for one in tables
        ]
        for one in tables:
            for shares in (one.div(one.sum(axis=1), axis=0), one / one.sum(), one / one.to_numpy().sum()):
                known += [chi_square(scale * shares) for scale in (1, 100)]
        if own >= 0 and (not 5 < own < 110 or any(abs(own - value) < 0.011 for value in known)):
            squares.append(own)
    return squares


def check_cramers_v(student_number: Any, cramers_v: Any, table: Any, chi2_value: Any) -> None:
    """Question 6: Cramér's V, from the student's own table and χ²."""
    tables = tables_to_go_on_from(student_number, table)
    squares = chi_squares_to_go_on_from(tables, chi2_value)
    sizes = [one.to_numpy().sum() for one in tables]

    def like(power: float, divisor: int = 1) -> bool:
        return any(
            close(cramers_v, (square / (size * divisor)) ** power, 0.0006)
            for square in squares
            for size in sizes
        )

    fits = like(0.5)
    assert fits or not like(1), "The square root is missing."
    by_k = "You divided by k. The formula divides by k - 1, which is 1 for a table with two columns."
    assert fits or not like(0.5, 2), by_k
    by_rows = "k is the smaller of rows and columns. Your table has two columns."
    assert fits or not (like(0.5, 8) or like(0.5, 9)), by_rows
    assert fits, "This is not the V of your setting by use table."


def check_published_p(published_p: Any) -> None:
    """Question 7: p from a published χ² and its degrees of freedom."""
    p = float(chi2.sf(PUBLISHED_CHI2, PUBLISHED_DF))
    smaller = "This is the probability of a smaller χ² (cdf). p is the probability of one this large or larger (sf)."  # noqa: E501
    assert not close(published_p, 1 - p, 0.00051), smaller
    bound = "This is the bound on the slide. The question asks for the p that χ² and its df give."
    assert not close(published_p, 0.001, 1e-9), bound
    wrong = "This p does not follow from the χ² and the degrees of freedom on the slide."
    assert close(published_p, p, 0.00006), wrong


def check_bound_holds(bound_holds: Any, published_p: Any) -> None:
    """Question 8: whether that p is below the published bound."""
    p = float(chi2.sf(PUBLISHED_CHI2, PUBLISHED_DF))
    if is_number(published_p) and 0 <= float(published_p) <= 1:
        p = float(published_p)
    wrong = "Compare the p of question 7 with .001, the bound that this slide reports."
    assert bool(bound_holds) == (p < 0.001), wrong
