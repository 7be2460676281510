"""Marks from nbgrader's gradebook to the file that each platform imports, read again as the platform does."""

import csv
import io
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp, NbGrader, ZipCollectApp
from typer.testing import CliRunner, Result

from informal_ict.cli import app
from informal_ict.course.build import scripts_on_path
from informal_ict.errors import InputError
from informal_ict.lms.platforms import Lms
from informal_ict.lms.tables import csv_bytes, neutral, read_table
from lms_downloads import (
    ABSENT,
    AMINA,
    ASSIGNMENT,
    CLASS,
    ELODIE,
    JEAN,
    OTHER_WEI,
    ROSTERS,
    WEI,
    course,
    notebook,
    roster,
    write_csv,
    write_zip,
)

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

# Élodie 3.5; Jean-Luc 4 and one off for lateness; Wei unfinished at 2; the other Wei 0; Amina not marked yet.
MARKS = {ELODIE: "3.5", JEAN: "3", OTHER_WEI: "0"}


@pytest.fixture(scope="module")
def gradebook_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook in which some are marked; made once, for nbgrader takes a second."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with scripts_on_path(), Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.add_assignment(ASSIGNMENT)
        gradebook.add_notebook("tiny", ASSIGNMENT)
        gradebook.add_grade_cell("test-rows", "tiny", ASSIGNMENT, max_score=2, cell_type="code")
        gradebook.add_grade_cell("test-meaning", "tiny", ASSIGNMENT, max_score=2, cell_type="markdown")
        for person, scores in ((ELODIE, (2, 1.5)), (JEAN, (2, 2)), (WEI, (2, None)), (OTHER_WEI, (0, 0))):
            gradebook.add_student(person.login)
            submission = gradebook.add_submission(ASSIGNMENT, person.login)
            for grade in submission.notebooks[0].grades:
                score = scores[0] if grade.name == "test-rows" else scores[1]
                grade.auto_score = score
                grade.needs_manual_grade = score is None
            if person is JEAN:
                submission.notebooks[0].late_submission_penalty = 1.0
        gradebook.db.commit()
    return path


