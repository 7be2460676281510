"""The directive ``{published-numbers}``: the appendix with every published number, generated."""

from typing import Any

import pandas as pd
from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from informal_ict.paths import PUBLISHED, QUESTIONNAIRE, SURVEY
from informal_ict.published import PublishedNumber, load_published
from informal_ict.questionnaire import Questionnaire, load_questionnaire
from informal_ict.sphinxext.stat import label_of
from informal_ict.sphinxext.tables import section, table
from informal_ict.verify import Check, verify

HEADER = ("Claim", "Number", "Who is counted", "Simulated file", "Note")
STATUS = {
    "stated": "base stated",
    "confirmed": "base confirmed by another publication",
    "inferred": "base inferred",
    "ambiguous": "base ambiguous",
}


class PublishedNumbers(SphinxDirective):
    """One table for each slide, one row for each number, each row a target for the stat roles."""

    def run(self) -> list[Node]:
        """The sections, in the order of the deck."""
        for source in (PUBLISHED, QUESTIONNAIRE, SURVEY):
            self.env.note_dependency(str(source))
        questionnaire = load_questionnaire()
        published = load_published()
        checks = {check.id: check for check in verify(pd.read_csv(SURVEY), published, questionnaire)}
        result: list[Node] = []
        by_slide: dict[str, list[PublishedNumber]] = {}
        for number in published.values():
            by_slide.setdefault(number.slide, []).append(number)
        for slide, numbers in by_slide.items():
            rows = table(
                HEADER,
                [self._row(number, checks.get(number.id), questionnaire) for number in numbers],
                row_ids=[self._target(number) for number in numbers],
                classes=["ict-stacked"],
            )
            result.append(section(f"slide-{slide}", slide, rows))
        return result

    def _target(self, number: PublishedNumber) -> str:
        label = label_of(number.id)
        labels = self.env.get_domain("std").data
        labels["anonlabels"][label] = (self.env.docname, label)
        labels["labels"][label] = (self.env.docname, label, number.id)
        return label

    def _row(
        self, number: PublishedNumber, check: Check | None, questionnaire: Questionnaire
    ) -> tuple[str, ...]:
        shown = number.display
        if number.p_reported:
            shown += f", p {number.p_reported}"
        if check is None:
            recomputed = "nothing to recompute"
        else:
            recomputed = (
                f"{check.recomputed} ({check.base}); {'matches' if check.matches else 'DOES NOT MATCH'}"
            )
            recomputed += f"; {check.remark}" if check.remark else ""
        return claim(number, questionnaire), shown, base(number, questionnaire), recomputed, number.note


def claim(number: PublishedNumber, questionnaire: Questionnaire) -> str:
    """What the number is of, in words."""
    if number.variable not in questionnaire.names:
        what = number.variable or "respondents"
        return what[0].upper() + what[1:] if number.country == "all" else f"{number.country}: {what}"
    where = "Both countries" if number.country == "all" else number.country
    variable = questionnaire[number.variable]
    labels = {level.value: level.text for level in variable.levels}
    levels = " or ".join(labels[value].lower() for value in number.level.split("|") if value)
    what = variable.label + (f": {levels}" if levels else "")
    if number.statistic == "chi2":
        what += " by informal use"
    if number.statistic in ("rate", "direction"):
        what += ", rate of informal use"
    return f"{where}: {what}"


def base(number: PublishedNumber, questionnaire: Questionnaire) -> str:
    """Who is counted, as far as it was published or follows from that, and how sure it is."""
    if not number.from_survey:
        return ""
    people = questionnaire.bases[number.base].phrase
    if number.statistic == "chi2":
        people += " both questions"
    return (
        f"{number.n:,} {people} ({STATUS[number.status]})"
        if number.n
        else f"{people} ({STATUS[number.status]})"
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("published-numbers", PublishedNumbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
