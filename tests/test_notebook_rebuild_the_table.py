"""The notebook that rebuilds a table: its lists, its tables and its solutions, against other ways to them."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from informal_ict import appraisal, paths
from informal_ict.published import load_published
from informal_ict.simulate.possible_tables import PublishedTable, possible_tables
from notebook_cells import code_cells, run_cells

SLUG = "rebuild-the-table"
GROUPS = ("Indigenous", "Black", "another", "white")
RATES = (("50", 0), ("67.2", 1), ("73.5", 1), ("81.4", 1))
N, USERS, RESPONDENTS = 1153, 975, 1225


@pytest.fixture(scope="module")
def names():
    return run_cells(SLUG)


def counts_printing(percent, people):
    """In whole numbers, halves up as SPSS does: every count of people that is printed as this percentage."""
    scale = 10 ** len(percent.partition(".")[2])
    count = np.arange(people + 1)
    printed = (200 * scale * count + people) // (2 * people)
    return np.flatnonzero(printed == int(percent.replace(".", ""))).tolist()


def as_pairs(tables):
    return sorted(tuple((int(t[g]), int(t[f"{g} users"])) for g in GROUPS) for _, t in tables.iterrows())


def test_it_is_quick_and_needs_no_package_of_ours(names):
    assert names["seconds"] < 20
    assert "informal_ict" not in "\n".join(code_cells(SLUG))


def test_what_it_types_is_what_was_printed():
    published = load_published()
    code = "\n".join(code_cells(SLUG))
    test = published["ethnicity-us"]
    assert (test.number, test.n, test.df) == (13.651, N, len(GROUPS) - 1)
    ids = [f"ethnicity-{group}-us" for group in ("indigenous", "black", "another", "white")]
    assert [published[name].value for name in ids] == [rate for rate, _ in RATES]
    typed = {
        *("ethnicity-us", "difficulties-us", "difficulties-resolved-us", "users-us", "respondents-us"),
        *("difficulties-ca", "difficulties-resolved-ca", "users-ca", *ids),
    }
    for name in typed:
        assert published[name].value in code, name
    assert str(published["users-ca"].n) in code
    assert (published["users-us"].number, published["respondents-us"].number) == (USERS, RESPONDENTS)


@pytest.mark.parametrize(
    ("name", "percent", "largest"), [("harassed", "1.7", 200), ("resolved", "60.4", 200)]
)
def test_the_sizes_that_can_print_a_percentage(names, name, percent, largest):
    found = names[name][names[name]["people"] <= largest]
    expected = [(n, k) for n in range(1, largest + 1) for k in counts_printing(percent, n)]
    assert list(zip(found["people"], found["yes"], strict=True)) == expected


def test_everyone_fits_the_difficulties_and_users_do_not(names):
    had = names["difficulties"].groupby("people")["yes"].agg(list)
    assert had[USERS] == counts_printing("7.8", USERS) == [76]
    assert had[RESPONDENTS] == counts_printing("7.8", RESPONDENTS) == [95, 96]
    fits = set(names["resolved"]["people"])
    assert 96 in fits and not {76, 95} & fits


def test_a_thousand_people_can_give_every_percentage():
    for people in (1000, 1153, 1225):
        shares = {(2000 * count + people) // (2 * people) for count in range(people + 1)}
        assert shares == set(range(1001))


def test_the_curve_is_a_least_chi_square_and_the_sizes_left_out_cannot_be(names):
    """By the formula for two groups, and no table found lies below its curve."""
    least = names["least"]
    size = np.arange(1, N)
    share = (0.505 * size + 0.6715 * (N - size)) / N
    expected = (0.6715 - 0.505) ** 2 * size * (N - size) / N / (share * (1 - share))
    assert np.allclose(least.to_numpy(), expected)
    possible = least.index[least <= 13.75]  # for a chi-square that prints as 13.7
    assert possible[possible < 600].max() <= 130
    assert possible[possible > 600].min() > 1000
    # With more than a thousand Indigenous respondents, at most so many of the whole sample are users.
    most = (0.505 * 1001 + 0.8145 * (N - 1001) + (RESPONDENTS - N)) / RESPONDENTS
    assert most < 0.6 < USERS / RESPONDENTS
    near = names["tables"].sample(2000, random_state=5)
    assert (near["chi2"] >= least.loc[near["Indigenous"]].to_numpy() - 1e-9).all()


def test_as_many_tables_have_the_rates_and_n_as_a_convolution_counts(names):
    sizes = {}
    for group, (rate, _) in zip(GROUPS, RATES, strict=True):
        counts = [0, *(len(counts_printing(rate, n)) for n in range(1, 1152))]
        if group == "Black":
            # 269 of 400 and 538 of 800 are 67.25, which pandas rounds down: the notebook has two groups more.
            assert counts_printing("67.2", 400) == counts_printing("67.2", 800) == []
            counts[400] = counts[800] = 1
        sizes[group] = np.array(counts, dtype=np.int64)
    small = sizes["Indigenous"] * (np.arange(1152) <= 130)
    ways = small
    for group in GROUPS[1:]:
        ways = np.convolve(ways, sizes[group])[: N + 1]
    assert len(names["tables"]) == ways[N]


def test_chi_square_of_each_table_is_scipys(names):
    for _, table in names["tables"].sample(40, random_state=1).iterrows():
        cells = [[table[f"{g} users"], table[g] - table[f"{g} users"]] for g in GROUPS]
        assert np.sum(cells) == N
        assert chi2_contingency(cells, correction=False).statistic == pytest.approx(table["chi2"])


def test_ten_tables_fit_and_one_has_room(names):
    every = appraisal.ethnicity_tables()
    assert as_pairs(names["fitting"]) == sorted(every)
    assert len(every) == 10
    (left,) = appraisal.tables_with_room(every, appraisal.us_use())
    rebuilt = names["rebuilt"]
    assert list(rebuilt.index) == list(GROUPS)
    assert tuple(zip(rebuilt.sum(axis=1), rebuilt["users"], strict=True)) == left


def test_the_rebuilt_table_gives_what_was_printed(names):
    rebuilt = names["rebuilt"]
    for (rate, _), (_, row) in zip(RATES, rebuilt.iterrows(), strict=True):
        assert row["users"] in counts_printing(rate, int(row.sum()))
    users, people = rebuilt["users"].to_numpy(), rebuilt.sum(axis=1).to_numpy()
    share = users.sum() / N
    by_hand = ((users - people * share) ** 2 / (people * share * (1 - share))).sum()
    assert round(by_hand, 3) == load_published()["ethnicity-us"].number


def test_the_simulated_file_holds_the_same_table(names):
    lines = [line.split(",") for line in paths.SURVEY.read_text(encoding="utf-8").splitlines()]
    country, ethnicity, use = (lines[0].index(name) for name in ("country", "ethnicity", "ict_use"))
    values = ("indigenous", "black", "another background", "white")
    for group, value in zip(GROUPS, values, strict=True):
        us = [line for line in lines if line[country] == "United States" and line[ethnicity] == value]
        answers = [line[use] for line in us]
        assert names["rebuilt"].loc[group].tolist() == [answers.count("yes"), answers.count("no")]
    assert set(names["us"]["ethnicity"]) == {*values, "NA"}


def test_joining_makes_chi_square_smaller_and_leaves_it_significant(names):
    test = names["test"]
    by_hand = chi2_contingency([[39, 19], [100, 38], [779, 178]], correction=False)
    assert test.statistic == pytest.approx(by_hand.statistic)
    assert test.statistic < 13.651 and test.pvalue < 0.05


def test_solution_neither_base_fits_in_canada(names):
    canada = names["canada"]
    of_users, of_all = counts_printing("10.2", 2034), counts_printing("10.2", 2604)
    assert canada.loc[canada["of users"] == 10.2, "yes"].tolist() == of_users
    assert canada.loc[canada["of everyone"] == 10.2, "yes"].tolist() == of_all
    for people in of_users + of_all:
        assert not counts_printing("55.9", people)
        assert not canada.set_index("yes").loc[people, "fits"]


def test_solution_the_newcomer(names):
    assert names["evicted"][["people", "yes"]].to_numpy().tolist() == [[24, 3], [25, 4]]
    assert counts_printing("12.5", 24) == [3] and counts_printing("16.0", 25) == [4]


def test_solution_fewer_digits(names):
    """The package's search, which cuts branches and leaves out no size, shares no code with the notebook."""
    rates, places = zip(*RATES, strict=True)
    one = possible_tables(PublishedTable(tuple(map(float, rates)), places, 13.7, 1, N, (1, N - 1)))
    tables = names["tables"]
    found = as_pairs(tables[names["one_decimal"]])
    assert set(one) < set(found)
    # What is more turns on a half: 269 of 400 Black respondents are 67.25 percent, as are 538 of 800.
    assert {table[1] for table in set(found) - set(one)} == {(400, 269), (800, 538)}
    assert len(found) - len(one) == 7
    with_room = appraisal.tables_with_room(one, appraisal.us_use())
    assert as_pairs(names["one_left"]) == with_room
    assert len(with_room) == 24
    assert max(table[0][0] for table in with_room) == 10

    close = tables["chi2"].between(13.645, 13.655)
    assert (close == names["two_decimals"]).all()
    assert close.sum() > len(names["fitting"])
    assert len(names["two_left"]) == 2
