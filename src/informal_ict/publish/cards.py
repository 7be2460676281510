"""A picture for each page, which social media show beside a link to it; made here, by no other service."""

import json
from collections.abc import Sequence
from pathlib import Path

import typst

from informal_ict.errors import InputError
from informal_ict.files import write_atomically
from informal_ict.publish.head import card_path
from informal_ict.publish.pages import BuiltPage

TEMPLATE = Path(__file__).parent / "card.typ"


def write_cards(pages: Sequence[BuiltPage], site: Path, site_title: str) -> list[Path]:
    """Write a PNG of 1,200 by 630 pixels for each page.

    Raises:
        InputError: if Typst refuses the template.
    """
    shown = [{"title": page.title, "part": page.part} for page in pages]
    inputs = {"pages": json.dumps(shown), "site": site_title}
    try:
        pictures = typst.compile(str(TEMPLATE), format="png", ppi=72.0, sys_inputs=inputs)
    except RuntimeError as error:
        raise InputError(f"{TEMPLATE.name}: Typst says: {error}") from None
    written = []
    for page, picture in zip(pages, pictures if isinstance(pictures, list) else [pictures], strict=True):
        target = site / card_path(page.name)
        write_atomically(target, picture)
        written.append(target)
    return written
