"""Every case in data/vignettes, and the messages that a writer of cases gets to see."""

import copy
import io
import json
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import textstat
import yaml
from ipywidgets.embed import dependency_state, embed_data
from jsonschema import Draft202012Validator
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from informal_ict.errors import InputError
from informal_ict.paths import ROOT, VIGNETTES
from informal_ict.questionnaire import load_questionnaire
from informal_ict.vignettes import graph, panels
from informal_ict.vignettes.evidence import caveats, findings
from informal_ict.vignettes.load import load_all, load_standards, load_vignette, published_numbers, slugs
from informal_ict.vignettes.model import Vignette
from informal_ict.vignettes.printed import names, plain, vignette_myst
from informal_ict.vignettes.widget import play

CASES = slugs()
GRADE_CAP = 9.0
STATE_CAP = 160_000  # bytes of widget state in the page, before gzip
DIGITS = re.compile(r"\d\s?%|χ|\bN\s?=|\bp\s?[<=]")


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Vignette:
    return load_vignette(request.param)


def prose(case: Vignette) -> list[str]:
    """Every text of the case that a student reads, except invented text messages."""
    texts = [case.summary, case.setting, case.rules.here, case.rules.elsewhere]
    texts += [*case.closing.reflection, *case.closing.supervision, case.closing.document]
    for node in case.nodes.values():
        texts += [node.text, node.question]
        for choice in node.choices:
            texts += [choice.label, choice.consequence, choice.reasoning, choice.risk]
    return [text for text in texts if text]


# ---- the cases


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json.loads((VIGNETTES / "vignette.schema.json").read_text()))


def test_there_are_cases() -> None:
    assert "friend-request" in CASES


def test_every_case_has_a_page_with_both_forms(case: Vignette) -> None:
    page = (ROOT / "chapters" / "cases" / f"{case.slug}.md").read_text(encoding="utf-8")
    assert f"{{vignette-play}} {case.slug}" in page
    assert f"{{vignette-print}} {case.slug}" in page
    assert f"(case-{case.slug})=" in page
    assert f"# {case.title}\n" in page
    assert "**Content note.**" in page


def test_there_are_fourteen_cases() -> None:
    cases = load_all()
    assert [case.number for case in cases] == list(range(1, 15))
    countries = {"Canada": 0, "United States": 0}
    for case in cases:
        countries["Canada" if "Canada" in case.rules.place else "United States"] += 1
    assert min(countries.values()) >= 5
    used = {framework for case in cases for framework in case.frameworks}
    assert len(used) == 3


def test_cases_with_risk_or_control_say_so_before_they_open() -> None:
    noted = {case.slug for case in load_all() if case.content_note}
    assert {"late-text", "two-searches", "shared-tablet", "chatbot"} <= noted


def test_every_scene_is_reached_and_every_way_through_ends(case: Vignette) -> None:
    assert graph.reachable(case.graph, case.start) == set(case.nodes)
    assert graph.path_count(case.graph, case.start) > 1
    for end in {path[-1] for path in graph.paths(case.graph, case.start)}:
        assert case.nodes[end].is_ending


def test_nothing_leads_back_to_the_start(case: Vignette) -> None:
    assert case.start not in {successor for successors in case.graph.values() for successor in successors}


def test_every_way_through_has_three_to_five_decisions(case: Vignette) -> None:
    fewest, most = graph.decisions(case.graph, case.start)
    assert 3 <= fewest <= most <= 5


def test_some_ways_merge(case: Vignette) -> None:
    leading = [{name for name in case.nodes if node in case.graph[name]} for node in case.nodes]
    assert any(len(names) > 1 for names in leading)


def test_more_than_one_ending_can_be_defended(case: Vignette) -> None:
    standings = [node.standing for node in case.nodes.values() if node.is_ending]
    assert standings.count("defensible") >= 2


def test_every_scene_offers_something_that_can_be_defended(case: Vignette) -> None:
    for name, node in case.nodes.items():
        if node.choices:
            assert "defensible" in {choice.standing for choice in node.choices}, name


def test_the_defensible_choice_is_not_always_in_the_same_place(case: Vignette) -> None:
    scenes = [node for node in case.nodes.values() if node.choices]
    for place in range(4):
        there = [len(n.choices) > place and n.choices[place].standing == "defensible" for n in scenes]
        assert not all(there), f"choice {place + 1} can be defended in every scene"


