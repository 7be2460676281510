"""Run sheets: minutes that add up, a break in time, differences by mode, and faults that are named."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from informal_ict import paths
from informal_ict.errors import InputError
from informal_ict.vignettes.load import load_vignette
from informal_ict.workshop import run_sheets
from informal_ict.workshop.materials import load_materials
from informal_ict.workshop.run_sheet_myst import lead_myst, overview_myst, steps_myst, timeline_myst
from informal_ict.workshop.run_sheet_pdf import run_sheet_data

SHEETS = {sheet.slug: sheet for sheet in run_sheets.load_run_sheets()}
KNOWN = run_sheets.known_parts()


@pytest.fixture(params=SHEETS)
def sheet(request: pytest.FixtureRequest) -> run_sheets.RunSheet:
    return SHEETS[request.param]


def test_there_are_an_hour_half_a_day_and_a_day():
    assert {slug: sheet.length for slug, sheet in SHEETS.items()} == {
        "sixty-minutes": 60,
        "half-day": 210,
        "day": 420,
    }


def test_the_minutes_add_up_to_the_advertised_length(sheet):
    now = 0
    for at, step in sheet.timed:
        hours, minutes = at.split(":")
        assert int(hours) * 60 + int(minutes) == now
        now += step.minutes
    assert now == sheet.length


def test_minutes_named_within_a_step_fit_into_it(sheet):
    """Parts of a step as in 'choose alone (4 minutes)' are no longer than the step, in any mode."""
    for mode in run_sheets.MODES:
        for step in sheet.steps:
            parts = [int(number) for number in re.findall(r"\((\d+) minutes?\)", step.in_mode(mode).do)]
            assert sum(parts) <= step.minutes, (step.title, mode)


def test_nobody_sits_longer_than_wanted(sheet):
    sitting = longest = 0
    for step in sheet.steps:
        sitting = 0 if step.kind == "break" else sitting + step.minutes
        longest = max(longest, sitting)
    assert longest <= run_sheets.MOST_WITHOUT_A_BREAK


def test_every_work_step_has_words_to_say_and_slides_to_show(sheet):
    for step in sheet.steps:
        if step.kind == "work":
            assert step.say
            assert (run_sheets.SLIDES / f"{step.slides}.md").exists()


def test_what_a_mode_says_takes_the_place_of_the_steps_own_words():
    welcome = SHEETS["half-day"].steps[0]
    assert welcome.in_mode("room") == welcome
    online = welcome.in_mode("online")
    assert online.do == welcome.online.do != welcome.do
    assert online.say == welcome.say
    assert "meeting" in online.materials
    assert "meeting" not in welcome.materials


def test_online_nobody_needs_a_room_and_in_the_room_nobody_a_meeting(sheet):
    for mode, not_needed in (("online", {"room-microphone", "name-tags", "board"}), ("room", {"meeting"})):
        needed = {key for step in sheet.steps for key in step.in_mode(mode).materials}
        assert not needed & not_needed


def test_every_slide_part_and_every_printed_material_is_used():
    used = {step.slides for sheet in SHEETS.values() for step in sheet.steps if step.slides}
    assert used == {path.stem for path in run_sheets.SLIDES.glob("*.md")}
    needed = {key for sheet in SHEETS.values() for key in sheet.materials}
    # What is asked before and after stands in the timeline.
    printed = {key for key, one in load_materials().items() if one.print and one.group != "Before and after"}
    assert printed <= needed


def test_the_timeline_goes_from_four_weeks_before_to_afterwards_in_every_mode():
    timeline = run_sheets.load_timeline()
    assert [moment.when for moment in timeline] == [
        "Four weeks before",
        "One week before",
        "On the day",
        "Afterwards",
    ]
    for mode in run_sheets.MODES:
        assert all(any(mode in task.modes for task in moment.tasks) for moment in timeline)


# ---- on a page of the book, and on paper


def test_the_page_has_every_step_and_every_difference(sheet):
    materials = load_materials()
    page = lead_myst(sheet, materials) + steps_myst(sheet, materials, "###")
    shown = " ".join(page.replace("\\", "").split())
    for at, step in sheet.timed:
        assert f"### {at}, {step.title} ({step.minutes} minutes)" in shown
        for mode in run_sheets.MODES:
            assert " ".join(step.in_mode(mode).do.split()) in shown
            assert " ".join(step.in_mode(mode).say.split()) in shown
    assert overview_myst(sheet).count("\n") == len(sheet.steps) + 2


def test_the_page_says_to_which_mode_a_task_belongs():
    page = timeline_myst(run_sheets.load_timeline()).replace("\\", "")
    assert "a place to step out. *(In the room and mixed.)*" in page
    assert "breakout rooms and captions. *(Online and mixed.)*" in page


@pytest.mark.parametrize("mode", run_sheets.MODES)
def test_a_printed_run_sheet_has_the_words_of_its_mode_and_no_others(sheet, mode):
    timeline = run_sheets.load_timeline()
    data = run_sheet_data(sheet, mode, timeline, load_materials())
    assert [step["do"] for step in data["steps"]] == [
        " ".join(step.in_mode(mode).do.split()) for step in sheet.steps
    ]
    tasks = [task for moment in data["timeline"] for task in moment["tasks"]]
    assert tasks == [
        " ".join(task.do.split()) for moment in timeline for task in moment.tasks if mode in task.modes
    ]
    assert data["breaks"] == sum(step.minutes for step in sheet.steps if step.kind == "break")


def test_the_half_day_plan_of_the_book_is_the_run_sheet():
    page = (paths.CHAPTERS / "how-to-use.md").read_text(encoding="utf-8")
    assert "```{run-sheet-table} half-day" in page


# ---- faults


def changed(tmp_path: Path, change: Any) -> Path:
    content = yaml.safe_load((run_sheets.RUN_SHEETS / "half-day.yml").read_text(encoding="utf-8"))
    change(content)
    path = tmp_path / "half-day.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def set_in_step(number: int, **values: Any) -> Any:
    return lambda content: content["steps"][number].update(values)


def tea_at_the_end(content: Any) -> None:
    content["steps"].append({"title": "Tea", "kind": "break", "minutes": 1, "do": "Drink it."})
    content["length"] += 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_in_step(0, minutes=11), "length: says 210 minutes, and the steps take 211"),
        (set_in_step(0, minutes=0), r"steps\.0\.minutes: Input should be greater than or equal to 1"),
        (set_in_step(0, slides="nowhere"), r"step 1 \(Welcome\): slides: there is no .*/nowhere\.md"),
        (set_in_step(0, materials=["a drum"]), r"step 1 .*'a drum' is not in materials\.yml"),
        (set_in_step(0, online={"materials": ["a drum"]}), r"step 1 .*'a drum' is not in materials\.yml"),
        (set_in_step(3, cases=["no-case"]), r"step 4 .*there is no case 'no-case'"),
        (set_in_step(3, part=None), r"step 4 .*part: must say whether cases are taken whole"),
        (set_in_step(3, cases=["shared-tablet"]), r"step 4 .*45 are too few for shared-tablet, .*takes 55"),
        (set_in_step(4, say="Sit down."), r"step 5 \(Break\): a break has no slides"),
        (tea_at_the_end, "neither begins nor ends with a break"),
        (set_in_step(4, kind="work", slides="welcome"), "115 minutes without a break, and at most 105"),
        (lambda content: content.update(colour="teal"), "colour: Extra inputs are not permitted"),
    ],
)
def test_a_fault_names_the_file_and_the_step(tmp_path, change, message):
    with pytest.raises(InputError, match=rf"^half-day\.yml: .*{message}"):
        run_sheets.load_run_sheet(changed(tmp_path, change), KNOWN)


def test_a_file_that_is_no_mapping_is_named(tmp_path):
    path = tmp_path / "day.yml"
    path.write_text("- a list\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^day\.yml: must be a mapping"):
        run_sheets.load_run_sheet(path, KNOWN)


def test_a_material_without_a_group_or_words_is_named(tmp_path):
    path = tmp_path / "materials.yml"
    path.write_text("cards: {name: Cards, file: cards.pdf}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^materials\.yml: cards: a file needs a group"):
        load_materials(path)
    path.write_text("cards: {name: Cards, file: cards.pdf, group: To show}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^materials\.yml: cards\.about"):
        load_materials(path)


def test_a_case_taken_whole_has_the_time_of_its_facilitator_sheet(sheet):
    for step in sheet.steps:
        if step.part == "whole":
            for slug in step.cases:
                timing = load_vignette(slug).facilitator.timing
                assert sum(one.minutes for one in timing) <= step.minutes
