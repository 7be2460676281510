"""Downloads of submissions from Canvas, Moodle and Brightspace, put into a course by the command."""

import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from typer.testing import CliRunner, Result

from informal_ict.cli import app
from informal_ict.errors import InputError
from informal_ict.lms.platforms import Lms
from lms_downloads import (
    ABSENT,
    AMINA,
    ASSIGNMENT,
    CLASS,
    ELODIE,
    JEAN,
    OTHER_WEI,
    WEI,
    Person,
    course,
    decomposed,
    notebook,
    roster,
    write_csv,
    write_zip,
    zip_bytes,
)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    course(tmp_path)
    return tmp_path


def collect(here: Path, archive: Path, lms: Lms, *options: str, members: Path | None = None) -> Result:
    arguments = ["lms", "collect", str(archive), "--lms", lms, "--course", str(here / "course")]
    arguments += ["--assignment", ASSIGNMENT, "--roster", str(members or roster(here, lms)), *options]
    result = CliRunner().invoke(app, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def submitted(here: Path) -> dict[str, str]:
    """Everything in submitted/, by path below it; notebooks by the text of their one cell."""
    root = here / "course" / "submitted"
    return {
        path.relative_to(root).as_posix(): text_of(path) for path in sorted(root.rglob("*")) if path.is_file()
    }


def text_of(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    found = re.search(r'"source": "([^"]*)"', text)
    return found[1] if found else text


def work(*people: Person) -> dict[str, str]:
    return {f"{one.login}/tiny/tiny.ipynb": one.login for one in people}


def canvas_names(*people: Person) -> dict[str, bytes]:
    return {
        f"{one.in_canvas}_{one.number}_9{place}_tiny.ipynb": notebook(one.login)
        for place, one in enumerate(people)
    }


def moodle_names(*people: Person) -> dict[str, bytes]:
    return {
        f"{one.whole}_{one.number}_assignsubmission_file/tiny.ipynb": notebook(one.login) for one in people
    }


def brightspace_names(*people: Person) -> dict[str, bytes]:
    return {"index.html": b"<p>a list</p>"} | {
        f"{one.number}-77 - {one.whole} - Nov 20, 2026 953 PM/tiny.ipynb": notebook(one.login)
        for one in people
    }


def test_canvas_by_number(here: Path) -> None:
    """Names with accents, two of one surname, two of one whole name: the number tells them apart."""
    result = collect(here, write_zip(here / "d.zip", canvas_names(*CLASS[:-1])), Lms.CANVAS)
    assert result.exit_code == 0, result.output
    assert submitted(here) == work(*CLASS[:-1])
    assert f"No work was found for 1: {ABSENT.login}" in result.output
    assert "does not tell when" in result.output


def test_canvas_late_attempts_and_typed_text(here: Path) -> None:
    files = {
        "tremblayélodie_LATE_4101_90_tiny-1.ipynb": notebook("newest"),
        "tremblayélodie_LATE_4101_80_tiny.ipynb": notebook("older"),
        "tremblayélodie_LATE_4101_81_Second_Part (1).ipynb": notebook("second"),
        "tremblayjeanluc_4102_82_data.csv": b"a,b\n",
        "tremblayjeanluc_4102_83_tiny.ipynb.txt": notebook("saved as text"),
        "chenwei_4103_text.html": b"<p>typed</p>",
        "anon_x1Y2z_84_tiny.ipynb": notebook("who"),
        "chenwei_9999_85_tiny.ipynb": notebook("a guest"),
        "readme.md": b"?",
    }
    result = collect(here, write_zip(here / "d.zip", files), Lms.CANVAS)
    assert result.exit_code == 1
    assert submitted(here) == {
        "etremblay/tiny/second-part.ipynb": "second",
        "etremblay/tiny/tiny.ipynb": "newest",
        "jtremblay/tiny/data.csv": "a,b\n",
        "jtremblay/tiny/tiny.ipynb": "saved as text",
    }
    aside = here / "course/submitted-earlier/etremblay/tiny/1/attempts/1/tiny.ipynb"
    assert text_of(aside) == "older"
    assert re.search(r"etremblay .* late ", result.output)
    assert "chenwei_9999: not found on the roster: the number 9999" in result.output
    assert "anon_x1Y2z: not found on the roster: the download does not say who" in result.output
    assert "wchen1: text.html: was typed into the platform" in result.output
    assert "readme.md: has no name as canvas forms them" in result.output


def test_moodle_in_folders_with_time(here: Path) -> None:
    """The worksheet tells when; 9:53 PM in Toronto in November is 02:53 in UTC, on the next day."""
    result = collect(
        here,
        write_zip(here / "d.zip", moodle_names(*CLASS[:-1])),
        Lms.MOODLE,
        "--timezone",
        "America/Toronto",
    )
    assert result.exit_code == 0, result.output
    stamps = {f"{one.login}/tiny/timestamp.txt": "2026-11-21 02:53:00.000000 UTC" for one in CLASS[:-1]}
    assert submitted(here) == work(*CLASS[:-1]) | stamps
    read = CourseDirectory().get_existing_timestamp(str(here / "course/submitted/etremblay/tiny"))
    assert read == datetime(2026, 11, 21, 2, 53, tzinfo=UTC).replace(tzinfo=None)


def test_moodle_flat_and_by_name(here: Path) -> None:
    """With the list of participants, names decide; a name that two share is nobody's."""
    header = ["First name", "Surname", "Email address"]
    rows = [[decomposed(one.first), one.last, f"{one.login}@example.ca"] for one in CLASS]
    members = write_csv(here / "p.csv", [header, *rows], delimiter=";", encoding="utf-16")
    files = {
        f"{ELODIE.whole}_4101_assignsubmission_file_tiny.ipynb": notebook("flat"),
        f"{WEI.whole}_4103_assignsubmission_file_tiny.ipynb": notebook("which"),
        f"{AMINA.whole}_4105_assignsubmission_file_/tiny.ipynb": notebook("older Moodle"),
        f"{AMINA.whole}_4105_assignsubmission_onlinetext/onlinetext.html": b"typed",
        f"{JEAN.whole}_1_assignsubmission_file/tiny.ipynb": notebook("one"),
        f"{JEAN.whole}_2_assignsubmission_file/tiny.ipynb": notebook("two"),
    }
    result = collect(here, write_zip(here / "d.zip", files), Lms.MOODLE, members=members)
    assert submitted(here) == {
        "etremblay@example.ca/tiny/tiny.ipynb": "flat",
        "aokafor@example.ca/tiny/tiny.ipynb": "older Moodle",
    }
    assert "Wei Chen_4103: not found on the roster: several students have this name" in result.output
    assert "Jean-Luc Tremblay_1: not found on the roster: several people in the download" in result.output
    assert result.exit_code == 1


def test_brightspace_attempts(here: Path) -> None:
    """Each attempt has a folder; the newest notebook wins, though another one came earlier alone."""
    amina = f"4105-77 - {AMINA.whole}"
    files = brightspace_names(ELODIE) | {
        f"{amina} - Nov 9, 2026 112 AM/second-part.ipynb": notebook("alone"),
        f"{amina} - Nov 9, 2026 112 AM/tiny.ipynb": notebook("first"),
        f"{amina} - Nov 10, 2026 1205 AM/tiny (1).ipynb": notebook("second"),
        f"{amina} - Nov 9, 2026 1159 PM/tiny.ipynb": notebook("between"),
        f"4102-77 - {JEAN.whole} - Nov 1, 2026 11:45 AM - tiny.ipynb": notebook("flat"),
    }
    result = collect(
        here, write_zip(here / "d.zip", files), Lms.BRIGHTSPACE, "--timezone", "America/Vancouver"
    )
    assert result.exit_code == 0, result.output
    found = submitted(here)
    assert found["aokafor/tiny/tiny.ipynb"] == "second"
    assert found["aokafor/tiny/second-part.ipynb"] == "alone"
    assert found["aokafor/tiny/timestamp.txt"] == "2026-11-10 08:05:00.000000 UTC"
    assert found["jtremblay/tiny/timestamp.txt"] == "2026-11-01 19:45:00.000000 UTC"
    aside = here / "course/submitted-earlier/aokafor/tiny/1/attempts"
    assert [text_of(path) for path in sorted(aside.rglob("*.ipynb"))] == ["first", "between"]


def test_a_person_decides_who_is_who(here: Path) -> None:
    archive = write_zip(here / "d.zip", brightspace_names(WEI, OTHER_WEI))
    result = collect(here, archive, Lms.BRIGHTSPACE)
    assert result.exit_code == 1
    assert submitted(here) == {}
    assert "4103-77 - Wei Chen: not found on the roster: several students" in result.output
    rows = [
        ["in the download", "student"],
        ["4103-77 - Wei Chen", "wchen1"],
        ["4104-77 - Wei Chen", "wchen2"],
    ]
    decided = write_csv(here / "who.csv", rows)
    assert collect(here, archive, Lms.BRIGHTSPACE, "--matches", str(decided)).exit_code == 0
    assert submitted(here) == work(WEI, OTHER_WEI)
    write_csv(decided, [*rows, ["4105-77 - X", "wchen1"]])
    with pytest.raises(InputError, match=r"who.csv, line 4: '4105-77 - X' is not in the download"):
        collect(here, archive, Lms.BRIGHTSPACE, "--matches", str(decided))


def test_without_time_zone_no_time_is_invented(here: Path) -> None:
    result = collect(here, write_zip(here / "d.zip", brightspace_names(ELODIE)), Lms.BRIGHTSPACE)
    assert submitted(here) == work(ELODIE)
    assert "--timezone" in result.output
    with pytest.raises(InputError, match="Mars/Base: is no time zone"):
        collect(here, here / "d.zip", Lms.BRIGHTSPACE, "--timezone", "Mars/Base")


def test_a_dry_run_does_nothing(here: Path) -> None:
    before = sorted(here.rglob("*"))
    archive = write_zip(here / "d.zip", canvas_names(ELODIE))
    result = collect(here, archive, Lms.CANVAS, "--dry-run")
    assert "etremblay" in result.output
    assert set(here.rglob("*")) - set(before) == {archive, here / "canvas.csv"}


def test_work_that_is_there_is_kept_unless_forced(here: Path) -> None:
    archive = write_zip(here / "d.zip", canvas_names(ELODIE))
    assert collect(here, archive, Lms.CANVAS).exit_code == 0
    again = collect(here, write_zip(archive, canvas_names(ELODIE, JEAN)), Lms.CANVAS)
    assert "Submissions: 1 written, 0 replaced, 1 there already" in again.output
    changed = write_zip(archive, {"tremblayélodie_4101_99_tiny.ipynb": notebook("changed")})
    result = collect(here, changed, Lms.CANVAS)
    assert result.exit_code == 1
    assert "etremblay: other work is there and was left alone" in result.output
    assert submitted(here) == work(ELODIE, JEAN)
    assert collect(here, changed, Lms.CANVAS, "--force").exit_code == 0
    assert submitted(here)["etremblay/tiny/tiny.ipynb"] == "changed"
    aside = here / "course/submitted-earlier/etremblay/tiny/1/replaced/tiny.ipynb"
    assert text_of(aside) == "etremblay"


def test_zips_within_and_what_systems_leave_behind(here: Path) -> None:
    inner = {
        "My work/tiny.ipynb": notebook("inside"),
        "My work/pictures/map.svg": b"<svg/>",
        "__MACOSX/My work/._tiny.ipynb": b"fork",
        "My work/.ipynb_checkpoints/tiny-checkpoint.ipynb": notebook("checkpoint"),
        "My work/timestamp.txt": b"1999-01-01 00:00:00 UTC",
    }
    files = {
        "tremblayélodie_4101_90_work.zip": zip_bytes(inner),
        "__MACOSX/._tremblayélodie_4101_90_work.zip": b"fork",
        ".DS_Store": b"x",
    }
    result = collect(here, write_zip(here / "d.zip", files), Lms.CANVAS)
    assert submitted(here) == {
        "etremblay/tiny/tiny.ipynb": "inside",
        "etremblay/tiny/pictures/map.svg": "<svg/>",
    }
    assert "work.zip was unpacked" in result.output
    assert "timestamp.txt of the student's own was not taken" in result.output


def test_a_folder_that_the_browser_unpacked(here: Path) -> None:
    """Safari unpacks what it downloads, and macOS gives letters and accents apart."""
    for name, content in moodle_names(ELODIE).items():
        path = here / "download" / decomposed(name)
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    assert collect(here, here / "download", Lms.MOODLE).exit_code == 0
    assert submitted(here) == work(ELODIE)


def test_names_that_a_zip_does_not_declare_as_utf_8(here: Path) -> None:
    archive = write_zip(here / "d.zip", brightspace_names(ELODIE))
    content = archive.read_bytes()
    # The flag stands in both places where a zip names a file.
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.rindex(signature) + place  # of the last file, after the list
        content = content[:at] + b"\0\0" + content[at + 2 :]
    archive.write_bytes(content)
    assert zipfile.ZipFile(archive).namelist() != list(brightspace_names(ELODIE))
    assert collect(here, archive, Lms.BRIGHTSPACE).exit_code == 0
    assert submitted(here) == work(ELODIE)


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("tiny.ipynb", "tiny.ipynb"),
        ("tiny (1).ipynb", "tiny.ipynb"),
        ("Tiny(12).ipynb", "tiny.ipynb"),
        ("tiny-Copy1.ipynb", "tiny.ipynb"),
        ("tiny - Copy (2).ipynb", "tiny.ipynb"),
        ("tiny copy 2.ipynb", "tiny.ipynb"),
        ("tiny.ipynb.json", "tiny.ipynb"),
        ("SECOND PART.ipynb", "second-part.ipynb"),
        ("my tiny.ipynb", "my tiny.ipynb"),
    ],
)
def test_names_are_mended_and_not_guessed(here: Path, name: str, taken: str) -> None:
    files = {f"{ELODIE.whole}_4101_assignsubmission_file/{name}": notebook("x")}
    result = collect(here, write_zip(here / "d.zip", files), Lms.MOODLE)
    assert submitted(here) == {f"etremblay/tiny/{taken}": "x"}
    assert (result.exit_code == 1) == (taken == "my tiny.ipynb")
    assert ("is no notebook of the assignment by its name" in result.output) == (taken == "my tiny.ipynb")


