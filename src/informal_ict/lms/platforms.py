"""What each learning platform calls things: the columns of its files, and who a student is in them.

How certain each fact is, stands with it. *Source*: read in the source code of the platform. *Documentation*:
from the maker's or a university's instructions. *Seen*: from public programs that read such files.
"""

from dataclasses import dataclass
from enum import StrEnum


class Lms(StrEnum):
    """The learning platforms whose files are known."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    BRIGHTSPACE = "brightspace"


@dataclass(frozen=True)
class Columns:
    """The columns of a platform's roster. A roster needs one of ``keys``, and a name.

    Attributes:
        keys: columns that can name a student's folder, the best first.
        full_name: a column with the whole name.
        last_name: a column with the family name.
        first_name: a column with the first name.
        email: a column with an address.
        number: the column whose number stands in the names of downloaded files, if any.
        roster_is: where on the platform the file comes from, for messages.
    """

    keys: tuple[str, ...]
    full_name: tuple[str, ...]
    last_name: tuple[str, ...]
    first_name: tuple[str, ...]
    email: tuple[str, ...]
    number: tuple[str, ...]
    roster_is: str


COLUMNS = {
    # Source: lib/gradebook_exporter.rb of Canvas. "SIS User ID" is left out for people who may not see it.
    Lms.CANVAS: Columns(
        keys=("SIS Login ID", "SIS User ID", "ID"),
        full_name=("Student",),
        last_name=("LastName",),
        first_name=("FirstName",),
        email=("Email",),
        number=("ID",),
        roster_is="the gradebook that Canvas exports as CSV (Grades, Export)",
    ),
    # Source: mod/assign/gradingtable.php of Moodle, for the worksheet; seen, for the list of participants.
    # Which of the identity columns a worksheet has, the site decides.
    Lms.MOODLE: Columns(
        keys=("Username", "ID number", "Email address"),
        full_name=("Full name",),
        last_name=("Last name", "Surname"),
        first_name=("First name",),
        email=("Email address",),
        number=("Identifier",),
        roster_is=(
            "the grading worksheet of the assignment, or the list of participants, as CSV, "
            "while Moodle shows itself in English"
        ),
    ),
    # Documentation: community.d2l.com, "Importing grades"; seen, for the sign # before both identifiers.
    Lms.BRIGHTSPACE: Columns(
        keys=("Username", "OrgDefinedId"),
        full_name=(),
        last_name=("Last Name",),
        first_name=("First Name",),
        email=("Email",),
        number=(),
        roster_is="the grades that Brightspace exports as CSV, with both keys and with names",
    ),
}
