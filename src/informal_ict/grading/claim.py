"""Who grades which submission, when two graders work at once, and what a grader left when it was ended.

The folder in which a submission is made ready stands beside its place in ``autograded/`` under a hidden name,
and is locked as long as its grader lives. At the end it takes its place in one step. One that nobody has
locked was left by a grader that ended in the middle: that submission is graded again.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from informal_ict.grading.gradebook import Store, advisory_key, said_clearly


@dataclass
class Claim:
    """A submission that this process and no other is grading.

    Attributes:
        staging: the folder in which it is made ready; empty at first.
        place: where that folder belongs.
        interrupted: whether another grader ended in the middle of it.
        recorded: whether the gradebook has it already.
        done: whether its folder is where it belongs.
    """

    staging: Path
    place: Path
    interrupted: bool
    handle: int
    lock: Connection | None = None
    key: int = 0
    recorded: bool = False
    done: bool = False

    def put_in_place(self) -> None:
        """Let what was made ready take its place.

        Between the two renames a kill leaves the staging folder, so the submission counts as interrupted.
        """
        old = self.place.with_name(f".{self.place.name}.old")
        remove(old)
        if self.place.exists():
            self.place.rename(old)
        self.staging.rename(self.place)
        self.done = True
        remove(old)

    def take_away(self) -> None:
        """Remove what an earlier attempt left in its place: there is nothing that could take it."""
        remove(self.place)
        self.done = True

    def clear(self) -> None:
        """Empty the folder."""
        for path in self.staging.iterdir():
            remove(path)

    def release(self) -> None:
        """Let others grade it.

        Nothing is left but what was put in place, unless gradebook and folder may not agree: then the staging
        folder stays, and whoever comes next grades the submission again.
        """
        if self.handle < 0:
            return
        unsettled = (self.interrupted or self.recorded) and not self.done
        if _is_open(self.handle, self.staging) and not unsettled:
            shutil.rmtree(self.staging, ignore_errors=True)
            with _ignoring_what_is_in_use():
                self.staging.parent.rmdir()
        os.close(self.handle)
        self.handle = -1
        if self.lock is not None:
            with suppress(SQLAlchemyError):  # a connection that is gone has let go of its locks
                self.lock.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": self.key})
                self.lock.commit()


def claim(place: Path, store: Store, lock: Connection | None) -> Claim | None:
    """Claim a submission by the folder that its graded version will have; None if another grader has it.

    Args:
        place: its folder in ``autograded/``.
        store: the gradebook.
        lock: a connection for PostgreSQL's advisory locks, which also hold between machines.

    Raises:
        GradebookGoneError: if that connection is lost.
    """
    staging = place.with_name(f".{place.name}.grading")
    while True:
        staging.parent.mkdir(parents=True, exist_ok=True)
        try:
            staging.mkdir()
            interrupted = False
        except FileExistsError:
            interrupted = True
        except FileNotFoundError:
            continue  # another grader has just tidied up the folder above
        try:
            handle = os.open(staging, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if _is_open(handle, staging):
            break
        os.close(handle)  # its grader has just finished it
    claimed = Claim(staging, place, interrupted, handle)
    if lock is not None:
        try:
            with said_clearly(store.shown):
                key = advisory_key(lock, f"{store.course_id}/{place.parent.name}/{place.name}")
                got = lock.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar_one()
                lock.commit()
        except BaseException:
            claimed.release()
            raise
        if not got:
            claimed.release()
            return None
        claimed.lock, claimed.key = lock, key
    claimed.clear()
    return claimed


def _is_open(handle: int, folder: Path) -> bool:
    """Whether a folder is the one that was opened, and not another in its place."""
    try:
        return os.path.samestat(os.fstat(handle), folder.stat())
    except FileNotFoundError:
        return False


@contextmanager
def _ignoring_what_is_in_use() -> Iterator[None]:
    """A folder that holds something else stays."""
    try:
        yield
    except OSError:
        return


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
