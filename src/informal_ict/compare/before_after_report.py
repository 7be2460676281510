"""The report of a self-assessment before and after, as a page and as tagged PDF."""

from pathlib import Path
from typing import Any

from informal_ict.appraisal import in_words
from informal_ict.compare.before_after import AreaChange, BeforeAfter, Unpaired, compare_before_after
from informal_ict.compare.change_chart import change_svg, change_svg_for_print
from informal_ict.compare.disclosure import SMALLEST_GROUP, threshold_fault
from informal_ict.compare.read import Answers, read_answers
from informal_ict.compare.reading import interval, whole
from informal_ict.compare.report import read_from, render_html, render_pdf, stop_if_written_over
from informal_ict.compare.summarise import Share
from informal_ict.errors import InputError
from informal_ict.files import write_atomically
from informal_ict.self_assessment.model import instrument, load_self_assessment

OUR_TITLE = "Our self-assessment, before and after"


def write_before_after(
    before: Path,
    after: Path,
    page: Path | None,
    pdf: Path | None,
    smallest: int = SMALLEST_GROUP,
    whose: str = "",
) -> list[Path]:
    """Read both files and write the report of the change.

    Args:
        before: answers before the workshop, with a column ``code_word``.
        after: answers after it.
        page: where to write the HTML page, if it is wanted.
        pdf: where to write the PDF, if it is wanted.
        smallest: no number stands for fewer people than this.
        whose: what the group calls itself.

    Raises:
        InputError: if a file cannot be read or would be written over, or too few people can be paired.
    """
    if fault := threshold_fault(smallest):
        raise InputError(fault)
    stop_if_written_over([before, after], page, pdf)
    assessment = load_self_assessment()
    asked = instrument(assessment)
    first, second = (read_answers(path, asked, code_word=True) for path in (before, after))
    found = compare_before_after(first, second, assessment, smallest)
    if found.pairs < smallest:
        raise InputError(
            f"{first.file} and {second.file}: {found.pairs} code words stand in both, and with fewer than "
            f"{smallest} pairs nothing can be shown. Check that both files come from the same group and that "
            "the words were written alike; capitals, spaces and signs do not matter"
        )
    data = report_data(found, first, second, whose)
    alternative = " ".join(["Chart.", *data["reading"]])
    contents: dict[Path, bytes] = {}
    if page is not None:
        shown = {**data, "chart": change_svg(found, alternative)}
        contents[page] = render_html("compare-before-after.html", shown).encode()
    if pdf is not None:
        shown = {**data, "chart": {"svg": change_svg_for_print(found), "alternative": alternative}}
        contents[pdf] = render_pdf("compare-before-after.typ", shown)
    for target, content in contents.items():
        write_atomically(target, content)
    return list(contents)


def report_data(found: BeforeAfter, before: Answers, after: Answers, whose: str = "") -> dict[str, Any]:
    """Everything that stands in the report but its chart, ready to become JSON."""
    areas = [*found.areas, found.overall]
    return {
        "title": OUR_TITLE,
        "whose": whose,
        "pairs": found.pairs,
        "smallest": in_words(found.smallest),
        "rows": [_row(area) for area in areas],
        "reading": [_reading(area) for area in areas],
        "unpaired": _unpaired(found.unpaired),
        "files": [read_from(before), read_from(after)],
    }


def _row(area: AreaChange) -> dict[str, str]:
    if area.change is None:
        return {"name": area.name, "pairs": _pairs(area), "note": area.why_hidden}
    change = area.change
    return {
        "name": area.name,
        "pairs": _pairs(area),
        "note": "",
        "before": f"{change.before:.1f}",
        "after": f"{change.after:.1f}",
        "change": signed(change.change),
        "interval": f"{signed(change.low)} to {signed(change.high)}",
        "rose": _share(change.rose) if change.rose else "not shown",
    }


def _reading(area: AreaChange) -> str:
    change = area.change
    if change is None:
        return f"{area.name}: {area.why_hidden}."
    means = f"{area.name}: {change.before:.1f} before and {change.after:.1f} after"
    reach = f"with an interval from {signed(change.low)} to {signed(change.high)}"
    if change.low > 0 or change.high < 0:
        judgement = "Chance alone would hardly make so much."
    else:
        judgement = "The interval holds zero, so there may be no change at all."
    return f"{means}, a change of {signed(change.change)}, {reach}. {judgement}"


def _unpaired(unpaired: Unpaired) -> list[str]:
    counts = {
        "code words stand only in the file before": unpaired.only_before,
        "code words stand only in the file after": unpaired.only_after,
        "answers carry a code word that two people chose, so nobody can tell which is whose": (
            unpaired.shared_word
        ),
        "answers have no code word": unpaired.without_word,
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def _share(share: Share) -> str:
    return f"{share.count} of {share.people}, {whole(share.percent)} ({interval(share)})"


def _pairs(area: AreaChange) -> str:
    return str(area.pairs) if area.pairs is not None else ""


def signed(marks: float) -> str:
    """A change in marks with its sign, and zero without one."""
    rounded = round(marks, 1) + 0.0
    return "0.0" if rounded == 0 else f"{rounded:+.1f}".replace("-", "−")
