"""What the simulation starts from, read together."""

from dataclasses import dataclass
from pathlib import Path

from informal_ict.published import PublishedNumber, load_published
from informal_ict.questionnaire import Questionnaire, load_questionnaire
from informal_ict.simulate.assumptions import Assumptions, load_assumptions


@dataclass(frozen=True)
class Sources:
    """The questionnaire, what was published about its answers, and what had to be assumed."""

    questionnaire: Questionnaire
    published: tuple[PublishedNumber, ...]
    assumptions: Assumptions


def load_sources(data: Path) -> Sources:
    """Read the three files in ``data``.

    Raises:
        InputError: naming the file and place of the first fault.
    """
    questionnaire = load_questionnaire(data / "questionnaire.yml")
    published = load_published(data / "published.csv", questionnaire)
    assumptions = load_assumptions(questionnaire, data / "assumptions.yml")
    return Sources(questionnaire, tuple(published.values()), assumptions)
