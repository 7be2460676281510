"""An executor process: ``python -m informal_ict.grading.worker HANDLE [--sandbox] MODULE...``.

Takes jobs from the Unix socket with that file descriptor, one after another, until the other side closes it.
"""

import ctypes
import signal
import sys
from multiprocessing.connection import Connection

PR_SET_PDEATHSIG = 1
SANDBOX = "--sandbox"
EMPTY = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def main() -> None:
    """Serve until the coordinator is gone."""
    end_with_the_coordinator()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = Connection(int(sys.argv[1]))
    from informal_ict.grading.jobs import Job, Limits
    from informal_ict.grading.pool import failed_everywhere
    from informal_ict.grading.run import run

    sandbox, preload = SANDBOX in sys.argv[2:], tuple(one for one in sys.argv[2:] if one != SANDBOX)
    # An empty notebook, so that kernels are warm before the first submission is there.
    run(Job("", "", {"empty": EMPTY}, {}, Limits(), preload, sandbox))
    with line:
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


def end_with_the_coordinator() -> None:
    """Let the system end this process when its parent ends, however that comes to pass."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
