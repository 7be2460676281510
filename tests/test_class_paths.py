"""The code of a path, and what an instructor makes of a class's codes."""

import pytest

from informal_ict.errors import InputError
from informal_ict.vignettes import class_paths
from informal_ict.vignettes.graph import endings, paths
from informal_ict.vignettes.load import load_vignette, slugs
from informal_ict.vignettes.path_codes import decode, encode, version

CASE = load_vignette("friend-request")


def ways(vignette):
    """Every way through, as its letters."""
    waiting = [(vignette.start, "")]
    while waiting:
        name, letters = waiting.pop()
        node = vignette.nodes[name]
        if node.is_ending:
            yield letters
        waiting += [(choice.next, letters + letter) for letter, choice in node.lettered]


@pytest.mark.parametrize("slug", slugs())
def test_every_way_through_a_case_has_a_code_that_leads_back_to_it(slug):
    vignette = load_vignette(slug)
    found = {decode(encode(vignette, letters), vignette) for letters in ways(vignette)}
    assert len(found) == sum(1 for _ in paths(vignette.graph, vignette.start))
    assert {path.ending for path in found} == set(endings(vignette.graph))


def test_a_code_holds_nothing_but_case_version_and_letters():
    assert encode(CASE, "CBBAC") == f"friend-request.{version(CASE)}.CBBAC"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("hello", "is not a code like"),
        ("CBBAC", "is not a code like"),
        (f"late-text.{version(CASE)}.CBBAC", "belongs to the case 'late-text'"),
        ("friend-request.000000.CBBAC", "made with another version"),
        (encode(CASE, "CB"), "stops before an ending"),
        (encode(CASE, "CBBACA"), "the case ends after 5 choices"),
        (encode(CASE, "CD"), "choice 2 is D, and the scene has 3"),
    ],
)
def test_a_code_that_cannot_be_used_is_refused_with_the_reason(code, said):
    with pytest.raises(InputError) as caught:
        decode(code, CASE)
    assert said in str(caught.value) and code in str(caught.value)


def test_a_case_whose_option_was_reworded_has_another_version():
    node = CASE.nodes[CASE.start]
    reworded = node.choices[0].model_copy(update={"label": "Something else."})
    changed = node.model_copy(update={"choices": (reworded, *node.choices[1:])})
    assert version(CASE.model_copy(update={"nodes": {**CASE.nodes, CASE.start: changed}})) != version(CASE)
    explained = node.choices[0].model_copy(update={"reasoning": "Because."})
    same = node.model_copy(update={"choices": (explained, *node.choices[1:])})
    assert version(CASE.model_copy(update={"nodes": {**CASE.nodes, CASE.start: same}})) == version(CASE)


def test_a_class_is_counted_decision_by_decision(tmp_path):
    file = tmp_path / "class.csv"
    codes = [encode(CASE, "CBBAC"), encode(CASE, "CBBAC"), encode(CASE, "DCAB"), "", "nonsense"]
    file.write_text("time,Code\n" + "".join(f"now,{code}\n" for code in codes), encoding="utf-8")
    found, refused = class_paths.class_paths(file, CASE)
    assert len(found) == 3
    assert refused == [f"row 6: 'nonsense' is not a code like {encode(CASE, 'ABC')}"]
    first, *_ = class_paths.splits(found, CASE)
    assert (first.people, first.counts) == (3, (0, 0, 2, 1))
    assert sum(class_paths.endings(found, CASE).values()) == 3
    assert "Only 3 met this decision" in class_paths.split_html(first)


def test_a_file_without_codes_is_refused(tmp_path):
    file = tmp_path / "class.csv"
    file.write_text("name,answer\nA,B\n", encoding="utf-8")
    with pytest.raises(InputError, match="has no column called 'code'; its columns are: name, answer"):
        class_paths.read_codes(file)


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path):
    file = tmp_path / "class.csv"
    file.write_text(f"code\n{encode(CASE, 'CBBAC')}\n\n\nnonsense\n", encoding="utf-8")
    _, refused = class_paths.class_paths(file, CASE)
    assert [reason.partition(":")[0] for reason in refused] == ["row 5"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no column called 'code'; its columns are: none"),
        ("code,Code\nA,B\n", "has more than one column called 'code'"),
        (f"code\n{'x' * 200_000}\n", "not valid CSV: field larger than field limit"),
    ],
)
def test_a_file_that_is_no_list_of_codes_is_refused(tmp_path, text, said):
    file = tmp_path / "class.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"^class\.csv: ") as caught:
        class_paths.read_codes(file)
    assert said in str(caught.value)


def test_an_invented_class_is_the_same_each_time():
    assert class_paths.invented_class(CASE, 24, 7) == class_paths.invented_class(CASE, 24, 7)
    assert all(decode(code, CASE) for code in class_paths.invented_class(CASE, 24, 7))
