"""The notebook for one's own people: its figures by another way, and a message for every broken file."""

import csv
import sys
import zipfile
from io import BytesIO
from math import sqrt

import pandas as pd
import pytest
from pybtex.database import parse_file

from informal_ict import paths
from informal_ict.notebook_downloads import zipped
from informal_ict.published import load_published
from notebook_cells import code_cells, run_cells

SLUG = "ask-your-own-people"
EXAMPLE = paths.DATA / "example-answers.csv"
QUESTIONNAIRE = paths.DATA / "own-questionnaire.csv"
TEMPLATE = paths.ROOT / "workshop" / "questionnaire-template.csv"
HEADER = "uses_ict,who_begins,after_hours,searched,reasons,friend_request,talks,workplace_policy"
GOOD = "yes,both of us,never,yes,assessment;curiosity,no,yes,not sure"


@pytest.fixture(scope="module")
def names():
    # As in Jupyter, the folder of the notebook is searched first, so the module is that of the download.
    sys.path.insert(0, "")
    sys.modules.pop("own_people", None)
    try:
        return run_cells(SLUG)
    finally:
        sys.path.remove("")
        sys.modules.pop("own_people", None)


@pytest.fixture
def read(names, tmp_path):
    """Reads a file of these bytes or this text."""

    def read(content):
        path = tmp_path / "mine.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return names["read_answers"](path, names["questionnaire"])

    return read


@pytest.fixture
def compared(names, read):
    """The comparison for a file of these lines."""

    def compared(*lines):
        return names["compare"](read("\n".join([HEADER, *lines])), names["questionnaire"], names["published"])

    return compared


