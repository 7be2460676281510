"""Put collected work into the course: written aside whole, then moved into place student by student."""

import filecmp
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from informal_ict.errors import InputError
from informal_ict.lms.archive import UnfitArchive, copy
from informal_ict.lms.plan import TIMESTAMP, TIMESTAMP_FORMAT, Plan, Submission, Taken

SUBMITTED = "submitted"
EARLIER = "submitted-earlier"  # beside nbgrader's folders, none of which has this name


@dataclass(frozen=True)
class Placed:
    """What became of each student's work, by key.

    Attributes:
        written: new in the course.
        replaced: in the place of other work, which was put aside.
        same: was there already, letter by letter.
        kept: other work is there and was left alone.
    """

    written: tuple[str, ...]
    replaced: tuple[str, ...]
    same: tuple[str, ...]
    kept: tuple[str, ...]


def place(plan: Plan, course: Path, force: bool) -> Placed:
    """Do what was planned. Either all of it is done or nothing.

    Work that is replaced, and attempts older than the newest, go to ``submitted-earlier/``.

    Args:
        plan: what goes where.
        course: the folder of the course.
        force: replace work that is there and differs.

    Raises:
        InputError: if a file of the download is broken, or the disk does not take it.
    """
    outcome: dict[str, list[str]] = {"written": [], "replaced": [], "same": [], "kept": []}
    with TemporaryDirectory(prefix=".collecting-", dir=course) as folder:
        aside = Path(folder)
        try:
            for submission in plan.submissions:
                _write(submission, aside / submission.student)
        except (UnfitArchive, OSError) as error:
            raise InputError(f"The download: {error}. Nothing was changed.") from None
        moves: list[tuple[Path, Path]] = []
        for submission in plan.submissions:
            student = submission.student
            target = course / SUBMITTED / student / plan.assignment
            new = aside / student / SUBMITTED
            state = _state(target, new, force)
            outcome[state].append(student)
            if state in ("kept", "same"):
                continue
            kept = _free_folder(course / EARLIER / student / plan.assignment)
            if state == "replaced":
                moves.append((target, kept / "replaced"))
            moves.append((new, target))
            if submission.earlier:
                moves.append((aside / student / EARLIER, kept / "attempts"))
        _move_all(moves)
    return Placed(**{state: tuple(students) for state, students in outcome.items()})


def _state(target: Path, new: Path, force: bool) -> str:
    if not target.exists():
        return "written"
    if _same(target, new):
        return "same"
    return "replaced" if force else "kept"


def _write(submission: Submission, folder: Path) -> None:
    _write_files(submission.files, folder / SUBMITTED)
    _write_files(submission.earlier, folder / EARLIER)
    if submission.time is not None:
        text = submission.time.strftime(TIMESTAMP_FORMAT)
        (folder / SUBMITTED / TIMESTAMP).write_text(text, encoding="utf-8")


def _write_files(files: Sequence[Taken], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for taken in files:
        target = folder.joinpath(*taken.target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with taken.entry.open() as source, target.open("xb") as file:
            copy(source, file, taken.entry.size)


def _same(old: Path, new: Path) -> bool:
    ours, theirs = ({path.relative_to(root) for path in root.rglob("*")} for root in (old, new))
    return ours == theirs and all(
        filecmp.cmp(old / path, new / path, shallow=False) for path in ours if (old / path).is_file()
    )


def _free_folder(parent: Path) -> Path:
    number = 1
    while (parent / str(number)).exists():
        number += 1
    return parent / str(number)


def _move_all(moves: Sequence[tuple[Path, Path]]) -> None:
    """Move folders one after another; on a failure, move back those that were moved."""
    back: list[Callable[[], Path]] = []
    try:
        for source, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
            back.append(partial(target.rename, source))
    except OSError as error:
        for undo in reversed(back):
            undo()
        raise InputError(f"{error.filename}: {error.strerror}. Nothing was changed.") from None
