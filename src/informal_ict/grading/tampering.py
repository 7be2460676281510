"""Signs that a submission interferes with its marking: for a person to judge, and no mark is taken.

Student code and the visible part of a test share one interpreter. Before each test the kernel is asked for
an assertion that must fail with a text nobody can foresee, and for what tests lean on; both are compared
with what they were before the first cell ran. Whoever knows this can hide from it, so it deters and proves
nothing.
A notebook whose author wrote ``sum = 0`` is ordinary; one that puts a function of its own in the place of
``len`` before a test that uses ``len`` is worth a look.
"""

import ast
import base64
import marshal
import platform
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

CODE = """\
import builtins as _builtins
_asked = {{}}
{sides}
_asked["seen"] = "nothing was raised"
try:
    try:
        assert _asked is None, {nonce!r}
    except _builtins.AssertionError as _raised:
        _asked["seen"] = _builtins.str(_raised)
    _asked["hand_over"]({nonce!r}, _asked["seen"], {results}, {forget!r})
finally:
    del _asked, _builtins
"""
TRUSTED = ("IPython", "ipykernel", "ipywidgets", "matplotlib", "matplotlib_inline", "traitlets", "comm")
KERNEL_S_OWN = frozenset({"input", "raw_input"})  # replaced by the kernel itself for each cell
LONGEST = 300


@cache
def exec_of(module: str, version: str) -> str:
    """A line that runs a module of ours in a kernel, among what was asked.

    Args:
        module: its name in this package.
        version: of the kernel's Python. The same as ours takes what is compiled, which saves it ten
            milliseconds each time; any other takes the text.
    """
    text = files("informal_ict.grading").joinpath(f"{module}.py").read_text(encoding="utf-8")
    if version != platform.python_version():
        return f"_builtins.exec({text!r}, _asked)"
    code = marshal.dumps(compile(text, module, "exec", optimize=2))
    packed = base64.b64encode(zlib.compress(code, 9)).decode()
    return (
        "_builtins.exec(__import__('marshal').loads(__import__('zlib').decompress("
        f"__import__('base64').b64decode({packed!r}))), _asked)"
    )


def question(nonce: str, results: tuple[str, ...] = (), version: str = "", forget: str = "") -> str:
    """Code that asks a kernel for results, for an assertion that must fail, and for what tests lean on.

    Args:
        nonce: what the assertion says.
        results: expressions of names of the notebook.
        version: of the kernel's Python, if it is known.
        forget: cells with this in their text are taken from what Python keeps for tracebacks.
    """
    # IPython goes through every letter several times, so what is not needed is not sent.
    modules = ("in_kernel_signs", "in_kernel_results") if results else ("in_kernel_signs",)
    sides = "\n".join(exec_of(module, version) for module in modules)
    described = f'[_asked["described"](_one) for _one in [{", ".join(results)}]]' if results else "[]"
    return CODE.format(sides=sides, nonce=nonce, results=described, forget=forget)


def signs(
    before: Mapping[str, Any], now: Mapping[str, Any] | None, nonce: str, test: str
) -> Iterator[tuple[str, str]]:
    """Compare what tests lean on with what it was before the student's first cell.

    Args:
        before: what the kernel said then.
        now: what it says before a test, or nothing if it says nothing.
        nonce: what the assertion that must fail should have said.
        test: source of the test, for the names it uses.

    Yields:
        A sign, and what was seen.
    """
    if now is None:
        yield "The kernel did not answer a question that every kernel answers.", ""
        return
    if now.get("nonce") != nonce or now.get("seen") != nonce:
        yield "An assertion that must fail did not fail.", str(now.get("seen"))
    if "broken" in now:
        yield "What tests lean on could not be looked at.", str(now["broken"])
    shadowed, used = mapping(now, "shadowed"), names_used(test)
    for name in sorted((shadowed.keys() & used) - mapping(before, "shadowed").keys()):
        yield f"`{name}`, which the test uses, is not Python's own any more.", str(shadowed[name])
    for part, what in (
        ("builtins", "Python's own `{}` was replaced."),
        ("helpers", "`{}`, which tests use, was replaced."),
        ("class", "IPython's `{}` was replaced for every cell."),
    ):
        old, new = mapping(before, part), mapping(now, part)
        for name in sorted(old.keys() & new.keys() - KERNEL_S_OWN):
            if old[name] == new[name]:
                continue
            yield what.format(name), ""
    for name in sorted({*listed(now, "shell")} - {*listed(before, "shell")}):
        yield f"IPython's `{name}` was replaced for every cell.", ""
    for part, what in (
        ("transformers", "Cells are rewritten before they run."),
        ("callbacks", "Code runs before or after every cell."),
    ):
        foreign = [one for one in listed(now, part) if one.partition(".")[0] not in TRUSTED]
        if foreign:
            yield what, ", ".join(foreign)
    if now.get("displayhook") != before.get("displayhook"):
        yield "What shows a result was replaced.", str(now.get("displayhook"))
    if now.get("custom_exceptions") != before.get("custom_exceptions"):
        yield "What shows an error was replaced.", str(now.get("custom_exceptions"))
    if now.get("traced") and not before.get("traced"):
        yield "Every step of Python is watched while tests run.", ""


def mapping(about: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """A part that should be a dictionary, whatever a kernel says."""
    value = about.get(part)
    return value if isinstance(value, dict) else {}


def listed(about: Mapping[str, Any], part: str) -> list[str]:
    """A part that should be a list of names, whatever a kernel says."""
    value = about.get(part)
    return [str(one) for one in value] if isinstance(value, list) else []


def names_used(source: str) -> set[str]:
    """The names that a test uses; every builtin's name if it is no plain Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        import builtins

        return set(dir(builtins))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
