"""Run one submission: a stand-in until the real one is there."""

import os
import tempfile
import time
from pathlib import Path

import nbformat

from informal_ict.grading.jobs import Failure, Job, Problem, Ran


def run(job: Job) -> Ran:
    """Run one submission."""
    os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "informal-ict-warm"
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError
    from nbgrader.preprocessors import Execute

    begin = time.perf_counter()
    done, failures = {}, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in job.files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)
        for notebook, text in sorted(job.notebooks.items()):
            nb = nbformat.reads(text, as_version=4)
            step = Execute(**dict(job.execute))
            step.timeout = int(job.limits.cell_seconds)
            step.shutdown_kernel = "immediate"
            try:
                nb, _ = step.preprocess(nb, {"metadata": {"path": name}})
                done[notebook] = nbformat.writes(nb)
            except DeadKernelError:
                failures.append(Failure(notebook, Problem.KERNEL_DIED, "It ended."))
            except NoSuchKernel as error:
                failures.append(Failure(notebook, Problem.NO_SUCH_KERNEL, str(error)))
        files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        files = {k: v for k, v in files.items() if job.files.get(k) != v}
    return Ran(done, files, tuple(failures), (), time.perf_counter() - begin)
