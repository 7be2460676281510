"""Executions sent to Dask: worker processes that share nothing but the network, one killed in mid-run."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from informal_ict.grading.compare import contents, sqlite_url
from small_course import HW, QUICK, hand_in, make_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
CLASS = [f"student-{number}" for number in range(5)]
OPTIONS = ("--no-sandbox", "--preload", QUICK)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    command = [
        *(sys.executable, "-m", "distributed.cli.dask_scheduler"),
        "--host",
        "127.0.0.1",
        "--port",
        "0",
    ]
    process = subprocess.Popen(
        [*command, "--no-dashboard", "--no-show"], stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    address = ""
    for line in process.stderr:
        if found := re.search(r"tcp://127\.0\.0\.1:\d+", line):
            address = found[0]
            break
    assert address
    yield address
    process.kill()
    process.communicate()


@pytest.fixture
def worker(scheduler: str, tmp_path: Path) -> Iterator[Callable[[str, int], subprocess.Popen]]:
    started = []

    def start(name: str, threads: int = 1) -> subprocess.Popen:
        home = tmp_path / name  # its own folder: it sees nothing of the course
        home.mkdir()
        command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler, "--no-nanny"]
        command += ["--nthreads", str(threads), "--no-dashboard", "--name", name]
        started.append(
            subprocess.Popen(command, cwd=home, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        )
        return started[-1]

    yield start
    for process in started:
        for one in [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []:
            one.kill()
        process.kill()
        process.wait()


def test_a_worker_is_killed_in_mid_run_and_all_are_graded(
    scheduler: str, worker: Callable, tmp_path: Path
) -> None:
    course = make_course(tmp_path / "course")
    for student in CLASS:
        hand_in(course, student, total="import time\ntime.sleep(0.5)\ntotal = 3")
    workers = [worker("one"), worker("two")]
    command = [sys.executable, "-c", "from informal_ict.cli import main; main()", "grade", str(course)]
    grader = subprocess.Popen(
        [*command, *OPTIONS, "--scheduler", scheduler, "--json"], stdout=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 60
    while len(list((course / "autograded").glob(f"*/{HW}"))) < 1:
        assert time.monotonic() < end
        time.sleep(0.05)
    workers[0].send_signal(signal.SIGKILL)
    out, _ = grader.communicate(timeout=120)
    report = json.loads(out)
    assert (report["graded"], report["stopped"]) == (len(CLASS), None)
    assert grader.returncode == 0
    held = contents(sqlite_url(course))
    assert {held["grade", HW, student, "two", "test-total"][0] for student in CLASS} == {1}
    assert {held["grade", HW, student, "two", "test-data"][0] for student in CLASS} == {1}


def test_nobody_answers(tmp_path: Path, informal_ict: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("informal_ict.grading.cluster.CONNECTING", 1)
    course = make_course(tmp_path / "course")
    result = informal_ict("grade", course, *OPTIONS, "--scheduler", "tcp://127.0.0.1:9")
    assert result.status == 2
    assert "no Dask scheduler answers there" in " ".join(result.err.split())


def test_a_worker_of_several_threads_is_refused(
    scheduler: str, worker: Callable, tmp_path: Path, informal_ict: Callable
) -> None:
    from distributed import Client

    worker("wide", 2)
    with Client(scheduler, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=60)
    result = informal_ict("grade", make_course(tmp_path / "course"), "--scheduler", scheduler, *OPTIONS)
    assert result.status == 2
    assert "--nthreads 1" in result.err
