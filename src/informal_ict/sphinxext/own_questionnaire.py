"""``{own-questionnaire}``: the workshop's questions, with the published numbers that stand beside each."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from informal_ict.compare.forms import asked_of
from informal_ict.compare.instrument import ITEMS, Instrument, Question, load_questionnaire_items
from informal_ict.paths import PUBLISHED
from informal_ict.sphinxext.generated import Generated
from informal_ict.vignettes.printed import plain


class OwnQuestionnaire(Generated):
    """A numbered list of the questions."""

    def sources(self) -> Iterable[Path]:
        """The questions and the published numbers."""
        return [ITEMS, PUBLISHED]

    def myst(self) -> str:
        """The list."""
        instrument = load_questionnaire_items()
        return "\n".join(line for question in instrument.questions for line in _lines(question, instrument))


def _lines(question: Question, instrument: Instrument) -> Iterator[str]:
    answers = ", ".join(f"*{plain(option.label)}*" for option in question.options)
    yield f"1. **{plain(question.text)}** ({plain(asked_of(question, instrument))})"
    yield f"   - Answers: {answers}."
    for option in question.compared:
        figures = [f"{{stat}}`{key}` ({country})" for country, key in option.published.items()]
        yield f"   - *{plain(option.line)}* stands beside {' and '.join(figures)}."


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("own-questionnaire", OwnQuestionnaire)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
