"""Pages that have moved: a page at the old address that leads to the new one."""

from collections.abc import Mapping
from html import escape
from os.path import relpath
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from informal_ict.errors import InputError
from informal_ict.files import write_atomically
from informal_ict.paths import DATA
from informal_ict.publish.security import PAGE_POLICY
from informal_ict.reading import first_problem, read_yaml

REDIRECTS = DATA / "redirects.yml"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta http-equiv="refresh" content="0; url={there}">
<meta name="robots" content="noindex">
<link rel="canonical" href="{there}">
<title>This page has moved</title>
</head>
<body><main><h1>This page has moved</h1><p><a href="{there}">It is here now.</a></p></main></body>
</html>
"""


def load_redirects(path: Path = REDIRECTS) -> dict[str, str]:
    """Old page to new page, both as 'chapters/data'; the new one may end in '#section'.

    Raises:
        InputError: if the file is not such a list.
    """
    try:
        return TypeAdapter(dict[str, str]).validate_python(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path.name}: {first_problem(error)}") from None


def write_redirects(redirects: Mapping[str, str], site: Path) -> list[Path]:
    """Write a page for each old address.

    Raises:
        InputError: if an old page is still there, or a new one, or its section, is not.
    """
    written = []
    for old, new in redirects.items():
        page, _, section = new.partition("#")
        target, there = site / f"{old}.html", site / f"{page}.html"
        if target.is_file() and "This page has moved" not in target.read_text(encoding="utf-8"):
            raise InputError(
                f"redirects.yml: {old}: is still a page of the book, so it cannot lead elsewhere"
            )
        if page in redirects or not there.is_file():
            raise InputError(f"redirects.yml: {old}: leads to {page}, which is not a page of the book")
        if section and f'id="{section}"' not in there.read_text(encoding="utf-8"):
            raise InputError(f"redirects.yml: {old}: {page} has no section #{section}")
        way = Path(relpath(there, target.parent)).as_posix() + (f"#{section}" if section else "")
        write_atomically(target, PAGE.format(policy=PAGE_POLICY, there=escape(way)).encode())
        written.append(target)
    return written
