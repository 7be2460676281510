"""Invented answers, written as each form tool writes them, without any code of the reader.

The headers, separators and signs stand here a second time on purpose: they are what the tools are known to
write (see compare.columns and compare.read), and a slip in the reader must not be copied into its test.
"""

import csv
import io
import random
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook

QUESTIONS = {
    "uses_ict": "Do you use e-mail, texts or social media with clients whom you see in person, outside of "
    "what was planned together?",
    "who_begins": "Who usually begins such contact?",
    "after_hours": "How often does such contact fall outside your work hours?",
    "searched": "Have you ever looked for a client online?",
    "reasons": "What were your reasons for looking? Choose all that apply.",
    "friend_request": "Has a client ever asked to connect with a personal account of yours?",
    "talks": "Do you talk with a supervisor or with colleagues about such contact with clients?",
    "workplace_policy": "Does the place where you work or have your placement have a policy on such contact?",
}
ANSWERS = {
    "uses_ict": {"yes": "yes", "no": "no"},
    "who_begins": {"they": "the client", "me": "I do", "both": "both of us"},
    "after_hours": {"never": "never", "some": "sometimes", "often": "often"},
    "searched": {"yes": "yes", "no": "no"},
    "reasons": {
        "assessment": "assessment",
        "concern": "concern for the client",
        "curiosity": "curiosity",
        "other": "another reason",
    },
    "friend_request": {"yes": "yes", "no": "no"},
    "talks": {"yes": "yes", "no": "no"},
    "workplace_policy": {"yes": "yes", "no": "no", "dk": "not sure"},
}
YES = {"uses_ict": 0.78, "searched": 0.4, "friend_request": 0.48, "talks": 0.58}
REASONS = {"assessment": 0.6, "concern": 0.45, "curiosity": 0.4, "other": 0.3}
BOM = "\ufeff"

Person = dict[str, list[str]]


def people(seed: int, how_many: int) -> list[Person]:
    """Invented people: for each question the codes they give, with about one blank in twenty."""
    source = random.Random(seed)
    made = []
    for _ in range(how_many):
        one: Person = {name: ["yes" if source.random() < p else "no"] for name, p in YES.items()}
        one["workplace_policy"] = [source.choice(["yes", "yes", "no", "dk"])]
        used, looked = one["uses_ict"] == ["yes"], one["searched"] == ["yes"]
        one["who_begins"] = [source.choice(["they", "me", "both", "both"])] if used else []
        one["after_hours"] = [source.choice(["never", "some", "often"])] if used else []
        one["reasons"] = [code for code, p in REASONS.items() if looked and source.random() < p]
        for name in one:
            if source.random() < 0.05 and name not in ("uses_ict", "searched"):
                one[name] = []
        made.append(one)
    return made


def _labels(person: Person, name: str) -> list[str]:
    return [ANSWERS[name][code] for code in person[name]]


def _text(rows: list[list[str]], separator: str = ",", everything: bool = False, end: str = "\n") -> str:
    file = io.StringIO()
    quoting = csv.QUOTE_ALL if everything else csv.QUOTE_MINIMAL
    csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=end).writerows(rows)
    return file.getvalue()


def template(made: list[Person]) -> bytes:
    """Our own template, typed from paper."""
    rows = [list(QUESTIONS)]
    rows += [["; ".join(_labels(one, name)) for name in QUESTIONS] for one in made]
    return _text(rows).encode()


def kobo_codes(made: list[Person]) -> bytes:
    """KoboToolbox, XML values, semicolons, several answers in one column and in columns of their own."""
    header = ["start", "end"]
    for name in QUESTIONS:
        header.append(f"group_main/{name}")
        header += [f"group_main/reasons/{code}" for code in ANSWERS["reasons"]] if name == "reasons" else []
    header += ["__version__", "_id", "_uuid", "_submission_time", "_submitted_by", "_index"]
    rows = [header]
    for number, one in enumerate(made, 1):
        row = ["2026-05-04T10:01:02.000-04:00", "2026-05-04T10:03:04.000-04:00"]
        for name in QUESTIONS:
            row.append(" ".join(one[name]))
            if name == "reasons":
                blank = not one["reasons"]
                row += ["" if blank else str(int(code in one["reasons"])) for code in ANSWERS["reasons"]]
        row += [
            "vAbC123",
            str(70_000_000 + number),
            f"3f6c-{number:04}",
            "2026-05-04T14:03:10",
            "",
            str(number),
        ]
        rows.append(row)
    return (BOM + _text(rows, ";", everything=True)).encode()


def kobo_labels(made: list[Person]) -> bytes:
    """KoboToolbox, labels, commas, several answers in one column with spaces between them."""
    rows = [[*QUESTIONS.values(), "_id", "_tags"]]
    for number, one in enumerate(made, 1):
        rows.append([" ".join(_labels(one, name)) for name in QUESTIONS] + [str(number), ""])
    return (BOM + _text(rows)).encode()


