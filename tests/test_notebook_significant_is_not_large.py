"""The notebook "Significant is not large": its results beside ones worked out another way."""

import csv
import math
import warnings

import numpy as np
import pytest
from scipy.special import gammaincc
from scipy.stats import binom

from informal_ict import paths
from notebook_cells import code_cells, run_cells

SLUG = "significant-is-not-large"


@pytest.fixture(scope="module")
def names():
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a student should see none
        return run_cells(SLUG)


@pytest.fixture(scope="module")
def survey():
    with paths.SURVEY.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def printed():
    """The thirteen printed tests: χ², df, N and the bound on p, by id."""
    with (paths.DATA / "published.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["statistic"] == "chi2"]
    return {
        row["id"]: (float(row["value"]), int(row["df"]), int(row["n"]), float(row["p_reported"].strip("< ")))
        for row in rows
    }


def id_of(name):
    return name.replace(", Canada", "-ca").replace(", U.S.", "-us")


def counted(survey, country, column, groups):
    """(users, people) of the rows whose answer is one of the groups, and whose use is known."""
    rows = [row for row in survey if row["country"] == country and row[column] in groups]
    return sum(row["ict_use"] == "yes" for row in rows), sum(row["ict_use"] in ("yes", "no") for row in rows)


def pearson(table):
    """χ² of a table, by hand."""
    table = np.asarray(table, dtype=float)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return ((table - expected) ** 2 / expected).sum()


def p_by_hand(chi2, df):
    return float(gammaincc(df / 2, chi2 / 2))


def wilson(users, people, z=1.959963984540054):
    rate = users / people
    middle = (rate + z * z / (2 * people)) / (1 + z * z / people)
    half = z / (1 + z * z / people) * math.sqrt(rate * (1 - rate) / people + z * z / (4 * people**2))
    return middle - half, middle + half


def newcombe(one, other):
    """Newcombe's interval for the difference of two rates, each given as (users, people)."""
    (low_1, high_1), (low_2, high_2) = wilson(*one), wilson(*other)
    rate_1, rate_2 = one[0] / one[1], other[0] / other[1]
    low = math.hypot(rate_1 - low_1, high_2 - rate_2)
    high = math.hypot(high_1 - rate_1, rate_2 - low_2)
    return rate_1 - rate_2 - low, rate_1 - rate_2 + high


def holm_by_hand(p_values):
    """How many stay: step down from the smallest p until one misses its limit."""
    ranked = sorted(p_values)
    for place, p in enumerate(ranked):
        if p > 0.05 / (len(ranked) - place):
            return place
    return len(ranked)


def test_it_is_quick_and_needs_nothing_of_the_book(names):
    assert names["seconds"] < 20
    assert "informal_ict" not in "\n".join(code_cells(SLUG))


def test_the_cells_are_short():
    assert max(len([line for line in cell.splitlines() if line.strip()]) for cell in code_cells(SLUG)) <= 10


def test_the_two_tables_are_the_published_ones(names, printed):
    for table, number in ((names["by_setting"], "setting-ca"), (names["by_clients"], "clients-65-ca")):
        chi2, _, n, _ = printed[number]
        assert round(pearson(table), 3) == chi2
        assert table.to_numpy().sum() == n


def test_the_gap_of_work_with_older_clients(names, survey):
    with_older = counted(survey, "Canada", "clients_65_plus", {"yes"})
    without = counted(survey, "Canada", "clients_65_plus", {"no"})
    gap = 100 * (without[0] / without[1] - with_older[0] / with_older[1])
    assert names["clients_gap"] == pytest.approx(gap)
    assert round(gap) == 6  # "about six more in a hundred"
    low, high = newcombe(without, with_older)
    assert low < 0.03 and high > 0.09  # "three points, or of nine, would fit too"


def test_the_gap_of_private_practice_and_its_interval(names, survey):
    settings = {row["setting"] for row in survey} - {"private practice", "NA", ""}
    private = counted(survey, "Canada", "setting", {"private practice"})
    others = counted(survey, "Canada", "setting", settings)
    gap = 100 * (private[0] / private[1] - others[0] / others[1])
    assert names["setting_gap"] == pytest.approx(gap)
    assert 2.7 < gap / names["clients_gap"] < 3.3  # "about three times as wide"


def test_the_interval_of_statsmodels_is_newcombes(names, survey):
    def of(place):
        return counted(survey, "United States", "geography", {place})

    city, rural = of("large city"), of("rural")
    assert names["place_gap"] == pytest.approx(city[0] / city[1] - rural[0] / rural[1])
    assert names["place_interval"] == pytest.approx(newcombe(city, rural))
    assert names["place_gap"] == pytest.approx(0.10, abs=0.01)  # "about ten points"


def test_a_tenth_of_the_people_has_the_same_v_and_another_p(names):
    whole, tenth, tenfold = (names[name] for name in ("by_clients", "tenth", "tenfold"))

    def v(table):
        return math.sqrt(pearson(table) / table.to_numpy().sum())

    assert v(tenth) == pytest.approx(v(whole), abs=0.005)
    assert v(tenfold) == pytest.approx(v(whole))
    assert p_by_hand(pearson(whole), 1) < 0.001
    assert p_by_hand(pearson(tenth), 1) > 0.2
    assert f"{p_by_hand(pearson(tenfold), 1):.1e}".endswith("e-31")  # "thirty zeros after the point"
    low, high = names["low"], names["high"]  # left by the last cell that used them: the tenth
    one, other = names["one"], names["other"]
    groups = [(tenth.loc[group, "yes"], tenth.loc[group].sum()) for group in (one, other)]
    assert (low, high) == pytest.approx(newcombe(*groups))
    assert low < 0 < high


def test_what_the_samples_show_is_what_theory_expects(names):
    samples, sizes = names["samples"], names["sizes"]
    assert sizes == {"a tenth": 260, "as in the U.S.": 1225}
    power = samples.groupby("size")["significant"].mean()
    (no_1, yes_1), (no_2, yes_2) = names["by_clients"].to_numpy()
    rates = np.array([yes_1 / (no_1 + yes_1), yes_2 / (no_2 + yes_2)])
    share = (no_1 + yes_1) / names["by_clients"].to_numpy().sum()
    for size, people in sizes.items():
        # Independent of pandas and SciPy's test: binomial draws with fixed group sizes, and the z test.
        groups = np.array([round(people * share), people - round(people * share)])
        drawn = binom.rvs(groups[:, None], rates[:, None], size=(2, 40_000), random_state=5)
        found = drawn / groups[:, None]
        pooled = drawn.sum(axis=0) / people
        z = (found[0] - found[1]) / np.sqrt(pooled * (1 - pooled) * (1 / groups).sum())
        significant = np.abs(z) > 1.959964
        assert power[size] == pytest.approx(significant.mean(), abs=0.10)
        mean_gap = samples[(samples["size"] == size) & samples["significant"]]["gap"].mean()
        assert mean_gap == pytest.approx(100 * (found[0] - found[1])[significant].mean(), abs=1.5)
    assert power["a tenth"] == pytest.approx(0.2, abs=0.05)  # "four samples in five miss"
    assert power["as in the U.S."] == pytest.approx(0.7, abs=0.05)  # "three in ten still miss it"
    small = samples[(samples["size"] == "a tenth") & samples["significant"]]["gap"]
    assert small.mean() > 2 * names["clients_gap"]
    assert samples["gap"].between(-10, 25).all()  # the figure shows every sample


def test_p_and_v_of_the_thirteen_tests(names, printed):
    tests = names["tests"]
    assert {id_of(name) for name in tests.index} == set(printed)
    for name, test in tests.iterrows():
        chi2, df, n, _ = printed[id_of(name)]
        assert test["p"] == pytest.approx(p_by_hand(chi2, df))
        assert test["V"] == pytest.approx(math.sqrt(chi2 / n))
    assert tests["V"].is_monotonic_decreasing
    places = [list(tests.index).index(name) for name in ("setting, Canada", "clients-65, Canada")]
    assert places == [2, len(tests) - 3]  # "the third bar and the third from the bottom"
    assert (tests["V"] < 0.145).sum() == 10  # the text alternative of the figure


def test_three_bounds_do_not_hold(names, printed):
    broken = {name for name, (chi2, df, _, bound) in printed.items() if p_by_hand(chi2, df) >= bound}
    tests = names["tests"]
    assert {id_of(name) for name in tests.index[tests["p"] >= tests["bound"]]} == broken
    assert broken == {"education-ca", "geography-ca", "geography-us"}
    assert p_by_hand(printed["geography-us"][0], 1) > printed["geography-us"][3]
    assert p_by_hand(printed["geography-ca"][0], 2) < printed["geography-ca"][3]
    assert p_by_hand(printed["education-ca"][0], 1) < printed["education-ca"][3]


def test_the_numbers_typed_in_the_cells_are_the_printed_ones(printed):
    (typed,) = [cell for cell in code_cells(SLUG) if "chi2.sf(10.644, df=3)" in cell]
    for number in ("geography-us", "geography-ca", "education-ca"):
        chi2, df, _, _ = printed[number]
        assert f"chi2.sf({chi2:.3f}, df={df})" in typed


def test_the_corrections(names, printed):
    tests = names["tests"]
    p = [p_by_hand(chi2, df) for chi2, df, _, _ in printed.values()]
    assert tests["Bonferroni"].sum() == sum(value <= 0.05 / 13 for value in p) == 8
    assert tests["Holm"].sum() == holm_by_hand(p) == 8
    stays = tests[tests["Holm"]]
    assert stays["V"].idxmin() == "clients-65, Canada"  # "with the lowest V of the eight"
    assert not tests.loc["age, U.S.", "Holm"]
    assert tests.loc["age, U.S.", "V"] > stays["V"].min()
    assert not tests.loc[tests["p"] >= tests["bound"], "Holm"].any()


def test_with_a_tenth_of_the_people_none_of_the_thirteen_would_be_significant(names, printed):
    by_hand = sorted(p_by_hand(chi2 / 10, df) for chi2, df, _, _ in printed.values())
    assert sorted(names["p_of_a_tenth"]) == pytest.approx(by_hand)
    assert by_hand[0] > 0.05


def test_the_families_by_country(names, printed):
    kept = {(row.country, row.method): (row.stay, row.of) for row in names["by_country"].itertuples()}
    for country, ending in (("Canada", "-ca"), ("U.S.", "-us")):
        p = [p_by_hand(chi2, df) for name, (chi2, df, _, _) in printed.items() if name.endswith(ending)]
        assert kept[country, "bonferroni"] == (sum(value <= 0.05 / len(p) for value in p), len(p))
        assert kept[country, "holm"] == (holm_by_hand(p), len(p))
        assert kept[country, "holm"] == (len(p), len(p))  # "Holm keeps all of them"
