"""Give a handed-in notebook its cells back: deleted, copied, moved and renamed ones.

Stock nbgrader stops at some of these and quietly gives 0 for others. ``nbgrader_config.py`` of a course puts
``RestoreCells`` first among the steps of autograding, so that everything after it sees the cells of the
released notebook in their order, each with the student's own answer where there is one. What was done is
written on top of the marked notebook, where the person who marks it reads it first.
"""

import copy
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors.base import NbGraderPreprocessor

from informal_ict.assignments.cells import graded_cells
from informal_ict.errors import InputError

NOTE_ID = "note-on-restored-cells"


@dataclass
class Restored:
    """A notebook with its cells back.

    Attributes:
        notebook: to be marked.
        findings: what was done, one sentence each; empty if nothing had to be.
    """

    notebook: NotebookNode
    findings: list[str] = field(default_factory=list)


class RestoreCells(NbGraderPreprocessor):
    """The first step of autograding: the cells of the released notebook, with the student's answers."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Restore one notebook, and write on top of it what was done.

        Raises:
            InputError: if the released notebook is not in the course.
        """
        about = resources["nbgrader"]
        course = CourseDirectory(parent=self)
        folder = Path(course.format_path(course.release_directory, ".", about["assignment"]))
        path = folder / f"{about['notebook']}.ipynb"
        if not path.exists():
            raise InputError(f"{path}: the released notebook is not there, and marking compares with it.")
        restored = restore(nb, nbformat.read(path, as_version=4))
        for finding in restored.findings:
            self.log.warning("%s: %s", about["student"], finding)
        if restored.findings:
            restored.notebook.cells.insert(0, note(restored.findings))
        return restored.notebook, resources


def note(findings: list[str]) -> NotebookNode:
    """Say on top of a notebook what was done to it."""
    lines = [
        "**Before marking, cells of this notebook were put right.**",
        "",
        *(f"- {finding}" for finding in findings),
    ]
    return new_markdown_cell("\n".join(lines), id=NOTE_ID)  # type: ignore[no-any-return]


def restore(submitted: NotebookNode, released: NotebookNode) -> Restored:
    """Put the cells of a handed-in notebook back into the order and number of the released one.

    An answer is found by its grade id, else by its cell id, else by its place before its check. Cells that
    are the student's own stay behind the cell that they followed.

    Args:
        submitted: as handed in; left as it is.
        released: as students received it.
    """
    known = {cell.metadata.nbgrader.grade_id: cell for _, cell in graded_cells(released)}
    cells = copy.deepcopy(submitted.cells)
    findings: list[str] = []
    chosen, copies = choose(cells, known, findings)
    find_nameless_answers(cells, known, chosen, copies, findings)
    order = [grade_id for grade_id in known if grade_id in chosen]
    if [chosen[one] for one in order] != sorted(chosen.values()):
        findings.append("Cells stood in another order; they were put back into the order of the assignment.")
    notebook = copy.deepcopy(submitted)
    # An older tool saves cells without the ids that those put back have.
    notebook.nbformat_minor = released.nbformat_minor
    notebook.cells = arranged(cells, known, chosen, copies, findings)
    return Restored(notebook, findings)


def choose(
    cells: list[NotebookNode], known: dict[str, NotebookNode], findings: list[str]
) -> tuple[dict[str, int], dict[int, str]]:
    """Find the place of each known cell; of several copies, the last that differs from the release.

    Returns:
        The place by name, and the name by place of every further copy.
    """
    places: dict[str, list[int]] = {}
    for attribute in (grade_id_of, cell_id_of):
        missing = known.keys() - places.keys()
        taken = {place for found in places.values() for place in found}
        for place, cell in enumerate(cells):
            name = attribute(cell)
            if name in missing and place not in taken:
                places.setdefault(name, []).append(place)
    chosen: dict[str, int] = {}
    copies: dict[int, str] = {}
    for name, found in places.items():
        changed = [place for place in found if not same_text(cells[place], known[name])]
        chosen[name] = (changed or found)[-1]
        copies |= {place: name for place in found if place != chosen[name]}
        if len(found) > 1:
            findings.append(f"'{name}' was there {len(found)} times; the last one that was changed counts.")
    return chosen, copies


