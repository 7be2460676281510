"""The self-assessment before and after a workshop, paired by a code word.

Each person's score in an area is the mean of their marks there, and a person counts in an area who marked all
of its statements both times. The change is the mean of the differences, with the 95 percent interval of the
paired t test (Student 1908, as SciPy computes it). With few people it is wide, as it should be; a bootstrap
resamples the same few and comes out too narrow.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import ttest_rel

from informal_ict.compare.disclosure import SMALLEST_GROUP, can_show
from informal_ict.compare.read import Answers, Person
from informal_ict.compare.summarise import Share, wilson
from informal_ict.self_assessment.model import LEVELS, SelfAssessment

ALL = "All five areas"


@dataclass(frozen=True)
class Change:
    """Means before and after, and their difference with its 95 percent interval, in marks from 1 to 4."""

    before: float
    after: float
    change: float
    low: float
    high: float
    rose: Share | None


@dataclass(frozen=True)
class AreaChange:
    """One area: how many pairs count in it, and what may be shown of them."""

    name: str
    pairs: int | None
    change: Change | None
    why_hidden: str


@dataclass(frozen=True)
class Unpaired:
    """How many answers could not be paired, and why."""

    only_before: int
    only_after: int
    shared_word: int
    without_word: int


@dataclass(frozen=True)
class BeforeAfter:
    """Everything that a report may show."""

    pairs: int
    smallest: int
    areas: tuple[AreaChange, ...]
    overall: AreaChange
    unpaired: Unpaired


def compare_before_after(
    before: Answers, after: Answers, assessment: SelfAssessment, smallest: int = SMALLEST_GROUP
) -> BeforeAfter:
    """Pair the answers and work out the change in each area.

    Hidden are an area with fewer pairs than ``smallest``, one in which all marks or all changes are alike
    (then the mean would be everybody's own), and, if any area is hidden, the mean of all of them, from which
    it could be worked out.
    """
    first, first_shared, first_without = _by_word(before.people)
    second, second_shared, second_without = _by_word(after.people)
    shared = first_shared | second_shared
    words = sorted((first.keys() & second.keys()) - shared)
    pairs = [(first[word], second[word]) for word in words]
    areas = tuple(
        _area(area.name, [statement.key for statement in area.statements], pairs, smallest)
        for area in assessment.areas
    )
    keys = [statement.key for statement in assessment.statements]
    overall = _area(ALL, keys, pairs, smallest)
    if any(area.change is None for area in areas):
        overall = AreaChange(ALL, None, None, "not shown, since a hidden area could be worked out from it")
    return BeforeAfter(
        pairs=len(pairs),
        smallest=smallest,
        areas=areas,
        overall=overall,
        unpaired=Unpaired(
            only_before=len(first.keys() - second.keys() - shared),
            only_after=len(second.keys() - first.keys() - shared),
            shared_word=sum(person.code_word in shared for person in (*before.people, *after.people)),
            without_word=first_without + second_without,
        ),
    )


def _by_word(people: Sequence[Person]) -> tuple[dict[str, Person], set[str], int]:
    """People by code word, the words that several chose, and how many gave none."""
    words = Counter(person.code_word for person in people if person.code_word)
    shared = {word for word, count in words.items() if count > 1}
    by_word = {person.code_word: person for person in people if person.code_word}
    return by_word, shared, sum(not person.code_word for person in people)


def _area(
    name: str, keys: Sequence[str], pairs: Sequence[tuple[Person, Person]], smallest: int
) -> AreaChange:
    scores = [
        (_score(one.given, keys), _score(other.given, keys))
        for one, other in pairs
        if _complete(one.given, keys) and _complete(other.given, keys)
    ]
    if len(scores) < smallest:
        return AreaChange(name, None, None, "not shown, because too few people marked all of it both times")
    before, after = np.array(scores).T
    if any(np.ptp(marks) == 0 for marks in (before, after, after - before)):
        return AreaChange(name, len(scores), None, "not shown, because all marks or all changes are alike")
    return AreaChange(name, len(scores), _change(before, after, smallest), "")


def _change(before: "np.ndarray", after: "np.ndarray", smallest: int) -> Change:
    interval = ttest_rel(after, before).confidence_interval(0.95)
    most = LEVELS - 1
    rose = int((after > before).sum())
    return Change(
        before=float(before.mean()),
        after=float(after.mean()),
        change=float((after - before).mean()),
        low=max(float(interval.low), -most),
        high=min(float(interval.high), most),
        rose=wilson(rose, len(before)) if can_show(rose, len(before), smallest) else None,
    )


def _complete(given: Mapping[str, tuple[str, ...]], keys: Sequence[str]) -> bool:
    return all(given[key] for key in keys)


def _score(given: Mapping[str, tuple[str, ...]], keys: Sequence[str]) -> float:
    return sum(int(given[key][0]) for key in keys if given[key]) / len(keys)
