"""The self-assessment as a form in a page of the book.

It is plain HTML: choosing a level shows its next step by a style rule and without any script, so it works
on paper and with scripts turned off. ``sphinxext/static/self-assessment.js`` adds a summary by area and
a line of marks to take along. Nothing is stored or sent.
"""

from collections.abc import Callable
from html import escape

from informal_ict.markdown import inline
from informal_ict.self_assessment.model import Area, SelfAssessment, Statement, check_citations, page_title
from informal_ict.vignettes.evidence import CERTAINTY
from informal_ict.vignettes.model import Standards


def self_assessment_html(
    assessment: SelfAssessment, standards: Standards, address: Callable[[str], str]
) -> str:
    """The form.

    Args:
        assessment: the statements.
        standards: what they cite.
        address: the link to a page of the book, by its name in _toc.yml.

    Raises:
        InputError: for a standard or a competency that is not there.
    """
    check_citations(assessment, standards)
    numbers = {statement.key: number for number, statement in enumerate(assessment.statements, 1)}
    areas = "".join(_area(area, assessment, numbers, standards, address) for area in assessment.areas)
    return (
        '<form class="ict-assessment" autocomplete="off" aria-label="Self-assessment">'
        f"{areas}{_summary(assessment)}"
        '<p class="ict-small">Your marks are not stored or sent, and are gone when you leave the page, '
        "unless you print it or copy them.</p></form>"
    )


def _area(
    area: Area,
    assessment: SelfAssessment,
    numbers: dict[str, int],
    standards: Standards,
    address: Callable[[str], str],
) -> str:
    statements = "".join(
        _statement(statement, numbers[statement.key], assessment, standards, address)
        for statement in area.statements
    )
    return f'<section data-area="{escape(area.name)}"><h3>{escape(area.name)}</h3>{statements}</section>'


def _statement(
    statement: Statement,
    number: int,
    assessment: SelfAssessment,
    standards: Standards,
    address: Callable[[str], str],
) -> str:
    levels = "".join(
        f'<div class="ict-level"><label><input type="radio" name="{statement.key}" value="{value}" '
        f'autocomplete="off" aria-describedby="{statement.key}-{value}-next"> <span><b>{escape(called)}.</b> '
        f"{inline(level.text)}</span></label>"
        f'<p class="ict-next" id="{statement.key}-{value}-next"><b>Next step.</b> {inline(level.next)} '
        f'<a href="{escape(address(level.page))}">{escape(page_title(level.page))}</a></p></div>'
        for value, (called, level) in enumerate(zip(assessment.levels, statement.levels, strict=True), 1)
    )
    return (
        f'<fieldset class="ict-statement" data-key="{statement.key}">'
        f"<legend>{number}. {escape(statement.name)}</legend><p>{inline(statement.statement)}</p>"
        f"{levels}{_basis(statement, standards)}</fieldset>"
    )


def _basis(statement: Statement, standards: Standards) -> str:
    competencies = "".join(f"<li>{n}. {escape(standards.competencies[n])}</li>" for n in statement.epas)
    cited = [standards.standards[key] for key in statement.standards]
    items = "".join(
        f"<li><b>{escape(one.citation)}</b> ({escape(one.country)}). {escape(one.paraphrase)} "
        f"<i>[{escape(CERTAINTY[one.certainty])}]</i></li>"
        for one in cited
    )
    return (
        f"<details><summary>What this rests on</summary><p>EPAS 2022 competencies</p><ul>{competencies}</ul>"
        f"<p>Standards on technology, in our words</p><ul>{items}</ul></details>"
    )


def _summary(assessment: SelfAssessment) -> str:
    """What the script fills in; without it, none of this is shown."""
    rows = "".join(
        f'<tr data-area="{escape(area.name)}"><th scope="row">{escape(area.name)}</th>'
        "<td data-marked></td><td data-before></td><td data-now></td></tr>"
        for area in assessment.areas
    )
    return (
        '<section class="ict-assessment-summary" hidden><h3>Your marks by area</h3>'
        "<p>The mean of the marks in each area, from 1 (not yet) to 4 (with others). "
        "It is a way to see where to begin, and no score.</p>"
        '<table class="ict-table"><thead><tr><th scope="col">Area</th><th scope="col">Marked</th>'
        '<th scope="col">Before</th><th scope="col">Now</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        "<p data-lowest></p><p>Your marks in one line: <code data-line></code></p>"
        '<p class="ict-assessment-tools"><button type="button" data-copy>Copy my marks</button> '
        '<button type="button" data-print>Print this page</button> '
        '<button type="reset">Empty the form</button></p>'
        '<p><label for="ict-marks-before">Your line of marks from before, to see both</label>'
        '<input id="ict-marks-before" type="text" autocomplete="off" spellcheck="false" '
        'inputmode="numeric" maxlength="40"></p><p role="status" data-said></p></section>'
    )
