"""What a command costs: time, and the memory of all its processes."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from informal_ict.errors import InputError

LOOK_EVERY = 0.2
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
MB = 1024 * 1024
GRADE = (sys.executable, "-c", "from informal_ict.cli import main; main()", "grade")
"""The command that is measured, whether or not it is on the path."""


@dataclass(frozen=True)
class Cost:
    """What a command cost.

    Attributes:
        seconds: from its start to its end.
        quarters: the most that all its processes had at once in each quarter of that time, in MB; what they
            share counts once.
    """

    seconds: float
    quarters: tuple[float, ...]

    @property
    def memory(self) -> float:
        """The most that all its processes had at once, in MB."""
        return max(self.quarters)


def check_compiled() -> None:
    """See that no way of grading compiles the packages again for each kernel.

    Raises:
        InputError: if it would.
    """
    compiled = [find_spec(name) for name in ("pandas", "scipy", "matplotlib", "nbgrader")]
    missing = [one.name for one in compiled if one and not (one.cached and Path(one.cached).exists())]
    if missing:
        raise InputError(f"{', '.join(missing)}: not byte-compiled, so nothing can be measured; run make.")


def cost(command: Sequence[str], folder: Path, statuses: Sequence[int] = (0,)) -> Cost:
    """Run a command, and measure it with all its processes.

    Args:
        command: what to run.
        folder: where.
        statuses: with which it may end.

    Raises:
        InputError: if it ends otherwise.
    """
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1")
    begin = time.perf_counter()
    seen: list[tuple[float, float]] = []
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        while process.poll() is None:
            seen.append((time.perf_counter() - begin, memory_of(process.pid) / MB))
            try:
                process.wait(timeout=LOOK_EVERY)
            except subprocess.TimeoutExpired:
                continue
    seconds = time.perf_counter() - begin
    if process.returncode not in statuses:
        text = (folder / "log").read_text(encoding="utf-8")
        raise InputError(f"{' '.join(command[-6:])} failed: {text[-2000:]}")
    quarters = [
        max((memory for at, memory in seen if 4 * at // seconds == quarter), default=0.0)
        for quarter in range(4)
    ]
    return Cost(seconds, tuple(quarters))


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
