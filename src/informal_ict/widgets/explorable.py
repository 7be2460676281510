"""An explorable: choose a part of an idea, read about it, and see it emphasised in the diagram."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

import ipywidgets as widgets
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from informal_ict.errors import InputError
from informal_ict.figures.diagrams import load_diagram, parts, svg_html
from informal_ict.markdown import fill_in_numbers, markdown
from informal_ict.published import PublishedNumber
from informal_ict.reading import first_problem, read_yaml
from informal_ict.widgets.choices import html_panel, panels_for, toggle_buttons


class Panel(BaseModel):
    """What is shown for one choice."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1, max_length=40)
    part: str = ""
    text: str = Field(min_length=1, max_length=1600)


class Explorable(BaseModel):
    """A control with three to nine panels, and the diagram above them, if there is one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str = Field(min_length=1, max_length=40)
    diagram: str = ""
    panels: tuple[Panel, ...] = Field(min_length=3, max_length=9)


def load_explorable(path: Path, numbers: Mapping[str, PublishedNumber]) -> Explorable:
    """Read one explorable and check the numbers it cites and the parts it emphasises.

    Raises:
        InputError: naming the file and the place of the first fault.
    """
    try:
        explorable = Explorable.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
    names = [panel.name for panel in explorable.panels]
    if len(set(names)) < len(names):
        raise InputError(f"{path.name}: two panels have the same name")
    drawn = parts(load_diagram(explorable.diagram, numbers)) if explorable.diagram else set()
    for number, panel in enumerate(explorable.panels):
        try:
            fill_in_numbers(panel.text, numbers)
        except InputError as error:
            raise InputError(f"{path.name}: panels.{number}.text: {error}") from None
        if panel.part and panel.part not in drawn:
            where = f"the diagram {explorable.diagram!r}" if explorable.diagram else "no diagram, which"
            raise InputError(f"{path.name}: panels.{number}.part: {where} has no part {panel.part!r}")
    return explorable


def explorable_widget(explorable: Explorable, numbers: Mapping[str, PublishedNumber]) -> widgets.Widget:
    """The widget: one button for each panel, the first chosen."""
    control = toggle_buttons([panel.name for panel in explorable.panels], explorable.label)
    shown = [html_panel(_drawn(explorable, panel, numbers)) for panel in explorable.panels]
    box = widgets.VBox([control, panels_for(control, shown)])
    box.add_class("ict-box")
    box.add_class("ict-explorable")
    return box


def explorable_on_paper(explorable: Explorable, numbers: Mapping[str, PublishedNumber]) -> str:
    """Every panel one after the other, as HTML; the diagram once."""
    diagram = _diagram(explorable, "", numbers) if explorable.diagram else ""
    panels = "".join(
        f"<details><summary>{escape(panel.name)}</summary>{_text(panel, numbers)}</details>"
        for panel in explorable.panels
    )
    return f'<div class="ict-on-paper">{diagram}{panels}</div>'


def _drawn(explorable: Explorable, panel: Panel, numbers: Mapping[str, PublishedNumber]) -> str:
    chosen = panel.name if panel.part else ""
    diagram = _diagram(explorable, panel.part, numbers, chosen) if explorable.diagram else ""
    return f'{diagram}<div class="ict-panel-text"><h4>{escape(panel.name)}</h4>{_text(panel, numbers)}</div>'


def _diagram(
    explorable: Explorable, part: str, numbers: Mapping[str, PublishedNumber], chosen: str = ""
) -> str:
    root = load_diagram(explorable.diagram, numbers)
    title = root.findtext("{http://www.w3.org/2000/svg}title") or ""
    spoken = f"{title.strip()}, with {chosen} emphasised" if chosen else ""
    return svg_html(root, part=part, spoken=spoken)


def _text(panel: Panel, numbers: Mapping[str, PublishedNumber]) -> str:
    return markdown(fill_in_numbers(panel.text, numbers))
