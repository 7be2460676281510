"""Counting a group's answers, and setting what may be shown beside the published survey."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from informal_ict.compare.disclosure import NOTHING, SMALLEST_GROUP, Shown, Side, can_show, show_several
from informal_ict.compare.disclosure import show_single as show_one
from informal_ict.compare.instrument import EVERYONE, Instrument, Option, Question
from informal_ict.compare.read import Answers, Person
from informal_ict.intervals import wilson_interval
from informal_ict.published import Country, PublishedNumber

Place = Literal["below", "within", "above"]
Why = Literal["", "base hidden", "too few"]


@dataclass(frozen=True)
class Share:
    """A count that may be shown.

    Attributes:
        count: how many gave the answer.
        people: how many answered the question.
        low: lower end of the 95 percent Wilson interval, in percent.
        high: its upper end.
    """

    count: int
    people: int
    low: float
    high: float

    @property
    def percent(self) -> float:
        """The share in percent."""
        return 100 * self.count / self.people

    def place_of(self, percent: float) -> Place:
        """Where a percentage lies, seen from the interval."""
        if percent < self.low:
            return "below"
        return "above" if percent > self.high else "within"


@dataclass(frozen=True)
class OptionSummary:
    """One answer to a question: its share if it may be shown, or what may be said of it."""

    option: Option
    share: Share | None
    side: Side
    published: Mapping[Country, PublishedNumber]


@dataclass(frozen=True)
class QuestionSummary:
    """One question.

    Attributes:
        question: what was asked.
        people: how many answered it, if that may be shown.
        options: its answers.
        rest: the share of all answers but the compared one, where only these two may be shown.
        why_hidden: why nothing of the question is shown, if that is so.
    """

    question: Question
    people: int | None
    options: tuple[OptionSummary, ...]
    rest: Share | None
    why_hidden: Why


@dataclass(frozen=True)
class Summary:
    """Everything that a report may show."""

    people: int
    smallest: int
    questions: tuple[QuestionSummary, ...]

    @property
    def compared(self) -> list[tuple[QuestionSummary, OptionSummary]]:
        """Each answer that stands beside a published figure."""
        return [(one, option) for one in self.questions for option in one.options if option.option.line]


def summarise(
    answers: Answers,
    instrument: Instrument,
    published: Mapping[str, PublishedNumber],
    smallest: int = SMALLEST_GROUP,
) -> Summary:
    """Count the answers and hide what small numbers would betray.

    Who left a question blank is not counted in it, and who left blank the question that decides on a
    follow-up is not counted there.

    Args:
        answers: what was read.
        instrument: what was asked.
        published: the published numbers, by id.
        smallest: no number stands for fewer people than this.
    """
    questions = [
        _question(question, answers.people, instrument, published, smallest)
        for question in instrument.questions
    ]
    return Summary(len(answers.people), smallest, tuple(questions))


def wilson(count: int, people: int) -> Share:
    """A share with its 95 percent interval (Wilson 1927)."""
    return Share(count, people, *wilson_interval(count, people))


def _question(
    question: Question,
    people: Sequence[Person],
    instrument: Instrument,
    published: Mapping[str, PublishedNumber],
    smallest: int,
) -> QuestionSummary:
    given = [codes for codes in _given(question, people, instrument) if codes]
    counts = Counter({option.code: 0 for option in question.options})
    counts.update(code for codes in given for code in codes)
    if not _base_is_shown(question, people, instrument, smallest):
        return _summary(question, None, NOTHING, published, "base hidden")
    answered = len(given) if len(given) >= smallest else None
    if len(given) < 2 * smallest:
        return _summary(question, answered, NOTHING, published, "too few")
    if question.several:
        shown = show_several(counts, len(given), smallest)
    else:
        compared = next((option.code for option in question.compared), None)
        shown = show_one(counts, compared, len(given), smallest)
    return _summary(question, answered, shown, published, "")


def _given(question: Question, people: Sequence[Person], instrument: Instrument) -> list[tuple[str, ...]]:
    """What those of the base answered, blanks included."""
    if question.base == EVERYONE:
        return [person.given[question.name] for person in people]
    gate = instrument.gates[question.base]
    return [person.given[question.name] for person in people if person.given[gate.question] == (gate.code,)]


def _base_is_shown(
    question: Question, people: Sequence[Person], instrument: Instrument, smallest: int
) -> bool:
    """Whether the count that makes the base is itself shown; otherwise it could be read off the follow-up."""
    if question.base == EVERYONE:
        return True
    gate = instrument.gates[question.base]
    said = [person.given[gate.question] for person in people if person.given[gate.question]]
    return can_show(said.count((gate.code,)), len(said), smallest)


def _summary(
    question: Question,
    answered: int | None,
    shown: Shown,
    published: Mapping[str, PublishedNumber],
    why: Why,
) -> QuestionSummary:
    options = tuple(
        OptionSummary(
            option,
            wilson(shown.counts[option.code], answered) if answered and option.code in shown.counts else None,
            shown.sides.get(option.code, ""),
            {country: published[key] for country, key in option.published.items()},
        )
        for option in question.options
    )
    rest = wilson(shown.rest, answered) if answered and shown.rest is not None else None
    return QuestionSummary(question, answered, options, rest, why)