def limesurvey_codes(made: list[Person]) -> bytes:
    """LimeSurvey, codes of questions and answers; no underscore in a name; Y or nothing for a mark."""
    header = ["id", "submitdate", "lastpage", "startlanguage", "seed", "ipaddr"]
    for name in QUESTIONS:
        code = name.replace("_", "")
        header += [f"reasons[{c}]" for c in ANSWERS["reasons"]] if name == "reasons" else [code]
    rows = [header]
    for number, one in enumerate(made, 1):
        row = [str(number), "1980-01-01 00:00:00", "2", "en", str(1_804_289_383 + number), ""]
        for name in QUESTIONS:
            if name == "reasons":
                row += ["Y" if code in one["reasons"] else "" for code in ANSWERS["reasons"]]
            elif name in YES:
                row.append({"yes": "Y", "no": "N", "": ""}["".join(one[name])])
            else:
                row.append("".join(one[name]))
        rows.append(row)
    rows.append(["99", "", "1", "en", "5", "", "Y"])  # begun, and never sent
    return (BOM + _text(rows, ";", everything=True, end="\r\n") + "\r\n").encode()


def limesurvey_texts(made: list[Person]) -> bytes:
    """LimeSurvey, code and text of questions, full answers, N/A where a question was not shown."""
    header = ["id. Response ID", "submitdate. Date submitted"]
    for name, text in QUESTIONS.items():
        code = name.replace("_", "")
        if name == "reasons":
            header += [f"{code}[{c}]. {text} [{label}]" for c, label in ANSWERS[name].items()]
        else:
            header.append(f"{code}. {text}")
    rows = [header]
    for number, one in enumerate(made, 1):
        row = [str(number), "2026-05-04 10:00:00"]
        shown = {"who_begins": one["uses_ict"], "after_hours": one["uses_ict"], "reasons": one["searched"]}
        for name in QUESTIONS:
            hidden = shown.get(name, ["yes"]) != ["yes"]
            if name == "reasons":
                row += ["N/A" if hidden else "Yes" if c in one[name] else "No" for c in ANSWERS[name]]
            else:
                row.append("N/A" if hidden else "".join(_labels(one, name)).capitalize())
        rows.append(row)
    return (BOM + _text(rows, everything=True, end="\r\n")).encode()


def google_forms(made: list[Person]) -> bytes:
    """The CSV download of Google Forms."""
    rows = [["Timestamp", *QUESTIONS.values()]]
    rows += [["2026/05/04 10:03:04 AM EDT", *(";".join(_labels(one, n)) for n in QUESTIONS)] for one in made]
    return _text(rows, everything=True).encode()


def google_sheets(made: list[Person]) -> bytes:
    """The sheet that Google Forms fills, downloaded as CSV."""
    rows = [["Timestamp", *QUESTIONS.values()]]
    rows += [["5/4/2026 10:03:04", *(", ".join(_labels(one, n)) for n in QUESTIONS)] for one in made]
    return _text(rows, end="\r\n").encode()


def microsoft_forms(made: list[Person]) -> bytes:
    """The workbook of Microsoft Forms, where nobody signed in."""
    book = Workbook()
    sheet = book.active
    # Some of its spaces do not break.
    texts = [text.replace("such contact", "such\N{NO-BREAK SPACE}contact") for text in QUESTIONS.values()]
    sheet.append(["ID", "Start time", "Completion time", "Email", "Name", "Last modified time", *texts])
    for number, one in enumerate(made, 1):
        cells = [_labels(one, name) for name in QUESTIONS]
        row = [
            "".join(f"{label};" for label in c) if n == "reasons" else "".join(c)
            for n, c in zip(QUESTIONS, cells, strict=True)
        ]
        sheet.append([number, 45000.25, 45000.26, "anonymous", None, None, *(cell or None for cell in row)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


DIALECTS: dict[str, tuple[Callable[[list[Person]], bytes], str]] = {
    "our template": (template, "csv"),
    "KoboToolbox, codes": (kobo_codes, "csv"),
    "KoboToolbox, labels": (kobo_labels, "csv"),
    "LimeSurvey, codes": (limesurvey_codes, "csv"),
    "LimeSurvey, texts": (limesurvey_texts, "csv"),
    "Google Forms": (google_forms, "csv"),
    "Google Sheets": (google_sheets, "csv"),
    "Microsoft Forms": (microsoft_forms, "xlsx"),
}


def write(folder: Path, dialect: str, made: list[Person]) -> Path:
    """Write one file of answers."""
    writer, suffix = DIALECTS[dialect]
    path = folder / f"answers.{suffix}"
    path.write_bytes(writer(made))
    return path
