"""What may be shown of a small group, so that nobody's answer can be worked out.

The rule for everything on a report is that no number stands for fewer people than a threshold, and none
leaves fewer than that over. Then a hidden number must not be found by subtraction either:

* Of a question with one answer, either every answer is shown, or the answer that is compared and all others
  together, or nothing.
* Everyone who answers a question with several answers gives at least one. If the shown counts are so small
  that this alone would betray a hidden one, nothing of the question is shown. (To hide one more count is not
  enough: whoever knows how it was chosen can work it out, as the test found.)
* Who is asked a follow-up is known from the question before it. Where that count is hidden, the follow-up is
  hidden whole, because its base is that count.

With fewer people than twice the threshold nothing can be shown. How many left a question blank is not hidden:
a blank is no answer. ``tests/test_compare_disclosure.py`` goes through every small group and shows that each
report fits several sets of answers.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

SMALLEST_GROUP = 5
LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 3, 20

Side = Literal["few", "nearly all", ""]


class Shown(NamedTuple):
    """What is shown of the counts of a question.

    Attributes:
        counts: those that are shown, by code.
        rest: how many gave any other answer, where only the compared one is shown.
        sides: of those that are hidden, whether they are below the threshold or leave less than it over.
    """

    counts: Mapping[str, int]
    rest: int | None
    sides: Mapping[str, Side]


NOTHING = Shown({}, None, {})


def can_show(count: int, people: int, smallest: int) -> bool:
    """Whether a count and what is left of its base are both large enough."""
    return count >= smallest and people - count >= smallest


def show_single(
    counts: Mapping[str, int], compared: str | None, people: int, smallest: int = SMALLEST_GROUP
) -> Shown:
    """What may be shown of a question with one answer.

    Args:
        counts: how many gave each answer.
        compared: the answer with a published figure, if there is one.
        people: how many answered.
        smallest: the threshold.
    """
    if people < 2 * smallest:
        return NOTHING
    if all(count >= smallest for count in counts.values()):
        return Shown(dict(counts), None, {})
    if compared is None:
        return NOTHING
    count = counts[compared]
    if can_show(count, people, smallest):
        return Shown({compared: count}, people - count, {})
    return Shown({}, None, {compared: _side(count, smallest)})


def show_several(counts: Mapping[str, int], people: int, smallest: int = SMALLEST_GROUP) -> Shown:
    """What may be shown of a question of which everyone who answers chooses one option or more."""
    if people < 2 * smallest:
        return NOTHING
    shown = {code: count for code, count in counts.items() if can_show(count, people, smallest)}
    sides = {code: _side(count, smallest) for code, count in counts.items() if code not in shown}
    # If all hidden counts are small, the others must cover so many people that any one of them could be zero.
    not_covered = people - sum(shown.values())
    betrayed = "nearly all" not in sides.values() and not_covered > (smallest - 1) * (len(sides) - 1)
    return NOTHING if sides and betrayed else Shown(shown, None, sides)


def _side(count: int, smallest: int) -> Side:
    return "few" if count < smallest else "nearly all"


def threshold_fault(smallest: int) -> str:
    """Why a threshold is not accepted, or nothing."""
    if LOWEST_THRESHOLD <= smallest <= HIGHEST_THRESHOLD:
        return ""
    return f"the smallest group must be between {LOWEST_THRESHOLD} and {HIGHEST_THRESHOLD}, not {smallest}"
