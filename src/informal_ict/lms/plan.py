"""What collecting a download would do, before anything is done."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from informal_ict.errors import InputError
from informal_ict.lms.archive import Archive, Entry, UnfitArchive
from informal_ict.lms.downloads import MOODLE_SUBMITTED, Upload, moodle_time, read_upload
from informal_ict.lms.matching import match_people
from informal_ict.lms.notebook_names import is_notebook, meant
from informal_ict.lms.platforms import Lms
from informal_ict.lms.roster import Student
from informal_ict.lms.tables import Table

TIMESTAMP = "timestamp.txt"
TIMESTAMP_FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"  # as nbgrader's exchange writes it, and marking reads it
LONGEST_NAME = 200
UNFIT_FOR_A_NAME = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')


@dataclass(frozen=True)
class Taken:
    """One file, and where it goes below the folder of the submission."""

    entry: Entry
    target: tuple[str, ...]


@dataclass(frozen=True)
class Submission:
    """What is collected from one student.

    Attributes:
        student: the key.
        files: what is marked.
        earlier: older attempts, which are kept aside.
        time: when the newest file was handed in, if the download tells.
        late: whether the platform says that it was late.
        notes: what was put right, and what a person should know.
        exists: whether the student's folder is there already.
    """

    student: str
    files: tuple[Taken, ...]
    earlier: tuple[Taken, ...] = ()
    time: datetime | None = None
    late: bool = False
    notes: tuple[str, ...] = ()
    exists: bool = False


@dataclass(frozen=True)
class Plan:
    """What collecting would do.

    Attributes:
        assignment: the assignment.
        submissions: by student, in the order of their keys.
        unmatched: who in the download could not be found on the roster, and why.
        missing: who on the roster has handed in nothing.
        problems: what was not taken, by student or person.
        notes: about the whole.
    """

    assignment: str
    submissions: tuple[Submission, ...]
    unmatched: Mapping[str, str]
    missing: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass
class _Found:
    """What is known of one student while the plan is made."""

    candidates: list[tuple[Upload, str | None]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_uploads(archive: Archive, lms: Lms) -> tuple[list[Upload], list[str]]:
    """The files of a download, and the names in it that the platform does not form.

    Raises:
        InputError: if no name is formed as this platform forms them.
    """
    uploads, strange = [], []
    for entry in archive.entries:
        upload = read_upload(entry, lms)
        if upload is not None:
            uploads.append(upload)
        elif not (lms is Lms.BRIGHTSPACE and entry.path[-1].casefold() == "index.html"):
            strange.append("/".join(entry.path))
    if not uploads:
        example = f"; it has, for instance, {strange[0]!r}" if strange else ", which is empty"
        raise InputError(
            f"no file has a name as {lms.value} forms them in a download of all submissions{example}. "
            "Is --lms right?"
        )
    return uploads, strange


def make_plan(
    archive: Archive,
    lms: Lms,
    uploads: Sequence[Upload],
    strange: Sequence[str],
    roster: Sequence[Student],
    decided: Mapping[str, str],
    times: Mapping[str, datetime],
    zone: ZoneInfo | None,
    course: Path,
    assignment: str,
) -> Plan:
    """Plan what goes where.

    Args:
        archive: the open download.
        lms: the platform.
        uploads: its files.
        strange: names in it that are not understood.
        roster: the class.
        decided: students' keys by person in the download, where somebody has looked.
        times: when students handed in, by key, where another file tells; on the platform's clock.
        zone: the time zone of the platform's clock; None if it is not known, and then no time is written.
        course: the folder of the course.
        assignment: the assignment.

    Raises:
        InputError: if the assignment is not in the course.
    """
    notebooks = assignment_notebooks(course, assignment)
    matched, unmatched = match_people(uploads, roster, decided)
    found: dict[str, _Found] = defaultdict(_Found)
    for upload in uploads:
        if upload.person in matched:
            _sort(upload, archive, notebooks, found[matched[upload.person].key])
    submissions = []
    problems = [(key, problem) for key, one in found.items() for problem in one.problems]
    problems += [("the download", f"{name}: has no name as {lms.value} forms them") for name in strange]
    for key in sorted(found):
        submission, doubts = _submission(key, found[key], times.get(key), zone)
        problems += [(key, doubt) for doubt in doubts]
        if submission is not None:
            exists = (course / "submitted" / key / assignment).exists()
            submissions.append(replace(submission, exists=exists))
    clocks = [upload.time for upload in uploads if upload.time] + list(times.values())
    return Plan(
        assignment=assignment,
        submissions=tuple(submissions),
        unmatched=unmatched,
        missing=tuple(student.key for student in roster if student.key not in found),
        problems=tuple(sorted(problems)),
        notes=tuple(_about_time(lms, zone, bool(clocks))),
    )


def assignment_notebooks(course: Path, assignment: str) -> frozenset[str]:
    """The names of an assignment's notebooks.

    Raises:
        InputError: if there are none.
    """
    if assignment in ("", ".", "..") or "/" in assignment or "\\" in assignment:
        raise InputError(f"{assignment!r} cannot be the name of an assignment")
    for step in ("release", "source"):
        names = frozenset(path.name for path in (course / step / assignment).glob("*.ipynb"))
        if names:
            return names
    raise InputError(
        f"{course}: has no notebook in release/{assignment} or source/{assignment}; make the course first, "
        "or check --course and --assignment"
    )


def worksheet_times(table: Table, roster: Sequence[Student]) -> dict[str, datetime]:
    """When students handed in, as a grading worksheet of Moodle tells, by key and on Moodle's clock."""
    column = table.column(MOODLE_SUBMITTED)
    if column is None:
        return {}
    by_line = {row.line: moodle_time(row.cell(column)) for row in table.rows}
    return {student.key: time for student in roster if (time := by_line.get(student.line)) is not None}


