"""The notebook on crosstabs: its tables and tests by hand, from the file and from what was printed."""

import re
from collections import Counter
from math import comb, sqrt

import numpy as np
import pytest
from scipy.special import gammaincc

from informal_ict.paths import ROOT
from informal_ict.published import load_published
from notebook_cells import code_cells, run_cells

SLUG = "crosstabs-and-chi-square"
CANADA, US = "Canada", "United States"


@pytest.fixture(scope="module")
def names():
    return run_cells(SLUG)


@pytest.fixture(scope="module")
def printed():
    return load_published()


def counted(rows, country, question, **only):
    """Counts by answer, (no, yes), without pandas."""
    pairs = Counter(
        (row[question], row["ict_use"])
        for row in rows
        if row["country"] == country and all(row[name] == value for name, value in only.items())
    )
    answers = sorted({answer for answer, use in pairs if answer not in ("", "NA") and use in ("no", "yes")})
    return answers, np.array([[float(pairs[answer, use]) for use in ("no", "yes")] for answer in answers])


def expected_of(counts):
    return counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()


def pearson(counts, pull=0.0):
    """Chi-square, df, p and V by the formula; pull is half a person for the continuity correction."""
    expected = expected_of(counts)
    chi2 = ((abs(counts - expected) - pull) ** 2 / expected).sum()
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return chi2, df, gammaincc(df / 2, chi2 / 2), sqrt(chi2 / counts.sum() / (min(counts.shape) - 1))


def adjusted(counts):
    """Adjusted residuals by Haberman's formula."""
    expected, n = expected_of(counts), counts.sum()
    shares = (1 - counts.sum(axis=1, keepdims=True) / n) * (1 - counts.sum(axis=0) / n)
    return (counts - expected) / np.sqrt(expected * shares)


def same_table(table, answers, counts):
    assert list(table.index) == answers
    assert list(table.columns) == ["no", "yes"]
    assert (table.to_numpy() == counts).all()


def test_it_runs_quickly_and_needs_only_what_the_page_names(names):
    assert names["seconds"] < 20
    imported = set(re.findall(r"^(?:from|import) (\w+)", "\n".join(code_cells(SLUG)), re.MULTILINE))
    assert imported == {"matplotlib", "pandas", "scipy", "statsmodels"}


def test_every_cell_is_short_enough_to_read_aloud():
    assert max(len([line for line in cell.splitlines() if line.strip()]) for cell in code_cells(SLUG)) <= 8


def test_the_table_of_older_clients_and_its_percentages(names, rows):
    answers, counts = counted(rows, CANADA, "clients_65_plus")
    same_table(names["table"], answers, counts)
    assert names["row_percent"].to_numpy() == pytest.approx(100 * counts / counts.sum(axis=1, keepdims=True))
    assert names["column_percent"].to_numpy() == pytest.approx(100 * counts / counts.sum(axis=0))
    assert names["everyone"] == counts.sum()


def test_expected_counts_and_chi_square_as_the_sum_of_distances(names, rows):
    _, counts = counted(rows, CANADA, "clients_65_plus")
    assert names["expected"].to_numpy() == pytest.approx(expected_of(counts))
    by_hand = names["with_older_clients"] * names["non_users"] / names["everyone"]
    assert by_hand == pytest.approx(names["expected"].loc["yes", "no"])
    assert names["table"].loc["yes", "no"] > by_hand
    assert names["distance"].to_numpy().sum() == pytest.approx(pearson(counts)[0])


@pytest.mark.parametrize(
    ("number", "test", "table"),
    [
        ("clients-65-ca", "test", "table"),
        ("setting-us", "setting_test", "settings"),
        ("age-us", "age_test", "ages"),
    ],
)
def test_what_was_printed_is_reproduced(names, printed, number, test, table):
    assert f"{names[test].statistic:.3f}" == printed[number].value
    assert names[test].dof == printed[number].df
    assert names[table].to_numpy().sum() == printed[number].n


@pytest.mark.parametrize(
    ("test", "country", "question"),
    [
        ("test", CANADA, "clients_65_plus"),
        ("setting_test", US, "setting"),
        ("us_test", US, "clients_65_plus"),
        ("age_test", US, "age_group"),
    ],
)
def test_the_tests_by_the_formula(names, rows, test, country, question):
    _, counts = counted(rows, country, question)
    chi2, df, p, _ = pearson(counts)
    assert (names[test].statistic, names[test].dof) == (pytest.approx(chi2), df)
    assert names[test].pvalue == pytest.approx(p)


def test_the_continuity_correction_is_half_a_person(names, rows):
    _, counts = counted(rows, CANADA, "clients_65_plus")
    chi2, _, p, _ = pearson(counts, pull=0.5)
    assert names["corrected"].statistic == pytest.approx(chi2)
    assert names["corrected"].pvalue == pytest.approx(p)
    assert names["corrected"].statistic < names["test"].statistic


