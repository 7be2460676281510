"""Give people answers so that each answer is given exactly as often as it must be."""

import numpy as np
from numpy.typing import NDArray

Utilities = NDArray[np.float64]


def assign_with_quotas(utilities: Utilities, quotas: list[int]) -> NDArray[np.int64]:
    """One level for each person, each level exactly as often as its quota.

    Levels are filled one after the other, the rarest first, by the people who prefer it most to the best
    of the levels that are still open. With noise of the Gumbel kind in the utilities this behaves like a
    multinomial logit whose margins are exact.

    Args:
        utilities: shape (people, levels).
        quotas: people for each level; they add up to the number of people.

    Returns:
        The index of the level of each person, shape (people,).

    Raises:
        ValueError: if the quotas do not add up to the number of people.
    """
    people, levels = utilities.shape
    if sum(quotas) != people or len(quotas) != levels:
        raise ValueError(f"quotas {quotas} do not fit {people} people and {levels} levels")
    chosen = np.full(people, -1)
    open_levels = sorted(range(levels), key=lambda level: quotas[level])
    while open_levels:
        level = open_levels.pop(0)
        waiting = np.flatnonzero(chosen < 0)
        preference = utilities[waiting, level]
        if open_levels:
            preference = preference - utilities[waiting][:, open_levels].max(axis=1)
        ranked = np.argsort(-preference, kind="stable")
        chosen[waiting[ranked[: quotas[level]]]] = level
    return chosen


def assign_in_order(scores: NDArray[np.float64], quotas: list[int]) -> NDArray[np.int64]:
    """Ordered levels by rank: the lowest scores get the first level, each level exactly its quota.

    Args:
        scores: shape (people,).
        quotas: people for each level, lowest level first; they add up to the number of people.

    Raises:
        ValueError: if the quotas do not add up to the number of people.
    """
    if sum(quotas) != len(scores):
        raise ValueError(f"quotas {quotas} do not fit {len(scores)} people")
    chosen = np.empty(len(scores), dtype=np.int64)
    chosen[np.argsort(scores, kind="stable")] = np.repeat(np.arange(len(quotas)), quotas)
    return chosen
