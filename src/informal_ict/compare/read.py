"""The answers in a file of KoboToolbox, LimeSurvey, Google Forms, Microsoft Forms or one's own.

What a column means is decided in ``columns``; here, what a cell says. Nothing is guessed: a cell that is none
of the forms below is refused, with its row and its column.

How the tools write answers, and how that is known:

* one answer: its label or its code; LimeSurvey's yes-or-no question also Y or N (its exporter's source);
* several in one cell: with ", " between them (Google Sheets), with ";" (the CSV download of Google Forms, and
  Microsoft Forms, which puts one after the last as well), with a space (KoboToolbox, codes or labels, from
  its exporter's source). The signs of Google and Microsoft are known from published examples;
* several in columns of their own: 1 and 0 (KoboToolbox), Y, N or nothing, Yes and No (LimeSurvey), TRUE and
  FALSE (spreadsheets);
* not asked: nothing, or N/A (LimeSurvey with full answers).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from informal_ict.compare.columns import (
    Columns,
    find_columns,
    looks_like_identity,
    place,
    plain,
    recognised,
    shortened,
)
from informal_ict.compare.instrument import Instrument, Question
from informal_ict.compare.spreadsheet import Spreadsheet, read_spreadsheet
from informal_ict.errors import InputError

MOST_FAULTS = 10  # so many are listed, and the rest are counted
_CHOSEN = frozenset({"1", "true", "y", "yes"})
_NOT_CHOSEN = frozenset({"0", "false", "n", "no"})
_NOT_ASKED = frozenset({"", "na"})
_ONE_LETTER = {"y": "yes", "n": "no"}


@dataclass(frozen=True)
class Person:
    """One person's answers: for each question the codes given, none where it was left blank."""

    row: int
    given: Mapping[str, tuple[str, ...]]
    code_word: str = ""


@dataclass(frozen=True)
class Answers:
    """What was read from a file, and what was left out of it."""

    file: str
    people: tuple[Person, ...]
    ignored: tuple[str, ...]
    emptied: tuple[str, ...]
    left_out: tuple[str, ...]


def read_answers(path: Path, instrument: Instrument, code_word: bool = False) -> Answers:
    """Read and check the answers to a questionnaire.

    Args:
        path: CSV in UTF-8, or .xlsx.
        instrument: what was asked.
        code_word: whether each row must carry a word by which one person's two answers can be paired.

    Raises:
        InputError: listing up to ten faults, each with the file, the row, the column and what to do.
    """
    sheet = read_spreadsheet(path, lambda header: recognised(header, instrument))
    columns, faults = find_columns(sheet, instrument, code_word)
    _stop_on(faults, sheet.file)
    faults = [*_twice(sheet, columns), *_too_long(sheet, columns)]
    people: list[Person] = []
    unsent = unanswered = 0
    for row, cells in sheet.rows:
        given, wrong = _person(row, cells, sheet.header, columns, instrument)
        word, wrong_word = _word(row, cells, sheet.header, columns)
        if columns.submitted is not None and not _cell(cells, columns.submitted):
            unsent += 1
            continue
        faults += wrong
        if not wrong and not any(given.values()):
            unanswered += 1
            continue
        faults += wrong_word
        people.append(Person(row, given, word))
    _stop_on(faults, sheet.file)
    if not people:
        raise InputError(f"{sheet.file}, row 2: there are no answers beneath the names of the columns")
    left_out = [
        *([f"{_several_of(unsent, 'answer')} begun and never sent"] if unsent else []),
        *([f"{_several_of(unanswered, 'row')} without any answer"] if unanswered else []),
    ]
    return Answers(sheet.file, tuple(people), tuple(columns.ignored), tuple(columns.emptied), tuple(left_out))


