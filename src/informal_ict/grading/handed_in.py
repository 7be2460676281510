"""Read what a student handed in, without trusting it: no link is followed and nothing too large is read."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from informal_ict.grading.jobs import MB, Failure, Problem

LARGEST_NOTEBOOK = 50 * MB
MOST_FILES = 2000
NOTEBOOK = ".ipynb"


@dataclass
class HandedIn:
    """A submission's folder.

    Attributes:
        notebooks: notebooks that can be read, by name without suffix.
        files: what stands beside them, by relative path.
        failures: notebooks that cannot be read.
        remarks: what was left out, in words an instructor understands.
    """

    notebooks: dict[str, Path] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_handed_in(folder: Path, ignore: Sequence[str], most_bytes: int) -> HandedIn:
    """Read the folder of one submission.

    Args:
        folder: where it is.
        ignore: patterns of names to leave out, from the course's configuration.
        most_bytes: what all files beside the notebooks may have.
    """
    found = HandedIn()
    room = most_bytes
    beside = 0
    for path, entry in walk(folder, ignore):
        relative = path.relative_to(folder).as_posix()
        if path.suffix == NOTEBOOK:
            if path.parent != folder:
                continue  # as in nbgrader, only those at the top are graded or kept
            trouble = why_not(entry, LARGEST_NOTEBOOK)
            if trouble:
                found.failures.append(Failure(path.stem, trouble[0], trouble[1]))
            else:
                found.notebooks[path.stem] = path
            continue
        beside += 1
        if beside > MOST_FILES:
            continue  # a notebook may come after them
        trouble = why_not(entry, room)
        if trouble is None:
            try:
                found.files[relative] = read_regular(path)
                room -= len(found.files[relative])
                continue
            except OSError as error:
                trouble = Problem.NOT_A_NOTEBOOK, f"it cannot be read ({error.strerror})"
        found.remarks.append(f"{relative} was left out: {trouble[1]}.")
    if beside > MOST_FILES:
        found.remarks.append(f"There are {beside} files; those after the first {MOST_FILES} were left out.")
    return found


def why_not(entry: os.stat_result, most: int) -> tuple[Problem, str] | None:
    """Why something is not read, or nothing."""
    if stat.S_ISLNK(entry.st_mode):
        return Problem.NOT_A_NOTEBOOK, "it is a link to another file, and links are not followed"
    if not stat.S_ISREG(entry.st_mode):
        return Problem.NOT_A_NOTEBOOK, "it is not an ordinary file"
    if entry.st_size > most:
        return Problem.TOO_LARGE, f"it has {entry.st_size / MB:.0f} MB, and {most / MB:.0f} MB are allowed"
    return None


def walk(folder: Path, ignore: Sequence[str]) -> Iterator[tuple[Path, os.stat_result]]:
    """Every file below a folder in the order of names, with what it is; links are named, not followed."""
    for path in sorted(folder.iterdir()):
        if any(fnmatch(path.name, pattern) for pattern in ignore):
            continue
        entry = path.lstat()
        if stat.S_ISDIR(entry.st_mode) and path.suffix != NOTEBOOK:
            yield from walk(path, ignore)
        else:
            yield path, entry


def read_regular(path: Path) -> bytes:
    """Read an ordinary file, also if it has become something else since one looked."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        return file.read()