@pytest.fixture
def here(tmp_path: Path, gradebook_file: Path) -> Path:
    """A course with a gradebook, and work that is not in it yet."""
    root = course(tmp_path)
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    shutil.copyfile(gradebook_file, root / "gradebook.db")
    (root / "submitted" / AMINA.login / ASSIGNMENT).mkdir(parents=True)
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["lms", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def grades(here: Path, lms: Lms, *options: str, template: Path | None = None) -> Result:
    source = template or roster(here, lms)
    arguments = ["grades", ASSIGNMENT, "--lms", lms, "--course", str(here / "course")]
    return run(*arguments, "--template", str(source), "--out", str(here / "out.csv"), *options)


def as_canvas(content: bytes) -> dict[str, str]:
    """What Canvas would read: lib/gradebook_importer.rb, marks of the one assignment by user ID."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    header = rows[0]
    assert "Student" in header[0] and "ID" in header[1]
    assert header[2:4] == ["SIS User ID", "SIS Login ID"]
    assert "Section" in header[4], "the last column about students"
    found = re.fullmatch(r"(.*)\s\((\d+)\)", header[5])
    assert found and found[2] == "771" and len(header) == 6
    marks = {}
    for row in rows[1:]:
        if "Points Possible" in row[0] or all(
            re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", c) for c in row
        ):
            continue
        marks[row[1]] = row[5].strip()
    return marks


def as_moodle(content: bytes) -> dict[str, str]:
    """What Moodle would read: importgradeslib.php, grades by the number of the participant."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    identifier, grade = rows[0].index("Identifier"), rows[0].index("Grade")
    assert "Last modified (grade)" in rows[0]
    assert "Feedback comments" not in rows[0]
    marks = {}
    for row in rows[1:]:
        assert row[identifier].startswith("Participant ")
        marks[row[identifier][len("Participant ") :]] = row[grade]
    return marks


def as_brightspace(content: bytes) -> dict[str, str]:
    """What Brightspace would read, by its documentation: points by OrgDefinedId, # at the end of a row."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    assert rows[0][:2] == ["OrgDefinedId", "Username"]
    assert rows[0][2].startswith("tiny Points Grade")
    assert rows[0][3] == "End-of-Line Indicator" and len(rows[0]) == 4
    assert all(row[3] == "#" and row[0].startswith("#") for row in rows[1:])
    return {row[0][1:]: row[2] for row in rows[1:]}


READ = {Lms.CANVAS: as_canvas, Lms.MOODLE: as_moodle, Lms.BRIGHTSPACE: as_brightspace}
BLANK_ROWS = {Lms.CANVAS, Lms.MOODLE}  # Brightspace gets no row for whom there is no mark


@pytest.mark.parametrize("lms", Lms)
def test_marks_arrive_where_they_belong(here: Path, lms: Lms) -> None:
    result = grades(here, lms)
    expected = {str(one.number): mark for one, mark in MARKS.items()}
    blank = {str(one.number): "" for one in (WEI, AMINA, ABSENT)} if lms in BLANK_ROWS else {}
    assert READ[lms]((here / "out.csv").read_bytes()) == expected | blank
    assert result.exit_code == 1
    assert "wchen1: left out: still needs a person's marks" in result.output
    assert "aokafor: left out: handed in and has no marks yet" in result.output
    assert "nobody: left out: has handed in nothing" in result.output
    assert "3 marks in" in result.output


@pytest.mark.parametrize("lms", Lms)
def test_from_the_download_to_the_grade_file(here: Path, lms: Lms) -> None:
    """Collected by the platform's own numbers and names, marked, and given back under the same."""
    names = {
        Lms.CANVAS: f"{AMINA.in_canvas}_{AMINA.number}_9_tiny.ipynb",
        Lms.MOODLE: f"{AMINA.whole}_{AMINA.number}_assignsubmission_file/tiny.ipynb",
        Lms.BRIGHTSPACE: f"{AMINA.number}-7 - {AMINA.whole} - Nov 20, 2026 953 PM/tiny.ipynb",
    }
    (here / "course/submitted/aokafor/tiny").rmdir()
    archive = write_zip(here / "d.zip", {names[lms]: notebook("x")})
    options = [
        "--course",
        str(here / "course"),
        "--assignment",
        ASSIGNMENT,
        "--roster",
        str(roster(here, lms)),
    ]
    assert run("collect", str(archive), "--lms", lms, *options).exit_code == 0
    students = [path.parent.name for path in (here / "course/submitted").glob(f"*/{ASSIGNMENT}")]
    assert students == [AMINA.login]
    with Gradebook(f"sqlite:///{here / 'course/gradebook.db'}") as gradebook:
        gradebook.add_student(students[0])
        submission = gradebook.add_submission(ASSIGNMENT, students[0])
        for grade in submission.notebooks[0].grades:
            grade.auto_score, grade.needs_manual_grade = 1.125, False
        gradebook.db.commit()
    grades(here, lms)
    assert READ[lms]((here / "out.csv").read_bytes())[str(AMINA.number)] == "2.25"


def test_work_handed_in_again_has_no_mark_yet(here: Path) -> None:
    with Gradebook(f"sqlite:///{here / 'course/gradebook.db'}") as gradebook:
        for person in (ELODIE, JEAN):
            gradebook.find_submission(ASSIGNMENT, person.login).timestamp = datetime(2026, 11, 20, 12)
        gradebook.db.commit()
    for person, hour in ((ELODIE, 13), (JEAN, 12)):
        folder = here / "course/submitted" / person.login / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / "timestamp.txt").write_text(f"2026-11-20 {hour}:00:00.000000 UTC")
    result = grades(here, Lms.CANVAS, "--include-unfinished")
    assert "etremblay: left out: handed in again after this was marked" in result.output
    read = as_canvas((here / "out.csv").read_bytes())
    assert (read[str(ELODIE.number)], read[str(JEAN.number)]) == ("", "3")


def test_unfinished_on_request(here: Path) -> None:
    grades(here, Lms.CANVAS, "--include-unfinished")
    assert as_canvas((here / "out.csv").read_bytes())[str(WEI.number)] == "2"


def test_other_points_are_not_mixed(here: Path) -> None:
    for lms, message in (
        (Lms.CANVAS, r"canvas\.csv, line 3, tiny \(771\): the platform gives 10 points and nbgrader 4"),
        (Lms.MOODLE, r"moodle\.csv, line 2, Maximum Grade: the platform gives 10"),
        (Lms.BRIGHTSPACE, r"brightspace\.csv, line 1, tiny Points Grade <.*: the platform gives 10"),
    ):
        template = write_csv(here / f"{lms}.csv", ROSTERS[lms]("10"))
        with pytest.raises(InputError, match=message):
            grades(here, lms, "--force", template=template)
        grades(here, lms, "--force", "--scale", template=template)
        assert READ[lms]((here / "out.csv").read_bytes())[str(ELODIE.number)] == "8.75"


