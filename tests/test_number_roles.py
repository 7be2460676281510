"""The {stat} roles: a number as printed, linked to its row; an unknown one stops the build."""

import re
from pathlib import Path

import pytest
from sphinx.cmd.build import build_main

CONF = """
extensions = ["myst_parser", "informal_ict.sphinxext.stat", "informal_ict.sphinxext.published_numbers"]
"""
APPENDIX = "# Appendix\n\n```{published-numbers}\n```\n"


def build(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Build two pages as the book does, warnings as errors; gives status, page and messages."""
    source, target = folder / "source", folder / "html"
    source.mkdir()
    (source / "conf.py").write_text(CONF)
    (source / "index.md").write_text(f"# Page\n\n{text}\n\n```{{toctree}}\nappendix\n```\n")
    (source / "appendix.md").write_text(APPENDIX)
    status = build_main(["-W", "--keep-going", "-n", "-q", str(source), str(target)])
    page = target / "index.html"
    return status, page.read_text() if page.exists() else "", capsys.readouterr().err


def test_a_number_is_shown_as_printed_and_linked(tmp_path, capsys):
    roles = "{stat}`use-ca`, {stat}`respondents-us`, {stat}`setting-us`, {stat-n}`setting-us`"
    status, page, errors = build(
        tmp_path, f"{roles}, {{stat-p}}`geography-us`, {{stat-v}}`setting-us`", capsys
    )
    assert status == 0, errors
    for shown, target in (
        ("78.1%", "use-ca"),
        ("1,225", "respondents-us"),
        ("χ²(8, N = 1,224) = 126.834", "setting-us"),
        ("1,224", "setting-us"),
        ("p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}.014", "geography-us"),
    ):
        assert re.search(f'href="appendix.html#number-{target}"><span[^>]*>{re.escape(shown)}</span>', page)
    assert "<span>.32</span>" in page


def test_faulty_numbers_stop_the_build_and_are_named(tmp_path, capsys):
    faults = {
        "{stat}`use-mars`": "'use-mars' is not in data/published.csv",
        "{stat-p}`use-ca`": "stat-p: 'use-ca' is not a chi-square",
        "{stat-v}`use-us`": "stat-v: 'use-us' is not a chi-square",
        "{stat-n}`use-ca`": "stat-n: 'use-ca' has no N",
    }
    status, _, errors = build(tmp_path, "\n\n".join(faults), capsys)
    assert status != 0
    for message in faults.values():
        assert message in errors
