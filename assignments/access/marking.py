"""The hidden tests of "Access": each recomputes from the student's own sample what a question asks for.

A check takes the student number and the student's results, and says with an AssertionError what is wrong.
Every question takes the student's own earlier results as given, so nobody pays twice for one slip.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm

from marking_tools import close, close_series, is_number, read_data, seed_of

Method = Literal["wilson", "exact", "wilsoncc", "wald"]

KINDS = ("private practice", "elsewhere")
COUNTRIES = ("Canada", "United States")
MIX = {"private practice": 0.25, "elsewhere": 0.75}
LIMIT = 10  # counts below it are not printed
SMALL_SETTINGS = [
    "child welfare",
    "family service agency",
    "government",
    "long-term care",
    "mental health agency",
    "school",
]
ROUNDED = 0.051  # what one decimal may take off or add
Groups = Sequence[tuple[float, float]]  # users and people of each
METHODS: tuple[Method, ...] = ("wilson", "exact", "wilsoncc", "wald")
OTHER_METHOD = (
    'This interval is right by another method. Write method="wilson" in the brackets of proportion_ci.'
)
FAR = 8  # points: no student's own sample is so far from the whole survey


def everyone() -> pd.DataFrame:
    """All respondents who answered the three questions, with the two columns that the notebook adds."""
    survey = read_data("survey.csv", ["country", "setting", "geography", "ict_use"])
    rows = survey.dropna()  # country is always there
    rows["uses"] = rows["ict_use"] == "yes"
    rows["kind"] = np.where(rows["setting"] == "private practice", "private practice", "elsewhere")
    return rows


def draw_half(rows: pd.DataFrame, student_number: Any) -> pd.DataFrame:
    """One student's half of the survey, drawn step by step as in the notebook."""
    chance = np.random.RandomState(seed_of(student_number))
    canadian = rows["country"] == "Canada"
    rural = rows["geography"].isin(["rural", "remote"])
    few = chance.choice(SMALL_SETTINGS)
    parts = [rows[~canadian].sample(frac=0.5, random_state=chance)]
    parts.append(rows[canadian & ~rural].sample(frac=0.5, random_state=chance))
    for setting, people in rows[canadian & rural].groupby("setting"):
        low, high = max(11, round(0.4 * len(people))), round(0.6 * len(people))
        size = chance.randint(4, 10) if setting == few else chance.randint(low, high + 1)
        parts.append(people.sample(n=size, random_state=chance))
    return pd.concat(parts)


def in_rural_or_remote_places(rows: pd.DataFrame) -> pd.DataFrame:
    """The Canadians who work in rural or remote places."""
    return rows[(rows["country"] == "Canada") & rows["geography"].isin(["rural", "remote"])]


def counts_of(rows: pd.DataFrame) -> "pd.Series[float]":
    """People in each setting."""
    return rows["setting"].value_counts().astype(float)


def wider_groups(rows: pd.DataFrame, own: pd.DataFrame) -> list[pd.DataFrame]:
    """Groups that are counted by mistake in the place of the sample's rural or remote Canadians.

    Args:
        rows: the whole survey.
        own: the student's sample.
    """
    groups = [own, rows, in_rural_or_remote_places(rows)]
    groups += [group[group["country"] == country] for group in (own, rows) for country in COUNTRIES]
    return [*groups, own[own["geography"].isin(["rural", "remote"])]]


def check_counts(student_number: Any, setting_counts: Any) -> None:
    """Question 1: people of each setting in rural or remote places."""
    survey = everyone()
    own = draw_half(survey, student_number)
    here = in_rural_or_remote_places(own)
    if close_series(setting_counts, counts_of(here), 0):
        return
    wider = any(close_series(setting_counts, counts_of(group), 0) for group in wider_groups(survey, own))
    assert not wider, "You counted a wider group. The question is about the people of `rural_remote` only."
    only_users = "You counted those who use ICT informally. The question is about all people of each setting."
    assert not close_series(setting_counts, counts_of(here[here["uses"]]), 0), only_users
    raise AssertionError("At least one number is not the number of people of that setting in `rural_remote`.")


def counts_to_go_on_from(
    survey: pd.DataFrame, here: pd.DataFrame, setting_counts: Any
) -> "list[pd.Series[float]]":
    """The right counts, and the student's own if they come from a slip and not from somebody else's sample.

    Another student's counts have everybody's pattern: one setting below the limit, the others above it and
    near half of the survey's. Counts that break the pattern, or agree with the student's own sample in most
    settings, come from a slip.

    Args:
        survey: the whole survey.
        here: the student's rural or remote Canadians.
        setting_counts: what the student counted.
    """
    right = counts_of(here)
    given = numbers_by_name(setting_counts)
    if set(given.index) != set(right.index) or not (given > 0).all():
        return [right]
    given = given.reindex(right.index)
    if given.equals(right):
        return [right]
    share = given / counts_of(in_rural_or_remote_places(survey)).reindex(right.index)
    pattern = (given < LIMIT).sum() == 1 and share[given >= LIMIT].between(0.39, 0.61).all()
    slip = (given != right).sum() <= 3
    return [right, given] if slip or not pattern else [right]


def numbers_by_name(given: Any) -> "pd.Series[float]":
    """A student's numbers by name; none if it holds something else."""
    given = yes_or_only_column(given)
    if not isinstance(given, dict | pd.Series):
        return pd.Series(dtype=float)
    return pd.Series({name: float(value) if is_number(value) else np.nan for name, value in given.items()})


def check_one_person(student_number: Any, one_person: Any, setting_counts: Any) -> None:
    """Question 2: what one person moves the rate of the smallest setting by."""
    survey = everyone()
    here = in_rural_or_remote_places(draw_half(survey, student_number))
    smallest = [counts.min() for counts in counts_to_go_on_from(survey, here, setting_counts)]
    fits = any(close(one_person, 100 / n, ROUNDED) for n in smallest)
    share = any(close(one_person, 1 / n, 0.0051) for n in smallest)
    assert fits or not share, "This is a proportion. Multiply by 100 to get percentage points."
    of_all = "You divided by everyone in `rural_remote`. Divide by the people of the smallest setting."
    assert fits or not close(one_person, 100 / len(here), ROUNDED), of_all
    count = any(close(one_person, n, 0) for n in smallest)
    assert fits or not count, "This is the number of people. How far does one of them move the rate?"
    assert fits, "This is not what one person moves the rate of your smallest setting by."


def interval(users: float, people: float, method: Method = "wilson") -> list[float]:
    """A 95% interval in per cent, by Wilson's method or by one that is often taken for it."""
    k, n = int(users), int(people)
    if method == "wald":
        half = float(norm.ppf(0.975)) * (k * (n - k) / n**3) ** 0.5
        return [100 * (k / n - half), 100 * (k / n + half)]
    ends = binomtest(k, n).proportion_ci(method=method)
    return [100 * float(ends.low), 100 * float(ends.high)]


def ends_of(given: Any) -> list[float]:
    """The two ends of a student's interval, the lower first; nothing if they are not two numbers."""
    if isinstance(given, dict):
        given = given.values()
    try:
        ends = list(given)
    except TypeError:
        return []
    return sorted(float(end) for end in ends) if len(ends) == 2 and all(map(is_number, ends)) else []


def is_interval(given: Any, groups: Groups, method: Method = "wilson") -> bool:
    """Say whether an interval is that of one of these groups, each with its users and its people."""
    ends = ends_of(given)
    for users, people in groups:
        right = interval(users, people, method)
        if method == "wald":
            right = [float(end) for end in np.clip(right, 0, 100)]
            ends = [float(end) for end in np.clip(ends, 0, 100)]
        if ends and all(close(end, other, ROUNDED) for end, other in zip(ends, right, strict=True)):
            return True
    return False


def small_groups(survey: pd.DataFrame, own: pd.DataFrame, setting_counts: Any) -> Groups:
    """Users and people of the smallest setting, and of what the student's own counts make the smallest.

    Args:
        survey: the whole survey.
        own: the student's sample.
        setting_counts: what the student counted.
    """
    here = in_rural_or_remote_places(own)
    among = (here, *wider_groups(survey, own))
    groups: list[tuple[float, float]] = []
    for counts in counts_to_go_on_from(survey, here, setting_counts):
        for setting in counts.index[counts == counts.min()]:
            of_setting = [rows[rows["setting"] == setting] for rows in among]
            users = of_setting[0]["uses"].sum()
            groups.append((users, len(of_setting[0])))
            groups += [(rows["uses"].sum(), len(rows)) for rows in of_setting if len(rows) == counts[setting]]
            if counts[setting] >= users and counts[setting] % 1 == 0:
                groups.append((users, counts[setting]))
    return groups


def non_users(groups: Groups) -> Groups:
    """The same groups with those who say no in the place of users."""
    return [(people - users, people) for users, people in groups]


def check_small_interval(student_number: Any, small_interval: Any, setting_counts: Any) -> None:
    """Question 3: Wilson's interval for the smallest setting."""
    survey = everyone()
    groups = small_groups(survey, draw_half(survey, student_number), setting_counts)
    fits = is_interval(small_interval, groups)
    exact = is_interval(small_interval, groups, "exact") or is_interval(small_interval, groups, "wilsoncc")
    assert fits or not exact, OTHER_METHOD
    wald = (
        "This is the rate plus and minus 1.96 standard errors, which fails for few people. "
        "The question asks for Wilson's method."
    )
    assert fits or not is_interval(small_interval, groups, "wald"), wald
    turned = "This is the interval of those who do not use ICT informally."
    assert fits or not is_interval(small_interval, non_users(groups)), turned
    assert fits, "This is not the 95% interval by Wilson's method for your smallest setting."


def check_large_interval(
    student_number: Any, large_interval: Any, small_interval: Any, setting_counts: Any
) -> None:
    """Question 4: Wilson's interval for everyone in rural or remote places.

    Whoever took another method in question 3, or those who say no, has paid there.
    """
    survey = everyone()
    own = draw_half(survey, student_number)
    here = in_rural_or_remote_places(own)
    group = [(here["uses"].sum(), len(here))]
    if is_interval(large_interval, group):
        return
    small = small_groups(survey, own, setting_counts)
    fits = False
    if not is_interval(small_interval, small):
        for method in METHODS:
            if is_interval(small_interval, small, method):
                fits = fits or is_interval(large_interval, group, method)
            if is_interval(small_interval, non_users(small), method):
                fits = fits or is_interval(large_interval, non_users(group), method)
    wider = [(rows["uses"].sum(), len(rows)) for rows in wider_groups(survey, own)]
    of_wider = "This is the interval of a wider group. Take everyone in `rural_remote`."
    assert fits or not is_interval(large_interval, wider), of_wider
    other = any(is_interval(large_interval, group, method) for method in METHODS)
    assert fits or not other, OTHER_METHOD
    assert fits, "This is not the 95% interval by Wilson's method for everyone in `rural_remote`."


def left_out_by_rule(counts: "pd.Series[float]") -> list[set[str]]:
    """What the two rules leave out; more than one answer if two counts are equally small."""
    first = set(counts.index[counts < LIMIT])
    if len(first) != 1:
        return [first]
    rest = counts.drop(list(first))
    return [first | {setting} for setting in rest.index[rest == rest.min()]]


def check_left_out(student_number: Any, left_out: Any, setting_counts: Any) -> None:
    """Question 5: which counts are not printed."""
    numeric = isinstance(left_out, pd.Series) and pd.api.types.is_numeric_dtype(left_out)
    given = set(left_out.keys() if isinstance(left_out, dict) or numeric else left_out)
    survey = everyone()
    here = in_rural_or_remote_places(draw_half(survey, student_number))
    counts = counts_to_go_on_from(survey, here, setting_counts)
    fits = any(given in left_out_by_rule(one) for one in counts)
    small = set(counts[0].index[counts[0] < LIMIT])
    alone = "You left out one count only. Beside the total, anyone can work it out by subtraction."
    assert fits or given != small, alone
    assert fits or small <= given, "A count below 10 is printed."
    too_many = "You left out more than the two rules ask for. What is left out serves nobody."
    assert fits or len(given) <= 2, too_many
    assert fits, "The second count to leave out is the next smallest."


def country_rates(rows: pd.DataFrame) -> "pd.Series[float]":
    """Percentage of informal users in each country."""
    return 100 * rows.groupby("country")["uses"].mean()


def yes_or_only_column(given: Any) -> Any:
    """Of a table, the column of those who say yes, or the only one."""
    if isinstance(given, pd.DataFrame):
        names: list[Any] = list(given.columns)
        yes = [name for name in names if name == "yes" or name is True] or names
        return given[yes[0]] if len(yes) == 1 else pd.Series(dtype=float)
    return given


def check_crude(student_number: Any, crude_rates: Any) -> None:
    """Question 6: the rate of each country as it comes."""
    survey = everyone()
    rows = draw_half(survey, student_number)
    given = yes_or_only_column(crude_rates)
    right = country_rates(rows)
    if close_series(given, right, ROUNDED):
        return
    whole = close_series(given, country_rates(survey), ROUNDED)
    assert not whole, "These are the rates in the whole survey. Take your `sample`."
    other_base = any(close_series(given, one, ROUNDED) for one in shares_with_another_base(rows))
    base = "The base should be the people of one country: of those in Canada, how many use it?"
    assert not other_base, base
    assert not close_series(given, 100 - right, ROUNDED), "These are the percentages of those who say no."
    raise AssertionError("These are not the percentages of informal users in each country of your sample.")


def shares_with_another_base(rows: pd.DataFrame) -> "Iterator[pd.Series[float]]":
    """Of all users, and of everyone, the percentage who are users in each country."""
    users = rows[rows["uses"]]["country"].value_counts()
    yield 100 * users / users.sum()
    yield 100 * users / len(rows)


def strata(rows: pd.DataFrame) -> "pd.Series[float]":
    """Percentage of informal users by kind and country, in the order of ``KINDS`` and ``COUNTRIES``."""
    rates = 100 * rows.groupby(["kind", "country"])["uses"].mean()
    return pd.Series([float(rates[kind, country]) for kind in KINDS for country in COUNTRIES])


def read_strata(given: Any) -> "pd.Series[float]":
    """Read four rates from any table, Series or dictionary whose labels name kind and country."""
    if isinstance(given, dict):
        nested = any(isinstance(value, dict | pd.Series) for value in given.values())
        given = given if nested else pd.Series(given, dtype=object)
    try:
        table = pd.DataFrame(given)
    except (TypeError, ValueError):
        return pd.Series([np.nan] * 4)
    cells = [(str((row, column)), cell) for column in table for row, cell in table[column].items()]
    cells = [(label, cell) for label, cell in cells if "'no'" not in label and "False" not in label]
    values = []
    for kind in KINDS:
        for country in COUNTRIES:
            found = [value for label, value in cells if kind in label and country in label]
            values.append(float(found[0]) if len(found) == 1 and is_number(found[0]) else np.nan)
    return pd.Series(values)


def known_strata(rows: pd.DataFrame) -> "Iterator[pd.Series[float]]":
    """Shares with another base, or of those who say no, in the order of ``strata``."""
    users = rows[rows["uses"]]
    counts = pd.crosstab(users["kind"], users["country"])
    of_each_kind = counts.div(counts.sum(axis="columns"), axis="index")
    of_people = (counts / len(rows), counts / rows["country"].value_counts())
    for shares in (counts / counts.sum(), of_each_kind, counts / len(users), *of_people):
        yield read_strata(100 * shares)
    yield 100 - strata(rows)


def check_strata(student_number: Any, kind_rates: Any) -> None:
    """Question 7: the rate of each kind of setting in each country."""
    survey = everyone()
    rows = draw_half(survey, student_number)
    given = read_strata(kind_rates)
    if close_series(given, strata(rows), ROUNDED):
        return
    base = "The base should be the people of one kind in one country: of the Canadians in private practice, how many use it?"  # noqa: E501
    assert not any(close_series(given, one, ROUNDED) for one in known_strata(rows)), base
    whole = close_series(given, strata(survey), ROUNDED)
    assert not whole, "These are the rates in the whole survey. Take your `sample`."
    raise AssertionError(
        "These are not the percentages of informal users by kind and country in your sample."
    )


def to_go_on_from(
    right: "pd.Series[float]",
    given: "pd.Series[float]",
    survey: "pd.Series[float]",
    known: "Iterable[pd.Series[float]]",
) -> "list[pd.Series[float]]":
    """The right rates, and the student's own if they come from a slip and not from somebody else's sample.

    They do if at least half of them are exactly right or the right ones rounded, if they are what a known
    mistake gives, or if one of them is so far from the survey's that it cannot be right for another sample.
    """
    if set(given.index) != set(right.index) or given.isna().any():
        return [right]
    given = given.reindex(right.index)
    if given.equals(right):
        return [right]
    the_same = [(given - right.round(decimals)).abs().lt(1e-6) for decimals in (1, 2, 3, 12)]
    slip = pd.concat(the_same, axis=1).any(axis=1).mean() >= 0.5
    if slip or (given - survey).abs().max() > FAR:
        return [right, given]
    other = any(close_series(given, one, ROUNDED) for one in itertools.chain([survey], known))
    return [right, given] if other else [right]


def standardize(rates: "pd.Series[float]", weights: dict[str, float]) -> "pd.Series[float]":
    """Weigh the rates of the two kinds for each country."""
    one, other = (weights[kind] for kind in KINDS)
    return pd.Series(
        {country: one * rates[place] + other * rates[place + 2] for place, country in enumerate(COUNTRIES)}
    )


def standards_by_mistake(
    rows: pd.DataFrame, rates: "pd.Series[float]"
) -> "Iterator[tuple[str, pd.Series[float]]]":
    """Rates with weights that the question did not ask for, each after what is to be said of them."""
    one_mix = "Both countries need the one mix of the question: 25 of every 100 in private practice."
    yield (
        "The two weights changed places: 0.25 goes with private practice.",
        standardize(rates, {"private practice": 0.75, "elsewhere": 0.25}),
    )
    yield (
        "This is the plain average of the two kinds. " + one_mix,
        standardize(rates, {"private practice": 0.5, "elsewhere": 0.5}),
    )
    mixes = {
        country: people["kind"].value_counts(normalize=True) for country, people in rows.groupby("country")
    }
    each_its_own = {country: standardize(rates, dict(mixes[country]))[country] for country in COUNTRIES}
    yield (
        "With each country's own mix you are back at the crude rates. " + one_mix,
        pd.Series(each_its_own),
    )
    yield (
        "Only one of the two kinds was counted. Weights need the names that the rows of your table have.",
        standardize(rates, MIX | {"private practice": 0}),
    )
    for mix in mixes.values():
        yield "These are weighted with the mix of one country. " + one_mix, standardize(rates, dict(mix))


def check_standard(student_number: Any, standard_rates: Any, kind_rates: Any) -> None:
    """Question 8: both countries with one mix."""
    survey = everyone()
    rows = draw_half(survey, student_number)
    given = yes_or_only_column(standard_rates)
    own = to_go_on_from(strata(rows), read_strata(kind_rates), strata(survey), known_strata(rows))
    if any(close_series(given, standardize(rates, MIX), ROUNDED) for rates in own):
        return
    for rates in own:
        for message, mistaken in standards_by_mistake(rows, rates):
            assert not close_series(given, mistaken, ROUNDED), message
    raise AssertionError(
        "These are not the rates of the two countries with 25 of every 100 in private practice."
    )


def crude_to_go_on_from(
    survey: pd.DataFrame, rows: pd.DataFrame, crude_rates: Any
) -> "list[pd.Series[float]]":
    """The right crude rates, and the student's own if they come from a slip."""
    known = itertools.chain([100 - country_rates(rows)], shares_with_another_base(rows))
    return to_go_on_from(country_rates(rows), numbers_by_name(crude_rates), country_rates(survey), known)


def standard_to_go_on_from(
    survey: pd.DataFrame, rows: pd.DataFrame, standard_rates: Any, kind_rates: Any
) -> "list[pd.Series[float]]":
    """The right rates with one mix, and the student's own if they come from a slip."""
    own = to_go_on_from(strata(rows), read_strata(kind_rates), strata(survey), known_strata(rows))
    by_mistake = (rates for one in own for _, rates in standards_by_mistake(rows, one))
    known = itertools.chain((standardize(one, MIX) for one in own), by_mistake)
    right = standardize(strata(rows), MIX)
    return to_go_on_from(right, numbers_by_name(standard_rates), standardize(strata(survey), MIX), known)


def gaps_of(pairs: "list[pd.Series[float]]") -> dict[str, list[float]]:
    """The United States less Canada; the same turned round; and as a per cent of the Canadian rate."""
    gaps = [float(pair["United States"] - pair["Canada"]) for pair in pairs]
    of_canada = [100 * gap / float(pair["Canada"]) for gap, pair in zip(gaps, pairs, strict=True)]
    return {"right": gaps, "turned": [-gap for gap in gaps], "relative": of_canada}


def is_gap(given: Any, gaps: list[float]) -> bool:
    """Say whether a gap is one of these; it may be taken from two rounded rates."""
    return any(close(given, gap, 2 * ROUNDED) for gap in gaps)


def say_which_gap(given: Any, own: dict[str, list[float]], other: dict[str, list[float]], fits: bool) -> None:
    """Say what is wrong with a gap.

    Args:
        given: the student's gap.
        own: what ``gaps_of`` makes of the rates that the question is about.
        other: the same of the rates of the other question.
        fits: whether the gap is right.
    """
    order = "The gap is turned round: the question asks for the United States less Canada."
    assert fits or not is_gap(given, own["turned"]), order
    relative = "This is a per cent of a per cent. A gap in points is one rate less the other."
    assert fits or not is_gap(given, own["relative"]), relative
    assert fits or not is_gap(given, other["right"]), "This is the gap of your other two rates."
    assert fits, "This is not the gap between your two rates."


def check_crude_gap(
    student_number: Any, crude_gap: Any, crude_rates: Any, kind_rates: Any, standard_rates: Any
) -> None:
    """Question 9: the gap between the countries as they come."""
    survey = everyone()
    rows = draw_half(survey, student_number)
    own = gaps_of(crude_to_go_on_from(survey, rows, crude_rates))
    other = gaps_of(standard_to_go_on_from(survey, rows, standard_rates, kind_rates))
    say_which_gap(crude_gap, own, other, is_gap(crude_gap, own["right"]))


def check_standard_gap(
    student_number: Any,
    standard_gap: Any,
    standard_rates: Any,
    kind_rates: Any,
    crude_rates: Any,
    crude_gap: Any,
) -> None:
    """Question 10: the gap with one mix.

    Whoever turned the gap of question 9 round, or made it a per cent of a per cent, has paid there.
    """
    survey = everyone()
    rows = draw_half(survey, student_number)
    own = gaps_of(standard_to_go_on_from(survey, rows, standard_rates, kind_rates))
    other = gaps_of(crude_to_go_on_from(survey, rows, crude_rates))
    fits = is_gap(standard_gap, own["right"])
    if not is_gap(crude_gap, other["right"]):
        for slip in ("turned", "relative"):
            fits = fits or (is_gap(crude_gap, other[slip]) and is_gap(standard_gap, own[slip]))
    say_which_gap(standard_gap, own, other, fits)


def offices(student_number: Any) -> pd.DataFrame:
    """The two invented offices of one student, drawn step by step as in the notebook."""
    chance = np.random.RandomState(seed_of(student_number))
    answered, texted = [(3, 4), (4, 5), (3, 5)][chance.randint(3)]
    groups = np.array([chance.randint(8, 13), chance.randint(16, 25)])
    without_number = np.array([chance.randint(25, 45), chance.randint(4, 14)])
    columns = {
        "on the list": texted * groups + without_number,
        "texted": texted * groups,
        "answered": answered * groups,
    }
    return pd.DataFrame(columns, index=["Birch Lake", "Mill Street"])


def check_reached(student_number: Any, reached: Any) -> None:
    """Question 11: of everyone on the list, who answered a text."""
    own = offices(student_number)
    given = yes_or_only_column(reached)
    answered, texted, listed = own["answered"], own["texted"], own["on the list"]
    of_texted = "You divided by those who were sent a text. Clients without a number that takes texts are on the list too."  # noqa: E501
    assert not close_series(given, 100 * answered / texted, ROUNDED), of_texted
    sent = "This is the percentage who were sent a text. How many of the list answered one?"
    assert not close_series(given, 100 * texted / listed, ROUNDED), sent
    both = "You divided by the lists of both offices together. Each office has its own list."
    assert not close_series(given, 100 * answered / listed.sum(), ROUNDED), both
    wrong = "These are not the percentages of everyone on each office's list who answered a text."
    assert close_series(given, 100 * answered / listed, ROUNDED), wrong
