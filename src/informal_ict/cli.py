"""The ``informal-ict`` command."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from informal_ict import paths
from informal_ict.bench import commands
from informal_ict.console import wide_console, wrote
from informal_ict.course.feedback_command import feedback
from informal_ict.errors import InputError
from informal_ict.items.command import items
from informal_ict.lms.commands import app as lms_app

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Build the data, the book and the course.",
)
data_app = typer.Typer(no_args_is_help=True, help="The published numbers and the simulated survey.")
course_app = typer.Typer(no_args_is_help=True, help="The nbgrader course.")
app.add_typer(data_app, name="data")
app.add_typer(course_app, name="course")
app.add_typer(lms_app, name="lms")
app.command("feedback")(feedback)
app.command("items")(items)
app.command("bench")(commands.bench)
app.command("bench-grading")(commands.bench_grading)
app.command("bench-class")(commands.bench_class)
app.command("bench-cluster")(commands.bench_cluster)
app.command("bench-otter")(commands.bench_otter)

DataFolder = Annotated[Path, typer.Option("--data", help="Folder with published.csv and questionnaire.yml.")]


def main() -> None:
    """Run the command; a fault in a source file is one message, without a traceback."""
    try:
        app()
    except InputError as error:
        message = f"[bold red]Stopped.[/] {escape(str(error))}"
        Console(stderr=True).print(message, highlight=False, soft_wrap=True)
        sys.exit(1)


@data_app.command("build")
def data_build(data: DataFolder = paths.DATA) -> None:
    """Simulate survey.csv from published.csv, and write datapackage.json. Nothing changes on an error."""
    from informal_ict.datapackage import build_datapackage
    from informal_ict.simulate.survey_file import build_survey

    wrote(build_survey(data))
    wrote(build_datapackage(data))


@data_app.command("verify")
def data_verify(
    data: DataFolder = paths.DATA,
    only_mismatches: Annotated[bool, typer.Option(help="Leave out the rows that match.")] = False,
) -> None:
    """Recompute every published number from survey.csv and compare. Exit status 1 on any mismatch."""
    from informal_ict.published import load_published
    from informal_ict.questionnaire import load_questionnaire
    from informal_ict.reading import read_text
    from informal_ict.verify import read_survey, verify

    questionnaire = load_questionnaire(data / "questionnaire.yml")
    published = load_published(data / "published.csv", questionnaire)
    survey = data / "survey.csv"
    if not survey.exists():
        raise InputError(f"survey.csv: the file is not there ({survey}); informal-ict data build makes it")
    checks = verify(read_survey(read_text(survey), questionnaire), published, questionnaire)
    wrong = [check for check in checks if not check.matches]
    table = Table("id", "published", "recomputed", "base", "match", "remark")
    for check in wrong if only_mismatches else checks:
        table.add_row(
            check.id,
            check.published,
            check.recomputed,
            check.base,
            "yes" if check.matches else "[bold red]NO[/]",
            check.remark,
        )
    console = wide_console()
    console.print(table)
    not_from_survey = len(published) - len(checks)
    console.print(
        f"{len(checks)} claims recomputed from survey.csv: "
        f"{len(checks) - len(wrong)} match, {len(wrong)} mismatches. "
        f"{not_from_survey} claims in words, or about the study itself, have nothing to recompute."
    )
    raise typer.Exit(1 if wrong else 0)


@data_app.command("downloads")
def data_downloads(
    data: DataFolder = paths.DATA,
    target: Annotated[Path, typer.Option(help="Folder to write to.")] = paths.DOWNLOADS,
) -> None:
    """Write the survey as SPSS .sav and Excel .xlsx."""
    from informal_ict import downloads
    from informal_ict.questionnaire import load_questionnaire

    questionnaire = load_questionnaire(data / "questionnaire.yml")
    survey = downloads.read_survey_with_codes(data / "survey.csv")
    writers: dict[str, Callable[..., None]] = {
        "survey.sav": downloads.write_sav,
        "survey.xlsx": downloads.write_xlsx,
    }
    for name, write in writers.items():
        write(survey, questionnaire, target / name)
        wrote(target / name)


@course_app.command("build")
def course_build(
    course: Annotated[Path, typer.Option(help="Folder of the nbgrader course.")] = paths.COURSE,
) -> None:
    """Make the course, or bring it up to date. What students handed in stays; so do their marks."""
    from informal_ict.course.build import build_course

    for released in build_course(course):
        wrote(released)


@course_app.command("check")
def course_check(
    slug: Annotated[str, typer.Argument(help="The assignment.")],
    course: Annotated[Path, typer.Option(help="Folder of the nbgrader course.")] = paths.COURSE,
    roster: Annotated[
        Path | None, typer.Option(help="CSV with the columns student and student_number.")
    ] = None,
    repair: Annotated[bool, typer.Option(help="Give notebooks with another name their right one.")] = False,
) -> None:
    """Look at what was handed in, before marking. Exit status 1 if something needs a person."""
    from informal_ict.course.check import check_submissions

    submissions, findings = check_submissions(course, slug, roster, repair)
    for finding in findings:
        mark = "[yellow]put right[/]" if finding.repaired else "[bold red]to look at[/]"
        line = f"{mark}  {escape(finding.student)}: {escape(finding.text)}"
        wide_console().print(line, highlight=False)
    open_findings = sum(not finding.repaired for finding in findings)
    typer.echo(f"{submissions} submissions of {slug}, {open_findings} things to look at.")
    raise typer.Exit(1 if open_findings else 0)


@course_app.command("try")
def course_try(
    slugs: Annotated[
        list[str] | None, typer.Argument(help="Assignments; all of them if none is named.")
    ] = None,
    only: Annotated[str, typer.Option(help="Only answers with this in their name.")] = "",
    numbers: Annotated[int, typer.Option(help="Also try each answer on this many other students' data.")] = 0,
) -> None:
    """Try every answers file on its assignment, without nbgrader. Exit status 1 if one earns other marks."""
    from informal_ict.assignments.trial import try_assignment

    tried = wrong = 0
    for slug in slugs or [path.parent.name for path in sorted(paths.ASSIGNMENTS.glob("*/answers"))]:
        table = Table("answer", "fails", "should fail, and does not", "fails, and should not", title=slug)
        for name, trial in try_assignment(paths.ASSIGNMENTS / slug, only, numbers).items():
            tried += 1
            wrong += not trial.as_declared
            table.add_row(
                name,
                str(len(trial.outcome.failed)),
                "\n".join(trial.missing),
                "\n".join(
                    f"[bold red]{cell}[/]: {escape(message)}" for cell, message in trial.surplus.items()
                ),
            )
        wide_console().print(table)
    if not tried:
        raise InputError(f"no answer has '{only}' in its name")
    raise typer.Exit(1 if wrong else 0)


@app.command("grade")
def grade(
    course: Annotated[Path, typer.Argument(help="Folder of any nbgrader course.")],
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Assignments; all that were handed in if none is named.")
    ] = None,
    students: Annotated[
        str, typer.Option(help="Only these: names or patterns such as a*, with commas between.")
    ] = "",
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="How many at once; without it, one on each processor.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Run on Dask workers: tcp://... of their scheduler.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Also write everything to this file, as JSON.")] = None,
    sandbox: Annotated[bool, typer.Option(help="Close off the students' code.")] = True,
    preload: Annotated[
        str, typer.Option(help="Modules that kernels start with, with commas between.", show_default=False)
    ] = "",
    force: Annotated[bool, typer.Option("--force", "-f", help="Also what was graded before.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show only what needs a person.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document at the end.")] = False,
) -> None:
    """Grade what was handed in, several at once, each closed off from all else.

    nbgrader's gradebook, its folders and its commands find what nbgrader autograde would have left.

    Exit status 0: all graded. 1: some need a person. 2: it could not run, or not to its end.
    """
    from informal_ict.grading.command import grade_command, names

    status = grade_command(
        course=course,
        assignments=assignments or [],
        students=names(students),
        jobs=jobs,
        scheduler=scheduler,
        sandbox=sandbox,
        preload=names(preload),
        force=force,
        report=report,
        quiet=quiet,
        as_json_document=as_json,
    )
    raise typer.Exit(status)


@app.command("book")
def book_build() -> None:
    """Build the book into _build/html; warnings are errors."""
    from informal_ict.book import build_book

    wrote(build_book())


@app.command("serve")
def site_serve(port: Annotated[int, typer.Option(help="Port on this machine.")] = 8000) -> None:
    """Show the built site at http://127.0.0.1:8000, to this machine alone. Ctrl+C ends it."""
    from informal_ict.book import HTML
    from informal_ict.publish.serve import LOOPBACK, site_server

    if not (HTML / "index.html").exists():
        raise InputError("_build/html: there is no site yet; informal-ict book builds it")
    try:
        server = site_server(HTML, port)
    except OSError as error:
        raise InputError(f"port {port}: {error.strerror}; choose another with --port") from None
    typer.echo(f"The site is at http://{LOOPBACK}:{port}/ until you press Ctrl+C.")
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("Ended.")


