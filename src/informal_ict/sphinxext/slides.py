"""What only the slides have: a case as a slide, and numbers that lead to the pack's own page of numbers."""

from typing import Any

from docutils import nodes
from docutils.nodes import Element, Node
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator
from sphinx_revealjs._ext.notes import revealjs_notes

from informal_ict.errors import InputError
from informal_ict.paths import VIGNETTES
from informal_ict.sphinxext.stat import label_of
from informal_ict.vignettes.load import load_vignette
from informal_ict.vignettes.model import Vignette

NUMBERS_PAGE = "../numbers.html"


class CaseSlide(SphinxDirective):
    """The first scene of ``data/vignettes/<name>.yml``: what was written, and what has to be decided."""

    required_arguments = 1

    def run(self) -> list[Node]:
        """The thread beside the question. Raises DirectiveError with the faults of the case."""
        self.env.note_dependency(str(VIGNETTES / f"{self.arguments[0]}.yml"))
        try:
            case = load_vignette(self.arguments[0])
        except InputError as error:
            raise self.error(str(error)) from error
        scene = case.nodes[case.start]
        summary = nodes.paragraph("", " ".join(case.summary.split()))
        question = nodes.container("", nodes.paragraph("", scene.question), classes=["question"])
        words = nodes.container("", summary, question, classes=["words"])
        return [nodes.container("", _thread(case), words, classes=["case"])]


def _thread(case: Vignette) -> nodes.container:
    thread = nodes.container("", classes=["thread"])
    for message in case.nodes[case.start].thread:
        own = ["own"] if case.role_of(message.sender) == "worker" else []
        said = nodes.container("", classes=["message", *own])
        said += nodes.inline("", f"{message.sender}, {message.at}")
        said += nodes.paragraph("", message.text)
        thread += said
    return thread


def lead_to_the_page_of_numbers(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: Element
) -> Element | None:
    """A number on a slide leads to its row in the pack, since the appendix of the book is not there."""
    if not node["reftarget"].startswith(label_of("")):
        return None
    return nodes.reference("", "", content, internal=False, refuri=f"{NUMBERS_PAGE}#{node['reftarget']}")


def _open_notes(translator: HTML5Translator, node: revealjs_notes) -> None:
    translator.body.append('<aside class="notes">')


def _close_notes(translator: HTML5Translator, node: revealjs_notes) -> None:
    translator.body.append("</aside>")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, where numbers lead, and notes that keep their paragraphs."""
    # Sphinx-revealjs writes notes as one run of text.
    app.add_node(revealjs_notes, override=True, revealjs=(_open_notes, _close_notes))
    app.add_directive("case-slide", CaseSlide)
    app.connect("missing-reference", lead_to_the_page_of_numbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
