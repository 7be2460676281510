"""What several test files share."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from informal_ict import paths
from informal_ict.questionnaire import Questionnaire, load_questionnaire


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots", action="store_true", help="also write pictures of every page to _build/screenshots"
    )


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--screenshots"))


@pytest.fixture(scope="session")
def questionnaire() -> Questionnaire:
    return load_questionnaire()


@pytest.fixture(scope="session")
def survey() -> pd.DataFrame:
    """The survey as a student reads it: both kinds of missing are NaN."""
    return pd.read_csv(paths.SURVEY)


@pytest.fixture(scope="session")
def coded_survey() -> pd.DataFrame:
    """The survey with its missing codes kept."""
    return pd.read_csv(paths.SURVEY, keep_default_na=False, dtype=str)


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
