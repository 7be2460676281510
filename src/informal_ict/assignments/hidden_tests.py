"""Hidden tests: one call in the source, the whole check in the notebook that is marked.

In a source the hidden part of a test is a single call, such as ``check_base(student_number, answered_age)``,
of a function in ``assignments/<slug>/marking.py``. That module is ordinary Python: linted, typed, and called
directly by the tests of this repository. The course gets the call with the functions it needs written out
around it, because a marked notebook stands alone. They run in a module of their own, so a student's variable
named ``sum`` does not reach them and nothing of them is left behind for the student's next cell.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from informal_ict.assignments.errors import AssignmentError, describe
from informal_ict.paths import DATA
from informal_ict.reading import read_text

MARKING = "marking.py"
TOOLS = "marking_tools.py"  # shared by all assignments; its text takes the place of the import in marking.py
TOOLS_IMPORT = re.compile(r"^from marking_tools import (?:\([^)]*\)|[^\n]*)\n", re.MULTILINE)

HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS\n(?P<body>.*?)^### END HIDDEN TESTS", re.MULTILINE | re.DOTALL)
WRITTEN_OUT = """\
### BEGIN HIDDEN TESTS
import builtins as _builtins, types as _types
_marking = _types.ModuleType("marking")
try:
    _builtins.exec(r'''
{code}
''', _marking.__dict__)
    _marking.FOLDER = get_ipython().history_manager.dir_hist[0]  # where the kernel began, despite os.chdir
    _marking.{call}
finally:
    del _marking, _builtins, _types
### END HIDDEN TESTS"""


BEFORE, _, AFTER = WRITTEN_OUT.partition("{code}")
RECOGNISED = re.compile(
    re.escape(BEFORE)
    + "(?P<code>.*?)"
    + re.escape(AFTER).replace(re.escape("{call}"), r"(?P<function>\w+)\((?P<arguments>[^\n]*)\)")
    + r"\s*\Z",
    re.DOTALL,
)


SIGN = "_types.ModuleType"


def may_have_checks(notebook: str) -> bool:
    """Whether the text of a notebook may hold checks that are written out, without a look at its cells."""
    return SIGN in notebook


@dataclass(frozen=True)
class HiddenCheck:
    """The hidden part of one test.

    Attributes:
        function: name of the function in ``marking.py``.
        call: the call as the source has it; its arguments are names of the student's notebook.
    """

    function: str
    call: str


@dataclass(frozen=True)
class WrittenOut:
    """A test of a notebook that is marked, in its parts.

    Attributes:
        visible: the part that students see.
        code: the functions that its hidden check needs.
        function: the one that is called.
        arguments: what it is called with, each an expression of names of the notebook.
    """

    visible: str
    code: str
    function: str
    arguments: tuple[str, ...]


