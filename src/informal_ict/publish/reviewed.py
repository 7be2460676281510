"""The day on which each page was last read through and checked: ``data/reviewed.yml``."""

from datetime import date
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from informal_ict import contents
from informal_ict.errors import InputError
from informal_ict.paths import DATA
from informal_ict.reading import first_problem, read_yaml

REVIEWED = DATA / "reviewed.yml"


def load_reviewed(path: Path = REVIEWED) -> dict[str, date]:
    """The day of every page of the contents, in their order.

    Raises:
        InputError: if a page has no day, a day has no page, or a day is not a date.
    """
    try:
        days = TypeAdapter(dict[str, date]).validate_python(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None
    pages = contents.pages()
    for page in pages:
        if page not in days:
            raise InputError(f"{path.name}: {page}: no day; write the day on which it was last read through")
    for page in days:
        if page not in pages:
            raise InputError(f"{path.name}: {page}: not in _toc.yml")
    return {page: days[page] for page in pages}
