"""How many people must have answered, and how, for printed percentages to come out."""

from collections.abc import Sequence

from informal_ict.errors import InputError


def printed(count: int, people: int, decimals: int) -> float:
    """The percentage as a report would print it, halves rounded up as SPSS does."""
    scale: int = 10**decimals
    return (200 * scale * count + people) // (2 * people) / scale


def counts_printed_as(percent: float, decimals: int, people: int) -> list[int]:
    """Every count of ``people`` that is printed as ``percent``; empty where none can be.

    The check of a mean or share against its N is the GRIM test of Brown and Heathers (2017).
    """
    near = round(percent * people / 100)
    reach = people // (100 * 10**decimals) + 2
    candidates = range(max(0, near - reach), min(people, near + reach) + 1)
    return [count for count in candidates if printed(count, people, decimals) == percent]


def people_answering(eligible: int, non_response: float, percents: Sequence[tuple[float, int]]) -> int:
    """The number answering that is nearest to the assumed non-response and fits every printed percentage.

    Args:
        eligible: people who were asked.
        non_response: assumed percent of them who left the item blank.
        percents: (percent, decimals) as printed; all share one number of people.

    Raises:
        InputError: if no number up to ``eligible`` fits.
    """
    wanted = round(eligible * (1 - non_response / 100))
    for people in sorted(range(1, eligible + 1), key=lambda people: (abs(people - wanted), people)):
        if all(counts_printed_as(percent, decimals, people) for percent, decimals in percents):
            return people
    shown = ", ".join(f"{percent:g}%" for percent, _ in percents)
    raise InputError(f"no number of answers up to {eligible} can give {shown}")


def count_nearest(percent: float, decimals: int, people: int) -> int:
    """The count nearest to the middle of those printed as ``percent``.

    Raises:
        InputError: if ``people`` cannot give that percentage.
    """
    counts = counts_printed_as(percent, decimals, people)
    if not counts:
        raise InputError(f"{people} people cannot give {percent:g}%")
    return min(counts, key=lambda count: abs(100 * count / people - percent))


def whole_shares(total: int, weights: Sequence[float]) -> list[int]:
    """Split ``total`` people in proportion to ``weights``, by largest remainder."""
    scale = sum(weights)
    exact = [total * weight / scale for weight in weights]
    counts = [int(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: counts[index] - exact[index])
    for index in by_remainder[: total - sum(counts)]:
        counts[index] += 1
    return counts