def test_two_of_one_attempt_are_not_guessed(here: Path) -> None:
    folder = f"{ELODIE.whole}_4101_assignsubmission_file"
    files = {f"{folder}/tiny (1).ipynb": notebook("a"), f"{folder}/tiny (2).ipynb": notebook("b")}
    result = collect(here, write_zip(here / "d.zip", files), Lms.MOODLE)
    assert submitted(here) == {}
    assert "cannot tell which of these is the newest: tiny (1).ipynb, tiny (2).ipynb" in result.output
    files[f"{folder}/tiny.ipynb"] = notebook("named right")
    collect(here, write_zip(here / "e.zip", files), Lms.MOODLE)
    assert submitted(here) == {"etremblay/tiny/tiny.ipynb": "named right"}


def test_messages_name_the_file_and_the_line(here: Path) -> None:
    archive = write_zip(here / "d.zip", canvas_names(ELODIE))
    faults = {
        r"r\.csv, line 1: a roster needs one of the columns SIS Login ID": [["Student"], ["A, B"]],
        r"r\.csv, line 3: the same key as on line 2": [["Student", "ID"], ["A, B", "1"], ["C, D", "1"]],
        r"r\.csv, line 2: SIS Login ID has a sign": [["Student", "SIS Login ID"], ["A, B", "../x"]],
        r"r\.csv, line 2: SIS Login ID is empty": [["Student", "SIS Login ID"], ["A, B", ""]],
        r"r\.csv: there is no student": [["Student", "ID"], ["    Points Possible", ""]],
    }
    for message, rows in faults.items():
        with pytest.raises(InputError, match=message):
            collect(here, archive, Lms.CANVAS, members=write_csv(here / "r.csv", rows))
    with pytest.raises(InputError, match=r"no file has a name as moodle forms them"):
        collect(here, archive, Lms.MOODLE)
    with pytest.raises(InputError, match=r"nothing\.zip: there is no such file"):
        collect(here, here / "nothing.zip", Lms.CANVAS)
    with pytest.raises(InputError, match=r"has no notebook in release/other"):
        collect(here, archive, Lms.CANVAS, "--assignment", "other")
