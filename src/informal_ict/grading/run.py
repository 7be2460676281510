"""Run one submission: ``run`` takes a job and gives what came of it, whatever the submission does.

It is called in a process of a pool, on this machine or another. It writes nothing but a private folder, which
is gone afterwards, and knows neither the gradebook nor the course.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import zmq.asyncio
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from traitlets.config import Config

from informal_ict.grading import folder as private_folder
from informal_ict.grading.client import ProvisionedManager, capped_context
from informal_ict.grading.execute import GuardedExecute
from informal_ict.grading.jobs import Evidence, Failure, Job, Problem, Ran

OPEN = "informal-ict-warm"
CLOSED_OFF = "informal-ict-warm"  # TODO


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
    with tempfile.TemporaryDirectory(prefix="submission-", ignore_cleanup_errors=True) as name:
        work, clean = Path(name, "work"), Path(name, "clean")
        for place in (work, clean):
            place.mkdir()
            private_folder.write(place, job.files)
        asyncio.run(run_notebooks(job, work, clean, results))
        files = private_folder.changed(work, job.files, job.limits.file_bytes)
    return Ran(
        results.notebooks,
        files,
        tuple(results.failures),
        tuple(results.evidence),
        time.monotonic() - began,
    )


async def run_notebooks(job: Job, work: Path, clean: Path, results: Results) -> None:
    """Run the notebooks of a job one after the other, within its time."""
    end = time.monotonic() + job.limits.wall_seconds
    context = capped_context()
    try:
        for name, text in job.notebooks.items():
            left = end - time.monotonic()
            problem = await within(left, run_notebook(job, name, text, work, clean, context, results))
            if problem is not None:
                results.failures.append(problem_of(name, problem))
    finally:
        context.destroy(linger=0)


async def within(seconds: float, running: Any) -> BaseException | None:
    """Wait for something so long, then stop it; give the exception that it ended with."""
    task = asyncio.ensure_future(running)
    done, _ = await asyncio.wait({task}, timeout=max(0.0, seconds))
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=10)
        return TimeoutError()
    return task.exception()


async def run_notebook(
    job: Job,
    name: str,
    text: str,
    work: Path,
    clean: Path,
    context: zmq.asyncio.Context,
    results: Results,
) -> None:
    """Run one notebook in a kernel of its own."""
    nb = nbformat.reads(text, as_version=4)
    kernel = nb.metadata.get("kernelspec", {}).get("name") or "python3"
    manager = ProvisionedManager(
        kernel_name=kernel,
        context=context,
        provisioner_name=CLOSED_OFF if job.sandbox else OPEN,
        provisioner_config={},
    )
    execute = GuardedExecute(config=Config({"GuardedExecute": settings(job.execute)}))
    execute.resources = {"metadata": {"path": str(work)}}
    execute.cell_seconds = float(job.execute.get("timeout") or job.limits.cell_seconds)
    execute.output_bytes = job.limits.output_bytes
    execute.clean_folder = clean
    execute.notebook_name = name
    execute.log.setLevel(logging.CRITICAL)
    try:
        await execute.run(nb, manager, context)
    finally:
        results.evidence += execute.evidence
    results.notebooks[name] = nbformat.writes(nb)


def settings(execute: Mapping[str, object]) -> dict[str, object]:
    """The course's own settings, without those that grading decides."""
    ours = {"timeout", "skip_cells_with_tag", "shutdown_kernel", "kernel_name", "kernel_manager_class"}
    return {name: value for name, value in execute.items() if name not in ours}


def problem_of(name: str, error: BaseException) -> Failure:
    """Say why a notebook was not run to its end."""
    match error:
        case NoSuchKernel():
            return Failure(name, Problem.NO_SUCH_KERNEL, f"The kernel is called '{error.name}'.")
        case CellTimeoutError():
            return Failure(name, Problem.OUT_OF_TIME, "A cell did not stop when it was interrupted.")
        case TimeoutError():
            return Failure(name, Problem.OUT_OF_TIME, "All its cells together took too long.")
        case DeadKernelError():
            return Failure(name, Problem.KERNEL_DIED, "")
        case nbformat.reader.NotJSONError() | nbformat.ValidationError():
            return Failure(name, Problem.NOT_A_NOTEBOOK, str(error).splitlines()[0][:200])
    return Failure(name, Problem.MACHINE, f"{type(error).__name__}: {error}"[:500])
