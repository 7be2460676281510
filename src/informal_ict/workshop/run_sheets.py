"""Run sheets: what happens minute by minute in a workshop of a certain length.

One file a length. What differs online or in a mixed group stands beside each step as a difference, so that
no step is written three times.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from informal_ict.errors import InputError
from informal_ict.paths import WORKSHOP
from informal_ict.reading import first_problem, read_yaml
from informal_ict.vignettes.load import load_all
from informal_ict.vignettes.model import Vignette
from informal_ict.workshop.materials import load_materials

RUN_SHEETS = WORKSHOP / "run-sheets"
TIMELINE = WORKSHOP / "timeline.yml"
SLIDES = WORKSHOP / "slides"
MOST_WITHOUT_A_BREAK = 105  # minutes; people sit, listen and concentrate

Mode = Literal["room", "online", "mixed"]
MODES: dict[Mode, str] = {"room": "In the room", "online": "Online", "mixed": "Mixed"}


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Difference(_Frozen):
    """What takes the place of a step's own words in another mode; what is not given stays."""

    do: str = ""
    say: str = ""
    materials: tuple[str, ...] | None = None


class Step(_Frozen):
    """One part of a workshop."""

    title: str = Field(min_length=1, max_length=60)
    minutes: int = Field(ge=1)
    kind: Literal["work", "break"] = "work"
    slides: str = ""
    cases: tuple[str, ...] = ()
    part: Literal["whole", "first decision"] | None = None
    do: str = Field(min_length=1)
    say: str = ""
    materials: tuple[str, ...] = ()
    online: Difference = Difference()
    mixed: Difference = Difference()

    def in_mode(self, mode: Mode) -> "Step":
        """The step as it goes in one mode."""
        if mode == "room":
            return self
        difference: Difference = getattr(self, mode)
        return self.model_copy(update=difference.model_dump(exclude_defaults=True))


class RunSheet(_Frozen):
    """A workshop of one length."""

    slug: str
    order: int
    title: str = Field(min_length=1)
    length: int = Field(ge=1, description="The advertised length in minutes, breaks included.")
    group: str = Field(min_length=1)
    lead: str = Field(min_length=1)
    aims: tuple[str, ...] = Field(min_length=2)
    steps: tuple[Step, ...] = Field(min_length=2)

    @property
    def timed(self) -> Iterator[tuple[str, Step]]:
        """Each step with the time at which it begins, counted from the start: 1:05."""
        starts = accumulate((step.minutes for step in self.steps), initial=0)
        for start, step in zip(starts, self.steps, strict=False):
            yield f"{start // 60}:{start % 60:02}", step

    @property
    def materials(self) -> tuple[str, ...]:
        """What is needed in some mode, each once, in the order of need."""
        needed = (key for mode in MODES for step in self.steps for key in step.in_mode(mode).materials)
        return tuple(dict.fromkeys(needed))


class Task(_Frozen):
    """Something to prepare, in all modes unless some are named."""

    do: str = Field(min_length=1)
    modes: tuple[Mode, ...] = tuple(MODES)


class Moment(_Frozen):
    """A time at which things are prepared."""

    when: str = Field(min_length=1)
    tasks: tuple[Task, ...] = Field(min_length=1)


class Known(NamedTuple):
    """What a run sheet may refer to."""

    materials: frozenset[str]
    slides: frozenset[str]
    cases: Mapping[str, Vignette]


def known_parts() -> Known:
    """The materials, the parts of the slides and the cases that there are."""
    return Known(
        frozenset(load_materials()),
        frozenset(path.stem for path in SLIDES.glob("*.md")),
        {case.slug: case for case in load_all()},
    )


def load_run_sheets(folder: Path = RUN_SHEETS) -> list[RunSheet]:
    """Every run sheet, the shortest first.

    Raises:
        InputError: naming the file and the step of the first fault.
    """
    known = known_parts()
    sheets = [load_run_sheet(path, known) for path in sorted(folder.glob("*.yml"))]
    return sorted(sheets, key=lambda sheet: sheet.order)


def load_run_sheet(path: Path, known: Known | None = None) -> RunSheet:
    """Read and check one run sheet.

    Raises:
        InputError: naming the file and the step of the first fault.
    """
    try:
        sheet = RunSheet.model_validate({"slug": path.stem, **_mapping(path)})
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
    for fault in _faults(sheet, known or known_parts()):
        raise InputError(f"{path.name}: {fault}")
    return sheet


def load_timeline(path: Path = TIMELINE) -> tuple[Moment, ...]:
    """What to prepare, and when.

    Raises:
        InputError: naming the place of the first fault.
    """
    try:
        return TypeAdapter(tuple[Moment, ...]).validate_python(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None


def _mapping(path: Path) -> dict[str, object]:
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise InputError(f"{path.name}: must be a mapping with title, length and steps")
    return content


def _faults(sheet: RunSheet, known: Known) -> Iterator[str]:
    total = sum(step.minutes for step in sheet.steps)
    if total != sheet.length:
        yield f"length: says {sheet.length} minutes, and the steps take {total}"
    for number, step in enumerate(sheet.steps, start=1):
        place = f"step {number} ({step.title})"
        for fault in _step_faults(step, known):
            yield f"{place}: {fault}"
    yield from _break_faults(sheet.steps)


def _step_faults(step: Step, known: Known) -> Iterator[str]:
    if step.kind == "work" and step.slides not in known.slides:
        yield f"slides: there is no workshop/slides/{step.slides}.md"
    if step.kind == "break" and (step.slides or step.say or step.cases):
        yield "a break has no slides, nothing to say and no case"
    for mode in MODES:
        for key in step.in_mode(mode).materials:
            if key not in known.materials:
                yield f"materials: {key!r} is not in materials.yml"
    if bool(step.cases) != bool(step.part):
        yield "part: must say whether cases are taken whole, and only then"
    for slug in step.cases:
        if slug not in known.cases:
            yield f"cases: there is no case {slug!r}"
        elif step.part == "whole":
            needed = sum(one.minutes for one in known.cases[slug].facilitator.timing)
            if needed > step.minutes:
                yield f"minutes: {step.minutes} are too few for {slug}, whose sheet takes {needed}"


def _break_faults(steps: Sequence[Step]) -> Iterator[str]:
    if "break" in (steps[0].kind, steps[-1].kind):
        yield "steps: a workshop neither begins nor ends with a break"
    sitting = 0
    for number, step in enumerate(steps, start=1):
        sitting = 0 if step.kind == "break" else sitting + step.minutes
        if sitting > MOST_WITHOUT_A_BREAK:
            yield (
                f"step {number} ({step.title}): {sitting} minutes without a break, "
                f"and at most {MOST_WITHOUT_A_BREAK} are wanted"
            )
            return
