"""What others do at length in a build, and need not."""

from functools import cache
from pathlib import Path
from typing import Any

from pybtex import plugin
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment

NUMBERING = "sphinx_multitoc_numbering"
PILES = 8


def setup(app: Sphinx) -> dict[str, Any]:
    """Take the detours away."""
    # At every citation sphinxcontrib.bibtex asks pybtex for a plugin, and pybtex asks the metadata of every
    # package that is installed.
    plugin._load_entry_point = _load_entry_point
    app.connect("builder-inited", _read_side_by_side)
    app.connect("builder-inited", _leave_words_unread)
    app.connect("env-before-read-docs", _deal_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


_load_entry_point = cache(plugin._load_entry_point)


def _read_side_by_side(app: Sphinx) -> None:
    # It only gives numbers, when all pages are read, but does not say that it is safe.
    if NUMBERING in app.extensions:
        app.extensions[NUMBERING].parallel_read_safe = True


def _deal_out(app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    # Sphinx hands out neighbours together, and the longest pages are neighbours.
    pages.sort(key=lambda page: Path(env.doc2path(page)).stat().st_size, reverse=True)
    pages[:] = [page for pile in range(PILES) for page in pages[pile::PILES]]


def _leave_words_unread(app: Sphinx) -> None:
    # The search page has an index of its own (publish/search_index.py), and nobody reads Sphinx's.
    if app.config.book_assets == "light" and isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.index_page = lambda *_: None  # type: ignore[method-assign]
        app.builder.dump_search_index = lambda: None  # type: ignore[method-assign]
