"""Look at what students handed in, before it is marked: names of notebooks, cells, and student numbers.

Nothing is run. Whoever finds two notebooks with one student number here talks to two people before marking.
"""

import ast
import csv
import io
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from informal_ict.assignments.cells import graded_cells
from informal_ict.assignments.source import STUDENT_NUMBER
from informal_ict.course.restore import cell_id_of, grade_id_of, restore
from informal_ict.errors import InputError
from informal_ict.reading import read_text

ROSTER_COLUMNS = ("student", "student_number")


@dataclass(frozen=True)
class Finding:
    """Something about one student's work that a person should know.

    Attributes:
        student: whose work it is.
        text: what was found.
        repaired: whether it has been put right, or will be when the work is marked.
    """

    student: str
    text: str
    repaired: bool = False


def check_submissions(
    course: Path, slug: str, roster: Path | None = None, repair: bool = False
) -> tuple[int, list[Finding]]:
    """Check every submission of one assignment.

    Args:
        course: folder of the course.
        slug: the assignment.
        roster: a CSV file with the columns student and student_number, if numbers should be compared.
        repair: give a notebook with another name its right one; the other stays beside it.

    Returns:
        How many submissions there are, and what was found.

    Raises:
        InputError: if the assignment was not released, or the roster cannot be read.
    """
    path = course / "release" / slug / f"{slug}.ipynb"
    if not path.exists():
        raise InputError(f"{path}: the released notebook is not there; make the course first.")
    released = nbformat.read(path, as_version=4)
    expected = read_roster(roster) if roster else {}
    folders = sorted(folder for folder in (course / "submitted").glob(f"*/{slug}") if folder.is_dir())
    findings: list[Finding] = []
    numbers: dict[str, list[str]] = defaultdict(list)
    for folder in folders:
        student = folder.parent.name
        found, notebook = read_submission(folder, slug, released, repair)
        findings += [Finding(student, text, repaired) for text, repaired in found]
        if notebook is None:
            continue
        restored = restore(notebook, released)
        findings += [Finding(student, text, repaired=True) for text in restored.findings]
        number, problems = student_number(restored.notebook, slug)
        findings += [Finding(student, text) for text in problems]
        if number:
            numbers[number].append(student)
            if roster and student not in expected:
                findings.append(Finding(student, "is not on the roster."))
            elif roster and expected[student] != number:
                findings.append(
                    Finding(student, f"works on the data of {number}; the roster has {expected[student]}.")
                )
    for number, students in numbers.items():
        if len(students) > 1:
            text = f"the number {number} is in the work of {', '.join(students)}: one copied, or mistyped it."
            findings += [Finding(student, text) for student in students]
    return len(folders), sorted(findings, key=lambda finding: finding.student)


def read_submission(
    folder: Path, slug: str, released: NotebookNode, repair: bool
) -> tuple[list[tuple[str, bool]], NotebookNode | None]:
    """Read a student's notebook, also when it has another name.

    Returns:
        What was found, each with whether it has been put right; and the notebook, if there is one.
    """
    path = folder / f"{slug}.ipynb"
    if path.exists():
        try:
            return [], read_notebook(path)
        except InputError as error:
            return [(str(error), False)], None
    known = {cell.metadata.nbgrader.grade_id for _, cell in graded_cells(released)}
    candidates: list[tuple[Path, NotebookNode]] = []
    for other in sorted(folder.glob("*.ipynb")):
        try:
            notebook = read_notebook(other)
        except InputError:
            continue
        if any({grade_id_of(cell), cell_id_of(cell)} & known for cell in notebook.cells):
            candidates.append((other, notebook))
    if len(candidates) != 1:
        names = ", ".join(sorted(one.name for one in folder.iterdir())) or "nothing"
        return [(f"there is no {slug}.ipynb, but {names}; look which one it is.", False)], None
    other, notebook = candidates[0]
    if repair:
        shutil.copyfile(other, path)
        return [(f"'{other.name}' was copied to {slug}.ipynb.", True)], notebook
    return [(f"the notebook is called '{other.name}'; --repair copies it to {slug}.ipynb.", False)], notebook


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook that a student handed in.

    Raises:
        InputError: if it is not a notebook, or of a format that nbgrader cannot mark.
    """
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
        problem = "" if isinstance(notebook.cells, list) else "it has no cells"
    except Exception as error:  # nbformat raises whatever its parts raise on a broken file
        problem = f"{type(error).__name__}: {error}"
    if not problem and not all(isinstance(cell.get("source"), str) for cell in notebook.cells):
        problem = "it has a cell without text"
    if problem:
        problem = problem.splitlines()[0][:120]
        raise InputError(f"{path.name} is not a notebook that can be opened ({problem}).")
    return notebook


def student_number(notebook: NotebookNode, slug: str) -> tuple[str, list[str]]:
    """Read the student number as it was typed, without running anything.

    Returns:
        The number without spaces and in capitals, empty if there is none; and what is odd about it.
    """
    own = f"{slug}-{STUDENT_NUMBER}"
    problems: list[str] = []
    number = ""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        for value in assignments_to_number(cell.source):
            if grade_id_of(cell) != own:
                problems.append("another cell sets student_number again; look which number counts.")
            elif isinstance(value, ast.Constant) and isinstance(value.value, (str, int)):
                number = "".join(str(value.value).split()).upper()
            else:
                problems.append("the student number is not typed but computed; look at its cell.")
    if not number and not problems:
        problems.append("there is no student number that can be read.")
    return number, problems


def assignments_to_number(source: str) -> Iterator[ast.expr]:
    """Find what a cell gives to ``student_number``; lines that only IPython understands are passed over.

    Yields:
        The value beside the name, or the name itself where a loop, a list of names or the like sets it.
    """
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(("%", "!", "?"))]
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return  # ast.parse lets half a letter and bottomless nesting through as the last three
    beside: dict[ast.expr, ast.expr | None] = {}  # what stands beside a name in an assignment of its own
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                beside |= dict.fromkeys(targets, value)
            case ast.AnnAssign(target=target, value=value):
                beside[target] = value
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "student_number" and isinstance(node.ctx, ast.Store):
            value = beside.get(node, node)
            if value is not None:
                yield value


def read_roster(path: Path) -> Mapping[str, str]:
    """Read which number belongs to which student.

    Raises:
        InputError: if a column is missing, a field is empty or a student is there twice.
    """
    reader = csv.DictReader(io.StringIO(read_text(path)))
    missing = [column for column in ROSTER_COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise InputError(f"{path.name}: the column {missing[0]} is missing; it needs student,student_number.")
    roster: dict[str, str] = {}
    for row in reader:
        student, number = ((row[column] or "").strip() for column in ROSTER_COLUMNS)
        if not student or not number:
            raise InputError(f"{path.name}, line {reader.line_num}: a field is empty.")
        if student in roster:
            raise InputError(f"{path.name}, line {reader.line_num}: {student} is there twice.")
        roster[student] = "".join(number.split()).upper()
    return roster
