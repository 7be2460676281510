"""Which question each column of a file answers, and which columns must not be there.

How the headers of each tool look, and how that is known:

* **KoboToolbox** (from the source of its exporter, formpack): the name of the question, or its text, with the
  names of groups before it (``group/searched``); a question with several answers as ``reasons`` and as one
  column for each answer, ``reasons/curiosity``, or both; metadata such as ``start``, ``_id``, ``_uuid``,
  ``_submission_time``, ``_submitted_by``.
* **LimeSurvey** (from the source of its exporter): the code, the text, or both with a separator between them;
  several answers as ``reasons[curiosity]``, with underscores if so chosen; metadata such as ``id``,
  ``submitdate``, ``lastpage``, ``seed``, ``ipaddr``, ``token``. Shortened headings are not understood.
* **Google Forms** (from published examples): ``Timestamp``, ``Email Address`` where it is collected, and the
  text of each question.
* **Microsoft Forms** (from published examples): ``ID``, ``Start time``, ``Completion time``, ``Email``,
  ``Name``, sometimes ``Last modified time``, and the text of each question; where nobody signs in, ``Email``
  says "anonymous" in every row.

A header is compared by its letters and digits alone, so that capitals, underscores, kinds of space and
quotation mark make no difference.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from openpyxl.utils import get_column_letter

from informal_ict.compare.instrument import Instrument
from informal_ict.compare.spreadsheet import Spreadsheet

CODE_WORD = "code_word"
CODE_WORD_HEADERS = (CODE_WORD, "code word", "your code word")

_Known = TypeVar("_Known")
# Words of a header that say who somebody is, or lead to the person.
_IDENTITY_WORDS = frozenset(
    {
        *("name", "names", "forename", "surname", "fullname", "nickname", "username", "user", "userid"),
        *("email", "mail", "address", "phone", "telephone", "mobile", "cell", "cellphone", "phonenumber"),
        *("ip", "ipaddr", "ipaddress", "deviceid", "imei", "simserial", "subscriberid", "token"),
        *("birth", "birthday", "birthdate", "dob", "signature", "student", "employee", "respondent"),
        *("gps", "geolocation", "location", "latitude", "longitude", "submitter"),
        # Forms that are set to French write these.
        *("nom", "noms", "prénom", "prenom", "courriel", "adresse", "messagerie", "utilisateur"),
        *(
            "téléphone",
            "telephone",
            "cellulaire",
            "naissance",
            "matricule",
            "étudiant",
            "étudiante",
            "employé",
        ),
    }
)
_IDENTITY_PHRASES = ("submittedby", "completedby")
_NOBODY = frozenset({"", "anonymous", "anonymoususer", "anonyme", "na", "none"})
_E_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}")
_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_PHONE = re.compile(r"\+?(?:\(\d{2,4}\)|\d{1,4})(?:[ .-]?\(?\d{2,4}\)?){2,4}")
# Columns in which a number that stands twice means that an answer stands twice.
_SUBMISSION_IDS = frozenset({"id", "uuid", "responseid", "metainstanceid"})


@dataclass(frozen=True)
class Columns:
    """Where each thing stands, counted from 0.

    Attributes:
        single: question to its one column.
        parts: question and code of an answer to the column for that answer alone.
        code_word: the column of the code word, if it is asked for.
        submitted: the column that is empty in an answer that was never sent (LimeSurvey's ``submitdate``).
        ids: columns that number the answers.
        ignored: headers of columns that no question has.
        emptied: headers of columns for a name or an address in which nothing stands.
        width: how many columns have a name.
    """

    single: Mapping[str, int]
    parts: Mapping[tuple[str, str], int]
    code_word: int | None
    submitted: int | None
    ids: Sequence[int]
    ignored: Sequence[str]
    emptied: Sequence[str]
    width: int


def plain(text: str) -> str:
    """The letters and digits of a text, in lower case."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def place(row: int, column: int, header: str) -> str:
    """A cell as a person finds it: row 7, column D (searched)."""
    named = f" ({shortened(header)})" if header else ""
    return f"row {row}, column {get_column_letter(column + 1)}{named}"


def shortened(text: str, most: int = 40) -> str:
    """A text in one line that fits into a message."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def looks_like_identity(text: str) -> bool:
    """Whether a cell holds an e-mail address, an Internet address or a telephone number."""
    if _E_MAIL.search(text) or _IP.search(text):
        return True
    found = _PHONE.fullmatch(text.strip())
    separated = any(sign in text for sign in " ().-+")
    return (
        bool(found) and separated and 10 <= sum(sign.isdigit() for sign in text) <= 15 and not _is_date(text)
    )


def recognised(header: Sequence[str], instrument: Instrument) -> int:
    """How many columns of a header belong to a question."""
    singles, parts = _known(instrument)
    return sum(_find(cell, singles) is not None or _find(cell, parts) is not None for cell in header)


def find_columns(
    sheet: Spreadsheet, instrument: Instrument, code_word: bool = False
) -> tuple[Columns, list[str]]:
    """The columns of a file, and what is wrong with them.

    Args:
        sheet: the file.
        instrument: what was asked.
        code_word: whether there must be a code word.
    """
    singles, part_names = _known(instrument)
    single: dict[str, list[int]] = {}
    parts: dict[tuple[str, str], list[int]] = {}
    words: list[int] = []
    others: list[int] = []
    for index, cell in enumerate(sheet.header):
        if (name := _find(cell, singles)) is not None:
            single.setdefault(name, []).append(index)
        elif (part := _find(cell, part_names)) is not None:
            parts.setdefault(part, []).append(index)
        elif code_word and plain(cell) in {plain(header) for header in CODE_WORD_HEADERS}:
            words.append(index)
        else:
            others.append(index)
    faults = [
        f"{place(1, indices[1], sheet.header[indices[1]])}: the same question stands in column "
        f"{get_column_letter(indices[0] + 1)} already; delete one of the two columns"
        for indices in (*single.values(), *parts.values(), words)
        if len(indices) > 1
    ]
    faults += _missing(instrument, single, parts)
    if code_word and not words:
        faults.append(f'row 1: there is no column named "{CODE_WORD}"; without it nobody can be paired')
    who, emptied = _identity(sheet, others)
    named = {plain(sheet.header[index]): index for index in others}
    submitted = named.get("submitdate")
    columns = Columns(
        single={name: indices[0] for name, indices in single.items()},
        parts={part: indices[0] for part, indices in parts.items()},
        code_word=words[0] if words else None,
        submitted=submitted,
        ids=[index for header, index in named.items() if header in _SUBMISSION_IDS],
        ignored=[_named(sheet.header, index) for index in others if index not in emptied],
        emptied=[_named(sheet.header, index) for index in emptied],
        width=len(sheet.header),
    )
    return columns, faults + who


def _named(header: Sequence[str], index: int) -> str:
    return shortened(header[index]) or f"column {get_column_letter(index + 1)}, which has no name"


def _known(instrument: Instrument) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Headers as they may stand, by their letters: for a question, and for one of several answers to it."""
    singles: dict[str, str] = {}
    parts: dict[str, tuple[str, str]] = {}
    for question in instrument.questions:
        called = (question.name, question.text)
        for header in (*called, f"{question.name} {question.text}"):
            singles[plain(header)] = question.name
        if not question.several:
            continue
        for option in question.options:
            for answer in (option.code, option.label):
                for header in (
                    *(f"{name} {answer}" for name in called),
                    f"{question.name} {option.code} {question.text} {option.label}",
                ):
                    parts[plain(header)] = (question.name, option.code)
    return singles, parts


def _find(header: str, known: Mapping[str, _Known]) -> _Known | None:
    """What a header names, with or without the groups that stand before it."""
    while True:
        if (found := known.get(plain(header))) is not None:
            return found
        if "/" not in header:
            return None
        header = header.partition("/")[2]


def _missing(
    instrument: Instrument, single: Mapping[str, object], parts: Mapping[tuple[str, str], object]
) -> list[str]:
    faults = []
    if not single and not parts:
        names = ", ".join(instrument.by_name)
        return [
            f"row 1: none of the questions is named there. It must hold their short names ({names}) or their "
            "whole texts, and no title above them"
        ]
    for question in instrument.questions:
        with_column = {code for name, code in parts if name == question.name}
        lacking = [option for option in question.options if option.code not in with_column]
        if question.name in single or not lacking:
            continue
        if with_column:
            faults += [
                f"row 1: {question.name} has a column for each answer, but none for "
                f'"{option.label}"; export the answers anew with all columns'
                for option in lacking
            ]
        else:
            faults.append(
                f'row 1: there is no column for {question.name} ("{shortened(question.text, 60)}"); its '
                "header must be that name or the whole question"
            )
    return faults


def _identity(sheet: Spreadsheet, others: Iterable[int]) -> tuple[list[str], list[int]]:
    """Faults for columns that say who answered, and those of them in which nothing stands.

    A file with names in it is refused, not cleaned in silence: it must not lie about on the machine either.
    The message never repeats what stands in the cell.
    """
    faults: list[str] = []
    emptied: list[int] = []
    for index in others:
        cells = [(row, cells[index]) for row, cells in sheet.rows if index < len(cells)]
        if _names_somebody(sheet.header[index]):
            filled = [row for row, cell in cells if plain(cell) not in _NOBODY]
            what = "looks like a name or an address"
        else:
            filled = [row for row, cell in cells if looks_like_identity(cell)]
            what = "holds an e-mail address, an Internet address or a telephone number"
        if filled:
            faults.append(
                f"{place(filled[0], index, sheet.header[index])}: this column {what}. Nothing was read. "
                "Delete the column from the file, turn it off in the form, and run this again"
            )
        elif _names_somebody(sheet.header[index]):
            emptied.append(index)
    return faults, emptied


def _names_somebody(header: str) -> bool:
    words = set(re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).casefold()))
    return bool(words & _IDENTITY_WORDS) or any(phrase in plain(header) for phrase in _IDENTITY_PHRASES)


def _is_date(text: str) -> bool:
    return bool(re.match(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}\b|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}\b", text.strip()))
