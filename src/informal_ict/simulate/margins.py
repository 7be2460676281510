"""How often each answer must be given: counts per level, from published figures and assumptions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from informal_ict.errors import InputError
from informal_ict.published import PublishedNumber
from informal_ict.questionnaire import Variable
from informal_ict.simulate.exact_counts import count_nearest, people_answering, whole_shares
from informal_ict.simulate.exact_tables import FactorTable, calibrated_table, plain_table
from informal_ict.simulate.possible_tables import PublishedTable, Table, possible_tables
from informal_ict.simulate.sources import Sources

Published = Sequence[PublishedNumber]


@dataclass(frozen=True)
class UseCounts:
    """How many people of one country use ICT informally, do not, or did not say."""

    users: int
    non_users: int
    blank: int


def use_counts(published: Published, country: str) -> UseCounts:
    """Users and non-users, from the counts of the journal article.

    Raises:
        InputError: if the rows that give them are missing.
    """
    try:
        respondents = next(
            int(row.value) for row in published if row.statistic == "respondents" and row.country == country
        )
        users = next(
            row
            for row in published
            if row.statistic == "count" and row.variable == "ict_use" and row.country == country
        )
    except StopIteration:
        raise InputError(f"published.csv: no row gives the respondents and users of {country}") from None
    if users.n is None:
        raise InputError(f"published.csv, {users.id}, column n: the number answering is needed")
    if not 0 < int(users.value) < users.n <= respondents:
        raise InputError(
            f"published.csv, {users.id}, column value: {users.value} users of {users.n} answering "
            f"of {respondents} respondents cannot be"
        )
    return UseCounts(int(users.value), users.n - int(users.value), respondents - users.n)


def factor_table(variable: Variable, sources: Sources, country: str, rng: np.random.Generator) -> FactorTable:
    """People and users at each level of a factor in one country.

    Raises:
        InputError: if what was published cannot be met.
    """
    use = use_counts(sources.published, country)
    assumed = sources.assumptions.factors[variable.name].get(country)
    if assumed is None:
        raise InputError(f"assumptions.yml: factors.{variable.name} says nothing of {country}")
    tested, groups = _published_test(variable, sources, country)
    if not assumed.shares:
        return _reconstructed_table(variable, sources.published, country, tested, use)
    if tested is None:
        answered = assumed.answered
        if answered is None:
            raise InputError(f"assumptions.yml: factors.{variable.name}.{country}: needs `answered`")
        total = use.users + use.non_users
        return plain_table(assumed.shares, assumed.rates, answered, round(answered * use.users / total))
    if tested.n is None:
        raise InputError(f"published.csv, {tested.id}, column n: a chi-square needs it")
    try:
        return calibrated_table(
            assumed.shares,
            assumed.rates,
            tested.n,
            (use.users, use.non_users),
            (tested.number, tested.decimals),
            groups,
            rng,
        )
    except InputError as error:
        raise InputError(f"published.csv, {tested.id}, column value: {error}") from None


def _published_test(
    variable: Variable, sources: Sources, country: str
) -> tuple[PublishedNumber | None, list[int]]:
    """The chi-square that the factor must meet, with the group in that test of each of its levels."""
    for row in sources.published:
        if row.statistic != "chi2" or row.country != country:
            continue
        if row.variable == variable.name:
            return row, list(range(len(variable.levels)))
        derivation = sources.questionnaire[row.variable].derived_from
        if derivation and derivation.variable == variable.name:
            values = sources.questionnaire[row.variable].values
            return row, [values.index(derivation.mapping[value]) for value in variable.values]
    return None, []


def _reconstructed_table(
    variable: Variable, published: Published, country: str, tested: PublishedNumber | None, use: UseCounts
) -> FactorTable:
    """The one table that fits the published rates, where there is exactly one."""
    if tested is None or tested.n is None:
        raise InputError(f"assumptions.yml: factors.{variable.name}.{country}: needs shares and rates")
    tables = tables_fitting_rates(variable, published, tested, (tested.n - use.non_users, use.users))
    if len(tables) != 1:
        raise InputError(
            f"published.csv, {tested.id}, column value: {len(tables)} tables fit the rates of "
            f"{variable.name}; exactly one is needed, or assumed shares and rates"
        )
    people, users = zip(*tables[0], strict=True)
    return FactorTable(np.array(people, dtype=np.int64), np.array(users, dtype=np.int64))


def tables_fitting_rates(
    variable: Variable, published: Published, tested: PublishedNumber, users: tuple[int, int] | None = None
) -> tuple[Table, ...]:
    """Every table that fits the published rates of all levels and the test.

    Args:
        users: the fewest and the most users that there can be among those tested, where that is known.

    Raises:
        InputError: if a level has no published rate, or the test no N.
    """
    rates = {
        row.level: row
        for row in published
        if row.statistic == "rate" and row.country == tested.country and row.variable == variable.name
    }
    missing = [value for value in variable.values if value not in rates]
    if missing or tested.n is None:
        raise InputError(
            f"published.csv: no rate of {variable.name} = {', '.join(missing)} for {tested.country}"
        )
    ordered = [rates[value] for value in variable.values]
    return possible_tables(
        PublishedTable(
            rates=tuple(row.number for row in ordered),
            decimals=tuple(row.decimals for row in ordered),
            chi2=tested.number,
            chi2_decimals=tested.decimals,
            n=tested.n,
            users=users or (1, tested.n - 1),
        )
    )


def answering(variables: Sequence[Variable], sources: Sources, country: str, eligible: int) -> int:
    """How many of those asked answer an item, or a group of options answered together."""
    percents = [
        (row.number, row.decimals) for variable in variables for row in _percents(variable, sources, country)
    ]
    non_response = sources.assumptions.items[variables[0].name].non_response
    try:
        return people_answering(eligible, non_response, percents)
    except InputError as error:
        names = ", ".join(variable.name for variable in variables)
        raise InputError(f"published.csv, {country}, {names}: {error}") from None


def item_counts(
    variable: Variable, sources: Sources, country: str, people: int, earlier: tuple[int, int] | None
) -> list[int]:
    """How many of ``people`` give each answer.

    Args:
        earlier: for a figure published for both countries together, the (people, count) of the country
            built before, or None if this is the first.

    Raises:
        InputError: if the published percentages add up to more people than answered.
    """
    counts: dict[str, int] = {
        row.level: count_nearest(row.number, row.decimals, people)
        for row in _percents(variable, sources, country)
    }
    pooled = _percents(variable, sources, "all")
    if pooled and earlier:
        row = pooled[0]
        counts[row.level] = count_nearest(row.number, row.decimals, people + earlier[0]) - earlier[1]
    assumed = sources.assumptions.items[variable.name].shares(country)
    others = [value for value in variable.values if value not in counts]
    remaining = people - sum(counts.values())
    if remaining < 0 or any(count < 0 for count in counts.values()):
        raise InputError(f"published.csv, {variable.name}, {country}: the percentages add up to too many")
    weights = [assumed.get(value) for value in others]
    if len([weight for weight in weights if weight is None]) > 1:
        raise InputError(f"assumptions.yml: items.{variable.name}.{country}: needs shares of {others}")
    total = 100 - 100 * sum(counts.values()) / people
    filled = [
        total - sum(w for w in weights if w is not None) if weight is None else weight for weight in weights
    ]
    if others:
        counts |= dict(zip(others, whole_shares(remaining, filled), strict=True))
    return [counts[value] for value in variable.values]


def _percents(variable: Variable, sources: Sources, country: str) -> list[PublishedNumber]:
    return [
        row
        for row in sources.published
        if row.statistic == "percent" and row.country == country and row.variable == variable.name
    ]
