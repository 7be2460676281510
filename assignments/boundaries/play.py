"""Play a boundary case in a notebook, read it without buttons, or look things up in it.

This file belongs to the notebook in the same folder. Each case has a file of its own, such as
friend-request.json: scenes with options, what follows from each option, and endings.
It needs pandas and IPython, and ipywidgets for the buttons. It stores nothing and sends nothing anywhere.
"""

import html
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display

STYLE = """<style>
.case { max-width: 46rem; font-size: 1rem; line-height: 1.6; color: var(--jp-content-font-color1, #1b2328);
  --edge: var(--jp-border-color0, #6f7f8b); --fill: var(--jp-layout-color2, #f3f6f8);
  --mark: var(--jp-content-link-color, #1f5f8b) }
.case .widget-html, .case .widget-html-content { width: 100%; height: auto; font-size: inherit;
  line-height: inherit; color: inherit; white-space: normal; overflow: visible }
.case p, .case ul { margin: 0 0 .75rem } .case h3 { margin: 1.5rem 0 .5rem; font-size: 1.25rem }
.case h4 { margin: 1rem 0 .25rem } .case summary { padding: .6rem 0; cursor: pointer }
.case .widget-vbox, .case .widget-html { margin: 0; overflow: visible }
.case button { width: auto; height: auto; min-height: 2.75rem; margin: 3px 3px .4rem; padding: .6rem .9rem;
  border: 1px solid var(--edge); border-radius: .5rem; background: transparent; font-size: inherit;
  line-height: 1.5; color: inherit; text-align: left; white-space: normal; cursor: pointer }
.case button.mod-info { border-color: var(--mark); background: var(--fill); color: inherit }
.case button:hover { border-color: var(--mark) }
.case button:focus-visible { outline: 3px solid var(--mark) !important; outline-offset: 1px }
.case .ict-consequence { padding: .1rem 1rem; border-left: .25rem solid var(--mark); background: var(--fill) }
.case .ict-thread { max-width: 26rem; margin: 1rem 0; padding: 1rem; border: 1px solid var(--edge);
  border-radius: 1rem; list-style: none }
.case .ict-message { margin: 0 0 .75rem } .case .ict-from-worker { text-align: right }
.case .ict-sender { display: block; font-size: .875rem }
.case .ict-bubble { display: inline-block; padding: .4rem .8rem; border: 1px solid var(--edge);
  border-radius: 1rem; background: var(--fill); text-align: left; overflow-wrap: anywhere }
.lookup { width: 100%; table-layout: auto !important; border-collapse: collapse; font-size: .9rem;
  line-height: 1.5 }
.lookup td, .lookup th { padding: .4rem .6rem .4rem 0 !important; text-align: left !important;
  vertical-align: top !important; white-space: normal !important }
.lookup td:first-child { font-weight: 600; white-space: nowrap !important }
@media (max-width: 40rem) { .lookup thead { display: none } .lookup tr, .lookup td { display: block }
  .lookup td:not(:first-child)::before { content: attr(data-column) ": "; font-style: italic }
  .lookup tr { padding: .5rem 0 } .lookup td { padding: 0 !important; max-width: none !important } }
.case code { font-size: 1rem; color: inherit; background: var(--fill) }
</style>"""


def play_case(name: str) -> None:
    """Show a case scene by scene. Any answer can be changed, and the rest follows."""
    case = read_case(name)
    try:
        import ipywidgets as widgets
    except ImportError:
        print("ipywidgets is not installed here, so the whole case follows at once.")
        print_case(name)
        return
    path_line = widgets.HTML()
    chosen: dict[str, int] = {}  # what was answered in a scene stays answered
    shown: dict[str, widgets.VBox] = {}

    def scene(key: str) -> widgets.VBox:
        if key not in shown:
            part = case["scenes"][key]
            buttons = [widgets.Button(description=line) for line in option_lines(part)]
            for place, button in enumerate(buttons):
                button.on_click(lambda _, place=place: choose(key, place))
            closing = "" if buttons else case["closing"]
            panel = widgets.HTML(opening(part) + closing)
            shown[key] = widgets.VBox([panel, widgets.VBox(buttons), widgets.VBox()])
        return shown[key]

    def choose(key: str, place: int) -> None:
        chosen[key] = place
        part = case["scenes"][key]
        _, options, after = shown[key].children
        for number, (button, line) in enumerate(zip(options.children, option_lines(part), strict=True)):
            button.description = f"✓ {line}" if number == place else line
            button.button_style = "info" if number == place else ""
        choice = part["choices"][place]
        after.children = [widgets.HTML(choice["follows"]), scene(choice["next"])]
        show_path()

    def show_path() -> None:
        key, letters = case["start"], []
        while key in chosen:
            choice = case["scenes"][key]["choices"][chosen[key]]
            letters.append(choice["letter"])
            key = choice["next"]
        ended = "So far." if case["scenes"][key]["choices"] else "You reached an ending."
        path_line.value = f'<p role="status">Your path: <code>{json.dumps(letters)}</code> {ended}</p>'

    def begin(_: object = None) -> None:
        box.children = [box.children[0], scene(case["start"]), path_line]

    box = widgets.VBox([widgets.HTML(STYLE + introduction(case))])
    box.add_class("case")
    if case["content_note"]:
        button = widgets.Button(description="Open the case")
        button.on_click(begin)
        box.children = [*box.children, button]
    else:
        begin()
    display(box)


