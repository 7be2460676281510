"""Executor processes on this machine: each runs one submission after another, and is replaced if it dies."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Protocol

from informal_ict.grading.jobs import Job, Ran, failed_everywhere
from informal_ict.grading.worker import serve

GRACE = 60.0
"""Seconds that an executor may take longer than its submission's own limit, before it counts as hung."""

LIVES = 2
"""How often a submission is tried when the process that runs it dies."""


class Executors(Protocol):
    """Where submissions are run: on this machine or on others."""

    def submit(self, number: int, job: Job) -> None:
        """Take a job; its result will come with this number."""

    def finished(self, seconds: float) -> Iterator[tuple[int, Ran]]:
        """Wait, at most so long, for jobs to end; give those that have."""

    @property
    def capacity(self) -> int:
        """How many jobs it can run at the same time."""

    def close(self) -> None:
        """End everything that it started."""


@dataclass
class Worker:
    """One executor process.

    Attributes:
        process: the process.
        line: where jobs go and results come.
        task: number and job that it works on.
        deadline: when it counts as hung.
    """

    process: BaseProcess
    line: Connection
    task: tuple[int, Job] | None = None
    deadline: float = 0


@dataclass
class LocalPool:
    """Executor processes on this machine.

    Attributes:
        jobs: how many processes.
        serve: what each of them does.
    """

    jobs: int
    serve: Callable[[Connection, Sequence[Connection], int], None] = serve
    _workers: list[Worker] = field(default_factory=list)
    _queue: deque[tuple[int, Job]] = field(default_factory=deque)
    _deaths: dict[int, int] = field(default_factory=dict)
    _given_up: list[tuple[int, Ran]] = field(default_factory=list)

    @property
    def capacity(self) -> int:
        """How many jobs it can run at the same time."""
        return self.jobs

    def fork(self) -> None:
        """Fork all processes from this one, with what it has imported.

        For the time before anything is opened that they must not share. Where another thread runs, which a
        fork would cut off in the middle of something, they are started anew when they are needed.
        """
        if threading.active_count() == 1:
            while len(self._workers) < self.jobs:
                self._workers.append(self._new_worker("fork"))

    def _new_worker(self, method: str) -> Worker:
        context = get_context(method)
        ours, theirs = context.Pipe()
        others = [ours, *(worker.line for worker in self._workers)] if method == "fork" else []
        process = context.Process(target=self.serve, args=(theirs, others, os.getpid()), daemon=True)  # type: ignore[attr-defined]
        process.start()
        theirs.close()
        return Worker(process, ours)

    def submit(self, number: int, job: Job) -> None:
        """Take a job; its result will come with this number."""
        self._queue.append((number, job))
        self._hand_out()

    def _hand_out(self) -> None:
        for worker in self._workers:
            if worker.task is None and self._queue:
                self._give(worker, *self._queue.popleft())
        while self._queue and len(self._workers) < self.jobs:
            self._workers.append(self._new_worker("spawn"))
            self._give(self._workers[-1], *self._queue.popleft())

    def _give(self, worker: Worker, number: int, job: Job) -> None:
        worker.task = (number, job)
        worker.deadline = time.monotonic() + job.limits.wall_seconds + GRACE
        with suppress(OSError):  # one that has died says so when its line is looked at
            worker.line.send(job)

    def finished(self, seconds: float) -> Iterator[tuple[int, Ran]]:
        """Wait, at most so long, for jobs to end; give those that have."""
        if not self._given_up:
            lines = [worker.line for worker in self._workers]
            ready = wait(lines, seconds) if lines else []
            for worker in list(self._workers):
                if worker.line in ready:
                    yield from self._listen(worker)
                elif worker.task is not None and time.monotonic() > worker.deadline:
                    self._bury(worker, "it did not answer any more")
        given_up, self._given_up = self._given_up, []
        yield from given_up
        self._hand_out()

    def _listen(self, worker: Worker) -> Iterator[tuple[int, Ran]]:
        try:
            ran = worker.line.recv()
        except (EOFError, OSError):
            self._bury(worker, "it was ended from outside")
            return
        if worker.task is not None:
            number, _ = worker.task
            worker.task = None
            self._hand_out()
            yield number, ran

    def _bury(self, worker: Worker, why: str) -> None:
        """Replace an executor that is dead or hung, and try its submission once more."""
        worker.line.close()
        worker.process.kill()
        worker.process.join()
        status = worker.process.exitcode
        self._workers.remove(worker)
        if worker.task is None:
            return
        number, job = worker.task
        self._deaths[number] = self._deaths.get(number, 0) + 1
        if self._deaths[number] < LIVES:
            self._queue.appendleft((number, job))
            return
        detail = f"The process that ran it died {LIVES} times ({why}, status {status})."
        self._given_up.append((number, failed_everywhere(job, detail)))

    def close(self) -> None:
        """End everything that it started."""
        for worker in self._workers:
            worker.line.close()  # it ends when its line does
        for worker in self._workers:
            worker.process.join(2 if worker.task is None else 0.1)
            worker.process.kill()
            worker.process.join()
        self._workers.clear()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
