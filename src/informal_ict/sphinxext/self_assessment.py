"""``{self-assessment}``: the twenty statements of data/self-assessment.yml as a form that keeps nothing."""

from typing import Any

from docutils import nodes
from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from informal_ict.errors import InputError
from informal_ict.self_assessment.model import SELF_ASSESSMENT, load_self_assessment
from informal_ict.self_assessment.page import self_assessment_html
from informal_ict.vignettes.load import STANDARDS, load_standards

MARK = "ict-self-assessment"


class SelfAssessmentForm(SphinxDirective):
    """The form. Its style and script are loaded on its page alone."""

    def run(self) -> list[Node]:
        """The form. Raises DirectiveError with the fault of its file."""
        for source in (SELF_ASSESSMENT, STANDARDS):
            self.env.note_dependency(str(source))
        try:
            html = self_assessment_html(load_self_assessment(), load_standards(), self._address)
        except InputError as error:
            raise self.error(str(error)) from error
        return [nodes.raw("", html, format="html", classes=[MARK])]

    def _address(self, page: str) -> str:
        builder = self.env.app.builder
        return builder.get_relative_uri(self.env.docname, page)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("self-assessment", SelfAssessmentForm)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
