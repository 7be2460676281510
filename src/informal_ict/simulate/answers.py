"""Who answers a question, and who of them gives which answer, leaning on what they answered before."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from informal_ict.errors import InputError
from informal_ict.questionnaire import Variable
from informal_ict.simulate.assign import assign_in_order, assign_with_quotas
from informal_ict.simulate.assumptions import Association
from informal_ict.simulate.sources import Sources

LIKELIER_WHEN_NOTHING_TICKED = 2.0
CERTAIN = 1000.0


def who_answers(
    eligible: NDArray[np.intp], count: int, reticence: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.intp]:
    """The ``count`` of the eligible who answer: the least reticent, with chance. Row numbers, in order."""
    noise = rng.gumbel(size=len(eligible))
    ranked = np.argsort(reticence[eligible] + noise, kind="stable")
    return np.sort(eligible[ranked[:count]])


def give_answers(
    variable: Variable,
    people: pd.DataFrame,
    answer: NDArray[np.intp],
    counts: list[int],
    sources: Sources,
    rng: np.random.Generator,
) -> NDArray[np.str_]:
    """An answer for each of those who answer, each level exactly as often as ``counts`` says.

    Raises:
        InputError: if a multiple-response question leaves more people without a tick than its last option
            may have.
    """
    values = np.array(variable.values, dtype=object)
    leans = [lean for lean in sources.assumptions.associations if lean.variable == variable.name]
    if any(lean.strength for lean in leans):
        scores = rng.logistic(size=len(answer))
        for lean in leans:
            scores += lean.strength * _rank_scores(people, answer, sources.questionnaire[lean.with_])
        return values[assign_in_order(scores, counts)]
    utilities = rng.gumbel(size=(len(answer), len(values)))
    for lean in leans:
        utilities += _boosts(lean, people, answer, variable)
    if variable.multiple:
        utilities[:, 0] += _nothing_ticked(variable, people, answer, counts[0], sources)
    return values[assign_with_quotas(utilities, counts)]


def _rank_scores(people: pd.DataFrame, answer: NDArray[np.intp], other: Variable) -> NDArray[np.float64]:
    """Position of the other answer among its levels, from -1 to 1; 0 where it is blank."""
    positions = dict(zip(other.values, np.linspace(-1, 1, len(other.levels)), strict=True))
    return people[other.name].iloc[answer].map(positions).fillna(0).to_numpy(dtype=float)


def _boosts(
    lean: Association, people: pd.DataFrame, answer: NDArray[np.intp], variable: Variable
) -> NDArray[np.float64]:
    given = people[lean.with_].iloc[answer].to_numpy()
    boosts = np.zeros((len(answer), len(variable.levels)))
    for level, boosted in lean.boosts.items():
        for value, boost in boosted.items():
            boosts[given == level, variable.values.index(value)] += boost
    return boosts


def _nothing_ticked(
    variable: Variable, people: pd.DataFrame, answer: NDArray[np.intp], ticks: int, sources: Sources
) -> NDArray[np.float64]:
    """Who has ticked no option of a multiple-response question so far ticks the next more readily."""
    earlier = [
        other.name
        for other in sources.questionnaire.variables
        if other.multiple == variable.multiple and other.name in people
    ]
    nothing = (people[earlier].iloc[answer] != "yes").all(axis=1).to_numpy()
    last = sources.assumptions.at_least_one.get(variable.multiple or "") == variable.name
    if last and nothing.sum() > ticks:
        raise InputError(
            f"assumptions.yml: {variable.name}: {nothing.sum()} people ticked nothing else, "
            f"but only {ticks} may tick this"
        )
    return np.where(nothing & bool(earlier), CERTAIN if last else LIKELIER_WHEN_NOTHING_TICKED, 0.0)
