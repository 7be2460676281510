"""Make plain data of what a kernel handed over (``informal_ict.grading.in_kernel_results``).

Whatever the kernel says, nothing comes out but Python's own values, numpy arrays and pandas tables: no class
of the student's, no function, no object that equals everything.
"""

import base64
import datetime
import decimal
import fractions
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

ARRAY = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248]|c8|c16|U\d{1,6}|[mM]8(\[[\w ]{1,8}\])?|O)")
EXTENSION = re.compile(
    r"U?Int(8|16|32|64)|Float(32|64)|boolean|string(\[python\])?|str"
    r"|interval\[(int64|float64), (left|right|both|neither)\]|datetime64\[\w{1,2}, [\w/+:-]{1,40}\]"
)
DEEPEST = 200


class NotPlainDataError(ValueError):
    """What a kernel handed over does not describe data."""


class Opaque:
    """Something that is no data. It equals nothing, is neither true nor false, and holds nothing."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<{self.kind}>"

    def __bool__(self) -> bool:
        raise TypeError(f"an object of type {self.kind} is no answer")

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


def make(described: Any, depth: int = 0) -> Any:
    """Make the value that a kernel described.

    Raises:
        NotPlainDataError: if it describes none.
    """
    if depth > DEEPEST:
        raise NotPlainDataError("it is nested too deeply")
    if isinstance(described, bool | int | float | str):
        return described
    if not isinstance(described, dict) or not isinstance(described.get("kind"), str):
        raise NotPlainDataError("a part of it has no kind")
    maker = MAKERS.get(described["kind"])
    if maker is None:
        raise NotPlainDataError(f"there is no kind '{described['kind'][:40]}'")
    try:
        return maker(described, depth + 1)
    except NotPlainDataError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, ArithmeticError) as error:
        raise NotPlainDataError(f"a {described['kind']} is malformed: {error}") from None


def several(values: Any, depth: int) -> list[Any]:
    """Make every value of a list."""
    if not isinstance(values, list):
        raise NotPlainDataError("a collection is no list")
    return [make(one, depth) for one in values]


def pairs(values: Any, depth: int) -> dict[Any, Any]:
    """Make a dictionary of pairs."""
    return {make(key, depth): make(value, depth) for key, value in values}


def array(about: Mapping[str, Any], depth: int) -> Any:
    """Make an array from its dtype, its shape and its values in a row."""
    name = str(about["dtype"])
    if not ARRAY.fullmatch(name):
        raise NotPlainDataError(f"there is no array of '{name[:40]}'")
    dtype, values = np.dtype(name), about["value"]
    if dtype.kind == "O":
        flat = np.empty(len(values), dtype=object)
        for place, value in enumerate(several(values, depth)):
            flat[place] = value
    elif dtype.kind == "c":
        flat = np.array([complex(*one) for one in values], dtype=dtype)
    elif dtype.kind in "mM":
        flat = np.array(values, dtype="int64").view(dtype)
    else:
        flat = np.array(values, dtype=dtype)
    return flat.reshape([int(length) for length in about["shape"]])


def scalar(about: Mapping[str, Any], depth: int) -> Any:
    """Make one of numpy's scalars."""
    return make(about["value"], depth)[()]


def column(about: Any, depth: int) -> Any:
    """Make what a Series or an index holds."""
    values = make(about, depth)
    if not isinstance(values, np.ndarray | pd.api.extensions.ExtensionArray) or values.ndim != 1:
        raise NotPlainDataError("a column is no row of values")
    return values


def interval(about: Mapping[str, Any], depth: int) -> Any:
    """Make an interval of pandas."""
    left, right = several(about["value"], depth)
    return pd.Interval(left, right, closed=about["closed"])


def extension(about: Mapping[str, Any], depth: int) -> Any:
    """Make one of pandas' own arrays."""
    name, values = str(about["dtype"]), several(about["value"], depth)
    if EXTENSION.fullmatch(name):
        return pd.array(values, dtype=name)  # type: ignore[call-overload]
    return array({"dtype": "O", "shape": [len(values)], "value": about["value"]}, depth)


