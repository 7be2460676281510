"""What the book serves beside its pages: styles, scripts, and what draws the widgets.

Two ways, chosen by the setting ``book_assets``. ``light`` is what is published: pages ask for one style sheet
and two scripts, which ``publish/lighten.py`` makes when all pages are written, and fetch what draws widgets
only near one. ``stock`` is what the theme and ipywidgets do by themselves; ``make bench`` compares with it.
"""

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.nodes import document
from sphinx.application import Sphinx
from sphinx.config import ENUM, Config
from sphinx.errors import ConfigError, SphinxError

from informal_ict.errors import InputError
from informal_ict.paths import BUILD, ROOT
from informal_ict.publish.lighten import (
    ICONS,
    SCRIPT,
    SEARCH_SCRIPT,
    STYLE,
    THEME_SCRIPT,
    THEME_STYLES,
    lighten,
    remove_unasked,
    shrink_pictures,
)
from informal_ict.publish.pages import built_pages
from informal_ict.publish.search_index import INDEX, write_search
from informal_ict.publish.security import PAGE_POLICY
from informal_ict.publish.widget_renderer import bundle_renderer

HERE = Path(__file__).parent
STYLES = ("book.css", "vignette.css", "self-assessment.css")
SCRIPTS = ("book.js", "self-assessment.js")
LIGHT_SCRIPTS = ("draw-widgets.js", "progress.js", "scrollable.js")
KEPT = (
    STYLE,
    SCRIPT,
    THEME_SCRIPT,
    SEARCH_SCRIPT,
    INDEX,
    ICONS,
    "mode.js",
    "widgets",
    "cards",
    "favicon.svg",
)
STOCK_RENDERER = ROOT / "node_modules/@jupyter-widgets/html-manager/dist/embed.js"


def setup(app: Sphinx) -> dict[str, Any]:
    """Serve the assets from folders that are not called _static.

    Jupyter Book adds every script below a ``_static`` folder to every page, which renders widgets twice.
    """
    app.add_config_value("book_assets", "light", "html", ENUM("light", "stock"))
    for style in STYLES:
        app.add_css_file(style)
    for script in SCRIPTS:
        app.add_js_file(script, loading_method="defer")
    app.connect("config-inited", _serve_assets)
    app.connect("html-page-context", _choose_assets)
    app.connect("build-finished", _lighten, priority=900)  # after the theme has written the colours of code
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _serve_assets(app: Sphinx, config: Config) -> None:
    served = BUILD / "assets" / config.book_assets
    renderer = served / "widgets"
    renderer.mkdir(parents=True, exist_ok=True)
    config.nb_ipywidgets_js = {}  # MyST-NB would load it from another host
    if config.book_assets == "stock":
        shutil.copy2(STOCK_RENDERER, renderer)
    else:
        config.templates_path.append(str(HERE / "templates" / "light"))
        try:
            bundle_renderer(renderer)
        except InputError as error:
            raise ConfigError(str(error)) from error
    config.html_static_path += [str(HERE / "static"), str(served)]


def _choose_assets(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: document | None
) -> None:
    context["content_security_policy"] = PAGE_POLICY
    if app.config.book_assets == "stock" and doctree is not None and _has_widget(doctree):
        app.add_js_file(f"widgets/{STOCK_RENDERER.name}", loading_method="defer")


def _has_widget(doctree: document) -> bool:
    return any(
        "application/vnd.jupyter.widget-view+json" in raw.astext() for raw in doctree.findall(nodes.raw)
    )


def _lighten(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html" or app.config.book_assets == "stock":
        return
    site = Path(app.outdir)
    # Where no page was written, Sphinx has not copied the theme's files, and the site is light already.
    if (site / "_static" / THEME_STYLES[0]).exists():
        try:
            write_search(built_pages(), site / "_static")
            lighten(site, STYLES, (*SCRIPTS, *LIGHT_SCRIPTS))
        except InputError as error:
            raise SphinxError(str(error)) from error
    shrink_pictures(site / "_images")
    remove_unasked(site, KEPT)
