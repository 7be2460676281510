"""The curriculum map: which chapter, case and assignment serves which competency and theme."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from informal_ict.errors import InputError
from informal_ict.paths import ASSIGNMENTS, CHAPTERS, CURRICULUM, ROOT
from informal_ict.reading import first_problem, read_yaml
from informal_ict.vignettes.load import load_standards


class Part(BaseModel):
    """What one chapter or assignment serves."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    epas: tuple[int, ...] = Field(min_length=1)
    themes: tuple[str, ...] = Field(min_length=1)


class Assignment(Part):
    """What an assignment serves, what it is called, and its share of the mark for the module, in per cent."""

    title: str = Field(min_length=1)
    weight: int = Field(gt=0, le=100)


class Curriculum(BaseModel):
    """The themes with what they mean, and what each part of the module serves."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    themes: dict[Annotated[str, Field(min_length=1)], str]
    chapters: dict[str, Part]
    assignments: dict[str, Assignment]


def load_curriculum(path: Path = CURRICULUM) -> Curriculum:
    """Read data/curriculum.yml and check that there is everything it speaks of.

    Raises:
        InputError: naming the entry at fault.
    """
    try:
        curriculum = Curriculum.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
    weights = sum(part.weight for part in curriculum.assignments.values())
    if weights != 100:
        raise InputError(f"{path.name}: assignments: the weights add up to {weights} per cent and not to 100")
    places = {
        **{("chapters", slug): CHAPTERS / f"{slug}.md" for slug in curriculum.chapters},
        **{("assignments", slug): ASSIGNMENTS / slug / f"{slug}.md" for slug in curriculum.assignments},
    }
    for (kind, slug), source in places.items():
        if not source.exists():
            raise InputError(f"{path.name}: {kind}.{slug}: there is no {source.relative_to(ROOT)}")
    competencies = load_standards().competencies
    kinds: dict[str, Mapping[str, Part]] = {
        "chapters": curriculum.chapters,
        "assignments": curriculum.assignments,
    }
    for kind, parts in kinds.items():
        for slug, part in parts.items():
            beyond = [number for number in part.epas if number not in competencies]
            if beyond:
                raise InputError(f"{path.name}: {kind}.{slug}.epas: there is no competency {beyond[0]}")
            unknown = [theme for theme in part.themes if theme not in curriculum.themes]
            if unknown:
                raise InputError(f"{path.name}: {kind}.{slug}.themes: no theme is called {unknown[0]!r}")
    return curriculum
