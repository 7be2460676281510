"""What is handed out and loaded into a form tool: XLSForm, templates, paper."""

import csv
import re
import subprocess

import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from informal_ict import paths
from informal_ict.compare.columns import plain
from informal_ict.compare.instrument import load_form_texts, load_questionnaire_items
from informal_ict.compare.read import read_answers
from informal_ict.errors import InputError
from informal_ict.published import load_published
from informal_ict.self_assessment.model import instrument, load_self_assessment
from informal_ict.workshop_questionnaire import write_questionnaire

NAMES = ["questionnaire", "self-assessment"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("questionnaire")
    write_questionnaire(target)
    return target


@pytest.fixture(scope="module")
def forms():
    return {
        "questionnaire": load_questionnaire_items(),
        "self-assessment": instrument(load_self_assessment()),
    }


def text_of(pdf):
    said = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, check=True).stdout.decode()
    return plain(said)


@pytest.mark.parametrize("name", NAMES)
def test_the_xlsform_converts_without_a_warning(folder, forms, name):
    converted = convert(str(folder / f"{name}.xlsx"), validate=False)
    assert converted.warnings == []
    for question in forms[name].questions:
        kind = "select" if question.several else "select1"
        assert re.search(rf'<{kind} [^>]*ref="/\w+/{question.name}"', converted.xform)
        for option in question.options:
            assert f"<name>{option.code}</name>" in converted.xform
    assert 'required="true()"' not in converted.xform
    for recorded in ("jr:preload=", "deviceid", "username", "phonenumber", "geopoint"):
        # The one thing that every form has is a random number of its own.
        assert recorded not in converted.xform.replace('jr:preload="uid"', "")


def test_the_follow_ups_are_asked_of_whom_the_figures_count(folder):
    xform = convert(str(folder / "questionnaire.xlsx"), validate=False).xform
    bound = dict(re.findall(r'<bind nodeset="/\w+/(\w+)"[^>]*?relevant="([^"]*)"', xform))
    used = [name for name, rule in bound.items() if "uses_ict" in rule]
    assert used == ["who_begins", "after_hours"]
    assert set(bound) == {"who_begins", "after_hours", "reasons"}


def test_no_identity_and_no_free_text_is_asked(folder):
    rows = load_workbook(folder / "questionnaire.xlsx")["survey"].iter_rows(min_row=2, values_only=True)
    assert {str(row[0]).split()[0] for row in rows} == {"note", "select_one", "select_multiple"}
    words = load_workbook(folder / "self-assessment.xlsx")["survey"].iter_rows(min_row=2, values_only=True)
    assert [row[1] for row in words if str(row[0]).startswith("text")] == ["code_word"]


@pytest.mark.parametrize("name", NAMES)
def test_the_table_of_items_has_every_word(folder, forms, name):
    with (folder / f"{name}-items.csv").open(encoding="utf-8-sig", newline="") as file:
        items = list(csv.DictReader(file))
    asked = [(q.name, q.text, o.code, o.label) for q in forms[name].questions for o in q.options]
    assert [(i["question"], i["text"], i["code"], i["answer"]) for i in items] == asked


def test_the_template_can_be_filled_in_and_read(folder, forms, tmp_path):
    header = (folder / "questionnaire-template.csv").read_text(encoding="utf-8")
    assert header == (paths.ROOT / "workshop" / "questionnaire-template.csv").read_text(encoding="utf-8")
    typed = tmp_path / "typed.csv"
    typed.write_text(header + "yes,both of us,never,yes,assessment; curiosity,no,yes,not sure\n")
    (person,) = read_answers(typed, forms["questionnaire"]).people
    assert person.given["reasons"] == ("assessment", "curiosity") and person.given["workplace_policy"] == (
        "dk",
    )
    marks = (folder / "self-assessment-template.csv").read_text(encoding="utf-8")
    typed.write_text(marks + "river," + ",".join(["3"] * 20) + "\n")
    (person,) = read_answers(typed, forms["self-assessment"], code_word=True).people
    assert person.code_word == "river" and set(person.given.values()) == {("3",)}


def test_each_compared_answer_names_its_figures_and_their_base(forms):
    published = load_published()
    compared = [(q, o) for q in forms["questionnaire"].questions for o in q.compared]
    assert len(compared) == 10
    for question, option in compared:
        for country, key in option.published.items():
            number = published[key]
            assert (number.country, number.base, number.statistic) == (country, question.base, "percent")


def test_the_sheet_has_every_question_and_the_consent(folder, forms):
    said = text_of(folder / "questionnaire.pdf")
    for question in forms["questionnaire"].questions:
        assert plain(question.text) in said
        for option in question.options:
            assert plain(option.label) in said
    for sentence in load_form_texts().consent:
        assert plain(sentence) in said


def test_the_self_assessment_sheet_has_every_level_twice_marked(folder, forms):
    said = text_of(folder / "self-assessment.pdf")
    for question in forms["self-assessment"].questions:
        for option in question.options:
            assert plain(option.label) in said
    assert said.count("beforeafter") == 80


@pytest.mark.parametrize(("name", "most"), [("questionnaire", 2), ("self-assessment", 6)])
def test_the_pdfs_are_tagged_a4_and_short(folder, name, most):
    told = subprocess.run(
        ["pdfinfo", folder / f"{name}.pdf"], capture_output=True, check=True
    ).stdout.decode()
    assert re.search(r"Tagged:\s+yes", told) and "(A4)" in told
    pages = re.search(r"Pages:\s+(\d+)", told)
    assert pages and int(pages[1]) <= most


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("use-ca,use-us", "use-ca,nothing-us", "row 2, column published_us: published.csv has no number"),
        ("use-ca,use-us", "searched-ca,use-ca", "row 2, column published_us: use-ca is not a percentage"),
        ("use-ca,use-us", "use-ca,", "row 2, column published_us: a line that is compared needs a figure"),
        ("users,some,sometimes", "everyone,some,sometimes", "differ in question, several or base"),
        ("yes,yes,users,", "yes,yes,,", "no answer makes the base 'users'"),
        ("some,sometimes", "sometimes,sometimes", "the code 'sometimes' is longer than 5 letters"),
        ("curiosity,curiosity", "curiosity,assessment", "'assessment' stands for two answers"),
    ],
)
def test_a_fault_in_the_questions_is_named(tmp_path, old, new, said):
    text = (paths.DATA / "own-questionnaire.csv").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "own-questionnaire.csv"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as fault:
        load_questionnaire_items(path)
    assert said in str(fault.value) and str(fault.value).startswith("own-questionnaire.csv")


def test_the_command_writes_them_all(informal_ict, tmp_path):
    result = informal_ict("questionnaire", "--target", tmp_path)
    assert result.status == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}{ending}" for name in NAMES for ending in (".xlsx", ".pdf", "-template.csv", "-items.csv")
    }
