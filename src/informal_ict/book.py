"""Build the book: downloads, then Jupyter Book with warnings as errors."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from informal_ict import downloads, paths
from informal_ict.errors import InputError
from informal_ict.executed_pages import execute_pages
from informal_ict.notebook_downloads import write_notebook_downloads
from informal_ict.publish.settings import load_publishing
from informal_ict.publish.site import complete_site
from informal_ict.questionnaire import load_questionnaire
from informal_ict.workshop_questionnaire import write_questionnaire

# What pages depend on without naming it: code cells run this code on this data.
BEHIND_PAGES = ("data", "src", "workshop/templates", "_config.yml", "requirements.txt", "package-lock.json")
PAGES = ("index.md", "chapters", "notebooks", "_toc.yml", "references.bib")
STAMP = paths.BUILD / "inputs.sha256"
EXECUTED = paths.BUILD / ".jupyter_cache"
HTML = paths.BUILD / "html"
DOCTREES = paths.BUILD / ".doctrees"


def build_book() -> Path:
    """Build the site into ``_build/html`` and return its first page.

    Nothing is done when nothing changed. A changed page is built again by itself; when data or code
    changed, all pages are executed and written again. After a build that stopped, all pages are read again.

    Raises:
        InputError: if the build fails or the first page is missing afterwards.
    """
    index = HTML / "index.html"
    # The site's address may come from the environment.
    behind, pages = _fingerprint(BEHIND_PAGES, str(load_publishing().address)), _fingerprint(PAGES)
    built = STAMP.read_text().split() if STAMP.exists() else []
    if built == [behind, pages] and index.exists():
        return index
    beside = _write_downloads
    if built[:1] != [behind]:
        for stale in (EXECUTED, HTML, DOCTREES):
            shutil.rmtree(stale, ignore_errors=True)
        beside = _write_all_downloads
    elif len(built) < 2:
        # Sphinx takes pages that it has read for done, and would not say their faults a second time.
        shutil.rmtree(DOCTREES, ignore_errors=True)
    execute_pages(EXECUTED, beside)
    STAMP.write_text(behind)
    command = [sys.executable, "-m", "informal_ict.jupyter_book_on_all_processors", "build"]
    options = ["--warningiserror", "--keep-going", "--quiet"]
    finished = subprocess.run([*command, str(paths.ROOT), *options])
    if finished.returncode or not index.exists():
        raise InputError("the book was not built; the messages above say why")
    complete_site(HTML)
    STAMP.write_text(f"{behind}\n{pages}\n")
    return index


def _write_downloads() -> None:
    write_notebook_downloads(paths.DOWNLOADS / "notebooks")


def _write_all_downloads() -> None:
    _write_downloads()
    questionnaire = load_questionnaire()
    survey = downloads.read_survey_with_codes(paths.SURVEY)
    downloads.write_sav(survey, questionnaire, paths.DOWNLOADS / "survey.sav")
    downloads.write_xlsx(survey, questionnaire, paths.DOWNLOADS / "survey.xlsx")
    write_questionnaire(paths.DOWNLOADS / "workshop")


def _fingerprint(names: tuple[str, ...], beside: str = "") -> str:
    digest = hashlib.sha256(beside.encode())
    for source in (paths.ROOT / name for name in names):
        files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
        for path in files:
            if "__pycache__" not in path.parts and ".egg-info" not in str(path):
                digest.update(str(path.relative_to(paths.ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
