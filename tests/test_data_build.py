"""data/survey.csv is what its sources say: rebuilt byte for byte, and every published number comes out."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from informal_ict.published import load_published
from informal_ict.simulate.exact_counts import counts_printed_as
from informal_ict.verify import verify


def test_rebuilding_the_data_changes_not_one_byte(data_copy):
    before = {name: (data_copy / name).read_bytes() for name in ("survey.csv", "datapackage.json")}
    for name in before:
        (data_copy / name).unlink()
    before_it = os.times().children_user
    command = str(Path(sys.executable).parent / "informal-ict")
    result = subprocess.run(
        [command, "data", "build", "--data", str(data_copy)], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    # Of the processor, since other tests have their share of the clock.
    assert os.times().children_user - before_it < 20
    for name, content in before.items():
        assert (data_copy / name).read_bytes() == content, f"{name} is not what its sources give"


def test_verify_command_finds_no_mismatch(informal_ict):
    result = informal_ict("data", "verify")
    assert result.status == 0, result.out + result.err
    assert "0 mismatches" in result.out
    for shown in ("χ²(8, N = 1,224) = 126.834", "2,034 of 2,604", "the printed p < .001 does not hold"):
        assert shown in result.out


def test_verify_covers_every_numeric_claim_about_the_survey():
    published = load_published()
    numeric = {n.id for n in published.values() if n.statistic in ("percent", "rate", "chi2", "respondents")}
    recomputed = {n.id for n in published.values() if n.from_survey}
    assert numeric <= recomputed
    assert len([n for n in published.values() if n.statistic == "chi2"]) == 13


@pytest.mark.parametrize(
    ("column", "old", "new", "rows", "caught"),
    [
        ("talked_about_use", "no", "yes", 20, "not-talked-ca"),
        ("setting", "hospital", "school", 2, "setting-ca"),
        ("reason_curiosity", "yes", "no", 1, "reason-curiosity-ca"),
        ("friend_response", "accepted", "declined in silence", 2, "friend-declined-ca"),
    ],
)
def test_verify_catches_a_few_changed_answers(data_copy, column, old, new, rows, caught, informal_ict):
    survey = pd.read_csv(data_copy / "survey.csv", keep_default_na=False, dtype=str)
    changed = survey.index[(survey[column] == old) & (survey["country"] == "Canada")][:rows]
    survey.loc[changed, column] = new
    survey.to_csv(data_copy / "survey.csv", index=False)
    result = informal_ict("data", "verify", "--data", data_copy, "--only-mismatches")
    assert result.status == 1
    assert caught in result.out


def test_verify_catches_an_answer_from_someone_not_asked(survey, questionnaire):
    published = load_published()
    broken = survey.copy()
    not_asked = broken.index[(broken["ict_use"] == "no") & (broken["country"] == "Canada")][0]
    broken.loc[not_asked, "after_hours"] = "sometimes"
    checks = {check.id: check for check in verify(broken, published, questionnaire)}
    assert not checks["after-hours-never-ca"].matches
    assert "not asked" in checks["after-hours-never-ca"].remark


def edit_row(path: Path, row_id: str, **changes: str) -> None:
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    for row in rows:
        if row["id"] == row_id:
            row.update(changes)
    write_rows(path, rows)


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def row_number(path: Path, row_id: str) -> int:
    lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    return next(number for number, line in enumerate(lines, start=1) if line[0] == row_id)


@pytest.mark.parametrize(
    ("row_id", "changes", "column", "says"),
    [
        ("use-ca", {"value": "178.1"}, "value", "not a percentage between 0 and 100"),
        ("use-ca", {"value": "78,1"}, "value", "not a number"),
        ("setting-us", {"df": "4"}, "df", "does not fit setting"),
        ("setting-us", {"n": "many"}, "n", "integer"),
        ("searched-us", {"id": "searched-ca"}, "id", "twice"),
        ("searched-us", {"base": "users"}, "base", "asked of 'everyone'"),
        ("searched-us", {"variable": "seached_client"}, "variable", "no variable"),
        ("after-hours-never-us", {"level": "rarely"}, "level", "no level"),
        ("role-us", {"p_reported": "0.001"}, "p_reported", "bound"),
        ("role-us", {"status": "sure"}, "status", "stated"),
        ("role-us", {"base": ""}, "base", "needs one"),
        ("role-us", {"base": "users"}, "base", "everyone who answered both"),
        ("role-us", {"p_reported": ""}, "p_reported", "needs it"),
        ("role-us", {"n": "0"}, "n", "not a number of people"),
        ("role-us", {"value": "nan"}, "value", "not a number"),
        ("respondents-ca", {"value": "2609.0"}, "value", "not a whole number"),
        ("respondents-ca", {"value": "2_609"}, "value", "not a number"),
        ("ethnicity-black-us", {"level": "black|white"}, "level", "exactly one"),
        ("setting-private-highest-us", {"level": ""}, "level", "needs one"),
    ],
)
def test_bad_published_csv_is_one_message_with_row_and_column(
    data_copy, row_id, changes, column, says, informal_ict
):
    good = (data_copy / "survey.csv").read_bytes()
    number = row_number(data_copy / "published.csv", row_id)
    edit_row(data_copy / "published.csv", row_id, **changes)
    result = informal_ict("data", "build", "--data", data_copy)
    assert result.status == 1
    assert f"row {number}" in result.err and f"column {column}" in result.err and says in result.err
    assert "Traceback" not in result.err
    assert (data_copy / "survey.csv").read_bytes() == good
    assert sorted(path.name for path in data_copy.glob(".survey*")) == []


def test_missing_column_is_named(data_copy, informal_ict):
    rows = list(csv.DictReader((data_copy / "published.csv").read_text(encoding="utf-8").splitlines()))
    write_rows(data_copy / "published.csv", [{k: v for k, v in row.items() if k != "base"} for row in rows])
    result = informal_ict("data", "build", "--data", data_copy)
    assert result.status == 1
    assert "row 1, column base" in result.err


@pytest.mark.parametrize(
    ("row_id", "changes", "says"),
    [
        ("setting-ca", {"value": "2600.000"}, "out of reach"),
        ("ethnicity-white-us", {"value": "88.8"}, "0 tables fit"),
        ("reason-curiosity-us", {"value": "99.99999"}, "no number of answers"),
    ],
)
def test_figures_that_no_respondents_could_give_are_refused(data_copy, row_id, changes, says, informal_ict):
    good = (data_copy / "survey.csv").read_bytes()
    edit_row(data_copy / "published.csv", row_id, **changes)
    result = informal_ict("data", "build", "--data", data_copy)
    assert result.status == 1
    assert says in result.err
    assert (data_copy / "survey.csv").read_bytes() == good


def test_faulty_yaml_names_its_place(data_copy, informal_ict):
    path = data_copy / "assumptions.yml"
    path.write_text(path.read_text().replace("shares: [47, 33, 16, 4]", "shares: [47, 33, 16, 9]"))
    result = informal_ict("data", "build", "--data", data_copy)
    assert result.status == 1
    assert "assumptions.yml: factors.geography.Canada: shares add up to 105, not 100" in result.err


def test_grim_check_of_one_percentage_against_its_base():
    assert counts_printed_as(60.4, 1, 96) == [58]
    assert counts_printed_as(60.4, 1, 76) == []
    assert counts_printed_as(50.0, 0, 6) == [3]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,country\nété,Canada\n".encode("latin-1"), "not UTF-8"),
        (b"", "column id: the column is missing"),
        (b"id,id\n", "column id: the column is there twice"),
    ],
)
def test_published_csv_that_is_no_table_is_one_message(data_copy, informal_ict, content, says):
    good = (data_copy / "survey.csv").read_bytes()
    (data_copy / "published.csv").write_bytes(content)
    result = informal_ict("data", "build", "--data", data_copy)
    assert result.status == 1 and says in result.err
    assert (data_copy / "survey.csv").read_bytes() == good


def test_a_byte_order_mark_does_no_harm(data_copy, informal_ict):
    path = data_copy / "published.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert informal_ict("data", "verify", "--data", data_copy).status == 0


@pytest.mark.parametrize("text", ["seed: 2017-99-99", "? [a]\n: 1", "seed: [1", "[" * 3000])
def test_yaml_that_cannot_be_read_is_one_message(data_copy, informal_ict, text):
    (data_copy / "assumptions.yml").write_text(text)
    result = informal_ict("data", "build", "--data", data_copy)
    assert result.status == 1 and "assumptions.yml: not valid YAML" in result.err


def swapped(survey: pd.DataFrame) -> pd.DataFrame:
    return survey.replace({"NA": "", "": "NA"})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (swapped, "blank for people who were asked"),
        (lambda survey: survey.assign(id="CA-0001"), "an id is there twice"),
        (lambda survey: survey.drop(columns="gender"), "missing: gender"),
        (lambda survey: survey.assign(gender="banana"), "'banana' is not in the questionnaire"),
        (lambda survey: survey.assign(country="Canada"), "column country"),
        (lambda survey: survey.assign(age_group="60 and over"), "age_group_3: differs from age_group"),
        (lambda survey: survey.assign(education="doctorate"), "education: an answer is never given"),
        (lambda survey: survey[:0], "column country"),
    ],
)
def test_verify_refuses_a_file_of_another_structure(data_copy, informal_ict, change, says):
    survey = pd.read_csv(data_copy / "survey.csv", keep_default_na=False, dtype=str)
    change(survey).to_csv(data_copy / "survey.csv", index=False)
    result = informal_ict("data", "verify", "--data", data_copy)
    assert result.status == 1 and says in result.err


def test_verify_refuses_an_empty_file(data_copy, informal_ict):
    (data_copy / "survey.csv").write_text("")
    result = informal_ict("data", "verify", "--data", data_copy)
    assert result.status == 1 and "survey.csv" in result.err
