"""What a submission leaves for the next one, and a run for the machine: nothing."""

import json
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from informal_ict.grading.compare import sqlite_url
from nbgrader_course import in_a_process
from small_course import HW, QUICK, hand_in, make_course

OPTIONS = ("--no-sandbox", "--preload", QUICK, "--jobs", "2", "--quiet")


def test_remarks_on_a_late_submission_are_not_told_of_the_next(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    with Gradebook(sqlite_url(course), "small") as gradebook:
        gradebook.update_or_create_assignment(HW, duedate="2026-10-01 12:00:00 UTC")
    for student in ("late-one", "late-two"):
        hand_in(course, student, "2026-10-02 10:30:00 UTC")
    for student in ("punctual-one", "punctual-two", "punctual-three", "punctual-four", "punctual-five"):
        hand_in(course, student, "2026-09-30 10:30:00 UTC")
    report = tmp_path / "report.json"
    in_a_process("grade", course, *OPTIONS, "--report", report)
    remarks = {
        one["student"]: " ".join(one["remarks"]) for one in json.loads(report.read_text())["submissions"]
    }
    for student, said in remarks.items():
        assert ("late" in said.replace(student, "")) == student.startswith("late"), (student, said)


def test_only_changed_cells_are_remarked_on(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    hand_in(course, "honest")
    change(hand_in(course, "of-points") / "one.ipynb", '"points": 2', '"points": 200')
    change(hand_in(course, "of-a-test") / "one.ipynb", "assert answer == 42", "assert answer")
    report = tmp_path / "report.json"
    in_a_process("grade", course, *OPTIONS, "--report", report)
    submissions = json.loads(report.read_text())["submissions"]
    remarks = {
        one["student"]: [said for said in one["remarks"] if "test-answer" in said] for one in submissions
    }
    assert remarks["honest"] == []
    assert ["points" in said for said in remarks["of-points"]] == [True]
    assert ["checksum" in said for said in remarks["of-a-test"]] == [True]


def change(notebook: Path, old: str, new: str) -> None:
    text = notebook.read_text()
    assert text.count(old) == 1
    notebook.write_text(text.replace(old, new))


def test_a_run_leaves_no_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = make_course(tmp_path / "course")
    for student in ("abdi", "chen"):
        hand_in(course, student)
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    in_a_process("grade", course, *OPTIONS)
    assert list(elsewhere.iterdir()) == []
