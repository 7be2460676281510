"""What had to be assumed: data/assumptions.yml, read and checked against the questionnaire."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from informal_ict.errors import InputError
from informal_ict.paths import ASSUMPTIONS
from informal_ict.questionnaire import Questionnaire
from informal_ict.reading import first_problem, read_yaml


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FactorAssumption(_Strict):
    """Margins of a factor in one country, in percent; empty where they are reconstructed instead."""

    shares: tuple[float, ...] = ()
    rates: tuple[float, ...] = ()
    answered: int | None = None


class ItemAssumption(_Strict):
    """Percent of those asked who leave an item blank, and shares of its unpublished levels."""

    non_response: float = Field(ge=0, lt=100)
    canada: dict[str, float] = Field(default_factory=dict, alias="Canada")
    united_states: dict[str, float] = Field(default_factory=dict, alias="United States")

    def shares(self, country: str) -> dict[str, float]:
        """The assumed shares of one country."""
        return self.canada if country == "Canada" else self.united_states


class Association(_Strict):
    """How an answer leans on an earlier one."""

    variable: str
    with_: str = Field(alias="with")
    strength: float = 0.0
    boosts: dict[str, dict[str, float]] = Field(default_factory=dict)


class Assumptions(_Strict):
    """Everything in data/assumptions.yml."""

    seed: int
    reticence_strength: float
    factors: dict[str, dict[str, FactorAssumption]]
    items: dict[str, ItemAssumption]
    at_least_one: dict[str, str]
    associations: tuple[Association, ...]


def load_assumptions(questionnaire: Questionnaire, path: Path = ASSUMPTIONS) -> Assumptions:
    """Read and check data/assumptions.yml.

    Raises:
        InputError: naming the place of the first fault.
    """
    try:
        assumptions = Assumptions.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
    problem = _fault(assumptions, questionnaire)
    if problem:
        raise InputError(f"{path.name}: {problem}")
    return assumptions


def _fault(assumptions: Assumptions, questionnaire: Questionnaire) -> str | None:
    covered = {"ict_use", *assumptions.factors, *assumptions.items}
    for variable in questionnaire.variables:
        if variable.derived_from is None and variable.name not in covered:
            return f"nothing is said of {variable.name}"
    for name in [*assumptions.factors, *assumptions.items, *assumptions.at_least_one.values()]:
        if name not in questionnaire.names:
            return f"the questionnaire has no variable {name}"
    for name, countries in assumptions.factors.items():
        for country, factor in countries.items():
            lengths = {len(factor.shares), len(factor.rates)}
            if lengths != {0} and lengths != {len(questionnaire[name].levels)}:
                return f"factors.{name}.{country}: needs {len(questionnaire[name].levels)} shares and rates"
            if factor.shares and abs(sum(factor.shares) - 100) > 0.01:
                return f"factors.{name}.{country}: shares add up to {sum(factor.shares):g}, not 100"
    for association in assumptions.associations:
        for name in (association.variable, association.with_):
            if name not in questionnaire.names:
                return f"associations: the questionnaire has no variable {name}"
        for level, boosts in association.boosts.items():
            if level not in questionnaire[association.with_].values:
                return f"associations: {association.with_} has no level {level}"
            for boosted in boosts:
                if boosted not in questionnaire[association.variable].values:
                    return f"associations: {association.variable} has no level {boosted}"
    return None
