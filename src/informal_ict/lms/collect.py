"""Collect a platform's download of submissions into a course."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from informal_ict.errors import InputError
from informal_ict.lms.archive import Limits, open_archive
from informal_ict.lms.matching import read_decided
from informal_ict.lms.plan import Plan, make_plan, read_uploads, worksheet_times
from informal_ict.lms.platforms import Lms
from informal_ict.lms.roster import students
from informal_ict.lms.tables import read_table


@contextmanager
def planned(
    download: Path,
    lms: Lms,
    course: Path,
    assignment: str,
    roster: Path,
    key: str = "",
    matches: Path | None = None,
    timezone: str = "",
    limits: Limits | None = None,
) -> Iterator[Plan]:
    """Plan the collecting of one download; the plan can be carried out within the context.

    Args:
        download: the zip file, or the folder that a browser has made of it.
        lms: the platform it comes from.
        course: the folder of the course.
        assignment: the assignment.
        roster: the class, as the platform exports it.
        key: the column of the roster that names students' folders; without it, the best it has.
        matches: a file that says who people in the download are, where their names do not.
        timezone: the zone of the platform's clock, such as America/Toronto.
        limits: how much is read.

    Raises:
        InputError: if a file cannot be read, or holds what no platform writes.
    """
    table = read_table(roster)
    known = students(table, lms, key)
    zone = _zone(timezone)
    with open_archive(download, limits or Limits()) as archive:
        uploads, strange = read_uploads(archive, lms)
        decided = read_decided(matches, {one.person for one in uploads}, known) if matches else {}
        times = worksheet_times(table, known) if lms is Lms.MOODLE else {}
        yield make_plan(
            archive, lms, uploads, strange, known, decided, times, zone, course.resolve(), assignment
        )


def _zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(f"--timezone {name}: is no time zone; write it like America/Toronto") from None
