"""The item report of an assignment as one page that needs nothing else."""

from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

from informal_ict.files import write_atomically
from informal_ict.items.charts import correlation_chart, share_chart
from informal_ict.items.read import Results, read_results
from informal_ict.items.sentences import (
    correlation,
    first_things,
    interval,
    percent,
    shared_messages,
    what_happened,
    what_to_do,
)
from informal_ict.items.statistics import (
    FEWEST_FOR_CORRELATION,
    FEWEST_FOR_SHARES,
    Figures,
    figures,
    share_of,
)
from informal_ict.typeset import TEMPLATES


def write_item_report(course: Path, assignment: str, target: Path) -> Path:
    """Write the item report of an assignment.

    Args:
        course: folder of any nbgrader course.
        assignment: its name.
        target: where to write the page.

    Raises:
        InputError: if the course or the assignment is not there, or nothing of it was marked yet.
    """
    write_atomically(target, item_report(read_results(course, assignment)).encode())
    return target


def item_report(results: Results) -> str:
    """The page."""
    found = figures(results)
    several = len({item.notebook for item in results.items}) > 1
    named = [(f"{number}. {one.item.title}", one) for number, one in enumerate(found, 1)]
    data = {
        "title": f"How the questions went: {results.assignment}",
        "assignment": results.assignment,
        "students": results.students,
        "small": results.students < FEWEST_FOR_SHARES,
        "fewest_for_shares": FEWEST_FOR_SHARES,
        "fewest_for_correlation": FEWEST_FOR_CORRELATION,
        "correlated": any(one.discrimination for one in found),
        "unreadable": results.unreadable,
        "first": [
            {"number": number, "title": one.item.title, "said": [*what_happened(one), *what_to_do(one)]}
            for number, one in first_things(found)
        ],
        "timed": any(one.item.seconds for one in found),
        "charts": _charts(named),
        "items": [_item(number, one, several) for number, one in enumerate(found, 1)],
    }
    return _templates().get_template("report.html.j2").render(data)


def _item(number: int, one: Figures, several: bool) -> dict[str, Any]:
    shared = shared_messages(one)
    return {
        "number": number,
        "title": one.item.title,
        "where": one.item.notebook if several else "",
        "points": f"{one.item.points:g}",
        "by_person": one.item.by_person,
        "people": one.people,
        "earned": percent(one.share.value) if one.share else "",
        "earned_interval": interval(one.share) if one.share else "",
        "lost": one.lost,
        "blank": "not recorded" if one.item.blank is None else str(one.item.blank),
        "correlation": correlation(one.discrimination.value) if one.discrimination else "",
        "correlation_interval": (
            f"{correlation(one.discrimination.low)} to {correlation(one.discrimination.high)}"
            if one.discrimination
            else ""
        ),
        "seconds": f"{median(one.item.seconds):.1f} s" if one.item.seconds else "",
        "said": what_happened(one),
        "to_do": what_to_do(one),
        "messages": [_message(text, count, one.people) for text, count in shared],
        "alone": sum(count for _, count in one.item.messages.items()) - sum(count for _, count in shared),
    }


def _message(text: str, count: int, people: int) -> dict[str, str]:
    share = share_of(count, people) if people >= FEWEST_FOR_SHARES and count <= people else None
    return {
        "text": text,
        "count": str(count),
        "share": f"{percent(share.value)} ({interval(share)})" if share else "",
    }


def _charts(named: list[tuple[str, Figures]]) -> dict[str, str]:
    """Charts of what can be told; none where a class is too small."""
    charts = {"share": "", "correlation": ""}
    shares = [(label, one.share) for label, one in named if one.share]
    if shares:
        told = "; ".join(f"{label}, {percent(share.value)}" for label, share in shares)
        charts["share"] = share_chart(shares, f"Chart of the share of points earned. {told}.")
    related = [(label, one.discrimination) for label, one in named if one.discrimination]
    if related:
        told = "; ".join(f"{label}, {correlation(r.value)}" for label, r in related)
        charts["correlation"] = correlation_chart(
            related, f"Chart of how each question goes with the others. {told}."
        )
    return charts


@cache
def _templates() -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader("informal_ict.items", "."), FileSystemLoader(TEMPLATES)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
