"""What the survey found about the situation of a case, in rows ready to be shown."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from informal_ict.published import PublishedNumber
from informal_ict.questionnaire import Questionnaire

CERTAINTY = {
    "seen": "seen in a copy of the source",
    "recalled": "recalled; check it against the current text",
    "to check": "must be checked before use",
}
NOT_STATED = "not stated"
STANDARDS_LEAD = (
    "Numbers are the codes' own; the words are ours. After each stands how sure we are of number and words."
)


class Finding(NamedTuple):
    """One published number as a row of a table."""

    id: str
    what: str
    country: str
    value: str
    base: str


def findings(
    ids: Sequence[str], numbers: Mapping[str, PublishedNumber], questionnaire: Questionnaire
) -> list[Finding]:
    """The rows for some published numbers. Raises KeyError for an id that is not there."""
    return [_finding(numbers[key], questionnaire) for key in ids]


def caveats(ids: Sequence[str], numbers: Mapping[str, PublishedNumber]) -> list[str]:
    """The notes on some published numbers, each once."""
    return list(dict.fromkeys(numbers[key].note for key in ids if numbers[key].note))


def _finding(number: PublishedNumber, questionnaire: Questionnaire) -> Finding:
    what = number.variable or number.level or number.slide
    if number.variable in questionnaire.names:
        variable = questionnaire[number.variable]
        levels = [level.text for level in variable.levels if level.value in number.level.split("|")]
        said = "" if number.level in ("", "yes") else f": {' or '.join(levels).lower()}"
        what = f"{variable.label}{said}"
    base = questionnaire.bases[number.base].phrase if number.base in questionnaire.bases else number.base
    if number.status == "ambiguous":
        base = f"{base} (probably; the source does not say)"
    return Finding(number.id, what, number.country, number.display, base or NOT_STATED)
