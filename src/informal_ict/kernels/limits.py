"""What a sandboxed kernel may use, and why one ended."""

from enum import StrEnum


class Ended(StrEnum):
    """Why a kernel ended."""

    ITSELF = "itself"
    ASKED = "shut down"
    MEMORY = "out of memory"
    CPU_TIME = "out of processor time"
    WALL_TIME = "out of time"
    PROCESSES = "too many processes"
