"""What a class of broken submissions cannot show: resubmissions, limits, and folders that are full or shut.

That none of them stops the run, and each has its reason, is in ``test_hostile.py``.
"""

import errno
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from informal_ict.errors import InputError
from informal_ict.grading import handed_in
from informal_ict.grading.compare import contents, sqlite_url
from informal_ict.grading.course_folder import open_course
from informal_ict.grading.jobs import Limits
from informal_ict.paths import ROOT
from small_course import HW, QUICK, hand_in, make_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
OPTIONS = ("--no-sandbox", "--preload", QUICK)


def test_a_failing_resubmission_keeps_no_old_score_until_it_is_put_right(
    tmp_path: Path, informal_ict: Callable
) -> None:
    course = make_course(tmp_path / "course")
    hand_in(course, "abdi", "2026-01-01 10:00:00 UTC")
    hand_in(course, "chen", "2026-01-01 10:00:00 UTC")
    options = ("grade", course, *OPTIONS)
    assert informal_ict(*options).status == 0
    with Gradebook(sqlite_url(course), "small") as gradebook:
        grade = gradebook.find_grade("essay", "one", HW, "abdi")
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.find_comment("essay", "one", HW, "abdi").manual_comment = "Clear."
        gradebook.db.commit()
    (hand_in(course, "abdi", "2026-02-01 10:00:00 UTC") / "one.ipynb").write_text("[1, 2]")
    result = informal_ict(*options)
    assert result.status == 1
    assert "abdi" in result.out
    assert "a file of data, not a notebook" in " ".join(result.out.split())
    held = contents(sqlite_url(course))
    assert held["submission", HW, "abdi"][0].month == 2
    assert held["grade", HW, "abdi", "one", "test-answer"][:4] == (None, None, None, True)
    assert held["grade", HW, "abdi", "one", "essay"][:4] == (None, 2, None, True)
    assert held["comment", HW, "abdi", "one", "essay"] == (None, "Clear.")
    assert held["grade", HW, "chen", "one", "test-answer"][0] == 2
    assert not (course / "autograded" / "abdi" / HW / "one.ipynb").exists()
    hand_in(course, "abdi", "2026-02-01 10:00:00 UTC")  # put right, of the same time
    result = informal_ict(*options, "--json")
    found = json.loads(result.out)
    assert [one["state"] for one in found["submissions"]] == ["graded", "graded before"]
    held = contents(sqlite_url(course))
    assert held["grade", HW, "abdi", "one", "test-answer"][0] == 2
    assert held["comment", HW, "abdi", "one", "essay"] == (None, "Clear.")


def test_too_many_files_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed_in, "MOST_FILES", 3)
    for name in ("a", "b", "c", "d", "e", "f.ipynb"):
        (tmp_path / name).write_text(name)
    found = handed_in.read_handed_in(tmp_path, [], 2)
    assert list(found.files) == ["a", "b"]
    assert list(found.notebooks) == ["f"]
    assert [remark[:17] for remark in found.remarks] == ["c was left out: i", "There are 5 files"]


def test_a_course_has_limits_of_its_own(tmp_path: Path) -> None:
    """That they hold is tested with a class in ``test_hostile.py``."""
    course = make_course(tmp_path / "course", "c.SubmissionLimits.memory_bytes = 4 << 30\n")
    assert open_course(course).limits == {"memory_bytes": 4 << 30}
    page = (ROOT / "chapters" / "instructors" / "grading-a-class.md").read_text(encoding="utf-8")
    said = {name: eval(value) for name, value in re.findall(r"SubmissionLimits\.(\w+) = ([\d <]+\d)", page)}
    assert said == {name: getattr(Limits(), name) for name in said} and len(said) == 6


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("memory = 4", "no SubmissionLimits.memory;"),
        ("processes = '9'", "is '9', and has to"),
    ],
)
def test_a_limit_that_is_none_is_said(tmp_path: Path, line: str, complaint: str) -> None:
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\nc.SubmissionLimits.{line}\n")
    with pytest.raises(InputError, match=complaint):
        open_course(tmp_path)


def test_a_folder_that_cannot_be_read_stops_nobody(
    tmp_path: Path, informal_ict: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a user who is not root; the tests may run as root, who reads everything."""
    course = make_course(tmp_path / "course", "c.Execute.enabled = False\n")
    hand_in(course, "abdi")
    shut = hand_in(course, "chen") / "shut"
    shut.mkdir()
    stock = Path.iterdir

    def iterdir(path: Path) -> Iterator[Path]:
        if path == shut:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stock(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    result = informal_ict("grade", course, *OPTIONS, "--json")
    found = {one["student"]: one for one in json.loads(result.out)["submissions"]}
    assert (found["abdi"]["state"], found["chen"]["state"]) == ("graded", "failed")
    assert "Permission denied" in found["chen"]["failures"][0]["detail"]
