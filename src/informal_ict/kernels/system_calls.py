"""System calls that no notebook needs, refused by the kernel of the operating system: seccomp(2).

Most are ways in which sandboxes have been left through faults of the operating system; the others make memory
that belongs to no process and so escapes its limits. Numbers are those of Linux's ``unistd.h``. On another
processor than these two there is no filter; all else that confines a kernel holds without it.
"""

import ctypes
import errno
import platform
import struct

# Name: numbers on x86_64 and on aarch64.
REFUSED = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "open_by_handle_at": (304, 265),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "pidfd_getfd": (438, 438),
    "mount_setattr": (442, 442),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
# Column of the numbers, AUDIT_ARCH of linux/audit.h, and number of clone; clone3 is 435 everywhere.
PROCESSORS = {"x86_64": (0, 0xC000003E, 56), "aarch64": (1, 0xC00000B7, 220)}
CLONE3 = 435
OTHER_CALLS_OF_X86 = 0x40000000
ANY_NEW_NAMESPACE = 0x7E020000

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
SET_SECCOMP, FILTER = 22, 2


def program(machine: str) -> bytes:
    """The filter for a processor, in the form of linux/filter.h.

    Args:
        machine: a key of ``PROCESSORS``.
    """
    column, architecture, clone = PROCESSORS[machine]
    refused = sorted({numbers[column] for numbers in REFUSED.values()})
    # Jumps count the steps in between. The last five steps, from the end: refuse, say that there is no
    # such call (so that the C library falls back on clone), allow, look at clone's flags (two steps).
    body: list[tuple[int, int, str | None]] = [
        (AT_LEAST, OTHER_CALLS_OF_X86, "refuse"),
        (EQUAL, CLONE3, "absent"),
        *((EQUAL, number, "refuse") for number in refused),
        (EQUAL, clone, "flags"),
    ]
    start = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    end = {
        "allow": (RETURN, 0, 0, ALLOW),
        "flags": (LOAD, 0, 0, FIRST_ARGUMENT),
        "look": (ANY_BIT, 1, 0, ANY_NEW_NAMESPACE),
        "fine": (RETURN, 0, 0, ALLOW),
        "refuse": (RETURN, 0, 0, ERROR | errno.EPERM),
        "absent": (RETURN, 0, 0, ERROR | errno.ENOSYS),
    }
    places = {name: len(body) + place for place, name in enumerate(end)}
    jumps = [(code, places[str(to)] - place - 1, 0, value) for place, (code, value, to) in enumerate(body)]
    return b"".join(struct.pack("HBBI", *step) for step in [*start, *jumps, *end.values()])


def forbid(libc: ctypes.CDLL) -> None:
    """Refuse the calls to this process and all it starts, for good; it must have given up new privileges."""
    machine = platform.machine()
    if machine not in PROCESSORS:
        return
    steps = program(machine)
    buffer = ctypes.create_string_buffer(steps, len(steps))
    described = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(steps) // 8, ctypes.addressof(buffer))
    )
    if libc.prctl(SET_SECCOMP, FILTER, ctypes.addressof(described), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "The filter of system calls was refused")
