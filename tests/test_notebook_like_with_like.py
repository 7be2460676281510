"""The notebook on like with like: its results against counts and formulas that share no code with it."""

import csv
import io
import math
import re
from collections import Counter
from contextlib import redirect_stdout

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency

from informal_ict import paths
from informal_ict.crosstabs import cramers_v
from informal_ict.published import load_published
from notebook_cells import code_cells, run_cells

SLUG = "like-with-like"
CANADA, US = COUNTRIES = ("Canada", "United States")
COMMON = 0.35  # the share of private practice in the invented mix


@pytest.fixture(scope="module")
def run():
    shown = io.StringIO()
    with redirect_stdout(shown):
        names = run_cells(SLUG)
    return names, shown.getvalue()


@pytest.fixture(scope="module")
def names(run):
    return run[0]


@pytest.fixture(scope="module")
def lines(run):
    return run[1].splitlines()


@pytest.fixture(scope="module")
def tables():
    """Users and non-users of both countries in each setting, read with the csv module alone."""
    with paths.SURVEY.open(encoding="utf-8", newline="") as file:
        people = Counter((row["setting"], row["country"], row["ict_use"]) for row in csv.DictReader(file))
    settings = sorted({setting for setting, _, _ in people} - {"NA"})
    return {
        setting: np.array([[people[setting, country, use] for use in ("yes", "no")] for country in COUNTRIES])
        for setting in settings
    }


def printed(lines, start):
    """The numbers of the line that begins so."""
    (line,) = [line for line in lines if line.startswith(start)]
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", line.removeprefix(start))]


def test_it_needs_no_module_of_the_book_and_little_time(names):
    assert "informal_ict" not in "\n".join(code_cells(SLUG))
    assert names["seconds"] < 20


def test_the_published_rates_come_out_but_for_one_worker_without_a_setting(names):
    published = load_published()
    canada = published["use-ca"]
    assert round(100 * names["as_surveyed"][CANADA], canada.decimals) == canada.number
    us = int(published["users-us"].value)
    left_out = names["survey"][(names["survey"]["setting"] == "NA") & (names["survey"]["country"] == US)]
    assert left_out["ict_use"].tolist() == ["no"]
    assert names["as_surveyed"][US] == pytest.approx(us / (published["users-us"].n - 1))
    assert round(100 * us / published["users-us"].n, 1) == published["use-us"].number


def test_the_mixes_are_those_of_the_slide_on_limits(names):
    share = 100 * names["mixes"].loc["private practice"]
    assert round(share[CANADA]) == load_published()["private-practice-ca"].number
    assert 45 < share[US] < 50  # almost half


def test_rates_by_kind_of_setting(names, tables):
    total = sum(tables.values())
    private = tables["private practice"]
    for kind, table in (("private practice", private), ("elsewhere", total - private)):
        rates = table[:, 0] / table.sum(axis=1)
        assert names["by_kind"].loc[kind, list(COUNTRIES)].to_numpy() == pytest.approx(rates)


def test_direct_standardization_to_the_common_and_to_the_canadian_mix(names, tables):
    stacked = np.stack(list(tables.values()))  # setting, country, use
    rates = stacked[:, :, 0] / stacked.sum(axis=2)
    for result, weights in (
        (names["same_mix"], stacked.sum(axis=(1, 2))),
        (names["canadian_standard"], stacked[:, 0].sum(axis=1)),
    ):
        expected = weights @ rates / weights.sum()
        assert result[list(COUNTRIES)].to_numpy() == pytest.approx(expected)
    assert names["canadian_standard"][CANADA] == pytest.approx(names["as_surveyed"][CANADA])
    assert names["canadian_standard"][US] < names["same_mix"][US]


def test_the_order_turns_around_as_the_page_says(names):
    assert names["as_surveyed"][US] > names["as_surveyed"][CANADA]
    assert names["same_mix"][CANADA] > names["same_mix"][US]
    assert (names["rates"][CANADA] > names["rates"][US]).all()
    assert 0 < (names["by_kind"][CANADA] - names["by_kind"][US])["private practice"] < 0.02


def test_the_odds_ratio_of_the_whole_samples(lines, tables):
    (a, b), (c, d) = sum(tables.values())
    assert printed(lines, "odds ratio, Canada over U.S.:") == [round((a / b) / (c / d), 2)]


def test_mantel_haenszel_and_its_interval_by_the_formulas(names, lines, tables):
    a, b, c, d = np.stack(list(tables.values())).reshape(-1, 4).T.astype(float)
    n = a + b + c + d
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    ratio = r.sum() / s.sum()
    variance = (  # Robins, Breslow and Greenland (1986)
        (p * r).sum() / (2 * r.sum() ** 2)
        + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
        + (q * s).sum() / (2 * s.sum() ** 2)
    )
    ends = [ratio * math.exp(sign * 1.959964 * math.sqrt(variance)) for sign in (-1, 1)]
    assert names["pooled"].oddsratio_pooled == pytest.approx(ratio)
    assert [names["low"], names["high"]] == pytest.approx(ends, rel=1e-5)
    assert names["low"] > 1
    assert printed(lines, "odds ratio within settings:") == [round(ratio, 2)]
    assert printed(lines, "95% interval:") == [round(end, 2) for end in ends]


