"""Files that cannot be read are refused, with the row, the column and what to do, and never in part."""

import io
import zipfile

import pytest
from openpyxl import Workbook

import response_files
from informal_ict.compare.columns import looks_like_identity

NAMES = list(response_files.QUESTIONS)
HEADER = ",".join(NAMES)
GOOD = "yes,both of us,never,yes,assessment; curiosity,no,yes,not sure"
NOT_USED = "no,,,no,,yes,no,no"
MANY = "\n".join([GOOD] * 12)
KOBO = [f"reasons/{code}" for code in response_files.ANSWERS["reasons"]]


def good(header=HEADER, first=""):
    return f"{header}\n{first}\n{MANY}" if first else f"{header}\n{MANY}"


def with_column(name, cell="", place="last"):
    """A good file with one more column, in which a cell of row 3 is filled."""
    rows = [HEADER, *[GOOD] * 12]
    cells = [name, "", cell, *[""] * 10]
    return "\n".join(f"{row},{extra}" for row, extra in zip(rows, cells, strict=True))


def workbook(*sheets):
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet{number + 1}")
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("answers.csv", HEADER)
    return file.getvalue()


def swapped(column, cell, row=GOOD):
    cells = row.split(",")
    cells[NAMES.index(column)] = cell
    return ",".join(cells)


def kobo(summary, marks):
    header = HEADER.replace("reasons", ",".join(["reasons", *KOBO]))
    cells = swapped("reasons", f"{summary},{marks}")
    return f"{header}\n{cells}"


