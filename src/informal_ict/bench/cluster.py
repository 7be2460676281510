"""Throughput with one worker of a Dask cluster and with two, each a process of its own on this machine."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.table import Table

from informal_ict.bench.cost import GRADE, Cost, check_compiled, cost
from informal_ict.bench.grading_course import make_course
from informal_ict.errors import InputError
from informal_ict.grading.compare import differences, sqlite_url


@dataclass(frozen=True)
class ClusterBench:
    """What the same submissions cost with one worker and with two.

    Attributes:
        submissions: how many.
        one: cost with one worker; the workers themselves are not in its memory.
        two: cost with two.
        different: what the gradebooks do not agree on.
    """

    submissions: int
    one: Cost
    two: Cost
    different: tuple[str, ...]


def bench_cluster(submissions: int) -> ClusterBench:
    """Grade the same submissions on one worker, then on two, on loopback.

    Args:
        submissions: how many, each of two notebooks.

    Raises:
        InputError: if Dask is not installed, or a command fails.
    """
    check_compiled()
    with TemporaryDirectory(prefix="bench-") as name:
        one, two = Path(name, "one"), Path(name, "two")
        make_course(one, submissions)
        shutil.copytree(one, two)
        return ClusterBench(
            submissions=submissions,
            one=graded_by(1, one),
            two=graded_by(2, two),
            different=tuple(differences(sqlite_url(one), sqlite_url(two))),
        )


def graded_by(workers: int, course: Path) -> Cost:
    """Grade a course on so many workers, each of which has graded something before."""
    with TemporaryDirectory(prefix="bench-") as name, running_cluster(workers, Path(name)) as address:
        before = Path(name, "before")
        make_course(before, 2 * workers)
        cost([*GRADE, str(before), "--scheduler", address, "--quiet"], before)
        return cost([*GRADE, str(course), "--scheduler", address, "--quiet"], course)


@contextmanager
def running_cluster(workers: int, folder: Path) -> Iterator[str]:
    """A scheduler with so many workers, and its address."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise InputError("This needs Dask: install informal-ict with [cluster].") from None
    started: list[subprocess.Popen[bytes]] = []
    about = folder / f"scheduler-{workers}.json"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(about)]
    try:
        with (folder / "dask.log").open("a") as log:
            started.append(
                subprocess.Popen(
                    [*dask, "--no-dashboard", "--scheduler-file", str(about)], stdout=log, stderr=log
                )
            )
            for number in range(workers):
                options = ["--no-nanny", "--no-dashboard", "--nthreads", "1", "--name", str(number)]
                started.append(subprocess.Popen([*worker, *options], stdout=log, stderr=log))
        with Client(scheduler_file=str(about), set_as_default=False, timeout=60) as client:
            client.wait_for_workers(workers, timeout=60)
            address = str(client.scheduler_info()["address"])
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def as_table(bench: ClusterBench) -> Table:
    """For people."""
    table = Table(f"{bench.submissions} submissions of two notebooks", "seconds", "times")
    for name, one in (("one worker", bench.one), ("two workers", bench.two)):
        table.add_row(name, f"{one.seconds:.1f}", f"{bench.one.seconds / one.seconds:.2f}")
    agree = f"{len(bench.different)} differ" if bench.different else "all the same"
    table.add_row(f"grades: {agree}", "", "")
    return table
