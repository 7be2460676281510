"""What assignments repeat from the data of the repository, since they stand alone: it must not drift."""

import csv
import re

import pandas as pd
import pytest

from informal_ict.assignments.source import Assignment, read_assignment
from informal_ict.paths import ASSIGNMENTS, PUBLISHED
from informal_ict.vignettes.load import load_standards


def words(slug: str) -> str:
    return "\n".join(cell.source for cell in read_assignment(ASSIGNMENTS / slug).notebook.cells)


def published() -> dict[str, str]:
    return pd.read_csv(PUBLISHED, dtype=str).set_index("id")["value"].to_dict()


@pytest.mark.parametrize("variable", ["role", "geography"])
def test_crosstabs_repeats_two_published_tests(variable: str) -> None:
    rows = pd.read_csv(PUBLISHED).query("statistic == 'chi2' and country == 'United States'")
    row = rows.set_index("variable").loc[variable]
    text = words("crosstabs")
    test = f"χ²({int(row['df'])}, *N* = {int(row['n']):,}) = {float(row['value']):.3f}"
    assert f"{test}, *p* {row['p_reported']}" in text
    assert f"stats.chi2.sf({float(row['value']):.3f}, {int(row['df'])})" in text


@pytest.mark.parametrize("slug", ["describe", "crosstabs", "access"])
def test_the_sizes_of_the_two_samples(slug: str) -> None:
    assert "2,609" in words(slug) and "1,225" in words(slug)


def test_access_repeats_the_rates_of_use() -> None:
    figures = published()
    for key in ("use-ca", "use-us"):
        assert figures[key] in words("access")


def test_policy_s_table_of_standards_is_an_extract() -> None:
    standards = load_standards().standards
    with (ASSIGNMENTS / "policy" / "standards.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 20
    for row in rows:
        standard = standards[row["id"]]
        assert row["citation"] == standard.citation
        assert (row["country"], row["certainty"]) == (standard.country, standard.certainty)
        assert (row["paraphrase"], row["note"]) == (standard.paraphrase, standard.note)


def test_policy_s_sentences_are_what_the_key_says() -> None:
    """A citable or repairable sentence has a number that was printed; any other has none that was."""
    from informal_ict.assignments.hidden_tests import load_marking, read_marking

    marking = load_marking(read_marking(ASSIGNMENTS / "policy"))
    figures = {value.rstrip("%") for value in published().values()}
    with (ASSIGNMENTS / "policy" / "sentences.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    for row in rows:
        numbers = re.findall(r"\d+\.\d+", row["text"])
        assert numbers, row
        printed = all(number in figures for number in numbers)
        assert printed == (int(row["sentence"]) in marking.CITABLE | marking.TO_REPAIR), row


@pytest.mark.parametrize("slug", ["map-a-message", "describe", "crosstabs", "boundaries", "access", "policy"])
def test_it_says_that_the_data_are_not_real(slug: str) -> None:
    assignment: Assignment = read_assignment(ASSIGNMENTS / slug)
    first = "\n".join(cell.source for cell in assignment.notebook.cells[:3]).lower()
    assert any(word in first for word in ("simulated", "invented", "fictional"))
