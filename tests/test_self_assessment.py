"""The self-assessment: its content, its page in a browser with and without scripts, and its faults."""

import pytest
import yaml
from playwright.sync_api import expect

from built_site import WIDTHS, visit
from informal_ict import paths
from informal_ict.errors import InputError
from informal_ict.self_assessment.model import (
    SELF_ASSESSMENT,
    check_citations,
    instrument,
    load_self_assessment,
)
from informal_ict.self_assessment.page import self_assessment_html
from informal_ict.vignettes.load import load_standards

PAGE = "chapters/workshop/self-assessment"
AREAS = [
    "Boundaries",
    "Privacy and records",
    "Relationship and communication",
    "Access and equity",
    "Supervision, policy and teaching",
]


@pytest.fixture(scope="module")
def assessment():
    return load_self_assessment()


@pytest.fixture
def source():
    return yaml.safe_load(SELF_ASSESSMENT.read_text(encoding="utf-8"))


def test_twenty_statements_in_five_areas_each_with_four_levels_and_next_steps(assessment):
    assert [area.name for area in assessment.areas] == AREAS
    statements = list(assessment.statements)
    assert len(statements) == 20
    texts = [level.text for one in statements for level in one.levels]
    steps = [level.next for one in statements for level in one.levels]
    assert len(set(texts)) == len(texts) == 80
    assert all(step.endswith(".") for step in steps)
    assert {n for one in statements for n in one.epas} == set(range(1, 10))
    assert all(one.standards for one in statements)


def test_it_says_that_it_is_not_validated(assessment):
    page = (paths.ROOT / f"{PAGE}.md").read_text(encoding="utf-8")
    assert "not been validated" in assessment.notice and "not validated" in page


def test_it_can_be_a_form(assessment):
    questions = instrument(assessment).questions
    assert [question.name for question in questions][::4] == ["b1", "p1", "r1", "a1", "s1"]
    for question in questions:
        labels = {option.label.casefold() for option in question.options}
        assert [option.code for option in question.options] == ["1", "2", "3", "4"] and len(labels) == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s["areas"][0]["statements"][0]["levels"].pop(), "areas.0.statements.0.levels"),
        (lambda s: s["areas"][0]["statements"][1].update(key="b1"), "two statements have the same key"),
        (
            lambda s: s["areas"][1]["statements"][0]["levels"][2].update(page="chapters/nowhere"),
            "p1: _toc.yml has no page 'chapters/nowhere'",
        ),
        (lambda s: s["areas"].pop(), "areas"),
        (lambda s: s["areas"][0].update(colour="blue"), "areas.0.colour"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path, source, change, said):
    change(source)
    path = tmp_path / "self-assessment.yml"
    path.write_text(yaml.safe_dump(source), encoding="utf-8")
    with pytest.raises(InputError) as fault:
        load_self_assessment(path)
    assert said in str(fault.value) and str(fault.value).startswith("self-assessment.yml")


def test_a_standard_that_is_not_there_is_named(tmp_path, source):
    source["areas"][2]["statements"][0]["standards"] = ["nasw-99"]
    path = tmp_path / "self-assessment.yml"
    path.write_text(yaml.safe_dump(source), encoding="utf-8")
    with pytest.raises(InputError, match=r"r1: standards\.yml has no 'nasw-99'"):
        check_citations(load_self_assessment(path), load_standards())


def test_every_standard_carries_how_sure_we_are(assessment):
    html = self_assessment_html(assessment, load_standards(), lambda page: f"{page}.html")
    cited = sum(len(one.standards) for one in assessment.statements)
    assert html.count("<i>[") == cited
    assert html.count('type="radio"') == html.count('class="ict-next"') == 80


def choose(page, key, level):
    page.locator(f"input[name={key}][value='{level}']").check()


def test_a_level_shows_its_next_step_and_the_summary_its_area(site, browser):
    with visit(browser, f"{site}/{PAGE}.html", WIDTHS["phone"]) as seen:
        page = seen.page
        summary = page.locator(".ict-assessment-summary")
        expect(summary).to_be_hidden()
        expect(page.locator(".ict-next:visible")).to_have_count(0)
        choose(page, "b1", 2)
        choose(page, "b2", 3)
        choose(page, "s4", 1)
        expect(page.locator(".ict-next:visible")).to_have_count(3)
        choose(page, "b1", 3)
        expect(page.locator(".ict-next:visible")).to_have_count(3)
        row = summary.locator("tr[data-area='Boundaries']")
        expect(row.locator("[data-marked]")).to_have_text("2 of 4")
        expect(row.locator("[data-now]")).to_have_text("3.0")
        expect(summary.locator("[data-line]")).to_have_text("3300 0000 0000 0000 0001")
        expect(summary.locator("[data-lowest]")).to_contain_text("20. Teaching and showing")
        before = page.get_by_label("Your line of marks from before")
        before.fill("1100 2222")
        expect(summary.locator("[data-said]")).to_contain_text("A line of marks has 20 signs")
        before.fill("1100 2222 3333 4444 0000")
        expect(summary.locator("[data-said]")).to_have_text("")
        expect(row.locator("[data-before]")).to_have_text("1.0")
        for device, mode in (("phone", "light"), ("desktop", "dark")):
            seen.show(WIDTHS[device], mode)
            seen.open_everything()
            assert not seen.scrolls_sideways()
            assert seen.axe() == []
        page.get_by_role("button", name="Empty the form").click()
        expect(summary).to_be_hidden()
        expect(page.locator("input:checked")).to_have_count(0)
        stored = page.evaluate("[document.cookie, sessionStorage.length, Object.keys(localStorage).join()]")
        assert stored[:2] == ["", 0] and set(stored[2].split(",")) <= {"", "mode", "theme"}
        assert [url for url in seen.requests if not url.startswith((site, "data:"))] == []
        assert seen.errors == []


def test_it_works_without_scripts_and_by_keyboard(site, browser):
    with visit(browser, f"{site}/{PAGE}.html", javascript=False) as seen:
        page = seen.page
        page.locator("input[name=r2]").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        expect(page.locator("input[name=r2][value='2']")).to_be_checked()
        step = page.locator(".ict-next:visible")
        expect(step).to_have_count(1)
        expect(step.get_by_role("link")).to_have_attribute("href", "../working-relationship.html")
        expect(page.locator(".ict-assessment-summary")).to_be_hidden()
