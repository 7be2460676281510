"""Rubrics: what a person looks for in a task, said once for students and for markers.

``assignments/<slug>/rubric.yml`` holds, for each task, criteria with their levels. Students read these in the
book; markers read them in the notebook, with notes and with three marked examples that students never see.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from informal_ict.assignments.errors import AssignmentError
from informal_ict.reading import first_problem, read_yaml

RUBRIC = "rubric.yml"
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Level(_Part):
    """One level of a criterion: its marks, and what an answer at this level does."""

    marks: int = Field(ge=0)
    text: Text


class Criterion(_Part):
    """One thing that a marker looks for; levels run from the most marks down to 0."""

    title: Text
    levels: list[Level] = Field(min_length=2)

    @model_validator(mode="after")
    def _levels_run_down_to_nothing(self) -> "Criterion":
        marks = [level.marks for level in self.levels]
        if marks != sorted(set(marks), reverse=True) or marks[-1] != 0:
            raise ValueError(f"the levels of '{self.title}' should run down to 0 marks, each once")
        return self

    @property
    def points(self) -> int:
        """The most that this criterion earns."""
        return self.levels[0].marks


class Exemplar(_Part):
    """An answer with its marks, for markers only: one mark for each criterion, and why."""

    level: Literal["strong", "middling", "weak"]
    answer: Text
    marks: list[int]
    why: Text


class Task(_Part):
    """The rubric of one task."""

    title: Text
    criteria: list[Criterion] = Field(min_length=1)
    for_markers: list[Text] = []
    exemplars: list[Exemplar]

    @model_validator(mode="after")
    def _exemplars_fit(self) -> "Task":
        levels = [exemplar.level for exemplar in self.exemplars]
        if levels != ["strong", "middling", "weak"]:
            raise ValueError("there should be a strong, a middling and a weak exemplar, in this order")
        for exemplar in self.exemplars:
            possible = [{level.marks for level in criterion.levels} for criterion in self.criteria]
            if len(exemplar.marks) != len(possible):
                raise ValueError(f"the {exemplar.level} exemplar needs one mark for each criterion")
            for marks, allowed, criterion in zip(exemplar.marks, possible, self.criteria, strict=True):
                if marks not in allowed:
                    raise ValueError(
                        f"the {exemplar.level} exemplar: '{criterion.title}' has no level of {marks} marks"
                    )
        totals = [sum(exemplar.marks) for exemplar in self.exemplars]
        if not totals[0] > totals[1] > totals[2]:
            raise ValueError(f"the exemplars should earn less from strong to weak, and earn {totals}")
        return self

    @property
    def points(self) -> int:
        """The most that this task earns."""
        return sum(criterion.points for criterion in self.criteria)


class Rubric(_Part):
    """The rubrics of an assignment, by grade id of the task."""

    tasks: dict[str, Task]


def read_rubric(folder: Path) -> Rubric:
    """Read ``rubric.yml`` of an assignment.

    Raises:
        AssignmentError: if it is missing or malformed, or an exemplar does not fit its criteria.
    """
    path = folder / RUBRIC
    try:
        return Rubric.model_validate(read_yaml(path))
    except ValidationError as error:
        raise AssignmentError(f"{path}: {first_problem(error)}") from error


def mark_scheme(task: Task) -> str:
    """Write what a marker sees under the task in the notebook, as Markdown."""
    parts = [f"- {note}" for note in task.for_markers]
    for number, criterion in enumerate(task.criteria, start=1):
        parts += ["", f"**{number}. {criterion.title}**", ""]
        parts += [f"- {level.marks}: {level.text}" for level in criterion.levels]
    for exemplar in task.exemplars:
        marks = " + ".join(str(mark) for mark in exemplar.marks)
        quoted = "\n".join(f"> {line}".rstrip() for line in exemplar.answer.splitlines())
        parts += ["", f"**A {exemplar.level} answer: {marks} = {sum(exemplar.marks)} points**", "", quoted]
        parts += ["", exemplar.why]
    return "\n".join(parts).strip()
