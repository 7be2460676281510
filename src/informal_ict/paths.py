"""Where the files of a checkout are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
PUBLISHED = DATA / "published.csv"
QUESTIONNAIRE = DATA / "questionnaire.yml"
ASSUMPTIONS = DATA / "assumptions.yml"
CURRICULUM = DATA / "curriculum.yml"
DECK_CITATIONS = DATA / "deck-citations.yml"
SURVEY = DATA / "survey.csv"
DATAPACKAGE = DATA / "datapackage.json"
VIGNETTES = DATA / "vignettes"
SELF_CHECKS = DATA / "self-checks"
EXPLORABLES = DATA / "explorables"
WORKSHEETS = DATA / "worksheets"
NOTEBOOKS = ROOT / "notebooks"
DIAGRAMS = ROOT / "chapters" / "figures"
ASSIGNMENTS = ROOT / "assignments"
CASE_PAGES = ROOT / "chapters" / "cases"
COURSE = ROOT / "course"
BUILD = ROOT / "_build"
DOWNLOADS = BUILD / "downloads"
