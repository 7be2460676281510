"""The notebook on frequencies: its results against counts made with the csv module, and formulas by hand."""

import warnings
from collections import Counter
from math import sqrt

import pytest
from scipy.stats import binomtest, norm

from informal_ict.published import load_published
from notebook_cells import code_cells, run_cells

SLUG = "frequencies"
SECONDS = 20
BLANK = ("NA", "")


@pytest.fixture(scope="module")
def names():
    with warnings.catch_warnings(record=True) as warned:
        found = run_cells(SLUG)
    shown = [warning for warning in warned if not issubclass(warning.category, DeprecationWarning)]
    return found | {"warned": shown}


@pytest.fixture(scope="module")
def published():
    return load_published()


def count(rows, country, column):
    """How often each answer stands in a column, blanks included."""
    return Counter(row[column] for row in rows if row["country"] == country)


def answered(counts):
    return sum(number for answer, number in counts.items() if answer not in BLANK)


def wilson(yes, n):
    """The Wilson interval in percent, from its formula."""
    z = norm.ppf(0.975)
    centre = (yes + z**2 / 2) / (n + z**2)
    half = z * sqrt(yes * (n - yes) / n + z**2 / 4) / (n + z**2)
    return 100 * (centre - half), 100 * (centre + half)


def test_it_runs_in_time_and_with_the_tools_that_the_page_names(names):
    assert names["seconds"] < SECONDS
    assert not any("informal_ict" in cell for cell in code_cells(SLUG))


def test_it_warns_of_nothing(names):
    assert [str(warning.message) for warning in names["warned"]] == []


@pytest.mark.parametrize(
    ("table", "country", "number_id"),
    [
        ("frequencies", "United States", "after-hours-never-us"),
        ("frequencies_ca", "Canada", "after-hours-never-ca"),
    ],
)
def test_the_table_of_one_question_has_both_bases(names, rows, published, table, country, number_id):
    counts = count(rows, country, "after_hours")
    never = names[table].loc["never"]
    assert never["Frequency"] == counts["never"]
    assert never["Percent"] == pytest.approx(100 * counts["never"] / sum(counts.values()))
    assert never["Valid Percent"] == pytest.approx(100 * counts["never"] / answered(counts))
    assert round(never["Valid Percent"], 1) == published[number_id].number
    assert names[table]["Frequency"].sum() == published[f"respondents-{number_id[-2:]}"].number
    assert names[table]["Valid Percent"].sum() == pytest.approx(100)


def test_turned_round_the_wrong_base_counts_the_blanks_as_contact(names, rows):
    counts = count(rows, "Canada", "after_hours")
    everyone = sum(counts.values())
    contact = counts["sometimes"] + counts["often"]
    assert names["too_high"] == pytest.approx(100 * (everyone - counts["never"] - contact) / everyone)
    us = count(rows, "United States", "after_hours")
    percent = names["percent"]
    gap = 100 - percent["never"] - percent["sometimes"] - percent["often"]
    assert gap == pytest.approx(100 * (us["NA"] + us[""]) / sum(us.values()))
    assert gap > 20, "the page says more than one row in five"


def test_seven_percentages_come_out_as_printed(names, rows, published):
    printed = {
        number.variable: number.number
        for number in published.values()
        if number.country == "Canada" and number.statistic == "percent" and number.level == "yes"
    }
    findings = names["findings"]
    assert len(findings) == 7
    for question, row in findings.iterrows():
        counts = count(rows, "Canada", question)
        assert row["yes"] == counts["yes"]
        assert row["answered"] == answered(counts)
        assert row["of all rows"] == pytest.approx(100 * counts["yes"] / sum(counts.values()))
        assert round(row["percent"], 1) == row["printed"] == printed[question]


def test_curiosity_among_everyone_is_what_the_book_derives(names, published):
    share = 100 * names["curious"] / names["everyone"]
    assert f"makes {share:.1f} percent of everyone" in published["curiosity-of-everyone-ca"].note
    assert share == pytest.approx(names["reasons"].loc["curiosity", "of everyone"])
    assert names["reasons"].loc["curiosity", "of searchers"] == pytest.approx(22.4, abs=0.05)


def test_the_intervals_are_those_of_wilson(names):
    for _, row in names["findings"].iterrows():
        assert (row["from"], row["to"]) == pytest.approx(wilson(row["yes"], row["answered"]))
        test = binomtest(int(row["yes"]), int(row["answered"])).proportion_ci(method="wilson")
        assert (row["from"], row["to"]) == pytest.approx((100 * test.low, 100 * test.high))
    assert names["findings"].loc["reason_curiosity", "to"] < 30, "it ends below the slide's words"
    assert 100 * names["wilson"][1] == pytest.approx(wilson(0, 8)[1])
    assert names["textbook"] == (0, 0)


