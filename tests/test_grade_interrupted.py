"""Nothing is lost: kill -9 at any moment, a full disk, a locked or deleted gradebook, a dead executor."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import pytest

from informal_ict.grading import gradebook as gradebooks
from informal_ict.grading.claim import claim
from informal_ict.grading.compare import contents, differences, sqlite_url
from informal_ict.grading.jobs import Job, Limits, Problem, Ran
from informal_ict.grading.pool import LocalPool
from informal_ict.grading.worker import end_with_the_coordinator, serve_with
from running_kernels import until
from small_course import HW, QUICK, copy, files, hand_in, make_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
CLASS = [f"student-{number}" for number in range(3)]
OPTIONS = ("--no-sandbox", "--preload", QUICK, "--jobs", "1")
COMMAND = "from informal_ict.cli import main; main()"
# A coordinator that is killed when it has done a step for the second time; the step is done, or not any more.
KILLED_IN = """
import os, signal
from informal_ict.grading import claim, record
stock = {target}
count = 0

def step(*arguments):
    global count
    count += 1
    if count == 2 and {before}:
        os.kill(os.getpid(), signal.SIGKILL)
    result = stock(*arguments)
    if count == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

{target} = step
"""
STEPS = {
    "before anything is written": ("record._write", True),
    "when all is written and nothing committed": ("record._write", False),
    "when it is committed and not in place": ("claim.Claim.put_in_place", True),
    "when it is in place": ("claim.Claim.put_in_place", False),
}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that has been graded once, with marks by hand, and has handed in again."""
    from informal_ict.cli import app

    course = make_course(tmp_path_factory.mktemp("class") / "fresh")
    for student in CLASS:
        hand_in(course, student, "2026-01-01 10:00:00 UTC", answer="answer = 1")
    assert app(["grade", str(course), *OPTIONS, "--quiet"], standalone_mode=False) == 0
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("UPDATE grade SET manual_score = 1.25")
        database.execute("UPDATE comment SET manual_comment = 'Kept.'")
    for student in CLASS:
        hand_in(course, student, "2026-02-01 10:00:00 UTC", answer="answer = 42")
    return course