def test_what_the_platform_says_stays_where_nothing_is_known(here: Path) -> None:
    rows = ROSTERS[Lms.CANVAS]()
    for row in rows:
        row[6] = {str(ELODIE.number): "3.00", str(JEAN.number): "EX", str(WEI.number): "1.50"}.get(
            row[1], row[6]
        )
    result = grades(here, Lms.CANVAS, template=write_csv(here / "canvas.csv", rows))
    read = as_canvas((here / "out.csv").read_bytes())
    assert (read[str(ELODIE.number)], read[str(JEAN.number)], read[str(WEI.number)]) == ("3.5", "EX", "1.50")
    assert "etremblay: changes: 3.00 on the platform, 3.5 here" in result.output
    assert "jtremblay: left out: is EX on the platform" in result.output


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-16-le")]
)
def test_files_as_spreadsheets_save_them(here: Path, delimiter: str, encoding: str) -> None:
    rows = ROSTERS[Lms.MOODLE]("4,00")
    if encoding == "utf-16-le":
        rows[0][0] = f"\ufeff{rows[0][0]}"
    template = write_csv(here / "moodle.csv", rows, delimiter, encoding)
    grades(here, Lms.MOODLE, template=template)
    assert as_moodle((here / "out.csv").read_bytes())[str(ELODIE.number)] == "3.5"
    assert ELODIE.whole in (here / "out.csv").read_text(encoding="utf-8")


def test_a_file_for_moodles_gradebook(here: Path) -> None:
    rows = [["First name", "Last name", "Username"], *([one.first, one.last, one.login] for one in CLASS)]
    members = write_csv(here / "p.csv", rows)
    with pytest.raises(InputError, match=r"p\.csv: is no grading worksheet"):
        grades(here, Lms.MOODLE, template=members)
    grades(here, Lms.MOODLE, "--column", "Tiny one", template=members)
    written = read_table(here / "out.csv")
    assert written.header == ("Username", "Tiny one")
    assert {row.cells for row in written.rows} == {(one.login, mark) for one, mark in MARKS.items()}


def test_messages_name_the_column(here: Path) -> None:
    rows = ROSTERS[Lms.CANVAS]()
    rows[0][6] = "Another (771)"
    template = write_csv(here / "canvas.csv", rows)
    with pytest.raises(InputError, match=r"with the name of tiny.* among these: Another \(771\); Essay"):
        grades(here, Lms.CANVAS, template=template)
    grades(here, Lms.CANVAS, "--column", "Another", template=template)
    assert as_canvas((here / "out.csv").read_bytes())[str(ELODIE.number)] == "3.5"
    with pytest.raises(InputError, match=r"out\.csv: is there already"):
        grades(here, Lms.CANVAS, "--column", "Another", template=template)
    with pytest.raises(InputError, match=r"nobody in it has handed in tiny under the same name"):
        grades(here, Lms.CANVAS, "--key", "ID", "--force")
    with pytest.raises(InputError, match=r"no assignment other; it has tiny"):
        run("grades", "other", "--lms", "canvas", "--course", str(here / "course"), "--template",
            str(template), "--out", str(here / "o.csv"))  # fmt: skip


FORMULAS = [
    '=HYPERLINK("http://example.ca","x")',
    "+1+1",
    "-1+cmd|'/c calc'!A0",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "  =1+1",
    "＝1+1",
    "Smith;=1+1",
    "Smith, =1+1",
    "Smith\n=1+1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    for delimiter in ",;\t":
        written = csv_bytes(["a"], [["1", text, "2"]]).decode()
        cells = [
            cell for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter) for cell in row
        ]
        assert not [cell for cell in cells if re.match(r"\s*[=+\-@＝]", cell.strip('"'))]


@pytest.mark.parametrize(
    "text", ["-3.5", "+2", "4", "0.25", "85%", "-", "", "    Points Possible", "O'Kafor, Amina"]
)
def test_numbers_and_names_are_left_alone(text: str) -> None:
    assert neutral(text) == text


def test_a_hostile_name_reaches_no_spreadsheet(here: Path) -> None:
    rows = ROSTERS[Lms.CANVAS]()
    rows[3][0] = "=cmd|'/c calc'!A0, \"Élodie\"\nTremblay"
    grades(here, Lms.CANVAS, template=write_csv(here / "canvas.csv", rows))
    written = read_table(here / "out.csv")
    assert written.rows[2].cell(0) == f"'{rows[3][0]}"
    assert as_canvas((here / "out.csv").read_bytes())[str(ELODIE.number)] == "3.5"


