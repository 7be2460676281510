"""Executors that stay for the next run in this process, so that a test does not wait for new ones.

That a run starts its own, and ends them, is tested where the command is a process of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from informal_ict.grading import command
from informal_ict.grading.pool import Executors, LocalPool, processors


class KeptPool(LocalPool):
    """Executors that outlive a run."""

    def fork(self) -> None:
        """Start none from this process, which has threads; they are started when they are needed."""

    def close(self) -> None:
        """Be idle, as at the start of a run."""
        self._queue.clear()
        while any(worker.task for worker in self._workers):
            list(self.finished(1))
        self._deaths.clear()
        self._given_up.clear()

    def end(self) -> None:
        """End them."""
        super().close()


@contextmanager
def kept_executors() -> Iterator[None]:
    """Let every run in this process use the same executors."""
    stock = command._executors
    pools: list[KeptPool] = []

    @cache
    def kept(jobs: int) -> KeptPool:
        pools.append(KeptPool(jobs))
        return pools[-1]

    def executors(jobs: int | None, scheduler: str | None) -> Executors:
        usual = stock(jobs, scheduler)
        return kept(jobs or processors()) if isinstance(usual, LocalPool) else usual

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "_executors", executors)
        yield
    for pool in pools:
        pool.end()
