"""A case that can be played in a static page: scenes, choices and what follows, with no kernel behind."""

import ipywidgets as widgets

from informal_ict.questionnaire import load_questionnaire
from informal_ict.vignettes import panels
from informal_ict.vignettes.evidence import caveats, findings
from informal_ict.vignettes.graph import in_order
from informal_ict.vignettes.load import load_standards, load_vignette, published_numbers
from informal_ict.vignettes.model import Choice, Node, Standards, Vignette
from informal_ict.widgets.choices import FULL_WIDTH, html_panel, panels_for, radio_buttons


def play(slug: str) -> widgets.VBox:
    """The case with this file name, ready to be shown at the end of a code cell.

    Raises:
        InputError: if the case, the standards or the published numbers have a fault.
    """
    vignette = load_vignette(slug)
    rows = findings(vignette.data, published_numbers(), load_questionnaire())
    notes = caveats(vignette.data, published_numbers())
    return vignette_widget(vignette, load_standards(), panels.closing(vignette.closing, rows, notes))


def vignette_widget(vignette: Vignette, standards: Standards, closing_html: str) -> widgets.VBox:
    """A case as a tree of widgets that shares a scene where paths merge.

    One widget stands for one scene however many choices lead to it. An answer given there stays given
    when the reader changes an earlier one, and the page holds each text once.
    """
    closing = html_panel(closing_html, "ict-closing")
    built: dict[str, widgets.VBox] = {}
    for name in reversed(in_order(vignette.graph)):
        node = vignette.nodes[name]
        if node.is_ending:
            built[name] = _column(html_panel(panels.ending(vignette, node), "ict-ending"), closing)
        else:
            built[name] = _scene(vignette, node, standards, built)
    case = built[vignette.start]
    case.add_class("ict-vignette")
    return case


def _scene(
    vignette: Vignette, node: Node, standards: Standards, built: dict[str, widgets.VBox]
) -> widgets.VBox:
    control = radio_buttons(
        [f"{letter}. {choice.label}" for letter, choice in node.lettered], description=node.question
    )
    follows = [_after(choice, standards, built[choice.next]) for choice in node.choices]
    return _column(
        html_panel(panels.scene(vignette, node), "ict-scene"), control, panels_for(control, follows)
    )


def _after(choice: Choice, standards: Standards, scene: widgets.VBox) -> widgets.VBox:
    return _column(html_panel(panels.consequence(choice, standards.standards), "ict-follows"), scene)


def _column(*children: widgets.Widget) -> widgets.VBox:
    return widgets.VBox(children, layout=FULL_WIDTH)
