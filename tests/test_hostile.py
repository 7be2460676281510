"""Submissions that attack their marking, in a class with honest students before and after.

Each kind is data in ``tests/hostile``. None may earn a mark over its honest work, read what is not its own,
reach another program, change a file outside, go on after its end, or keep anybody else from being marked.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostile_class import (
    HUSH,
    LIMITS,
    MARKER,
    Kind,
    Surroundings,
    job_of,
    marks,
    read_kinds,
    running,
    surroundings,
    table,
)
from informal_ict.grading.jobs import Problem
from informal_ict.paths import ROOT
from running_jobs import run

KINDS = read_kinds()
HANDLES = Path("/proc/self/fd")
HONEST = Kind(name="honest", does="Counts.", answer="rows = len(open('tiny.csv').readlines()) - 1")
OTHER_HONEST = Kind(name="honest", does="Doubles.", answer="def double(x): return [2 * one for one in x]")


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    with surroundings(tmp_path_factory.mktemp("elsewhere")) as about:
        yield about
        honest_students_are_marked(about)  # after all the others, in the same process


@pytest.fixture(scope="module")
def before(around: Surroundings) -> None:
    honest_students_are_marked(around)


def honest_students_are_marked(around: Surroundings) -> None:
    for kind, ours, worth in ((HONEST, True, 2), (OTHER_HONEST, False, 1)):
        ran = run(job_of(kind, around.words, ours))
        assert (ran.failures, ran.evidence) == ((), ())
        assert marks(ran.notebooks["tiny"]) == worth


def test_there_are_enough_kinds() -> None:
    assert len(KINDS) >= 40


def test_the_table_in_security_md_lists_them_all() -> None:
    assert table() in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("category", "name"), KINDS)
def test_a_hostile_submission(category: str, name: str, around: Surroundings, before: None) -> None:
    kind = KINDS[category, name]
    ours = category != "other-courses"
    handles = len(list(HANDLES.iterdir()))
    began = time.monotonic()
    ran = run(job_of(kind, around.words, ours))
    assert time.monotonic() - began < LIMITS.wall_seconds + 5
    if kind.problem:
        assert [failure.problem for failure in ran.failures] == [Problem[kind.problem]]
        assert ran.failures[0].detail
    elif not kind.stops:
        assert ran.failures == ()
    assert all(failure.problem is not Problem.MACHINE for failure in ran.failures)
    earned = marks(ran.notebooks["tiny"]) if ran.notebooks else 0
    assert earned == (1 if kind.gains or kind.honest else 0)
    signs = " ".join(f"{one.sign} {one.detail}" for one in ran.evidence)
    assert kind.sign in signs
    if kind.honest:
        assert ran.evidence == ()
    shown = hidden_test_left_out(ran.notebooks) + repr(ran.files)
    assert HUSH not in shown
    if ours or kind.name == "history":
        assert MARKER not in shown
    assert around.reached == []
    assert around.untouched() == ["secret.txt"]
    assert running(around.words["<NUMBER>"]) == []
    assert sum(map(len, ran.files.values())) <= LIMITS.file_bytes
    assert sum(map(len, ran.notebooks.values())) < 20 * LIMITS.output_bytes
    assert all(not Path(path).is_absolute() and ".." not in Path(path).parts for path in ran.files)
    assert len(list(HANDLES.iterdir())) <= handles + 2


def hidden_test_left_out(notebooks: dict[str, str]) -> str:
    """Text of notebooks that were run, without the source of the test, which the course has put there."""
    import nbformat

    shown = []
    for text in notebooks.values():
        for cell in nbformat.reads(text, as_version=4).cells:
            if "nbgrader" in cell.metadata:
                cell.source = ""
            elif not cell.outputs:
                continue
            shown.append(repr(cell.outputs))
    return "".join(shown)
