"""The private folder that a submission runs in: written before, read afterwards."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from informal_ict.errors import InputError

MOST_FILES = 2_000
NOTEBOOK = ".ipynb"


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into an empty folder.

    Raises:
        InputError: if a path leaves the folder.
    """
    for name, content in files.items():
        path = folder / inside(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def inside(name: str) -> PurePosixPath:
    """Check that a relative path stays in its folder.

    Raises:
        InputError: if it does not, or says nothing.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\x00" in name:
        raise InputError(f"'{name}': a file of a submission has a path inside its folder.")
    return path


def changed(folder: Path, before: Mapping[str, bytes], most: int) -> dict[str, bytes]:
    """Read what was written or changed: plain files only, and no more than so many bytes.

    Args:
        folder: where a submission ran.
        before: what was there.
        most: bytes of all files together; those beyond are left.
    """
    found: dict[str, bytes] = {}
    left = most
    for name, path, size in plain_files(folder):
        if size > left or len(found) >= MOST_FILES:
            continue
        content = read(path, size)
        if content is not None and before.get(name) != content:
            found[name] = content
            left -= len(content)
    return found


def plain_files(folder: Path) -> Iterator[tuple[str, Path, int]]:
    """Go through the files of a folder, following no link."""
    for place, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            about = path.lstat()
            relative = path.relative_to(folder).as_posix()
            if stat.S_ISREG(about.st_mode) and about.st_nlink == 1 and is_text(relative):
                yield relative, path, about.st_size


def is_text(name: str) -> bool:
    """Whether a file name is text, and not any bytes."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def read(path: Path, size: int) -> bytes | None:
    """Read a plain file, without following what may have become a link meanwhile."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as stream:
        return stream.read(size)
