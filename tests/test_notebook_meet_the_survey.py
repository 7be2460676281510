"""The first notebook: its counts and percentages, recomputed with nothing but the csv module."""

import io
import re
import zipfile
from collections import Counter
from decimal import Decimal

import pandas as pd
import pytest

from informal_ict import notebook_downloads, paths
from informal_ict.published import load_published
from notebook_cells import NOTEBOOKS, code_cells, run_cells

SLUG = "meet-the-survey"
ORDER = ["never", "sometimes", "often", "no answer", "not asked"]
BLANKS = {"NA": "no answer", "": "not asked"}


@pytest.fixture(scope="module")
def names():
    return run_cells(SLUG)


def counted(rows, column, country):
    return Counter(row[column] for row in rows if row["country"] == country)


def printed(number, value):
    """Whether a value, rounded as the slides round, is the published one."""
    published = load_published()[number]
    return round(Decimal(value), published.decimals) == Decimal(published.value)


def source():
    return (NOTEBOOKS / f"{SLUG}.md").read_text(encoding="utf-8")


def test_it_is_quick_and_needs_no_module_of_ours(names):
    assert names["seconds"] < 20
    assert "informal_ict" not in source()
    imports = re.findall(r"^(?:import|from) (\w+)", "\n".join(code_cells(SLUG)), re.MULTILINE)
    assert sorted(imports) == ["matplotlib", "pandas"]


def test_every_row_and_column_is_read_and_no_blank_is_lost(names, rows):
    survey = names["survey"]
    assert survey.shape == (len(rows), len(rows[0]))
    assert not survey.isna().any().any()
    for number, row in enumerate(rows):
        assert survey.iloc[number].tolist() == [BLANKS.get(answer, answer) for answer in row.values()]


def test_the_sum_of_the_respondents_is_the_number_of_rows(rows):
    (sum_of_two,) = [cell for cell in code_cells(SLUG) if re.fullmatch(r"\d+ \+ \d+", cell.strip())]
    numbers = [int(number) for number in sum_of_two.split("+")]
    published = load_published()
    assert numbers == [int(published[f"respondents-{country}"].value) for country in ("ca", "us")]
    assert sum(numbers) == len(rows)


def test_the_first_rows_show_both_blanks(names, rows):
    shown = [[row[column] for column in names["columns"]] for row in rows[:6]]
    answers = Counter(answer for row in shown for answer in row)
    assert answers["NA"] > 1
    assert answers[""] == 1


def test_the_row_that_is_shown_is_the_one_the_text_describes(names, rows):
    row = names["survey"].loc[1]
    assert row["id"] == rows[1]["id"]
    assert (row["role"], row["setting"]) == ("case manager", "school")
    assert row["friend_response"] == "declined in silence"
    assert {"no answer", "not asked"} <= set(row)


def test_informal_use_in_canada(names, rows):
    use = counted(rows, "ict_use", "Canada")
    assert len(names["canada"]) == sum(use.values())
    assert len(names["users"]) == use["yes"] == int(load_published()["users-ca"].value)
    assert len(names["with_answer"]) == use["yes"] + use["no"]
    assert printed("use-ca", 100 * use["yes"] / len(names["with_answer"]))
    assert not printed("use-ca", 100 * use["yes"] / len(names["canada"]))


def test_the_counts_of_the_chart(names, rows):
    hours = counted(rows, "after_hours", "Canada")
    expected = [hours["never"], hours["sometimes"], hours["often"], hours["NA"], hours[""]]
    assert names["counts"].index.tolist() == ORDER
    assert names["counts"].tolist() == expected


@pytest.mark.parametrize(
    ("chart", "country"), [("chart", "Canada"), ("chart_us", "United States")], ids=["canada", "us"]
)
def test_a_chart_draws_its_counts_and_says_that_they_are_simulated(names, rows, chart, country):
    axes = names[chart]
    hours = counted(rows, "after_hours", country)
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == [hours["never"], hours["sometimes"], hours["often"], hours["NA"], hours[""]]
    assert axes.get_title(loc="left") == f"{country} (simulated data)"
    assert axes.get_xlabel() and axes.get_ylabel()
    assert axes.yaxis_inverted()
    assert axes.figure.get_size_inches()[0] <= 5
    answers, blanks = {bar.get_facecolor() for bar in axes.patches[:3]}, axes.patches[3:]
    assert len(answers) == 1
    assert not answers & {bar.get_facecolor() for bar in blanks}


