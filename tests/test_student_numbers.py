"""Whatever number a student has (letters, leading zeros, 6 to 12 characters), each question has an answer."""

import random
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from informal_ict.assignments.hidden_tests import load_marking, read_marking
from informal_ict.assignments.source import read_assignment
from informal_ict.assignments.trial import student_files, student_folder
from informal_ict.paths import ASSIGNMENTS

FEWEST = 200
HOW_MANY = 5_000  # with --thorough


@pytest.fixture(scope="module")
def numbers(thorough: bool) -> list[str]:
    """Student numbers of every form, the same in each run."""
    chance = random.Random(6)
    alphabets = (string.digits, string.digits + string.ascii_uppercase, string.ascii_lowercase)
    made = ["000000", "000001", "999999999999", "ABCDEF", "zzzzzzzzzzzz"]
    while len(made) < (HOW_MANY if thorough else FEWEST):
        made.append("".join(chance.choices(chance.choice(alphabets), k=chance.randint(6, 12))))
    return made


@pytest.fixture
def marking(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """The hidden tests of one assignment, with its files beside them; files are read once."""
    folder = ASSIGNMENTS / request.param
    assignment = read_assignment(folder)
    with student_folder(
        assignment, {path.name: path for path in student_files(assignment, folder)}
    ) as beside:
        module = load_marking(read_marking(folder), beside)
        for name in ("read_data", "read_data_with_blanks", "read_case"):
            if hasattr(module, name):
                setattr(module, name, reading_once(getattr(module, name)))
        yield module


def reading_once(read: Callable[..., Any]) -> Callable[..., Any]:
    """The same reader, which reads the same columns of the same file once."""
    kept: dict[str, Any] = {}

    def read_or_remember(*arguments: Any) -> Any:
        if (asked := repr(arguments)) not in kept:
            kept[asked] = read(*arguments)
        return kept[asked]

    return read_or_remember


def of(slug: str) -> Callable[..., None]:
    return pytest.mark.parametrize("marking", [slug], indirect=True)


def test_numbers_are_of_every_form(numbers: list[str]) -> None:
    assert len(set(numbers)) == len(numbers) >= FEWEST
    assert {len(number) for number in numbers} == set(range(6, 13))
    assert sum(number.startswith("0") for number in numbers) >= 5
    assert sum(number.isalpha() for number in numbers) >= 5


@of("crosstabs")
def test_crosstabs(marking: ModuleType, numbers: list[str]) -> None:
    for number in numbers:
        rows = marking.sample(number)
        both = rows.dropna(subset=["setting", "ict_use"])
        assert both["setting"].nunique() == 9 and both["ict_use"].nunique() == 2, number
        ages = rows["age_group"].value_counts(dropna=False)
        assert ages["under 30"] > 0 and 0 < ages[float("nan")] < 600, number


@of("describe")
def test_describe(marking: ModuleType, numbers: list[str]) -> None:
    for number in numbers:
        assert marking.entries(number).min() > 0, number


@of("map-a-message")
def test_map_a_message(marking: ModuleType, numbers: list[str]) -> None:
    for number in numbers:
        drawn = marking.contacts(number)
        assert list(drawn) == list(range(1, 16)), number
        assert {marking.pair_of(contact) for contact in drawn.values()} == set(range(1, 16)), number


@of("boundaries")
def test_boundaries(marking: ModuleType, numbers: list[str]) -> None:
    for number in numbers:
        risks = marking.my_options(number)["risk"].str.startswith("Kai")
        assert 0 < risks.sum() < len(risks), number
        drawn = marking.my_standards(number)
        assert drawn["certainty"].nunique() == 3 and drawn["country"].nunique() == 3, number
        assert marking.sample(number)["friend_response"].count() > 0, number


@of("access")
def test_access(marking: ModuleType, numbers: list[str]) -> None:
    everyone = marking.everyone()[["country", "geography", "setting", "uses", "kind"]]
    for number in numbers:
        rows = marking.draw_half(everyone, number)
        counts = marking.counts_of(marking.in_rural_or_remote_places(rows))
        assert len(counts) == 9 and (counts < marking.LIMIT).sum() == 1, number
        strata = rows.groupby(["country", "kind"])["uses"].agg(["size", "sum"])
        assert len(strata) == 4 and (strata["sum"] < strata["size"]).all() and strata["sum"].min() > 0, number
        offices = marking.offices(number)
        rates = offices["answered"] / offices["texted"]
        assert rates.iloc[0] == pytest.approx(rates.iloc[1]), number
        assert (offices["texted"] < offices["on the list"]).all(), number


@of("policy")
def test_policy(marking: ModuleType, numbers: list[str]) -> None:
    for number in numbers:
        people = marking.crowds(number)[0]
        assert len(people) == marking.SAMPLE_SIZE, number
        bases = marking.bases_of(people)
        assert bases.min() >= marking.FEWEST_ANSWERS and (bases < marking.TOO_SMALL).any(), number
        shown = set(marking.sentences_of(number))
        assert len(shown) == 6 and len(shown & marking.CITABLE) == len(shown & marking.TO_REPAIR) == 2, number


def test_a_copied_notebook_draws_the_same_only_for_the_same_number(numbers: list[str]) -> None:
    tools = Path(ASSIGNMENTS, "marking_tools.py").read_text(encoding="utf-8")
    seed_of = load_marking(tools).seed_of
    seeds = {seed_of(number) for number in {number.upper() for number in numbers}}
    assert len(seeds) >= len({number.upper() for number in numbers}) - 3  # two of 2**32 may meet by chance
    assert seed_of(" a1 b2c3") == seed_of("A1B2C3")
    assert seed_of(1009876543) == seed_of("1009876543") != seed_of("01009876543")
    assert isinstance(pd.Series([seed_of(1)]).iloc[0].item(), int)
