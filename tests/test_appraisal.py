"""What the findings chapter computes: p recomputed, sizes, many tests at once, the exact test, the tables."""

import re
from itertools import product

import pandas as pd
import pytest
from scipy.stats import chi2_contingency, fisher_exact

from informal_ict import appraisal
from informal_ict.published import load_published
from informal_ict.simulate.margins import UseCounts

ETHNICITY = ((6, 3), (58, 39), (132, 97), (957, 779))


@pytest.fixture(scope="module")
def tests() -> pd.DataFrame:
    return appraisal.thirteen_tests()


def test_all_published_tests_are_there_with_p_and_v(tests):
    assert list(tests.index) == [n.id for n in load_published().values() if n.statistic == "chi2"]
    assert tests.loc["setting-us", "v"] == pytest.approx((126.834 / 1224) ** 0.5)
    assert tests.loc["geography-us", "p"] == pytest.approx(0.0138152, abs=1e-7)
    assert (tests["share"] == tests["v"] ** 2).all()


def test_three_printed_bounds_do_not_hold(tests):
    assert set(tests.index[~tests["holds"]]) == {"education-ca", "geography-ca", "geography-us"}


def test_holm_on_a_worked_example():
    """Thresholds .0125, .0167, .025, .05: the third p fails, and with it the fourth."""
    p = pd.Series({"a": 0.04, "b": 0.001, "c": 0.03, "d": 0.015})
    assert appraisal.holm(p).to_dict() == {"a": False, "b": True, "c": False, "d": True}


def test_holm_never_keeps_fewer_than_bonferroni(tests):
    assert (tests["holm"] | ~tests["bonferroni"]).all()


def test_most_tests_is_where_bonferroni_turns():
    p = 0.0034
    most = appraisal.most_tests(p)
    assert p < appraisal.bonferroni_threshold(most)
    assert not p < appraisal.bonferroni_threshold(most + 1)


def test_exact_p_of_a_two_by_two_table_is_fishers():
    """With equal margins, ordering tables by chi-square and by probability is the same."""
    table = ((10, 2), (10, 7))
    expected = fisher_exact([[2, 8], [7, 3]]).pvalue
    assert appraisal.exact_p(table) == pytest.approx(expected)


def test_exact_p_agrees_with_listing_every_table():
    table = ((3, 1), (4, 4), (5, 2))
    people, users = [n for n, _ in table], sum(k for _, k in table)

    def ways(counts):
        from math import comb, prod

        return prod(comb(n, k) for n, k in zip(people, counts, strict=True))

    def chi2(counts):
        cells = [[k, n - k] for n, k in zip(people, counts, strict=True)]
        return chi2_contingency(cells, correction=False).statistic

    every = [c for c in product(*[range(n + 1) for n in people]) if sum(c) == users]
    observed = chi2([k for _, k in table])
    extreme = sum(ways(c) for c in every if chi2(c) >= observed - 1e-9)
    assert appraisal.exact_p(table) == pytest.approx(extreme / sum(map(ways, every)))


def test_exact_p_of_ethnicity_is_above_the_approximate_one(tests):
    exact = appraisal.exact_p(ETHNICITY)
    assert tests.loc["ethnicity-us", "p"] < exact < 0.05


def test_tables_with_room_leaves_what_the_country_can_hold():
    other = ((2, 1), (403, 271), (565, 415), (183, 149))
    assert appraisal.tables_with_room([other, ETHNICITY], appraisal.us_use()) == [ETHNICITY]
    assert appraisal.tables_with_room([ETHNICITY], UseCounts(900, 325, 0)) == []


def test_sizes_that_can_print_the_share_resolved():
    fits = appraisal.sizes_printed_as("difficulties-resolved-us", range(1, 100))
    assert 96 in fits and 76 not in fits


def test_bases_that_the_pooled_counts_allow():
    left = appraisal.left_for_israel()
    assert left["base"].to_dict() == {
        "Contact outside work hours": "users",
        "Both begin the contact": "users",
        "Received a friend request": "everyone",
        "Searched for a client": "everyone",
        "Never appropriate to search": "everyone",
        "Did not talk about their use": "everyone",
    }
    assert left.loc["Contact outside work hours", "everyone"] < 0
    assert appraisal.bases_html().count('<th scope="row">') == len(left)


def test_numbers_in_words():
    assert [appraisal.in_words(n) for n in (6, 13, 20, 1153)] == ["six", "thirteen", "twenty", "1,153"]
    assert appraisal.percent(0.10362) == "10.4%"


def test_the_table_names_every_test_and_marks_what_does_not_hold(tests):
    html = appraisal.tests_html(tests)
    assert html.count('<th scope="row">') == len(tests)
    assert html.count("<strong>fails</strong>") == 3
    assert html.index("Social work setting, U.S.") < html.index("Geographical setting, Canada")
    assert "<caption" in html and re.search(r'role="region" tabindex="0"', html)
