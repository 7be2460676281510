"""Grading beside stock ``nbgrader autograde``: one course, one environment, one after the other."""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from rich.table import Table

from informal_ict.bench.grading_course import ASSIGNMENT, make_course
from informal_ict.course.build import scripts_on_path
from informal_ict.errors import InputError
from informal_ict.grading.compare import differences, graded_cells, sqlite_url

LEAST_TIMES_FASTER = 8.0
MOST_SECONDS_FOR_ONE = 3.0
MOST_MEMORY = 1500.0
LOOK_EVERY = 0.2
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
MB = 1024 * 1024
COMMAND = (sys.executable, "-c", "from informal_ict.cli import main; main()", "grade")


@dataclass(frozen=True)
class Cost:
    """What a command cost.

    Attributes:
        seconds: from its start to its end.
        memory: the most that all its processes had at once, in MB; what they share counts once.
    """

    seconds: float
    memory: float


@dataclass(frozen=True)
class GradingBench:
    """Both ways of grading the same submissions.

    Attributes:
        submissions: how many.
        stock: what ``nbgrader autograde`` cost.
        ours: what ``informal-ict grade`` cost.
        alone: what ``informal-ict grade`` cost for one submission alone.
        cells: how many grades were compared.
        different: what the gradebooks do not agree on.
    """

    submissions: int
    stock: Cost
    ours: Cost
    alone: Cost
    cells: int
    different: tuple[str, ...]

    @property
    def times_faster(self) -> float:
        """Throughput against stock."""
        return self.stock.seconds / self.ours.seconds

    @property
    def broken(self) -> list[str]:
        """Which promises do not hold."""
        promises = {
            f"{LEAST_TIMES_FASTER:.0f} times as fast": self.times_faster >= LEAST_TIMES_FASTER,
            f"one alone in {MOST_SECONDS_FOR_ONE:.0f} s": self.alone.seconds < MOST_SECONDS_FOR_ONE,
            f"under {MOST_MEMORY:.0f} MB": self.ours.memory < MOST_MEMORY,
            "the same grades": not self.different,
        }
        return [promise for promise, holds in promises.items() if not holds]


def bench_grading(submissions: int, jobs: int, sandbox: bool = True) -> GradingBench:
    """Grade a generated class both ways.

    Args:
        submissions: how many, each of two notebooks.
        jobs: executor processes of ours.
        sandbox: whether ours closes off the students' code.

    Raises:
        InputError: if a command fails, or packages are not byte-compiled.
    """
    check_compiled()
    options = [] if sandbox else ["--no-sandbox"]
    with TemporaryDirectory(prefix="bench-") as name, scripts_on_path():
        stock, ours, alone = (Path(name, part) for part in ("stock", "ours", "alone"))
        make_course(stock, submissions)
        for course in (ours, alone):
            shutil.copytree(stock, course)
        one = [*COMMAND, str(alone), "--students", "student-000", "--jobs", "1", "--quiet", *options]
        many = [*COMMAND, str(ours), "--jobs", str(jobs), "--quiet", *options]
        return GradingBench(
            submissions=submissions,
            alone=cost(one, alone),
            ours=cost(many, ours),
            stock=cost([sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT], stock),
            cells=graded_cells(sqlite_url(stock)),
            different=tuple(differences(sqlite_url(stock), sqlite_url(ours))),
        )


def check_compiled() -> None:
    """See that neither way compiles the packages again for each kernel.

    Raises:
        InputError: if it would.
    """
    compiled = [find_spec(name) for name in ("pandas", "scipy", "matplotlib", "nbgrader")]
    missing = [one.name for one in compiled if one and not (one.cached and Path(one.cached).exists())]
    if missing:
        raise InputError(f"{', '.join(missing)}: not byte-compiled, so nothing can be measured; run make.")


def cost(command: Sequence[str], folder: Path) -> Cost:
    """Run a command, and measure it with all its processes.

    Raises:
        InputError: if it fails.
    """
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1")
    begin = time.perf_counter()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        highest = 0.0
        while process.poll() is None:
            highest = max(highest, memory_of(process.pid))
            try:
                process.wait(timeout=LOOK_EVERY)
            except subprocess.TimeoutExpired:
                continue
    seconds = time.perf_counter() - begin
    if process.returncode:
        text = (folder / "log").read_text(encoding="utf-8")
        raise InputError(f"{' '.join(command[-6:])} failed: {text[-2000:]}")
    return Cost(seconds, highest / MB)


def memory_of(pid: int) -> float:
    """Bytes that a process and all below it have; what they share counts once."""
    total = 0.0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return total
    for one in family:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:
            continue  # it has just ended
    return total


def as_table(bench: GradingBench) -> Table:
    """For people."""
    table = Table(f"{bench.submissions} submissions of two notebooks", "seconds", "each", "peak MB", "times")
    for name, one, count in (
        ("nbgrader autograde", bench.stock, bench.submissions),
        ("informal-ict grade", bench.ours, bench.submissions),
        ("informal-ict grade, one alone", bench.alone, 1),
    ):
        times = f"{bench.stock.seconds / one.seconds:.1f}" if count > 1 else ""
        table.add_row(name, f"{one.seconds:.1f}", f"{one.seconds / count:.2f}", f"{one.memory:.0f}", times)
    agree = f"{len(bench.different)} differ" if bench.different else "all the same"
    table.add_row(f"{bench.cells} grades compared: {agree}", "", "", "", "")
    return table


def write_results(bench: GradingBench, target: Path) -> None:
    """The same figures as a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["what", "value"])
        writer.writerows(
            [key, json.dumps(value)] for key, value in (asdict(bench) | {"ratio": bench.times_faster}).items()
        )
