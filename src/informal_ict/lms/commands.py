"""``informal-ict lms``: rosters and submissions in, grades out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from informal_ict import paths
from informal_ict.console import wide_console
from informal_ict.errors import InputError
from informal_ict.lms.platforms import Lms

if TYPE_CHECKING:
    from informal_ict.lms.plan import Plan

app = typer.Typer(
    no_args_is_help=True, help="Between a learning platform (Canvas, Moodle, Brightspace) and the course."
)

Platform = Annotated[Lms, typer.Option("--lms", help="The learning platform.")]
Course = Annotated[Path, typer.Option(help="Folder of the nbgrader course.")]
Key = Annotated[str, typer.Option(help="The column that names students' folders, if not the usual one.")]


@app.command("collect")
def collect(
    archive: Annotated[Path, typer.Argument(help="The download of all submissions: a zip file or a folder.")],
    lms: Platform,
    assignment: Annotated[str, typer.Option(help="The assignment in the course.")],
    roster: Annotated[Path, typer.Option(help="The class, as the platform exports it: CSV.")],
    course: Course = paths.COURSE,
    key: Key = "",
    matches: Annotated[
        Path | None,
        typer.Option(
            help="CSV that says who is who where names do not: columns 'in the download', 'student'."
        ),
    ] = None,
    timezone: Annotated[str, typer.Option(help="Of the platform's clock, such as America/Toronto.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace work that differs; the old is kept aside.")
    ] = False,
) -> None:
    """Put a download of submissions into submitted/, student by student.

    Exit status 1 if something needs a person.
    """
    from informal_ict.lms.collect import planned
    from informal_ict.lms.place import place

    console = wide_console()
    with planned(archive, lms, course, assignment, roster, key, matches, timezone) as plan:
        _show(plan, console, force)
        if dry_run:
            console.print("Nothing was done: this is a dry run.")
            kept: tuple[str, ...] = ()
        else:
            placed = place(plan, course.resolve(), force)
            kept = placed.kept
            console.print(
                f"Submissions: {len(placed.written)} written, {len(placed.replaced)} replaced, "
                f"{len(placed.same)} there already, {len(kept)} left as they were."
            )
            for student in kept:
                _point_out(console, student, "other work is there and was left alone; --force replaces it")
    raise typer.Exit(1 if plan.unmatched or plan.problems or kept else 0)


@app.command("roster")
def roster_import(
    file: Annotated[Path, typer.Argument(help="The class, as the platform exports it: CSV.")],
    lms: Platform,
    course: Course = paths.COURSE,
    key: Key = "",
    names: Annotated[bool, typer.Option("--names", help="Also store names, for the formgrader.")] = False,
    emails: Annotated[bool, typer.Option("--emails", help="Also store addresses.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show who is on the roster, and store nothing.")
    ] = False,
) -> None:
    """Put the class into the gradebook: identifiers alone, unless you ask for more. Nobody is removed."""
    from informal_ict.lms.roster import read_roster

    students = read_roster(file, lms, key)
    if dry_run:
        typer.echo("\n".join(student.key for student in students))
        typer.echo(f"{len(students)} students; nothing was stored.")
        return
    from informal_ict.lms.marks import import_students, open_gradebook

    with open_gradebook(course) as gradebook:
        others = import_students(gradebook, students, names, emails)
    typer.echo(f"{len(students)} students are in the gradebook.")
    if others:
        typer.echo(f"In the gradebook and not on the roster, and left there: {', '.join(others)}")


@app.command("grades")
def grades(
    assignment: Annotated[str, typer.Argument(help="The assignment in the course.")],
    lms: Platform,
    template: Annotated[Path, typer.Option(help="The file that the platform exported, to be filled.")],
    out: Annotated[Path, typer.Option(help="Where to write.")],
    course: Course = paths.COURSE,
    column: Annotated[str, typer.Option(help="The column to fill, if not named as the assignment.")] = "",
    key: Key = "",
    include_unfinished: Annotated[
        bool, typer.Option("--include-unfinished", help="Also marks of work that still needs a person.")
    ] = False,
    scale: Annotated[
        bool, typer.Option("--scale", help="Convert marks to the points that the platform gives.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file that is there.")] = False,
) -> None:
    """Write marks as the file that the platform imports. Exit status 1 if somebody's mark is left out."""
    from informal_ict.files import write_atomically
    from informal_ict.lms.grade_files import Wanted, fill
    from informal_ict.lms.marks import open_gradebook, read_marks
    from informal_ict.lms.tables import read_table

    if out.exists() and (not force or out.resolve() == template.resolve()):
        raise InputError(f"{out}: is there already; write to another file, or use --force")
    table = read_table(template)
    with open_gradebook(course) as gradebook:
        marks = read_marks(gradebook, assignment, course)
    made = fill(table, lms, marks, Wanted(column, key, include_unfinished, scale))
    write_atomically(out, made.content)
    console = wide_console()
    for student, text in made.changed:
        _point_out(console, student, f"changes: {text}")
    for student, text in made.left:
        _point_out(console, student, f"left out: {text}")
    console.print(
        f"{made.filled} marks in {escape(str(out))}, column {escape(made.column)}.", highlight=False
    )
    raise typer.Exit(1 if made.left else 0)


def _show(plan: "Plan", console: Console, force: bool) -> None:
    grid = Grid(
        "student", "files", "handed in (UTC)", "late", "to do", "to know", title=escape(plan.assignment)
    )
    for one in plan.submissions:
        grid.add_row(
            escape(one.student),
            escape("\n".join("/".join(taken.target) for taken in one.files)),
            one.time.strftime("%Y-%m-%d %H:%M") if one.time else "",
            "late" if one.late else "",
            ("compare, replace" if force else "compare, keep") if one.exists else "write",
            escape(
                "\n".join([*one.notes, *([f"{len(one.earlier)} older kept aside"] if one.earlier else [])])
            ),
        )
    console.print(grid)
    for note in plan.notes:
        console.print(escape(note), highlight=False, soft_wrap=True)
    for person, reason in sorted(plan.unmatched.items()):
        _point_out(console, person, f"not found on the roster: {reason}")
    for who, problem in plan.problems:
        _point_out(console, who, problem)
    if plan.missing:
        listed = ", ".join(plan.missing)
        console.print(
            f"No work was found for {len(plan.missing)}: {escape(listed)}", highlight=False, soft_wrap=True
        )


def _point_out(console: Console, who: str, text: str) -> None:
    console.print(f"[bold red]to look at[/]  {escape(who)}: {escape(text)}", highlight=False, soft_wrap=True)
