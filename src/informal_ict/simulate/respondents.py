"""Simulate the respondents of one country: who gives which answer, with the counts already fixed."""

import zlib
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from informal_ict.questionnaire import NOT_ANSWERED, NOT_ASKED, Variable
from informal_ict.simulate.answers import give_answers, who_answers
from informal_ict.simulate.margins import answering, factor_table, item_counts, use_counts
from informal_ict.simulate.sources import Sources


@dataclass(frozen=True)
class Population:
    """One country's respondents in the making.

    Attributes:
        country: as in published.csv.
        people: one row each, one column for each variable simulated so far.
        reticence: how readily each leaves a question blank; shape (people,).
        earlier: the country simulated before, on which figures published for both together depend.
    """

    country: str
    people: pd.DataFrame
    reticence: NDArray[np.float64]
    earlier: pd.DataFrame | None


def simulate_country(country: str, sources: Sources, earlier: pd.DataFrame | None) -> pd.DataFrame:
    """All respondents of one country, one column a variable, in the order of the questionnaire.

    Each variable has its own random stream, so changing one leaves the others as they were.
    """
    use = use_counts(sources.published, country)
    used = np.repeat(["yes", "no", NOT_ANSWERED], [use.users, use.non_users, use.blank])
    people = pd.DataFrame({"ict_use": _stream(sources, country, "ict_use").permutation(used)})
    reticence = _stream(sources, country, "reticence").normal(size=len(people))
    reticence *= sources.assumptions.reticence_strength
    population = Population(country, people, reticence, earlier)
    for name in simulation_order(sources):
        variable = sources.questionnaire[name]
        rng = _stream(sources, country, name)
        if variable.derived_from:
            source = people[variable.derived_from.variable]
            people[name] = source.map(variable.derived_from.mapping).fillna(NOT_ANSWERED)
        elif name in sources.assumptions.factors:
            people[name] = _factor(variable, population, sources, rng)
        elif name != "ict_use":
            people[name] = _item(variable, population, sources, rng)
    return people[sources.questionnaire.names]


def simulation_order(sources: Sources) -> list[str]:
    """Variables so that each comes after those it depends on."""
    questionnaire, assumptions = sources.questionnaire, sources.assumptions
    before: dict[str, list[str]] = {variable.name: [] for variable in questionnaire.variables}
    for variable in questionnaire.variables:
        before[variable.name] += list(questionnaire.bases[variable.asked_of].filter or {})
        if variable.derived_from:
            before[variable.name].append(variable.derived_from.variable)
    for association in assumptions.associations:
        before[association.variable].append(association.with_)
    for block, last in assumptions.at_least_one.items():
        options = [v.name for v in questionnaire.variables if v.multiple == block and v.name != last]
        for option, following in pairwise([*options, last]):
            before[following].append(option)
    return list(TopologicalSorter(before).static_order())


def _stream(sources: Sources, country: str, name: str) -> np.random.Generator:
    return np.random.default_rng([sources.assumptions.seed, zlib.crc32(f"{country}/{name}".encode())])


def _factor(
    variable: Variable, population: Population, sources: Sources, rng: np.random.Generator
) -> NDArray[np.str_]:
    people = population.people
    table = factor_table(variable, sources, population.country, rng)
    values = np.full(len(people), NOT_ANSWERED, dtype=object)
    for use, counts in (
        ("yes", table.users),
        ("no", table.people - table.users),
        (NOT_ANSWERED, _commonest((people["ict_use"] == NOT_ANSWERED).sum(), table.people)),
    ):
        everyone = np.flatnonzero(people["ict_use"] == use)
        answer = who_answers(everyone, int(counts.sum()), population.reticence, rng)
        values[answer] = give_answers(variable, people, answer, counts.tolist(), sources, rng)
    return values


def _commonest(people: int, weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """The few whose use is unknown get the commonest level, so they move no published margin."""
    counts = np.zeros_like(weights)
    counts[np.argmax(weights)] = people
    return counts


def _item(
    variable: Variable, population: Population, sources: Sources, rng: np.random.Generator
) -> NDArray[np.str_]:
    people = population.people
    asked = np.ones(len(people), dtype=bool)
    for name, value in (sources.questionnaire.bases[variable.asked_of].filter or {}).items():
        asked &= (people[name] == value).to_numpy()
    eligible = np.flatnonzero(asked)
    values = np.where(asked, NOT_ANSWERED, NOT_ASKED).astype(object)
    block = [
        other
        for other in sources.questionnaire.variables
        if other == variable or (variable.multiple and other.multiple == variable.multiple)
    ]
    answered = next((other.name for other in block if other.name in people), None)
    if answered:
        answer = np.flatnonzero(~people[answered].isin([NOT_ASKED, NOT_ANSWERED]))
    else:
        count = answering(block, sources, population.country, len(eligible))
        answer = who_answers(eligible, count, population.reticence, rng)
    before = _pooled_before(variable, population, sources)
    counts = item_counts(variable, sources, population.country, len(answer), before)
    values[answer] = give_answers(variable, people, answer, counts, sources, rng)
    return values


def _pooled_before(variable: Variable, population: Population, sources: Sources) -> tuple[int, int] | None:
    """People and count of the earlier country, for a figure published for both countries together."""
    pooled = [
        row.level for row in sources.published if row.variable == variable.name and row.country == "all"
    ]
    if population.earlier is None or not pooled:
        return None
    given = population.earlier[variable.name]
    return int((~given.isin([NOT_ASKED, NOT_ANSWERED])).sum()), int((given == pooled[0]).sum())
