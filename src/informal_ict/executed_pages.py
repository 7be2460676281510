"""The pages with code cells, run on all processors into the cache in which Sphinx then finds them.

A kernel that starts by itself and imports what a page needs takes longer than most pages do afterwards, so
they are forked from one that has it all (``informal_ict.kernels``).
"""

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import ProjectNb
from jupyter_cache.executors.base import load_executor
from jupyter_cache.executors.basic import ExecutionWorkerLocalMProc, ProcessData
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from traitlets import Dict, Unicode

from informal_ict.kernels.forked import PRELOADED, Template, running_template
from informal_ict.kernels.manager import ProvisionedManager
from informal_ict.paths import CHAPTERS, NOTEBOOKS

EXECUTABLE = (CHAPTERS, NOTEBOOKS)
CODE_CELL = "```{code-cell}"
TIMEOUT = 120  # seconds for one cell, as in _config.yml
# What pages import beyond what notebooks of the course do.
IMPORTED = (
    *PRELOADED,
    "informal_ict.appraisal",
    "informal_ict.figures.charts",
    "informal_ict.verify",
    "informal_ict.vignettes.class_paths",
    "informal_ict.vignettes.load",
    "krippendorff",
    "myst_nb",
    "statsmodels.stats.contingency_tables",
    "statsmodels.stats.inter_rater",
    "statsmodels.stats.proportion",
)


class _WarmManager(ProvisionedManager):
    provisioner_name = Unicode("informal-ict-warm")
    provisioner_config = Dict({"preload": list(IMPORTED)})


class _Worker(ExecutionWorkerLocalMProc):
    @staticmethod
    def execute(project_nb: ProjectNb, data: ProcessData) -> ExecutionResult:
        return single_nb_execution(
            project_nb.nb,
            cwd=str(Path(project_nb.uri).parent),
            timeout=data.timeout,
            allow_errors=data.allow_errors,
            kernel_manager_class=_WarmManager,
            # What a cell prints comes in as many pieces as the machine's speed makes of it, and MyST-NB would
            # begin a line with each.
            coalesce_streams=True,
        )


def execute_pages(cache_folder: Path, beside: Callable[[], None]) -> None:
    """Run every page that the cache does not hold yet, and some other work at the same time.

    A page that fails is left out of the cache, so that Sphinx runs it once more and says what is wrong.

    Args:
        cache_folder: of jupyter-cache.
        beside: the other work; what it raises is raised here.
    """
    can_fork = hasattr(os, "pidfd_open")  # on Linux
    template = None
    if can_fork and not cache_folder.exists():  # it warms up while the pages are looked at
        template = running_template(Template, IMPORTED)
    cache = get_cache(cache_folder)
    for page in (page for folder in EXECUTABLE for page in sorted(folder.rglob("*.md"))):
        if CODE_CELL in page.read_text(encoding="utf-8"):
            cache.add_nb_to_project(str(page), read_data={"name": "myst_nb_md", "type": "plugin"})
    if not can_fork:
        beside()
        load_executor("local-parallel", cache).run_and_cache(timeout=TIMEOUT)
        return
    waiting = cache.list_unexecuted()
    # The longest first, so that no processor is left with one of them at the end.
    waiting.sort(key=lambda record: Path(record.uri).stat().st_size, reverse=True)
    data = [ProcessData(record.pk, record.uri, cache, TIMEOUT, False) for record in waiting]
    if data:
        template = running_template(Template, IMPORTED)
    try:
        with multiprocessing.get_context("fork").Pool() as pool:
            pages = pool.map_async(_Worker(), data, chunksize=1)
            # Not in a forked process: typst may have run in this one, and would wait for threads left behind.
            beside()
            pages.get()
    finally:
        if template is not None:
            template.close()
            running_template.cache_clear()
