"""Executors on other machines, through a Dask scheduler; jobs go over the network, no files are shared."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from informal_ict.errors import InputError
from informal_ict.grading.jobs import Job, Ran, failed_everywhere

CONNECTING = 10
NOBODY_THERE = 120.0
"""Seconds without any worker after which a run gives up."""


@dataclass
class Cluster:
    """Workers that a Dask scheduler knows. One that dies is replaced by another; Dask sees to that.

    Attributes:
        address: of the scheduler, such as tcp://10.0.0.1:8786.
    """

    address: str
    _futures: dict[Any, tuple[int, Job]] = field(default_factory=dict)
    _done: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    _alone_since: float | None = None

    def __post_init__(self) -> None:
        try:
            from distributed import Client
        except ModuleNotFoundError:
            raise InputError(
                "--scheduler needs Dask: install informal-ict with [cluster], here and where workers run."
            ) from None
        try:
            self._client = Client(self.address, timeout=CONNECTING, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise InputError(f"{self.address}: no Dask scheduler answers there ({error}).") from None
        busy = {name: one["nthreads"] for name, one in self._workers().items() if one["nthreads"] != 1}
        if busy:
            self._client.close()
            raise InputError(
                f"The Dask workers {', '.join(busy)} would run several submissions in one process; "
                "start them with --nthreads 1 and --nworkers as many as there are processors."
            )

    def _workers(self) -> dict[str, dict[str, int]]:
        return dict(self._client.scheduler_info(n_workers=-1)["workers"])

    @property
    def capacity(self) -> int:
        """How many jobs it can run at the same time."""
        return max(1, len(self._workers()))

    def submit(self, number: int, job: Job) -> None:
        """Take a job; its result will come with this number."""
        from informal_ict.grading.run import run

        key = f"{job.assignment}/{job.student}/{number}/{time.time_ns()}"
        future = self._client.submit(run, job, key=key, pure=False)
        self._futures[future] = (number, job)
        future.add_done_callback(self._done.put)  # from a thread of the client

    def finished(self, seconds: float) -> Iterator[tuple[int, Ran]]:
        """Wait, at most so long, for jobs to end; give those that have.

        Raises:
            InputError: if there is no worker any more, for minutes.
        """
        if not self._futures:
            return
        try:
            done = [self._done.get(timeout=max(seconds, 0.01))]
        except Empty:
            self._give_up_if_alone()
            return
        while not self._done.empty():
            done.append(self._done.get())
        for future in done:
            self._alone_since = None
            number, job = self._futures.pop(future)
            error = future.exception()
            if error is None:
                yield number, future.result()
            else:
                detail = f"Dask says: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
                yield number, failed_everywhere(job, detail)
            future.release()

    def _give_up_if_alone(self) -> None:
        if self._client.status != "running":
            raise InputError(f"{self.address}: the connection to the Dask scheduler is lost.")
        if self._workers():
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > NOBODY_THERE:
            raise InputError(f"{self.address}: the scheduler has had no worker for {NOBODY_THERE:.0f} s.")

    def close(self) -> None:
        """Take back what has not run, and leave the workers to others."""
        self._client.cancel(list(self._futures))
        self._client.close()
