"""What a sandboxed kernel may use, and why one ended.

The operating system limits one process at a time, and ten may stay below a limit that they exceed together.
All processes of a kernel are in one pid namespace, so a thread outside adds up what they use. Every process
has limits of its own besides, which hold between two looks.
"""

import os
import resource
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from informal_ict.kernels.forked import ended

LOOK_MILLISECONDS = 20
HANDLES = 512
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Ended(StrEnum):
    """Why a kernel ended."""

    ITSELF = "itself"
    ASKED = "shut down"
    MEMORY = "out of memory"
    CPU_TIME = "out of processor time"
    WALL_TIME = "out of time"
    PROCESSES = "too many processes"


@dataclass(frozen=True)
class Limits:
    """What all processes of one kernel may use; see the traits of ``SandboxedProvisioner``."""

    cpu_seconds: int
    wall_seconds: float
    memory_bytes: int
    processes: int
    file_bytes: int

    def of_one_process(self, own_id: bool) -> dict[str, int]:
        """Resource limits by their names in the module ``resource``.

        Args:
            own_id: whether no process outside the kernel has its user id.
        """
        limits = {
            # The operating system ends a process here without a word; whoever looks on is there before.
            "RLIMIT_CPU": self.cpu_seconds + 2,
            # A single array that is too large is an error that a student can read.
            "RLIMIT_DATA": self.memory_bytes,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": min(HANDLES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),
            "RLIMIT_CORE": 0,
            "RLIMIT_MEMLOCK": 0,
            "RLIMIT_MSGQUEUE": 0,
        }
        # Before Linux 5.14 all that the same user runs is counted, not what runs in one user namespace.
        version = tuple(int(number) for number in os.uname().release.split(".", 2)[:2])
        if own_id or version >= (5, 14):
            limits["RLIMIT_NPROC"] = self.processes
        return limits


@dataclass(frozen=True)
class Use:
    """What one process uses, from ``/proc/PID/stat``; see proc(5)."""

    pid: str
    started: str
    cpu_seconds: float
    threads: int
    memory_bytes: int


class Watch(threading.Thread):
    """Looks at a kernel until it ends, and ends it when it uses more than it may."""

    def __init__(self, process: int, processes: int, folder: int, limits: Limits) -> None:
        """Watch a kernel.

        Args:
            process: pidfd of its first process, with which all others end. It is copied.
            processes: handle on its own ``/proc``, which this takes over.
            folder: handle on a folder of the file system that it writes to. It is copied.
            limits: what it may use.
        """
        super().__init__(name="limits of a kernel", daemon=True)
        self._process = os.dup(process)
        self._processes = processes
        self._folder = os.dup(folder)
        self.folder_was_full = False
        self._limits = limits
        self._since = time.monotonic()
        self._cpu_seconds: dict[tuple[str, str], float] = {}
        self._asked = False
        self._because: Ended | None = None

    def run(self) -> None:
        """Look every few milliseconds."""
        try:
            while not ended(self._process, LOOK_MILLISECONDS):
                self._look_at_folder()
                self._because = self._too_much()
                if self._because is not None:
                    break
        finally:
            # Also if looking fails: nothing runs unwatched.
            self._end()
            self._look_at_folder()
            for handle in (self._process, self._processes, self._folder):
                os.close(handle)

    def asked_to_end(self) -> None:
        """Note that whoever started the kernel wants it to end."""
        self._asked = True

    def reason(self) -> Ended:
        """Why the kernel ended, once it has."""
        self.join()
        return self._because or (Ended.ASKED if self._asked else Ended.ITSELF)

    def _end(self) -> None:
        """Kill the first process, and wait until all have ended with it."""
        if not ended(self._process, 0):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
            ended(self._process, None)

    def _look_at_folder(self) -> None:
        """Note if no more can be written; a file that was removed while open is gone when the kernel is."""
        room = os.fstatvfs(self._folder)
        self.folder_was_full |= room.f_bavail == 0 or room.f_favail == 0

    def _too_much(self) -> Ended | None:
        """What it uses too much of, if anything."""
        limits = self._limits
        now = list(uses(self._processes))
        # A process that has ended may not be counted by another, so what was last seen of it stands.
        self._cpu_seconds.update({(use.pid, use.started): use.cpu_seconds for use in now})
        if time.monotonic() - self._since > limits.wall_seconds:
            return Ended.WALL_TIME
        if sum(self._cpu_seconds.values()) > limits.cpu_seconds:
            return Ended.CPU_TIME
        if sum(use.threads for use in now) > limits.processes:
            return Ended.PROCESSES
        if sum(use.memory_bytes for use in now) > limits.memory_bytes:
            # Memory that processes share is in there once for each of them; counting it once takes longer.
            shared_once = sum(proportional_bytes(self._processes, use) for use in now)
            if shared_once > limits.memory_bytes:
                return Ended.MEMORY
        return None


def uses(processes: int) -> Iterator[Use]:
    """What each process uses now.

    Args:
        processes: handle on a ``/proc``.
    """
    try:
        names = os.listdir(processes)
    except ProcessLookupError:
        return
    for name in names:
        text = read(processes, f"{name}/stat") if name.isdigit() else ""
        if text:
            # The name of a program may hold anything, brackets and spaces too.
            fields = text.rpartition(")")[2].split()
            user, system = int(fields[11]), int(fields[12])
            yield Use(name, fields[19], (user + system) / TICKS, int(fields[17]), int(fields[21]) * PAGE)


def proportional_bytes(processes: int, use: Use) -> int:
    """Memory of a process, with its share of what it has in common with others; all, if that is not told."""
    words = read(processes, f"{use.pid}/smaps_rollup").split()
    return int(words[words.index("Pss:") + 1]) * 1024 if "Pss:" in words else use.memory_bytes


def read(folder: int, path: str) -> str:
    """Text of a file of ``/proc``; empty if its process has ended or does not let it be read."""
    try:
        handle = os.open(path, os.O_RDONLY, dir_fd=folder)
        try:
            return os.read(handle, 1 << 14).decode(errors="replace")
        finally:
            os.close(handle)
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return ""
