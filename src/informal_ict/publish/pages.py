"""The pages of the built book as data: title, description, and what stands in their frame."""

import json
from dataclasses import dataclass

from informal_ict import contents
from informal_ict.errors import InputError
from informal_ict.reading import read_text
from informal_ict.sphinxext.bodies import BODIES


@dataclass(frozen=True)
class BuiltPage:
    """One page of the book as it was built."""

    name: str  # 'chapters/data'
    part: str  # the heading of the contents under which it stands
    title: str
    description: str
    body: str  # HTML


def built_pages() -> list[BuiltPage]:
    """Every page in reading order.

    Raises:
        InputError: if a page was not built.
    """
    found = []
    for part in contents.parts():
        for name in part.pages:
            kept = BODIES / f"{name}.json"
            if not kept.is_file():
                raise InputError(f"{name}: not built; informal-ict book builds it")
            found.append(BuiltPage(name=name, part=part.caption, **json.loads(read_text(kept))))
    return found
