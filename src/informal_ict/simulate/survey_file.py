"""Write data/survey.csv: simulate both countries, check every published number, then replace the file."""

from pathlib import Path

import pandas as pd

from informal_ict.files import write_atomically
from informal_ict.published import load_published
from informal_ict.questionnaire import load_questionnaire
from informal_ict.simulate.respondents import simulate_country
from informal_ict.simulate.sources import load_sources
from informal_ict.verify import read_survey, require_all_match, verify

COUNTRIES = {"Canada": "CA", "United States": "US"}


def simulated_survey(data: Path) -> pd.DataFrame:
    """The 3,834 simulated respondents, with ``NA`` for unanswered and the empty string for not asked.

    Args:
        data: the folder with published.csv, questionnaire.yml and assumptions.yml.

    Raises:
        InputError: if one of them is faulty or a published figure cannot be met.
    """
    sources = load_sources(data)
    earlier: pd.DataFrame | None = None
    countries = []
    for country, prefix in COUNTRIES.items():
        people = simulate_country(country, sources, earlier)
        earlier = people
        identifiers = [f"{prefix}-{number:04d}" for number in range(1, len(people) + 1)]
        people = people.copy()
        people.insert(0, "id", identifiers)
        people.insert(1, "country", country)
        countries.append(people)
    return pd.concat(countries, ignore_index=True)


def build_survey(data: Path) -> Path:
    """Build ``data``/survey.csv. The last good file stays if anything is wrong.

    Raises:
        InputError: if a source is faulty, or a published number does not come out.
    """
    text = simulated_survey(data).to_csv(index=False, lineterminator="\n")
    questionnaire = load_questionnaire(data / "questionnaire.yml")
    published = load_published(data / "published.csv", questionnaire)
    require_all_match(verify(read_survey(text, questionnaire), published, questionnaire))
    target = data / "survey.csv"
    write_atomically(target, text.encode("utf-8"))
    return target
