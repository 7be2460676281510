"""Run one submission: ``run`` takes a job and gives what came of it, whatever the submission does.

It is called in a process of a pool, on this machine or another. It writes nothing but private folders, which
are gone afterwards, and knows neither the gradebook nor the course.
"""

import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import zmq.asyncio
from jupyter_client.kernelspec import NoSuchKernel
from traitlets.config import Config

from informal_ict.assignments.hidden_tests import may_have_checks
from informal_ict.grading import folder as private_folder
from informal_ict.grading.client import CappedManager, capped_context
from informal_ict.grading.execute import Guard, GuardedExecute, NotFinishedError
from informal_ict.grading.jobs import Evidence, Failure, Job, Problem, Ran
from informal_ict.grading.outside import files_for_checks, start_ahead

OPEN = "informal-ict-warm"
CLOSED_OFF = "informal-ict-sandboxed"
DECIDED = frozenset({"skip_cells_with_tag", "shutdown_kernel", "kernel_name", "kernel_manager_class"})
LONGEST = 500


@dataclass(frozen=True)
class Folders:
    """Where a submission runs, and its files as they were before for checks outside."""

    work: Path
    clean: Path


@dataclass
class Results:
    """What was found so far."""

    notebooks: dict[str, str] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)


def run(job: Job) -> Ran:
    """Run every notebook of a submission, in order, in a folder of its own.

    Nothing that the submission does raises here: it becomes a failure with its reason.

    Args:
        job: what to run.

    Raises:
        InputError: if a file of the job has a path outside its folder.
    """
    began = time.monotonic()
    results = Results()
    if any(map(may_have_checks, job.notebooks.values())):
        start_ahead(job.sandbox)
    with (
        tempfile.TemporaryDirectory(prefix="submission-", ignore_cleanup_errors=True) as name,
        files_for_checks(job.files) as clean,
    ):
        work = Path(name)
        private_folder.write(work, job.files)
        asyncio.run(run_notebooks(job, work, clean, results))
        files = private_folder.changed(work, job.files, job.limits.file_bytes)
    failures, evidence = tuple(results.failures), tuple(results.evidence)
    return Ran(results.notebooks, files, failures, evidence, time.monotonic() - began)


async def run_notebooks(job: Job, work: Path, clean: Path, results: Results) -> None:
    """Run the notebooks of a job one after the other, within its time."""
    left = job.limits.wall_seconds
    context = capped_context()
    try:
        for name, text in job.notebooks.items():
            try:
                left -= await run_notebook(job, name, text, Folders(work, clean), context, left, results)
            except Exception as error:  # whatever a notebook holds or does, the next one is run
                results.failures.append(problem_of(name, error))
    finally:
        context.destroy(linger=0)


async def run_notebook(
    job: Job,
    name: str,
    text: str,
    folders: Folders,
    context: zmq.asyncio.Context,
    wall_seconds: float,
    results: Results,
) -> float:
    """Run one notebook in a kernel of its own.

    Returns:
        Seconds that its cells took.
    """
    nb = nbformat.reads(text, as_version=4)
    manager = CappedManager(
        kernel_name=nb.metadata.get("kernelspec", {}).get("name") or "python3",
        context=context,
        provisioner_name=CLOSED_OFF if job.sandbox else OPEN,
        provisioner_config=provisioner_settings(job),
    )
    guard = Guard(
        notebook=name,
        folder=folders.work,
        clean=folders.clean,
        cell_seconds=job.limits.cell_seconds,
        wall_seconds=wall_seconds,
        output_bytes=job.limits.output_bytes,
        sandbox=job.sandbox,
    )
    execute = GuardedExecute(guard, Config({"GuardedExecute": execute_settings(job)}))
    try:
        await execute.run(nb, manager, context)
    finally:
        results.evidence += execute.evidence
    # Half a character, which a cell can print, could not be written to a file.
    results.notebooks[name] = nbformat.writes(nb).encode("utf-8", "replace").decode("utf-8")
    return execute.seconds


def provisioner_settings(job: Job) -> dict[str, object]:
    """What the provisioner is told."""
    settings: dict[str, object] = {}
    if job.preload:
        settings["preload"] = list(job.preload)
    if job.sandbox:
        limits = job.limits
        settings |= {
            "cpu_seconds": limits.cpu_seconds,
            "wall_seconds": limits.wall_seconds,
            "memory_bytes": limits.memory_bytes,
            "processes": limits.processes,
            "file_bytes": limits.file_bytes,
        }
    return settings


def execute_settings(job: Job) -> dict[str, object]:
    """The course's own settings, without those that grading decides."""
    return {name: value for name, value in job.execute.items() if name not in DECIDED}


def problem_of(name: str, error: Exception) -> Failure:
    """Say why a notebook was not run to its end."""
    match error:
        case NotFinishedError():
            return Failure(name, error.problem, error.detail)
        case NoSuchKernel():
            return Failure(name, Problem.NO_SUCH_KERNEL, f"The kernel is called '{error.name}'.")
        case nbformat.reader.NotJSONError() | nbformat.ValidationError():
            return Failure(name, Problem.NOT_A_NOTEBOOK, str(error).partition("\n")[0][:LONGEST])
    return Failure(name, Problem.MACHINE, f"{type(error).__name__}: {error}"[:LONGEST])
