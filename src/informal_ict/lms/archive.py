"""Files out of an archive that strangers wrote: listed with limits, and nothing unpacked by its own name.

What a platform itself would never write (a path that leads out, a link, a password) stops everything. What a
student can do (a file too large, an archive within the archive that is broken or hostile) is told of that
file, and the others are read.
"""

import os
import re
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from informal_ict.errors import InputError


@dataclass(frozen=True)
class Limits:
    """How much is read, unpacked.

    Attributes:
        files: in all.
        file_bytes: of one file.
        nested_bytes: of all files in one archive that a student handed in.
        all_bytes: of everything.
    """

    files: int = 50_000
    file_bytes: int = 100_000_000
    nested_bytes: int = 300_000_000
    all_bytes: int = 8_000_000_000


@dataclass(frozen=True)
class Entry:
    """One file in an archive.

    Attributes:
        path: its folders and its name, in one form of accents.
        size: in bytes, unpacked.
        open: opens it for reading; only while the archive is open.
        refused: why it is not read; empty if it is.
    """

    path: tuple[str, ...]
    size: int
    open: Callable[[], IO[bytes]]
    refused: str = ""


class UnfitArchive(Exception):
    """An archive that is not read; the message says why."""


# What operating systems and Jupyter leave behind, and no student wrote.
LITTER = re.compile(r"__MACOSX|\..*|Thumbs\.db|desktop\.ini", re.IGNORECASE)


@contextmanager
def open_archive(path: Path, limits: Limits) -> Iterator["Archive"]:
    """Open a zip file, or the folder that a browser has made of it.

    Raises:
        InputError: if it is neither, cannot be read, or holds what no platform writes.
    """
    with TemporaryDirectory(prefix="informal-ict-lms-") as scratch:
        try:
            if path.is_dir():
                yield Archive(_walk(path, limits), limits, Path(scratch))
            else:
                with _zip(path, path.name) as opened:
                    yield Archive(_list(opened, limits, limits.all_bytes), limits, Path(scratch))
        except UnfitArchive as error:
            raise InputError(f"{path.name}: {error}. Nothing was changed.") from None
        except FileNotFoundError:
            if path.exists():
                raise
            raise InputError(f"{path}: there is no such file; check its name and its folder") from None


class Archive:
    """The entries of an open archive, and of archives within it."""

    def __init__(self, entries: list[Entry], limits: Limits, scratch: Path) -> None:
        self.entries = entries
        self.limits = limits
        self.scratch = scratch
        self.unpacked_bytes = sum(entry.size for entry in entries if not entry.refused)

    def nested(self, entry: Entry) -> list[Entry]:
        """The files in an archive that a student handed in. An archive within that is a file like others.

        Raises:
            UnfitArchive: if it is broken or hostile, or too large.
        """
        with entry.open() as packed, _zip(packed, entry.path[-1]) as opened:
            listed = _list(opened, self.limits, self.limits.nested_bytes)
            self.unpacked_bytes += sum(one.size for one in listed if not one.refused)
            if self.unpacked_bytes > self.limits.all_bytes:
                raise UnfitArchive("with it, the whole download is too large to be unpacked")
            return [self._set_down(one) for one in listed]

    def _set_down(self, entry: Entry) -> Entry:
        if entry.refused:
            return entry
        # Numbered, so that no name of a stranger touches the disk.
        target = self.scratch / str(len(list(self.scratch.iterdir())))
        with entry.open() as source, target.open("wb") as file:
            copy(source, file, entry.size)
        return Entry(entry.path, entry.size, _file(target))


def copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """Copy a file of an archive, and no more than it said it has.

    Raises:
        UnfitArchive: if it is broken, or larger than it said.
    """
    try:
        shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UnfitArchive(f"a file in it is broken ({error})") from None
    if target.tell() != size:
        raise UnfitArchive("a file in it has another size than it says")


def _zip(source: Path | IO[bytes], name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, PermissionError) as error:
        raise UnfitArchive(f"{name} is no zip file that can be read ({error})") from None


def _list(opened: zipfile.ZipFile, limits: Limits, most_bytes: int) -> list[Entry]:
    infos = [info for info in opened.infolist() if not info.is_dir()]
    if len(infos) > limits.files:
        raise UnfitArchive(f"it holds {len(infos):,} files, and at most {limits.files:,} are read")
    entries = []
    total = 0
    for info in infos:
        path = safe_path(_name(info))
        if LITTER.match(path[0]) or any(LITTER.fullmatch(part) for part in path):
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnfitArchive(f"{'/'.join(path)} is a link and no file")
        if info.flag_bits & 0x1:
            raise UnfitArchive(f"{'/'.join(path)} has a password")
        too_large = info.file_size > limits.file_bytes
        total += 0 if too_large else info.file_size
        if total > most_bytes:
            raise UnfitArchive(f"unpacked it is larger than {most_bytes // 1_000_000:,} MB")
        entries.append(Entry(path, info.file_size, _opener(opened, info), _refusal(info.file_size, limits)))
    return entries


def _file(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _opener(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def open_entry() -> IO[bytes]:
        try:
            return opened.open(info)
        except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
            raise UnfitArchive(f"a file in it cannot be opened ({error})") from None

    return open_entry


def _walk(folder: Path, limits: Limits) -> list[Entry]:
    entries = []
    total = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not LITTER.fullmatch(name))
        for name in (*folders, *sorted(names)):
            path = Path(root, name)
            if path.is_symlink():
                raise UnfitArchive(f"{path.relative_to(folder)} is a link and no file")
        for name in sorted(name for name in names if not LITTER.fullmatch(name)):
            path = Path(root, name)
            if not path.is_file():
                raise UnfitArchive(f"{path.relative_to(folder)} is no ordinary file")
            size = path.stat().st_size
            parts = safe_path(path.relative_to(folder).as_posix())
            entries.append(Entry(parts, size, _file(path), _refusal(size, limits)))
            total += 0 if entries[-1].refused else size
    if len(entries) > limits.files or total > limits.all_bytes:
        raise UnfitArchive(f"it holds more than {limits.files:,} files or {limits.all_bytes:,} bytes")
    return entries


def _refusal(size: int, limits: Limits) -> str:
    if size <= limits.file_bytes:
        return ""
    return f"is {size / 1_000_000:,.0f} MB, and at most {limits.file_bytes / 1_000_000:,.0f} MB are read"


def _name(info: zipfile.ZipInfo) -> str:
    """The name of an entry, also where a tool wrote UTF-8 and did not say so."""
    if not info.flag_bits & 0x800:
        try:
            return info.orig_filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass  # the name is in the old encoding that Python has read it in
    return info.orig_filename


def safe_path(name: str) -> tuple[str, ...]:
    r"""The folders and the name in a path within an archive.

    Raises:
        UnfitArchive: if it leads out of the folder it is unpacked to, on any operating system.
    """
    name = unicodedata.normalize("NFC", name)
    parts = name.replace("\\", "/").split("/")
    if "\0" in name or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in parts:
        raise UnfitArchive(f"{name!r} leads out of the archive")
    kept = tuple(part for part in parts if part not in ("", "."))
    if not kept:
        raise UnfitArchive(f"{name!r} is no name of a file")
    return kept
