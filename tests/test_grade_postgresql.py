"""With a gradebook in PostgreSQL: the same run, and two graders at once, on a real server."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from informal_ict.grading.claim import claim
from informal_ict.grading.compare import contents, differences, sqlite_url
from informal_ict.grading.gradebook import GradebookGoneError, open_store
from postgresql_server import server
from small_course import HW, QUICK, copy, files, hand_in, make_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
CLASS = [f"student-{number}" for number in range(4)]
OPTIONS = ("--no-sandbox", "--preload", QUICK)
COMMAND = "from informal_ict.cli import main; main()"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture(scope="module")
def course(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_course(
        tmp_path_factory.mktemp("pg") / "course", f"c.CourseDirectory.db_url = {address!r}\n"
    )
    for student in CLASS:
        hand_in(folder, student, "2026-01-01 10:00:00 UTC")
    return folder


def test_two_graders_at_once_and_each_submission_once(
    address: str, course: Path, tmp_path: Path, informal_ict: Callable
) -> None:
    begin = [sys.executable, "-c", COMMAND, "grade", str(course), *OPTIONS, "--json", "--jobs", "1"]
    graders = [subprocess.Popen(begin, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    reports = [json.loads(grader.communicate(timeout=120)[0]) for grader in graders]
    assert [grader.returncode for grader in graders] == [0, 0], reports
    graded = [
        one["student"] for report in reports for one in report["submissions"] if one["state"] == "graded"
    ]
    assert sorted(graded) == CLASS
    others = {one["state"] for report in reports for one in report["submissions"]} - {"graded"}
    assert others <= {"graded before", "with another grader"}
    plain = make_course(tmp_path / "plain")
    for student in CLASS:
        hand_in(plain, student, "2026-01-01 10:00:00 UTC")
    assert informal_ict("grade", plain, *OPTIONS).status == 0
    assert differences(sqlite_url(plain), address) == []
    assert files(plain) == files(course)


def test_one_that_another_machine_is_grading_is_left_to_it(
    address: str, course: Path, tmp_path: Path, informal_ict: Callable
) -> None:
    """The same gradebook, and a copy of the course folder as on another machine."""
    elsewhere = copy(course, tmp_path / "elsewhere")
    engine = create_engine(address)
    with engine.connect() as connection:
        key = text("SELECT pg_advisory_lock(hashtextextended('small/student-1/hw', 0))")
        connection.execute(key)
        result = informal_ict("grade", elsewhere, *OPTIONS, "--json", "--force")
    engine.dispose()
    states = {one["student"]: one["state"] for one in json.loads(result.out)["submissions"]}
    assert states == dict.fromkeys(CLASS, "graded") | {"student-1": "with another grader"}


def test_a_server_that_goes_away_is_said(course: Path, tmp_path: Path, informal_ict: Callable) -> None:
    with server() as address:
        other = copy(course, tmp_path / "course")
        config = other / "nbgrader_config.py"
        config.write_text(config.read_text() + f"c.CourseDirectory.db_url = {address!r}\n")
        result = informal_ict("grade", other, *OPTIONS)
        assert result.status == 2
        assert "no gradebook of nbgrader" in " ".join(result.err.split())
    result = informal_ict("grade", other, *OPTIONS)
    assert result.status == 2
    assert "connection" in result.err
    assert "Traceback" not in result.err


def test_a_lost_connection_in_mid_run_is_said_and_lets_go(address: str, course: Path, tmp_path: Path) -> None:
    """The server ends the connection that holds the locks, as it does when it starts anew."""
    assert course.exists()  # making it made the tables
    with open_store(address, "small") as store, store.new_connection() as lock:
        first = claim(tmp_path / "autograded" / "abdi" / HW, store, lock)
        assert first is not None
        backend = lock.execute(text("SELECT pg_backend_pid()")).scalar_one()
        lock.commit()
        with store.new_connection() as another:
            another.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
            another.commit()
        first.release()
        with pytest.raises(GradebookGoneError, match="What was recorded before is kept"):
            for name in ("chen", "eze"):  # the first notes that the connection is gone
                claim(tmp_path / "autograded" / name / HW, store, lock)
    assert not list(tmp_path.glob("autograded/*/.*"))


def test_marks_are_where_nbgrader_looks(address: str, course: Path) -> None:
    held = contents(address)
    assert {held["grade", HW, student, "one", "test-answer"][0] for student in CLASS} == {2}
