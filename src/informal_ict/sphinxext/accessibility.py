"""Repairs to the HTML that docutils writes. Those of the theme's own buttons are in ``static/book.js``."""

from typing import Any

from docutils.nodes import document
from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Repair each page as it is written."""
    app.connect("html-page-context", _repair)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _repair(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: document | None) -> None:
    if "body" in context:
        # WAI-ARIA has withdrawn doc-biblioentry; entries of a list are list items.
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
        # MyST-NB names a folded cell otherwise than it reads.
        context["body"] = context["body"].replace('<summary aria-label="Toggle hidden content">', "<summary>")
