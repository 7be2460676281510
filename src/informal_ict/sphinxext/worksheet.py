"""``{worksheet}``: a form of data/worksheets to fill in on the page or on paper."""

from typing import Any

from docutils import nodes
from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from informal_ict.errors import InputError
from informal_ict.paths import WORKSHEETS
from informal_ict.worksheets import load_worksheet, worksheet_html


class WorksheetForm(SphinxDirective):
    """The form of ``data/worksheets/<name>.yml``."""

    required_arguments = 1

    def run(self) -> list[Node]:
        """The form. Raises DirectiveError with the fault of its file."""
        path = WORKSHEETS / f"{self.arguments[0]}.yml"
        self.env.note_dependency(str(path))
        try:
            html = worksheet_html(load_worksheet(path), path.stem)
        except InputError as error:
            raise self.error(str(error)) from error
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("worksheet", WorksheetForm)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
