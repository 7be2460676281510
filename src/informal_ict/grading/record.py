"""Write a submission that has been run into the gradebook and into ``autograded/``: all of it, or nothing.

What a person has given, marks and comments, is never touched. A notebook that could not be graded keeps no
automatic score of an earlier attempt: its cells wait for marks by hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader.api import BaseCell, Grade, Gradebook, InvalidEntry, MissingEntry, SubmittedNotebook
from nbgrader.utils import setenv

from informal_ict.grading.claim import Claim, remove
from informal_ict.grading.gradebook import GradebookGoneError, Store, transaction
from informal_ict.grading.handed_in import NOTEBOOK
from informal_ict.grading.jobs import Failure, Problem, Ran
from informal_ict.grading.marking import Marking
from informal_ict.grading.outcome import Outcome, State
from informal_ict.grading.prepare import Prepared

# Its code was looked at and did this, so it will do it again; the others may go well at the next run.
ITS_OWN_DOING = {
    Problem.KERNEL_DIED,
    Problem.OUT_OF_MEMORY,
    Problem.OUT_OF_TIME,
    Problem.TOO_MUCH_WRITTEN,
}
TRIES = 3


@dataclass(frozen=True)
class Standing:
    """What the gradebook says about a submission.

    Attributes:
        score: its score, before a penalty for lateness.
        max_score: what it could be.
        waiting: cells that need marks by hand, as notebook/cell.
    """

    score: float
    max_score: float
    waiting: tuple[str, ...]


def record(
    store: Store, marking: Marking, claimed: Claim, prepared: Prepared, ran: Ran | None, log: list[str]
) -> Outcome:
    """Record a submission.

    Args:
        store: the gradebook.
        marking: nbgrader's steps, working in the folder of the claim.
        claimed: the submission's folder.
        prepared: what was made ready.
        ran: what came of running it; None if nothing was run.
        log: warnings of nbgrader's steps, which grow while they work.

    Raises:
        GradebookGoneError: if the gradebook cannot be written to any more; then nothing was recorded.
        OSError: if the disk is full; then nothing was recorded.
    """
    submission = prepared.submission
    finished = dict(ran.notebooks) if ran else dict(prepared.sanitized)
    failures = {one.notebook: one for one in prepared.failures}
    failures |= {one.notebook: one for one in ran.failures} if ran else {}
    for name in prepared.sanitized.keys() - finished.keys() - failures.keys():
        failures[name] = Failure(name, Problem.MACHINE, "It did not come back from where it was run.")
    seen = len(log)
    tries = 0
    while True:
        del log[seen:]
        try:
            with transaction(store):
                _write(store, marking, prepared, ran, finished, failures)
                standing = _standing(submission.assignment, submission.student, store)
                claimed.recorded = True  # or about to be, which nobody can tell apart after an exception
            break
        except _RefusedError as refused:
            failures[refused.failure.notebook] = refused.failure
        except InvalidEntry as error:
            # Another grader has just made the same student.
            tries += 1
            if tries == TRIES:
                raise GradebookGoneError(f"{store.shown}: {error}") from error
    if any(claimed.staging.glob(f"*{NOTEBOOK}")):
        claimed.put_in_place()
    else:
        claimed.take_away()
    ungraded = [one for one in failures.values() if one.notebook not in prepared.missing]
    return Outcome(
        assignment=submission.assignment,
        student=submission.student,
        state=State.FAILED if ungraded else State.GRADED,
        failures=tuple(failures[name] for name in sorted(failures)),
        evidence=ran.evidence if ran else (),
        remarks=(*prepared.remarks, *log),
        waiting=standing.waiting,
        score=standing.score,
        max_score=standing.max_score,
        seconds=ran.seconds if ran else 0,
    )


class _RefusedError(Exception):
    """A step refused a notebook: the transaction is undone, and tried again without that notebook."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


