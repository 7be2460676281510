"""What runs inside a kernel to describe a student's results as plain data.

The text of this module is sent to the kernel for one moment, after that of ``in_kernel_signs`` and beside
it, so it uses nothing but Python; numpy and pandas only if the notebook has imported them. It is not trusted:
whatever it says is what the student claims, and ``informal_ict.grading.plain_data`` makes nothing but plain
data of it, in another process.
"""

from __future__ import annotations

import base64
import collections
import datetime
import decimal
import fractions
import sys
import types
from collections.abc import Iterable
from typing import Any

MOST_PARTS = 400_000
DEEPEST = 40
TEXT_LIMIT = 4_000_000

# Found once for every kind of iterator, which have no names of their own.
COLLECTIONS: tuple[Iterable[Any], ...] = ([], (), {}, {}.values(), {}.items(), set(), "", range(0))
ITERATORS: tuple[type, ...] = (
    *(map, filter, zip, enumerate, reversed, types.GeneratorType),
    *(type(iter(one)) for one in COLLECTIONS),
)
VIEWS = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}


class TooMuch(Exception):
    """The results are larger than any answer is."""


def tagged(kind: str, value: Any, **more: Any) -> dict[str, Any]:
    """What is no plain JSON, with the name of its kind."""
    return {"kind": kind, "value": value, **more}


