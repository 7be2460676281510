"""Build the book: downloads, then Jupyter Book with warnings as errors."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from informal_ict import downloads, paths
from informal_ict.errors import InputError
from informal_ict.questionnaire import load_questionnaire

# What pages depend on without naming it: code cells run this code on this data.
INPUTS = (paths.DATA, paths.ROOT / "src", paths.ROOT / "_config.yml", paths.ROOT / "requirements.txt")
STAMP = paths.BUILD / "inputs.sha256"
EXECUTED = paths.BUILD / ".jupyter_cache"
HTML = paths.BUILD / "html"


def build_book() -> Path:
    """Build the site into ``_build/html`` and return its first page.

    Unchanged pages are left as they are. When data or code changed, all are executed and written again.

    Raises:
        InputError: if the build fails or a page is missing afterwards.
    """
    fingerprint = _fingerprint()
    if not STAMP.exists() or STAMP.read_text() != fingerprint:
        for stale in (EXECUTED, HTML, paths.BUILD / ".doctrees"):
            shutil.rmtree(stale, ignore_errors=True)
        _write_downloads()
    command = [
        sys.executable,
        "-c",
        "from jupyter_book.cli.main import main; main()",
        "build",
        str(paths.ROOT),
    ]
    finished = subprocess.run([*command, "--warningiserror", "--keep-going", "--quiet"])
    index = HTML / "index.html"
    if finished.returncode or not index.exists():
        raise InputError("the book was not built; the messages above say why")
    STAMP.write_text(fingerprint)
    return index


def _write_downloads() -> None:
    questionnaire = load_questionnaire()
    survey = downloads.read_survey_with_codes(paths.SURVEY)
    downloads.write_sav(survey, questionnaire, paths.DOWNLOADS / "survey.sav")
    downloads.write_xlsx(survey, questionnaire, paths.DOWNLOADS / "survey.xlsx")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for source in INPUTS:
        files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
        for path in files:
            if "__pycache__" not in path.parts and ".egg-info" not in str(path):
                digest.update(str(path.relative_to(paths.ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
