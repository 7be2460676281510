"""The published numbers: every quantitative claim of the slide deck, once, with its base and its caveat."""

import csv
import io
import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from informal_ict.errors import InputError
from informal_ict.paths import PUBLISHED
from informal_ict.questionnaire import Questionnaire, load_questionnaire
from informal_ict.reading import first_problem, read_text

Country = Literal["Canada", "United States", "all"]
Statistic = Literal[
    "percent",  # share giving this answer, among those of the base who answered
    "rate",  # share using ICT informally, among those with this level
    "chi2",  # Pearson chi-square of the variable by informal use, without continuity correction
    "respondents",  # people in the file
    "count",  # a number of people or things
    "approximate",  # a share given in words
    "direction",  # where the rate of use is higher or lower
    "wording",  # a claim in words, not recomputed
    "date",
    "range",
]
Status = Literal["stated", "confirmed", "inferred", "ambiguous"]
DIRECTIONS = (
    "lowest",
    "highest",
    "rising",
    "generally rising",
    "lower than the rest",
    "at the overall rate",
    "significant",
    "not significant",
)
APPROXIMATIONS = {"almost half": (45.0, 50.0)}
P_BOUND = re.compile(r"< \.\d+")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
WHOLE = re.compile(r"[0-9]+")
ABOUT_THE_SURVEY = ("percent", "rate", "chi2", "respondents", "approximate", "direction")
ONE_LEVEL = ("percent", "rate", "approximate")
SOME_LEVEL = ("lowest", "highest", "lower than the rest", "at the overall rate")


class PublishedNumber(BaseModel):
    """One row of data/published.csv."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    country: Country
    variable: str
    level: str
    statistic: Statistic
    value: str
    df: int | None
    n: int | None
    base: str
    p_reported: str
    slide: str
    status: Status
    note: str

    @property
    def number(self) -> float:
        """The value as a number. Raises ValueError where the claim is in words."""
        return float(self.value)

    @property
    def decimals(self) -> int:
        """How many decimals were printed; 28 has none."""
        return len(self.value.partition(".")[2])

    @property
    def from_survey(self) -> bool:
        """Whether the claim can be recomputed from the survey file."""
        return bool(self.base) and self.statistic != "wording"

    @property
    def display(self) -> str:
        """The number as it stands in a sentence.

        A chi-square comes whole, in APA form: χ²(2, N = 2,382) = 15.821.
        """
        if self.statistic in ("percent", "rate"):
            return f"{self.value}%"
        if self.statistic == "chi2":
            return f"χ²({self.df}, N = {self.n:,}) = {self.value}"
        if self.statistic in ("respondents", "count"):
            return f"{int(self.value):,}"
        return self.value


def load_published(
    path: Path = PUBLISHED, questionnaire: Questionnaire | None = None
) -> dict[str, PublishedNumber]:
    """Read and check data/published.csv. The result is keyed by id, in the order of the file.

    Raises:
        InputError: naming the row (as a spreadsheet counts, the header being row 1) and the column.
    """
    questionnaire = questionnaire or load_questionnaire()
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    expected = list(PublishedNumber.model_fields)
    header = list(reader.fieldnames or [])
    for column in header:
        if header.count(column) > 1:
            raise InputError(f"{path.name}, row 1, column {column}: the column is there twice")
    for column in expected:
        if column not in header:
            raise InputError(f"{path.name}, row 1, column {column}: the column is missing")
    for column in header:
        if column not in expected:
            raise InputError(f"{path.name}, row 1, column {column}: no such column is known")
    numbers: dict[str, PublishedNumber] = {}
    for row_number, row in enumerate(reader, start=2):
        where = f"{path.name}, row {row_number}"
        if None in row or None in row.values():
            raise InputError(f"{where}: has {len([v for v in row.values() if v])} cells, not {len(expected)}")
        try:
            number = PublishedNumber.model_validate(
                {key: (value or None) if key in ("df", "n") else value for key, value in row.items()}
            )
        except ValidationError as error:
            place, _, message = first_problem(error).partition(": ")
            raise InputError(f"{where}, column {place}: {message}") from None
        problem = _fault(number, questionnaire)
        if problem:
            raise InputError(f"{where} ({number.id}), column {problem[0]}: {problem[1]}")
        if number.id in numbers:
            raise InputError(f"{where}, column id: {number.id} is there twice")
        numbers[number.id] = number
    if not numbers:
        raise InputError(f"{path.name}: has no rows")
    return numbers


def _fault(number: PublishedNumber, questionnaire: Questionnaire) -> tuple[str, str] | None:
    """The first thing wrong with one row, as (column, message)."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", number.id):
        return "id", f"{number.id!r} is not lower-case words joined by hyphens"
    if not number.value:
        return "value", "is empty"
    if number.statistic in ("percent", "rate", "chi2", "respondents", "count"):
        if not NUMBER.fullmatch(number.value):
            return "value", f"{number.value!r} is not a number"
        value = number.number
        if number.statistic in ("percent", "rate") and not 0 <= value <= 100:
            return "value", f"{number.value} is not a percentage between 0 and 100"
        if value < 0:
            return "value", f"{number.value} is negative"
        if number.statistic in ("respondents", "count") and not WHOLE.fullmatch(number.value):
            return "value", f"{number.value} is not a whole number"
    if number.statistic == "direction" and number.value not in DIRECTIONS:
        return "value", f"{number.value!r} is none of: {', '.join(DIRECTIONS)}"
    if number.statistic == "approximate" and number.value not in APPROXIMATIONS:
        return "value", f"{number.value!r} is none of: {', '.join(APPROXIMATIONS)}"
    if number.p_reported and not P_BOUND.fullmatch(number.p_reported):
        return "p_reported", f"{number.p_reported!r} is not a bound like '< .05'"
    if number.n is not None and number.n < 1:
        return "n", f"{number.n} is not a number of people"
    if not number.base and number.statistic in ABOUT_THE_SURVEY:
        return "base", f"a {number.statistic} needs one"
    if not number.from_survey:
        return None
    return _survey_fault(number, questionnaire)


