"""Difficulty and discrimination of questions, with intervals, and nothing where a class is too small for it.

Difficulty is the share of points earned. Discrimination is the corrected item-total correlation: Pearson's r
between the points of a question and the points of all the others; for a question that is all or nothing this
is the point-biserial correlation. (Allen and Yen, Introduction to Measurement Theory, 1979, chapter 6.)
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import ConstantInputWarning, bootstrap, pearsonr

from informal_ict.intervals import wilson_interval
from informal_ict.items.read import Item, Results

FEWEST_FOR_SHARES = 10  # below it, one student is more than a tenth of the class
FEWEST_FOR_CORRELATION = 20  # below it, the interval of a middling r reaches from nothing to strong
SEED = 2017


@dataclass(frozen=True)
class Estimate:
    """A number with the ends of its 95 percent interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Figures:
    """The numbers of one question.

    Attributes:
        item: which.
        people: how many have a mark for it.
        lost: how many of them lost points.
        share: percent of its points earned; None if too few have a mark.
        lost_share: percent who lost points; likewise.
        discrimination: corrected item-total correlation; None if too few are marked in full, or if all earned
            the same.
    """

    item: Item
    people: int
    lost: int
    share: Estimate | None
    lost_share: Estimate | None
    discrimination: Estimate | None

    @property
    def earned(self) -> float:
        """Share of its points that were earned, from 0 to 1, however many students there are."""
        scores = [score for score in self.item.scores if score is not None]
        return float(np.mean(scores)) / self.item.points if scores else 0.0


def figures(results: Results) -> list[Figures]:
    """Work out the numbers of every question."""
    whole = [place for place in range(results.students) if _is_marked(results.items, place)]
    totals = {place: sum(item.scores[place] or 0 for item in results.items) for place in whole}
    made = []
    for item in results.items:
        scores = [score for score in item.scores if score is not None]
        lost = sum(score < item.points for score in scores)
        enough = len(scores) >= FEWEST_FOR_SHARES
        made.append(
            Figures(
                item=item,
                people=len(scores),
                lost=lost,
                share=share_earned(scores, item.points) if enough else None,
                lost_share=share_of(lost, len(scores)) if enough else None,
                discrimination=item_rest_correlation(
                    [item.scores[place] or 0 for place in whole],
                    [totals[place] - (item.scores[place] or 0) for place in whole],
                ),
            )
        )
    return made


def _is_marked(items: Sequence[Item], place: int) -> bool:
    return all(item.scores[place] is not None for item in items)


def share_of(count: int, people: int) -> Estimate:
    """A share in percent with Wilson's interval."""
    return Estimate(100 * count / people, *wilson_interval(count, people))


def share_earned(scores: Sequence[float], points: float) -> Estimate:
    """The percentage of points earned, with Wilson's interval if it is all or nothing, else by bootstrap."""
    full = sum(score == points for score in scores)
    if full + sum(score == 0 for score in scores) == len(scores):
        return share_of(full, len(scores))
    percent = 100 * np.asarray(scores) / points
    value = float(percent.mean())
    if np.ptp(percent) == 0:
        return Estimate(value, value, value)
    found = bootstrap(
        (percent,), np.mean, n_resamples=2000, method="percentile", rng=np.random.default_rng(SEED)
    ).confidence_interval
    return Estimate(value, float(found.low), float(found.high))


def item_rest_correlation(item: Sequence[float], rest: Sequence[float]) -> Estimate | None:
    """Pearson's r of a question with all the others, with Fisher's interval; None where it says nothing."""
    if len(item) < FEWEST_FOR_CORRELATION:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantInputWarning)  # answered by the None below
        found = pearsonr(item, rest)
        interval = found.confidence_interval(0.95)
    if np.isnan(found.statistic):
        return None
    return Estimate(float(found.statistic), float(interval.low), float(interval.high))
