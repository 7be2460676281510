"""What came of a run: for each submission, and in all; as data for other programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from informal_ict.grading.jobs import Evidence, Failure


class State(StrEnum):
    """What was done with a submission."""

    GRADED = "graded"
    FAILED = "failed"
    SKIPPED = "graded before"
    ELSEWHERE = "with another grader"


@dataclass(frozen=True)
class Outcome:
    """What came of one submission.

    Attributes:
        assignment: its name.
        student: whose it is.
        state: what was done.
        failures: notebooks that were not graded, or only in part, and why.
        evidence: signs of interference, for a person to judge.
        remarks: what else the steps of grading had to say.
        waiting: cells that need marks by hand.
        score: as the gradebook has it; None if nothing was recorded in this run.
        max_score: what it could be.
        seconds: wall time its notebooks took.
    """

    assignment: str
    student: str
    state: State
    failures: tuple[Failure, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    remarks: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    score: float | None = None
    max_score: float | None = None
    seconds: float = 0

    @property
    def needs_a_person(self) -> bool:
        """Whether something did not go as it should, marks by hand aside."""
        return bool(self.failures or self.evidence)


def as_json(course: str, seconds: float, outcomes: Sequence[Outcome], stopped: str = "") -> str:
    """The whole run as one JSON document.

    Args:
        course: its folder.
        seconds: wall time of the run.
        outcomes: of each submission.
        stopped: why the run ended before its end, if it did.
    """
    counts = {state.name.lower(): sum(one.state is state for one in outcomes) for state in State}
    document = {
        "course": course,
        "seconds": round(seconds, 2),
        "stopped": stopped or None,
        **counts,
        "needs_a_person": sum(one.needs_a_person for one in outcomes),
        "waiting_for_marks_by_hand": sum(bool(one.waiting) for one in outcomes),
        "submissions": [
            _as_data(one) for one in sorted(outcomes, key=lambda one: (one.assignment, one.student))
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _as_data(outcome: Outcome) -> dict[str, object]:
    data = asdict(outcome)
    data["seconds"] = round(outcome.seconds, 3)
    data["failures"] = [
        {
            "notebook": one.notebook,
            "problem": one.problem.name.lower(),
            "means": str(one.problem),
            "detail": one.detail,
        }
        for one in outcome.failures
    ]
    return data
