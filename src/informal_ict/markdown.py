"""Markdown from data files as HTML, with published numbers filled in."""

import re
from collections.abc import Mapping

from markdown_it import MarkdownIt

from informal_ict.errors import InputError
from informal_ict.published import PublishedNumber

STAT = re.compile(r"\{stat\}`([^`]+)`")

# HTML in the text is shown as text. Curly quotes, as Sphinx makes them elsewhere on the page.
_markdown = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable("smartquotes")


def markdown(text: str) -> str:
    """Markdown to HTML."""
    return str(_markdown.render(text)).strip()


def inline(text: str) -> str:
    """One line of Markdown to HTML without a paragraph around it."""
    return str(_markdown.renderInline(text.strip()))


def plain_text(text: str) -> str:
    """One line of Markdown as the words that a reader sees."""
    tokens = _markdown.parseInline(" ".join(text.split()))[0].children or []
    return "".join(token.content for token in tokens)


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