def test_no_choice_is_given_away_by_its_length(case: Vignette) -> None:
    for name, node in case.nodes.items():
        lengths = [len(choice.label) for choice in node.choices]
        if lengths:
            assert max(lengths) <= 2 * min(lengths), name
    longest = [max(n.choices, key=lambda c: len(c.label)).standing for n in case.nodes.values() if n.choices]
    assert set(longest) != {"defensible"}, "the longest choice can be defended in every scene"


def test_the_text_is_easy_to_read(case: Vignette) -> None:
    text = " ".join(" ".join(part.split()) for part in prose(case))
    assert textstat.flesch_kincaid_grade(text) <= GRADE_CAP


def test_no_single_text_is_hard_to_read(case: Vignette) -> None:
    for text in prose(case):
        if len(text) > 250:  # the formula is not meant for a line or two
            assert textstat.flesch_kincaid_grade(" ".join(text.split())) <= GRADE_CAP + 2, text


def test_no_published_number_is_typed(case: Vignette) -> None:
    for text in prose(case):
        assert not DIGITS.search(text), text


def test_both_countries_speak(case: Vignette) -> None:
    countries = {load_standards().standards[key].country for key in case.standards}
    assert countries >= {"Canada", "United States"}


def test_the_facilitator_fits_into_an_hour(case: Vignette) -> None:
    assert sum(step.minutes for step in case.facilitator.timing) <= 60


# ---- the printed form


@pytest.fixture
def printed(case: Vignette) -> str:
    numbers = published_numbers()
    rows = findings(case.data, numbers, load_questionnaire())
    return vignette_myst(case, load_standards(), rows, caveats(case.data, numbers))


def test_the_printed_form_holds_every_scene_and_choice(case: Vignette, printed: str) -> None:
    for name, title in names(case).items():
        assert f"(case-{case.slug}-{name})=\n# {title}: {plain(case.nodes[name].title)}" in printed
        for choice in case.nodes[name].choices:
            for text in (plain(choice.label), choice.consequence, choice.reasoning, choice.risk):
                assert text.strip() in printed
            assert f"<case-{case.slug}-{choice.next}>`" in printed
        for message in case.nodes[name].thread:
            assert plain(message.text) in printed


def test_the_printed_form_holds_numbers_only_as_roles(case: Vignette, printed: str) -> None:
    for key in case.data:
        assert f"{{stat}}`{key}`" in printed
        assert published_numbers()[key].display not in printed


def test_the_printed_form_leaves_out_the_facilitator_and_the_verdicts(case: Vignette, printed: str) -> None:
    for position in case.facilitator.positions:
        assert position.position not in printed
    assert "hard to defend" not in printed


def test_scenes_are_numbered_so_that_every_link_leads_on(case: Vignette) -> None:
    order = list(names(case))
    for name, successors in case.graph.items():
        if case.nodes[name].choices:
            assert all(order.index(successor) > order.index(name) for successor in successors)


def test_plain_text_is_never_taken_for_markup() -> None:
    assert plain("*a* [b](c)\n<d> {e}`f`") == r"\*a\* \[b\]\(c\) \<d\> \{e\}\`f\`"


CONF = """
from docutils import nodes
extensions = ["myst_parser", "sphinx_design", "informal_ict.sphinxext.vignette"]
myst_enable_extensions = ["colon_fence"]
def setup(app):
    app.add_role("stat", lambda name, raw, text, *rest, **options: ([nodes.inline(raw, text)], []))
"""


def build(folder: Path, pages: Mapping[str, str]) -> tuple[Sphinx, str]:
    """A book of a few pages, and what Sphinx warned of."""
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    for name, page in pages.items():
        (folder / f"{name}.md").write_text(page, encoding="utf-8")
    warnings = io.StringIO()
    out = str(folder / "out")
    with docutils_namespace():
        app = Sphinx(str(folder), str(folder), out, out, "html", status=None, warning=warnings)
        app.build()
    return app, warnings.getvalue()


def printed_page(case: Vignette) -> str:
    """A case on paper, with the label that content notes of other cases lead to, and a link to its start."""
    link = f"{{ref}}`back <case-{case.slug}-{case.start}>`"
    return (
        f"---\norphan: true\n---\n\n(case-{case.slug})=\n# Case\n\n"
        f"## On paper\n\n```{{vignette-print}} {case.slug}\n```\n\n## After\n\n{link}\n"
    )