def _about_time(lms: Lms, zone: ZoneInfo | None, known: bool) -> list[str]:
    if not known:
        more = "; the grading worksheet as roster does" if lms is Lms.MOODLE else ""
        return [
            f"The download does not tell when work was handed in{more}. No {TIMESTAMP} is written, and "
            "nbgrader takes nothing off for lateness."
        ]
    if zone is None:
        return [
            "The download tells times and no time zone. With --timezone (such as America/Toronto), "
            f"{TIMESTAMP} is written, which nbgrader's late penalties need; without it, none is."
        ]
    return []


def _sort(upload: Upload, archive: Archive, notebooks: Collection[str], found: _Found) -> None:
    """Put one file where it belongs among what is known of its student; archives are looked into."""
    name = upload.path[-1]
    if upload.typed:
        found.problems.append(f"{name}: was typed into the platform and is no file of the student's")
    elif upload.entry.refused:
        found.problems.append(f"{name}: {upload.entry.refused}")
    elif name.casefold().endswith(".zip"):
        try:
            inside = archive.nested(upload.entry)
        except UnfitArchive as error:
            found.problems.append(f"{name}: {error}; nothing of it was taken")
            return
        found.notes.append(f"{name} was unpacked")
        top = _common_folder(inside)
        for entry in inside:
            within = replace(upload, entry=entry, path=entry.path[top:])
            if entry.refused:
                found.problems.append(f"{name}, {entry.path[-1]}: {entry.refused}")
            else:
                found.candidates.append((within, _meant(within, notebooks)))
    else:
        found.candidates.append((upload, _meant(upload, notebooks)))


def _meant(upload: Upload, notebooks: Collection[str]) -> str | None:
    return meant(upload.path[-1], notebooks) if is_notebook(upload.path[-1]) else None


