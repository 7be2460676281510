"""Every table of counts that fits a set of published rates, one chi-square and one N.

Rates rounded to a decimal, a chi-square to three and the number of people leave very few whole-number
tables. Listing them all is the best reconstruction there can be, and shows how little a report must say
before small groups can be read off it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.int64]
Table = tuple[tuple[int, int], ...]


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


@cache
def possible_tables(published: PublishedTable) -> tuple[Table, ...]:
    """All tables consistent with what was printed, each as ((people, users), ...) in the order of the groups.

    Groups are added one at a time, those with the most different rates first. A choice is dropped as soon
    as the groups chosen so far give more than the printed chi-square by themselves, whatever the others are:
    their sum of people * (rate - p)^2 / (p (1 - p)) is least at their own pooled rate, and p (1 - p) is at
    most 1/4. The last group is fixed by the number of people left.
    """
    groups = [
        _rounding_to(rate, decimals, published.n)
        for rate, decimals in zip(published.rates, published.decimals, strict=True)
    ]
    middle = (min(published.rates) + max(published.rates)) / 2
    order = sorted(range(len(groups)), key=lambda group: -abs(published.rates[group] - middle))
    back = np.argsort(order)
    tables = _combine([groups[group] for group in order], published)
    return tuple(sorted(tuple(table[place] for place in back) for table in tables))


def _rounding_to(rate: float, decimals: int, largest: int) -> Pairs:
    """All (people, users) up to ``largest`` people whose rate is printed as ``rate``."""
    people = np.arange(1, largest + 1)
    half = 0.5 * 10.0**-decimals
    first = np.ceil(people * (rate - half) / 100 - 1e-9).astype(np.int64)
    last = np.ceil(people * (rate + half) / 100 - 1e-9).astype(np.int64) - 1
    pairs = [(n, users) for n, a, b in zip(people, first, last, strict=True) for users in range(a, b + 1)]
    return np.array([pair for pair in pairs if 0 <= pair[1] <= pair[0]], dtype=np.int64).reshape(-1, 2)


def _combine(groups: Sequence[Pairs], published: PublishedTable) -> list[Table]:
    *heads, before_last, last = groups
    ceiling = published.chi2 + _half(published.chi2_decimals)
    users_of_last = _users_by_people(last, published.n)
    found: list[Table] = []

    def extend(chosen: Pairs, remaining: int, rest: Sequence[Pairs]) -> None:
        group = rest[0] if rest else before_last
        fits = group[group[:, 0] < remaining]
        fits = fits[_least_chi2(chosen, fits) <= ceiling]
        if not rest:
            found.extend(_complete(chosen, fits, users_of_last, published))
            return
        for pair in fits:
            extend(np.vstack([chosen, pair]), remaining - int(pair[0]), rest[1:])

    extend(np.empty((0, 2), dtype=np.int64), published.n, heads)
    return found


def _least_chi2(chosen: Pairs, added: Pairs) -> NDArray[np.float64]:
    """The least chi-square that the chosen groups and each of the added ones can bring to any table."""
    people = chosen[:, 0].sum() + added[:, 0]
    users = chosen[:, 1].sum() + added[:, 1]
    squares = (chosen[:, 1] ** 2 / chosen[:, 0]).sum() + added[:, 1] ** 2 / added[:, 0]
    result: NDArray[np.float64] = 4 * (squares - users**2 / people)
    return result


def _users_by_people(group: Pairs, n: int) -> Pairs:
    """For each number of people, the users that fit, filled up with -1."""
    most = int(np.bincount(group[:, 0]).max())
    users = np.full((n + 1, most), -1, dtype=np.int64)
    filled = np.zeros(n + 1, dtype=np.int64)
    for people, count in group:
        users[people, filled[people]] = count
        filled[people] += 1
    return users


def _complete(chosen: Pairs, added: Pairs, users_of_last: Pairs, published: PublishedTable) -> list[Table]:
    """The whole tables that match, for each group added to those chosen and each last group left for it."""
    left = published.n - chosen[:, 0].sum() - added[:, 0]
    found = []
    for last in users_of_last[left].T:
        users = chosen[:, 1].sum() + added[:, 1] + last
        possible = (last >= 0) & (users >= published.users[0]) & (users <= published.users[1])
        p = np.where(possible, users, 1) / published.n
        squares = (chosen[:, 1] ** 2 / chosen[:, 0]).sum() + added[:, 1] ** 2 / added[:, 0] + last**2 / left
        chi2 = (squares - users**2 / published.n) / (p * (1 - p))
        matches = possible & (np.abs(chi2 - published.chi2) <= _half(published.chi2_decimals))
        for place in np.flatnonzero(matches):
            rows = [*chosen, added[place], (left[place], last[place])]
            found.append(tuple((int(people), int(count)) for people, count in rows))
    return found


def _half(decimals: int) -> float:
    return 0.5 * 10.0**-decimals
