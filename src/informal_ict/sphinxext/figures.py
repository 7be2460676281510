"""``{diagram}`` and ``{published-chart}``: a figure with its caption and its text alternative."""

from html import escape
from typing import Any, ClassVar

from docutils import nodes
from docutils.nodes import Node
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from informal_ict.errors import InputError
from informal_ict.figures.charts import Pair, paired_chart
from informal_ict.figures.diagrams import load_diagram, svg_html
from informal_ict.markdown import fill_in_numbers
from informal_ict.paths import DIAGRAMS, PUBLISHED, QUESTIONNAIRE
from informal_ict.published import PublishedNumber
from informal_ict.questionnaire import load_questionnaire
from informal_ict.vignettes.evidence import findings
from informal_ict.vignettes.load import published_numbers

LONGEST_LABEL = 40


class Diagram(SphinxDirective):
    """The SVG ``chapters/figures/<name>.svg`` with the content as its caption."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[Node]:
        """A figure. Raises DirectiveError with the fault of the SVG, or where the caption is missing."""
        self.env.note_dependency(str(DIAGRAMS / f"{self.arguments[0]}.svg"))
        self.env.note_dependency(str(PUBLISHED))
        self.assert_has_content()
        try:
            svg = svg_html(load_diagram(self.arguments[0], published_numbers()))
        except InputError as error:
            raise self.error(str(error)) from error
        return [_figure(svg, self.parse_content_to_nodes())]


class PublishedChart(SphinxDirective):
    """Published percentages of both countries side by side: one line a row, ``Label: canada-id, us-id``."""

    has_content = True
    option_spec: ClassVar = {
        "finding": directives.unchanged_required,
        "caption": directives.unchanged_required,
    }

    def run(self) -> list[Node]:
        """A figure and its table. Raises DirectiveError for a missing option or a faulty row."""
        # The table takes its words from the questionnaire.
        for source in (PUBLISHED, QUESTIONNAIRE):
            self.env.note_dependency(str(source))
        self.assert_has_content()
        for option in self.option_spec:
            if option not in self.options:
                raise self.error(f"the option {option} is missing")
        try:
            numbers = published_numbers()
            rows = [_row(line, numbers) for line in self.content if line.strip()]
            finding = fill_in_numbers(self.options["finding"], numbers)
            table = _table(rows)
        except InputError as error:
            raise self.error(str(error)) from error
        chart = paired_chart([_pair(label, *both) for label, *both in rows], finding)
        caption, _ = self.state.inline_text(self.options["caption"], self.lineno)
        folded = f"<details><summary>The chart as a table</summary>{table}</details>"
        return [_figure(chart, caption), nodes.raw("", folded, format="html")]


def _figure(svg: str, caption: list[Node]) -> nodes.container:
    figure = nodes.container("", nodes.raw("", svg, format="html"), classes=["ict-figure"])
    figure += nodes.container("", *caption, classes=["ict-figure-caption"])
    return figure


Row = tuple[str, PublishedNumber, PublishedNumber]


def _row(line: str, numbers: dict[str, PublishedNumber]) -> Row:
    label, _, ids = line.rpartition(":")
    keys = [key.strip() for key in ids.split(",")]
    if not label or len(keys) != 2:
        raise InputError(f"{line!r} is not 'Label: canada-id, us-id'")
    if len(label.strip()) > LONGEST_LABEL:
        raise InputError(f"{label.strip()!r} is longer than {LONGEST_LABEL} letters")
    for key, country in zip(keys, ("Canada", "United States"), strict=True):
        if key not in numbers:
            raise InputError(f"published.csv has no number {key!r}")
        if numbers[key].statistic not in ("percent", "rate") or numbers[key].country != country:
            raise InputError(f"{key} is not a percentage of {country}")
    return label.strip(), numbers[keys[0]], numbers[keys[1]]


def _pair(label: str, canada: PublishedNumber, united_states: PublishedNumber) -> Pair:
    return Pair(label, canada.number, united_states.number, (canada.display, united_states.display))


def _table(rows: list[Row]) -> str:
    questionnaire = load_questionnaire()
    body = ""
    for label, *both in rows:
        known = {number.id: number for number in both}
        for found in findings(list(known), known, questionnaire):
            body += (
                f'<tr><th scope="row">{escape(label)}, {found.country}</th><td>{found.value}</td>'
                f"<td>{escape(found.base)}</td></tr>"
            )
    return (
        '<table class="ict-table"><thead><tr><th scope="col">Claim</th><th scope="col">Published</th>'
        f'<th scope="col">Who is counted</th></tr></thead><tbody>{body}</tbody></table>'
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("diagram", Diagram)
    app.add_directive("published-chart", PublishedChart)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
