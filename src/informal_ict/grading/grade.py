"""Grade a course: nbgrader's own work in this one process, the students' code in others.

The next submissions are made ready while others run. Each is recorded in one transaction as soon as it comes
back, in whatever order.
"""

import errno
import logging
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbgrader.api import Gradebook
from sqlalchemy import Connection
from sqlalchemy.exc import SAWarning

from informal_ict.errors import InputError
from informal_ict.grading.claim import Claim, claim
from informal_ict.grading.course_folder import (
    LOG,
    Course,
    Submission,
    find_submissions,
    importable,
    open_course,
)
from informal_ict.grading.gradebook import GradebookGoneError, Store, open_store, reading
from informal_ict.grading.handed_in import NOTEBOOK
from informal_ict.grading.jobs import Failure, Limits, Problem, Ran
from informal_ict.grading.marking import Marking, new_marking
from informal_ict.grading.outcome import Outcome, State
from informal_ict.grading.pool import Executors
from informal_ict.grading.prepare import (
    AssignmentParts,
    Prepared,
    Running,
    call_hook,
    prepare,
    read_masters,
    read_timestamp,
)
from informal_ict.grading.record import record

LOOK_EVERY = 0.5
THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM}


class Remarks(logging.Handler):
    """Keeps warnings of nbgrader's steps, which it would print, for the submission that they are about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line; a traceback is for nbgrader's own log."""
        self.lines.append(record.getMessage().splitlines()[0])

    def taken(self) -> list[str]:
        """What has been kept, once."""
        lines, self.lines = self.lines, []
        return lines


