"""The commands that measure: ``informal-ict bench`` and its like."""

from pathlib import Path
from typing import Annotated

import typer

from informal_ict import paths
from informal_ict.console import wide_console, wrote


def bench(
    pages: Annotated[list[str] | None, typer.Argument(help="Such as chapters/data; all without.")] = None,
    visits: Annotated[int, typer.Option(help="The most visits to a page, while a budget breaks.")] = 5,
) -> None:
    """What a first visit to each page costs, beside stock Jupyter Book. Exit status 1 if a budget breaks."""
    from informal_ict import contents
    from informal_ict.bench.report import as_table, compare, write_csv

    compared = []
    for one in compare(pages or [*contents.pages(), "search", "genindex"], visits):
        typer.echo(f"measured {one.page}: {', '.join(one.broken) or 'every budget holds'}")
        compared.append(one)
    wide_console().print(as_table(compared))
    target = paths.BUILD / "bench.csv"
    write_csv(compared, target)
    wrote(target)
    raise typer.Exit(1 if any(one.broken for one in compared) else 0)


def bench_grading(
    submissions: Annotated[int, typer.Option(help="How many generated submissions.")] = 60,
    jobs: Annotated[int, typer.Option(help="How many at once, in ours.")] = 2,
    sandbox: Annotated[bool, typer.Option(help="Close off the students' code, in ours.")] = True,
) -> None:
    """Grading beside stock nbgrader, and whether grades agree. Exit status 1 if a promise breaks."""
    from informal_ict.bench import grading

    measured = grading.bench_grading(submissions, jobs, sandbox)
    wide_console().print(grading.as_table(measured))
    target = paths.BUILD / "bench-grading.csv"
    grading.write_results(measured, target)
    wrote(target)
    for promise in measured.broken:
        typer.echo(f"does not hold: {promise}")
    raise typer.Exit(1 if measured.broken else 0)


def bench_class(
    students: Annotated[int, typer.Option(help="How many; each hands in all six assignments.")] = 300,
    jobs: Annotated[int, typer.Option(help="How many submissions at once.")] = 2,
) -> None:
    """Grade a generated class, and watch its memory. Exit status 1 if it grows or somebody has no marks."""
    from informal_ict.bench import whole_class

    measured = whole_class.bench_class(students, jobs)
    wide_console().print(whole_class.as_table(measured))
    raise typer.Exit(0 if measured.is_flat and measured.graded == measured.submissions else 1)


def bench_cluster(
    submissions: Annotated[int, typer.Option(help="How many generated submissions.")] = 24,
) -> None:
    """Grading on one Dask worker, then on two, on this machine."""
    from informal_ict.bench import cluster

    measured = cluster.bench_cluster(submissions)
    wide_console().print(cluster.as_table(measured))
    raise typer.Exit(1 if measured.different else 0)


def bench_otter(
    otter: Annotated[Path, typer.Argument(help="The command otter of an environment that has otter-grader.")],
    submissions: Annotated[int, typer.Option(help="How many generated submissions.")] = 4,
) -> None:
    """Grading beside otter run, on the same notebooks with the same questions and tests."""
    from informal_ict.bench import otter as beside

    wide_console().print(beside.as_table(beside.bench_otter(otter, submissions)))
