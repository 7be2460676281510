"""``{vignette-setting}`` and ``{vignette-print}``: a case in the page, for readers without JavaScript too.

``vignette-print`` puts the whole case there as headings, links and details. The text becomes real nodes,
so it is in the search index and its labels can be linked from other pages.
"""

from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import nested_parse_with_titles

from informal_ict.errors import InputError
from informal_ict.paths import PUBLISHED, QUESTIONNAIRE, VIGNETTES
from informal_ict.questionnaire import load_questionnaire
from informal_ict.vignettes.evidence import caveats, findings
from informal_ict.vignettes.load import SCHEMA, STANDARDS, load_standards, load_vignette, published_numbers
from informal_ict.vignettes.model import Vignette
from informal_ict.vignettes.printed import setting_myst, vignette_myst


class _FromVignette(SphinxDirective):
    """Something made from one case, whose name is the argument, on a MyST page."""

    required_arguments = 1

    def text(self, vignette: Vignette) -> str:
        """The MyST Markdown to put here."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """The parsed text.

        Raises:
            docutils.parsers.rst.DirectiveError: with every fault of the case, its standards or its numbers.
        """
        slug = self.arguments[0]
        path = VIGNETTES / f"{slug}.yml"
        for source in (path, SCHEMA, STANDARDS, PUBLISHED, QUESTIONNAIRE):
            self.env.note_dependency(str(source))
        try:
            text = self.text(load_vignette(slug))
        except InputError as error:
            raise self.error(str(error)) from error
        # MyST hangs each section on the open section of the page; only other content lands in this parent.
        parent = nodes.Element()
        parent.document = self.state.document
        nested_parse_with_titles(self.state, StringList(text.splitlines(), source=str(path)), parent)
        return parent.children


class VignetteSetting(_FromVignette):
    """Put who and where of one case here."""

    def text(self, vignette: Vignette) -> str:
        """The setting."""
        return setting_myst(vignette)


class VignettePrint(_FromVignette):
    """Put the printed form of one case at the end of a section, one heading level below it."""

    def text(self, vignette: Vignette) -> str:
        """The sections of the case."""
        numbers = published_numbers()
        return vignette_myst(
            vignette,
            load_standards(),
            findings(vignette.data, numbers, load_questionnaire()),
            caveats(vignette.data, numbers),
            heading="#" * (self.state.memo.section_level + 1),
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive with Sphinx."""
    app.add_directive("vignette-print", VignettePrint)
    app.add_directive("vignette-setting", VignetteSetting)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
