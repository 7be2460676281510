"""What stands around each page beside the theme's own: its foot, tags for links to it, and the 404 page."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils.nodes import document, meta
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from informal_ict.errors import InputError
from informal_ict.notebook_downloads import analysis_notebooks
from informal_ict.publish.head import link_tags
from informal_ict.publish.launch import launch_links
from informal_ict.publish.reviewed import load_reviewed
from informal_ict.publish.settings import load_publishing

TEMPLATES = Path(__file__).parent / "templates"


def setup(app: Sphinx) -> dict[str, Any]:
    """Add to the context of every page what the templates show."""
    app.connect("config-inited", _load)
    app.connect("html-page-context", _frame, priority=100)  # before the theme drops what is empty
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _load(app: Sphinx, config: Config) -> None:
    try:
        publishing, reviewed = load_publishing(), load_reviewed()
    except InputError as error:
        raise ConfigError(str(error)) from error
    config.html_context |= {
        "publishing": publishing,
        "reviewed": reviewed,
        "notebooks": {f"notebooks/{path.stem}" for path in analysis_notebooks()},
        "site_root": urlsplit(publishing.address).path if publishing.address else "/",
    }
    config.templates_path.append(str(TEMPLATES))
    config.html_additional_pages["404"] = "404.html"


def _frame(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: document | None) -> None:
    publishing = context["publishing"]
    if doctree is None:
        return
    context["reviewed_on"] = context["reviewed"].get(page)
    context["notebook"] = page if page in context["notebooks"] else None
    context["launch_links"] = (
        launch_links(f"{page}.ipynb", publishing.launch) if page in context["notebooks"] else []
    )
    described = [node["content"] for node in doctree.findall(meta) if node.get("name") == "description"]
    title = app.env.titles[page].astext()
    description = described[0] if described else ""
    context["metatags"] += link_tags(page, title, description, app.config.html_title, publishing.address)
