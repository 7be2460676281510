"""How a forked kernel closes itself off, before it runs a line of anybody's code.

Runs inside bubblewrap, in a child of ``informal_ict.kernels.template``. bubblewrap has already left out all
files that a kernel must not see; what is done here sets one kernel apart from another. See namespaces(7),
user_namespaces(7), capabilities(7) and tmpfs(5).
"""

import ctypes
import os
import resource
import socket
import stat
from typing import Any

from informal_ict.kernels import system_calls

HOME = "/student"
FOLDER = f"{HOME}/submission"
RUNTIME = "/run/kernel"
STAGING = "/mnt"
OWN_FOLDERS = (HOME, "/tmp", "/dev/shm")
INSIDE_ID = 1000
MOST_FILES = 20_000

NEW_MOUNTS, NEW_HOSTNAME, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USER, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NOSUID, NODEV, NOEXEC, NO_LINKS = 1, 2, 4, 8, 256
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
DETACH = 2
SET_DUMPABLE, DROP_BOUNDING, SET_NO_NEW_PRIVILEGES, AMBIENT, CLEAR_ALL = 4, 24, 38, 47, 4
CAPABILITY_VERSION = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)
libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
own_processes: list[int] = []


def checked(result: int, what: str) -> None:
    """Raise the error of a call of the C library that returned it."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def unshare(flags: int) -> None:
    """Leave the namespaces of these flags for new ones."""
    checked(libc.unshare(flags), f"unshare {flags:#x}")


def mount(source: str, target: str, kind: str = "none", flags: int = 0, options: str = "") -> None:
    """Mount a file system."""
    arguments = source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()
    checked(libc.mount(*arguments), f"mount {target}")


def next_child_gets_own_processes() -> None:
    """Let the next fork be the first process of a new pid namespace: when it ends, all in there end.

    A process may leave its pid namespace once only, so it first goes back to the one it is in.
    """
    if not own_processes:
        own_processes.append(os.open("/proc/self/ns/pid", os.O_RDONLY))
    checked(libc.setns(own_processes[0], NEW_PROCESSES), "setns")
    unshare(NEW_PROCESSES)


def confine(settings: dict[str, Any]) -> list[int]:
    """Close this process off for good.

    Args:
        settings: ``file_bytes``, what all its files may hold; ``limits``, resource limits by their names;
            ``user``, the id outside that it takes on, or None to keep that of whoever started the template;
            ``keep``, what it is to go on seeing under folders that become its own.

    Returns:
        Handles on the folder it works in, on the folder with its sockets and on its ``/proc``.
    """
    os.close(own_processes.pop())
    with open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write("1000")
    user = settings["user"]
    unshare(NEW_MOUNTS | NEW_HOSTNAME | NEW_IPC | NEW_NETWORK)
    socket.sethostname("kernel")
    mount("none", "/", flags=RECURSIVE | PRIVATE)
    itself = os.open("/proc/self", os.O_RDONLY | os.O_DIRECTORY)
    make_file_systems(settings["file_bytes"], user, settings["keep"])
    become_nobody(user, itself)
    os.close(itself)
    handles = [os.open(path, os.O_RDONLY | os.O_DIRECTORY) for path in (FOLDER, RUNTIME, "/proc")]
    for name, limit in settings["limits"].items():
        # What the template has is not counted against a kernel.
        allowed = limit + data_bytes() if name == "RLIMIT_DATA" else limit
        resource.setrlimit(getattr(resource, name), (allowed, allowed))
    give_up_privileges()
    system_calls.forbid(libc)
    return handles


def make_file_systems(file_bytes: int, user: int | None, keep: list[str]) -> None:
    """Mount what this kernel alone sees: its processes, terminals, sockets, and a quota for all its files."""
    owner = "" if user is None else f",uid={user},gid={user}"
    # Read-only, since settings of the whole machine are among it, and root may be who started this.
    mount("proc", "/proc", "proc", READ_ONLY | NOSUID | NODEV | NOEXEC)
    mount("devpts", "/dev/pts", "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    # No links, since whoever started the kernel opens its sockets by name.
    runtime = f"size=1m,nr_inodes=64,mode=700{owner}"
    mount("tmpfs", RUNTIME, "tmpfs", NOSUID | NODEV | NOEXEC | NO_LINKS, runtime)
    mount("tmpfs", STAGING, "tmpfs", NOSUID | NODEV, f"size={file_bytes},nr_inodes={MOST_FILES},mode=755")
    kept = {path: os.open(path, os.O_PATH) for path in keep}
    for name, target in enumerate(OWN_FOLDERS):
        os.mkdir(f"{STAGING}/{name}", 0o700)  # noqa: PTH102
        mount(f"{STAGING}/{name}", target, flags=BIND)
    os.mkdir(FOLDER, 0o700)  # noqa: PTH102
    checked(libc.umount2(STAGING.encode(), DETACH), "umount2")
    for path, handle in kept.items():
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            os.makedirs(path)  # noqa: PTH103
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            os.close(os.open(path, os.O_CREAT, 0o600))
        mount(f"/proc/self/fd/{handle}", path, flags=BIND | RECURSIVE)
        os.close(handle)
    if user is not None:
        for path in (FOLDER, *OWN_FOLDERS):
            os.chown(path, user, user)


def become_nobody(user: int | None, itself: int) -> None:
    """Take on an id that owns nothing else, and a user namespace in which no other id exists.

    The number of processes is counted by id and user namespace, so each kernel has its own count.

    Args:
        user: the id outside, or None to keep the present one.
        itself: handle on a ``/proc/self`` that can be written to.
    """
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        # That made its own /proc files root's.
        checked(libc.prctl(SET_DUMPABLE, 1, 0, 0, 0), "prctl")
    own_user, own_group = os.geteuid(), os.getegid()
    unshare(NEW_USER)
    ids = {
        "setgroups": "deny",
        "uid_map": f"{INSIDE_ID} {own_user} 1",
        "gid_map": f"{INSIDE_ID} {own_group} 1",
    }
    for name, text in ids.items():
        handle = os.open(name, os.O_WRONLY, dir_fd=itself)
        os.write(handle, text.encode())
        os.close(handle)


def data_bytes() -> int:
    """Memory of this process that RLIMIT_DATA counts; see proc(5) on statm."""
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[5]) * resource.getpagesize()


def give_up_privileges() -> None:
    """Drop every capability, and any way to get one."""
    with open("/proc/sys/kernel/cap_last_cap") as file:  # noqa: PTH123
        last = int(file.read())
    for capability in range(last + 1):
        checked(libc.prctl(DROP_BOUNDING, capability, 0, 0, 0), "prctl")
    checked(libc.prctl(AMBIENT, CLEAR_ALL, 0, 0, 0), "prctl")
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()
    checked(libc.capset(header, none), "capset")
    checked(libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "prctl")
    checked(libc.prctl(SET_DUMPABLE, 1, 0, 0, 0), "prctl")


def log_to(path: str) -> None:
    """Read nothing, and print to a file: a kernel has no business in the terminal of whoever started it."""
    for source, flags, targets in (
        ("/dev/null", os.O_RDONLY, (0,)),
        (path, os.O_WRONLY | os.O_CREAT, (1, 2)),
    ):
        handle = os.open(source, flags, 0o600)
        for target in targets:
            os.dup2(handle, target)
        os.close(handle)
