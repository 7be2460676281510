"""A vignette as typed, immutable data."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Standing = Literal["defensible", "debatable", "hard to defend"]
Certainty = Literal["seen", "recalled", "to check"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Standard(_Frozen):
    """One standard of a professional code, in our words."""

    citation: str
    country: Literal["Canada", "United States", "both countries"]
    certainty: Certainty
    paraphrase: str
    note: str = ""


class Standards(_Frozen):
    """The standards that vignettes may cite, by key, and the nine EPAS competencies, by number."""

    standards: dict[str, Standard]
    competencies: dict[int, str]


class Person(_Frozen):
    """Someone who speaks in a message thread."""

    name: str
    role: Literal["worker", "client", "other"]


class Rules(_Frozen):
    """Under whose rules the case plays, and what changes elsewhere."""

    place: str
    here: str
    elsewhere: str


class Message(_Frozen):
    """One message of a thread."""

    sender: str = Field(alias="from")
    at: str
    text: str


class Choice(_Frozen):
    """One thing the worker could do. ``standing`` is the authors' reading and is never shown as a verdict."""

    label: str
    consequence: str
    reasoning: str
    standards: tuple[str, ...]
    risk: str
    standing: Standing
    next: str


class Node(_Frozen):
    """A scene to decide in, or, without choices, an ending."""

    title: str
    text: str
    thread: tuple[Message, ...] = ()
    question: str = ""
    choices: tuple[Choice, ...] = ()
    standing: Standing | None = None

    @property
    def is_ending(self) -> bool:
        """Whether the case stops here."""
        return not self.choices

    @property
    def lettered(self) -> tuple[tuple[str, Choice], ...]:
        """The choices with the letters that people call them by."""
        return tuple(zip("ABCD", self.choices, strict=False))


class Closing(_Frozen):
    """What every reader meets after an ending."""

    reflection: tuple[str, ...]
    supervision: tuple[str, ...]
    document: str


class Step(_Frozen):
    """One part of a facilitated session."""

    step: str
    minutes: int


class Position(_Frozen):
    """Something people often say, and what to ask in return."""

    position: str
    answer: str


class Facilitator(_Frozen):
    """For whoever leads the discussion. Not shown to students."""

    timing: tuple[Step, ...]
    questions: tuple[str, ...]
    positions: tuple[Position, ...]
    sensitivities: tuple[str, ...]
    variations: tuple[str, ...]


class ContentNote(_Frozen):
    """What may be hard in a case, and the case to turn to in its place."""

    about: str
    instead: str


class Vignette(_Frozen):
    """A boundary case that a reader walks through by deciding."""

    slug: str
    number: int
    title: str
    summary: str
    setting: str
    field: str
    themes: tuple[str, ...]
    minutes: int
    content_note: ContentNote | None = None
    people: tuple[Person, ...]
    rules: Rules
    competencies: tuple[int, ...]
    frameworks: tuple[str, ...]
    standards: tuple[str, ...]
    data: tuple[str, ...]
    start: str
    nodes: dict[str, Node]
    closing: Closing
    facilitator: Facilitator

    @property
    def graph(self) -> dict[str, tuple[str, ...]]:
        """Each node with the nodes that its choices lead to, in order."""
        return {name: tuple(choice.next for choice in node.choices) for name, node in self.nodes.items()}

    def role_of(self, name: str) -> str:
        """The role of the person with that name. Raises KeyError if nobody has it."""
        return {person.name: person.role for person in self.people}[name]
