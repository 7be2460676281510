"""What runs inside a kernel to look for signs of interference, and to hand over what was asked for.

The text of this module is sent to the kernel for one moment, so it uses nothing but Python. It is not
trusted: it looks from within, beside the student's own code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

MIME = "application/x-informal-ict-results"


def publish(about: dict[str, Any]) -> None:
    """Send JSON to whoever runs the notebook."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    shell.display_pub.publish({MIME: json.dumps(about)})


def hand_over(nonce: str, seen: str, results: list[Any], forget: str = "") -> None:
    """Send results, with what an assertion that must fail did and what tests lean on.

    Args:
        nonce: what the assertion says.
        seen: what it said.
        results: as ``in_kernel_results.described`` gives them.
        forget: cells with this in their text are taken from what Python keeps for tracebacks.
    """
    if forget:
        forget_cells(forget)
    try:
        around = look_around()
    except Exception as error:  # a student may have replaced anything that it looks at
        around = {"broken": type(error).__name__}
    publish({"nonce": nonce, "seen": seen, "results": results, **around})


def forget_cells(word: str) -> None:
    """Take cells with a word in their text from what Python keeps for tracebacks."""
    import linecache

    for name, entry in list(linecache.cache.items()):
        if len(entry) == 4 and any(word in line for line in entry[2]):
            del linecache.cache[name]


def look_around() -> dict[str, Any]:
    """What tests lean on, as it stands now: names, and where the code behind them comes from."""
    import builtins

    from IPython import get_ipython

    shell: Any = get_ipython()
    user = shell.user_ns
    shadowed = {
        name: f"{type(user[name]).__module__}.{type(user[name]).__qualname__}"
        for name in dir(builtins)
        if name in user and user[name] is not getattr(builtins, name) and callable(user[name])
    }
    return {
        "shadowed": shadowed,
        "builtins": {name: id(value) for name, value in vars(builtins).items() if name != "_"},
        "helpers": helpers(),
        "shell": sorted(str(name) for name in vars(shell) if callable(getattr(type(shell), name, None))),
        "class": {name: id(value) for name, value in hooks(type(shell))},
        "transformers": [
            origin(one)
            for one in (
                *shell.ast_transformers,
                *shell.input_transformers_cleanup,
                *shell.input_transformers_post,
            )
        ],
        "callbacks": [origin(one) for callbacks in shell.events.callbacks.values() for one in callbacks],
        "displayhook": type(shell.displayhook).__module__,
        "custom_exceptions": [str(one) for one in shell.custom_exceptions],
        "traced": sys.gettrace() is not None or sys.getprofile() is not None,
    }


def hooks(kind: type) -> list[tuple[str, Any]]:
    """Methods of the shell that running a cell goes through."""
    names = ("run_cell", "run_cell_async", "run_ast_nodes", "run_code", "showtraceback", "transform_cell")
    return [(name, getattr(kind, name, None)) for name in names]


def origin(function: Callable[..., Any]) -> str:
    """The module that a function, a method or an object comes from."""
    owner = getattr(function, "__self__", None)
    return str(getattr(function, "__module__", None) or type(owner or function).__module__)


def helpers() -> dict[str, int]:
    """What tests compare with: functions of the modules that are there for it, and where they stand."""
    wanted = {
        "math": ("isclose", "isnan", "isfinite", "fabs"),
        "numpy": ("isclose", "allclose", "array_equal", "all", "any", "abs", "ndim", "asarray", "isnan"),
        "numpy.testing": ("assert_allclose", "assert_equal", "assert_almost_equal", "assert_array_equal"),
        "numpy.testing._private.utils": ("assert_allclose", "assert_array_compare", "assert_equal"),
        "pandas": ("isna", "to_numeric", "Series", "DataFrame"),
        "pandas.testing": ("assert_frame_equal", "assert_series_equal", "assert_index_equal"),
        "unittest": ("TestCase",),
        "nose.tools": ("assert_equal", "assert_true", "eq_", "ok_"),
        "inspect": ("getsource",),
    }
    found: dict[str, int] = {}
    for module, names in wanted.items():
        for name in names:
            value = getattr(sys.modules.get(module), name, None)
            if value is not None:
                found[f"{module}.{name}"] = id(getattr(value, "__code__", value))
    for name in ("assertEqual", "assertTrue", "assertAlmostEqual", "_baseAssertEqual"):
        case = getattr(sys.modules.get("unittest"), "TestCase", None)
        if case is not None:
            found[f"unittest.TestCase.{name}"] = id(getattr(getattr(case, name, None), "__code__", None))
    for module, kind in (("pandas", "Series"), ("pandas", "DataFrame"), ("pandas", "Index")):
        owner = getattr(sys.modules.get(module), kind, None)
        for name in ("__eq__", "equals", "all", "any", "sum"):
            if owner is not None:
                found[f"{module}.{kind}.{name}"] = id(getattr(getattr(owner, name, None), "__code__", None))
    return found
