"""Grading beside stock ``nbgrader autograde``: one course, one environment, one after the other."""

import csv
import json
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.table import Table

from informal_ict.bench.cost import GRADE, Cost, check_compiled, cost
from informal_ict.bench.grading_course import ASSIGNMENT, make_course
from informal_ict.course.build import scripts_on_path
from informal_ict.grading.compare import differences, graded_cells, sqlite_url

LEAST_TIMES_FASTER = 8.0
MOST_SECONDS_FOR_ONE = 3.0
MOST_MEMORY = 1500.0


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
        one = [*GRADE, str(alone), "--students", "student-000", "--jobs", "1", "--quiet", *options]
        many = [*GRADE, str(ours), "--jobs", str(jobs), "--quiet", *options]
        return GradingBench(
            submissions=submissions,
            alone=cost(one, alone),
            ours=cost(many, ours),
            stock=cost([sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT], stock),
            cells=graded_cells(sqlite_url(stock)),
            different=tuple(differences(sqlite_url(stock), sqlite_url(ours))),
        )


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
