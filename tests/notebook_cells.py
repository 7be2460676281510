"""A notebook as a student has it: its download unpacked into an empty folder, its code cells run in order."""

import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import nbformat
from pybtex.database import parse_file

from informal_ict import paths
from informal_ict.notebook_downloads import zipped
from informal_ict.published import load_published


def unpacked(slug: str, folder: Path) -> nbformat.NotebookNode:
    """Unpack the download into the folder and open its notebook."""
    works = parse_file(str(paths.ROOT / "references.bib"))
    archive = zipped(paths.NOTEBOOKS / f"{slug}.md", load_published(), works)
    zipfile.ZipFile(BytesIO(archive)).extractall(folder)
    return nbformat.read(folder / "notebooks" / f"{slug}.ipynb", as_version=4)


NOTEBOOKS = paths.NOTEBOOKS


def code_cells(slug: str) -> list[str]:
    """The source of each code cell of the download."""
    with TemporaryDirectory() as folder:
        return [cell.source for cell in unpacked(slug, Path(folder)).cells if cell.cell_type == "code"]


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def run_cells(slug: str) -> dict[str, Any]:
    """Every name that the notebook leaves, and under ``seconds`` how long it took."""
    matplotlib.use("Agg")
    names: dict[str, Any] = {"display": lambda *shown: None}
    with TemporaryDirectory() as folder:
        notebook = unpacked(slug, Path(folder))
        started = time.perf_counter()
        with _inside(Path(folder) / "notebooks"):
            cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
            for number, cell in enumerate(cells, start=1):
                assert "informal_ict" not in cell, "a student has no such package"
                exec(compile(cell, f"{slug}, cell {number}", "exec"), names)
                plt.close("all")  # as Jupyter does after each cell
    return names | {"seconds": time.perf_counter() - started}
