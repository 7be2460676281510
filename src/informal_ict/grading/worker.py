"""An executor process: takes jobs from a line, one after another, until the other side closes it."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection

from informal_ict.grading.jobs import Job, Ran, failed_everywhere

PR_SET_PDEATHSIG = 1


def serve(line: Connection, others: Sequence[Connection], coordinator: int) -> None:
    """Run submissions until the coordinator is gone.

    Args:
        line: where jobs come from and results go.
        others: lines of the coordinator that a forked process holds too, and must not keep open.
        coordinator: its pid.
    """
    end_with_the_coordinator(coordinator)
    keep_out_of_the_terminal()
    for other in others:
        other.close()
    from informal_ict.grading.run import run  # takes seconds, unless the coordinator has done it

    with line:
        serve_with(run, line)


def serve_with(run: Callable[[Job], Ran], line: Connection) -> None:
    """Answer each job with what came of it."""
    while True:
        try:
            job = line.recv()
        except EOFError:
            return
        try:
            ran = run(job)
        except Exception as error:
            ran = failed_everywhere(job, f"{type(error).__name__}: {error}")
        line.send(ran)


def end_with_the_coordinator(coordinator: int) -> None:
    """Let the system end this process when the coordinator ends, however that comes to pass."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != coordinator:
        sys.exit("The coordinator has ended.")


def keep_out_of_the_terminal() -> None:
    """Leave Ctrl+C to the coordinator, which then ends its executors, and print nothing over its progress."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    os.close(nothing)
