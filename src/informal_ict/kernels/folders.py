"""Files into a kernel's folder and out of it, never through a link.

What stands in either was made by somebody who may wish to have another file read or overwritten.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

DEEPEST = 32
LONGEST = 4000
Seen = dict[str, tuple[int, int]]


def copy_in(source: Path, target: int, owner: int | None) -> Seen:
    """Copy a folder's files and folders, and nothing else that may stand in it.

    Args:
        source: the folder.
        target: handle on an empty one.
        owner: whose the copies are to be; None for whoever runs this.

    Returns:
        What ``copy_out`` needs to tell which files have changed.

    Raises:
        OSError: if a file cannot be read, or there is no room.
    """
    handle = os.open(source, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for path, about in walk(handle):
            if stat.S_ISDIR(about.st_mode):
                os.mkdir(path, 0o755, dir_fd=target)
            else:
                copy(path, handle, target, stat.S_IMODE(about.st_mode) | 0o600)
            if owner is not None:
                os.chown(path, owner, owner, dir_fd=target, follow_symlinks=False)
    finally:
        os.close(handle)
    return {path: state(about) for path, about in walk(target)}


def copy_out(source: int, target: Path, before: Seen, most: int) -> bool:
    """Copy files that were made or changed, each once however many names it has.

    Args:
        source: handle on the kernel's folder, in which nothing runs any more.
        target: the folder that ``copy_in`` read.
        before: what ``copy_in`` gave.
        most: bytes that may be written.

    Returns:
        Whether all were copied. A file with holes takes more room here than it did there.
    """
    left, copied = most, set()
    handle = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for path, about in walk(source, mend=True):
            if stat.S_ISDIR(about.st_mode) or before.get(path) == state(about) or about.st_ino in copied:
                continue
            if about.st_size > left:
                return False
            if make_room(Path(path), handle):
                copy(path, source, handle, 0o644)
                left -= about.st_size
                copied.add(about.st_ino)
    finally:
        os.close(handle)
    return True


def walk(folder: int, mend: bool = False) -> Iterator[tuple[str, os.stat_result]]:
    """Folders and regular files under a handle, by relative path, folders before what is in them.

    Args:
        folder: the handle.
        mend: make those readable that their owner made unreadable.
    """
    if mend:
        os.fchmod(folder, 0o700)
    todo = [""]
    while todo:
        at = todo.pop()
        handle = os.open(at or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
        try:
            names = sorted(os.listdir(handle))  # noqa: PTH208  # a handle is no path
        finally:
            os.close(handle)
        for name in names:
            path = f"{at}/{name}" if at else name
            if len(os.fsencode(path)) > LONGEST:
                continue
            about = os.stat(path, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(about.st_mode) and path.count("/") < DEEPEST:
                todo.append(path)
            elif not stat.S_ISREG(about.st_mode):
                continue
            if mend and about.st_mode & 0o700 != 0o700:
                os.chmod(path, 0o700, dir_fd=folder)
            yield path, about


def state(about: os.stat_result) -> tuple[int, int]:
    """What is different when a file was written to; nobody can set these back."""
    return about.st_ino, about.st_ctime_ns


def copy(path: str, source: int, target: int, mode: int) -> None:
    """Copy one file between two folders."""
    reading = os.open(path, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=source)
    with open(reading, "rb") as original:  # noqa: PTH123
        writing = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode, dir_fd=target)
        with open(writing, "wb") as written:  # noqa: PTH123
            shutil.copyfileobj(original, written, 1 << 20)


def make_room(path: Path, target: int) -> bool:
    """Make the folders of a file; False if something else than that stands in the way."""
    for folder in [*reversed(path.parents)][1:]:
        about = look(folder, target)
        if about is None:
            os.mkdir(folder, 0o755, dir_fd=target)
        elif not stat.S_ISDIR(about.st_mode):
            return False
    about = look(path, target)
    return about is None or stat.S_ISREG(about.st_mode)


def look(path: Path, folder: int) -> os.stat_result | None:
    """What has this name in a folder, if anything."""
    try:
        return os.stat(path, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
