"""Say about how high each section will be, so that a browser need not lay it out before it comes near.

``book.css`` has it so (``content-visibility``). Until then its height is taken to be what is said here; far
off, it would move the scroll bar, and fetch widgets too soon.
"""

import re
from typing import Any

from docutils.nodes import document
from sphinx.application import Sphinx

SECTION = re.compile(r"<section\b[^>]*>|</section>")
OUTER = 1  # the section of the page's title, which holds the others
NOT_TEXT = re.compile(r"<(script|style|svg)\b.*?</\1>", re.DOTALL)
FOLDED = re.compile(r"<details(?! open)[^>]*>(?:(?!<details).)*?</details>", re.DOTALL)  # with none within
TAG = re.compile(r"<[^>]*>")
SUMMARY = "<summary>"
# On a phone, where it matters, in rem.
HEIGHTS = {
    re.compile(r"<(?:p|li|h\d|dt|pre|table)\b"): 0.9,
    re.compile(r"<tr\b"): 2.5,
    re.compile(r"<(?:img|figure)\b"): 16,
    re.compile(r'class="ict-widget'): 40,
    re.compile(SUMMARY): 3,
}
HEIGHT_OF_A_LETTER = 0.042


def setup(app: Sphinx) -> dict[str, Any]:
    """Mark the sections of each page as it is written."""
    app.connect("html-page-context", _mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _mark(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: document | None) -> None:
    if "body" in context and app.config.book_assets == "light":
        context["body"] = with_heights(context["body"])


def with_heights(body: str) -> str:
    """The body of a page with the property ``--ict-height`` on each section right below that of the title."""
    opened: list[re.Match[str]] = []
    parts, done = [], 0
    for tag in SECTION.finditer(body):
        if not tag[0].startswith("</"):
            opened.append(tag)
            continue
        start = opened.pop()
        if len(opened) == OUTER:
            high = height(body[start.end() : tag.start()])
            parts += [body[done : start.end() - 1], f' style="--ict-height: {high}rem">']
            done = start.end()
    return "".join([*parts, body[done:]])


def height(html: str) -> int:
    """About how high this is on a phone, in rem."""
    seen, folded = NOT_TEXT.sub("", html), 1
    while folded:
        seen, folded = FOLDED.subn(SUMMARY, seen)
    high = sum(len(part.findall(seen)) * each for part, each in HEIGHTS.items())
    return round(high + len(TAG.sub("", seen)) * HEIGHT_OF_A_LETTER)
