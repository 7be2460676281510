"""Whose file is this, and when did it come? Read from the names in a platform's download of submissions."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from informal_ict.lms.archive import Entry
from informal_ict.lms.platforms import Lms


@dataclass(frozen=True)
class Upload:
    """One file that somebody handed in.

    Attributes:
        entry: the file.
        path: its folders and name as the student gave them.
        person: how the download writes who it was; the same for all files of a person.
        number: that the platform has given the person; empty if the names have none.
        name: of the person, for platforms that write it so that it can be compared.
        late: whether the platform marked it as late.
        time: when it was handed in, on the platform's clock; None where its names do not tell.
        order: larger for what was handed in later; None where that is not known.
        typed: it holds what was typed into the platform, and is no file of the student's.
    """

    entry: Entry
    path: tuple[str, ...]
    person: str
    number: str = ""
    name: str = ""
    late: bool = False
    time: datetime | None = None
    order: float | None = None
    typed: bool = False


def read_upload(entry: Entry, lms: Lms) -> Upload | None:
    """Read one name of a download; None if it is not formed as the platform forms them."""
    return _READERS[lms](entry)


# Source: lib/content_zipper.rb of Canvas. The name is the sortable one, in small letters and without anything
# that is no letter, digit or underscore; "LATE" stands there if it was; then the number of the user, and that
# of the file, which grows with each upload. Only the files of the newest attempt are in the download. No
# time is: the times in the zip are those of its making.
_CANVAS_FILE = re.compile(r"(?P<name>.*?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<file>\d+)_(?P<original>.+)")
_CANVAS_TYPED = re.compile(r"(?P<name>.*?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<original>(text|link)\.html)")
_CANVAS_ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<who>anon_\w+?)_(?P<file>\d+)_(?P<original>.+)")


def _canvas(entry: Entry) -> Upload | None:
    name = entry.path[-1]
    if match := _CANVAS_ANONYMOUS.fullmatch(name):
        order = float(match["file"])
        return Upload(entry, (match["original"],), match["who"], late=match["late"] is not None, order=order)
    match = _CANVAS_FILE.fullmatch(name)
    typed = None if match else _CANVAS_TYPED.fullmatch(name)
    found = match or typed
    if not found:
        return None
    return Upload(
        entry,
        (found["original"],),
        person=f"{found['name']}_{found['user']}",
        number=found["user"],
        late=found["late"] is not None,
        order=float(match["file"]) if match else None,
        typed=typed is not None,
    )


# Source: mod/assign/classes/downloader.php of Moodle (4.1 and later; before, the same in locallib.php, and
# seen with an underscore at the end). The number belongs to the person in this one assignment; with
# anonymous marking the name is the word Participant. By a setting of whoever downloads, each person has a
# folder, or all files lie side by side. Only the newest attempt is in the download, and no time.
_MOODLE_FOLDER = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)_?")
_MOODLE_FLAT = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)_(?P<file>.+)")


def _moodle(entry: Entry) -> Upload | None:
    for place, part in enumerate(entry.path[:-1]):
        if match := _MOODLE_FOLDER.fullmatch(part):
            return _moodle_upload(entry, match, entry.path[place + 1 :])
    if match := _MOODLE_FLAT.fullmatch(entry.path[-1]):
        return _moodle_upload(entry, match, (match["file"],))
    return None


def _moodle_upload(entry: Entry, match: re.Match[str], path: tuple[str, ...]) -> Upload:
    return Upload(
        entry,
        path,
        person=f"{match['name']}_{match['number']}",
        number=match["number"],
        name=match["name"],
        typed=match["kind"] != "file",
    )


# Seen, in several public programs and not in any documentation: a folder "397063-2557369 - Name - Sep 24,
# 2024 926 PM" for each attempt, formerly such a name before each file. The first number seems to be the
# person's and the second the assignment's. No roster holds them, so the name tells who it was. The time is
# that of the clock that the site or the instructor has set, without a zone; hour and minute stand without a
# colon. "index.html" at the top is a list.
_BRIGHTSPACE_TIME = re.compile(
    r"(?P<month>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}), (?P<year>\d{4}),? "
    r"(?P<hour>\d{1,2})[: ]?(?P<minute>\d{2})(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_BRIGHTSPACE_FOLDER = re.compile(r"(?P<numbers>\d+-\d+) - (?P<rest>.+)")
_BRIGHTSPACE_FLAT = re.compile(
    rf"(?P<numbers>\d+-\d+) - (?P<name>.+?) - (?P<time>{_BRIGHTSPACE_TIME.pattern}) - (?P<file>.+)"
)
_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name}


def _brightspace(entry: Entry) -> Upload | None:
    for place, part in enumerate(entry.path[:-1]):
        if match := _BRIGHTSPACE_FOLDER.fullmatch(part):
            name, dash, last = match["rest"].rpartition(" - ")
            if not dash or not re.search(r"\d{4}", last):
                name, last = match["rest"], ""
            return _brightspace_upload(entry, match["numbers"], name, last, entry.path[place + 1 :])
    if match := _BRIGHTSPACE_FLAT.fullmatch(entry.path[-1]):
        return _brightspace_upload(entry, match["numbers"], match["name"], match["time"], (match["file"],))
    return None


def _brightspace_upload(entry: Entry, numbers: str, name: str, when: str, path: tuple[str, ...]) -> Upload:
    time = brightspace_time(when)
    return Upload(
        entry,
        path,
        person=f"{numbers} - {name}",
        number=numbers.partition("-")[0],
        name=name.strip(),
        time=time,
        order=None if time is None else (time - datetime.min).total_seconds(),
    )


def brightspace_time(text: str) -> datetime | None:
    """The time in the name of a folder of Brightspace in English; None for any other text."""
    match = _BRIGHTSPACE_TIME.fullmatch(text.strip())
    month = _MONTHS.get(match["month"][:3].casefold()) if match else None
    if match is None or month is None:
        return None
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
    try:
        return datetime(int(match["year"]), month, int(match["day"]), hour, int(match["minute"]))
    except ValueError:
        return None  # there is no such day or hour


# Seen, in public programs: "Friday, 20 November 2026, 9:53 PM", and with the month before the day.
_MOODLE_TIMES = ("%A, %d %B %Y, %I:%M %p", "%A, %B %d, %Y, %I:%M %p")
MOODLE_SUBMITTED = "Last modified (submission)"


def moodle_time(text: str) -> datetime | None:
    """The time in a grading worksheet of Moodle in English; None for any other text."""
    for form in _MOODLE_TIMES:
        try:
            return datetime.strptime(text.strip(), form)
        except ValueError:
            continue
    return None


_READERS: dict[Lms, Callable[[Entry], Upload | None]] = {
    Lms.CANVAS: _canvas,
    Lms.MOODLE: _moodle,
    Lms.BRIGHTSPACE: _brightspace,
}
