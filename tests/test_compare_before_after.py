"""Self-assessments before and after: paired by the word, counted by another way, hidden where few."""

import csv
import io
import random
import statistics

import pytest

from built_site import WIDTHS, visit
from informal_ict.compare.before_after import compare_before_after
from informal_ict.compare.before_after_report import write_before_after
from informal_ict.compare.read import read_answers
from informal_ict.self_assessment.model import instrument, load_self_assessment
from test_compare_report import axe, text_of

KEYS = [f"{area}{number}" for area in "bpras" for number in range(1, 5)]
# Two-sided 95 percent points of Student's t, from a printed table, by degrees of freedom.
T = {4: 2.776, 9: 2.262, 11: 2.201, 14: 2.145}


@pytest.fixture(scope="module")
def assessment():
    return load_self_assessment()


@pytest.fixture(scope="module")
def read(tmp_path_factory, assessment):
    folder = tmp_path_factory.mktemp("marks")

    def read(rows, name="marks.csv", header=("code_word", *KEYS)):
        path = folder / name
        text = io.StringIO()
        csv.writer(text).writerows([header, *rows])
        path.write_text(text.getvalue(), encoding="utf-8")
        return read_answers(path, instrument(assessment), code_word=True)

    return read


def group(people, seed=1):
    """Marks before, and after with a step up here and there."""
    source = random.Random(seed)
    before = [[f"river {n}", *(source.choice("1223") for _ in KEYS)] for n in range(people)]
    after = [
        [row[0], *(str(min(4, int(mark) + source.choice([0, 0, 1]))) for mark in row[1:])] for row in before
    ]
    return before, after


def by_hand(before, after, area):
    """The mean change in one area with its interval, by the formula of a textbook."""
    columns = range(1 + 4 * area, 5 + 4 * area)
    first = [statistics.mean(int(row[c]) for c in columns) for row in before]
    second = [statistics.mean(int(row[c]) for c in columns) for row in after]
    changes = [b - a for a, b in zip(first, second, strict=True)]
    reach = T[len(changes) - 1] * statistics.stdev(changes) / len(changes) ** 0.5
    mean = statistics.mean(changes)
    rose = sum(change > 0 for change in changes)
    return statistics.mean(first), statistics.mean(second), mean, mean - reach, mean + reach, rose


@pytest.mark.parametrize("people", [5, 10, 12, 15])
def test_the_change_is_that_of_a_textbook(read, assessment, people):
    before, after = group(people, seed=people + 20)
    found = compare_before_after(read(before), read(reversed(after)), assessment)
    assert found.pairs == people
    for place, area in enumerate(found.areas):
        first, second, mean, low, high, rose = by_hand(before, after, place)
        change = area.change
        assert (change.before, change.after, change.change) == pytest.approx((first, second, mean))
        assert (change.low, change.high) == pytest.approx((low, high), abs=0.002)
        assert (change.rose is not None) == (rose >= 5 and people - rose >= 5)
        if change.rose:
            assert (change.rose.count, change.rose.people) == (rose, people)


def test_words_are_paired_however_they_are_written_and_the_rest_is_counted(read, assessment):
    before, after = group(10)
    after[0][0] = " River-0 "
    after[1][0] = "lake"  # nobody before
    before.append(["twin", *["2"] * 20])
    before.append(["Twin", *["3"] * 20])
    after.append(["twin", *["3"] * 20])
    after.append(["", *["3"] * 20])
    found = compare_before_after(read(before), read(after), assessment)
    assert found.pairs == 9
    unpaired = found.unpaired
    assert (unpaired.only_before, unpaired.only_after) == (1, 1)
    assert (unpaired.shared_word, unpaired.without_word) == (3, 1)


def test_an_area_that_is_hidden_hides_the_mean_of_all(read, assessment):
    before, after = group(8)
    for row in before[:4]:
        row[1] = ""  # four people left out one statement on boundaries
    found = compare_before_after(read(before), read(after), assessment)
    assert found.areas[0].change is None and found.areas[0].pairs is None
    assert found.areas[1].change is not None
    assert found.overall.change is None


def test_marks_that_are_all_alike_are_not_shown(read, assessment):
    before, after = group(8)
    for row in after:
        row[1:5] = ["4"] * 4
    found = compare_before_after(read(before), read(after), assessment)
    assert found.areas[0].change is None and "alike" in found.areas[0].why_hidden


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    for name, rows in zip(("before.csv", "after.csv"), group(12), strict=True):
        text = io.StringIO()
        csv.writer(text).writerows([["Timestamp", "code word", *KEYS], *(["noon", *row] for row in rows)])
        (folder / name).write_text(text.getvalue(), encoding="utf-8")
    write_before_after(folder / "before.csv", folder / "after.csv", folder / "r.html", folder / "r.pdf")
    return folder


def test_the_report_in_a_browser_and_on_paper(written, browser):
    page = (written / "r.html").read_text(encoding="utf-8")
    before, after = group(12)
    first, second, mean, *_ = by_hand(before, after, 0)
    said = f"Boundaries: {first:.1f} before and {second:.1f} after, a change of {mean:+.1f}"
    assert said in page and "has not been validated" in page and "paired t test" in page
    assert "river" not in page.casefold()
    assert said in text_of((written / "r.pdf").read_bytes(), written)
    with visit(browser, (written / "r.html").as_uri(), WIDTHS["phone"]) as seen:
        assert [url for url in seen.requests if not url.startswith("file:")] == []
        for device, mode in (("phone", "dark"), ("desktop", "light")):
            seen.show(WIDTHS[device], mode)
            assert not seen.scrolls_sideways()
            assert axe(seen.page) == []


REFUSED = {
    "no word": (KEYS, [["2"] * 20] * 6, 'row 1: there is no column named "code_word"'),
    "an e-mail for a word": (
        ["code_word", *KEYS],
        [["t@example.org", *["2"] * 20]],
        "row 2, column A (code_word): an address or a number of a person is no code word",
    ),
    "level five": (
        ["code_word", *KEYS],
        [["lake", "5", *["2"] * 19]],
        'row 2, column B (b1): "5" is not an answer to this question',
    ),
    "four pairs": (
        ["code_word", *KEYS],
        [[f"river {n}", *["2"] * 20] for n in range(4)],
        "4 code words stand in both, and with fewer than 5 pairs nothing can be shown",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_paired_is_refused(informal_ict, tmp_path, fault):
    header, rows, said = REFUSED[fault]
    path = tmp_path / "marks.csv"
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    result = informal_ict("compare", "--before", path, "--after", path, "--out", tmp_path / "r.html")
    assert result.status == 1 and said in result.err.replace("\n", " ")
    assert "example.org" not in result.err
