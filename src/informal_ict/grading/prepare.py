"""Make a submission ready to be run: what nbgrader does before it executes. Nothing is recorded yet."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import ValidationError
from nbgrader.nbgraderformat.common import SchemaTooNewError, SchemaTooOldError
from nbgrader.utils import parse_utc

from informal_ict.grading.course_folder import Course, Submission
from informal_ict.grading.gradebook import GradebookGoneError, Store, reading
from informal_ict.grading.handed_in import NOTEBOOK, HandedIn, read_handed_in, read_regular, walk, why_not
from informal_ict.grading.jobs import Failure, Job, Limits, Problem
from informal_ict.grading.marking import Marking

TIMESTAMP = "timestamp.txt"
LONGEST_TIMESTAMP = 1000


@dataclass
class Prepared:
    """A submission that is ready to be run.

    Attributes:
        submission: which one.
        job: what to run; None if there is nothing to run.
        sanitized: text of each notebook as it may be run, by name.
        files: what stands beside the notebooks.
        failures: notebooks that cannot be run.
        missing: notebooks that were not handed in, though others were.
        remarks: what an instructor should know.
        timestamp: when it was handed in, in UTC.
    """

    submission: Submission
    job: Job | None = None
    sanitized: dict[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    timestamp: datetime | None = None


@dataclass(frozen=True)
class AssignmentParts:
    """What all submissions of an assignment share.

    Attributes:
        notebooks: names of its notebooks in the gradebook.
        masters: files of the instructor's version, which replace those handed in.
    """

    notebooks: tuple[str, ...]
    masters: Mapping[str, bytes]


@dataclass(frozen=True)
class Running:
    """How notebooks are run, the same for all.

    Attributes:
        limits: what a submission may use.
        preload: modules that kernels have imported before.
        sandbox: whether they run closed off.
    """

    limits: Limits
    preload: tuple[str, ...]
    sandbox: bool


def read_masters(course: Course, assignment: str, exclude: Collection[str]) -> dict[str, bytes]:
    """Read the files of the instructor's version of an assignment, notebooks aside."""
    folder = Path(course.directory.format_path(course.directory.source_directory, ".", assignment))
    if not folder.is_dir():
        return {}
    paths = [path for path, _ in walk(folder, [*course.directory.ignore, f"*{NOTEBOOK}"])]
    files = {path.relative_to(folder).as_posix(): path for path in paths if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name not in exclude}


def prepare(
    course: Course,
    store: Store,
    marking: Marking,
    submission: Submission,
    parts: AssignmentParts,
    running: Running,
) -> Prepared:
    """Make a submission ready, in the folder that ``marking`` works in.

    What is wrong with it is kept in the result, never raised, so that the others go on.

    Raises:
        GradebookGoneError: if the gradebook cannot be read any more.
        OSError: if the disk is full, or the folder cannot be written to.
    """
    prepared = Prepared(submission)
    found = read_handed_in(submission.folder, course.directory.ignore, running.limits.file_bytes)
    prepared.remarks += found.remarks
    prepared.timestamp, trouble = read_timestamp(submission.folder)
    prepared.remarks += [trouble] if trouble else []
    sort_out(prepared, found, parts)
    with reading(store):
        for name in sorted(set(parts.notebooks) & found.notebooks.keys()):
            failure = sanitize(marking, name, found.notebooks[name])
            if failure:
                prepared.failures.append(failure)
            else:
                path = marking.staging / f"{name}{NOTEBOOK}"
                prepared.sanitized[name] = path.read_text(encoding="utf-8")
    prepared.files = {**found.files, **parts.masters}
    if prepared.sanitized and course.runs:
        prepared.job = Job(
            assignment=submission.assignment,
            student=submission.student,
            notebooks=prepared.sanitized,
            files=prepared.files,
            limits=running.limits,
            preload=running.preload,
            sandbox=running.sandbox,
            execute=course.execute,
        )
    return prepared


