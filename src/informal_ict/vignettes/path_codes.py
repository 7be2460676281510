"""The short code of a way through a case: ``friend-request.3f9a1c.CBBAC``.

It holds the case, the version of its choices and the letter chosen in each scene, and nothing about who
chose. ``sphinxext/static/book.js`` writes it on the page of a case; an instructor collects the class's codes
and compares them in ``notebooks/compare-with-the-class.md``.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import NamedTuple

from informal_ict.errors import InputError
from informal_ict.vignettes.model import Vignette

CODE = re.compile(r"([a-z0-9-]+)\.([0-9a-f]{6})\.([A-D]+)")


class Decision(NamedTuple):
    """One choice made: the scene, its question, and the letter and words of the option."""

    scene: str
    question: str
    letter: str
    label: str


class Path(NamedTuple):
    """One reader's way through a case, and the ending reached."""

    case: str
    decisions: tuple[Decision, ...]
    ending: str


def version(vignette: Vignette) -> str:
    """Six hexadecimal digits that change when a question, an option or where it leads changes."""
    choices = {
        name: [node.question, [[choice.label, choice.next] for choice in node.choices]]
        for name, node in vignette.nodes.items()
    }
    content = json.dumps([vignette.start, choices], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:6]


def encode(vignette: Vignette, letters: str) -> str:
    """The code of some choices."""
    return f"{vignette.slug}.{version(vignette)}.{letters}"


def decode(code: str, vignette: Vignette) -> Path:
    """What was chosen.

    Raises:
        InputError: if it is no code, belongs to another case or to another version of this one, names an
            option that is not there, or does not go to an ending.
    """
    match = CODE.fullmatch(code.strip())
    if not match:
        raise InputError(f"{code.strip()!r} is not a code like {encode(vignette, 'ABC')}")
    slug, made_with, letters = match.groups()
    if slug != vignette.slug:
        raise InputError(f"{code.strip()}: belongs to the case {slug!r}, not to {vignette.slug!r}")
    if made_with != version(vignette):
        raise InputError(
            f"{code.strip()}: made with another version of the case, so its letters may mean other options; "
            "ask for a new code from the page as it is now"
        )
    return _walk(code.strip(), letters, vignette)


def _walk(code: str, letters: str, vignette: Vignette) -> Path:
    name, decisions = vignette.start, []
    for number, letter in enumerate(letters, start=1):
        node = vignette.nodes[name]
        if node.is_ending:
            raise InputError(
                f"{code}: the case ends after {number - 1} choices, and the code has {len(letters)}"
            )
        chosen = dict(node.lettered).get(letter)
        if chosen is None:
            raise InputError(f"{code}: choice {number} is {letter}, and the scene has {len(node.choices)}")
        decisions.append(Decision(name, node.question, letter, chosen.label))
        name = chosen.next
    if not vignette.nodes[name].is_ending:
        raise InputError(f"{code}: stops before an ending, after {len(letters)} choices")
    return Path(vignette.slug, tuple(decisions), name)


def decode_all(codes: Iterable[str], vignette: Vignette) -> tuple[list[Path], list[str]]:
    """The paths of a class, and for each code that could not be read, why. Empty cells are passed over.

    Rows count as in a spreadsheet, where the header is row 1.
    """
    paths, refused = [], []
    for row, code in enumerate(codes, start=2):
        if not code.strip():
            continue
        try:
            paths.append(decode(code, vignette))
        except InputError as error:
            refused.append(f"row {row}: {error}")
    return paths, refused