def _several_of(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _stop_on(faults: Sequence[str], file: str) -> None:
    if faults:
        more = len(faults) - MOST_FAULTS
        listed = [f"{file}, {fault}" for fault in faults[:MOST_FAULTS]]
        raise InputError("\n".join([*listed, f"and {more} more"] if more > 0 else listed))


def _twice(sheet: Spreadsheet, columns: Columns) -> list[str]:
    faults = []
    for column in columns.ids:
        first: dict[str, int] = {}
        for row, cells in sheet.rows:
            number = _cell(cells, column)
            if number and first.setdefault(number, row) != row:
                faults.append(
                    f"{place(row, column, sheet.header[column])}: the same number stands in row "
                    f"{first[number]}, so an answer is in the file twice; delete one of the two rows"
                )
    return faults


def _too_long(sheet: Spreadsheet, columns: Columns) -> list[str]:
    return [
        f"{place(row, columns.width, '')}: there is a cell, but row 1 names only {columns.width} columns; an "
        "answer with the separator in it must stand in quotation marks"
        for row, cells in sheet.rows
        if any(cells[columns.width :])
    ]


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _word(row: int, cells: Sequence[str], header: Sequence[str], columns: Columns) -> tuple[str, list[str]]:
    if columns.code_word is None:
        return "", []
    word = _cell(cells, columns.code_word)
    where = place(row, columns.code_word, header[columns.code_word])
    if looks_like_identity(word):
        return "", [f"{where}: an address or a number of a person is no code word; replace it by a word"]
    return plain(word), []


def _person(
    row: int, cells: Sequence[str], header: Sequence[str], columns: Columns, instrument: Instrument
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    given: dict[str, tuple[str, ...]] = {}
    faults: list[str] = []
    for question in instrument.questions:
        codes, wrong = _answer(row, cells, header, columns, question)
        given[question.name] = codes
        faults += wrong
    return given, faults or _contradictions(row, given, header, columns, instrument)


def _answer(
    row: int, cells: Sequence[str], header: Sequence[str], columns: Columns, question: Question
) -> tuple[tuple[str, ...], list[str]]:
    """The codes given to one question, from its column, the columns of its answers, or both."""
    column = columns.single.get(question.name)
    summary: tuple[str, ...] | None = None
    if column is not None:
        cell = _cell(cells, column)
        read = _several(cell, question) if question.several else _one(cell, question)
        if read is None:
            return (), [_unknown(place(row, column, header[column]), cell, question)]
        summary = read
    apart, faults = _apart(row, cells, header, columns, question)
    if faults or apart is None:
        return summary or (), faults
    if summary is not None and column is not None and set(summary) != set(apart):
        return (), [
            f"{place(row, column, header[column])}: the answers in this cell and the marks in the columns "
            f"for each answer to {question.name} do not agree; export the answers anew"
        ]
    return apart, []


def _one(cell: str, question: Question) -> tuple[str, ...] | None:
    if plain(cell) in _NOT_ASKED:
        return ()
    codes = _codes(question)
    said = plain(cell)
    said = _ONE_LETTER.get(said, said)
    return (codes[said],) if said in codes else None


def _several(cell: str, question: Question) -> tuple[str, ...] | None:
    if plain(cell) in _NOT_ASKED:
        return ()
    codes = _codes(question)
    for separator in (";", ","):
        if separator in cell:
            parts = [plain(part) for part in cell.split(separator)]
            if all(part in codes for part in parts if part):
                return tuple(dict.fromkeys(codes[part] for part in parts if part))
            return None
    return _words(tuple(plain(word) for word in cell.split()), question)


def _words(words: tuple[str, ...], question: Question) -> tuple[str, ...] | None:
    """Answers with nothing but spaces between them; None unless they can be read in exactly one way."""
    codes = _codes(question)

    @cache
    def ways(start: int) -> frozenset[tuple[str, ...]]:
        if start == len(words):
            return frozenset({()})
        return frozenset(
            (codes[said], *rest)
            for end in range(start + 1, len(words) + 1)
            if (said := "".join(words[start:end])) in codes
            for rest in ways(end)
        )

    found = {tuple(dict.fromkeys(way)) for way in ways(0)}
    return found.pop() if len(found) == 1 else None


def _apart(
    row: int, cells: Sequence[str], header: Sequence[str], columns: Columns, question: Question
) -> tuple[tuple[str, ...] | None, list[str]]:
    """The answers marked in columns of their own; None where there are no such columns."""
    own = {code: column for (name, code), column in columns.parts.items() if name == question.name}
    if not own:
        return None, []
    chosen: list[str] = []
    faults: list[str] = []
    for option in question.options:
        if option.code not in own:
            continue
        mark = plain(_cell(cells, own[option.code]))
        if mark in _CHOSEN:
            chosen.append(option.code)
        elif mark not in _NOT_CHOSEN | _NOT_ASKED:
            where = place(row, own[option.code], header[own[option.code]])
            said = _quoted(_cell(cells, own[option.code]))
            faults.append(
                f"{where}: {said} is neither a mark (1, Y, TRUE) nor its absence (0, N, FALSE, blank)"
            )
    return tuple(chosen), faults


def _codes(question: Question) -> dict[str, str]:
    return {plain(text): option.code for option in question.options for text in (option.code, option.label)}


def _unknown(where: str, cell: str, question: Question) -> str:
    options = "; ".join(shortened(option.label, 60) for option in question.options)
    several = "" if question.several else ", and only one may be given"
    return (
        f"{where}: {_quoted(cell)} is not an answer to this question. The answers are: {options}{several}. "
        "Mend a slip of the pen; if you cannot know what was meant, empty the cell"
    )


def _quoted(cell: str) -> str:
    return "what stands there" if looks_like_identity(cell) else f'"{shortened(cell)}"'


def _contradictions(
    row: int,
    given: Mapping[str, tuple[str, ...]],
    header: Sequence[str],
    columns: Columns,
    instrument: Instrument,
) -> list[str]:
    """Answers to a question that was not for this person."""
    faults = []
    for question in instrument.questions:
        gate = instrument.gates.get(question.base)
        if gate is None or not given[question.name]:
            continue
        said = given[gate.question]
        if said and said != (gate.code,):
            column = columns.single.get(question.name)
            if column is None:
                column = next(c for (name, _), c in columns.parts.items() if name == question.name)
            label = instrument.by_name[gate.question].option(said[0]).label
            faults.append(
                f'{place(row, column, header[column])}: this person answered "{label}" to {gate.question}, '
                "so this question was not for them. Leave both cells empty; do not guess which is right"
            )
    return faults