def test_the_lines_on_the_bars_are_the_intervals(names):
    for base, reach, people in (
        ("of searchers", "reach_searchers", names["searchers"]),
        ("of everyone", "reach_everyone", names["everyone"]),
    ):
        down, up = names[reach]
        for reason, yes in names["said_yes"].items():
            low, high = wilson(yes, people)
            percent = names["reasons"].loc[reason, base]
            assert (percent - down[reason], percent + up[reason]) == pytest.approx((low, high))


def test_only_the_misleading_axis_is_cut(names):
    assert names["cut"].get_ylim() == (77, 80)
    honest = [names["whole"].get_ylim(), names["by_word"].get_ylim(), names["by_year"].get_ylim()]
    honest += [names[chart].get_xlim() for chart in ("left", "right", "chart")]
    assert [low for low, _ in honest] == [0] * len(honest)
    ca, us = (bar.get_height() for bar in names["whole"].patches)
    assert (round(ca, 1), round(us, 1)) == (78.1, 79.6)
    assert (us - 77) / (ca - 77) > 2 > 1.03 > us / ca


def test_years_keep_their_order_in_the_honest_chart_only(names, rows):
    counts = count(rows, "Canada", "years_practice")
    assert set(names["bands"]) == set(counts) - set(BLANK)
    for chart, order in (("by_year", names["bands"]), ("by_word", sorted(names["bands"]))):
        assert [bar.get_height() for bar in names[chart].patches] == [counts[band] for band in order]
    starts = [31 if band == "over 30" else int(band.split()[0]) for band in names["bands"]]
    assert starts == sorted(starts)


def test_every_figure_says_that_the_data_are_simulated_and_names_its_axes(names):
    figures = [names[one_of_its_charts].figure for one_of_its_charts in ("cut", "by_word", "left", "chart")]
    assert sum("subplots(" in cell for cell in code_cells(SLUG)) == len(figures)
    for figure in figures:
        titles = [figure.get_suptitle(), *(axes.get_title(loc="left") for axes in figure.axes)]
        assert any("simulated data" in title for title in titles)
        assert figure.get_size_inches()[0] <= 5
        assert all(axes.get_xlabel() for axes in figure.axes)
        assert figure.get_supylabel() or figure.axes[0].get_ylabel()


def test_blanks_and_the_bases_of_two_printed_tests(names, rows, published):
    for question, row in names["blanks"].iterrows():
        assert row["blank"] == count(rows, "Canada", question)["NA"]
    assert len(names["told_age"]) == published["age-ca"].n
    assert len(names["told_setting"]) == published["setting-ca"].n


def test_the_extremes_of_blanks_hold_the_printed_percentage(names, rows):
    counts = count(rows, "Canada", "searched_client")
    assert (names["searched"], names["silent"]) == (counts["yes"], counts["NA"])
    low, high = wilson(counts["yes"], answered(counts))
    width = 100 * counts["NA"] / sum(counts.values())
    assert width == pytest.approx(high - low, abs=0.5), "about as far apart as the ends of the interval"


def test_a_third_lies_inside_the_interval_of_those_who_declined(names, rows, published):
    counts = count(rows, "United States", "friend_response")
    assert (names["declined"], names["responded"]) == (counts["declined in silence"], answered(counts))
    rate = 100 * names["declined"] / names["responded"]
    assert round(rate, 1) == published["friend-declined-us"].number < 100 / 3
    low, high = wilson(names["declined"], names["responded"])
    assert (100 * names["declined_low"], 100 * names["declined_high"]) == pytest.approx((low, high))
    assert low < 100 / 3 < high


def test_concern_and_curiosity_can_hardly_be_told_apart(names, published):
    percent = names["percent_us"]
    assert round(percent["concern"], 1) == published["reason-concern-us"].number
    assert round(percent["curiosity"], 1) == published["reason-curiosity-us"].number
    assert round(percent["assessment"], 1) == published["reason-assessment-us"].number
    low, high = wilson(names["yes_us"]["curiosity"], names["searchers_us"])
    assert low < percent["concern"] < high
    assert percent.is_monotonic_increasing, "the bars are sorted by size"


def test_no_blank_undoes_the_majority_with_a_friend_request(names, rows):
    counts = count(rows, "United States", "friend_request")
    everyone = sum(counts.values())
    assert names["if_none"] == pytest.approx(100 * counts["yes"] / everyone)
    assert names["if_all"] == pytest.approx(100 * (everyone - counts["no"]) / everyone)
    assert names["if_none"] > 50