@pytest.mark.parametrize(
    ("country", "named"), [("Canada", "Canadian"), ("United States", "U.S.")], ids=["canada", "us"]
)
def test_the_text_alternatives_order_the_bars_as_they_are(rows, country, named):
    hours = counted(rows, "after_hours", country)
    longest_first = [answer for answer, _ in hours.most_common() if answer in ORDER[:3]]
    (alt,) = re.findall(rf'alt: "(Five bars for the {named} .*)"', source())
    said = sorted(longest_first, key=lambda answer: alt.lower().index(answer))
    assert said == longest_first
    share_not_asked = hours[""] / sum(hours.values())
    assert ("more than a fifth" in alt) == (share_not_asked > 0.21)


def test_the_three_bases(names, rows):
    hours = counted(rows, "after_hours", "Canada")
    users = sum(row["country"] == "Canada" and row["ict_use"] == "yes" for row in rows)
    answered = hours["never"] + hours["sometimes"] + hours["often"]
    bases = {"everyone": sum(hours.values()), "asked": users, "answered": answered}
    assert names["bases"].to_dict() == bases
    fits = {base: printed("after-hours-never-ca", 100 * hours["never"] / n) for base, n in bases.items()}
    assert fits == {"everyone": False, "asked": False, "answered": True}
    for base, n in bases.items():
        assert names["percent_never"][base] == pytest.approx(100 * hours["never"] / n, abs=0.05)


def test_those_not_asked_are_the_rows_the_text_names(rows):
    not_asked = Counter(
        row["ict_use"] for row in rows if row["country"] == "Canada" and not row["after_hours"]
    )
    assert set(not_asked) == {"no", "NA"}
    assert not_asked["no"] > 100 * not_asked["NA"]


def test_solution_the_other_country(names, rows):
    use = counted(rows, "ict_use", "United States")
    assert names["use_us"].to_dict() == use
    assert set(use) == {"yes", "no"}
    assert printed("use-us", 100 * use["yes"] / len(names["united_states"]))
    assert use["yes"] == names["counts"]["never"]  # the coincidence that the text names


def test_solution_of_whom(names, rows):
    reasons = counted(rows, "reason_curiosity", "Canada")
    searched = counted(rows, "searched_client", "Canada")
    of_searchers = 100 * reasons["yes"] / (reasons["yes"] + reasons["no"])
    assert names["of_searchers"] == pytest.approx(of_searchers)
    assert printed("reason-curiosity-ca", of_searchers)
    of_everyone = 100 * reasons["yes"] / (searched["yes"] + searched["no"])
    assert names["of_all_who_answered"] == pytest.approx(of_everyone)
    assert round(100 / of_everyone, 1) == 12.5  # "about one in twelve"


def test_solution_your_own_chart(names, rows):
    hours = counted(rows, "after_hours", "United States")
    answered = sum(hours.values()) - hours[""] - hours["NA"]
    assert names["counts_us"].tolist() == [hours[answer] for answer in (*ORDER[:3], "NA", "")]
    assert printed("after-hours-never-us", 100 * hours["never"] / answered)


def test_the_error_that_is_shown_is_the_one_python_gives(names):
    shown = re.search(r"^NameError: .+$", source(), re.MULTILINE)[0]
    with pytest.raises(NameError) as error:
        exec("len(survy)", dict(names))
    assert shown == f"NameError: {error.value}"


def test_the_line_to_repair_gives_the_error_that_the_text_names(names):
    (line,) = re.findall(r"^```python\n(.+)\n```$", source(), re.MULTILINE)
    (shown,) = re.findall(r"`KeyError: (.+?)`", source())
    with pytest.raises(KeyError) as error:
        exec(line, dict(names))
    assert shown == str(error.value)
    repaired = line.replace("ict-use", "ict_use")
    assert repaired in "\n".join(code_cells(SLUG)[-4:])
    assert eval(repaired, dict(names))["count"]["yes"] == len(names["users"])


def test_without_the_option_pandas_hides_both_blanks_as_the_trap_says():
    plain = pd.read_csv(paths.SURVEY)
    assert not set(BLANKS) & set(plain["after_hours"].value_counts().index)


def test_the_cells_are_short_and_change_no_file():
    for cell in code_cells(SLUG):
        assert sum(bool(line.strip()) for line in cell.splitlines()) <= 8, cell
        assert not re.search(r"\.to_(?:csv|excel|pickle|json)|savefig|open\(", cell)


def test_the_download_holds_what_the_notebook_reads():
    assert SLUG in {path.stem for path in notebook_downloads.analysis_notebooks()}
    works = notebook_downloads.parse_file(str(paths.ROOT / "references.bib"))
    packed = notebook_downloads.zipped(NOTEBOOKS / f"{SLUG}.md", load_published(), works)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert set(archive.namelist()) == {
            f"notebooks/{SLUG}.ipynb",
            "data/survey.csv",
            "data/notebook.mplstyle",
        }
        assert "{stat}" not in archive.read(f"notebooks/{SLUG}.ipynb").decode()
