"""Let formgrader show submissions without running anything of them in the browser of whoever marks.

Stock formgrader shows Markdown and HTML of a submission as they came, in a page that can change every mark.
``nbgrader_config.py`` of a course calls ``show_submissions_safely``; nbgrader's own slots do the rest. It works
where Jupyter is started in the course's folder, because formgrader reads the settings once, when it starts.
"""

from pathlib import Path
from typing import Any

import nbgrader
from jinja2 import pass_context
from jinja2.runtime import Context
from traitlets.config import Config

from informal_ict.course.feedback.markdown import safe_markdown
from informal_ict.course.feedback.sanitise import picture
from informal_ict.course.feedback.untrusted import KeepHarmlessParts

TEMPLATE = "formgrade-safely"
OURS = Path(__file__).parent
NBGRADERS = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"


def show_submissions_safely(config: Config) -> None:
    """Set formgrader's exporter: harmless parts of a notebook, our Markdown, and a page that runs no other script.

    Args:
        config: what ``get_config()`` gives in ``nbgrader_config.py``.
    """
    config.HTMLExporter.preprocessors = [KeepHarmlessParts]
    config.HTMLExporter.filters = {"markdown2html": markdown2html}
    config.HTMLExporter.template_name = TEMPLATE
    config.HTMLExporter.extra_template_basedirs = [str(OURS), str(NBGRADERS)]
    config.HTMLExporter.extra_template_paths = [str(NBGRADERS)]  # for the template that ours extends


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Take the place of nbconvert's filter of this name."""
    cell: Any = context.get("cell", {})
    attachments = cell.get("attachments", {})

    def dropped_in(address: str) -> str | None:
        bundle = attachments.get(address.removeprefix("attachment:"), {})
        return next((picture(mime, data) for mime, data in bundle.items()), None)

    return safe_markdown(source, dropped_in)