def recognise(source: str) -> WrittenOut | None:
    """Take a test apart that ``write_out`` has put together; nothing for any other cell."""
    found = RECOGNISED.search(source)
    if found is None:
        return None
    try:
        call = ast.parse(f"f({found['arguments']})", mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(call, ast.Call) or call.keywords:
        return None
    arguments = tuple(ast.unparse(argument) for argument in call.args)
    return WrittenOut(source[: found.start()], found["code"], found["function"], arguments)


def read_marking(folder: Path) -> str:
    """Read ``marking.py`` of an assignment, with the shared tools in the place of their import.

    Raises:
        AssignmentError: if it is not there, is not Python, or holds what cannot be written out.
    """
    source = read_text(folder / MARKING)
    tools = folder.parent / TOOLS
    if TOOLS_IMPORT.search(source):
        source = TOOLS_IMPORT.sub(lambda _: read_text(tools), source, count=1)
    if "'''" in source:
        raise AssignmentError(f"{folder / MARKING}: write docstrings with double quotation marks.")
    try:
        module = ast.parse(source)
    except SyntaxError as error:
        raise AssignmentError(f"{folder / MARKING}: line {error.lineno}: {error.msg}") from None
    for statement in module.body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not docstring and not names_made(statement):
            first_line = ast.unparse(statement).splitlines()[0]
            raise AssignmentError(
                f"{folder / MARKING}: '{first_line}': only imports, constants and functions without "
                "decorators can be written into a notebook."
            )
    return source


def load_marking(source: str, folder: Path = DATA) -> ModuleType:
    """Make a module of what ``read_marking`` gives, to call its checks without a notebook.

    Args:
        source: the text.
        folder: where the data files are that a student has beside the notebook.
    """
    module = ModuleType("marking")
    exec(source, module.__dict__)
    module.__dict__["FOLDER"] = str(folder)
    return module


def read_hidden_check(path: Path, grade_id: str, source: str, marking: str) -> HiddenCheck:
    """Read the call that is the hidden part of a test.

    Args:
        path: the assignment's source, for messages.
        grade_id: the test.
        source: text of its cell.
        marking: what ``read_marking`` gives.

    Raises:
        AssignmentError: if there is no hidden part, or it is not one call of a function that is there.
    """
    found = HIDDEN.findall(source)
    if len(found) != 1:
        raise AssignmentError(
            describe(path, grade_id, "it needs one BEGIN HIDDEN TESTS and one END HIDDEN TESTS.")
        )
    try:
        (statement,) = ast.parse(found[0]).body
        call = statement.value if isinstance(statement, ast.Expr) else None
    except (SyntaxError, ValueError):
        call = None
    by_place = isinstance(call, ast.Call) and not call.keywords
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or not by_place:
        raise AssignmentError(
            describe(path, grade_id, f"its hidden part is one call of a function of {MARKING}.")
        )
    if call.func.id not in definitions(marking):
        raise AssignmentError(describe(path, grade_id, f"{MARKING} has no function '{call.func.id}'."))
    return HiddenCheck(call.func.id, ast.unparse(call))


def write_out(source: str, check: HiddenCheck, marking: str) -> str:
    """Put into a test cell everything its hidden check needs, so that the marked notebook stands alone."""
    text = WRITTEN_OUT.format(code=needed(marking, check.function), call=check.call)
    return HIDDEN.sub(lambda _: text, source)


def visible_part(source: str) -> str:
    """Leave the hidden part of a test out."""
    return HIDDEN.sub("", source)


def needed(marking: str, function: str) -> str:
    """Give the part of a module that one of its functions uses: imports, constants and other functions."""
    defined = definitions(marking)
    wanted: set[str] = set()
    waiting = [function]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            used = {node.id for node in ast.walk(defined[name]) if isinstance(node, ast.Name)}
            waiting += used & defined.keys()
    statements = dict.fromkeys(
        statement for name, statement in defined.items() if name in wanted
    )  # once each, in the order of the module
    lines = [f"{line}\n" for line in marking.split("\n")]
    parts = [_source(lines, statement) for statement in statements]
    return "\n".join(("\n" if part.startswith("def ") else "") + part for part in parts)


def _source(lines: Sequence[str], statement: ast.stmt) -> str:
    # ast.get_source_segment would split the whole module into lines anew for each statement.
    assert statement.end_lineno is not None and statement.end_col_offset is not None
    *whole, last = lines[statement.lineno - 1 : statement.end_lineno]
    text = "".join(whole).encode() + last.encode()[: statement.end_col_offset]  # offsets count bytes
    return text[statement.col_offset :].decode()


@cache
def definitions(marking: str) -> Mapping[str, ast.stmt]:
    """Find the statement that makes each name of a module, in order."""
    return {name: statement for statement in ast.parse(marking).body for name in names_made(statement)}


def names_made(statement: ast.stmt) -> list[str]:
    """The names that an import, a constant or a function makes; none if it is anything else."""
    match statement:
        case ast.FunctionDef(name=name, decorator_list=[]):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [(alias.asname or alias.name).split(".")[0] for alias in names]
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []
