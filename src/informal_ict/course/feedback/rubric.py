"""The criteria of a task, and which level of each an answer reached, as far as the marks tell.

nbgrader keeps one score for a task. The criteria stand in its mark scheme, as
``informal_ict.assignments.rubrics.mark_scheme`` writes them; any course may write them so:

    **1. What you found**

    - 2: Names two settings with their percentages.
    - 1: Names one.
    - 0: Names none.

A marker who begins a comment with ``2 + 1 + 0`` says which level of each criterion was reached. Without it the
levels are known only if no other combination adds up to the score, above all for full marks and for none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product

from pydantic import ValidationError

from informal_ict.assignments.rubrics import Criterion, Level

TITLE = re.compile(r"^\*\*(?:\d+\. )?(?P<title>[^*\n]+)\*\*\s*$")
LEVEL = re.compile(r"^[-*] (?P<marks>\d+): (?P<text>.+)$")
SUM = re.compile(r"\s*(?P<marks>\d+(?:\s*\+\s*\d+)+)(?:\s*=\s*\d+(?:\s+points?)?)?(?=\s|[.:,;]|\Z)[.:,;]?\s*")


@dataclass(frozen=True)
class Judged:
    """One criterion with the level that was reached.

    Attributes:
        criterion: what is looked for, with its levels.
        reached: the marks of the level, if they are known.
    """

    criterion: Criterion
    reached: int | None


def criteria_in(mark_scheme: str) -> list[Criterion]:
    """Read the criteria that stand in a mark scheme; what is written in another way is passed over."""
    found: list[tuple[str, list[Level]]] = []
    for line in mark_scheme.splitlines():
        if title := TITLE.match(line):
            found.append((title["title"].strip(), []))
        elif found and (level := LEVEL.match(line)):
            found[-1][1].append(Level(marks=int(level["marks"]), text=level["text"]))
    criteria = []
    for name, levels in found:
        try:
            criteria.append(Criterion(title=name, levels=levels))
        except ValidationError:
            continue  # a bold line of another kind, such as the heading of an exemplar
    return criteria


def judged(criteria: Sequence[Criterion], score: float, comment: str) -> tuple[list[Judged], str]:
    """Find the level of each criterion.

    Args:
        criteria: of the task.
        score: what the marker gave in all.
        comment: what the marker wrote.

    Returns:
        The criteria with their levels where these are known, and the comment without the sum that told them.
    """
    allowed = [{level.marks for level in criterion.levels} for criterion in criteria]
    written = SUM.match(comment)
    if written:
        marks = [int(mark) for mark in re.findall(r"\d+", written["marks"])]
        fits = len(marks) == len(allowed) and all(m in one for m, one in zip(marks, allowed, strict=True))
        if fits and sum(marks) == score:
            return _with(criteria, marks), comment[written.end() :]
    ways = (marks for marks in product(*allowed) if sum(marks) == score)
    only = list(islice(ways, 2))
    return _with(criteria, only[0] if len(only) == 1 else [None] * len(criteria)), comment


def _with(criteria: Sequence[Criterion], marks: Sequence[int | None]) -> list[Judged]:
    return [Judged(criterion, mark) for criterion, mark in zip(criteria, marks, strict=True)]
