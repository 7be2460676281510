"""What is sent to whoever runs a submission, and what comes back.

Plain data only: a job crosses to another process or another machine, with no file system in common.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        cell_seconds: wall time of one cell; then it is interrupted, as nbgrader does.
        wall_seconds: wall time of all its notebooks.
        cpu_seconds: processor time of all processes of one kernel.
        memory_bytes: memory of all processes of one kernel.
        processes: how many processes and threads one kernel may have.
        file_bytes: what its folder may hold in all.
        output_bytes: what one cell may print or show; the rest is left out and said to be.
    """

    cell_seconds: float = 30
    wall_seconds: float = 300
    cpu_seconds: int = 120
    memory_bytes: int = 2048 * MB
    processes: int = 64
    file_bytes: int = 200 * MB
    output_bytes: int = MB


@dataclass(frozen=True)
class Job:
    """One submission to run.

    Attributes:
        assignment: its name.
        student: whose work it is.
        notebooks: text of each notebook by name without suffix, made safe to run by nbgrader's own steps.
        files: what stands beside them, by path relative to their folder.
        limits: what it may use.
        preload: modules that kernels have imported before they are forked.
        sandbox: whether it runs closed off.
        execute: settings of nbgrader's ``Execute`` from the course's configuration, as plain data.
    """

    assignment: str
    student: str
    notebooks: Mapping[str, str]
    files: Mapping[str, bytes]
    limits: Limits
    preload: tuple[str, ...]
    sandbox: bool = True
    execute: Mapping[str, object] = field(default_factory=dict)


class Problem(StrEnum):
    """Why a notebook was not run to its end. The text is for the instructor."""

    KERNEL_DIED = "its code ended the kernel"
    OUT_OF_MEMORY = "its code took more memory than a submission may have"
    OUT_OF_TIME = "its code took more time than a submission may have"
    TOO_MUCH_WRITTEN = "its code wrote more files than a submission may have"
    NO_SUCH_KERNEL = "it asks for a kernel that is not installed here"
    NOT_A_NOTEBOOK = "the file is no notebook that can be read"
    TOO_LARGE = "the file is larger than a notebook may be"
    MISSING = "it was not handed in under its name"
    REFUSED = "nbgrader refused it"
    MACHINE = "the machine that ran it failed, not the submission"


@dataclass(frozen=True)
class Failure:
    """A notebook that was not run to its end.

    Attributes:
        notebook: its name without suffix.
        problem: which kind.
        detail: what exactly happened, in words an instructor understands.
    """

    notebook: str
    problem: Problem
    detail: str = ""


@dataclass(frozen=True)
class Evidence:
    """A sign that a submission interferes with its marking. It is for a person to judge, and takes no mark.

    Attributes:
        notebook: its name without suffix.
        cell: grade id of the cell where it showed.
        sign: which sign, in words an instructor understands.
        detail: what was seen: a line of code, two values.
    """

    notebook: str
    cell: str
    sign: str
    detail: str = ""


@dataclass(frozen=True)
class Ran:
    """What came of a job.

    Attributes:
        notebooks: text of each notebook with its outputs, by name; one that failed is not among them.
        files: files that its code wrote or changed in its folder, by relative path; never a link.
        failures: notebooks that were not run to their end.
        evidence: signs of interference.
        seconds: wall time it took.
    """

    notebooks: Mapping[str, str]
    files: Mapping[str, bytes]
    failures: tuple[Failure, ...]
    evidence: tuple[Evidence, ...]
    seconds: float


def failed_everywhere(job: Job, detail: str) -> Ran:
    """What comes back for a job that no executor could run."""
    return Ran({}, {}, tuple(Failure(name, Problem.MACHINE, detail) for name in job.notebooks), (), 0)
