"""Ten files of each form tool: every count in the report is the one counted from the invented people."""

import csv
import io

import pytest

import response_files
from informal_ict.compare.instrument import load_questionnaire_items
from informal_ict.compare.read import read_answers
from informal_ict.compare.report import report_data
from informal_ict.compare.summarise import summarise
from informal_ict.published import load_published

FIVE = 5
SIZES = (25, 24, 31, 18, 40, 12, 60, 27, 22, 90)
GATES = {"who_begins": "uses_ict", "after_hours": "uses_ict", "reasons": "searched"}
LINES = {
    "uses ICT informally": ("uses_ict", "yes"),
    "both begin the contact": ("who_begins", "both"),
    "never outside work hours": ("after_hours", "never"),
    "searched online for a client": ("searched", "yes"),
    "reason: assessment": ("reasons", "assessment"),
    "reason: concern": ("reasons", "concern"),
    "reason: curiosity": ("reasons", "curiosity"),
    "received a friend request": ("friend_request", "yes"),
    "does not talk about it": ("talks", "no"),
    "workplace has a policy": ("workplace_policy", "yes"),
}


@pytest.fixture(scope="module")
def published():
    return load_published()


@pytest.fixture(scope="module")
def instrument(published):
    return load_questionnaire_items(published=published)


def plain_table(people):
    """The people as a plain table, read back by the csv module alone."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(response_files.QUESTIONS)
    writer.writerows([" ".join(one[name]) for name in response_files.QUESTIONS] for one in people)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


def counted(table, name, code):
    """How many gave an answer, and how many answered; those not asked are out."""
    gate = GATES.get(name)
    given = [row[name] for row in table if row[name] and (not gate or row[gate] == "yes")]
    return sum(code in answer.split() for answer in given), len(given)


def expected(table):
    """What each line must say: a count, or that it is not shown."""
    said = {}
    for line, (name, code) in LINES.items():
        count, people = counted(table, name, code)
        gate = GATES.get(name)
        base = counted(table, gate, "yes") if gate else (FIVE, 2 * FIVE)
        enough = all(FIVE <= one <= of - FIVE for one, of in (base, (count, people)))
        said[line] = f"{count} of {people}" if enough else "not shown"
    reasons = {code: counted(table, "reasons", code) for code in response_files.ANSWERS["reasons"]}
    shown = [count for count, people in reasons.values() if FIVE <= count <= people - FIVE]
    hidden = [count for count, people in reasons.values() if not FIVE <= count <= people - FIVE]
    people = next(iter(reasons.values()))[1]
    if hidden and max(hidden) < FIVE and people - sum(shown) > (FIVE - 1) * (len(hidden) - 1):
        said |= {line: "not shown" for line, (name, _) in LINES.items() if name == "reasons"}
    return said


@pytest.mark.parametrize("dialect", response_files.DIALECTS)
@pytest.mark.parametrize("seed", range(10))
def test_every_count_is_right(tmp_path, dialect, seed, instrument, published):
    people = response_files.people(seed, SIZES[seed])
    answers = read_answers(response_files.write(tmp_path, dialect, people), instrument)
    answered = [one for one in people if any(one.values())]
    assert [dict(person.given) for person in answers.people] == [
        {name: tuple(one[name]) for name in response_files.QUESTIONS} for one in answered
    ]
    data = report_data(summarise(answers, instrument, published), answers, instrument)
    table = plain_table(people)
    assert {row["line"]: row["count"] for row in data["glance"]} == expected(table)
    for question in data["questions"]:
        for row in question["rows"]:
            if not row["count"]:
                continue
            codes = {label: code for code, label in response_files.ANSWERS[question["name"]].items()}
            counts = [counted(table, question["name"], codes[one]) for one in row["option"].split(" or ")]
            assert row["count"] == f"{sum(count for count, _ in counts)} of {counts[0][1]}"


def test_the_files_differ_as_the_tools_do(tmp_path):
    people = response_files.people(0, 25)
    contents = [writer(people) for writer, _ in response_files.DIALECTS.values()]
    assert len(set(contents)) == len(response_files.DIALECTS)
    assert sum(content.startswith(b"\xef\xbb\xbf") for content in contents) == 4
    assert sum(content.startswith(b"PK") for content in contents) == 1
    assert any(b'";"' in content for content in contents)


def test_what_is_not_used_is_listed(tmp_path, instrument):
    people = response_files.people(1, 20)
    kobo = read_answers(response_files.write(tmp_path, "KoboToolbox, codes", people), instrument)
    assert "_uuid" in kobo.ignored and "start" in kobo.ignored
    assert kobo.emptied == ("_submitted_by",)
    lime = read_answers(response_files.write(tmp_path, "LimeSurvey, codes", people), instrument)
    assert lime.left_out == ("1 answer begun and never sent",)
    assert lime.emptied == ("ipaddr",) and "seed" in lime.ignored
    microsoft = read_answers(response_files.write(tmp_path, "Microsoft Forms", people), instrument)
    assert microsoft.emptied == ("Email", "Name")


def test_the_answers_of_the_notebook_are_read(instrument):
    from informal_ict.paths import DATA

    answers = read_answers(DATA / "example-answers.csv", instrument)
    assert len(answers.people) == 28 and answers.ignored == ("origin",)
