"""The notebook "Accept or drift": its simulation against one written again in plain Python; its widget."""

import base64
import math
import re
from xml.etree import ElementTree

import ipywidgets as widgets
import numpy as np
import pytest

from notebook_cells import NOTEBOOKS, code_cells, run_cells

SLUG = "accept-or-drift"
SOURCE = (NOTEBOOKS / f"{SLUG}.md").read_text(encoding="utf-8")
FORBIDDEN = re.compile(r"\binteract\b|observe\(|on_click\(|Output\(|jsdlink")
PAIRS, YEARS, WEEKS, BEFORE = 40, 20, 52, 13

# Written down a second time, from the words of the page.
SWITCHES = {
    "no policy": set(),
    "ban on paper": {"rule"},
    "ban that is checked": {"rule", "checked"},
    "easier portal": {"easier"},
    "easier portal and norm": {"easier", "norm"},
    "staff turnover": {"leaving"},
}
OURS = {
    **{"habit counts": 0.3, "habit learns": 0.2, "colleagues count": 0.1, "norm adds": 0.2},
    **{"rule counts": 0.25, "rule remembered": 0.85, "portal gains": 0.5, "client begins": 0.5},
    **{"worker leaves": 0.03, "steepness": 10},
}
FOUR = {"portal gains": 0.25, "client begins": 0.2, "rule remembered": 0.98, "rule counts": 0.4}


@pytest.fixture(scope="module")
def names():
    return run_cells(SLUG)


def leads():
    """How far the phone is ahead: of each worker, of each client."""
    spread = np.random.default_rng(1989).uniform(-0.15, 0.15, size=(2, PAIRS, 4))
    middle = [[0.70, 0.35, 0.60, 0.75], [0.55, 0.30, 0.55, 0.80]]
    found = []
    for side in (0, 1):
        beliefs = [[middle[side][k] + spread[side][pair][k] for k in range(4)] for pair in range(PAIRS)]
        found.append([0.6 * (b[2] - b[0]) + 0.4 * (b[3] - b[1]) for b in beliefs])
    return found


def replay(switches, assumed, seed=0):
    """Percent on the phone, as a list of weeks that are lists of years; one pair at a time."""
    worker_lead, client_lead = leads()
    luck = np.random.default_rng(seed)
    habit = [[0.0] * YEARS for _ in range(PAIRS)]
    team = [0.0] * YEARS
    percent = []
    for week in range(1, WEEKS + 1):
        on = switches if week > BEFORE else set()
        leaves, begins, coin = (luck.random((PAIRS, YEARS)) for _ in range(3))
        force = 0.0
        if "rule" in on:
            kept = 1.0 if "checked" in on else assumed["rule remembered"]
            force = assumed["rule counts"] * kept ** (week - BEFORE - 1)
        norm = assumed["colleagues count"] + (assumed["norm adds"] if "norm" in on else 0)
        gain = 0.4 * assumed["portal gains"] if "easier" in on else 0
        phones = [0] * YEARS
        for pair in range(PAIRS):
            for year in range(YEARS):
                if "leaving" in on and leaves[pair][year] < assumed["worker leaves"]:
                    habit[pair][year] = 0.0
                old = habit[pair][year]
                pull = assumed["habit counts"] * (old - 0.5) - gain
                by_client = begins[pair][year] < assumed["client begins"]
                if by_client:
                    pull += client_lead[pair]
                else:
                    pull += worker_lead[pair] + norm * (team[year] - 0.5) - force
                chance = 1 / (1 + math.exp(-assumed["steepness"] * pull))
                phone = coin[pair][year] < chance and not (by_client and old == 0)
                phones[year] += phone
                learns = assumed["habit learns"]
                habit[pair][year] = (1 - learns) * old + learns * phone
        team = [count / PAIRS for count in phones]
        percent.append([100 * share for share in team])
    return percent


def stretch(percent, first, last):
    """The mean of some weeks, for each year."""
    return np.array(percent)[first - 1 : last].mean(axis=0)


def end(switches, assumed, seed=0):
    return stretch(replay(switches, assumed, seed), 49, 52).mean()


@pytest.fixture(scope="module")
def again():
    return {name: replay(on, OURS) for name, on in SWITCHES.items()}