@dataclass
class Run:
    """A run over a course.

    Attributes:
        course: the course.
        store: its gradebook.
        marking: nbgrader's steps.
        submissions: what there is to grade, with what was graded before.
        executors: where notebooks run.
        running: how they run.
        force: grade also what was graded before.
        remarks: what nbgrader's steps say.
        advisory: a connection to PostgreSQL for the locks that keep two graders apart; none with SQLite.
        began: when this run began, in seconds since 1970.
    """

    course: Course
    store: Store
    marking: Marking
    submissions: Sequence[Submission]
    executors: Executors
    running: Running
    force: bool
    remarks: Remarks
    advisory: Connection | None
    began: float = field(default_factory=time.time)
    _parts: dict[str, AssignmentParts] = field(default_factory=dict)
    _under_way: dict[int, tuple[Claim, Prepared]] = field(default_factory=dict)

    def outcomes(self) -> Iterator[Outcome]:
        """Grade; gives what came of each submission as soon as it is recorded.

        Raises:
            InputError: if nobody's marks can be kept any more; what was recorded before stays.
        """
        try:
            with _disk_said_clearly():
                for number, submission in enumerate(self.submissions):
                    outcome = self._take_up(number, submission)
                    if outcome:
                        yield outcome
                    ahead = self.executors.capacity + 1
                    yield from self._come_back(0 if len(self._under_way) < ahead else None, ahead)
                while self._under_way:
                    yield from self._come_back(LOOK_EVERY, 0)
        finally:
            for claimed, _ in self._under_way.values():
                claimed.release()

    def _come_back(self, seconds: float | None, ahead: int) -> Iterator[Outcome]:
        """Record what has ended; without a time given, until fewer than ``ahead`` are under way."""
        while True:
            for number, ran in self.executors.finished(LOOK_EVERY if seconds is None else seconds):
                claimed, prepared = self._under_way.pop(number)
                yield self._finish(claimed, prepared, ran)
            if seconds is not None or len(self._under_way) < ahead:
                return

    def _take_up(self, number: int, submission: Submission) -> Outcome | None:
        """Claim a submission, make it ready and send it off; gives its outcome if there is nothing to run."""
        place = self.course.place(self.course.directory.autograded_directory, submission)
        claimed = claim(place, self.store, self.advisory)
        if claimed is None:
            return Outcome(submission.assignment, submission.student, State.ELSEWHERE)
        try:
            parts = self._parts_of(submission.assignment)
            if not self._is_due(submission, claimed, parts):
                claimed.release()
                return Outcome(submission.assignment, submission.student, State.SKIPPED)
            prepared = self._prepare(submission, claimed, parts)
            prepared.remarks += self.remarks.taken()
        except BaseException:
            claimed.release()
            raise
        if prepared.job is None:
            return self._finish(claimed, prepared, None)
        self._under_way[number] = (claimed, prepared)
        self.executors.submit(number, prepared.job)
        return None

    def _prepare(self, submission: Submission, claimed: Claim, parts: AssignmentParts) -> Prepared:
        notebooks = sorted(submission.folder.glob(f"*{NOTEBOOK}"))
        said = call_hook(self.marking.pre_convert_hook, "pre_convert_hook", submission, notebooks)
        self.marking.work_on(submission, claimed.staging)
        try:
            prepared = prepare(self.course, self.store, self.marking, submission, parts, self.running)
        except (InputError, MemoryError):
            raise
        except Exception as error:
            _raise_if_it_stops_all(error, submission.folder)
            failures = [Failure(name, Problem.REFUSED, _words(error)) for name in parts.notebooks]
            prepared = Prepared(submission, failures=failures)
        prepared.remarks += said
        return prepared

    def _finish(self, claimed: Claim, prepared: Prepared, ran: Ran | None) -> Outcome:
        submission = prepared.submission
        self.remarks.taken()
        try:
            self.marking.work_on(submission, claimed.staging)
            try:
                outcome = self._record(claimed, prepared, ran)
            except (InputError, MemoryError):
                raise
            except Exception as error:
                # What came back may hold anything: a file and a folder of one name, text that is no text.
                _raise_if_it_stops_all(error, submission.folder)
                outcome = self._record_as_failed(claimed, prepared, ran, error)
        finally:
            self.remarks.taken()  # they are of this submission, and the next one has its own
            claimed.release()
        notebooks = sorted(claimed.place.glob(f"*{NOTEBOOK}"))
        said = call_hook(self.marking.post_convert_hook, "post_convert_hook", submission, notebooks)
        return replace(outcome, remarks=(*outcome.remarks, *said))

    def _record_as_failed(
        self, claimed: Claim, prepared: Prepared, ran: Ran | None, error: Exception
    ) -> Outcome:
        """Take back what an earlier attempt earned, since this one could not be recorded."""
        failures = tuple(Failure(name, Problem.REFUSED, _words(error)) for name in prepared.sanitized)
        evidence, seconds = (ran.evidence, ran.seconds) if ran else ((), 0)
        bare = replace(prepared, files={}, sanitized={})
        try:
            return self._record(claimed, bare, Ran({}, {}, failures, evidence, seconds))
        except (InputError, MemoryError):
            raise
        except Exception as second:
            # Such as a student who is not in the gradebook, where the course does not let nbgrader add one.
            submission = prepared.submission
            _raise_if_it_stops_all(second, submission.folder)
            remarks = ("Nothing was recorded.", *prepared.remarks)
            return Outcome(
                submission.assignment, submission.student, State.FAILED, failures, evidence, remarks
            )

    def _record(self, claimed: Claim, prepared: Prepared, ran: Ran | None) -> Outcome:
        return record(self.store, self.marking, claimed, prepared, ran, self.remarks.lines)

    def _parts_of(self, assignment: str) -> AssignmentParts:
        if assignment not in self._parts:
            with reading(self.store), Gradebook(self.store.url, self.store.course_id) as gradebook:
                names = tuple(one.name for one in gradebook.find_assignment(assignment).notebooks)
            exclude = self.marking.exclude_overwriting.get(assignment, [])
            self._parts[assignment] = AssignmentParts(names, read_masters(self.course, assignment, exclude))
        return self._parts[assignment]

    def _is_due(self, submission: Submission, claimed: Claim, parts: AssignmentParts) -> bool:
        """Whether to grade a submission: it is new, newer, not whole, or asked for."""
        place = claimed.place
        if claimed.interrupted or not place.exists():
            return True
        if self.force:
            # Another grader may have finished it since this run began.
            return place.stat().st_mtime < self.began
        new, old = read_timestamp(submission.folder)[0], read_timestamp(place)[0]
        if new is not None and old is not None and new > old:
            return True
        names = [f"{name}{NOTEBOOK}" for name in parts.notebooks]
        return any((submission.folder / name).exists() and not (place / name).exists() for name in names)


