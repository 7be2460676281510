"""Reading the answers of one's own people, and setting them beside the published survey.

This file belongs to the notebook "Ask your own people" and stands in the same folder.
It needs pandas and statsmodels.

The questionnaire is a table with one row for each option of each question: ``column`` is the name of the
question in the file of answers, ``base`` says who is asked, ``makes_base`` which base a person enters who
chooses the option, and ``line`` what is compared with ``published_ca`` and ``published_us``.
"""

import csv
import re
from io import StringIO
from pathlib import Path

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

SMALLEST_BASE = 5  # fewer people than this are not shown
MOST_FAULTS = 10  # so many faults are listed, and the rest are counted
SAVE_AS = 'In your spreadsheet, save it as "CSV UTF-8", with commas between the columns.'
COUNTRIES = {"Canada": "published_ca", "United States": "published_us"}


def read_answers(path: str | Path, questionnaire: pd.DataFrame) -> pd.DataFrame:
    """The answers in a file: one row a person, one column a question, and nothing where it was left blank.

    The first row names the questions, by the name of the column or by the whole question. Capitals and spaces
    around an answer do not matter. Where several answers may be given, a semicolon or a comma stands between
    them. Columns that the questionnaire does not have are left out, and that is printed.

    Returns:
        The answers as the questionnaire writes them, several of them joined by "; ". The index is the row
        as a spreadsheet counts it.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file cannot be read, or answers do not fit; the message names row and column.
    """
    rows = _rows(Path(path))
    names = _names(rows[0], questionnaire)
    ignored = [cell.strip() for cell, name in zip(rows[0], names, strict=True) if cell.strip() and not name]
    answers: dict[int, dict[str, str | None]] = {}
    faults: list[str] = []
    unread = 0
    for row, cells in enumerate(rows[1:], start=2):
        if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            faults.append(
                f"row {row}, column {len(names) + 1}: there is a cell, but row 1 names only "
                f"{len(names)} columns; an answer with a comma in it must stand in quotation marks"
            )
            continue
        given = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
        if not any(given.values()):
            unread += any(cell.strip() for cell in cells)
            continue
        answers[row], wrong = _person(row, given, questionnaire)
        faults += wrong
    if faults:
        listed, more = faults[:MOST_FAULTS], len(faults) - MOST_FAULTS
        raise ValueError("\n".join([*listed, f"and {more} more"] if more > 0 else listed))
    if not answers:
        raise ValueError("row 2: there are no answers beneath the names of the columns")
    if ignored:
        print(f"Left out, because the questionnaire has no such column: {', '.join(ignored)}")
        print("If it could tell who answered, delete it from the file as well.")
    if unread:
        print(f"Rows left out, because they answer no question: {unread}")
    table = pd.DataFrame.from_dict(answers, orient="index", columns=list(questionnaire["column"].unique()))
    return table.rename_axis("row")


