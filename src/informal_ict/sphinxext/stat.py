"""Roles that put a published number into a sentence, linked to its row in the appendix.

``{stat}`use-ca``` gives the number as printed; for a chi-square also ``{stat-n}``, ``{stat-p}`` (p computed
from the printed statistic and df) and ``{stat-v}`` (Cramér's V, from the printed statistic and N).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from docutils import nodes
from docutils.nodes import Node, system_message
from scipy.stats import chi2 as chi2_distribution
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from informal_ict.crosstabs import cramers_v
from informal_ict.paths import PUBLISHED
from informal_ict.published import PublishedNumber, load_published
from informal_ict.wording import leading_point, p_value


def label_of(number_id: str) -> str:
    """The cross-reference label of a number's row in the appendix."""
    return f"number-{number_id}"


def n_of(number: PublishedNumber) -> str:
    """The number of people in a published test. Raises ValueError where none was printed."""
    if number.n is None:
        raise ValueError("has no N")
    return f"{number.n:,}"


def p_of(number: PublishedNumber) -> str:
    """The p value that the printed chi-square and df give. Raises ValueError for other statistics."""
    if number.statistic != "chi2" or number.df is None:
        raise ValueError("is not a chi-square")
    p = p_value(float(chi2_distribution.sf(number.number, number.df)))
    return p.replace(" ", "\N{NO-BREAK SPACE}")


def v_of(number: PublishedNumber) -> str:
    """Cramér's V of a published test of a factor by use or not. Raises ValueError for other statistics."""
    if number.statistic != "chi2" or number.df is None or number.n is None:
        raise ValueError("is not a chi-square")
    return leading_point(cramers_v(number.number, number.n, number.df + 1), 2)


ROLES: dict[str, Callable[[PublishedNumber], str]] = {
    "stat": lambda number: number.display,
    "stat-n": n_of,
    "stat-p": p_of,
    "stat-v": v_of,
}


@lru_cache(maxsize=1)
def _published(modified: int) -> dict[str, PublishedNumber]:
    """The numbers as the file had them at that time; a chapter has a hundred roles, and reads it once."""
    return load_published()


# V stands beside the p of the same test; a second link to the same row, read out as ".08", helps nobody.
UNLINKED = ("stat-v",)


class StatRole(SphinxRole):
    """One of ROLES."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """The number as a link to its row, or an error that names the id."""
        self.env.note_dependency(str(PUBLISHED))
        number = _published(PUBLISHED.stat().st_mtime_ns).get(self.text)
        try:
            if number is None:
                raise ValueError("is not in data/published.csv")
            text = ROLES[self.name](number)
        except ValueError as error:
            message = self.inliner.reporter.error(f"{self.name}: {self.text!r} {error}", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        if self.name in UNLINKED:
            return [nodes.inline("", text)], []
        reference = addnodes.pending_xref(
            "",
            nodes.inline("", text),
            refdomain="std",
            reftype="ref",
            reftarget=label_of(number.id),
            refexplicit=True,
            refwarn=True,
            refdoc=self.env.docname,
        )
        self.set_source_info(reference)
        return [reference], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the roles."""
    for name in ROLES:
        app.add_role(name, StatRole())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
