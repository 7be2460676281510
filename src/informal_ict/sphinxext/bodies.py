"""Keep what stands in each page, before the theme puts its frame around it.

The index of the search, the text of a page as a download, the e-book and the PDF are made of it.
"""

import json
from pathlib import Path
from typing import Any

from docutils.nodes import document, meta
from sphinx.application import Sphinx

from informal_ict.paths import BUILD

BODIES = BUILD / "bodies"


def setup(app: Sphinx) -> dict[str, Any]:
    """Keep each page as it is written."""
    app.connect("html-page-context", _keep, priority=900)  # after the repairs
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _keep(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: document | None) -> None:
    if doctree is None:
        return
    described = [node["content"] for node in doctree.findall(meta) if node.get("name") == "description"]
    kept = {
        "title": app.env.titles[page].astext(),
        "description": described[0] if described else "",
        "body": context["body"],
    }
    target = BODIES / f"{page}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    Path(target).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
