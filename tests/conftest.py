"""What several test files share."""

import csv
import fcntl
import gc
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

from built_site import HTML
from informal_ict import paths
from informal_ict.bench.chromium import find_chromium
from informal_ict.publish.serve import served
from kept_executors import kept_executors

if TYPE_CHECKING:  # imported where they are used, since every process of pytest reads this file first
    import pandas as pd

    from informal_ict.questionnaire import Questionnaire


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots", action="store_true", help="also write pictures of every page to _build/screenshots"
    )
    parser.addoption(
        "--thorough",
        action="store_true",
        help="take all of what is much alike: student numbers, notebooks with mistakes, sidebars",
    )


# The longest first, so that no process is left with one of them at the end.
LONGEST = (
    *("test_book", "test_answers", "test_class_rehearsal", "test_answers_alone", "test_hostile"),
    *("test_grade_interrupted", "test_grade_equals_stock", "test_cases_played"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; pytest-xdist hands files out in this order."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking again and again at what is imported, which stays."""
    gc.freeze()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the site, built by the command that everyone uses; one process builds, others wait."""
    from informal_ict import book

    paths.BUILD.mkdir(exist_ok=True)
    with (paths.BUILD / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        book.build_book()
    with served(HTML) as address:
        yield address


@pytest.fixture(scope="session", autouse=True)
def executors() -> Iterator[None]:
    """Executors for every ``informal-ict grade`` that is run within the tests' own process."""
    with kept_executors():
        yield


@pytest.fixture(scope="session", autouse=True)
def version_of_the_gradebook() -> Iterator[None]:
    """Ask once which version a new gradebook has, for which nbgrader starts a process each time."""
    api = sys.modules.get("nbgrader.api")
    with pytest.MonkeyPatch.context() as patch:
        if api is not None:
            patch.setattr(api, "get_alembic_version", cache(api.get_alembic_version))
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--screenshots"))


@pytest.fixture(scope="session")
def thorough(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--thorough"))


@pytest.fixture(scope="session")
def questionnaire() -> "Questionnaire":
    from informal_ict.questionnaire import load_questionnaire

    return load_questionnaire()


@pytest.fixture(scope="session")
def survey() -> "pd.DataFrame":
    """The survey as a student reads it: both kinds of missing are NaN."""
    import pandas as pd

    return pd.read_csv(paths.SURVEY)


@pytest.fixture(scope="session")
def coded_survey() -> "pd.DataFrame":
    """The survey with its missing codes kept."""
    import pandas as pd

    return pd.read_csv(paths.SURVEY, keep_default_na=False, dtype=str)


@pytest.fixture(scope="session")
def rows() -> list[dict[str, str]]:
    """Every row of the survey as the csv module reads it, for results worked out without pandas."""
    with paths.SURVEY.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def data_copy(tmp_path: Path) -> Path:
    """A copy of data/ that a test may break."""
    return Path(shutil.copytree(paths.DATA, tmp_path / "data"))


@dataclass
class Result:
    """What a command left: its exit status and what it printed."""

    status: int
    out: str
    err: str


@pytest.fixture
def informal_ict(monkeypatch, capsys) -> Callable[..., Result]:
    """Run ``informal-ict`` in this process: the same door, without the seconds of a new interpreter."""
    from informal_ict.cli import main

    def run(*arguments: object) -> Result:
        monkeypatch.setattr("sys.argv", ["informal-ict", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        return Result(int(stopped.value.code or 0), printed.out, printed.err)

    return run
