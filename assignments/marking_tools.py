"""What the hidden tests of all assignments share: the student's own data, and comparing with a tolerance.

The course writes these functions out into each marked notebook (``informal_ict.assignments.hidden_tests``),
so they use nothing but what a student has: Python, numpy, pandas and SciPy.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FOLDER = "."  # where a marked notebook has its data files


def read_data(name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a data file that students have, both kinds of missing as NaN.

    Args:
        name: of the file.
        columns: those that are needed, since reading the others takes twice the time; all without.
    """
    return pd.read_csv(Path(FOLDER, name), usecols=columns)


def seed_of(student_number: Any) -> int:
    """Turn a student number into a seed; spaces and small letters make no difference."""
    number = "".join(str(student_number).split()).upper()
    return int(hashlib.sha256(number.encode()).hexdigest(), 16) % 2**32


def draw(rows: pd.DataFrame, student_number: Any, n: int) -> pd.DataFrame:
    """Draw a student's own rows: the same number always draws the same ``n``."""
    return rows.sample(n=n, random_state=seed_of(student_number))


def is_number(value: Any) -> bool:
    """Say whether a value is one finite number, in any of the forms that Python, numpy and pandas give it."""
    try:
        return bool(np.ndim(value) == 0 and np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False


def close(given: Any, expected: float, tolerance: float) -> bool:
    """Say whether a value is one number within ``tolerance`` of what is expected."""
    return is_number(given) and abs(float(given) - float(expected)) <= tolerance


def as_series(given: Any) -> "pd.Series[float]":
    """Read a Series, a dictionary or a table of one column as numbers by name; what is no number is NaN."""
    if isinstance(given, pd.DataFrame) and given.shape[1] == 1:
        given = given.iloc[:, 0]
    return pd.to_numeric(pd.Series(given), errors="coerce").astype(float)


def close_series(given: Any, expected: "pd.Series[float]", tolerance: float) -> bool:
    """Say whether named numbers are all within ``tolerance`` of what is expected, in any order."""
    values = as_series(given)
    if set(values.index) != set(expected.index):
        return False
    return bool((values.reindex(expected.index) - expected).abs().le(tolerance).all())


def read_data_with_blanks(name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Read columns of a data file, the two kinds of missing as they stand: "NA" and empty."""
    return pd.read_csv(Path(FOLDER, name), usecols=columns, keep_default_na=False)
