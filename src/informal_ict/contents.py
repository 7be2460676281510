"""The book's contents: its pages in reading order, as ``_toc.yml`` lists them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from informal_ict.paths import ROOT
from informal_ict.reading import read_yaml

TOC = ROOT / "_toc.yml"


@dataclass(frozen=True)
class Part:
    """Pages under one heading; the first page of the book stands alone, under none."""

    caption: str
    pages: tuple[str, ...]  # without suffix, as 'chapters/data'


def parts() -> list[Part]:
    """Every part in order.

    Raises:
        InputError: if ``_toc.yml`` is missing or not YAML.
    """
    toc = read_yaml(TOC)
    return [
        Part("", (toc["root"],)),
        *(Part(part["caption"], tuple(_files(part["chapters"]))) for part in toc["parts"]),
    ]


def pages() -> list[str]:
    """Every page in reading order."""
    return [page for part in parts() for page in part.pages]


def _files(entries: list[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        yield entry["file"]
        yield from _files(entry.get("sections", []))