def find_nameless_answers(
    cells: list[NotebookNode],
    known: dict[str, NotebookNode],
    chosen: dict[str, int],
    copies: dict[int, str],
    findings: list[str],
) -> None:
    """Take for a missing answer the one box of code that stands between its neighbours."""
    names = list(known)
    for number, name in enumerate(names):
        if name in chosen or not known[name].metadata.nbgrader.solution:
            continue
        before = max((chosen[one] for one in names[:number] if one in chosen), default=-1)
        after = min(
            (chosen[one] for one in names[number + 1 :] if chosen.get(one, -1) > before), default=len(cells)
        )
        own = [
            place
            for place in range(before + 1, after)
            if cells[place].cell_type == "code"
            and place not in copies
            and not str(cells[place].get("id", "")).startswith(released_prefix(known))
            and cells[place].source.strip()
        ]
        if len(own) == 1:
            chosen[name] = own[0]
            findings.append(f"'{name}' had lost its name; the box of code in its place counts as the answer.")


def released_prefix(known: dict[str, NotebookNode]) -> str:
    """How the ids of text and examples begin in a released notebook (``informal_ict.assignments.source``)."""
    slug = next(name for name in known if name.endswith("-student-number")).removesuffix("-student-number")
    return f"{slug}-cell-"


def arranged(
    cells: list[NotebookNode],
    known: dict[str, NotebookNode],
    chosen: dict[str, int],
    copies: dict[int, str],
    findings: list[str],
) -> list[NotebookNode]:
    """List all cells: the known in the order of the release, the student's own behind their neighbours.

    A copy in which nothing was written is left out: run late, it would undo the answer that counts.
    """
    followers: dict[int, list[NotebookNode]] = {place: [] for place in (-1, *chosen.values())}
    place_to_name = {place: name for name, place in chosen.items()}
    last = -1
    for place, cell in enumerate(cells):
        if place in place_to_name:
            last = place
        elif place in copies and same_text(cell, known[copies[place]]):
            if known[copies[place]].metadata.nbgrader.locked:
                # What stands under a copy of a task answers the task, wherever the one that counts stands.
                last = chosen[copies[place]]
        else:
            cell.metadata.pop("nbgrader", None)
            followers[last].append(cell)
    result = followers[-1]
    for name, original in known.items():
        if name not in chosen:
            findings.append(f"'{name}' was missing; it was put back as handed out.")
            result.append(copy.deepcopy(original))
            continue
        result.append(with_released_form(cells[chosen[name]], original, findings))
        result += followers[chosen[name]]
    return with_different_ids(result)


def with_released_form(cell: NotebookNode, original: NotebookNode, findings: list[str]) -> NotebookNode:
    """Give a cell the type, name and points of the release, and a locked one its text too."""
    about = original.metadata.nbgrader
    kept = copy.deepcopy(original)
    if cell.cell_type != original.cell_type:
        findings.append(
            f"'{about.grade_id}' had become a cell of another kind; it counts as {kept.cell_type}."
        )
    if not about.locked:
        kept.source = cell.source
    elif not same_text(cell, original):
        findings.append(f"'{about.grade_id}' had been changed and is locked; it was put back as handed out.")
    return kept


def with_different_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Give copies of a cell, and cells without an id, one of their own: the notebook format asks for it."""
    seen = {""}
    for place, cell in enumerate(cells):
        if cell.get("id", "") in seen:
            cell.id = f"copy-{place}"
        seen.add(cell.id)
    return cells


def grade_id_of(cell: NotebookNode) -> str:
    """The grade id that a cell carries, or nothing."""
    about = cell.metadata.get("nbgrader")
    return str(about.get("grade_id", "")) if isinstance(about, dict) else ""


def cell_id_of(cell: NotebookNode) -> str:
    """The id of a cell, which in a released notebook is its grade id."""
    return str(cell.get("id", ""))


def same_text(one: NotebookNode, other: NotebookNode) -> bool:
    """Whether two cells say the same, spaces at the ends of lines aside."""
    lines = [[line.rstrip() for line in cell.source.strip().splitlines()] for cell in (one, other)]
    return lines[0] == lines[1]
