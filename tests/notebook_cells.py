"""The code cells of a notebook of the book, run once in order, as a test wants them: the names they leave."""

import os
import re
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib

from informal_ict.paths import ROOT

NOTEBOOKS = ROOT / "notebooks"
CELL = re.compile(r"^```\{code-cell\} ipython3\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = re.compile(r"\A(?:---\n.*?\n---\n|(?::.*\n)+)\n*", re.DOTALL)


def code_cells(slug: str) -> list[str]:
    """The source of each cell, without its options."""
    source = (NOTEBOOKS / f"{slug}.md").read_text(encoding="utf-8")
    return [OPTIONS.sub("", cell) for cell in CELL.findall(source)]


@contextmanager
def _in_the_folder_of_notebooks():
    before = Path.cwd()
    os.chdir(NOTEBOOKS)
    try:
        yield
    finally:
        os.chdir(before)


def run_cells(slug: str) -> dict[str, Any]:
    """Every name that the notebook leaves, and under ``seconds`` how long it took."""
    matplotlib.use("Agg")
    names: dict[str, Any] = {"display": lambda *shown: None}
    started = time.perf_counter()
    with _in_the_folder_of_notebooks():
        for number, cell in enumerate(code_cells(slug), start=1):
            exec(compile(cell, f"{slug}, cell {number}", "exec"), names)
    return names | {"seconds": time.perf_counter() - started}
