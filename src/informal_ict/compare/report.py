"""The report of a group beside the published survey, as one page that needs nothing else, and as tagged PDF.

What stands in it is decided here, as data; how it looks, in ``workshop/templates/compare-*``.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from informal_ict.appraisal import in_words
from informal_ict.compare.chart import question_svg, question_svg_for_print
from informal_ict.compare.disclosure import SMALLEST_GROUP, threshold_fault
from informal_ict.compare.instrument import EVERYONE, Instrument, load_questionnaire_items
from informal_ict.compare.read import Answers, read_answers
from informal_ict.compare.reading import (
    base_phrase,
    bound,
    interval,
    not_shown,
    option_reading,
    paragraph,
    whole,
)
from informal_ict.compare.summarise import OptionSummary, QuestionSummary, Summary, summarise
from informal_ict.errors import InputError
from informal_ict.files import write_atomically
from informal_ict.published import PublishedNumber, load_published
from informal_ict.typeset import TEMPLATES, set_pdf

OUR_TITLE = "Our answers beside the #socialwork survey"
STATUS = {
    "stated": "its base is stated",
    "confirmed": "its base is confirmed by a second source",
    "inferred": "its base is inferred",
    "ambiguous": "its base is not settled",
}


def write_comparison(
    responses: Path, page: Path | None, pdf: Path | None, smallest: int = SMALLEST_GROUP, whose: str = ""
) -> list[Path]:
    """Read a group's answers and write its report.

    Args:
        responses: the file of a form tool.
        page: where to write the HTML page, if it is wanted.
        pdf: where to write the PDF, if it is wanted.
        smallest: no number stands for fewer people than this.
        whose: what the group calls itself.

    Raises:
        InputError: if the file cannot be read, has too few people for anything to be shown, or would be
            written over.
    """
    if fault := threshold_fault(smallest):
        raise InputError(fault)
    stop_if_written_over([responses], page, pdf)
    published = load_published()
    instrument = load_questionnaire_items(published=published)
    answers = read_answers(responses, instrument)
    stop_if_too_few(answers.file, len(answers.people), smallest)
    summary = summarise(answers, instrument, published, smallest)
    data = report_data(summary, answers, instrument, whose)
    contents: dict[Path, bytes] = {}
    if page is not None:
        contents[page] = report_html(data, summary).encode()
    if pdf is not None:
        contents[pdf] = report_pdf(data, summary)
    for target, content in contents.items():
        write_atomically(target, content)
    return list(contents)


def stop_if_written_over(read: Iterable[Path], *written: Path | None) -> None:
    """Refuse to write where a file stands that was named before, above all the only file of answers.

    Raises:
        InputError: naming the target.
    """
    taken = {path.resolve() for path in read}
    for target in filter(None, written):
        if target.is_dir():
            raise InputError(f"{target}: is a folder; name the file to write")
        if target.resolve() in taken:
            raise InputError(f"{target}: is read or written already; choose another name for the report")
        taken.add(target.resolve())


def stop_if_too_few(file: str, people: int, smallest: int) -> None:
    """Refuse a group of which nothing could be shown.

    Raises:
        InputError: saying what to do in its place.
    """
    if people < 2 * smallest:
        raise InputError(
            f"{file}: {people} people answered. With fewer than {2 * smallest} no number can be shown "
            "without giving somebody's answer away. Talk about the questions together, and delete the file"
        )


def report_data(
    summary: Summary, answers: Answers, instrument: Instrument, whose: str = ""
) -> dict[str, Any]:
    """Everything that stands in the report but its charts, ready to become JSON."""
    return {
        "title": OUR_TITLE,
        "whose": whose,
        "people": summary.people,
        "smallest": in_words(summary.smallest),
        "fewest": in_words(2 * summary.smallest),
        "paragraph": paragraph(summary),
        "glance": [_glance(question, option) for question, option in summary.compared],
        "questions": [
            _question(number, one, summary.smallest, instrument)
            for number, one in enumerate(summary.questions, 1)
        ],
        "file": read_from(answers),
    }


def read_from(answers: Answers) -> dict[str, Any]:
    """What was read from a file and what was not, for the end of a report."""
    return {
        "name": answers.file,
        "people": len(answers.people),
        "ignored": list(answers.ignored),
        "emptied": list(answers.emptied),
        "left_out": list(answers.left_out),
    }


def report_html(data: Mapping[str, Any], summary: Summary) -> str:
    """The report as one page with its style and charts in it; it asks no other host for anything."""
    charts = {
        one.question.name: question_svg(one, _alternative(one, summary.smallest))
        for one in summary.questions
        if one.question.compared
    }
    return render_html("compare-report.html", {**data, "charts": charts})


def report_pdf(data: Mapping[str, Any], summary: Summary) -> bytes:
    """The report as tagged PDF."""
    charts = {
        one.question.name: {
            "svg": question_svg_for_print(one),
            "alternative": _alternative(one, summary.smallest),
        }
        for one in summary.questions
        if one.question.compared
    }
    return render_pdf("compare-report.typ", {**data, "charts": charts})


def render_html(template: str, data: Mapping[str, Any]) -> str:
    """A template of the workshop with its data; every text in it is shown as text."""
    return _templates().get_template(template).render(data)


def render_pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """A Typst template of the workshop with its data, as tagged PDF with the fonts that Typst brings.

    A sign that these fonts may lack, in the name of a group or a column, becomes a question mark: an
    accessible PDF must not hold letters that cannot be shown.

    Raises:
        InputError: if it cannot be set.
    """
    return set_pdf(template, _in_the_fonts(data), template)


def _in_the_fonts(value: Any) -> Any:
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value)
        return "".join(sign if sign.isspace() or _is_in_the_fonts(sign) else "?" for sign in text)
    if isinstance(value, Mapping):
        return {key: _in_the_fonts(part) for key, part in value.items()}
    return [_in_the_fonts(part) for part in value] if isinstance(value, list) else value


def _is_in_the_fonts(sign: str) -> bool:
    """Whether it is Latin, Greek, Cyrillic or a common sign, which Libertinus Serif has."""
    return " " <= sign < "\u0530" or "\u2010" <= sign <= "\u2027" or sign in "→−€"


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _glance(question: QuestionSummary, option: OptionSummary) -> dict[str, str]:
    share = option.share
    canada, united_states = option.published["Canada"], option.published["United States"]
    return {
        "line": option.option.line,
        "base": question.question.base,
        "count": f"{share.count} of {share.people}" if share else "not shown",
        "percent": whole(share.percent) if share else "",
        "interval": interval(share) if share else "",
        "canada": canada.display,
        "canada_place": share.place_of(canada.number) if share else "",
        "united_states": united_states.display,
        "united_states_place": share.place_of(united_states.number) if share else "",
    }


def _question(number: int, one: QuestionSummary, smallest: int, instrument: Instrument) -> dict[str, Any]:
    question = one.question
    return {
        "number": number,
        "name": question.name,
        "text": question.text,
        "several": question.several,
        "base": base_phrase(question.base),
        "asked_after": _asked_after(one, instrument),
        "people": one.people,
        "rows": _rows(one, smallest),
        "why_hidden": not_shown(one.options[0], one, smallest) if one.why_hidden else "",
        "reading": [option_reading(option, one, smallest) for option in one.options if option.option.line],
        "published": _published(one),
    }


def _asked_after(one: QuestionSummary, instrument: Instrument) -> str:
    if one.question.base == EVERYONE:
        return ""
    gate = instrument.gates[one.question.base]
    before = instrument.by_name[gate.question]
    number = list(instrument.by_name).index(gate.question) + 1
    return f"question {number}, “{before.option(gate.code).label}”"


def _rows(one: QuestionSummary, smallest: int) -> list[dict[str, str]]:
    """The table of a question: the answers whose counts are shown, and what may be said of the others."""
    if one.why_hidden:
        return []
    rows: list[dict[str, str]] = []
    for option in one.options:
        if option.share is not None:
            share = option.share
            cells = {"count": f"{share.count} of {share.people}", "percent": whole(share.percent)}
            rows.append({"option": option.option.label, **cells, "interval": interval(share), "note": ""})
        elif one.rest is None:
            note = bound(option, one, smallest)
            rows.append(
                {"option": option.option.label, "count": "", "percent": "", "interval": "", "note": note}
            )
    if one.rest is not None:
        rest = one.rest
        others = [option.option.label for option in one.options if option.share is None]
        rows.append(
            {
                "option": " or ".join(others),
                "count": f"{rest.count} of {rest.people}",
                "percent": whole(rest.percent),
                "interval": interval(rest),
                "note": "",
            }
        )
    return rows


def _published(one: QuestionSummary) -> list[dict[str, str]]:
    """The published figures of a question, with whom they count and what must be known about them."""
    numbers = [(option, number) for option in one.options for number in option.published.values()]
    said: dict[str, list[str]] = {}
    for option, number in numbers:
        line = option.option.line
        said.setdefault(_caveat(number), []).append(f"{line}, {number.country}, {number.display}")
    return [{"figures": "; ".join(figures), "caveat": caveat} for caveat, figures in said.items()]


def _caveat(number: PublishedNumber) -> str:
    base = f"Counts {base_phrase(number.base)}; {STATUS[number.status]}."
    return f"{base} {number.note}".strip()


def _alternative(one: QuestionSummary, smallest: int) -> str:
    said = [option_reading(option, one, smallest) for option in one.options if option.option.line]
    return f"Chart. {' '.join(said)}"
