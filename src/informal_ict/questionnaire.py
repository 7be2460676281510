"""The questionnaire as data: variables, levels, who was asked, and where each came from."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from informal_ict.errors import InputError
from informal_ict.paths import QUESTIONNAIRE
from informal_ict.reading import first_problem, read_yaml

Provenance = Literal["published", "reconstructed", "assumed"]
Country = Literal["Canada", "United States"]

NOT_ANSWERED = "NA"
NOT_ASKED = ""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(_Strict):
    """One answer to a question."""

    value: str
    label: str = ""
    provenance: Provenance | dict[Country, Provenance] | None = None

    @property
    def text(self) -> str:
        """The label for people; the value itself where no other was given."""
        return self.label or self.value[0].upper() + self.value[1:]


class Base(_Strict):
    """The people who were asked a question, as a condition on an earlier answer."""

    filter: dict[str, str] | None
    phrase: str
    provenance: Provenance


class Section(_Strict):
    """One of the five sections of the questionnaire."""

    key: str
    title: str


class Derivation(_Strict):
    """A variable that joins the levels of another."""

    variable: str
    mapping: dict[str, str]


class Variable(_Strict):
    """One column of the survey."""

    name: str
    label: str
    section: str
    question: str
    provenance: Provenance
    levels: tuple[Level, ...] = Field(min_length=2)
    ordered: bool = False
    note: str = ""
    asked_of: str = "everyone"
    base_provenance: Provenance | None = None
    multiple: str | None = None
    derived_from: Derivation | None = None

    @property
    def values(self) -> list[str]:
        """The codes of the levels, in the order of the questionnaire."""
        return [level.value for level in self.levels]

    def level_provenance(self, level: Level) -> dict[Country, Provenance]:
        """Where the frequency of one level comes from, for each country."""
        if isinstance(level.provenance, dict):
            return level.provenance
        one = level.provenance or self.provenance
        return {"Canada": one, "United States": one}


class Questionnaire(_Strict):
    """Everything that was asked."""

    missing_codes: dict[str, str]
    bases: dict[str, Base]
    sections: tuple[Section, ...]
    variables: tuple[Variable, ...]

    @property
    def names(self) -> list[str]:
        """The columns of the survey that hold answers, in order."""
        return [variable.name for variable in self.variables]

    def __getitem__(self, name: str) -> Variable:
        """The variable of that name. Raises KeyError if there is none."""
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise KeyError(name)

    @model_validator(mode="after")
    def _references_resolve(self) -> "Questionnaire":
        seen: dict[str, Variable] = {}
        sections = {section.key for section in self.sections}
        for variable in self.variables:
            if variable.name in seen:
                raise ValueError(f"variable {variable.name} is there twice")
            if len(set(variable.values)) != len(variable.values):
                raise ValueError(f"variable {variable.name} has a level twice")
            if variable.section not in sections:
                raise ValueError(f"variable {variable.name}: no section {variable.section}")
            if variable.asked_of not in self.bases:
                raise ValueError(f"variable {variable.name}: no base {variable.asked_of}")
            for name, value in (self.bases[variable.asked_of].filter or {}).items():
                if name not in seen or value not in seen[name].values:
                    raise ValueError(f"variable {variable.name}: its base needs {name} = {value} before it")
            if variable.derived_from:
                source = seen.get(variable.derived_from.variable)
                mapping = variable.derived_from.mapping
                if source is None or set(mapping) != set(source.values):
                    raise ValueError(f"variable {variable.name}: its mapping must cover its source's levels")
                if set(mapping.values()) != set(variable.values):
                    raise ValueError(f"variable {variable.name}: its mapping must reach each of its levels")
            seen[variable.name] = variable
        return self


def in_words(provenance: dict[Country, Provenance]) -> str:
    """One word where the countries agree: 'assumed', or 'assumed (Canada), reconstructed (United States)'."""
    if len(set(provenance.values())) == 1:
        return next(iter(provenance.values()))
    return ", ".join(f"{word} ({country})" for country, word in provenance.items())


def load_questionnaire(path: Path = QUESTIONNAIRE) -> Questionnaire:
    """Read and check data/questionnaire.yml.

    Raises:
        InputError: naming the place of the first fault.
    """
    try:
        return Questionnaire.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