def test_it_is_quick_and_needs_nothing_of_the_book(names):
    assert names["seconds"] < 20
    assert "informal_ict" not in "".join(code_cells(SLUG))


def test_cells_are_short():
    lengths = [len([line for line in cell.splitlines() if line.strip()]) for cell in code_cells(SLUG)]
    assert max(lengths) <= 12
    assert sum(length > 9 for length in lengths) <= 5


def test_the_switches_and_sizes_are_those_of_the_page(names):
    table = names["policies"]
    assert {name: {c for c in table.columns if table.loc[name, c]} for name in table.index} == SWITCHES
    assert names["ours"].to_dict() == OURS


def test_leads_are_weighted_differences_of_beliefs(names):
    workers, clients = leads()
    assert names["worker_lead"].to_numpy() == pytest.approx(workers)
    assert names["client_lead"].to_numpy() == pytest.approx(clients)
    # "The phone is ahead for both, and for clients more so."
    assert 0 < np.mean(workers) < np.mean(clients)
    for side in ("workers", "clients"):
        assert names[side].shape == (PAIRS, 4)
        assert names[side].to_numpy().min() > 0 and names[side].to_numpy().max() < 1


def test_beliefs_stay_on_their_scale_when_the_portal_gets_easier(names):
    for side in ("workers", "clients"):
        assert (names[side]["portal easy"] + OURS["portal gains"]).max() <= 1


def test_week_one_by_hand(names):
    workers, _ = leads()
    luck = np.random.default_rng(0)
    begins, throws = luck.random(PAIRS), luck.random(PAIRS)
    chances = [1 / (1 + math.exp(-10 * (lead - 0.2))) for lead in workers]
    expected = [throws[k] < chances[k] and begins[k] >= 0.5 for k in range(PAIRS)]
    # Later weeks live inside recipes, so this name is still the first week's.
    assert names["on_phone"].tolist() == expected
    assert 0 < sum(expected) < PAIRS / 4


@pytest.mark.parametrize("name", SWITCHES)
def test_a_policy_plays_out_as_in_plain_python(names, again, name):
    assert names["results"][name].to_numpy() == pytest.approx(np.array(again[name]))


@pytest.mark.parametrize("name", SWITCHES)
def test_the_tables_sum_up_the_years(names, again, name):
    table = names["tables"][name]
    for (first, last), row in zip([(10, 13), (14, 17), (49, 52)], table.to_numpy(), strict=True):
        years = stretch(again[name], first, last)
        assert row.tolist() == [round(years.mean()), round(years.min()), round(years.max())]


def test_until_week_14_all_policies_are_alike(names):
    first = names["results"]["no policy"].loc[:BEFORE]
    for years in names["results"].values():
        assert years.loc[:BEFORE].equals(first)
        assert years.shape == (WEEKS, YEARS)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_what_the_page_says_of_the_policies_holds_with_other_dice(seed):
    played = {name: replay(on, OURS, seed) for name, on in SWITCHES.items()}
    ends = {name: stretch(percent, 49, 52).mean() for name, percent in played.items()}
    weeks = {name: np.array(percent).mean(axis=1) for name, percent in played.items()}
    # The ban on paper lowers the phone at once, and nothing is left of it.
    assert weeks["ban on paper"][BEFORE] < weeks["no policy"][BEFORE] - 10
    assert abs(ends["ban on paper"] - ends["no policy"]) < 4
    # The checked one stops half-way, the easier portal goes further, with a norm later further still.
    assert 40 < ends["ban that is checked"] < 60
    assert ends["easier portal and norm"] < ends["easier portal"] < ends["ban that is checked"] - 15
    assert weeks["easier portal and norm"][BEFORE] > weeks["easier portal"][BEFORE]
    # Turnover slows the drift.
    assert ends["ban that is checked"] < ends["staff turnover"] < ends["no policy"] - 5


def test_the_worlds_are_ours_but_for_what_is_said(names):
    worlds = names["worlds"]
    assert worlds["ours"].to_dict() == OURS
    assert worlds["all four"].to_dict() == OURS | FOUR
    for world, changed in zip(worlds.columns[1:5], FOUR, strict=True):
        assert worlds[world].to_dict() == OURS | {changed: FOUR[changed]}