@pytest.fixture(scope="module")
def all_on_paper(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sphinx, str]:
    """Every case on paper, each on a page of its own."""
    pages = {slug: printed_page(load_vignette(slug)) for slug in slugs()}
    return build(tmp_path_factory.mktemp("paper"), {"index": "# Cases\n"} | pages)


@pytest.fixture(scope="module")
def all_settings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sphinx, str]:
    """The setting of every case, each on a page of its own."""
    page = "---\norphan: true\n---\n\n# Case\n\n```{{vignette-setting}} {}\n```\n"
    pages = {slug: page.format(slug) for slug in slugs()}
    return build(tmp_path_factory.mktemp("settings"), {"index": "# Cases\n"} | pages)


def read_html(book: Sphinx, page: str) -> str:
    return Path(book.outdir, f"{page}.html").read_text(encoding="utf-8")


def test_the_directives_of_no_case_warn(
    all_on_paper: tuple[Sphinx, str], all_settings: tuple[Sphinx, str]
) -> None:
    assert (all_on_paper[1], all_settings[1]) == ("", "")


def test_the_directive_makes_sections_that_can_be_linked(
    case: Vignette, all_on_paper: tuple[Sphinx, str]
) -> None:
    app, _ = all_on_paper
    html = read_html(app, case.slug)
    headings = re.findall(r"<h(\d)>(.*?)<a", html)
    assert [level for level, _ in headings] == ["1", "2", *["3"] * (len(headings) - 3), "2"]
    assert [title.split(":")[0] for _, title in headings][2 : 2 + len(case.nodes)] == list(
        names(case).values()
    )
    assert html.count("<details") == sum(len(node.choices) for node in case.nodes.values())
    for name in case.nodes:
        assert f'id="case-{case.slug}-{name}"' in html
    dependencies = {Path(app.srcdir, name).resolve() for name in app.env.dependencies[case.slug]}
    assert VIGNETTES / f"{case.slug}.yml" in dependencies


def test_the_setting_stands_where_it_is_asked_for(case: Vignette, all_settings: tuple[Sphinx, str]) -> None:
    html = read_html(all_settings[0], case.slug)
    assert panels.inline(case.setting.splitlines()[0]) in html


def test_a_case_that_is_not_there_is_named_by_sphinx(tmp_path: Path) -> None:
    _, warnings = build(tmp_path, {"index": "# Case\n\n```{vignette-print} nowhere\n```\n"})
    assert "nowhere.yml: the file is not there" in warnings


# ---- the played form


@pytest.fixture
def state(case: Vignette) -> dict[str, Any]:
    played = play(case.slug)
    data = embed_data(views=[played], state=dependency_state([played]))
    models: dict[str, Any] = data["manager_state"]["state"]
    return models


