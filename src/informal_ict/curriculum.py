"""The curriculum map: which chapter, case and assignment serves which competency and theme."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from informal_ict.errors import InputError
from informal_ict.paths import ASSIGNMENTS, CURRICULUM, ROOT
from informal_ict.reading import first_problem, read_yaml


class Part(BaseModel):
    """What one chapter or assignment serves."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str = ""
    epas: tuple[int, ...] = Field(min_length=1)
    themes: tuple[str, ...] = Field(min_length=1)


class Curriculum(BaseModel):
    """The themes with what they mean, and what each part of the module serves."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    themes: dict[str, str]
    chapters: dict[str, Part]
    assignments: dict[str, Part]


def load_curriculum(path: Path = CURRICULUM) -> Curriculum:
    """Read data/curriculum.yml and check that it speaks of chapters, assignments and themes that there are.

    Raises:
        InputError: naming the entry at fault.
    """
    try:
        curriculum = Curriculum.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
    places = {
        **{("chapters", slug): ROOT / "chapters" / f"{slug}.md" for slug in curriculum.chapters},
        **{("assignments", slug): ASSIGNMENTS / slug / f"{slug}.md" for slug in curriculum.assignments},
    }
    for (kind, slug), source in places.items():
        if not source.exists():
            raise InputError(f"{path.name}: {kind}.{slug}: there is no {source.relative_to(ROOT)}")
    for kind, parts in (("chapters", curriculum.chapters), ("assignments", curriculum.assignments)):
        for slug, part in parts.items():
            unknown = [theme for theme in part.themes if theme not in curriculum.themes]
            if unknown:
                raise InputError(f"{path.name}: {kind}.{slug}.themes: no theme is called {unknown[0]!r}")
    return curriculum
