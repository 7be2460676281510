"""Mark outside the kernel: a hidden check looks at plain data in a process that student code never touches."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from informal_ict.assignments.hidden_tests import WrittenOut
from informal_ict.grading.packets import read_packet, send_packet

STARTING_TIME = 60.0
PACKAGES = Path(__file__).resolve().parents[2]


class OutsideError(RuntimeError):
    """The process that marks did not start, or is gone."""


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
    """A running process that marks; see ``informal_ict.grading.outside_worker``."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                # -P: no file of the working folder takes the place of a module.
                [sys.executable, "-P", "-m", "informal_ict.grading.outside_worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd="/",
                env=environment(),
            )
        self._socket = ours
        try:
            started = read_packet(ours, STARTING_TIME)
        except OSError:
            started = b""
        if started != b"ready":
            self.close()
            raise OutsideError("The process that marks outside the kernel did not start.")

    def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Run one check.

        Raises:
            TimeoutError: if it takes longer.
            OutsideError: if the process ends over it.
        """
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
def running_marker(owner: int) -> Marker:
    """The marking process of this process; ``owner`` is its pid, so that a forked parent starts its own."""
    return Marker()


def environment() -> dict[str, str]:
    """What the process that marks needs to know of the outside world, and no secret."""
    known = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    # It compares small tables; threads of their own would only compete with the kernels.
    return known | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PACKAGES)}


def mark(check: WrittenOut, results: Any, folder: Path, seconds: float) -> Verdict:
    """Let a hidden check look at results that a kernel handed over.

    Args:
        check: what was recognised in the test cell.
        results: what the kernel says of each argument, as plain JSON.
        folder: the data files as the course gives them out.
        seconds: how long it may take.

    Raises:
        OutsideError: if the process that marks cannot be started.
    """
    if not isinstance(results, list) or len(results) != len(check.arguments):
        return Verdict(("TypeError", "The notebook did not hand its results over."))
    request = {"code": check.code, "function": check.function, "folder": str(folder), "results": results}
    with LOCK:
        try:
            about = running_marker(os.getpid()).ask(request, seconds)
        except (TimeoutError, OutsideError) as error:
            running_marker(os.getpid()).close()
            running_marker.cache_clear()
            late = isinstance(error, TimeoutError)
            name = "CellTimeoutError" if late else "MemoryError"
            return Verdict((name, "The check took too long." if late else "The check could not be finished."))
    name_and_text = about["error"]
    error = None if name_and_text is None else (name_and_text[0], name_and_text[1])
    return Verdict(error, about["stdout"], about["stderr"])


def warm_up() -> None:
    """Start the process that marks, while something else is waited for."""
    with LOCK:
        running_marker(os.getpid())
