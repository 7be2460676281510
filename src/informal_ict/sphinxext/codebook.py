"""The directive ``{codebook}``: every variable of the survey, its question, levels, base and provenance."""

from typing import Any

import pandas as pd
from docutils import nodes
from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from informal_ict.paths import QUESTIONNAIRE, SURVEY
from informal_ict.questionnaire import Level, Questionnaire, Variable, in_words, load_questionnaire
from informal_ict.sphinxext.tables import section, table

HEADER = ("Answer", "Canada", "U.S.", "These counts are")


class Codebook(SphinxDirective):
    """A section for each part of the questionnaire; in it, a table for each variable."""

    def run(self) -> list[Node]:
        """The codebook, with counts from the survey file."""
        for source in (QUESTIONNAIRE, SURVEY):
            self.env.note_dependency(str(source))
        questionnaire = load_questionnaire()
        survey = pd.read_csv(SURVEY, keep_default_na=False, dtype=str)
        result: list[Node] = []
        for part in questionnaire.sections:
            variables = [variable for variable in questionnaire.variables if variable.section == part.key]
            content = [node for variable in variables for node in _variable(variable, questionnaire, survey)]
            result.append(section(f"codebook-{part.key}", part.title, *content))
        return result


def _variable(variable: Variable, questionnaire: Questionnaire, survey: pd.DataFrame) -> list[Node]:
    term = nodes.paragraph("", classes=["ict-variable"])
    term += [nodes.strong("", variable.label), nodes.Text(" "), nodes.literal("", variable.name)]
    asked = nodes.paragraph("", f"{variable.question} Base: {questionnaire.bases[variable.asked_of].phrase}.")
    rows: list[tuple[str, ...]] = [
        (_answer(level), *_counts(survey, variable, level.value), in_words(variable.level_provenance(level)))
        for level in variable.levels
    ]
    rows += [
        (f"{code or 'empty'}: {meaning}", *_counts(survey, variable, code), "")
        for code, meaning in questionnaire.missing_codes.items()
        if (survey[variable.name] == code).any()
    ]
    parts: list[Node] = [term, asked]
    if variable.note:
        parts.append(nodes.paragraph("", variable.note))
    return [*parts, table(HEADER, rows, classes=["ict-codebook"])]


def _answer(level: Level) -> str:
    """The answer in words, with its code in the file where that differs in more than a capital."""
    return level.text if level.text.lower() == level.value.lower() else f"{level.text} ({level.value})"


def _counts(survey: pd.DataFrame, variable: Variable, code: str) -> tuple[str, str]:
    given = survey.loc[survey[variable.name] == code, "country"].value_counts()
    return f"{given.get('Canada', 0):,}", f"{given.get('United States', 0):,}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("codebook", Codebook)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