def records(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def wilson(said, people, z=1.959963984540054):
    """The ends of the interval, from the formula of 1927."""
    share = said / people
    middle = share + z * z / (2 * people)
    reach = z * sqrt(share * (1 - share) / people + z * z / (4 * people * people))
    return [100 * (middle + sign * reach) / (1 + z * z / people) for sign in (-1, 1)]


def test_it_is_quick_and_needs_no_package_of_ours(names):
    assert names["seconds"] < 20
    assert "informal_ict" not in "\n".join(code_cells(SLUG))
    assert "informal_ict" not in (paths.NOTEBOOKS / "own_people.py").read_text(encoding="utf-8")


def test_the_download_holds_module_questionnaire_and_example():
    works = parse_file(str(paths.ROOT / "references.bib"))
    archive = zipped(paths.NOTEBOOKS / f"{SLUG}.md", load_published(), works)
    held = zipfile.ZipFile(BytesIO(archive)).namelist()
    wanted = {"notebooks/own_people.py", "data/own-questionnaire.csv", "data/example-answers.csv"}
    assert wanted | {"data/published.csv"} <= set(held)


# ---- The questionnaire


def test_each_line_has_the_base_of_both_published_figures():
    published = load_published()
    lines = [option for option in records(QUESTIONNAIRE) if option["line"]]
    assert len(lines) == 10
    for option in lines:
        for key, country in (("published_ca", "Canada"), ("published_us", "United States")):
            number = published[option[key]]
            assert (number.base, number.country, number.statistic) == (option["base"], country, "percent")


def test_the_options_of_a_question_agree_on_it():
    options = records(QUESTIONNAIRE)
    for column in {option["column"] for option in options}:
        of = [option for option in options if option["column"] == column]
        assert len({(option["question"], option["several"], option["base"]) for option in of}) == 1
        assert len({option["option"].casefold() for option in of}) == len(of) > 1
        assert not any(sign in option["option"] for option in of for sign in ";,")
    assert {o["makes_base"] for o in options} - {""} == {o["base"] for o in options} - {"everyone"}


def test_the_questions_are_in_our_own_words_and_ask_for_no_identity():
    options = records(QUESTIONNAIRE)
    codebook = (paths.DATA / "questionnaire.yml").read_text(encoding="utf-8")
    assert not any(option["question"] in codebook for option in options)
    columns = {option["column"] for option in options}
    assert not columns & {"name", "email", "age", "gender", "role", "country", "comments"}


def test_the_template_has_the_columns_and_no_rows():
    columns = list(dict.fromkeys(option["column"] for option in records(QUESTIONNAIRE)))
    assert TEMPLATE.read_text(encoding="utf-8") == ",".join(columns) + "\n" == HEADER + "\n"


def test_the_example_is_28_people_with_blanks_and_says_that_it_is_invented():
    people = records(EXAMPLE)
    assert len(people) == 28
    assert {person["origin"] for person in people} == {"invented"}
    assert sum(not person["uses_ict"] or not person["friend_request"] for person in people) == 2


# ---- The figures of the page


def test_the_lines_are_those_counted_by_hand(names):
    people = records(EXAMPLE)
    bases = {"everyone": lambda p: True, "users": lambda p: p["uses_ict"] == "yes"}
    bases["searchers"] = lambda p: p["searched"] == "yes"
    published = load_published()
    for option in records(QUESTIONNAIRE):
        if not option["line"]:
            continue
        given = [p[option["column"]] for p in people if bases[option["base"]](p) and p[option["column"]]]
        said = sum(option["option"] in answer.split(";") for answer in given)
        row = names["compared"].loc[option["line"]]
        assert (row["people"], row["said so"]) == (len(given), said)
        assert row["percent"] == pytest.approx(100 * said / len(given))
        assert [row["low"], row["high"]] == pytest.approx(wilson(said, len(given)))
        assert row["Canada"] == published[option["published_ca"]].number
        assert row["United States"] == published[option["published_us"]].number


def test_the_text_of_the_page_fits_its_figures(names):
    table = names["compared"]
    inside = [
        all(row["low"] <= row[country] <= row["high"] for country in ("Canada", "United States"))
        for _, row in table.iterrows()
    ]
    assert list(table.index[[not x for x in inside]]) == [
        "never outside work hours",
        "workplace has a policy",
    ]
    hours, policy = table.loc["never outside work hours"], table.loc["workplace has a policy"]
    assert hours["low"] < hours["United States"] < hours["high"] < hours["Canada"]
    assert policy["high"] < min(policy["Canada"], policy["United States"])
    assert 45 < table.loc["searched online for a client", "percent"] < 50  # "nearly half"
    concern = table.loc["reason: concern"]
    assert (concern["said so"], concern["people"]) == (3, 12)  # "three of twelve"


def test_the_paragraph_of_the_page(names):
    text = names["paragraph"]
    assert text.startswith("These figures describe the people who answered, and no one else.")
    assert "no sample of anyone" in text and "chance alone" in text
    assert "2017" in text and "volunteers" in text
    assert "within your interval for: uses ICT informally, both begin the contact, searched online" in text
    assert (
        "Never outside work hours: 5 of 21 of your people, or 24%, with an interval from 11% to 45%; "
        "the published 48.8% in Canada lies above it and 17.5% in the United States lies within it." in text
    )
    assert "There are 20 comparisons here" in text
    assert "Not shown" not in text and "Everyone or no one" not in text


def test_solution_the_published_interval(names):
    assert [100 * names["low"], 100 * names["high"]] == pytest.approx(wilson(2034, 2604))
    number = load_published()["users-ca"]
    assert (number.number, number.n) == (2034, 2604)


def test_solution_a_small_team_hides_the_reasons(names):
    team = names["team"]
    hidden = list(team.index[team["people"].isna()])
    assert hidden == ["reason: assessment", "reason: concern", "reason: curiosity"]
    assert team.loc[hidden, ["said so", "percent", "low", "high"]].isna().all(axis=None)
    assert team.loc["searched online for a client", "said so"] == 3


def test_solution_a_late_answer_is_given_away(names):
    late = names["late"]
    person = records(EXAMPLE)[-1]
    asked = late[late["people"] == 1]
    assert set(late["people"]) == {0, 1}
    assert list(asked.index[asked["said so"] == 1]) == ["uses ICT informally"]
    assert person["uses_ict"] == "yes" and person["searched"] == "no" and person["after_hours"] != "never"


# ---- Small groups


@pytest.mark.parametrize(("people", "shown"), [(4, False), (5, True)])
def test_a_base_under_five_is_not_shown(compared, names, people, shown):
    table = compared(*[GOOD] * people)
    assert table["people"].notna().all() == shown
    text = names["reading"](table)
    if shown:
        assert "Everyone or no one gave this answer: uses ICT informally, both begin the contact" in text
        assert "think before you show it" in text
    else:
        assert text == "On every line fewer than five people are counted, so nothing is shown."


def test_the_reading_names_what_it_does_not_show(compared, names):
    others = ["no,,,no,,yes,no,no"] * 6
    text = names["reading"](compared(GOOD, *others))
    assert (
        "Not shown, because fewer than five people are counted: both begin the contact, "
        "never outside work hours, reason: assessment, reason: concern, reason: curiosity." in text
    )
    assert "There are 10 comparisons here" in text


def test_a_published_figure_below_the_interval_is_said_to_be_below(compared, names):
    assert "the published 22.4% in Canada lies below it" in names["reading"](compared(*[GOOD] * 20))


def test_who_left_out_the_deciding_question_is_in_neither_base(compared):
    table = compared(*[GOOD] * 6, ",both of us,never,,curiosity,no,yes,no")
    assert table.loc["both begin the contact", "people"] == 6
    assert table.loc["reason: curiosity", "people"] == 6
    assert table.loc["received a friend request", "people"] == 7


# ---- Files that are read


def test_a_good_file(read):
    answers = read(f"{HEADER}\n{GOOD}\n,,,,,,,\n\nNO,,, No ,,Yes,yes,Not  Sure\n")
    assert list(answers.index) == [2, 5]  # rows as a spreadsheet counts them; empty ones are passed over
    assert list(answers.columns) == HEADER.split(",")
    assert answers.loc[2, "reasons"] == "assessment; curiosity"
    assert answers.loc[5, "workplace_policy"] == "not sure"
    assert pd.isna(answers.loc[5, "who_begins"])


def test_the_byte_order_mark_and_windows_line_ends_do_no_harm(read):
    answers = read(b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}\r\n".encode())
    assert answers.loc[2, "uses_ict"] == "yes"


def test_whole_questions_may_name_the_columns_in_any_order(read):
    questions = list(dict.fromkeys(option["question"] for option in records(QUESTIONNAIRE)))
    header = ",".join(f'"{question}"' for question in reversed(questions))
    answers = read(f"{header}\nno,yes,no,,no,,,no\n")
    assert answers.loc[2].dropna().to_dict() == {
        **{"uses_ict": "no", "searched": "no", "friend_request": "no", "talks": "yes"},
        "workplace_policy": "no",
    }


def test_several_reasons_with_commas_and_one_said_twice(read):
    answers = read(f'{HEADER}\nno,,,yes,"curiosity, assessment;Curiosity;",no,no,no\n')
    assert answers.loc[2, "reasons"] == "curiosity; assessment"


def test_a_row_without_its_last_blanks_is_read(read):
    assert pd.isna(read(f"{HEADER}\nno,,,no\n").loc[2, "talks"])


def test_an_unknown_column_is_left_out_and_said(read, capsys):
    answers = read(f"Timestamp,{HEADER}\nMonday,{GOOD}\nTuesday,,,,,,,,\n")
    assert list(answers.columns) == HEADER.split(",") and list(answers.index) == [2]
    said = capsys.readouterr().out
    assert "Left out, because the questionnaire has no such column: Timestamp" in said
    assert "delete it from the file" in said
    assert "Rows left out, because they answer no question: 1" in said


# ---- Files that are refused

EVERY = HEADER.replace(",", ", ")
REFUSED = {
    "unknown answer": (
        "\n".join([HEADER, *[GOOD] * 5, GOOD.replace("never,yes", "never,maybe")]),
        'row 7, column searched: "maybe" is none of: yes, no',
    ),
    "unknown reason": (
        f"{HEADER}\n{GOOD.replace('curiosity', 'boredom')}",
        'row 2, column reasons: "boredom" is none of: assessment, concern for the client, curiosity, '
        "another reason",
    ),
    "several answers where one is wanted": (
        f"{HEADER}\n{GOOD.replace('never', 'never;often')}",
        'row 2, column after_hours: "never;often" is none of: never, sometimes, often',
    ),
    "long answer": (
        f"{HEADER}\n{GOOD.replace('never', 'n' * 60)}",
        f'row 2, column after_hours: "{"n" * 39}…" is none of: never, sometimes, often',
    ),
    "a break within a cell is no new row": (
        f'note,{HEADER}\n"two\nlines",{GOOD}\n,{GOOD.replace("no,yes", "no,perhaps")}',
        'row 3, column talks: "perhaps" is none of: yes, no',
    ),
    "reasons without a search": (
        f"{HEADER}\n{GOOD}\nno,,,no,curiosity,no,no,no",
        'row 3, column reasons: "curiosity" contradicts column searched, which says "no"',
    ),
    "contact without use": (
        f"{HEADER}\nno,I do,never,no,,no,no,no",
        'row 2, column who_begins: "I do" contradicts column uses_ict, which says "no"\n'
        'row 2, column after_hours: "never" contradicts column uses_ict, which says "no"',
    ),
    "missing column": (
        f"{HEADER.replace('searched,', '')}\n{GOOD}",
        "row 1, column searched: there is no such column",
    ),
    "column twice": (f"{HEADER},Searched\n{GOOD},yes", "row 1, column searched: there is more than one"),
    "no column": (
        "Dear all\nplease find attached",
        f"row 1: none of the columns is named there, which are: {EVERY}",
    ),
    "a cell too many": (
        f"{HEADER}\n{GOOD}\nno,,,yes,assessment,curiosity,no,no,no",
        "row 3, column 9: there is a cell, but row 1 names only 8 columns; "
        "an answer with a comma in it must stand in quotation marks",
    ),
    "empty": ("", "mine.csv is empty: row 1 should name the columns"),
    "only blank lines": ("\ufeff\n \n", "mine.csv is empty: row 1 should name the columns"),
    "no answers": (HEADER, "row 2: there are no answers beneath the names of the columns"),
    "semicolons": (
        HEADER.replace(",", ";"),
        "row 1: there are semicolons between the columns, and no commas.",
    ),
    "tabs": (HEADER.replace(",", "\t"), "row 1: there are tabs between the columns, and no commas."),
    "open quotation": (
        f'{HEADER}\n{GOOD}\n"no,,,no',
        "row 3: a quotation mark is out of place or never closed",
    ),
    "workbook": (b"PK\x03\x04\x14\x00", "mine.csv is a workbook and no CSV file."),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "mine.csv is a workbook and no CSV file."),
    "UTF-16": (HEADER.encode("utf-16"), "mine.csv is no CSV file in UTF-8."),
    "zeros": (b"a,b\0\0", "mine.csv is no CSV file in UTF-8."),
    "an older encoding": (
        f"note,{HEADER}\nd\xe9j\xe0,{GOOD}".encode("cp1252"),
        "row 2: a letter there is not in UTF-8.",
    ),
    "web page": ("<!doctype html><html></html>", "mine.csv is no CSV file."),
}
SAVE_AS = ' In your spreadsheet, save it as "CSV UTF-8", with commas between the columns.'


@pytest.mark.parametrize("fault", REFUSED)
def test_a_broken_file_is_refused_with_row_and_column(read, capsys, fault):
    content, said = REFUSED[fault]
    with pytest.raises(ValueError) as refusal:
        read(content)
    assert str(refusal.value) == said + (SAVE_AS if said.endswith(".") else "")
    assert capsys.readouterr().out == ""


def test_the_first_ten_faults_are_listed_and_the_rest_counted(read):
    with pytest.raises(ValueError) as refusal:
        read("\n".join([HEADER, *[GOOD.replace("never", "nver")] * 12]))
    lines = str(refusal.value).split("\n")
    assert len(lines) == 11 and lines[-1] == "and 2 more"
    assert lines[9].startswith("row 11, column after_hours")


def test_a_file_that_is_not_there(names, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such file; put it beside this notebook"):
        names["read_answers"](tmp_path / "lost.csv", names["questionnaire"])


def test_the_refusal_on_the_page_is_that_of_its_broken_copy(names):
    with pytest.raises(ValueError) as refusal:
        names["read_answers"](names["broken"], names["questionnaire"])
    assert str(refusal.value) == 'row 2, column after_hours: "somtimes" is none of: never, sometimes, often'
