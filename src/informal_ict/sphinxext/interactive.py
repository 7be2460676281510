"""Directives that put something to choose into a page: self-checks, explorables, the survey explorer, a case.

Each stands in the page twice: as a widget, and folded beneath it as plain HTML, which is what print, a
screen reader and a browser without JavaScript get. Widgets are made here, in the build, and not in a
notebook: a page with a question to answer needs no kernel.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from docutils import nodes
from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from informal_ict import paths
from informal_ict.errors import InputError
from informal_ict.published import PublishedNumber
from informal_ict.questionnaire import load_questionnaire
from informal_ict.reading import read_text
from informal_ict.verify import read_survey
from informal_ict.vignettes.load import SCHEMA, STANDARDS, load_vignette, published_numbers
from informal_ict.vignettes.panels import content_note_html, path_code_html
from informal_ict.vignettes.path_codes import version
from informal_ict.vignettes.widget import play
from informal_ict.widgets.embed import widget_html
from informal_ict.widgets.explorable import explorable_on_paper, explorable_widget, load_explorable
from informal_ict.widgets.explorer import explorer, explorer_on_paper, explorer_panels
from informal_ict.widgets.self_check import load_self_check, self_check, self_check_on_paper

Numbers = dict[str, PublishedNumber]
COMING = '<p class="ict-widget-coming">This part is loading. The same content stands below, folded.</p>'


class _Interactive(SphinxDirective):
    """A widget and its folded form, both made from source files."""

    summary = ""

    def sources(self) -> Sequence[Path]:
        """The files it is made from, so that a change in one builds the page anew."""
        raise NotImplementedError

    def make(self, numbers: Numbers) -> tuple[widgets.Widget, str]:
        """The widget, and the same as HTML for paper; empty where the page itself holds it."""
        raise NotImplementedError

    def run(self) -> list[Node]:
        """The widget, then the folded form.

        Raises:
            docutils.parsers.rst.DirectiveError: with the fault of the source file.
        """
        for source in (paths.PUBLISHED, *self.sources()):
            self.env.note_dependency(str(source))
        try:
            widget, on_paper = self.make(published_numbers())
            html = self.frame(f'<div class="ict-widget ict-{self.name}">{COMING}{widget_html(widget)}</div>')
        except InputError as error:
            raise self.error(str(error)) from error
        if on_paper:
            html += (
                f'<details class="ict-without-widget"><summary>{self.summary}</summary>{on_paper}</details>'
            )
        return [nodes.raw("", html, format="html", classes=["ict-interactive"])]

    def frame(self, html: str) -> str:
        """What stands around the widget; nothing, unless a subclass says otherwise."""
        return html


class SelfCheck(_Interactive):
    """The questions of ``data/self-checks/<name>.yml``."""

    required_arguments = 1
    summary = "The questions with all their answers, without the widget"

    def sources(self) -> Sequence[Path]:
        """The questions."""
        return [paths.SELF_CHECKS / f"{self.arguments[0]}.yml"]

    def make(self, numbers: Numbers) -> tuple[widgets.Widget, str]:
        """Questions, answers and reasons."""
        questions = load_self_check(*self.sources())
        return self_check(questions, numbers), self_check_on_paper(questions, numbers)


class Explore(_Interactive):
    """The panels of ``data/explorables/<name>.yml``."""

    required_arguments = 1
    summary = "All of it, without the widget"

    def sources(self) -> Sequence[Path]:
        """The panels, and every diagram, since they may name one."""
        return [paths.EXPLORABLES / f"{self.arguments[0]}.yml", *sorted(paths.DIAGRAMS.glob("*.svg"))]

    def make(self, numbers: Numbers) -> tuple[widgets.Widget, str]:
        """A button for each panel."""
        explorable = load_explorable(self.sources()[0], numbers)
        return explorable_widget(explorable, numbers), explorable_on_paper(explorable, numbers)


class SurveyExplorer(_Interactive):
    """The survey by country and factor."""

    summary = "All the tables, without the widget"

    def sources(self) -> Sequence[Path]:
        """The data."""
        return [paths.SURVEY, paths.QUESTIONNAIRE]

    def make(self, numbers: Numbers) -> tuple[widgets.Widget, str]:
        """A chart, a table and a test for each pair."""
        questionnaire = load_questionnaire()
        survey = read_survey(read_text(paths.SURVEY), questionnaire)
        panels = explorer_panels(survey, questionnaire, list(numbers.values()))
        return explorer(panels), explorer_on_paper(panels)


class VignettePlay(_Interactive):
    """A case to be played. Its folded form is ``{vignette-print}``, which the page holds once."""

    required_arguments = 1

    def sources(self) -> Sequence[Path]:
        """The case and what it cites."""
        return [paths.VIGNETTES / f"{self.arguments[0]}.yml", SCHEMA, STANDARDS, paths.QUESTIONNAIRE]

    def make(self, numbers: Numbers) -> tuple[widgets.Widget, str]:
        """The tree of scenes."""
        return play(self.arguments[0]), ""

    def frame(self, html: str) -> str:
        """The code of the reader's path below. A case with hard content stays closed until it is opened."""
        case = load_vignette(self.arguments[0])
        html = path_code_html(case.slug, version(case), html)
        note = case.content_note
        if note is None:
            return html
        self.env.note_dependency(str(paths.VIGNETTES / f"{note.instead}.yml"))
        return content_note_html(note, load_vignette(note.instead), html)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("self-check", SelfCheck)
    app.add_directive("explore", Explore)
    app.add_directive("survey-explorer", SurveyExplorer)
    app.add_directive("vignette-play", VignettePlay)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