def _write(
    store: Store,
    marking: Marking,
    prepared: Prepared,
    ran: Ran | None,
    finished: Mapping[str, str],
    failures: Mapping[str, Failure],
) -> None:
    """Do everything that belongs to one transaction.

    Raises:
        _RefusedError: if one of nbgrader's steps after running refuses a notebook.
    """
    _empty(marking.staging)
    _write_files(marking.staging, {**prepared.files, **(ran.files if ran else {})})
    _enrol(store, marking, prepared)
    for name, failure in failures.items():
        if name not in prepared.missing:
            _wait_for_a_person(store, prepared, name)
        if failure.problem in ITS_OWN_DOING or (failure.problem is Problem.REFUSED and name in finished):
            text = finished.get(name) or prepared.sanitized[name]
            _write_noted(marking.staging / f"{name}{NOTEBOOK}", text, failure)
    for name in sorted(finished.keys() - failures.keys()):
        (marking.staging / f"{name}{NOTEBOOK}").write_text(finished[name], encoding="utf-8")
        try:
            with setenv(NBGRADER_EXECUTION="autograde"):
                marking.mark(name)
        except (GradebookGoneError, OSError, MemoryError):
            raise
        except Exception as error:
            # nbgrader's steps refuse, for instance, more points than a cell has; the course may add its own.
            _raise_if_of_the_database(error)
            first = str(error).strip().splitlines() or [""]
            failure = Failure(name, Problem.REFUSED, f"{type(error).__name__}: {first[0]}")
            raise _RefusedError(failure) from error
    marking.give_permissions()


def _raise_if_of_the_database(error: Exception) -> None:
    if type(error).__module__.startswith("sqlalchemy.") or isinstance(error, InvalidEntry):
        raise error


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        remove(path)


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or path.suffix == NOTEBOOK:
            continue
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _enrol(store: Store, marking: Marking, prepared: Prepared) -> None:
    """Make the student and the submission known; give 0 for notebooks that are missing among others."""
    submission = prepared.submission
    assignment, student = submission.assignment, submission.student
    with Gradebook(store.url, store.course_id) as gradebook:
        if marking.create_student:
            gradebook.update_or_create_student(student)
        else:
            gradebook.find_student(student)
        recorded = gradebook.update_or_create_submission(assignment, student)
        if prepared.timestamp:
            recorded.timestamp = prepared.timestamp  # type: ignore[assignment]  # as SQLAlchemy has it
        for name in prepared.missing:
            for grade in gradebook.find_submission_notebook(name, assignment, student).grades:
                grade.auto_score = 0
                grade.needs_manual_grade = False
        gradebook.db.commit()


def _wait_for_a_person(store: Store, prepared: Prepared, name: str) -> None:
    """Take back what the computer gave for a notebook; what a person gave stays."""
    submission = prepared.submission
    with Gradebook(store.url, store.course_id) as gradebook:
        try:
            notebook = gradebook.find_submission_notebook(name, submission.assignment, submission.student)
        except MissingEntry:
            return
        for grade in notebook.grades:
            grade.auto_score = None
            grade.needs_manual_grade = True
        for comment in notebook.comments:
            comment.auto_comment = None
        notebook.late_submission_penalty = None  # type: ignore[assignment]
        gradebook.db.commit()


def _write_noted(path: Path, text: str, failure: Failure) -> None:
    """Keep a notebook that did not run to its end, so that a person finds it in formgrader and knows why."""
    notebook = nbformat.reads(text, as_version=4)
    detail = f" {failure.detail}" if failure.detail else ""
    note = f"**This notebook was not graded by the computer: {failure.problem}.**{detail}"
    notebook.cells.insert(0, new_markdown_cell(note))
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    nbformat.write(notebook, path)


def _standing(assignment: str, student: str, store: Store) -> Standing:
    with Gradebook(store.url, store.course_id) as gradebook:
        recorded = gradebook.find_submission(assignment, student)
        rows: Iterable[Any] = (
            gradebook.db.query(BaseCell.name, SubmittedNotebook)
            .join(Grade, Grade.cell_id == BaseCell.id)
            .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
            .filter(SubmittedNotebook.assignment_id == recorded.id, Grade.needs_manual_grade)
            .all()
        )
        waiting = tuple(sorted(f"{notebook.name}/{cell}" for cell, notebook in rows))
        scores: tuple[Any, Any] = (recorded.score, recorded.max_score)
        return Standing(float(scores[0]), float(scores[1]), waiting)
