"""The player that students of the assignment on boundaries have beside their notebook, without a kernel."""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from ipywidgets import Button, VBox

from informal_ict.paths import ASSIGNMENTS
from informal_ict.vignettes.case_file import write_case_files

CASE = "friend-request"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The player and one case, as they lie beside the notebook."""
    folder = tmp_path_factory.mktemp("beside")
    player = ASSIGNMENTS / "boundaries" / "play.py"
    (folder / player.name).write_bytes(player.read_bytes())
    write_case_files([CASE], folder)
    return folder


@pytest.fixture
def player(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module; what it displays is listed in its ``shown``."""
    spec = importlib.util.spec_from_file_location("play", folder / "play.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shown: list[Any] = []
    monkeypatch.setattr(module, "display", lambda what, **_: shown.append(what))
    module.__dict__["shown"] = shown
    return module


def buttons(box: Any) -> Iterator[Button]:
    """Every button that is there now, from top to bottom."""
    for part in getattr(box, "children", ()):
        if isinstance(part, Button):
            yield part
        elif isinstance(part, VBox):
            yield from buttons(part)


def test_a_case_is_played_to_an_ending_and_an_answer_can_be_changed(player: ModuleType, folder: Path) -> None:
    scenes = json.loads((folder / f"{CASE}.json").read_text(encoding="utf-8"))["scenes"]
    player.play_case(CASE)
    (box,) = player.shown
    path_line = box.children[-1]
    key, letters, clicked = player.read_case(CASE)["start"], [], 0
    while scenes[key]["choices"]:
        list(buttons(box))[clicked].click()
        choice = scenes[key]["choices"][0]
        clicked += len(scenes[key]["choices"])
        letters.append(choice["letter"])
        key = choice["next"]
        ended = "So far" if scenes[key]["choices"] else "You reached an ending"
        assert json.dumps(letters) in path_line.value and ended in path_line.value
    assert len(list(buttons(box))) == clicked
    second = list(buttons(box))[1]
    second.click()
    assert second.description.startswith("✓ B.") and second.button_style == "info"
    assert re.search(r'<code>\["B"', path_line.value)
    assert len([one for one in list(buttons(box))[:4] if one.description.startswith("✓")]) == 1


def test_a_case_printed_has_every_option_and_ending(player: ModuleType, folder: Path) -> None:
    scenes = json.loads((folder / f"{CASE}.json").read_text(encoding="utf-8"))["scenes"]
    player.print_case(CASE)
    (whole,) = player.shown
    assert whole["text/html"].count("<details><summary>") == 1 + len(player.options_table(CASE))
    for scene in scenes.values():
        for choice in scene["choices"]:
            assert choice["label"] in whole["text/plain"]


@pytest.mark.parametrize(
    ("table", "name"),
    [
        (pd.DataFrame([[1, "<b>"]]), "1"),
        (pd.DataFrame({"a<": ["<b>"]}), "a&lt;"),
        (pd.Series(["<b>"], name="risk"), "risk"),
    ],
    ids=["numbers for names", "a sign in a name", "one column"],
)
def test_any_table_of_a_student_is_shown(player: ModuleType, table: Any, name: str) -> None:
    player.show_table(table)
    (shown,) = player.shown
    assert f'data-column="{name}">&lt;b&gt;</td>' in shown["text/html"]


def test_a_case_that_is_not_there_is_named(player: ModuleType) -> None:
    with pytest.raises(FileNotFoundError, match=f'no case called "frend" here. There are: "{CASE}"'):
        player.play_case("frend")