def print_case(name: str) -> None:
    """Show a whole case at once, with every option folded: no buttons, for reading and for paper."""
    case = read_case(name)
    titles = {key: part["title"] for key, part in case["scenes"].items()}
    pages = [introduction(case)]
    for part in case["scenes"].values():
        pages.append(opening(part))
        for line, choice in zip(option_lines(part), part["choices"], strict=True):
            goes_on = f"<p>It goes on with: <em>{html.escape(titles[choice['next']])}</em></p>"
            pages.append(
                f"<details><summary>{html.escape(line)}</summary>{choice['follows']}{goes_on}</details>"
            )
    page = "\n".join([*pages, case["closing"]])
    whole = {"text/html": f'{STYLE}<div class="case">{page}</div>', "text/plain": as_text(page)}
    display(whole, raw=True)


def options_table(name: str) -> pd.DataFrame:
    """Every option of a case: its name, such as "feed B", what is chosen and who bears the risk."""
    rows = [
        {"option": f"{key} {choice['letter']}", "choice": choice["label"], "risk": choice["risk"]}
        for key, part in read_case(name)["scenes"].items()
        for choice in part["choices"]
    ]
    return pd.DataFrame(rows)


def show_table(table: "pd.DataFrame | pd.Series[str]") -> None:
    """Show a table of texts with every word; on a narrow screen the cells of a row stand below each other."""
    table = pd.DataFrame(table)  # one column of a table is a table too
    names = [html.escape(str(name)) for name in table.columns]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = [
        "".join(
            f'<td data-column="{name}">{html.escape(str(cell))}</td>'
            for name, cell in zip(names, row, strict=True)
        )
        for row in table.itertuples(index=False)
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    page = f'<table class="lookup"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    display({"text/html": STYLE + page, "text/plain": table.to_string(index=False)}, raw=True)


def read_case(name: str) -> dict[str, Any]:
    """Read the file of a case, which stands beside this one."""
    path = Path(__file__).with_name(f"{name}.json")
    if not path.exists():
        there = ", ".join(sorted(f'"{one.stem}"' for one in path.parent.glob("*.json")))
        raise FileNotFoundError(f'There is no case called "{name}" here. There are: {there}.')
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return case


def introduction(case: dict[str, Any]) -> str:
    """Title, a note on hard content if there is one, who and where, and under whose rules."""
    note = f"<p><strong>Before you open this case.</strong> {case['content_note']}</p>"
    rules = f"<details><summary>Whose rules? It plays in {case['place']}.</summary>{case['rules']}</details>"
    return (
        f"<h3>{html.escape(case['title'])}</h3>{note if case['content_note'] else ''}{case['setting']}{rules}"
    )


def opening(part: dict[str, Any]) -> str:
    """The text of a scene and its question; an ending asks nothing."""
    question = f"<p><strong>{html.escape(part['question'])}</strong></p>" if part["question"] else ""
    return f"{part['text']}{question}"


def option_lines(part: dict[str, Any]) -> list[str]:
    """The options of a scene with their letters."""
    return [f"{choice['letter']}. {choice['label']}" for choice in part["choices"]]


def as_text(page: str) -> str:
    """HTML as plain text, for a place that shows nothing else."""
    lines = re.sub(r"</?(p|h3|h4|li|ul|ol|details|summary|div)\b[^>]*>", "\n", page)
    text = html.unescape(re.sub(r"<[^>]+>", "", lines))
    return re.sub(r"\n\s*\n", "\n\n", text).strip()
