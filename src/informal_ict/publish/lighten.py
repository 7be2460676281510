"""Make a built site light: one style sheet and two scripts, without what no page uses.

The theme and its extensions bring seven style sheets, eleven scripts and an icon font in four files, about
800 kB gzipped. PurgeCSS keeps the rules that some page of the book needs, fontTools the glyphs that those
rules name, esbuild takes out the white space. ``sphinxext/templates/light/layout.html`` asks for the result.
"""

import logging
import re
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image

from informal_ict.errors import InputError
from informal_ict.publish.node_tools import ESBUILD, PURGECSS, run_tool

# In the order in which a stock page asks for them; an asterisk stands for a hash in the name.
THEME_STYLES = (
    "styles/theme.css",
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "mystnb.*.css",
    "sphinx-design.min.css",
)
# Left out: fontawesome.js (the font draws the same icons), bootstrap.js (tooltips and menus that no page
# has), design-tabs.js (no page has tabs), sphinx_highlight.js (it stores what a reader searched for), and
# searchtools.js with searchindex.js (see publish/search_index.py).
THEME_SCRIPTS = (
    "documentation_options.js",
    "doctools.js",
    "scripts/pydata-sphinx-theme.js",
    "scripts/sphinx-book-theme.js",
)
# The last thing that the theme's script does.
MEASURES_ALL = re.compile(
    r',"complete"===document\.readyState\?(\w+)\(\):window\.addEventListener\("load",\1\)'
)
IMPORTED_STYLES = ("basic.css",)  # by theme.css

COLOURS = 128
ICON_FONT = "vendor/fontawesome/webfonts/fa-solid-900.ttf"
FONT_FACE = re.compile(r"@font-face\s*{[^}]*}")
GLYPH = re.compile(r"""["']\\(f[0-9a-f]{3})["']""")
ICON_FACE = (
    '@font-face{font-family:"Font Awesome 6 Free";font-weight:900;font-display:block;'
    'src:url(icons.woff) format("woff")}'
)
RELATIVE_ADDRESS = re.compile(r"url\(\s*[\"']?(?!data:)([^\"')]+)")

STYLE = "site.css"
SCRIPT = "site.js"
THEME_SCRIPT = "theme.js"  # by itself, so that a slow phone can answer between the two
SEARCH_SCRIPT = "site-search.js"
WIDGETS = "widgets/renderer.js"
ICONS = "icons.woff"


def lighten(site: Path, own_styles: Sequence[str], own_scripts: Sequence[str]) -> None:
    """Write the shared files of a site into its ``_static``, and remove what they were made of.

    Args:
        site: the folder of the built pages.
        own_styles: names in ``_static`` of the book's own styles, which follow the theme's.
        own_scripts: likewise, scripts for every page.

    Raises:
        InputError: if a style sheet is served that is not among those known here, a file is missing, or a
            tool fails.
    """
    static = site / "_static"
    styles = [_the_one(static, pattern) for pattern in THEME_STYLES] + [static / name for name in own_styles]
    _refuse_unknown(static, styles)
    _minify(static / SCRIPT, _joined(static, own_scripts))
    _minify(static / THEME_SCRIPT, without_measuring(_joined(static, THEME_SCRIPTS)))
    used = FONT_FACE.sub("", _used_rules(site, styles))
    write_glyphs(static / ICON_FONT, sorted(set(GLYPH.findall(used))), static / ICONS)
    _minify(static / STYLE, used + ICON_FACE)
    asked_for = set(RELATIVE_ADDRESS.findall((static / STYLE).read_text(encoding="utf-8"))) - {ICONS}
    if asked_for:
        raise InputError(f"{STYLE}: asks for {', '.join(sorted(asked_for))}, which is not served")


def shrink_pictures(folder: Path) -> None:
    """Write the charts of notebooks with 128 colours, which hold a drawn chart without a visible change."""
    with ThreadPoolExecutor() as side_by_side:
        list(side_by_side.map(_shrink, folder.glob("*.png")))


def _shrink(picture: Path) -> None:
    with Image.open(picture) as drawn:
        if drawn.mode == "P":
            return  # done in an earlier build
        few = drawn.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)


def remove_unasked(site: Path, keep: Sequence[str]) -> None:
    """Remove from ``_static`` whatever no page asks for; ``keep`` names files and folders that stay."""
    for path in [path for path in (site / "_static").iterdir() if path.name not in keep]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def write_glyphs(font: Path, code_points: Sequence[str], target: Path) -> None:
    """Write a font that holds only these glyphs (hexadecimal code points), as WOFF."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells every table that it cuts
    options = subset.Options(flavor="woff", layout_features=[], name_IDs=[], hinting=False)
    with TTFont(font) as whole:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[int(point, 16) for point in code_points])
        cutter.subset(whole)
        subset.save_font(whole, str(target), options)


def _the_one(static: Path, pattern: str) -> Path:
    found = sorted(static.glob(pattern))
    if len(found) != 1:
        raise InputError(f"_static/{pattern}: {len(found)} files; the theme or an extension has changed")
    return found[0]


def _refuse_unknown(static: Path, known: Sequence[Path]) -> None:
    served = {*static.glob("*.css"), *static.glob("styles/*.css")}
    accounted_for = {static / name for name in (*IMPORTED_STYLES, STYLE)}
    unknown = sorted(path.name for path in served - set(known) - accounted_for)
    if unknown:
        raise InputError(f"{', '.join(unknown)}: served, but not in publish/lighten.py, so no page has it")


def _used_rules(site: Path, styles: Sequence[Path]) -> str:
    """The rules for elements that a page has from the start, or that a script of the book may make."""
    with tempfile.TemporaryDirectory() as folder:
        imports = Path(folder) / "imports.css"
        imports.write_text("".join(f'@import "{path.as_posix()}";\n' for path in styles), encoding="utf-8")
        whole, cut = Path(folder) / "whole.css", Path(folder) / "cut"
        files = ("--external:*.woff2", "--external:*.ttf", "--loader:.png=dataurl")
        run_tool(ESBUILD, imports, "--bundle", *files, f"--outfile={whole}")
        scripts = (SCRIPT, THEME_SCRIPT, SEARCH_SCRIPT, WIDGETS)
        content = [f"{site.as_posix()}/**/*.html", *(f"{site.as_posix()}/_static/{name}" for name in scripts)]
        run_tool(PURGECSS, "--css", whole, "--content", *content, "--output", cut)
        return (cut / whole.name).read_text(encoding="utf-8")


def without_measuring(theme: str) -> str:
    """The theme's script without what lays out the whole page at its end; ``scrollable.js`` does the same.

    Raises:
        InputError: if it is not there.
    """
    rest, found = MEASURES_ALL.subn("", theme)
    if found != 1:
        raise InputError("pydata-sphinx-theme.js: measures what can be scrolled in some other way")
    return rest


def _joined(static: Path, names: Sequence[str]) -> str:
    missing = [name for name in names if not (static / name).is_file()]
    if missing:
        raise InputError(f"{', '.join(missing)}: not in _static; the theme or an extension has changed")
    return "\n".join((static / name).read_text(encoding="utf-8") for name in names)


def _minify(target: Path, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (joined := Path(folder) / target.name).write_text(text, encoding="utf-8")
        run_tool(ESBUILD, joined, "--minify", "--legal-comments=none", f"--outfile={target}")
