"""Hostile and broken submissions as data, and the table of SECURITY.md that is made of them.

Called as a program, it brings the table in SECURITY.md up to date.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from informal_ict.grading.jobs import Problem
from informal_ict.paths import ROOT
from informal_ict.reading import read_yaml

FOLDER = Path(__file__).parent / "hostile"
HERE = {
    "marks": "earns nothing",
    "leaks": "finds nothing",
    "network": "reaches nobody",
    "escapes": "changes nothing outside",
    "outlive": "has ended with its kernel",
    "stops": "costs its own cell or notebook; the next student is marked",
    "other-courses": "earns nothing",
    "broken": "marked",
}


class Kind(BaseModel):
    """A hostile or broken submission, and what is expected of it.

    Attributes:
        name: of the kind.
        does: what it does, in words.
        stock: what stock nbgrader was measured to do with it; ``measure_stock.py`` measures.
        first: a cell of its own before all others.
        answer: its answer cell; nothing is as handed out.
        last: a cell of its own behind the test.
        tags: of the test.
        claims: what its test says of itself, in nbgrader's metadata.
        problem: the reason that an instructor reads, if a notebook of it cannot be run to its end.
        says: part of what the instructor reads beside the reason, or as a remark.
        stops: whether it may end its own kernel, whatever the reason.
        sign: part of the evidence that an instructor reads.
        shows: part of what it prints, so that one sees that the attack took place.
        gains: whether it earns the marks of a test that runs in the student's interpreter.
        honest: whether it is honest work, which keeps its marks and is not flagged.
        keeps: marks of a broken submission, whose other parts are right and have their marks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    does: str
    stock: str = "not measured"
    first: str = "started = True"
    answer: str = 'raise NotImplementedError("Write your answer here.")'
    last: str = "ended = True"
    tags: list[str] = []
    claims: dict[str, bool] = {}
    problem: Literal[
        "KERNEL_DIED", "OUT_OF_TIME", "OUT_OF_MEMORY", "NO_SUCH_KERNEL", "NOT_A_NOTEBOOK", "TOO_LARGE",
        "MISSING", "REFUSED", "",
    ] = ""  # fmt: skip
    says: str = ""
    stops: bool = False
    sign: str = ""
    shows: str = ""
    gains: bool = False
    honest: bool = False
    keeps: float = 0

    @property
    def worth(self) -> float:
        """Marks that it has in the end."""
        return 1 if self.gains or self.honest else self.keeps


def read_kinds() -> dict[tuple[str, str], Kind]:
    """Read every kind by category and name."""
    kinds = {}
    for category in HERE:
        for entry in read_yaml(FOLDER / f"{category}.yml"):
            kind = Kind.model_validate(entry)
            kinds[category, kind.name] = kind
    return kinds


def what_is_done(category: str, kind: Kind) -> str:
    """What comes of a kind here, in a word or two."""
    if kind.honest:
        return "keeps its marks, not flagged"
    done = "earns the marks of that test" if kind.gains else HERE[category]
    if kind.problem:
        done = f"its own notebook is not marked: {Problem[kind.problem]}"
    if kind.sign:
        return f"{done}, flagged"
    if category == "broken" and kind.says and not kind.problem:
        return f"{done}, and said"
    return f"{done}, not noticed" if kind.gains else done


def table() -> str:
    """A table of every kind, for SECURITY.md."""
    lines = ["| | A submission | Stock nbgrader | Here |", "|---|---|---|---|"]
    for (category, _), kind in read_kinds().items():
        lines.append(f"| {category} | {kind.does} | {kind.stock} | {what_is_done(category, kind)} |")
    return "\n".join(lines)


def write_table(path: Path = ROOT / "SECURITY.md") -> None:
    """Put the table into the place of the old one."""
    text = path.read_text(encoding="utf-8")
    begin = text.index(table().partition("\n")[0])
    end = text.index("\n\n", begin)
    path.write_text(text[:begin] + table() + text[end:], encoding="utf-8")


if __name__ == "__main__":
    write_table()