def test_in_another_world_the_ban_wins(names):
    ends = names["ends"]
    for world in names["names"]:
        for name in ends.columns:
            expected = end(SWITCHES[name], names["worlds"][world].to_dict())
            assert ends.loc[world, name] == pytest.approx(expected)
    assert ends.loc["small gain", "ban that is checked"] < ends.loc["small gain", "easier portal"] - 10
    gap = ends.loc["clients wait", "ban that is checked"] - ends.loc["clients wait", "easier portal"]
    assert abs(gap) < 8
    assert ends.loc["all four", "ban on paper"] < ends.loc["all four", "easier portal"] - 20


@pytest.mark.parametrize("seed", [1, 2])
def test_the_other_world_needs_no_lucky_dice(seed):
    other = OURS | FOUR
    assert end({"rule"}, other, seed) < end({"easier"}, other, seed) - 20
    ban = np.array(replay({"rule"}, other, seed)).mean(axis=1)
    assert ban[-4:].mean() > ban[20:30].mean() + 5  # it is still wearing off


def test_solutions(names, again):
    no_policy = stretch(again["no policy"], 49, 52).mean()
    alone = names["play"](names["norm_alone"], names["ours"])
    assert alone.to_numpy() == pytest.approx(np.array(replay({"norm"}, OURS)))
    assert no_policy < alone.loc[49:52].mean().mean() < no_policy + 8
    together = names["play"](names["both"], names["ours"]).loc[49:52].mean().mean()
    assert together == pytest.approx(end({"rule", "checked", "easier"}, OURS))
    assert together < end({"easier"}, OURS) - 5
    checked = end({"rule", "checked"}, OURS)
    levels = [end({"easier"}, OURS | {"portal gains": gain}) for gain in (0.1, 0.2, 0.3, 0.4, 0.5)]
    assert levels == sorted(levels, reverse=True)
    assert levels[2] > checked > levels[3]


def test_the_widget_needs_only_the_browser(names):
    assert not FORBIDDEN.search(SOURCE)
    choice, shown, link = names["choice"], names["shown"], names["link"]
    assert isinstance(choice, widgets.ToggleButtons) and isinstance(shown, widgets.Stack)
    assert (choice.index, shown.selected_index) == (0, 0)
    assert list(choice.options) == list(SWITCHES) and len(shown.children) == len(SWITCHES)
    assert type(link).__name__ == "Link"
    assert (link.source, link.target) == ((choice, "index"), (shown, "selected_index"))
    assert names["box"].children == (choice, shown)
    # What the style and the script of the book look for.
    assert "ict-choice" in choice._dom_classes and "ict-panels" in shown._dom_classes
    assert {"ict-box", "ict-explorable"} <= set(names["box"]._dom_classes)


def test_each_panel_has_a_picture_its_words_and_its_table(names):
    drawn = set()
    for name, panel in zip(SWITCHES, names["shown"].children, strict=True):
        image = re.search(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)">', panel.value)
        svg = base64.b64decode(image[1])
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        drawn.add(svg)
        numbers = [str(number) for number in names["tables"][name]["mean"]]
        assert name in image[2] and image[2].startswith("Simulated")
        assert re.findall(r"(\d+)(?: percent)? (?:on the phone )?in weeks", image[2]) == numbers
        cells = re.findall(r"<td>(\d+)</td>", panel.value)
        assert cells == [str(number) for number in names["tables"][name].to_numpy().ravel()]
        assert "simulated" in panel.value
    assert len(drawn) == len(SWITCHES)
    assert sum(len(panel.value) for panel in names["shown"].children) < 200_000


def test_a_picture_comes_out_the_same_each_time(names):
    assert names["picture"]("easier portal") == names["picture"]("easier portal")


def test_every_assumption_stands_in_the_table_with_what_speaks_against_it():
    section = SOURCE[SOURCE.index("## What we assumed") : SOURCE.index("## A world in which")]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    assert all(len(row) == 2 and row[0].strip() and row[1].strip() for row in rows)
    assumed = "".join(row[0] for row in rows)
    assert [name for name in OURS if f"`{name}`" not in assumed] == []


def test_the_page_says_that_it_is_simulated_and_no_finding():
    opening = SOURCE[: SOURCE.index("## ")]
    for words in ("simulated", "None of them is a finding", "calibrated to nothing"):
        assert words in opening
    assert len(re.findall(r"Simulated: ", SOURCE)) >= 3