def categorical(about: Mapping[str, Any], depth: int) -> Any:
    """Make a column of categories."""
    categories = make(about["categories"], depth)
    return pd.Categorical.from_codes(about["value"], categories=categories, ordered=bool(about["ordered"]))


def index(about: Mapping[str, Any], depth: int) -> Any:
    """Make the names of rows or columns."""
    names = several(about["names"], depth)
    if about["kind"] == "multiindex":
        rows = [tuple(several(row, depth)) for row in about["value"]]
        if not rows:
            return pd.MultiIndex.from_arrays([[] for _ in names], names=names)
        return pd.MultiIndex.from_tuples(rows, names=names)
    if about["kind"] == "rangeindex":
        start, stop, step = map(int, about["value"])
        return pd.RangeIndex(start, stop, step, name=names[0])
    return pd.Index(column(about["value"], depth), name=names[0])


def series(about: Mapping[str, Any], depth: int) -> Any:
    """Make a Series."""
    values, name = column(about["value"], depth), make(about["name"], depth)
    return pd.Series(values, index=make(about["index"], depth), name=name)


def frame(about: Mapping[str, Any], depth: int) -> Any:
    """Make a table, whose columns may share names."""
    rows, names = make(about["index"], depth), make(about["columns"], depth)
    columns = {place: column(one, depth) for place, one in enumerate(about["value"])}
    table = pd.DataFrame(columns, index=rows)
    table.columns = names
    return table


Maker = Callable[[Mapping[str, Any], int], Any]
MAKERS: dict[str, Maker] = {
    "none": lambda about, depth: None,
    "ellipsis": lambda about, depth: ...,
    "opaque": lambda about, depth: Opaque(str(about["value"])[:200]),
    "complex": lambda about, depth: complex(*map(float, about["value"])),
    "bytes": lambda about, depth: base64.b64decode(about["value"]),
    "list": lambda about, depth: several(about["value"], depth),
    "tuple": lambda about, depth: tuple(several(about["value"], depth)),
    "set": lambda about, depth: set(several(about["value"], depth)),
    "frozenset": lambda about, depth: frozenset(several(about["value"], depth)),
    "iterator": lambda about, depth: iter(several(about["value"], depth)),
    "dict": lambda about, depth: pairs(about["value"], depth),
    "counter": lambda about, depth: Counter(pairs(about["value"], depth)),
    "keys": lambda about, depth: dict.fromkeys(several(about["value"], depth)).keys(),
    "values": lambda about, depth: dict(enumerate(several(about["value"], depth))).values(),
    "items": lambda about, depth: dict(several(about["value"], depth)).items(),
    "range": lambda about, depth: range(*map(int, about["value"])),
    "decimal": lambda about, depth: decimal.Decimal(about["value"]),
    "fraction": lambda about, depth: fractions.Fraction(*map(int, about["value"])),
    "datetime": lambda about, depth: datetime.datetime.fromisoformat(about["value"]),
    "date": lambda about, depth: datetime.date.fromisoformat(about["value"]),
    "time": lambda about, depth: datetime.time.fromisoformat(about["value"]),
    "timedelta": lambda about, depth: datetime.timedelta(*about["value"]),
    "array": array,
    "scalar": scalar,
    "NA": lambda about, depth: pd.NA,
    "NaT": lambda about, depth: pd.NaT,
    "interval": interval,
    "timestamp": lambda about, depth: pd.Timestamp(about["value"]),
    "timedelta64": lambda about, depth: pd.Timedelta(int(about["value"])),
    "period": lambda about, depth: pd.Period(about["value"][0], freq=about["value"][1]),
    "extension": extension,
    "categorical": categorical,
    "index": index,
    "multiindex": index,
    "rangeindex": index,
    "series": series,
    "frame": frame,
}
