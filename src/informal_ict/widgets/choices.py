"""Choices that work in a static page: a control linked in the browser to one of several ready-made panels.

Only ``jslink`` connects anything here, because a published page has no kernel to run a callback in.
``RadioButtons``, ``ToggleButtons`` and ``Dropdown`` expose ``index``; a ``Stack`` shows the child at
``selected_index``, and nothing while that is ``None``. (A ``Dropdown``'s ``value`` cannot be linked.)

The CSS classes put on widgets are the contract with ``sphinxext/static``:
``ict-choice`` on a control, ``ict-panels`` on what changes when it is used.
"""

from collections.abc import Sequence

import ipywidgets as widgets

FULL_WIDTH = widgets.Layout(width="100%")


def html_panel(html: str, css_class: str = "") -> widgets.HTML:
    """Ready-made HTML as a widget. The HTML is trusted: it comes from this package, never from a reader."""
    panel = widgets.HTML(html, layout=FULL_WIDTH)
    if css_class:
        panel.add_class(css_class)
    return panel


def radio_buttons(options: Sequence[str], description: str = "") -> widgets.RadioButtons:
    """One choice among a few, with none made yet."""
    control = widgets.RadioButtons(
        options=list(options), index=None, description=description, layout=widgets.Layout(width="auto")
    )
    control.add_class("ict-choice")
    return control


def toggle_buttons(options: Sequence[str], description: str) -> widgets.ToggleButtons:
    """One choice among a few, each a button, the first already made."""
    control = widgets.ToggleButtons(options=list(options), index=0, description=description)
    control.add_class("ict-choice")
    return control


def dropdown(options: Sequence[str], description: str) -> widgets.Dropdown:
    """One choice among many, the first already made."""
    control = widgets.Dropdown(options=list(options), index=0, description=description)
    control.add_class("ict-choice")
    return control


def panels_for(control: widgets.Widget, panels: Sequence[widgets.Widget]) -> widgets.Stack:
    """The panel that belongs to the option chosen in ``control``, switched in the browser.

    Raises:
        ValueError: if there are not as many panels as options.
    """
    if len(panels) != len(control.options):
        raise ValueError(f"{len(control.options)} options need as many panels; there are {len(panels)}")
    stack = widgets.Stack(list(panels), selected_index=control.index, layout=FULL_WIDTH)
    stack.add_class("ict-panels")
    widgets.jslink((control, "index"), (stack, "selected_index"))
    return stack
