"""Where a class split: the paths of many readers through one case, decision by decision."""

import csv
import io
import random
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path as FilePath
from typing import NamedTuple

from informal_ict.errors import InputError
from informal_ict.figures.charts import count_chart
from informal_ict.reading import read_text
from informal_ict.vignettes.graph import in_order
from informal_ict.vignettes.model import Vignette
from informal_ict.vignettes.path_codes import Path, decode_all, encode

COLUMN = "code"
FEW = 5


class Split(NamedTuple):
    """One decision: how many of those who met it chose each option, in the order of the page."""

    scene: str
    title: str
    question: str
    options: tuple[str, ...]
    counts: tuple[int, ...]

    @property
    def people(self) -> int:
        """How many met the decision."""
        return sum(self.counts)

    @property
    def finding(self) -> str:
        """The decision in a sentence."""
        most = max(self.counts)
        letters = [letter for letter, count in zip("ABCD", self.counts, strict=False) if count == most]
        return f"{self.title}: {self.people} met this. Most often chosen: {' and '.join(letters)}, by {most}."


def read_codes(path: FilePath) -> list[str]:
    """The column ``code`` of a CSV file, as any form tool exports it; other columns are not read.

    Raises:
        InputError: if the file is missing or no CSV, or has no such column or two of them.
    """
    try:
        header, *rows = list(csv.reader(io.StringIO(read_text(path), newline=""))) or [[]]
    except csv.Error as error:
        raise InputError(f"{path.name}: not valid CSV: {error}") from None
    names = [name.strip().lower() for name in header]
    if names.count(COLUMN) != 1:
        said = "more than one column" if COLUMN in names else "no column"
        there = ", ".join(name for name in names if name) or "none"
        raise InputError(f"{path.name}: has {said} called {COLUMN!r}; its columns are: {there}")
    place = names.index(COLUMN)
    return [row[place] if place < len(row) else "" for row in rows]


def class_paths(path: FilePath, vignette: Vignette) -> tuple[list[Path], list[str]]:
    """The paths in a file, and for each code that could not be used, its row and the reason.

    Raises:
        InputError: if the file cannot be read.
    """
    return decode_all(read_codes(path), vignette)


def splits(paths: Sequence[Path], vignette: Vignette) -> list[Split]:
    """Every decision that somebody met, in the order of the case."""
    found = []
    for name in in_order(vignette.graph):
        node = vignette.nodes[name]
        chosen = [d.letter for path in paths for d in path.decisions if d.scene == name]
        if chosen:
            counts = tuple(chosen.count(letter) for letter, _ in node.lettered)
            options = tuple(f"{letter}. {choice.label}" for letter, choice in node.lettered)
            found.append(Split(name, node.title, node.question, options, counts))
    return found


def endings(paths: Sequence[Path], vignette: Vignette) -> dict[str, int]:
    """How many reached each ending, by its title; endings that nobody reached are there with 0."""
    reached = [path.ending for path in paths]
    return {node.title: reached.count(name) for name, node in vignette.nodes.items() if node.is_ending}


def split_html(split: Split) -> str:
    """A decision as a chart with its question."""
    few = (
        f'<p class="ict-caveat">Only {split.people} met this decision. In a small class people may know '
        "whose choice a single one was; consider leaving this chart out.</p>"
        if split.people < FEW
        else ""
    )
    return (
        f"<h4>{escape(split.title)}</h4><p>{escape(split.question)}</p>"
        f'<figure class="ict-figure">{count_chart(split.options, split.counts, split.finding)}</figure>{few}'
    )


def invented_class(vignette: Vignette, people: int, seed: int) -> list[str]:
    """Codes of a class that never was, to try the notebook with. The same seed gives the same class."""
    return list(_invented(vignette, people, random.Random(seed)))


def _invented(vignette: Vignette, people: int, chance: random.Random) -> Iterator[str]:
    for _ in range(people):
        name, letters = vignette.start, ""
        while not (node := vignette.nodes[name]).is_ending:
            weights = [3 if choice.standing == "defensible" else 2 for choice in node.choices]
            letter, choice = chance.choices(node.lettered, weights)[0]
            letters, name = letters + letter, choice.next
        yield encode(vignette, letters)
