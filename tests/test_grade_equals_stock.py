"""`informal-ict grade` leaves what `nbgrader autograde` would have left, cell by cell."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import nbgrader as package
import pytest
from nbgrader.api import Gradebook

from informal_ict.grading.compare import contents, differences, sqlite_url
from nbgrader_course import nbgrader
from small_course import CONFIG, HW, QUICK, copy, files, hand_in, make_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
LATE = '\nc.AssignLatePenalties.plugin_class = "penalty.Half"\n'
PENALTY = """
from nbgrader.plugins import BasePlugin

class Half(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One course graded by the stock command, the same one by ours, and each once again with a newer one."""
    from informal_ict.grading.command import grade_command

    folder = tmp_path_factory.mktemp("equal")
    stock = make_course(folder / "stock", LATE)
    (stock / "penalty.py").write_text(PENALTY)
    with Gradebook(sqlite_url(stock), "small") as gradebook:
        gradebook.update_or_create_assignment(HW, duedate="2026-10-01 12:00:00 UTC")
    hand_in(stock, "right", "2026-09-30 12:00:00 UTC")
    hand_in(stock, "late", "2026-10-02 10:30:00 -0500", total="total = 4")
    hand_in(stock, "wrong", answer="answer = 41", total="raise ValueError")
    hand_in(stock, "blank", essay="Write here.", total="import sys; print(1, file=sys.stderr)")
    submitted = hand_in(stock, "writes", total="total = 3\nopen('made.txt', 'w').write('x')")
    (submitted / "sub").mkdir()
    (submitted / "sub" / "own.txt").write_text("own")
    (submitted / "__pycache__").mkdir()
    (submitted / "__pycache__" / "x.pyc").write_text("ignored")
    (hand_in(stock, "missing") / "two.ipynb").unlink()
    shutil.copy(submitted / "one.ipynb", hand_in(stock, "more") / "unknown.ipynb")
    ours = copy(stock, folder / "ours")
    options = {"assignments": [], "students": [], "jobs": 2, "scheduler": None, "sandbox": False}
    options |= {"preload": (QUICK,), "force": False, "report": None, "quiet": True, "as_json_document": False}
    for again in (False, True):
        if again:
            for course in (stock, ours):
                give_marks(course)
                hand_in(course, "late", "2026-10-03 10:30:00 -0500")
                hand_in(course, "right", "2026-09-30 13:00:00 UTC", answer="answer = 0")
                hand_in(course, "wrong")  # has no timestamp, so nobody looks at it again
        nbgrader(stock, ["autograde", HW])
        grade_command(ours, **options)
    return stock, ours


def give_marks(course: Path) -> None:
    """What a person does in formgrader."""
    with Gradebook(sqlite_url(course), "small") as gradebook:
        for student, grade_id in (("right", "essay"), ("late", "essay"), ("right", "test-answer")):
            grade = gradebook.find_grade(grade_id, "one", HW, student)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.25, False
        gradebook.find_comment("essay", "one", HW, "right").manual_comment = "Well said."
        gradebook.db.commit()


def test_every_cell_has_the_same_score_and_comment(both: tuple[Path, Path]) -> None:
    stock, ours = map(sqlite_url, both)
    assert differences(stock, ours) == []
    held = contents(ours)
    assert len(held) == 7 * (1 + 2 + 4 + 3)  # students; submission, notebooks, grades, comments
    penalties = {key[2]: value[0] for key, value in held.items() if key[0] == "notebook" and key[3] == "one"}
    assert penalties["late"] == (1.5 + 0.25 + 2) / 2
    assert penalties["right"] is None


def test_marks_and_comments_of_a_person_survive(both: tuple[Path, Path]) -> None:
    held = contents(sqlite_url(both[1]))
    assert held["grade", HW, "right", "one", "essay"] == (None, 1.5, 0.25, True, False)
    assert held["grade", HW, "right", "one", "test-answer"] == (0, 1.5, 0.25, True, True)
    assert held["comment", HW, "right", "one", "essay"] == (None, "Well said.")


def test_the_folders_hold_the_same_files(both: tuple[Path, Path]) -> None:
    stock, ours = both
    assert files(ours) == files(stock)
    assert not [path for path in (ours / "autograded").rglob("*") if path.name.startswith(".")]
    assert (ours / "autograded" / "writes" / HW / "data.txt").read_text() == "12"
    for path in (stock / "autograded").rglob("*.ipynb"):
        mine = ours / path.relative_to(stock)
        assert comparable(mine) == comparable(path), path


def comparable(path: Path) -> list[tuple[object, ...]]:
    """Cells without the times of day at which they ran."""
    cells = nbformat.read(path, as_version=4).cells
    return [
        (cell.cell_type, cell.source, cell.metadata.get("nbgrader"), json.dumps(errors_shortened(cell)))
        for cell in cells
    ]


def errors_shortened(cell: nbformat.NotebookNode) -> list[dict[str, object]]:
    outputs = [dict(output) for output in cell.get("outputs", [])]
    for output in outputs:
        output.pop("traceback", None)  # holds paths and addresses
        output.pop("execution_count", None)  # checks that run outside the kernel do not count in it
    return outputs


def test_the_example_course_of_nbgrader(tmp_path: Path, informal_ict: Callable[..., object]) -> None:
    """The course that ships with nbgrader as its documentation, with its two submissions."""
    example = Path(package.__file__).parent / "docs" / "source" / "user_guide"
    stock = tmp_path / "stock"
    for part in ("source/ps1", "submitted"):
        shutil.copytree(example / part, stock / part)
    (stock / "nbgrader_config.py").write_text(CONFIG)
    nbgrader(stock, ["generate_assignment", "ps1"])
    ours = copy(stock, tmp_path / "ours")
    nbgrader(stock, ["autograde", "ps1"])
    result = informal_ict("grade", ours, "ps1", "--no-sandbox", "--preload", QUICK)
    assert result.status == 0
    assert differences(sqlite_url(stock), sqlite_url(ours)) == []
    assert len(contents(sqlite_url(ours))) == 38
    assert files(ours) == files(stock)


def test_execution_can_be_switched_off(tmp_path: Path, informal_ict: Callable[..., object]) -> None:
    """`Execute.enabled = False` keeps what students ran themselves, as `nbgrader autograde --no-execute`."""
    off = "c.Execute.enabled = False\nc.ClearOutput.enabled = False\n"
    course = make_course(tmp_path / "course", off)
    hand_in(course, "abdi", answer="1 / 0")
    stock = copy(course, tmp_path / "stock")
    nbgrader(stock, ["autograde", HW])
    assert informal_ict("grade", course, "--no-sandbox").status == 0
    assert differences(sqlite_url(stock), sqlite_url(course)) == []
