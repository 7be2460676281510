"""Every answers file of every assignment."""

from collections.abc import Mapping

from informal_ict.assignments.answers import Answer, read_answers
from informal_ict.assignments.source import Assignment, read_assignments
from informal_ict.paths import ASSIGNMENTS

SOURCES: Mapping[str, Assignment] = {one.slug: one for one in read_assignments()}
ANSWERS: Mapping[str, Mapping[str, Answer]] = {
    slug: read_answers(ASSIGNMENTS / slug / "answers", one) for slug, one in SOURCES.items()
}
COPIED = "copied-from-a-neighbour"
