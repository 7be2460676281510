"""Widgets as HTML for a static page: their state and a place to draw them, as ipywidgets embeds them."""

import json

import ipywidgets as widgets
from ipywidgets.embed import dependency_state, embed_data, escape_script

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def widget_html(widget: widgets.Widget) -> str:
    """The two scripts from which the renderer draws a widget."""
    # With defaults dropped, a choice not yet made (index None) would become the renderer's own default.
    state = dependency_state([widget], drop_defaults=False)
    data = embed_data([widget], state=state)
    (view,) = data["view_specs"]
    return "".join(
        f'<script type="{kind}">{escape_script(json.dumps(content, separators=(",", ":")))}</script>'
        for kind, content in ((STATE, data["manager_state"]), (VIEW, view))
    )
