"""Which notebook of the assignment is meant, whatever browsers, systems and platforms made of its name."""

import re
import unicodedata
from collections.abc import Collection

# Added to a name: by browsers "(1)", by Canvas "-1", by Jupyter "-Copy1", by Windows " - Copy", by macOS
# " copy" and " 2"; after it, by browsers that take a notebook for the text that it is, ".txt" or ".json".
ADDED = re.compile(
    r"(\s*\(\d{1,3}\)|[-_ ]\d{1,2}|\s*-\s*copy(\s*\(\d+\))?|-copy\d*|\s+copy(\s+\d+)?)$", re.IGNORECASE
)
ENDING = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)


def is_notebook(name: str) -> bool:
    """Whether a file is meant to be a notebook, by its name."""
    return ENDING.search(name) is not None


def meant(name: str, notebooks: Collection[str]) -> str | None:
    """The notebook that a file is meant to be.

    Args:
        name: of the file that was handed in.
        notebooks: the names in the assignment, with their ending.

    Returns:
        One of ``notebooks``; None if it is none of them, or might be two.
    """
    if name in notebooks:
        return name
    stem = ENDING.sub("", name)
    found: set[str] = set()
    while True:
        found |= {one for one in notebooks if _letters(ENDING.sub("", one)) == _letters(stem)}
        shorter = ADDED.sub("", stem)
        if shorter == stem:
            return found.pop() if len(found) == 1 else None
        stem = shorter


def _letters(stem: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", stem).casefold())
