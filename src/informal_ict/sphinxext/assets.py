"""What the book serves beside its pages: our style and script, and the widget renderer from npm."""

import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from informal_ict.paths import BUILD, ROOT

OWN = Path(__file__).parent / "static"
WIDGET_RENDERER = ROOT / "node_modules/@jupyter-widgets/html-manager/dist/embed.js"
STYLES = ("book.css", "vignette.css")
SCRIPTS = ("book.js",)
WIDGET_SCRIPT = "widgets/embed.js"


def setup(app: Sphinx) -> dict[str, Any]:
    """Serve the assets from folders that are not called _static.

    Jupyter Book adds every script below a ``_static`` folder to every page, which renders widgets twice.
    """
    for style in STYLES:
        app.add_css_file(style)
    for script in SCRIPTS:
        app.add_js_file(script, loading_method="defer")
    app.connect("config-inited", _serve_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _serve_assets(app: Sphinx, config: Config) -> None:
    if not WIDGET_RENDERER.exists():
        raise ConfigError(f"{WIDGET_RENDERER.relative_to(ROOT)} is missing; python3 bootstrap.py installs it")
    served = BUILD / "assets" / "widgets"
    served.mkdir(parents=True, exist_ok=True)
    shutil.copy2(WIDGET_RENDERER, served / WIDGET_RENDERER.name)
    config.html_static_path += [str(OWN), str(BUILD / "assets")]
    # MyST-NB loads it where a code cell shows a widget; our own directives, where they do.
    config.nb_ipywidgets_js = {WIDGET_SCRIPT: {"defer": "defer"}}