def _survey_fault(number: PublishedNumber, questionnaire: Questionnaire) -> tuple[str, str] | None:
    if number.base not in questionnaire.bases:
        return "base", f"{number.base!r} is none of: {', '.join(questionnaire.bases)}"
    if number.statistic == "respondents":
        return None
    if number.variable not in questionnaire.names:
        return "variable", f"the questionnaire has no variable {number.variable!r}"
    variable = questionnaire[number.variable]
    unknown = [level for level in number.level.split("|") if level and level not in variable.values]
    if unknown:
        return "level", f"{number.variable} has no level {unknown[0]!r}"
    levels = [level for level in number.level.split("|") if level]
    if number.statistic in ONE_LEVEL and len(levels) != 1:
        return "level", f"a {number.statistic} needs exactly one"
    if number.statistic == "direction" and number.value in SOME_LEVEL and not levels:
        return "level", f"{number.value!r} needs one"
    if number.statistic in ("chi2", "rate", "direction") and number.base != "everyone":
        return "base", f"a {number.statistic} is of everyone who answered both questions"
    if number.statistic == "chi2":
        if not number.p_reported:
            return "p_reported", "a chi-square needs it"
        if number.df is None or number.n is None:
            return ("df" if number.df is None else "n"), "a chi-square needs it"
        if number.df != len(variable.levels) - 1:
            return "df", (
                f"{number.df} does not fit {number.variable}, whose {len(variable.levels)} levels "
                f"by use or not give {len(variable.levels) - 1}"
            )
    elif number.statistic in ("percent", "count"):
        if not levels:
            return "level", f"a {number.statistic} needs one"
        if number.base != variable.asked_of:
            return "base", f"{number.variable} was asked of {variable.asked_of!r}, not of {number.base!r}"
    return None