BROKEN = {
    "unknown answer": (
        good(first=swapped("searched", "maybe")),
        'row 2, column D (searched): "maybe" is not an',
    ),
    "its answers are listed": (good(first=swapped("searched", "maybe")), "The answers are: yes; no"),
    "two answers where one is wanted": (
        good(first=swapped("after_hours", "never; often")),
        'row 2, column C (after_hours): "never; often" is not an answer to this question',
    ),
    "unknown reason among several": (
        good(first=swapped("reasons", "assessment; boredom")),
        'row 2, column E (reasons): "assessment; boredom" is not an answer',
    ),
    "numbers for a yes": (good(first=swapped("talks", "1")), 'row 2, column G (talks): "1" is not an answer'),
    "reasons without a search": (
        good(first=swapped("reasons", "curiosity", NOT_USED)),
        'row 2, column E (reasons): this person answered "no" to searched, so this question was not for them',
    ),
    "contact without use": (
        good(first=swapped("who_begins", "I do", NOT_USED)),
        'row 2, column B (who_begins): this person answered "no" to uses_ict',
    ),
    "missing column": (good().replace("searched,", "", 1), "row 1: there is no column for searched"),
    "column twice": (
        f"{HEADER},Searched\n{GOOD},yes",
        "row 1, column I (Searched): the same question stands in column D already; delete one",
    ),
    "no question named": ("Dear all,\nplease find attached,", "row 1: none of the questions is named there"),
    "a title above the names": (f"Our survey,,\n{good()}", "no title above them"),
    "shortened headings": (
        good('"Do you use e-mail,.. ","Who usually begi.. ",c,d,e,f,g,h'),
        "or their whole texts",
    ),
    "a cell too many": (
        good(first=GOOD + ",what"),
        "row 2, column I: there is a cell, but row 1 names only 8 columns",
    ),
    "empty": ("", "the file is empty; row 1 should name the questions"),
    "only blanks": ("\ufeff \n \n", "the file is empty"),
    "no answers": (HEADER, "row 2: there are no answers beneath the names of the columns"),
    "open quotation": (f'{HEADER}\n{GOOD}\n"no,,,no', "row 3: a quotation mark there is out of place"),
    "web page": ("<!doctype html><html></html>", "is no table. Export the answers from the form tool"),
    "JSON": ('{"results": []}', "is no table"),
    "PDF": ("%PDF-1.7 and so on", "is no table"),
    "UTF-16": (
        good().encode("utf-16"),
        'is no CSV file in UTF-8. Open it in your spreadsheet and save it as "CSV',
    ),
    "an older encoding": (
        f"note,{HEADER}\nd\xe9j\xe0,{GOOD}".encode("cp1252"),
        "line 2: a letter there is not in UTF-8",
    ),
    "old workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1 and more",
        "an Excel file of the old kind, or one with a password",
    ),
    "zip of CSV": (archive(), "is an archive and no Excel workbook. If it is a .zip, unpack it"),
    "cut-off workbook": (workbook([NAMES])[:200], "is an archive and no Excel workbook"),
    "empty workbook": (workbook([]), "the workbook is empty"),
    "two sheets": (
        workbook([NAMES], [NAMES]),
        "2 sheets have the questions: Sheet1, Sheet2; keep one of them",
    ),
    "unknown answer in a workbook": (
        workbook([NAMES, GOOD.split(","), swapped("searched", "perhaps").split(",")]),
        'row 3, column D (searched): "perhaps" is not an answer',
    ),
    "names": (
        with_column("Name", "Tendai"),
        "row 3, column I (Name): this column looks like a name or an address",
    ),
    "first names": (
        with_column("First name", "Tendai"),
        "column I (First name): this column looks like a name",
    ),
    "names in French": (with_column("Prénom", "Tendai"), "column I (Prénom): this column looks like a name"),
    "an account in French": (with_column("Adresse de messagerie", "t.moyo"), "(Adresse de messagerie): this"),
    "e-mail": (with_column("Email Address", "t@example.org"), "row 3, column I (Email Address)"),
    "IP": (
        with_column("ipaddr", "192.0.2.7"),
        "row 3, column I (ipaddr): this column looks like a name or an",
    ),
    "token": (with_column("token", "aB3dE"), "row 3, column I (token)"),
    "account": (with_column("_submitted_by", "tendai"), "row 3, column I (_submitted_by)"),
    "telephone": (
        with_column("Anything else?", "+1 416 555 0123"),
        "an Internet address or a telephone number",
    ),
    "e-mail in a comment": (
        with_column("Anything else?", "write to t@example.org"),
        "row 3, column I (Anything else?): this column holds an e-mail address",
    ),
    "half of the columns for reasons": (
        f"{HEADER.replace('reasons', ','.join(KOBO[:3]))}\n{MANY}",
        'row 1: reasons has a column for each answer, but none for "another reason"',
    ),
    "a mark that is none": (
        kobo("assessment", "1,0,0,x"),
        'row 2, column I (reasons/other): "x" is neither a mark (1, Y, TRUE) nor its absence',
    ),
    "marks that contradict": (
        kobo("assessment", "0,1,0,0"),
        "row 2, column E (reasons): the answers in this cell and the marks in the columns for each answer",
    ),
    "the same answer twice": (
        "\n".join([f"_id,{HEADER}", f"1,{GOOD}", f"2,{GOOD}", f"1,{GOOD}"]),
        "row 4, column A (_id): the same number stands in row 2, so an answer is in the file twice",
    ),
    "nine people": (
        "\n".join([HEADER, *[GOOD] * 9]),
        "9 people answered. With fewer than 10 no number can be shown without giving somebody's answer away",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_refused_with_its_place(informal_ict, tmp_path, fault):
    content, said = BROKEN[fault]
    path, out = tmp_path / "answers.csv", tmp_path / "report.html"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = informal_ict("compare", path, "--out", out)
    assert result.status == 1 and result.out == ""
    assert result.err.startswith("Stopped. answers.csv")
    assert said in result.err.replace("\n", " ")
    assert "Traceback" not in result.err
    assert not out.exists()


def test_a_file_without_fault_is_read(informal_ict, tmp_path):
    path, out = tmp_path / "answers.csv", tmp_path / "report.html"
    path.write_text(good(), encoding="utf-8")
    assert informal_ict("compare", path, "--out", out).status == 0
    assert out.exists()


def test_what_names_somebody_is_never_repeated(informal_ict, tmp_path):
    path = tmp_path / "answers.csv"
    for content in (with_column("Name", "Tendai Moyo"), good(first=swapped("talks", "t.moyo@example.org"))):
        path.write_text(content, encoding="utf-8")
        result = informal_ict("compare", path, "--out", tmp_path / "report.html")
        assert result.status == 1
        assert "moyo" not in result.err.casefold()


def test_the_first_ten_faults_are_listed_and_the_rest_counted(informal_ict, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("\n".join([HEADER, *[swapped("talks", "perhaps")] * 12]), encoding="utf-8")
    result = informal_ict("compare", path, "--out", tmp_path / "report.html")
    assert result.err.count("column G (talks)") == 10
    assert "and 2 more" in result.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.csv"], "there is no such file; check its name"),
        (["."], "is a folder; name the file in it"),
        ([], "needs one file of answers, or both --before and --after"),
        (["a.csv", "--before", "b.csv", "--after", "c.csv"], "not a mixture"),
        (["--before", "b.csv"], "both --before and --after"),
        (["a.csv", "--smallest", "2"], "must be between 3 and 20, not 2"),
    ],
)
def test_the_command_says_what_it_needs(informal_ict, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    result = informal_ict("compare", *arguments)
    assert result.status == 1 and said in result.err.replace("\n", " ")


@pytest.mark.parametrize(
    "cell", ["a.b@example.ca", "192.0.2.1", "416 555 0123", "(416) 555-0123", "+14165550123"]
)
def test_what_looks_like_identity(cell):
    assert looks_like_identity(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "yes",
        "2026-05-04 10:03:04",
        "2026-05-04",
        "5/4/2026",
        "70000001",
        "1804289383",
        "3f6c-0001",
        "10-12",
    ],
)
def test_what_does_not(cell):
    assert not looks_like_identity(cell)
