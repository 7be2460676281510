"""What the code cells of the book call: one function shows one thing, on the screen and on paper.

Each shows a widget, and below it the same content folded as plain HTML, which is what print, a screen
reader and a browser without JavaScript get.
"""

from pathlib import Path

import pandas as pd
from IPython.display import HTML, display

from informal_ict import paths
from informal_ict.published import load_published
from informal_ict.questionnaire import load_questionnaire
from informal_ict.widgets.explorer import explorer, explorer_on_paper, explorer_panels
from informal_ict.widgets.self_check import load_self_check, self_check, self_check_on_paper


def show_explorer() -> None:
    """The survey by country and factor."""
    panels = explorer_panels(pd.read_csv(paths.SURVEY), load_questionnaire(), list(load_published().values()))
    display(explorer(panels), _folded("All the tables, without the widget", explorer_on_paper(panels)))


def show_self_check(name: str) -> None:
    """The self-check questions of ``data/self-checks/<name>.yml``."""
    questions = load_self_check(paths.SELF_CHECKS / Path(f"{name}.yml"))
    published = load_published()
    display(
        self_check(questions, published),
        _folded(
            "The questions with all their answers, without the widget",
            self_check_on_paper(questions, published),
        ),
    )


def _folded(summary: str, html: str) -> HTML:
    return HTML(f'<details class="ict-without-widget"><summary>{summary}</summary>{html}</details>')
