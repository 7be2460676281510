"""Every table of counts that fits a set of published rates, one chi-square and one N.

Rates rounded to a decimal, a chi-square to three and the number of people leave very few whole-number
tables. Listing them all is the best reconstruction there can be, and shows how little a report must say
before small groups can be read off it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class PublishedTable:
    """What was printed about a table of groups by use or not.

    Attributes:
        rates: percent of each group who use, as printed.
        decimals: decimals printed for each rate.
        chi2: Pearson's statistic, as printed.
        chi2_decimals: decimals printed for it.
        n: people in the table.
        users: the fewest and the most users there can be among them.
    """

    rates: tuple[float, ...]
    decimals: tuple[int, ...]
    chi2: float
    chi2_decimals: int
    n: int
    users: tuple[int, int]


def possible_tables(published: PublishedTable) -> list[tuple[tuple[int, int], ...]]:
    """All tables consistent with what was printed, each as ((people, users), ...) in the order of the groups.

    Groups are added one at a time. A group is dropped as soon as its own share of the chi-square,
    (users - people * p)^2 / (people * p * (1 - p)), exceeds the printed total for every overall rate p
    that the bounds on users allow. The last group is fixed by the number of people left.
    """
    low, high = (bound / published.n for bound in published.users)
    ceiling = published.chi2 + 0.5 * 10**-published.chi2_decimals
    groups = [
        _drop_impossible(_rounding_to(rate, decimals, published.n), low, high, ceiling)
        for rate, decimals in zip(published.rates, published.decimals, strict=True)
    ]
    order = sorted(range(len(groups)), key=lambda index: len(groups[index]))
    tables = _combine([groups[index] for index in order], published)
    back = np.argsort(order)
    return sorted(tuple(table[index] for index in back) for table in tables)


def _rounding_to(rate: float, decimals: int, largest: int) -> Pairs:
    """All (people, users) up to ``largest`` people whose rate is printed as ``rate``."""
    people = np.arange(1, largest + 1)
    half = 0.5 * 10.0**-decimals
    first = np.ceil(people * (rate - half) / 100 - 1e-9).astype(np.int64)
    last = np.ceil(people * (rate + half) / 100 - 1e-9).astype(np.int64) - 1
    pairs = [(n, users) for n, a, b in zip(people, first, last, strict=True) for users in range(a, b + 1)]
    return np.array([pair for pair in pairs if 0 <= pair[1] <= pair[0]], dtype=np.int64).reshape(-1, 2)


def _drop_impossible(pairs: Pairs, low: float, high: float, ceiling: float) -> Pairs:
    people, users = pairs[:, 0], pairs[:, 1]
    nearest = np.clip(users / people, low, high)
    least = (users - people * nearest) ** 2 / (people * nearest * (1 - nearest))
    return pairs[least <= ceiling]


def _combine(groups: Sequence[Pairs], published: PublishedTable) -> list[tuple[tuple[int, int], ...]]:
    *heads, before_last, last = groups
    by_people: dict[int, list[int]] = {}
    for people, users in last.tolist():
        by_people.setdefault(people, []).append(users)
    found: list[tuple[tuple[int, int], ...]] = []

    def extend(chosen: tuple[tuple[int, int], ...], remaining: int, rest: Sequence[Pairs]) -> None:
        if rest:
            for people, users in rest[0].tolist():
                if people < remaining:
                    extend((*chosen, (people, users)), remaining - people, rest[1:])
            return
        fits = before_last[before_last[:, 0] < remaining]
        for people, users in fits.tolist():
            for last_users in by_people.get(remaining - people, ()):
                table = (*chosen, (people, users), (remaining - people, last_users))
                if _matches(table, published):
                    found.append(table)

    extend((), published.n, heads)
    return found


def _matches(table: tuple[tuple[int, int], ...], published: PublishedTable) -> bool:
    users = sum(pair[1] for pair in table)
    if not published.users[0] <= users <= published.users[1]:
        return False
    p = users / published.n
    chi2 = sum((k - n * p) ** 2 / n for n, k in table) / (p * (1 - p))
    return bool(abs(chi2 - published.chi2) <= 0.5 * 10**-published.chi2_decimals)
