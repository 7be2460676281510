"""Markdown of a submission, or of a comment, as HTML that is safe to show."""

import secrets
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from informal_ict.course.feedback.mathematics import formulas_html
from informal_ict.course.feedback.sanitise import TOO_MUCH, PictureOf, safe_html


def safe_markdown(source: str, picture_of: PictureOf | None = None) -> str:
    """Show Markdown as Jupyter does, formulas too, without anything that runs or fetches.

    Args:
        source: the text.
        picture_of: gives the ``data:`` address of a picture that the text names, or nothing.
    """
    if len(source) > TOO_MUCH:
        return "<p>This was left out, because it is too long to be shown.</p>"
    found: list[tuple[str, bool]] = []
    # Nobody who wrote the text can know this mark, so nobody can put one into an attribute.
    mark = secrets.token_hex(12)
    html = safe_html(_parser(found, mark).render(source), picture_of, mark)
    for number, formula in enumerate(formulas_html(found)):
        html = html.replace(f"{mark}n{number}e", formula, 1)
    return html


def _parser(found: list[tuple[str, bool]], mark: str) -> MarkdownIt:
    """A parser that leaves a mark in the place of each formula."""
    parser = MarkdownIt("commonmark", {"html": True, "linkify": False, "maxNesting": 40})
    parser.enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_digits=False, double_inline=True).use(amsmath_plugin)

    def formula(
        self: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[place]
        alone = token.type != "math_inline"
        found.append((token.content, alone))
        text = f"{mark}n{len(found) - 1}e"
        return f"<p>{text}</p>\n" if token.block else text

    kinds: list[Any] = ["math_inline", "math_inline_double", "math_block", "math_block_label", "amsmath"]
    for kind in kinds:
        parser.add_render_rule(kind, formula)
    # An address is judged where all of them are, after parsing.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser
