"""Recompute every published number from the survey file with plain pandas and SciPy.

It reads the CSV as a student would, and shares with the code that built it only the readers of the sources.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
from scipy.stats import chi2 as chi2_distribution
from scipy.stats import chi2_contingency, spearmanr

from informal_ict.errors import InputError
from informal_ict.published import APPROXIMATIONS, PublishedNumber
from informal_ict.questionnaire import NOT_ASKED, Questionnaire
from informal_ict.wording import p_value

ALPHA = 0.05
AT_THE_OVERALL_RATE = 1.0  # percentage points
GENERALLY = 0.5  # Spearman's rho between order of level and rate of use


@dataclass(frozen=True)
class Check:
    """One published number beside what the file gives."""

    id: str
    published: str
    recomputed: str
    base: str
    matches: bool
    remark: str = ""


def verify(
    survey: pd.DataFrame, published: dict[str, PublishedNumber], questionnaire: Questionnaire
) -> list[Check]:
    """Check every number that the survey can give, in the order of published.csv.

    Args:
        survey: data/survey.csv as ``pandas.read_csv`` reads it (both kinds of missing are NaN).
    """
    return [_check(number, survey, questionnaire) for number in published.values() if number.from_survey]


def structure_faults(survey: pd.DataFrame, questionnaire: Questionnaire) -> list[str]:
    """What is wrong with the file itself, before any number is recomputed.

    Args:
        survey: data/survey.csv read with its missing codes kept: ``NA`` unanswered, empty not asked.
    """
    expected = ["id", "country", *questionnaire.names]
    if list(survey.columns) != expected:
        missing = [name for name in expected if name not in survey.columns]
        return [f"columns differ from the questionnaire; missing: {', '.join(missing) or 'none'}"]
    faults = []
    if not survey["id"].is_unique:
        faults.append("column id: an id is there twice")
    if set(survey["country"]) != {"Canada", "United States"}:
        faults.append(f"column country: holds {sorted(set(survey['country']))}")
    for variable in questionnaire.variables:
        answers = survey[variable.name]
        unknown = sorted(set(answers) - {*variable.values, *questionnaire.missing_codes})
        if unknown:
            faults.append(f"column {variable.name}: {unknown[0]!r} is not in the questionnaire")
        asked = pd.Series(True, index=survey.index)
        for name, value in (questionnaire.bases[variable.asked_of].filter or {}).items():
            asked &= survey[name] == value
        if not (asked == (answers != NOT_ASKED)).all():
            faults.append(f"column {variable.name}: blank for people who were asked, or not for others")
        if variable.derived_from:
            source = survey[variable.derived_from.variable].replace(variable.derived_from.mapping)
            if not (source == answers).all():
                faults.append(f"column {variable.name}: differs from {variable.derived_from.variable}")
    for country, people in survey.groupby("country"):
        for variable in questionnaire.variables:
            if not set(variable.values) <= set(people[variable.name]):
                faults.append(f"column {variable.name}: an answer is never given in {country}")
    return faults


def read_survey(text: str, questionnaire: Questionnaire) -> pd.DataFrame:
    """Parse the survey file as ``pandas.read_csv`` does, once its structure is found sound.

    Raises:
        InputError: naming the first faults of the file.
    """
    try:
        coded = pd.read_csv(io.StringIO(text), keep_default_na=False, dtype=str)
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        raise InputError(f"survey.csv: {error}") from None
    faults = structure_faults(coded, questionnaire)
    if faults:
        raise InputError("survey.csv: " + "; ".join(faults[:5]))
    return pd.read_csv(io.StringIO(text))


def require_all_match(checks: Iterable[Check]) -> None:
    """Raise InputError naming the first published numbers that do not come out."""
    wrong = [check for check in checks if not check.matches]
    if wrong:
        shown = "; ".join(f"{c.id}: published {c.published}, recomputed {c.recomputed}" for c in wrong[:5])
        raise InputError(f"{len(wrong)} published numbers do not come out. {shown}")


def rounded(value: float, decimals: int) -> Decimal:
    """A number as printed with so many decimals, halves rounded up."""
    return Decimal(repr(round(float(value), 9))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _check(number: PublishedNumber, survey: pd.DataFrame, questionnaire: Questionnaire) -> Check:
    people = survey if number.country == "all" else survey[survey["country"] == number.country]
    phrase = questionnaire.bases[number.base].phrase
    if number.statistic == "respondents":
        return _result(number, f"{len(people):,}", phrase, len(people) == int(number.value))
    if number.statistic in ("percent", "count", "approximate"):
        return _share(number, people, phrase, questionnaire)
    if number.statistic == "rate":
        return _rate(number, people)
    if number.statistic == "chi2":
        return _chi_square(number, people)
    if number.statistic == "direction":
        return _direction(number, people, questionnaire)
    raise InputError(f"published.csv, {number.id}: no way to recompute a {number.statistic}")


def _result(number: PublishedNumber, recomputed: str, base: str, matches: bool, remark: str = "") -> Check:
    return Check(number.id, number.display, recomputed, base, matches, remark)


def _share(number: PublishedNumber, people: pd.DataFrame, phrase: str, questionnaire: Questionnaire) -> Check:
    answers = people[number.variable].dropna()
    asked = people
    for name, value in (questionnaire.bases[number.base].filter or {}).items():
        asked = asked[asked[name] == value]
    only_asked = bool(answers.index.isin(asked.index).all())
    count = int((answers == number.level).sum())
    percent = 100 * count / len(answers)
    base = f"{len(answers):,} {phrase}"
    remark = "" if only_asked else "someone who was not asked has an answer"
    if number.statistic == "count":
        matches = count == int(number.value) and (number.n is None or len(answers) == number.n)
        return _result(number, f"{count:,} of {len(answers):,}", base, matches and only_asked, remark)
    if number.statistic == "approximate":
        low, high = APPROXIMATIONS[number.value]
        return _result(number, f"{percent:.1f}%", base, low <= percent < high and only_asked, remark)
    matches = rounded(percent, number.decimals) == Decimal(number.value)
    return _result(number, f"{rounded(percent, number.decimals)}%", base, matches and only_asked, remark)


def _by_use(number: PublishedNumber, people: pd.DataFrame) -> pd.DataFrame:
    return pd.crosstab(people[number.variable], people["ict_use"])


def _rates(number: PublishedNumber, people: pd.DataFrame) -> pd.Series:
    table = _by_use(number, people)
    return 100 * table["yes"] / table.sum(axis=1)


def _rate(number: PublishedNumber, people: pd.DataFrame) -> Check:
    counts = _by_use(number, people).loc[[number.level]].iloc[0]
    percent = float(100 * counts["yes"] / counts.sum())
    matches = rounded(percent, number.decimals) == Decimal(number.value)
    base = f"{counts.sum():,} of that group who answered"
    return _result(number, f"{rounded(percent, number.decimals)}%", base, matches)


def _chi_square(number: PublishedNumber, people: pd.DataFrame) -> Check:
    table = _by_use(number, people)
    test = chi2_contingency(table, correction=False)
    n = int(table.to_numpy().sum())
    matches = (
        rounded(test.statistic, number.decimals) == Decimal(number.value)
        and test.dof == number.df
        and n == number.n
    )
    # From the printed statistic, not from the file: a bound is a claim about the deck's own figures.
    p = float(chi2_distribution.sf(number.number, test.dof))
    bound = float(number.p_reported.removeprefix("< "))
    remark = p_value(p) + ("" if p < bound else f"; the printed p {number.p_reported} does not hold")
    recomputed = f"χ²({test.dof}, N = {n:,}) = {rounded(test.statistic, number.decimals)}"
    return _result(number, recomputed, f"{n:,} who answered both", matches, remark)


def _direction(number: PublishedNumber, people: pd.DataFrame, questionnaire: Questionnaire) -> Check:
    table = _by_use(number, people)
    rates = _rates(number, people).reindex(questionnaire[number.variable].values)
    overall = 100 * table["yes"].sum() / table.to_numpy().sum()
    base = f"{int(table.to_numpy().sum()):,} who answered both"
    kind = number.value
    if kind in ("significant", "not significant"):
        p = float(chi2_contingency(table, correction=False).pvalue)
        return _result(number, p_value(p), base, (p < ALPHA) == (kind == "significant"))
    if kind in ("rising", "generally rising"):
        rho = float(spearmanr(range(len(rates)), rates).statistic)
        matches = bool(rates.is_monotonic_increasing) if kind == "rising" else rho > GENERALLY
        return _result(number, f"{rates.iloc[0]:.1f}% to {rates.iloc[-1]:.1f}%, rho {rho:.2f}", base, matches)
    levels = number.level.split("|")
    here = table.loc[levels]
    rate = float(100 * here["yes"].sum() / here.to_numpy().sum())
    others = rates.drop(levels)
    rest = table.drop(levels)
    rest_rate = float(100 * rest["yes"].sum() / rest.to_numpy().sum())
    matches = {
        "lowest": rate < others.min(),
        "highest": rate > others.max(),
        "lower than the rest": rate < rest_rate,
        "at the overall rate": abs(rate - overall) <= AT_THE_OVERALL_RATE,
    }[kind]
    recomputed = f"{rate:.1f}% against {rest_rate:.1f}% of the rest"
    return _result(number, recomputed, base, bool(matches))
