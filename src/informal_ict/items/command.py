"""The command ``informal-ict items``."""

from pathlib import Path
from typing import Annotated

import typer


def items(
    course: Annotated[Path, typer.Argument(help="Folder of an nbgrader course.")],
    assignment: Annotated[str, typer.Argument(help="The assignment, after it was marked.")],
    output: Annotated[
        Path | None, typer.Option(help="Where to write the page; items-ASSIGNMENT.html without.")
    ] = None,
) -> None:
    """Write how each question went in the class: difficulty, misconceptions, blanks, and what to do.

    One page for those who teach. It names no student.
    """
    from informal_ict.items.report import write_item_report

    target = output or Path(f"items-{Path(assignment).name}.html")
    typer.echo(f"wrote {write_item_report(course, assignment, target)}")