@contextmanager
def open_run(
    root: Path,
    assignments: Sequence[str],
    students: Sequence[str],
    executors: Executors,
    preload: tuple[str, ...],
    sandbox: bool,
    force: bool,
) -> Iterator[Run]:
    """Make ready to grade a course.

    Args:
        root: the course's folder.
        assignments: which ones; all that were handed in if none is named.
        students: names or patterns; all if there is none.
        executors: where notebooks run.
        preload: modules that kernels have imported before; none for the usual ones.
        sandbox: whether notebooks run closed off.
        force: grade also what was graded before.

    Raises:
        InputError: if the course cannot be graded.
    """
    with ExitStack() as stack:
        stack.enter_context(importable(root.resolve()))
        remarks = stack.enter_context(_remarks())
        # nbgrader adds a submission in a way that SQLAlchemy warns of, and that is right.
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", SAWarning)
        course = open_course(root)
        store = stack.enter_context(open_store(course.directory.db_url, course.directory.course_id))
        advisory = stack.enter_context(store.new_connection()) if store.is_postgresql else None
        known = _known_assignments(store)
        for name in assignments:
            if name not in known:
                among = ", ".join(known) or "none"
                raise InputError(f"{name}: the gradebook has no assignment of this name (it has {among}).")
        submissions = find_submissions(course, assignments or known, students)
        yield Run(
            course=course,
            store=store,
            marking=new_marking(course),
            submissions=submissions,
            executors=executors,
            running=Running(_limits(course), preload, sandbox),
            force=force,
            remarks=remarks,
            advisory=advisory,
        )


def _limits(course: Course) -> Limits:
    """The usual limits, with what the course's configuration says otherwise."""
    usual = Limits()
    cell = course.cell_seconds
    if cell is None or cell <= 0:
        limits = replace(usual, **course.limits)
        return replace(limits, cell_seconds=limits.wall_seconds)
    limits = replace(usual, cell_seconds=cell, wall_seconds=max(usual.wall_seconds, 2 * cell))
    return replace(limits, **course.limits)


def _known_assignments(store: Store) -> list[str]:
    with reading(store), Gradebook(store.url, store.course_id) as gradebook:
        return sorted(str(one.name) for one in gradebook.assignments)


@contextmanager
def _remarks() -> Iterator[Remarks]:
    """Keep what nbgrader's steps log from the screen, and hand it to the outcome."""
    remarks = Remarks()
    log = logging.getLogger(LOG)
    before = log.propagate
    log.addHandler(remarks)
    log.propagate = False
    try:
        yield remarks
    finally:
        log.removeHandler(remarks)
        log.propagate = before


def _raise_if_it_stops_all(error: Exception, handed_in: Path) -> None:
    """Go on only if the fault is in what was handed in."""
    if isinstance(error, OSError) and error.errno in THE_DISK:
        place = error.filename
        if not (isinstance(place, str) and Path(place).is_relative_to(handed_in)):
            raise error
    if type(error).__module__.startswith("sqlalchemy."):
        raise GradebookGoneError(f"The gradebook cannot be used: {error}") from error


@contextmanager
def _disk_said_clearly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in THE_DISK:
            raise
        place = f"{error.filename}: " if error.filename else ""
        raise InputError(
            f"{place}{error.strerror}. What was recorded before is kept; put this right and run again."
        ) from error


def _words(error: Exception) -> str:
    first = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {first[0]}"
