"""A table of counts, levels of a factor by use or not, whose chi-square is exactly the published one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from informal_ict.errors import InputError
from informal_ict.simulate.exact_counts import whole_shares

Counts = NDArray[np.int64]
CANDIDATES_PER_ROUND = 60_000
REACHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
MOST_USERS_MOVED = 8


@dataclass(frozen=True)
class FactorTable:
    """People at each level of a factor, and how many of them use ICT informally."""

    people: Counts
    users: Counts


def chi_square(people: NDArray[np.float64], users: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's chi-square of levels by use or not, over the last axis; no continuity correction.

    The 2 x k form of the statistic: the spread of the rates around the overall rate, weighted by people,
    over p(1 - p). See Agresti, Categorical Data Analysis (2013), section 3.2.
    """
    p = users.sum(axis=-1, keepdims=True) / people.sum(axis=-1, keepdims=True)
    result: NDArray[np.float64] = ((users - people * p) ** 2 / (people * p * (1 - p))).sum(axis=-1)
    return result


def plain_table(shares: Sequence[float], rates: Sequence[float], n: int, users_total: int) -> FactorTable:
    """A table with the given margins, where no chi-square was published. Rates are in percent."""
    people = np.array(whole_shares(n, shares), dtype=np.int64)
    users = np.array(whole_shares(users_total, people * np.array(rates)), dtype=np.int64)
    return FactorTable(people, np.minimum(users, people))


def calibrated_table(
    shares: Sequence[float],
    rates: Sequence[float],
    n: int,
    use_counts: tuple[int, int],
    chi2: tuple[float, int],
    groups: Sequence[int],
    rng: np.random.Generator,
) -> FactorTable:
    """A table near the assumed margins whose chi-square is printed as published.

    First the spread of the rates is scaled until the unrounded table meets the chi-square. Then whole-number
    tables around it are drawn, a little further off each round, and the nearest that meets it is kept.

    Args:
        shares: assumed percent of people at each level.
        rates: assumed percent of users at each level, before scaling.
        n: people in the published test.
        use_counts: all users and all non-users; those of the table cannot be more.
        chi2: the statistic and its printed decimals.
        groups: for each level, the group it belongs to in the published test (0, 1, ...).
        rng: source of the candidate tables.

    Raises:
        InputError: if no such table is found.
    """
    target, decimals = chi2
    joined = np.eye(max(groups) + 1)[list(groups)]
    people = np.array(whole_shares(n, shares), dtype=np.int64)
    overall = use_counts[0] / sum(use_counts)
    spread = np.array(rates) / 100
    spread = spread - (people @ spread) / n

    def excess(scale: float) -> float:
        users = people * (overall + scale * spread)
        return float(chi_square(people @ joined, users @ joined)) - target

    largest = min(
        (1 - overall) / spread.max() if spread.max() > 0 else np.inf,
        overall / -spread.min() if spread.min() < 0 else np.inf,
    )
    if excess(largest) < 0:
        raise InputError(f"chi-square {target} with N {n} is out of reach for the assumed shares and rates")
    exact_rates = overall + float(brentq(excess, 0, largest)) * spread
    for reach in REACHES:
        found = _nearest_match(people, exact_rates, joined, use_counts, (target, decimals), reach, rng)
        if found:
            return found
    raise InputError(f"no table of whole numbers with N {n} was found for chi-square {target}")


def _nearest_match(
    people: Counts,
    exact_rates: NDArray[np.float64],
    joined: NDArray[np.float64],
    use_counts: tuple[int, int],
    chi2: tuple[float, int],
    reach: int,
    rng: np.random.Generator,
) -> FactorTable | None:
    n = int(people.sum())
    size = (CANDIDATES_PER_ROUND, len(people))
    moved = rng.integers(-(reach // 2), reach // 2, size=size, endpoint=True)
    moved[:, -1] -= moved.sum(axis=1)
    new_people = people + moved
    few = min(reach, MOST_USERS_MOVED)
    new_users = np.rint(new_people * exact_rates).astype(np.int64)
    new_users += rng.integers(-few, few, size=size, endpoint=True)
    near_overall = round(n * use_counts[0] / sum(use_counts)) + rng.integers(
        -1, 1, size=len(moved), endpoint=True
    )
    new_users[:, -1] = near_overall - new_users[:, :-1].sum(axis=1)
    total = new_users.sum(axis=1)
    possible = (
        (new_people > 0).all(axis=1)
        & (new_users >= 0).all(axis=1)
        & (new_users <= new_people).all(axis=1)
        & (total > 0)
        & (total < n)
        & (total <= use_counts[0])
        & (n - total <= use_counts[1])
    )
    new_people, new_users = new_people[possible], new_users[possible]
    target, decimals = chi2
    off = np.abs(chi_square(new_people @ joined, new_users @ joined) - target)
    # A hair inside the rounding interval, so that no library's last digit decides.
    matches = np.flatnonzero(off < 0.5 * 10.0**-decimals * 0.99)
    if not len(matches):
        return None
    distance = np.abs(new_users - new_people * exact_rates).sum(axis=1) + np.abs(new_people - people).sum(
        axis=1
    )
    best = matches[np.argmin(distance[matches])]
    return FactorTable(new_people[best], new_users[best])