def _common_folder(entries: Sequence[Entry]) -> int:
    """How many folders all files of an archive share: students zip the folder as often as the files."""
    shared = 0
    while entries and all(len(one.path) > shared + 1 for one in entries):
        if len({one.path[shared] for one in entries}) > 1:
            break
        shared += 1
    return shared


def _submission(
    key: str, found: _Found, told: datetime | None, zone: ZoneInfo | None
) -> tuple[Submission | None, list[str]]:
    """Choose what is marked among a student's files; and say what a person must decide."""
    doubts: list[str] = []
    notes = list(found.notes)
    chosen: dict[tuple[str, ...], Upload] = {}
    earlier: list[Upload] = []
    groups: dict[tuple[str, ...], list[Upload]] = defaultdict(list)
    known: set[tuple[str, ...]] = set()
    for upload, notebook in found.candidates:
        target = (notebook,) if notebook else tuple(_clean(part) for part in upload.path)
        if target[0].casefold() == TIMESTAMP:
            # Whoever writes it sets the time that late penalties count from.
            doubts.append(f"{TIMESTAMP} of the student's own was not taken")
        elif max(len(part.encode()) for part in target) > LONGEST_NAME:
            doubts.append(f"{target[-1][:40]}…: the name is too long, and it was not taken")
        else:
            groups[target].append(upload)
            known |= {target} if notebook else set()
    for target, uploads in groups.items():
        if any(target[:end] in groups for end in range(1, len(target))):
            doubts.append(f"{'/'.join(target)}: its folder has the name of a file, and it was not taken")
            continue
        newest, doubt = _newest(target, uploads)
        if newest is None:
            doubts.append(doubt)
            continue
        chosen[target] = newest
        earlier += [upload for upload in uploads if upload is not newest]
        if len(uploads) > 1:
            notes.append(f"{target[-1]}: the newest of {len(uploads)}")
        if newest.path[-1] != target[-1]:
            notes.append(f"{newest.path[-1]} is taken for {target[-1]}")
        if is_notebook(target[-1]) and target not in known:
            doubts.append(f"{target[-1]} is no notebook of the assignment by its name")
    if not chosen:
        return None, doubts or ["there is no file that could be taken"]
    clocks = [upload.time for upload in chosen.values() if upload.time is not None]
    time = max(clocks) if clocks else told
    submission = Submission(
        student=key,
        files=tuple(Taken(upload.entry, target) for target, upload in sorted(chosen.items(), key=_by_target)),
        earlier=tuple(
            Taken(upload.entry, (str(number), _clean(upload.path[-1])))
            for number, upload in enumerate(sorted(earlier, key=_by_order), start=1)
        ),
        time=None if time is None or zone is None else time.replace(tzinfo=zone).astimezone(UTC),
        late=any(upload.late for upload in chosen.values()),
        notes=tuple(notes),
    )
    return submission, doubts


def _by_target(item: tuple[tuple[str, ...], Upload]) -> tuple[str, ...]:
    return item[0]


def _by_order(upload: Upload) -> float:
    return upload.order or 0.0


def _newest(target: tuple[str, ...], uploads: Sequence[Upload]) -> tuple[Upload | None, str]:
    """The newest of several files for one place; of one attempt, the one with exactly the right name."""
    if len(uploads) == 1:
        return uploads[0], ""
    names = ", ".join(sorted(upload.path[-1] for upload in uploads))
    doubt = f"{target[-1]}: cannot tell which of these is the newest: {names}; none was taken"
    if any(upload.order is None for upload in uploads) and len({upload.order for upload in uploads}) > 1:
        return None, doubt
    last = max(_by_order(upload) for upload in uploads)
    newest = [upload for upload in uploads if _by_order(upload) == last]
    exact = [upload for upload in newest if upload.path == target] or newest
    return (exact[0], "") if len(exact) == 1 else (None, doubt)


def _clean(part: str) -> str:
    return UNFIT_FOR_A_NAME.sub("_", part).strip(". ") or "_"
