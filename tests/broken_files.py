"""What breaks a submission on its way: each function takes the folder that was handed in, and spoils it.

The names are those of ``tests/hostile/broken.yml``, with underscores in them. The folder holds right work:
the notebooks one.ipynb and two.ipynb, and data.txt.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

Spoil = Callable[[Path], None]
ONE = "one.ipynb"
TWO = "two.ipynb"


def edit(folder: Path, change: Callable[[NotebookNode], object]) -> None:
    """Change the first notebook, and write it as it is then, valid or not."""
    notebook = nbformat.read(folder / ONE, as_version=4)
    change(notebook)
    (folder / ONE).write_text(json.dumps(notebook))


def cut_off(folder: Path) -> None:
    (folder / ONE).write_text((folder / ONE).read_text()[:-40])


def empty(folder: Path) -> None:
    (folder / ONE).write_text("")


def a_list(folder: Path) -> None:
    (folder / ONE).write_text("[1, 2]")


def deep(folder: Path) -> None:
    (folder / ONE).write_text("[" * 100_000)


def a_picture(folder: Path) -> None:
    (folder / ONE).write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")


def a_page(folder: Path) -> None:
    (folder / ONE).write_text("<!DOCTYPE html><title>one</title><p>My notebook, as a page.")


def two_bytes_a_letter(folder: Path) -> None:
    (folder / ONE).write_text((folder / ONE).read_text(), encoding="utf-16")


def conflict(folder: Path) -> None:
    lines = (folder / ONE).read_text().splitlines(keepends=True)
    lines[3:3] = ["<<<<<<< HEAD\n", *lines[3:5], "=======\n", *lines[3:5], ">>>>>>> theirs\n"]
    (folder / ONE).write_text("".join(lines))


def no_cells(folder: Path) -> None:
    edit(folder, lambda nb: nb.update(cells="none"))


def old_marks(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells[1].metadata.nbgrader.update(schema_version=1))


def new_marks(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells[1].metadata.nbgrader.update(schema_version=99))


def notebook_of_2014(folder: Path) -> None:
    notebook = nbformat.read(folder / ONE, as_version=4)
    (folder / ONE).write_text(nbformat.writes(nbformat.convert(notebook, 3), version=3))


def notebook_of_2011(folder: Path) -> None:
    cell = {"cell_type": "code", "language": "python", "outputs": [], "input": "answer = 42"}
    notebook = {"nbformat": 2, "metadata": {"name": "one"}, "worksheets": [{"cells": [cell]}]}
    (folder / ONE).write_text(json.dumps(notebook))


def notebook_of_the_future(folder: Path) -> None:
    edit(folder, lambda nb: nb.update(nbformat=99))


def unknown_kernel(folder: Path) -> None:
    edit(folder, lambda nb: nb.metadata.kernelspec.update(name="ir", display_name="R", language="R"))


def kernel_of_no_name(folder: Path) -> None:
    edit(folder, lambda nb: nb.metadata.pop("kernelspec"))


def kernel_of_another_name(folder: Path) -> None:
    edit(folder, lambda nb: nb.metadata.kernelspec.update(name="../../python3 (my-env)"))


def renamed(folder: Path) -> None:
    (folder / ONE).rename(folder / "one (1).ipynb")


def both_renamed(folder: Path) -> None:
    renamed(folder)
    (folder / TWO).rename(folder / "zwei.ipynb")


def nothing(folder: Path) -> None:
    for path in folder.glob("*.ipynb"):
        path.unlink()


def large(folder: Path) -> None:
    with (folder / ONE).open("r+b") as file:
        file.truncate(200 * 1024 * 1024)


def much_was_shown(folder: Path) -> None:
    shown = new_output("stream", text="x" * 60_000_000)
    edit(folder, lambda nb: nb.cells[0].update(outputs=[shown]))


def a_link(folder: Path) -> None:
    (folder / ONE).unlink()
    (folder / ONE).symlink_to(folder.parents[2] / "source" / folder.name / ONE)


def a_pipe(folder: Path) -> None:
    (folder / ONE).unlink()
    os.mkfifo(folder / ONE)


def a_folder(folder: Path) -> None:
    (folder / ONE).unlink()
    (folder / ONE).mkdir()


def links_beside_it(folder: Path) -> None:
    (folder / "secret").symlink_to("/etc/passwd")
    (folder / "linked").symlink_to(folder.parents[2] / "source", target_is_directory=True)
    (folder / "own.txt").write_text("own")


def many_files_beside_it(folder: Path) -> None:
    for number in range(2_500):
        (folder / f"photo{number}.txt").write_text("x")


def no_time_at_all(folder: Path) -> None:
    (folder / "timestamp.txt").write_text("not a time at all")


def a_cell_twice(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells.append(nb.cells[0].copy()))


def a_test_twice(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells.append(nb.cells[1].copy()))


def a_name_nobody_knows(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells[0].metadata.nbgrader.update(grade_id="invented"))


def a_name_that_is_a_number(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells[1].metadata.nbgrader.update(grade_id=5))


def no_test(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells.pop(1))


def no_names(folder: Path) -> None:
    def change(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            del cell.metadata["nbgrader"]

    edit(folder, change)


def another_kind_of_cell(folder: Path) -> None:
    def change(notebook: NotebookNode) -> None:
        cell = notebook.cells[1]
        cell.cell_type = "markdown"
        del cell["outputs"], cell["execution_count"]

    edit(folder, change)


def more_points(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells[1].metadata.nbgrader.update(points=100))


def minus_points(folder: Path) -> None:
    edit(folder, lambda nb: nb.cells[1].metadata.nbgrader.update(points=-5))


def an_unlocked_test(folder: Path) -> None:
    def change(notebook: NotebookNode) -> None:
        notebook.cells[0].source = "answer = 7"
        notebook.cells[1].source = "print('all is well')"
        notebook.cells[1].metadata.nbgrader.update(locked=False)

    edit(folder, change)


def a_test_of_its_own(folder: Path) -> None:
    def change(notebook: NotebookNode) -> None:
        about = notebook.cells[1].metadata.nbgrader
        own = new_code_cell("100", metadata={"nbgrader": {**about, "grade_id": "extra", "points": 100}})
        notebook.cells.append(own)

    edit(folder, change)


SPOILS: dict[str, Spoil] = {
    spoil.__name__.replace("_", "-"): spoil
    for spoil in (
        cut_off,
        empty,
        a_list,
        deep,
        a_picture,
        a_page,
        two_bytes_a_letter,
        conflict,
        no_cells,
        old_marks,
        new_marks,
        notebook_of_2014,
        notebook_of_2011,
        notebook_of_the_future,
        unknown_kernel,
        kernel_of_no_name,
        kernel_of_another_name,
        renamed,
        both_renamed,
        nothing,
        large,
        much_was_shown,
        a_link,
        a_pipe,
        a_folder,
        links_beside_it,
        many_files_beside_it,
        no_time_at_all,
        a_cell_twice,
        a_test_twice,
        a_name_nobody_knows,
        a_name_that_is_a_number,
        no_test,
        no_names,
        another_kind_of_cell,
        more_points,
        minus_points,
        an_unlocked_test,
        a_test_of_its_own,
    )
}
