"""What is shown of a run: a line that moves while it lasts, and at the end what needs a person."""

from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from informal_ict.grading.outcome import Outcome, State


class Rate(ProgressColumn):
    """How many submissions a minute."""

    def render(self, task: Task) -> Text:
        """Write the rate as it is now."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed * 60:.0f} a minute")


def progress_line(console: Console) -> Progress:
    """A line with count, rate, time left and failures; it is not drawn where nobody watches."""
    return Progress(
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]} failed", style="red"),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def summary(outcomes: Sequence[Outcome], seconds: float) -> RenderableType:
    """What was done, and what needs a person: failures, signs of interference, marks by hand."""
    parts: list[RenderableType] = []
    needy = [one for one in outcomes if one.needs_a_person]
    if needy:
        parts.append(_needs_a_person(needy))
    if waiting := _by_cell(outcomes):
        parts.append(_by_hand(waiting))
    counts = {state: sum(one.state is state for one in outcomes) for state in State}
    graded = counts[State.GRADED]
    rate = f", {graded / seconds * 60:.0f} a minute" if graded > 1 else ""
    said = [f"{graded} graded in {time_in_words(seconds)}{rate}"]
    said += [f"{count} {state}" for state, count in counts.items() if count and state is not State.GRADED]
    parts.append(Text(f"{', '.join(said)}."))
    return Group(*parts)


def _needs_a_person(needy: Iterable[Outcome]) -> Table:
    headings = ("student", "assignment", "notebook", "what to look at")
    table = Table(*headings, title="To look at", title_justify="left")
    for one in sorted(needy, key=lambda outcome: (outcome.assignment, outcome.student)):
        who = escape(one.student), escape(one.assignment)
        for failure in one.failures:
            text = f"[bold]{escape(str(failure.problem)).capitalize()}.[/] {escape(failure.detail)}"
            table.add_row(*who, escape(failure.notebook), text)
        for sign in one.evidence:
            text = f"[yellow]{escape(sign.sign)}[/] {escape(sign.cell)} {escape(sign.detail)}"
            table.add_row(*who, escape(sign.notebook), text)
    return table


def _by_cell(outcomes: Iterable[Outcome]) -> dict[tuple[str, str], int]:
    waiting: dict[tuple[str, str], int] = {}
    for one in outcomes:
        for cell in one.waiting:
            waiting[one.assignment, cell] = waiting.get((one.assignment, cell), 0) + 1
    return waiting


def _by_hand(waiting: dict[tuple[str, str], int]) -> Table:
    headings = ("assignment", "cell", "answers")
    table = Table(*headings, title="For marks by hand, in formgrader", title_justify="left")
    for (assignment, cell), count in sorted(waiting.items()):
        table.add_row(escape(assignment), escape(cell), str(count))
    return table


def time_in_words(seconds: float) -> str:
    """A duration as a person says it."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
