"""Simulate the respondents of one country: who gives which answer, with the counts already fixed."""

import zlib
from graphlib import TopologicalSorter
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from informal_ict.errors import InputError
from informal_ict.questionnaire import NOT_ANSWERED, NOT_ASKED, Questionnaire, Variable
from informal_ict.simulate.assign import assign_in_order, assign_with_quotas
from informal_ict.simulate.assumptions import Association, Assumptions
from informal_ict.simulate.margins import Published, answering, factor_table, item_counts, use_counts

LIKELIER_WHEN_NOTHING_TICKED = 2.0
CERTAIN = 1000.0


def simulate_country(
    country: str,
    questionnaire: Questionnaire,
    published: Published,
    assumptions: Assumptions,
    earlier: pd.DataFrame | None,
) -> pd.DataFrame:
    """All respondents of one country, one column a variable, in the order of the questionnaire.

    Each variable has its own random stream, so changing one leaves the others as they were.

    Args:
        earlier: the country simulated before, which figures published for both together depend on.
    """
    use = use_counts(published, country)
    people = pd.DataFrame(index=range(use.users + use.non_users + use.blank))
    used = np.repeat(["yes", "no", NOT_ANSWERED], [use.users, use.non_users, use.blank])
    people["ict_use"] = _stream(assumptions, country, "ict_use").permutation(used)
    reticence = _stream(assumptions, country, "reticence").normal(size=len(people))
    reticence *= assumptions.reticence_strength
    for name in simulation_order(questionnaire, assumptions):
        variable = questionnaire[name]
        rng = _stream(assumptions, country, name)
        if variable.derived_from:
            source = people[variable.derived_from.variable]
            people[name] = source.map(variable.derived_from.mapping).fillna(NOT_ANSWERED)
        elif name in assumptions.factors:
            people[name] = _factor(
                variable, people, questionnaire, published, assumptions, country, reticence, rng
            )
        elif name != "ict_use":
            people[name] = _item(
                variable, people, questionnaire, published, assumptions, country, reticence, earlier, rng
            )
    return people[questionnaire.names]


def simulation_order(questionnaire: Questionnaire, assumptions: Assumptions) -> list[str]:
    """Variables so that each comes after those it depends on."""
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


def _stream(assumptions: Assumptions, country: str, name: str) -> np.random.Generator:
    return np.random.default_rng([assumptions.seed, zlib.crc32(f"{country}/{name}".encode())])


def _factor(
    variable: Variable,
    people: pd.DataFrame,
    questionnaire: Questionnaire,
    published: Published,
    assumptions: Assumptions,
    country: str,
    reticence: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.str_]:
    table = factor_table(variable, questionnaire, published, assumptions, country, rng)
    values = np.full(len(people), NOT_ANSWERED, dtype=object)
    for use, counts in (
        ("yes", table.users),
        ("no", table.people - table.users),
        (NOT_ANSWERED, np.array(_spread_thin((people["ict_use"] == NOT_ANSWERED).sum(), table.people))),
    ):
        everyone = np.flatnonzero(people["ict_use"] == use)
        answer = _answering(everyone, int(counts.sum()), reticence, rng)
        values[answer] = _answers(variable, people, answer, counts.tolist(), questionnaire, assumptions, rng)
    return values


def _item(
    variable: Variable,
    people: pd.DataFrame,
    questionnaire: Questionnaire,
    published: Published,
    assumptions: Assumptions,
    country: str,
    reticence: NDArray[np.float64],
    earlier: pd.DataFrame | None,
    rng: np.random.Generator,
) -> NDArray[np.str_]:
    values = np.full(len(people), NOT_ASKED, dtype=object)
    asked = np.ones(len(people), dtype=bool)
    for name, value in (questionnaire.bases[variable.asked_of].filter or {}).items():
        asked &= (people[name] == value).to_numpy()
    eligible = np.flatnonzero(asked)
    values[eligible] = NOT_ANSWERED
    block = [v for v in questionnaire.variables if variable.multiple and v.multiple == variable.multiple]
    first = next((v.name for v in block if v.name in people), None)
    if first:
        answer = np.flatnonzero(people[first].isin(["yes", "no"]))
    else:
        count = answering(block or [variable], published, assumptions, country, len(eligible))
        answer = _answering(eligible, count, reticence, rng)
    before = None
    if earlier is not None:
        given = earlier[variable.name][~earlier[variable.name].isin([NOT_ASKED, NOT_ANSWERED])]
        pooled = [row.level for row in published if row.variable == variable.name and row.country == "all"]
        before = (len(given), int((given == pooled[0]).sum())) if pooled else None
    counts = item_counts(variable, published, assumptions, country, len(answer), before)
    values[answer] = _answers(variable, people, answer, counts, questionnaire, assumptions, rng)
    return values