def test_equal_odds_by_breslow_and_day(lines, names, tables):
    ratio, statistic = names["pooled"].oddsratio_pooled, 0.0
    for (a, b), (c, d) in tables.values():
        row, column, n = a + b, a + c, a + b + c + d
        # The expected count e solves e (n - row - column + e) = ratio (row - e) (column - e).
        roots = np.roots([1 - ratio, n - row - column + ratio * (row + column), -ratio * row * column])
        (e,) = [root for root in roots if 0 < root < min(row, column)]
        statistic += (a - e) ** 2 * (1 / e + 1 / (row - e) + 1 / (column - e) + 1 / (n - row - column + e))
    p = chi2.sf(statistic, len(tables) - 1)
    assert printed(lines, "p for equal ratios:") == [round(p, 2)]
    assert p > 0.95  # more alike than chance usually leaves them


def story(names, number):
    """(rate in private practice, rate elsewhere) for each country, in percent."""
    column = names["story_rates"][f"users, story {number}"]
    return {
        country: (column[country, "private practice"], column[country, "elsewhere"]) for country in COUNTRIES
    }


def test_two_stories_have_the_same_margins_and_opposite_answers(names, lines):
    sums = names["stories"].groupby("country").sum()
    assert (sums["users, story one"] == sums["users, story two"]).all()
    assert story(names, "one") == {CANADA: (94, 74), US: (93, 67)}  # as the cell by hand has them
    assert story(names, "two") == {CANADA: (82, 77), US: (82, 78)}
    ahead = {}
    for number in ("one", "two"):
        rates = story(names, number)
        assert all(private > elsewhere for private, elsewhere in rates.values())
        canada, us = (COMMON * rates[c][0] + (1 - COMMON) * rates[c][1] for c in COUNTRIES)
        assert printed(lines, f"story {number}, Canada:") == [pytest.approx(canada)]
        assert printed(lines, f"story {number}, U.S.:  ") == [pytest.approx(us)]
        ahead[number] = canada - us
    assert ahead["one"] > 0 > ahead["two"]
    workers = names["stories"]["workers"].groupby("kind").sum()
    assert workers["private practice"] / workers.sum() == COMMON


def test_the_us_lead_shrinks_in_every_story_with_private_practice_first():
    mix, use = {CANADA: 0.2, US: 0.5}, {CANADA: 0.78, US: 0.80}
    for lead_canada in np.linspace(0.001, 0.27, 60):
        for lead_us in np.linspace(0.001, 0.39, 60):
            elsewhere = {CANADA: use[CANADA] - mix[CANADA] * lead_canada, US: use[US] - mix[US] * lead_us}
            for common in np.linspace(mix[CANADA], mix[US], 7):
                canada = elsewhere[CANADA] + common * lead_canada
                us = elsewhere[US] + common * lead_us
                assert us - canada < use[US] - use[CANADA]


def test_which_stories_come_close_to_the_published_v(names, lines):
    published = load_published()
    v = {}
    for key, table in names["tables_of_stories"].items():
        statistic = chi2_contingency(table, correction=False).statistic
        v[key] = math.sqrt(statistic / np.sum(table))
        assert printed(lines, key) == [round(v[key], 2)]
    for country, number in ((CANADA, "setting-ca"), (US, "setting-us")):
        deck = cramers_v(published[number].number, published[number].n, published[number].df + 1)
        short = "U.S." if country == US else country
        for which in ("one", "three"):
            assert v[f"{which}, {short}"] == pytest.approx(deck, abs=0.01)
        assert v[f"two, {short}"] < deck / 3


def test_the_third_story_fits_the_slide_and_is_almost_level(names, lines):
    canada, us = (np.array(names["tables_of_stories"][f"three, {country}"]) for country in ("Canada", "U.S."))
    sums = names["stories"].groupby("country").sum()
    lead = []
    for country, table in ((CANADA, canada), (US, us)):
        private = names["stories"]["workers"][country, "private practice"]
        assert table.sum() == sums["workers"][country]
        assert table[:, 0].sum() == sums["users, story one"][country]
        assert table[0].sum() == private
        rates = table[:, 0] / table.sum(axis=1)
        assert rates.argmax() == 0  # private practice first
        elsewhere = table[1:, 0].sum() / table[1:].sum()
        lead.append(100 * (COMMON * rates[0] + (1 - COMMON) * elsewhere))
    assert printed(lines, "one mix, Canada:") == [round(lead[0], 1)]
    assert printed(lines, "one mix, U.S.:") == [round(lead[1], 1)]
    assert 0 < lead[0] - lead[1] < 1
    assert us[0, 0] / us[0].sum() > canada[0, 0] / canada[0].sum()


def test_the_mix_alone_does_not_make_the_gap_in_contact_after_hours(names, lines):
    published = load_published()
    never = [published[f"after-hours-never-{c}"].number / 100 for c in ("ca", "us")]

    def two_rates(canada, us):
        return np.linalg.solve([[canada, 1 - canada], [us, 1 - us]], never)

    private, elsewhere = two_rates(published["private-practice-ca"].number / 100, 0.5)
    assert [names["private_practice"], names["elsewhere"]] == pytest.approx([private, elsewhere])
    assert printed(lines, "private practice:") == [round(private, 2)]
    assert private < 0
    # Nor with as many users in private practice as the U.S. margins allow.
    assert two_rates(0.15, 0.5 * published["users-us"].n / published["users-us"].number)[0] < 0


def test_the_figure_says_simulated_and_names_its_axes(names):
    chart = names["chart"]
    assert "simulated data" in chart.get_title(loc="left").lower() + chart.get_title().lower()
    assert chart.get_xlabel() and chart.get_ylabel()
    assert names["figure"].get_size_inches()[0] <= 5
    labels = [label.get_text() for label in chart.get_yticklabels()]
    assert labels[:2] == ["all, as surveyed", "all, with one mix"]
