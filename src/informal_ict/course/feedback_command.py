"""The command ``informal-ict feedback``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape


def feedback(
    course: Annotated[Path, typer.Argument(help="Folder of an nbgrader course.")],
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Assignments; all that were marked if none is named.")
    ] = None,
    students: Annotated[str, typer.Option(help="Students, with commas between; everybody without.")] = "",
    force: Annotated[bool, typer.Option(help="Make pages anew that are there already.")] = False,
) -> None:
    """Write each student's page of feedback to feedback/. No script of a submission runs in it.

    Exit status 1 if a page could not be made.
    """
    from informal_ict.course.feedback.make import make_feedback

    named = [student.strip() for student in students.split(",") if student.strip()]
    given = make_feedback(course, assignments or [], named, force)
    console = Console(soft_wrap=True, highlight=False)
    for one in given:
        if one.problem:
            whose = escape(f"{one.student}, {one.assignment}")
            console.print(f"[bold red]no page[/]  {whose}: {escape(one.problem)}")
    written = sum(len(one.written) for one in given)
    kept = sum(not one.written and not one.problem for one in given)
    failed = sum(bool(one.problem) for one in given)
    typer.echo(f"{written} pages written, {failed} submissions without a page.")
    if kept:
        typer.echo(
            f"{kept} submissions had theirs already; --force makes them anew, after marks have changed."
        )
    raise typer.Exit(1 if failed else 0)