@app.command("released")
def released_write(
    target: Annotated[Path, typer.Option(help="Folder to write to.")] = paths.BUILD / "released",
) -> None:
    """Write the notebooks and their data as the branch that launch links open."""
    from informal_ict.notebook_downloads import write_notebook_downloads
    from informal_ict.publish.offline import write_released

    for notebook in write_released(write_notebook_downloads(paths.DOWNLOADS / "notebooks"), target):
        wrote(notebook)


@app.command("sheets")
def sheets_write(
    target: Annotated[Path, typer.Option(help="Folder to write to.")] = paths.BUILD / "facilitator",
) -> None:
    """Write the facilitator sheet of every case, one A4 page each, as PDF."""
    from informal_ict.facilitator_sheets import write_sheets

    for sheet in write_sheets(target):
        wrote(sheet)


@app.command("questionnaire")
def questionnaire_write(
    target: Annotated[Path, typer.Option(help="Folder to write to.")] = paths.BUILD / "questionnaire",
) -> None:
    """Write the workshop's questionnaire and self-assessment: XLSForm, CSV template, and PDF for paper."""
    from informal_ict.workshop_questionnaire import write_questionnaire

    for written in write_questionnaire(target):
        wrote(written)


@app.command("compare")
def compare(
    responses: Annotated[
        Path | None, typer.Argument(help="Answers to the questionnaire: CSV or .xlsx.", show_default=False)
    ] = None,
    before: Annotated[
        Path | None, typer.Option(help="Self-assessments before; needs --after.", show_default=False)
    ] = None,
    after: Annotated[
        Path | None, typer.Option(help="Self-assessments after; needs --before.", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option(help="Where to write the page.")] = Path("report.html"),
    pdf: Annotated[
        Path | None, typer.Option(help="Where to write a PDF as well.", show_default=False)
    ] = None,
    smallest: Annotated[int, typer.Option(help="No number stands for fewer people than this (3 to 20).")] = 5,
    whose: Annotated[str, typer.Option(help="What the group calls itself, for the title.")] = "",
) -> None:
    """Set a group's answers beside the published survey, or its self-assessments before beside after.

    Give one file of answers to the questionnaire, or --before and --after.

    Files are read as KoboToolbox, LimeSurvey, Google Forms and Microsoft Forms export them.

    Nothing leaves this machine.
    """
    if responses is not None and before is None and after is None:
        from informal_ict.compare.report import write_comparison

        written = write_comparison(responses, out, pdf, smallest, whose)
    elif responses is None and before is not None and after is not None:
        from informal_ict.compare.before_after_report import write_before_after

        written = write_before_after(before, after, out, pdf, smallest, whose)
    else:
        raise InputError("compare needs one file of answers, or both --before and --after, and not a mixture")
    for one in written:
        wrote(one)


@app.command("workshop")
def workshop_build() -> None:
    """Make the workshop pack, a folder and a zip that open offline: run sheets, slides, cards, handouts."""
    from informal_ict.workshop.pack import build_pack

    for written in build_pack():
        wrote(written)


@app.command("prose")
def prose_check() -> None:
    """Length and reading level of every page, and every breach of the rules of the prose (exit status 1)."""
    from informal_ict import prose

    readings, faults = prose.report([*prose.pages(), *prose.texts()])
    table = Table("page", "words", "minutes", "grade")
    for page in readings:
        table.add_row(page.page, f"{page.words:,}", str(page.minutes), str(page.grade))
    console = wide_console()
    console.print(table)
    for fault in faults:
        console.print(escape(fault), highlight=False, soft_wrap=True)
    raise typer.Exit(1 if faults else 0)
