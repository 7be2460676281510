"""Mark outside the kernel: a hidden check looks at plain data in a process that no student's code touches."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from informal_ict.assignments.hidden_tests import WrittenOut
from informal_ict.grading import folder as private_folder
from informal_ict.grading.packets import read_packet, send_packet
from informal_ict.kernels import mounts
from informal_ict.kernels.bubblewrap import find_bubblewrap

STARTING_TIME = 60.0
PACKAGE = Path(__file__).resolve().parents[1]


class NotStartedError(RuntimeError):
    """The process that marks did not start."""


class OutsideError(RuntimeError):
    """The process that marks is gone."""


@dataclass(frozen=True)
class Verdict:
    """What a hidden check said.

    Attributes:
        error: name and text of the exception that it stopped with; nothing if it passed.
        stdout: what it printed.
        stderr: warnings it caused.
    """

    error: tuple[str, str] | None
    stdout: str = ""
    stderr: str = ""


class Marker:
    """A process that marks; see ``informal_ict.grading.outside_worker``."""

    def __init__(self, sandbox: bool) -> None:
        """Start it, and do not wait for it."""
        ours, theirs = socket.socketpair()
        # -P: no file of the working folder takes the place of a module.
        command = [sys.executable, "-P", "-m", "informal_ict.grading.outside_worker", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                [*(closed_off(shared_folder()) if sandbox else []), *command],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd="/",
                env=environment(),
            )
        self._socket = ours
        self._is_ready = False

    def _wait(self) -> None:
        """Wait until it is ready.

        Raises:
            NotStartedError: if it does not start.
        """
        try:
            self._is_ready = read_packet(self._socket, STARTING_TIME) == b"ready"
        except OSError:  # of which a time that is over is one
            self._is_ready = False
        if not self._is_ready:
            raise NotStartedError("The process that marks outside the kernel did not start.")

    def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Run one check.

        Raises:
            TimeoutError: if it takes longer.
            NotStartedError: if the process does not start.
            OutsideError: if it ends over the check.
        """
        if not self._is_ready:
            self._wait()
        try:
            send_packet(self._socket, json.dumps(request).encode())
            answer = read_packet(self._socket, seconds)
        except TimeoutError:
            raise
        except OSError as error:
            raise OutsideError(f"The process that marks outside the kernel is gone: {error}") from error
        if not answer:
            raise OutsideError("The process that marks outside the kernel ended over a check.")
        about: dict[str, Any] = json.loads(answer)
        return about

    def close(self) -> None:
        """End it at once."""
        self._socket.close()
        self._process.kill()
        self._process.wait()


LOCK = threading.Lock()


@cache
def folder_of(owner: int) -> "tempfile.TemporaryDirectory[str]":
    """Where a process puts files that checks may read; gone when it ends."""
    folder = tempfile.TemporaryDirectory(prefix="marking-")
    # A forked process ends without what Python does at its end, but for this.
    Finalize(None, folder.cleanup, exitpriority=0)
    return folder


def shared_folder() -> Path:
    """Where this process puts files that checks may read."""
    return Path(folder_of(os.getpid()).name)


@cache
def running_marker(sandbox: bool, owner: int) -> Marker:
    """The marking process of this process; ``owner`` is its pid, so that a forked parent starts its own."""
    return Marker(sandbox)


def start_ahead(sandbox: bool) -> None:
    """Start the marking process of this process, which takes a second, while something else is done."""
    with LOCK:
        running_marker(sandbox, os.getpid())


def environment() -> dict[str, str]:
    """What the process that marks needs to know of the outside world, and no secret."""
    known = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    # It compares small tables; threads of their own would only compete with the kernels.
    return known | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PACKAGE.parent)}


def closed_off(folder: Path) -> list[str]:
    """The command that lets it see nothing but its libraries and the files of assignments.

    What it runs comes from the gradebook and not from a student. It is closed off nevertheless, so that a
    mistake in one place is not enough.
    """
    apart = ["--unshare-all", "--die-with-parent", "--cap-drop", "ALL"]
    seen = mounts.file_systems((str(PACKAGE), str(folder)))
    return [str(find_bubblewrap()), *apart, *seen, "--"]


@contextmanager
def files_for_checks(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Files as the course gives them out, in a folder that student code never sees; gone afterwards."""
    with tempfile.TemporaryDirectory(dir=shared_folder()) as name:
        private_folder.write(Path(name), files)
        yield Path(name)


def mark(check: WrittenOut, results: Any, folder: Path, seconds: float, sandbox: bool) -> Verdict:
    """Let a hidden check look at results that a kernel handed over.

    Args:
        check: what was recognised in the test cell.
        results: what the kernel says of each argument, as plain JSON.
        folder: the data files as the course gives them out.
        seconds: how long it may take.
        sandbox: whether the process that marks is closed off.

    Raises:
        NotStartedError: if the process that marks cannot be started.
    """
    if not isinstance(results, list) or len(results) != len(check.arguments):
        return Verdict(("TypeError", "The notebook did not hand its results over."))
    request = {"code": check.code, "function": check.function, "folder": str(folder), "results": results}
    with LOCK:
        marker = running_marker(sandbox, os.getpid())
        try:
            about = marker.ask(request, seconds)
        except (TimeoutError, NotStartedError, OutsideError) as error:
            marker.close()
            running_marker.cache_clear()
            if isinstance(error, NotStartedError):
                raise
            if isinstance(error, TimeoutError):
                return Verdict(("CellTimeoutError", "The check took too long."))
            return Verdict(("MemoryError", "The check could not be finished with this answer."))
    stopped = about["error"]
    return Verdict((stopped[0], stopped[1]) if stopped else None, about["stdout"], about["stderr"])