def _spread_thin(people: int, weights: NDArray[np.int64]) -> list[int]:
    """The few whose use is unknown get the commonest levels, so they move no published margin."""
    counts = [0] * len(weights)
    counts[int(np.argmax(weights))] = people
    return counts


def _answering(
    eligible: NDArray[np.intp], count: int, reticence: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.intp]:
    """The ``count`` of the eligible who answer: the least reticent, with chance."""
    noise = rng.gumbel(size=len(eligible))
    ranked = np.argsort(reticence[eligible] + noise, kind="stable")
    return np.sort(eligible[ranked[:count]])


def _answers(
    variable: Variable,
    people: pd.DataFrame,
    answer: NDArray[np.intp],
    counts: list[int],
    questionnaire: Questionnaire,
    assumptions: Assumptions,
    rng: np.random.Generator,
) -> NDArray[np.str_]:
    values = np.array(variable.values, dtype=object)
    leans = [a for a in assumptions.associations if a.variable == variable.name]
    if any(association.strength for association in leans):
        scores = rng.logistic(size=len(answer))
        for association in leans:
            scores += association.strength * _rank_scores(people, answer, questionnaire[association.with_])
        return values[assign_in_order(scores, counts)]
    utilities = rng.gumbel(size=(len(answer), len(values)))
    for association in leans:
        utilities += _boosts(association, people, answer, variable)
    utilities[:, 0] += _nothing_ticked(variable, people, answer, questionnaire, assumptions, counts[0])
    return values[assign_with_quotas(utilities, counts)]


def _rank_scores(people: pd.DataFrame, answer: NDArray[np.intp], other: Variable) -> NDArray[np.float64]:
    """Position of the other answer among its levels, from -1 to 1; 0 where it is blank."""
    positions = dict(zip(other.values, np.linspace(-1, 1, len(other.levels)), strict=True))
    return people[other.name].iloc[answer].map(positions).fillna(0).to_numpy(dtype=float)


def _boosts(
    association: Association, people: pd.DataFrame, answer: NDArray[np.intp], variable: Variable
) -> NDArray[np.float64]:
    given = people[association.with_].iloc[answer].to_numpy()
    boosts = np.zeros((len(answer), len(variable.levels)))
    for level, boosted in association.boosts.items():
        for value, boost in boosted.items():
            boosts[given == level, variable.values.index(value)] += boost
    return boosts


def _nothing_ticked(
    variable: Variable,
    people: pd.DataFrame,
    answer: NDArray[np.intp],
    questionnaire: Questionnaire,
    assumptions: Assumptions,
    ticks: int,
) -> NDArray[np.float64] | float:
    """Who has ticked no option of a multiple-response question so far ticks the next more readily."""
    if not variable.multiple:
        return 0.0
    earlier = [
        other.name
        for other in questionnaire.variables
        if other.multiple == variable.multiple and other.name in people
    ]
    if not earlier:
        return 0.0
    nothing = (people[earlier].iloc[answer] != "yes").all(axis=1).to_numpy()
    last = assumptions.at_least_one.get(variable.multiple) == variable.name
    if last and nothing.sum() > ticks:
        raise InputError(
            f"assumptions.yml: {variable.name}: {nothing.sum()} people ticked nothing else, "
            f"but only {ticks} may tick this"
        )
    return np.where(nothing, CERTAIN if last else LIKELIER_WHEN_NOTHING_TICKED, 0.0)
