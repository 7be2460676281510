"""The notebook on coding: its measures by hand from the file, and what its text says of them."""

import csv
import re
from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from informal_ict.paths import ROOT
from notebook_cells import code_cells, run_cells

SLUG = "coding-talk"
THEMES = {"client-driven practice", "Pandora's box", "ethical grey zone", "permeable boundaries"}
NOT_READ = "not read"


@pytest.fixture(scope="module")
def names():
    return run_cells(SLUG)


@pytest.fixture(scope="module")
def rows():
    with (ROOT / "data" / "coding-talk.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes_of(rows, coder):
    return [row[f"coder_{coder}"] or "no theme" for row in rows]


def agreement_and_kappa(first, second):
    """Cohen's definition, from two lists."""
    n = len(first)
    observed = sum(x == y for x, y in zip(first, second, strict=True)) / n
    one, two = Counter(first), Counter(second)
    chance = sum(one[code] * two[code] for code in one) / n**2
    return observed, chance, (observed - chance) / (1 - chance)


def nominal_alpha(*lists):
    """Krippendorff's definition: pairs within each excerpt, and pairs of all codes put together."""
    pairs = Counter()
    for given in zip(*lists, strict=True):
        codes = [code for code in given if code is not None]
        for x, y in permutations(codes, 2):
            pairs[x, y] += 1 / (len(codes) - 1)
    totals = Counter()
    for (x, _), count in pairs.items():
        totals[x] += count
    n = sum(totals.values())
    differ = sum(count for (x, y), count in pairs.items() if x != y) / n
    by_chance = sum(totals[x] * totals[y] for x, y in permutations(totals, 2)) / (n * (n - 1))
    return 1 - differ / by_chance


def test_it_is_quick(names):
    assert names["seconds"] < 20


def test_the_file_is_what_the_page_says(rows):
    assert [row["id"] for row in rows] == [f"E{number:02}" for number in range(1, 31)]
    assert len({row["excerpt"] for row in rows}) == 30
    for row in rows:
        assert 1 <= len(re.findall(r"[.?!](?=\s|$)", row["excerpt"])) <= 3, row["excerpt"]
        assert {row["coder_a"], row["coder_b"]} <= THEMES | {""}
        assert row["coder_c"] in THEMES | {"", NOT_READ}
    assert sum(row["coder_c"] != NOT_READ for row in rows) == 18
    assert {row["coder_a"] for row in rows} == {row["coder_b"] for row in rows} == THEMES | {""}


def test_two_coders(names, rows):
    a, b = codes_of(rows, "a"), codes_of(rows, "b")
    observed, chance, kappa = agreement_and_kappa(a, b)
    assert names["agreement"] == pytest.approx(observed) == pytest.approx(2 / 3)
    assert names["chance"] == pytest.approx(chance)
    assert np.mean(names["by_chance"]) == pytest.approx(chance, abs=0.01)
    assert names["kappa"].kappa == pytest.approx(kappa)
    assert names["kappa"].kappa_upp - names["kappa"].kappa_low > 0.4
    pairs = Counter(zip(a, b, strict=True))
    table = names["table"]
    assert list(table.index) == list(table.columns)
    assert {(x, y): table.loc[x, y] for x in table.index for y in table.columns} == {
        (x, y): pairs[x, y] for x in table.index for y in table.columns
    }
    assert sum(x == y for x, y in zip(a[:6], b[:6], strict=True)) == 4


def test_the_split_by_code(names, rows):
    pairs = list(zip(codes_of(rows, "a"), codes_of(rows, "b"), strict=True))
    for code, shown in names["split"].iterrows():
        assert list(shown) == [
            sum(x == y == code for x, y in pairs),
            sum(x == code != y for x, y in pairs),
            sum(y == code != x for x, y in pairs),
        ]
    assert len(names["split"]) == 5
    alone = names["split"]["coder B alone"]
    assert alone.idxmax() == "permeable boundaries"
    assert alone["permeable boundaries"] > names["split"].loc["permeable boundaries", "both"]
    assert alone["ethical grey zone"] == 0
    assert len({x for x, y in pairs if y == "permeable boundaries" != x}) == 3


def test_alpha_with_gaps(names, rows):
    a, b = codes_of(rows, "a"), codes_of(rows, "b")
    c = [None if code == NOT_READ else code for code in codes_of(rows, "c")]
    assert names["alpha"] == pytest.approx(nominal_alpha(a, b, c))
    assert names["alpha_two"] == pytest.approx(nominal_alpha(a, b))
    assert names["alpha_two"] == pytest.approx(names["kappa"].kappa, abs=0.01)
    assert 0 < names["alpha"] - names["alpha_two"] < 0.05
    assert names["alpha_four"] == names["alpha"]


def test_the_lopsided_table(names):
    def kappa(table):
        counts = table.to_numpy()
        first = [code for code in (0, 1) for _ in range(counts[code].sum())]
        second = [code for row in counts for code in (0, 1) for _ in range(row[code])]
        return agreement_and_kappa(first, second)

    common, rare, one_met = (kappa(names[name]) for name in ("common", "rare", "one_met"))
    assert common[0] == rare[0]
    assert common[2] == pytest.approx(11 / 15)
    assert rare[2] < 0
    assert 0.4 < one_met[2] < 0.5
    for name, expected in (("common", common), ("rare", rare), ("one_met", one_met)):
        assert names[name].to_numpy().sum() == 30
        assert names["cohens_kappa"](names[name]).kappa == pytest.approx(expected[2])


def test_excerpts_are_as_discussed(rows):
    by_id = {row["id"]: row for row in rows}
    read = {name: tuple(by_id[name][f"coder_{coder}"] for coder in "abc") for name in by_id}
    assert read["E03"] == read["E28"] == ("client-driven practice", "permeable boundaries", "")
    assert read["E10"] == ("ethical grey zone", "permeable boundaries", "ethical grey zone")
    assert read["E17"] == ("client-driven practice", "client-driven practice", "Pandora's box")
    assert read["E25"][:2] == read["E03"][:2]


def test_solutions(names, rows):
    a, b, c = (codes_of(rows, coder) for coder in "abc")
    read = [place for place, code in enumerate(c) if code != NOT_READ]
    observed, _, kappa = agreement_and_kappa([a[place] for place in read], [c[place] for place in read])
    assert names["agreement_ac"] == pytest.approx(observed) == pytest.approx(5 / 6)
    ac = names["cohens_kappa"](names["table_ac"])
    assert list(names["table_ac"].index) == list(names["table_ac"].columns)
    assert ac.kappa == pytest.approx(kappa)
    assert ac.kappa > names["kappa"].kappa > ac.kappa_low
    assert names["kappa"].kappa_upp > ac.kappa

    def contact(given):
        joined = ("client-driven practice", "permeable boundaries")
        return ["contact" if code in joined else code for code in given]

    observed, _, kappa = agreement_and_kappa(contact(a), contact(b))
    assert observed > names["agreement"]
    assert names["joined_kappa"] == pytest.approx(kappa)
    assert kappa > names["kappa"].kappa
    for place in (2, 24):
        a[place] = b[place] = "permeable boundaries"
    observed, _, kappa = agreement_and_kappa(a, b)
    assert (names["after_a"] == names["after_b"]).mean() == pytest.approx(observed)
    assert names["after_kappa"] == pytest.approx(kappa)


def test_a_students_own_letters(rows, monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    names = {"display": lambda *shown: None}
    for cell in code_cells(SLUG):
        exec(cell.replace('"?", ' * 5 + '"?"', '"C", "G", "N", "B", "?", "P"'), names)
    names["plt"].close("all")
    mine = ["client-driven practice", "ethical grey zone", "no theme", "permeable boundaries", None]
    mine += ["Pandora's box"] + [None] * 24
    c = [None if code == NOT_READ else code for code in codes_of(rows, "c")]
    expected = nominal_alpha(codes_of(rows, "a"), codes_of(rows, "b"), c, mine)
    assert names["alpha_four"] == pytest.approx(expected) != names["alpha"]


def test_traps_are_as_the_page_says(names):
    pd, kappa = names["pd"], names["cohens_kappa"]
    with pytest.raises(ValueError, match="broadcast"):
        kappa(pd.DataFrame([[5, 1, 1], [1, 5, 1]]))
    wrong = pd.DataFrame([[5, 1], [1, 5]], index=["x", "y"], columns=["x", "z"])
    assert kappa(wrong).kappa > 0
    amounts = names["krippendorff"].alpha(names["three"])
    assert 0.001 < abs(amounts - names["alpha"]) < 0.02