def of_kind(state: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [model["state"] for model in state.values() if model["model_name"] == kind]


def test_a_scene_is_one_widget_however_many_choices_lead_to_it(case: Vignette, state: dict[str, Any]) -> None:
    scenes = [node for node in case.nodes.values() if node.choices]
    assert len(of_kind(state, "RadioButtonsModel")) == len(of_kind(state, "StackModel")) == len(scenes)
    texts = [html["value"] for html in of_kind(state, "HTMLModel")]
    assert len(texts) == len(set(texts))


def test_only_the_browser_is_needed(case: Vignette, state: dict[str, Any]) -> None:
    links = of_kind(state, "LinkModel")
    assert len(links) == len(of_kind(state, "StackModel"))
    for link in links:
        (source, trait), (target, selected) = link["source"], link["target"]
        assert (trait, selected) == ("index", "selected_index")
        control = state[source.removeprefix("IPY_MODEL_")]
        stack = state[target.removeprefix("IPY_MODEL_")]
        assert (control["model_name"], stack["model_name"]) == ("RadioButtonsModel", "StackModel")
        assert len(control["state"]["_options_labels"]) == len(stack["state"]["children"])
    assert {model["model_name"] for model in state.values()} <= {
        *("VBoxModel", "StackModel", "HTMLModel", "RadioButtonsModel", "LinkModel"),
        *("LayoutModel", "HTMLStyleModel", "DescriptionStyleModel"),
    }


def test_nothing_is_chosen_for_the_reader(state: dict[str, Any]) -> None:
    assert all(control.get("index") is None for control in of_kind(state, "RadioButtonsModel"))


def test_the_page_stays_light(state: dict[str, Any]) -> None:
    assert len(json.dumps(state).encode()) <= STATE_CAP


def test_the_played_form_shows_every_published_number_and_no_verdict(
    case: Vignette, state: dict[str, Any]
) -> None:
    texts = "".join(html["value"] for html in of_kind(state, "HTMLModel"))
    for key in case.data:
        assert published_numbers()[key].display in texts
    assert "hard to defend" not in texts


def test_html_in_a_case_is_shown_as_text() -> None:
    assert "<script>" not in panels.markdown("<script>alert(1)</script>")
    assert "<b>" not in panels.inline("<b>bold</b>")


# ---- what the writer of a case is told


@pytest.fixture
def content() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load((VIGNETTES / "friend-request.yml").read_text(encoding="utf-8"))
    return copy.deepcopy(raw)


def fault(folder: Path, content: dict[str, Any] | str) -> str:
    text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
    (folder / "broken.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_vignette("broken", folder=folder)
    return str(caught.value)


def test_a_case_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"broken\.yml: the file is not there"):
        load_vignette("broken", folder=tmp_path)


def test_a_missing_field(tmp_path: Path, content: dict[str, Any]) -> None:
    del content["nodes"]["request"]["choices"][1]["risk"]
    assert fault(tmp_path, content) == "broken.yml, node request, choice 2, risk: is missing"


def test_all_faults_at_once(tmp_path: Path, content: dict[str, Any]) -> None:
    del content["summary"]
    content["nodes"]["contact"]["choices"][0]["label"] = "x" * 300
    content["nodes"]["drift"]["colour"] = "red"
    lines = fault(tmp_path, content).splitlines()
    assert "broken.yml, summary: is missing" in lines
    assert any(line.startswith("broken.yml, node contact, choice 1, label: 300 characters") for line in lines)
    assert any(line.startswith("broken.yml, node drift, colour: there is no such field") for line in lines)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["request", "choices", 0, "next"], "nowhere", "choice 1, next: there is no node 'nowhere'"),
        (["feed", "choices", 2, "standards"], ["nasw-9.99"], "choice 3, standards: 'nasw-9.99' is not in"),
        (["feed", "choices", 2, "standing"], "right", "choice 3, standing: 'right' is none of"),
        (["request", "thread", 1, "from"], "Sam", "message 2, from: 'Sam' is not one of people"),
        (["drift", "standing"], None, "standing: None is none of"),
        (["request", "question"], 7, "question: should be text, and is 7"),
        (["request", "choices"], [], "choices: there are 0, and at least 2 are wanted"),
    ],
)
def test_a_fault_in_a_node_names_node_and_field(
    tmp_path: Path, content: dict[str, Any], path: list[Any], value: Any, message: str
) -> None:
    place = content["nodes"]
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    assert f"broken.yml, node {path[0]}, {message}" in fault(tmp_path, content)


def test_a_scene_without_its_question(tmp_path: Path, content: dict[str, Any]) -> None:
    del content["nodes"]["request"]["question"]
    expected = "broken.yml, node request, question: is missing, though choices is there"
    assert expected in fault(tmp_path, content)


def test_an_ending_without_its_standing(tmp_path: Path, content: dict[str, Any]) -> None:
    del content["nodes"]["drift"]["standing"]
    assert fault(tmp_path, content) == "broken.yml, node drift, standing: is missing"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("standards", "nasw-9.99", "standards: 'nasw-9.99' is not in data/standards.yml"),
        ("data", "no-such-number", "data: 'no-such-number' is not in data/published.csv"),
    ],
)
def test_an_unknown_reference(
    tmp_path: Path, content: dict[str, Any], field: str, value: str, message: str
) -> None:
    content[field].append(value)
    assert f"broken.yml, {message}" in fault(tmp_path, content).splitlines()


def test_a_standard_that_no_choice_cites(tmp_path: Path, content: dict[str, Any]) -> None:
    for choice in content["nodes"]["morning"]["choices"]:
        choice["standards"] = ["ocswssw-ii"]
    expected = "broken.yml, standards: 'ocswssw-v' is listed, but no choice cites it"
    assert expected in fault(tmp_path, content).splitlines()


def test_an_unknown_start(tmp_path: Path, content: dict[str, Any]) -> None:
    content["start"] = "nowhere"
    assert fault(tmp_path, content) == "broken.yml, start: there is no node 'nowhere'"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "One.\n\n```{raw} html\n```",
        ":::{note}\n:::",
        "{stat}`use-ca`",
        "<!-- -->",
    ],
)
def test_a_text_that_would_be_more_than_markdown_on_paper(
    tmp_path: Path, content: dict[str, Any], text: str
) -> None:
    content["nodes"][content["start"]]["text"] = text
    assert f"node {content['start']}, text: " in (said := fault(tmp_path, content))
    assert "would be taken for HTML, a directive or a role" in said


def test_text_messages_may_hold_anything(tmp_path: Path, content: dict[str, Any]) -> None:
    scene = next(node for node in content["nodes"].values() if "thread" in node)
    scene["thread"][0]["text"] = "<3 <b>you</b> ```"
    (tmp_path / "broken.yml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    load_vignette("broken", folder=tmp_path)


def test_a_circle(tmp_path: Path, content: dict[str, Any]) -> None:
    content["nodes"]["contact"]["choices"][0]["next"] = "morning"
    message = fault(tmp_path, content)
    assert re.search(r"broken\.yml, node (\w+), next: the scenes go round in a circle", message)
    assert "morning -> contact" in message


def test_a_scene_that_nothing_leads_to(tmp_path: Path, content: dict[str, Any]) -> None:
    content["nodes"]["lost"] = {"title": "Lost", "text": "Nobody comes here.", "standing": "debatable"}
    assert fault(tmp_path, content) == "broken.yml, node lost: no choice leads here from 'request'"


def test_a_node_written_twice(tmp_path: Path) -> None:
    text = (VIGNETTES / "friend-request.yml").read_text(encoding="utf-8")
    message = fault(tmp_path, text.replace("\n  drift:\n", "\n  noted:\n"))
    assert message.startswith("broken.yml: not valid YAML") and "'noted' is there twice" in message


def test_a_file_that_is_not_yaml(tmp_path: Path) -> None:
    assert fault(tmp_path, "title: [").startswith("broken.yml: not valid YAML")


@pytest.mark.parametrize("text", ["", "just words", "- a list"])
def test_a_file_of_another_shape(tmp_path: Path, text: str) -> None:
    assert fault(tmp_path, text).startswith("broken.yml: should be fields with values")


def test_a_fault_in_the_standards_names_the_standard(tmp_path: Path) -> None:
    path = tmp_path / "standards.yml"
    path.write_text(
        "standards:\n  x-1: {citation: X 1, country: France, certainty: seen, paraphrase: Be kind.}\n"
        "competencies: {1: Behave}\n"
    )
    with pytest.raises(InputError, match=r"^standards\.yml, standards, x-1, country: 'France' is none of"):
        load_standards(path)


# ---- the graph on its own


@pytest.mark.parametrize(
    ("old", "new"),
    [("country: Canada", "country: 2020-01-01"), ("\ncompetencies:", "\ncompetencies:\n  null: X")],
)
def test_standards_that_json_could_not_hold(tmp_path: Path, old: str, new: str) -> None:
    text = (ROOT / "data" / "standards.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "standards.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"^standards\.yml"):
        load_standards(tmp_path / "standards.yml")


def test_graph_on_a_small_case() -> None:
    small = {"a": ("b", "b", "c"), "b": ("c", "d"), "c": (), "d": ()}
    assert graph.in_order(small) == ["a", "b", "c", "d"]
    assert graph.endings(small) == ["c", "d"]
    assert len(list(graph.paths(small, "a"))) == graph.path_count(small, "a") == 5
    assert graph.decisions(small, "a") == (1, 2)
    assert graph.reachable(small, "b") == {"b", "c", "d"}
    assert graph.cycle(small) == []


def test_graph_refuses_a_circle() -> None:
    circle = {"a": ("b",), "b": ("c",), "c": ("a",)}
    loop = graph.cycle(circle)
    assert loop[0] == loop[-1] and all(after in circle[before] for before, after in pairwise(loop))
    for refuse in (graph.in_order, lambda g: graph.path_count(g, "a"), lambda g: graph.decisions(g, "a")):
        with pytest.raises(ValueError, match="circle"):
            refuse(circle)
    with pytest.raises(ValueError, match="circle"):
        graph.paths(circle, "a")
