"""The notebooks as downloads: plain text, everything inside that they read, and a clear word where not."""

import re
import zipfile
from io import BytesIO

import nbformat
import pytest
from pybtex.database import parse_file

from informal_ict import paths
from informal_ict.errors import InputError
from informal_ict.notebook_downloads import analysis_notebooks, plain_text, zipped
from informal_ict.published import load_published
from notebook_cells import unpacked

NUMBERS = load_published()
WORKS = parse_file(str(paths.ROOT / "references.bib"))
SLUGS = [path.stem for path in analysis_notebooks()]


def plain(text):
    return plain_text(text, "x.md", NUMBERS, WORKS)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_download_is_a_plain_notebook_with_all_that_it_reads(slug, tmp_path):
    notebook = unpacked(slug, tmp_path)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        if cell.cell_type == "markdown":
            assert not re.search(r"\{[\w:-]+\}`|^`{3,}\{|^\([\w-]+\)=", cell.source, re.MULTILINE), (
                cell.source
            )
        else:
            for name in re.findall(r"[\"']\.\./(data/[\w./-]+)[\"']", cell.source):
                assert (tmp_path / name).is_file()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_page_offers_its_download(slug):
    page = (paths.NOTEBOOKS / f"{slug}.md").read_text(encoding="utf-8")
    assert f"<../_build/downloads/notebooks/{slug}.zip>`" in page
    assert "simulated" in page
    assert "hide-cell" in page, "a turn of the reader's own, with a folded solution"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It was {stat}`use-ca` in Canada.", "It was 78.1% in Canada."),
        ("See {cite}`brown2017,mishna2019`.", "See (Brown and Heathers, 2017; Mishna et al., 2021a)."),
        ("{cite:t}`brown2017` checked.", "Brown and Heathers (2017) checked."),
        ("The {term}`bases <base>` and the {term}`crosstab`.", "The bases and the crosstab."),
        ("Read [the survey](../chapters/the-survey.md).", "Read the survey."),
        ("(label)=\n# Title", "# Title"),
        ("```{admonition} Before\n:class: tip\n\n**Time.** Short.\n```", "**Before**\n\n**Time.** Short.\n"),
    ],
)
def test_roles_become_plain_text(text, said):
    assert plain(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{ref}`somewhere`", "no plain text for the role {ref}"),
        ("{stat}`nothing`", "there is no 'nothing'"),
        ("{cite}`nobody1900`", "there is no 'nobody1900'"),
    ],
)
def test_what_the_download_cannot_say_stops_the_build(text, said):
    with pytest.raises(InputError, match=r"^x\.md: ") as caught:
        plain(text)
    assert said in str(caught.value)


def test_a_notebook_that_reads_what_is_not_there_stops_the_build(tmp_path):
    source = tmp_path / "lost.md"
    cell = '```{code-cell} ipython3\nopen("../data/nowhere.csv")\n```\n'
    front = "---\nkernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n---\n"
    source.write_text(f"{front}\n# Lost\n\n{cell}", encoding="utf-8")
    with pytest.raises(InputError, match=r"^lost\.md: reads data/nowhere\.csv, which is not there"):
        zipped(source, NUMBERS, WORKS)


def test_the_same_sources_give_the_same_zip():
    source = paths.NOTEBOOKS / f"{SLUGS[0]}.md"
    assert zipped(source, NUMBERS, WORKS) == zipped(source, NUMBERS, WORKS)
    assert "notebooks/" in zipfile.ZipFile(BytesIO(zipped(source, NUMBERS, WORKS))).namelist()[0]
