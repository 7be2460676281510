"""Markdown from data files as HTML, with published numbers filled in."""

import re
from collections.abc import Mapping

from markdown_it import MarkdownIt

from informal_ict.errors import InputError
from informal_ict.published import PublishedNumber

STAT = re.compile(r"\{stat\}`([^`]+)`")


def fill_in_numbers(text: str, published: Mapping[str, PublishedNumber]) -> str:
    """Replace each {stat}`id` by the number as it stands in a sentence.

    Raises:
        InputError: for an id that published.csv does not have.
    """

    def number(match: re.Match[str]) -> str:
        if match[1] not in published:
            raise InputError(f"published.csv has no number {match[1]!r}")
        return published[match[1]].display

    return STAT.sub(number, text)


def to_html(text: str, published: Mapping[str, PublishedNumber]) -> str:
    """Render Markdown; raw HTML in the text is escaped.

    Raises:
        InputError: for a number that published.csv does not have.
    """
    rendered: str = MarkdownIt("commonmark", {"html": False}).render(fill_in_numbers(text, published))
    return rendered