def compare(answers: pd.DataFrame, questionnaire: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Your own people beside the published survey, one row for each line that was published.

    Who left a question blank is not counted in its base. A base of fewer than five people is not shown.

    Args:
        answers: what ``read_answers`` gives.
        questionnaire: one row for each option.
        published: the table of published numbers, with the columns ``id`` and ``value``.

    Returns:
        ``people`` is how many are counted, ``said so`` how many of them gave the answer, ``percent`` their
        share, and ``low`` and ``high`` are the ends of its 95 percent Wilson interval.
    """
    values = published.set_index("id")["value"]
    lines = []
    for option in questionnaire[questionnaire["line"] != ""].to_dict("records"):
        given = answers.loc[_in_base(answers, option["base"], questionnaire), option["column"]].dropna()
        line: dict[str, object] = {"line": option["line"], "base": option["base"]}
        if len(given) >= SMALLEST_BASE:
            said_so = sum(option["option"] in answer.split("; ") for answer in given)
            low, high = proportion_confint(said_so, len(given), method="wilson")
            line |= {"people": len(given), "said so": said_so, "percent": 100 * said_so / len(given)}
            line |= {"low": 100 * low, "high": 100 * high}
        lines.append(line | {c: float(values[option[own]]) for c, own in COUNTRIES.items()})
    columns = ["line", "base", "people", "said so", "percent", "low", "high", *COUNTRIES]
    table = pd.DataFrame(lines, columns=columns).set_index("line")
    whole, parts = ["people", "said so"], ["percent", "low", "high"]
    return table.astype(dict.fromkeys(whole, "Int64") | dict.fromkeys(parts, "float64"))


def reading(compared: pd.DataFrame) -> str:
    """What the comparison can say and what it cannot, as a paragraph.

    Args:
        compared: what ``compare`` gives.
    """
    shown = compared[compared["people"].notna()]
    hidden = list(compared.index[compared["people"].isna()])
    if shown.empty:
        return "On every line fewer than five people are counted, so nothing is shown."
    within = [str(line) for line, row in shown.iterrows() if not _outside(row)]
    alike = [str(line) for line, row in shown.iterrows() if row["said so"] in (0, row["people"])]
    sentences = [
        "These figures describe the people who answered, and no one else.",
        "They are no sample of anyone, so an interval says only what chance alone would do "
        "if as many people had been drawn at random from a very large group.",
    ]
    if within:
        sentences.append(
            f"Both published figures lie within your interval for: {', '.join(within)}. "
            "That gives no ground for calling your people different, "
            "and it does not show that they are the same."
        )
    sentences += [_sentence(str(line), row) for line, row in shown.iterrows() if _outside(row)]
    sentences.append(
        f"There are {2 * len(shown)} comparisons here, and chance alone puts about one in twenty outside."
    )
    if alike:
        sentences.append(
            f"Everyone or no one gave this answer: {', '.join(alike)}. "
            "Then the figure tells what each person answered, so think before you show it."
        )
    if hidden:
        sentences.append(f"Not shown, because fewer than five people are counted: {', '.join(hidden)}.")
    sentences.append(
        "The published survey is from 2017 and was answered by volunteers; "
        "a gap may come from the years between, from who answered, from the wording, "
        "or from a difference in practice, and these figures cannot say which."
    )
    return " ".join(sentences)


def _rows(path: Path) -> list[list[str]]:
    """The cells of a CSV file, row by row as a spreadsheet counts them."""
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: there is no such file; put it beside this notebook and check its name"
        )
    content = path.read_bytes()
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise ValueError(f"{path.name} is a workbook and no CSV file. {SAVE_AS}")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise ValueError(f"{path.name} is no CSV file in UTF-8. {SAVE_AS}")
    try:
        text = content.decode("utf-8-sig")  # Excel puts a mark, the byte order mark, before the first letter
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(f"row {line}: a letter there is not in UTF-8. {SAVE_AS}") from None
    if not text.strip():
        raise ValueError(f"{path.name} is empty: row 1 should name the columns")
    if text.lstrip().startswith(("<", "{", "%PDF")):
        raise ValueError(f"{path.name} is no CSV file. {SAVE_AS}")
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise ValueError(f"row {len(rows) + 1}: a quotation mark is out of place or never closed") from None
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(rows[0]) < 2 and sign in text.splitlines()[0]:
            raise ValueError(f"row 1: there are {name} between the columns, and no commas. {SAVE_AS}")
    return rows


def _names(header: list[str], questionnaire: pd.DataFrame) -> list[str]:
    """The question in each column, or an empty name where the questionnaire has none."""
    columns = questionnaire["column"]
    texts = [*zip(columns, columns, strict=True), *zip(questionnaire["question"], columns, strict=True)]
    known = {_plain(text): column for text, column in texts}
    names = [known.get(_plain(cell), "") for cell in header]
    wanted = list(questionnaire["column"].unique())
    if not any(names):
        raise ValueError(f"row 1: none of the columns is named there, which are: {', '.join(wanted)}")
    faults = [f"row 1, column {name}: there is no such column" for name in wanted if name not in names]
    faults += [f"row 1, column {name}: there is more than one" for name in wanted if names.count(name) > 1]
    if faults:
        raise ValueError("\n".join(faults))
    return names


def _person(
    row: int, given: dict[str, str], questionnaire: pd.DataFrame
) -> tuple[dict[str, str | None], list[str]]:
    """One person's answers as the questionnaire writes them, and what is wrong with them."""
    person: dict[str, str | None] = {}
    faults: list[str] = []
    for column, options in questionnaire.groupby("column", sort=False):
        cell = given.get(str(column), "")
        written = {_plain(option): option for option in options["option"]}
        several = options["several"].iloc[0] == "yes"
        parts = [part.strip() for part in re.split("[;,]", cell)] if several else [cell]
        parts = [part for part in parts if part]
        unknown = [part for part in parts if _plain(part) not in written]
        faults += [
            f'row {row}, column {column}: "{_short(part)}" is none of: {", ".join(written.values())}'
            for part in unknown
        ]
        known = [written[_plain(part)] for part in parts if _plain(part) in written]
        person[str(column)] = "; ".join(dict.fromkeys(known)) or None
    return person, faults + _contradictions(row, person, questionnaire)


def _contradictions(row: int, person: dict[str, str | None], questionnaire: pd.DataFrame) -> list[str]:
    """Answers to a question that was not for this person."""
    faults = []
    for gate in questionnaire[questionnaire["makes_base"] != ""].to_dict("records"):
        said = person[gate["column"]]
        if said is None or said == gate["option"]:
            continue
        follow_ups = questionnaire.loc[questionnaire["base"] == gate["makes_base"], "column"].unique()
        faults += [
            f'row {row}, column {column}: "{person[column]}" contradicts column {gate["column"]}, '
            f'which says "{said}"'
            for column in follow_ups
            if person[column] is not None
        ]
    return faults


def _in_base(answers: pd.DataFrame, base: str, questionnaire: pd.DataFrame) -> pd.Series:
    """Who belongs to a base; those who left blank the question that decides do not."""
    if base == "everyone":
        return pd.Series(True, index=answers.index)
    gate = questionnaire[questionnaire["makes_base"] == base].iloc[0]
    said: pd.Series = answers[gate["column"]].eq(gate["option"]).fillna(False).astype(bool)
    return said


def _outside(row: pd.Series) -> bool:
    return any(not row["low"] <= row[country] <= row["high"] for country in COUNTRIES)


def _sentence(line: str, row: pd.Series) -> str:
    """One line of which at least one published figure lies outside the interval."""
    figures = [f"{row[country]:g}% in {_the(country)} {_place(row, country)}" for country in COUNTRIES]
    counted = f"{row['said so']} of {row['people']} of your people, or {row['percent']:.0f}%"
    return (
        f"{line[0].upper()}{line[1:]}: {counted}, with an interval from {row['low']:.0f}% "
        f"to {row['high']:.0f}%; the published {' and '.join(figures)}."
    )


def _place(row: pd.Series, country: str) -> str:
    if row[country] < row["low"]:
        return "lies below it"
    return "lies above it" if row[country] > row["high"] else "lies within it"


def _the(country: str) -> str:
    return f"the {country}" if country.startswith("United") else country


def _plain(text: str) -> str:
    """A text without what does not matter: capitals, and spaces at its ends or doubled."""
    return " ".join(text.split()).casefold()


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
