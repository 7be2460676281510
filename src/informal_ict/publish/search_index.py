"""The search of the site: MiniSearch (BM25+, prefixes, small slips of the keyboard) over words and headings.

Sphinx's own index knows only which page has a word, not how often, so that its order is by title; and to show
a result its page fetches the whole page found.
"""

import json
import tempfile
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

from informal_ict.publish.lighten import SEARCH_SCRIPT
from informal_ict.publish.node_tools import ESBUILD, run_node, run_tool
from informal_ict.publish.pages import BuiltPage

SOURCE = Path(__file__).parents[1] / "sphinxext" / "search"
INDEX = "search-index.js"
NOT_TEXT = frozenset({"script", "style", "svg"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "dt", "summary"})


class _Words(HTMLParser):
    """Collects the words of a page, and apart from them those of its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.headings: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NOT_TEXT or tag in HEADINGS:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            del self._open[self._open.index(tag) :]

    def handle_data(self, data: str) -> None:
        if NOT_TEXT.isdisjoint(self._open):
            (self.headings if self._open else self.text).append(data)


def write_search(pages: Sequence[BuiltPage], static: Path) -> None:
    """Write the search page's script and the index of these pages into the site's ``_static``.

    Raises:
        InputError: if a tool is missing or fails.
    """
    run_tool(ESBUILD, SOURCE / "search.js", "--bundle", "--minify", f"--outfile={static / SEARCH_SCRIPT}")
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder) / "pages.json"
        documents.write_text(json.dumps([_document(page) for page in pages]), encoding="utf-8")
        run_node(SOURCE / "build-index.mjs", documents, static / INDEX)


def _document(page: BuiltPage) -> dict[str, str]:
    words = _Words()
    words.feed(page.body)
    return {
        "id": page.name,
        "title": page.title,
        "part": page.part,
        "description": page.description,
        "headings": " ".join(" ".join(words.headings).split()),
        "text": " ".join(" ".join(words.text).split()),
    }