@pytest.fixture(scope="module")
def undisturbed(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same class, graded in one go."""
    from informal_ict.cli import app

    course = copy(fresh, tmp_path_factory.mktemp("whole") / "course")
    assert app(["grade", str(course), *OPTIONS, "--quiet"], standalone_mode=False) == 0
    return course


def start(course: Path, *options: str, before: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", before + COMMAND, "grade", str(course), *OPTIONS, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def old_or_new(course: Path, fresh: Path, whole: Path) -> set[str]:
    """For each submission: whether gradebook and folder are wholly old or wholly new."""
    held, old, new = (contents(sqlite_url(one)) for one in (course, fresh, whole))
    kinds = set()
    for student in CLASS:
        mine = {key: value for key, value in held.items() if key[2] == student}
        text = (course / "autograded" / student / HW / "one.ipynb").read_text()
        kind = "new" if "answer = 42" in text else "old"
        source = {"old": old, "new": new}[kind]
        assert mine == {key: value for key, value in source.items() if key[2] == student}
        kinds.add(kind)
    return kinds


@pytest.mark.parametrize("moment", STEPS)
def test_kill_9_and_run_again(
    fresh: Path, undisturbed: Path, tmp_path: Path, moment: str, informal_ict: Callable
) -> None:
    course = copy(fresh, tmp_path / "course")
    target, before = STEPS[moment]
    process = start(course, before=KILLED_IN.format(target=target, before=before))
    _, error = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, error
    if moment != "when it is committed and not in place":
        assert old_or_new(course, fresh, undisturbed) == {"old", "new"}
    result = informal_ict("grade", course, *OPTIONS, "--json")
    found = json.loads(result.out)
    finished_before = 2 if moment == "when it is in place" else 1
    assert (found["graded"], found["skipped"]) == (len(CLASS) - finished_before, finished_before)
    assert differences(sqlite_url(undisturbed), sqlite_url(course)) == []
    assert files(course) == files(undisturbed)


def test_what_is_not_settled_stays_marked(fresh: Path, tmp_path: Path) -> None:
    """A second grader that stops before its work is done leaves the mark of the first."""
    place = copy(fresh, tmp_path / "course") / "autograded" / CLASS[0] / HW
    with gradebooks.open_store(sqlite_url(tmp_path / "course"), "small") as store:
        first = claim(place, store, None)
        assert claim(place, store, None) is None
        first.recorded = True
        first.release()
        second = claim(place, store, None)
        assert second.interrupted
        second.release()
        third = claim(place, store, None)
        assert third.interrupted
        third.put_in_place()
        third.release()
        fourth = claim(place, store, None)
        assert not fourth.interrupted
        fourth.release()
    assert [path.name for path in place.parent.iterdir()] == [HW]


def test_executors_end_with_a_killed_coordinator(fresh: Path, tmp_path: Path) -> None:
    course = copy(fresh, tmp_path / "course")
    began = tmp_path / "began"
    hand_in(course, "slow", total=f"import time\nopen({str(began)!r}, 'w')\ntime.sleep(25)")
    process = start(course, "--students", "slow")
    until(began.exists, 60)
    started = psutil.Process(process.pid).children(recursive=True)
    assert set(workers(process.pid)) < set(started)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []


def test_a_dead_executor_is_replaced_and_its_submission_tried_again(
    fresh: Path, undisturbed: Path, tmp_path: Path
) -> None:
    course = copy(fresh, tmp_path / "course")
    process = start(course, "--json")
    until(lambda: staging_folders(course) and workers(process.pid))
    time.sleep(0.2)
    for worker in workers(process.pid):
        worker.kill()
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    assert json.loads(out)["graded"] == len(CLASS)
    assert differences(sqlite_url(undisturbed), sqlite_url(course)) == []


def staging_folders(course: Path) -> list[Path]:
    return list((course / "autograded").glob("*/.*.grading"))


def workers(pid: int) -> list[psutil.Process]:
    """Executors of a run: forked ones, which have its command line."""
    return [one for one in psutil.Process(pid).children() if one.cmdline() == psutil.Process(pid).cmdline()]


def serve_and_die(line: Connection, others: Sequence[Connection], coordinator: int) -> None:
    """An executor that the work of one student ends."""

    def run(job: Job) -> Ran:
        if job.student == "deadly":
            os._exit(3)
        return Ran({"one": job.student}, {}, (), (), 0)

    end_with_the_coordinator(coordinator)
    for other in others:
        other.close()
    serve_with(run, line)


@pytest.mark.parametrize("forked", [True, False])
def test_one_that_ends_every_executor_is_given_up(forked: bool) -> None:
    """Its executor dies twice; then it has a status, and everybody else a grade."""
    pool = LocalPool(2, serve_and_die)
    if forked:
        pool.fork()
    try:
        for number, student in enumerate(["a", "deadly", "b", "c"]):
            pool.submit(number, Job(HW, student, {"one": ""}, {}, Limits(), ()))
        results = {}
        until(lambda: results.update(pool.finished(0.5)) or len(results) == 4)
    finally:
        pool.close()
    assert [results[number].notebooks for number in (0, 2, 3)] == [{"one": name} for name in "abc"]
    assert [failure.problem for failure in results[1].failures] == [Problem.MACHINE]
    assert "status 3" in results[1].failures[0].detail


def test_a_locked_gradebook_is_said_and_stays_whole(
    fresh: Path, tmp_path: Path, informal_ict: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = copy(fresh, tmp_path / "course")
    monkeypatch.setattr(gradebooks, "LOCK_WAIT", 0.5)
    other = sqlite3.connect(course / "gradebook.db")
    other.execute("BEGIN IMMEDIATE")
    result = informal_ict("grade", course, *OPTIONS)
    assert result.status == 2
    assert "another program has kept it locked" in " ".join(result.err.split())
    other.close()
    assert differences(sqlite_url(fresh), sqlite_url(course)) == []
    assert files(course) == files(fresh)
    assert informal_ict("grade", course, *OPTIONS).status == 0


def test_a_deleted_gradebook_is_said(fresh: Path, tmp_path: Path, informal_ict: Callable) -> None:
    course = copy(fresh, tmp_path / "course")
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + HOOK)
    result = informal_ict("grade", course, *OPTIONS, "--report", tmp_path / "report.json")
    assert result.status == 2
    assert "deleted or replaced" in " ".join(result.err.split())
    assert "deleted" in json.loads((tmp_path / "report.json").read_text())["stopped"]
    assert files(course) == files(fresh)
    result = informal_ict("grade", course, *OPTIONS)
    assert result.status == 2
    assert "gradebook.db: the gradebook is not there" in " ".join(result.err.split())
    assert not (course / "gradebook.db").exists()


HOOK = """
import os

def forget(assignment, student, notebooks):
    if student == "student-1":
        os.unlink("gradebook.db") if os.path.exists("gradebook.db") else None
        os.unlink(os.path.join(os.path.dirname(notebooks[0]), "..", "..", "..", "gradebook.db"))

c.BaseConverter.pre_convert_hook = forget
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=True)
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_said_and_the_gradebook_stays_whole(
    fresh: Path, undisturbed: Path, small_disk: Path, informal_ict: Callable
) -> None:
    course = copy(fresh, small_disk / "course")
    ballast = course / "ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(4096))
    result = informal_ict("grade", course, *OPTIONS)
    assert result.status == 2
    assert "No space left on device" in result.err or "disk is full" in " ".join(result.err.split())
    assert old_or_new(course, fresh, undisturbed) <= {"old", "new"}
    ballast.unlink()
    assert informal_ict("grade", course, *OPTIONS).status == 0
    assert differences(sqlite_url(undisturbed), sqlite_url(course)) == []
    assert files(course) == files(undisturbed)
