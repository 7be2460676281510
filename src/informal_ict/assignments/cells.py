"""Finding nbgrader's cells in a notebook."""

from collections.abc import Iterator

from nbformat import NotebookNode


def graded_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """Go through the cells that nbgrader knows, with their place."""
    return ((place, cell) for place, cell in enumerate(notebook.cells) if "nbgrader" in cell.metadata)


def find_cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """Find a cell by its grade id.

    Raises:
        KeyError: if the notebook has none of this name.
    """
    for _, cell in graded_cells(notebook):
        if cell.metadata.nbgrader.grade_id == grade_id:
            return cell
    raise KeyError(grade_id)