def test_an_identifier_that_would_be_a_formula_is_named(here: Path) -> None:
    rows = ROSTERS[Lms.BRIGHTSPACE]()
    rows[1][0] = "=1+1"
    result = grades(here, Lms.BRIGHTSPACE, template=write_csv(here / "b.csv", rows))
    assert "etremblay: left out: has an identifier that a spreadsheet" in result.output
    assert b"=1+1" not in (here / "out.csv").read_bytes()


def test_the_roster_in_the_gradebook_has_the_least(here: Path) -> None:
    file = str(roster(here, Lms.MOODLE))
    where = ["--lms", "moodle", "--course", str(here / "course")]
    assert "6 students; nothing was stored" in run("roster", file, *where, "--dry-run").output
    assert len(students(here)) == 4
    run("roster", file, *where)
    assert students(here)[AMINA.login] == (None, None, None)
    run("roster", file, *where, "--names", "--emails")
    assert students(here)[AMINA.login] == (None, "Amina O'Kafor", "aokafor@example.ca")
    rows = ROSTERS[Lms.CANVAS]()[:-1]
    result = run("roster", str(write_csv(here / "c.csv", rows)), "--lms", "canvas", *where[2:], "--names")
    assert students(here)[ELODIE.login][:2] == ("Élodie", "Tremblay")
    assert "not on the roster, and left there: nobody" in result.output
    with pytest.raises(InputError, match="the gradebook is not there"):
        run("roster", file, "--lms", "moodle", "--course", str(here))


def students(here: Path) -> dict[str, tuple[str | None, str | None, str | None]]:
    with Gradebook(f"sqlite:///{here / 'course/gradebook.db'}") as gradebook:
        return {one.id: (one.first_name, one.last_name, one.email) for one in gradebook.students}


def stock(command: type[NbGrader], here: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run a stock command in the course folder as a process of its own would; its exit status."""
    monkeypatch.chdir(here / "course")
    running = command()
    try:
        running.initialize(list(arguments))
        running.start()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_nbgrader_export(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plugins = "informal_ict.lms.nbgrader_plugins"
    settings = here / "course" / "nbgrader_config.py"
    template = roster(here, Lms.CANVAS)
    settings.write_text(f"c = get_config()\nc.CanvasExport.template = {str(template)!r}\n")
    arguments = ["export", f"--exporter={plugins}.CanvasExport", "--to", str(here / "out.csv")]
    assert stock(ExportApp, here, monkeypatch, *arguments, "--assignment", ASSIGNMENT) == 0
    assert as_canvas((here / "out.csv").read_bytes())[str(ELODIE.number)] == "3.5"
    assert "wchen1: still needs a person's marks" in capsys.readouterr().err
    assert stock(ExportApp, here, monkeypatch, *arguments) == 1
    said = capsys.readouterr().err
    assert "name one assignment" in said and "Traceback" not in said


def test_nbgrader_zip_collect(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = here / "course" / "nbgrader_config.py"
    members = roster(here, Lms.BRIGHTSPACE)
    settings.write_text(
        "c = get_config()\n"
        'c.ZipCollectApp.collector_plugin = "informal_ict.lms.nbgrader_plugins.BrightspaceFileNames"\n'
        f"c.BrightspaceFileNames.roster = {str(members)!r}\n"
        'c.BrightspaceFileNames.timezone = "America/Toronto"\n'
    )
    downloaded = here / "course/downloaded" / ASSIGNMENT / "archive"
    downloaded.mkdir(parents=True)
    files = {
        f"4101-7 - {ELODIE.whole} - Nov 20, 2026 953 PM/tiny (1).ipynb": notebook("new"),
        f"4101-7 - {ELODIE.whole} - Nov 19, 2026 953 PM/tiny.ipynb": notebook("old"),
        f"4103-7 - {WEI.whole} - Nov 19, 2026 953 PM/tiny.ipynb": notebook("who"),
    }
    write_zip(downloaded / "d.zip", files)
    assert stock(ZipCollectApp, here, monkeypatch, ASSIGNMENT) == 0
    folder = here / "course/submitted" / ELODIE.login / ASSIGNMENT
    assert b"new" in (folder / "tiny.ipynb").read_bytes()
    written = datetime.fromisoformat((folder / "timestamp.txt").read_text())
    assert written - datetime(2026, 11, 21, 2, 53) == timedelta(0)
    assert not (here / "course/submitted" / WEI.login / ASSIGNMENT).exists()
    assert "several students have this name" in capsys.readouterr().err