def sort_out(prepared: Prepared, found: HandedIn, parts: AssignmentParts) -> None:
    """Compare what was handed in with what the assignment consists of."""
    known = set(parts.notebooks)
    prepared.failures += [failure for failure in found.failures if failure.notebook in known]
    there = found.notebooks.keys() | {failure.notebook for failure in found.failures}
    others = sorted(there - known)
    absent = sorted(known - there)
    if others:
        prepared.remarks.append(
            f"{', '.join(others)}: no notebook of the assignment has this name, so it was not looked at."
        )
    hint = f"There is {', '.join(others)}; perhaps it was renamed." if others else ""
    if known & there:
        prepared.missing = absent
        hint = f"It counts 0. {hint}".strip()
    prepared.failures += [Failure(name, Problem.MISSING, hint) for name in absent]


def sanitize(marking: Marking, name: str, path: Path) -> Failure | None:
    """Let nbgrader's own steps make one notebook safe to run; what they refuse is given back."""
    try:
        marking.sanitize(path)
    except (GradebookGoneError, MemoryError):
        raise
    except Exception as error:
        # The steps are nbgrader's and the course's own, and the notebook may hold anything.
        if isinstance(error, OSError) and error.filename != str(path):
            raise
        return Failure(name, *what_is_wrong(path, error))
    return None


def what_is_wrong(path: Path, error: Exception) -> tuple[Problem, str]:
    """Say in words why a notebook was refused."""
    if isinstance(error, OSError):
        return Problem.NOT_A_NOTEBOOK, f"It cannot be read: {error.strerror}."
    if isinstance(error, SchemaTooOldError | SchemaTooNewError):
        age = "an older" if isinstance(error, SchemaTooOldError) else "a newer"
        return Problem.REFUSED, (
            f"Its cells carry marks of {age} version of nbgrader ({error.actual_version} in place of "
            f"{error.expected_version}). The student can copy the answers into a freshly downloaded notebook."
        )
    try:
        text = read_regular(path).decode("utf-8")
    except UnicodeDecodeError:
        return Problem.NOT_A_NOTEBOOK, "It is not text: perhaps a picture, a PDF or a zip file was renamed."
    if not text.strip():
        return Problem.NOT_A_NOTEBOOK, "The file is empty."
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        return Problem.NOT_A_NOTEBOOK, f"It is damaged, or cut off in the middle ({wrong})."
    if not isinstance(content, dict) or not ({"cells", "worksheets"} & content.keys()):
        return Problem.NOT_A_NOTEBOOK, "It is a file of data, not a notebook."
    if isinstance(error, ValidationError):
        return Problem.REFUSED, f"{error.message}"
    first = str(error).strip().splitlines() or [""]
    return Problem.REFUSED, f"{type(error).__name__}: {first[0]}"


def read_timestamp(folder: Path) -> tuple[datetime | None, str]:
    """When a submission was handed in, in UTC; and what is wrong with its ``timestamp.txt``, if anything."""
    path = folder / TIMESTAMP
    try:
        trouble = why_not(path.lstat(), LONGEST_TIMESTAMP)
        text = "" if trouble else read_regular(path).decode("utf-8").strip()
        if trouble:
            return None, f"{TIMESTAMP} was not read: {trouble[1]}. No time of handing in is known."
        if not text:
            return None, f"{TIMESTAMP} is empty, so no time of handing in is known."
        return parse_utc(text), ""
    except FileNotFoundError:
        return None, ""
    except (ValueError, OverflowError, TypeError, OSError) as error:
        return None, f"{TIMESTAMP} was not understood ({error}), so no time of handing in is known."


def call_hook(
    hook: Callable[..., Any] | None, name: str, submission: Submission, notebooks: Sequence[Path]
) -> list[str]:
    """Call a hook of the course's configuration; a hook that fails stops nothing, as in nbgrader."""
    if hook is None:
        return []
    try:
        hook(
            assignment=submission.assignment,
            student=submission.student,
            notebooks=[str(path) for path in notebooks],
        )
    except Exception as error:
        return [f"The course's {name} failed: {type(error).__name__}: {error}"]
    return []