class Describer:
    """Describes values as JSON, up to a size."""

    def __init__(self) -> None:
        self.parts = 0
        self.characters = 0
        self.numpy: Any = sys.modules.get("numpy")
        self.pandas: Any = sys.modules.get("pandas")

    def count(self, parts: int = 1, characters: int = 0) -> None:
        """Stop at what is too large to be an answer."""
        self.parts += parts
        self.characters += characters
        if self.parts > MOST_PARTS or self.characters > TEXT_LIMIT:
            raise TooMuch

    def describe(self, value: Any, depth: int = 0) -> Any:
        """Describe a value; what is no data gives the name of its type only."""
        if depth > DEEPEST:
            raise TooMuch
        self.count()
        for steps in (self.python, self.of_numpy, self.of_pandas):
            found = steps(value, depth)
            if found is not None:
                return found
        return opaque(value)

    def several(self, values: Any, depth: int) -> list[Any]:
        """Describe every value of a collection."""
        return [self.describe(one, depth + 1) for one in values]

    def python(self, value: Any, depth: int) -> Any:
        """Describe Python's own kinds; of a subclass, the value of its base."""
        kinds = type(value).__mro__
        if value is None:
            return tagged("none", None)
        if value is Ellipsis:
            return tagged("ellipsis", None)
        if bool in kinds:
            return bool(value)
        if int in kinds:
            return self.whole(int.__index__(value))
        if float in kinds and not self.is_numpy(kinds):
            return float.__float__(value)
        if complex in kinds and not self.is_numpy(kinds):
            return tagged("complex", [complex(value).real, complex(value).imag])
        if str in kinds and not self.is_numpy(kinds):
            text = str.__str__(value)
            self.count(characters=len(text))
            return text
        if bytes in kinds and not self.is_numpy(kinds):
            self.count(characters=len(value))
            return tagged("bytes", base64.b64encode(bytes.__getitem__(value, slice(None))).decode())
        for kind, name in ((list, "list"), (tuple, "tuple"), (set, "set"), (frozenset, "frozenset")):
            if kind in kinds:
                self.count(len(value))
                return tagged(name, self.several(kind.__iter__(value), depth))
        if dict in kinds:
            name = "counter" if kinds[0] is collections.Counter else "dict"
            pairs = [
                [self.describe(key, depth + 1), self.describe(one, depth + 1)]
                for key, one in dict.items(value)
            ]
            return tagged(name, pairs)
        if kinds[0] in VIEWS:
            return tagged(VIEWS[kinds[0]], self.several(value, depth))
        if range in kinds:
            return tagged("range", [value.start, value.stop, value.step])
        if kinds[0] in ITERATORS:
            return tagged("iterator", self.several(value, depth))
        if decimal.Decimal in kinds:
            return tagged("decimal", decimal.Decimal.__str__(value))
        if fractions.Fraction in kinds:
            return tagged("fraction", [self.whole(value.numerator), self.whole(value.denominator)])
        if self.is_pandas(kinds):
            return None
        for moment, name in (
            (datetime.datetime, "datetime"),
            (datetime.date, "date"),
            (datetime.time, "time"),
        ):
            if moment in kinds:
                return tagged(name, value.isoformat())
        if datetime.timedelta in kinds:
            return tagged("timedelta", [value.days, value.seconds, value.microseconds])
        return None

    def whole(self, value: int) -> Any:
        """Describe an integer, if it is short enough to be written."""
        if value.bit_length() > 4096:
            return opaque(value)
        return value

    @staticmethod
    def is_numpy(kinds: tuple[type, ...]) -> bool:
        """Whether a type is numpy's, some of which are Python's too."""
        return any(kind.__module__.partition(".")[0] == "numpy" for kind in kinds)

    @staticmethod
    def is_pandas(kinds: tuple[type, ...]) -> bool:
        """Whether a type is pandas', some of which are Python's too."""
        return any(kind.__module__.partition(".")[0] == "pandas" for kind in kinds)

    def of_numpy(self, value: Any, depth: int) -> Any:
        """Describe numpy's scalars and arrays."""
        numpy = self.numpy
        if numpy is None:
            return None
        if isinstance(value, numpy.generic):
            array = self.array(numpy.asarray(value), depth)
            return tagged("scalar", array) if array["kind"] == "array" else opaque(value)
        if isinstance(value, numpy.ma.MaskedArray):
            return opaque(value)
        if isinstance(value, numpy.ndarray):
            return self.array(numpy.asarray(value), depth)
        return None

    def array(self, array: Any, depth: int) -> Any:
        """Describe an array by its dtype, its shape and its values in a row."""
        kind = array.dtype.kind
        self.count(array.size, array.nbytes if kind in "US" else 0)
        about: dict[str, Any] = {"dtype": array.dtype.str, "shape": list(array.shape)}
        flat = array.ravel()
        if (kind in "biufU" and array.dtype.itemsize <= 8) or kind == "U":
            return tagged("array", flat.tolist(), **about)
        if kind == "c" and array.dtype.itemsize <= 16:
            return tagged("array", [[one.real, one.imag] for one in flat.tolist()], **about)
        if kind in "mM":
            return tagged("array", flat.view("int64").tolist(), **about)
        if kind == "O":
            return tagged("array", self.several(flat.tolist(), depth), **about)
        return opaque(array)

    def of_pandas(self, value: Any, depth: int) -> Any:
        """Describe pandas' values, columns, indexes and tables."""
        pandas = self.pandas
        if pandas is None:
            return None
        if value is pandas.NA:
            return tagged("NA", None)
        if value is pandas.NaT:
            return tagged("NaT", None)
        if isinstance(value, pandas.Interval):
            ends = self.several([value.left, value.right], depth)
            return tagged("interval", ends, closed=str(value.closed))
        if isinstance(value, pandas.Timestamp):
            return tagged("timestamp", value.isoformat())
        if isinstance(value, pandas.Timedelta):
            return tagged("timedelta64", int(value.value))
        if isinstance(value, pandas.Period):
            return tagged("period", [str(value), value.freqstr])
        if isinstance(value, pandas.DataFrame):
            columns = [self.column(value.iloc[:, place], depth) for place in range(value.shape[1])]
            index, names = self.index(value.index, depth), self.index(value.columns, depth)
            return tagged("frame", columns, index=index, columns=names)
        if isinstance(value, pandas.Series):
            index, name = self.index(value.index, depth), self.describe(value.name, depth + 1)
            return tagged("series", self.column(value, depth), index=index, name=name)
        if isinstance(value, pandas.Index):
            return self.index(value, depth)
        if isinstance(value, pandas.api.extensions.ExtensionArray):
            return self.column(value, depth)
        return None

    def index(self, index: Any, depth: int) -> Any:
        """Describe the names of rows or columns."""
        pandas = self.pandas
        names = self.several(index.names, depth)
        if isinstance(index, pandas.MultiIndex):
            return tagged("multiindex", [self.several(row, depth) for row in index.tolist()], names=names)
        if isinstance(index, pandas.RangeIndex):
            return tagged("rangeindex", [index.start, index.stop, index.step], names=names)
        return tagged("index", self.column(index, depth), names=names)

    def column(self, column: Any, depth: int) -> Any:
        """Describe the values of a Series, an index or an array of pandas."""
        pandas, dtype = self.pandas, column.dtype
        values = column if isinstance(column, pandas.api.extensions.ExtensionArray) else column.array
        if isinstance(dtype, pandas.CategoricalDtype):
            self.count(len(values))
            categories = self.index(dtype.categories, depth)
            codes = values.codes.tolist()
            return tagged("categorical", codes, categories=categories, ordered=bool(dtype.ordered))
        if isinstance(dtype, self.numpy.dtype):
            return self.array(column.to_numpy(), depth)
        self.count(len(values))
        return tagged("extension", self.several(list(values), depth), dtype=str(dtype))


def opaque(value: Any) -> dict[str, Any]:
    """Only the name of a type: no check accepts it."""
    kind = type(value)
    return tagged("opaque", f"{kind.__module__}.{kind.__qualname__}"[:200])


def described(value: Any) -> Any:
    """Describe one result, whatever it does when it is looked at."""
    try:
        return Describer().describe(value)
    except Exception:  # a student's object may raise anything; then it is no data
        return opaque(value)
