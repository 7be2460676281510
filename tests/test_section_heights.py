"""Estimates of how high a section will be, which a browser takes for its height until it comes near."""

from informal_ict.sphinxext.section_heights import height, with_heights

LINE = "<p>" + "word " * 100 + "</p>"


def test_sections_below_that_of_the_title_are_marked_and_no_others():
    inner = f'<section id="c">{LINE}</section>'
    body = f'<section id="a"><h1>A</h1>\n<section id="b"><h2>B</h2>{inner}</section>\n{LINE}</section>'
    marked = with_heights(body)
    assert f'<section id="b" style="--ict-height: {height("<h2>B</h2>" + inner)}rem">' in marked
    assert marked.count("--ict-height") == 1
    assert marked.replace(f' style="--ict-height: {height("<h2>B</h2>" + inner)}rem"', "") == body


def test_what_is_folded_or_not_text_has_no_height():
    folded = f"<details class='x'><summary>More</summary>{LINE}<details>{LINE}</details></details>"
    assert height(folded) == height("<details><summary>More</summary></details>") < height(LINE)
    assert height(f"<script>{'x' * 10_000}</script>") == 0
    assert height(f"<details open>{LINE}</details>") == height(LINE)
