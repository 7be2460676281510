"""What ``informal-ict grade`` does: choose executors, grade, show, and say by its exit status how it went.

This module is light, so that a template for kernels warms up while nbgrader is being imported.
"""

import gc
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from informal_ict.errors import InputError
from informal_ict.files import write_atomically
from informal_ict.grading.outcome import Outcome, State, as_json
from informal_ict.grading.pool import Executors, LocalPool, processors
from informal_ict.grading.progress import progress_line, summary
from informal_ict.kernels.warm_up import warm_up

ALL_WELL = 0
LOOK_AT_SOME = 1
COULD_NOT_RUN = 2
NO_SANDBOX = (
    "[bold red]Without a sandbox[/] the students' code runs with your rights: it can read and change your "
    "files, the gradebook and other submissions, and use the network."
)


def grade_command(
    course: Path,
    assignments: Sequence[str],
    students: Sequence[str],
    jobs: int | None,
    scheduler: str | None,
    sandbox: bool,
    preload: tuple[str, ...],
    force: bool,
    report: Path | None,
    quiet: bool,
    as_json_document: bool,
) -> int:
    """Grade, show what happens, and give the exit status.

    Args:
        course: folder of the course.
        assignments: which ones; all if none is named.
        students: names or patterns; all if there is none.
        jobs: executor processes on this machine; None for one on each processor.
        scheduler: address of a Dask scheduler, in place of this machine.
        sandbox: whether notebooks run closed off.
        preload: modules that kernels have imported before; none for the usual ones.
        force: grade also what was graded before.
        report: where to write the JSON document as well.
        quiet: show nothing but what needs a person.
        as_json_document: print the JSON document in place of tables.
    """
    console = Console(stderr=True, highlight=False)
    if not sandbox and not quiet:
        console.print(NO_SANDBOX)
    begin = time.perf_counter()
    outcomes: list[Outcome] = []
    stopped = ""
    try:
        executors = _executors(jobs, scheduler)
        try:
            if isinstance(executors, LocalPool):
                warm_up(preload, sandbox)
            # What takes seconds to import: meanwhile the template does likewise, and executors inherit it.
            import_module("informal_ict.grading.run")
            from informal_ict.grading.grade import open_run

            # As gc recommends before a fork; and at the end nothing goes through all modules once more.
            gc.freeze()
            if isinstance(executors, LocalPool):
                executors.fork()
            with (
                open_run(course, assignments, students, executors, preload, sandbox, force) as run,
                progress_line(console) as line,
            ):
                task = line.add_task("", total=len(run.submissions), failed=0, visible=not quiet)
                for outcome in run.outcomes():
                    outcomes.append(outcome)
                    failed = sum(one.state is State.FAILED for one in outcomes)
                    line.update(task, advance=1, failed=failed)
        finally:
            executors.close()
    except InputError as error:
        stopped = str(error)
    except KeyboardInterrupt:
        stopped = "You ended it. What was recorded before is kept; run again to go on."
    seconds = time.perf_counter() - begin
    document = as_json(str(course), seconds, outcomes, stopped)
    if as_json_document:
        sys.stdout.write(document)
    elif not quiet or any(one.needs_a_person for one in outcomes):
        out = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=160)
        out.print(summary(outcomes, seconds))
    if report is not None:
        write_atomically(report, document.encode())
    if stopped:
        console.print(f"[bold red]Stopped.[/] {escape(stopped)}", soft_wrap=True)
        return COULD_NOT_RUN
    return LOOK_AT_SOME if any(one.needs_a_person for one in outcomes) else ALL_WELL


def _executors(jobs: int | None, scheduler: str | None) -> Executors:
    if scheduler is not None:
        from informal_ict.grading.cluster import Cluster

        return Cluster(scheduler)
    if jobs is not None and jobs < 1:
        raise InputError("--jobs has to be 1 or more")
    return LocalPool(jobs or processors())


def names(text: str) -> tuple[str, ...]:
    """Names with commas between, as typed."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