def test_size_of_the_associations(names, rows, printed):
    for name, country, question in (("v", CANADA, "clients_65_plus"), ("age_v", US, "age_group")):
        assert names[name] == pytest.approx(pearson(counted(rows, country, question)[1])[3])
    number = printed["clients-65-ca"]
    assert names["v"] == pytest.approx(sqrt(number.number / number.n), abs=5e-5)


def test_residuals_and_rates_of_settings(names, rows):
    answers, counts = counted(rows, US, "setting")
    same_table(names["settings"], answers, counts)
    residuals = names["residuals"]
    assert residuals[["no", "yes"]].to_numpy() == pytest.approx(adjusted(counts))
    assert (residuals["people"] == counts.sum(axis=1)).all()
    assert list(residuals["yes"].abs().sort_values().index[-2:]) == ["hospital", "private practice"]
    overall = 100 * counts[:, 1].sum() / counts.sum()
    assert names["rates"].to_numpy() == pytest.approx(100 * counts[:, 1] / counts.sum(axis=1))
    assert list(names["rates"][names["rates"] > overall].index) == ["private practice"]


def test_the_rule_of_five_where_it_holds_and_where_it_does_not(names, rows):
    assert names["few"].sum() == 0
    _, counts = counted(rows, US, "setting", age_group="under 30")
    small = expected_of(counts) < 5
    assert names["young_few"].sum() == small.sum()
    assert small.mean() > 0.2
    assert names["young_test"].expected_freq.min() == pytest.approx(expected_of(counts).min())


def test_groups_joined_and_the_exact_test(names, rows):
    answers, counts = counted(rows, US, "setting", age_group="under 30")
    inside = counts[answers.index("private practice")]
    joined = np.array([counts.sum(axis=0) - inside, inside])
    assert (names["joined"].to_numpy() == joined).all()
    assert list(names["joined"].index) == ["elsewhere", "private practice"]
    assert expected_of(joined).min() > 5
    assert joined[1, 0] == 0
    # Fisher's p: all ways in which the non-users can fall that are no likelier than the one that came out.
    here, total, non_users = int(joined[1].sum()), int(joined.sum()), int(joined[:, 0].sum())
    ways = [comb(here, k) * comb(total - here, non_users - k) for k in range(here + 1)]
    exact = sum(way for way in ways if way <= ways[0]) / comb(total, non_users)
    assert names["fisher_exact"](names["joined"]).pvalue == pytest.approx(exact)


def test_solutions(names, rows, printed):
    _, counts = counted(rows, US, "clients_65_plus")
    assert names["us_row_percent"].to_numpy() == pytest.approx(100 * counts[:, 1] / counts.sum(axis=1))
    assert names["us_test"].pvalue > 0.05
    assert printed["clients-65-not-significant-us"].value == "not significant"
    ages, counts = counted(rows, US, "age_group")
    same_table(names["ages"], ages, counts)
    beyond = [age for age, cells in zip(ages, adjusted(counts), strict=True) if abs(cells[1]) > 2]
    assert beyond == ["under 30"]
    assert expected_of(counts).min() > 5
    roles, counts = counted(rows, CANADA, "role")
    users = counts[roles.index("psychotherapist")]
    assert names["of_the_role"].loc["psychotherapist", "yes"] == pytest.approx(100 * users[1] / users.sum())
    of_users = 100 * users[1] / counts[:, 1].sum()
    assert names["of_the_users"].loc["psychotherapist", "yes"] == pytest.approx(of_users)
    assert of_users < 50 < 100 * users[1] / users.sum()


def test_traps_are_as_the_page_says(names):
    table, test = names["table"], names["chi2_contingency"]
    canada = names["canada"]
    with_totals = test(names["pd"].crosstab(canada["clients_65_plus"], canada["ict_use"], margins=True))
    assert with_totals.statistic == pytest.approx(names["test"].statistic)
    assert with_totals.dof > 1
    assert with_totals.pvalue > names["test"].pvalue
    percentages = test(names["row_percent"], correction=False)
    assert percentages.expected_freq.sum() == pytest.approx(200)
    assert percentages.pvalue > 0.05
    turned = test(table.loc[["yes", "no"]], correction=False)
    assert turned.statistic == pytest.approx(names["test"].statistic)
    plain = names["Table"](table).resid_pearson.to_numpy()
    assert plain == pytest.approx(((table - names["expected"]) / names["expected"] ** 0.5).to_numpy())
    young = names["young_settings"].to_numpy()
    assert (young == 0).any()
    assert (names["Table"](young).table == np.where(young == 0, 0.5, young)).all()
    assert (names["Table"](young, shift_zeros=False).table == young).all()


def test_the_graded_assignment_is_not_given_away():
    page = (ROOT / "notebooks" / f"{SLUG}.md").read_text(encoding="utf-8")
    assert "geography" not in page
    assert ".sample(" not in page
    assert 'canada["setting"]' not in page
