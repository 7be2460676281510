"""Charts of rates, drawn once for the page: vector, light, in the colours of whichever mode it is in."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import as_file, files
from textwrap import fill

import matplotlib
from matplotlib.figure import Figure

from informal_ict.intervals import wilson_interval

# Light-mode palette, and the CSS variables that stand for it on a page (see sphinxext/static/book.css).
ACCENT, CAUTION, TEXT, MUTED, LINE = "#1f6f78", "#8a4200", "#1c2529", "#55636b", "#c9d4d3"
CSS_VARIABLES = {
    ACCENT: "--ict-accent",
    CAUTION: "--ict-caution",
    TEXT: "--ict-text",
    MUTED: "--ict-muted",
    LINE: "--ict-border",
}
# Inches: drawn about as wide as a phone shows it, so that the letters stay readable there.
WIDTH, ROW, PAIR_ROW, AXIS = 3.3, 0.4, 0.55, 0.35
BAR_ROW, LINE_HEIGHT = 0.48, 0.16
LABEL_LETTERS, OPTION_LETTERS = 17, 44
PAGE_FONT = "var(--pst-font-family-base, sans-serif)"


@dataclass(frozen=True)
class Rate:
    """How many of a group do something."""

    label: str
    count: int
    people: int

    @property
    def percent(self) -> float:
        """The share, in percent."""
        return 100 * self.count / self.people

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95% confidence interval, in percent."""
        return wilson_interval(self.count, self.people)


def rate_chart(rates: Sequence[Rate], overall: float, alternative: str) -> str:
    """A dot with its interval for each group, from 0 to 100 percent, as SVG.

    Args:
        rates: one row each, top to bottom.
        overall: the rate of everyone, in percent, drawn as a line.
        alternative: what the chart shows, in a sentence, for those who do not see it.
    """
    with (
        as_file(files("informal_ict.figures") / "informal_ict.mplstyle") as style,
        matplotlib.rc_context(fname=style),
    ):
        figure = Figure(figsize=(WIDTH, ROW * len(rates) + AXIS), layout="constrained")
        axes = figure.subplots()
        places = range(len(rates), 0, -1)
        axes.axvline(overall, color=MUTED, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        for place, rate in zip(places, rates, strict=True):
            low, high = rate.interval
            axes.plot([0, 100], [place, place], color=LINE, linewidth=0.8, zorder=0)
            axes.plot(
                [low, high], [place, place], color=ACCENT, linewidth=2.2, solid_capstyle="round", zorder=2
            )
            axes.plot([rate.percent], [place], "o", color=ACCENT, markersize=6.5, zorder=3)
            axes.text(104, place, f"{rate.percent:.1f}%", va="center", ha="left", color=TEXT)
        axes.set_yticks(list(places), [fill(rate.label, LABEL_LETTERS) for rate in rates])
        axes.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlim(0, 128)
        axes.set_ylim(0.4, len(rates) + 0.6)
        axes.tick_params(length=0)
        axes.spines[["left", "bottom"]].set_visible(False)
        return themed_svg(figure, alternative)


@dataclass(frozen=True)
class Pair:
    """One published percentage for each country."""

    label: str
    canada: float
    united_states: float
    shown: tuple[str, str]


def paired_chart(pairs: Sequence[Pair], alternative: str) -> str:
    """A filled dot for Canada and an open diamond for the United States in each row, as SVG.

    Args:
        pairs: one row each, top to bottom; values in percent.
        alternative: what the chart shows, for those who do not see it.
    """
    with (
        as_file(files("informal_ict.figures") / "informal_ict.mplstyle") as style,
        matplotlib.rc_context(fname=style),
    ):
        figure = Figure(figsize=(WIDTH, PAIR_ROW * len(pairs) + 2 * AXIS), layout="constrained")
        axes = figure.subplots()
        for place, pair in zip(range(len(pairs), 0, -1), pairs, strict=True):
            axes.plot([0, 100], [place, place], color=LINE, linewidth=0.8, zorder=0)
            axes.plot([pair.canada, pair.united_states], [place, place], color=MUTED, linewidth=2, zorder=1)
            axes.plot([pair.canada], [place], "o", color=ACCENT, markersize=7.5, zorder=3)
            axes.plot([pair.united_states], [place], "D", color=CAUTION, markersize=6.5, zorder=2)
            axes.text(0, place + 0.27, pair.label, va="bottom", ha="left", color=TEXT)
            axes.text(103, place + 0.01, f"CA {pair.shown[0]}", va="bottom", ha="left", color=ACCENT)
            axes.text(103, place - 0.03, f"US {pair.shown[1]}", va="top", ha="left", color=CAUTION)
        axes.plot([], [], "o", color=ACCENT, markersize=7.5, label="Canada")
        axes.plot([], [], "D", color=CAUTION, markersize=6.5, label="United States")
        figure.legend(loc="outside upper left", ncols=2, frameon=False, handletextpad=0.2, labelcolor=TEXT)
        axes.set_yticks([])
        axes.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlim(-2, 137)
        axes.set_ylim(0.5, len(pairs) + 0.8)
        axes.tick_params(length=0)
        axes.spines[["left", "bottom"]].set_visible(False)
        return themed_svg(figure, alternative)


def count_chart(options: Sequence[str], counts: Sequence[int], alternative: str) -> str:
    """A bar for each option with its count, the option's words above it, as SVG."""
    labels = [fill(option, OPTION_LETTERS) for option in options]
    heights = [BAR_ROW + LINE_HEIGHT * label.count("\n") for label in labels]
    with (
        as_file(files("informal_ict.figures") / "informal_ict.mplstyle") as style,
        matplotlib.rc_context(fname=style),
    ):
        figure = Figure(figsize=(WIDTH, sum(heights) + 0.1))
        axes = figure.add_axes((0.01, 0, 0.98, 1))
        most, top = max(*counts, 1), sum(heights)
        for label, count, height in zip(labels, counts, heights, strict=True):
            axes.text(0, top - 0.04, label, va="top", ha="left", color=TEXT)
            middle = top - height + 0.17
            axes.barh([middle], [count / most * 0.88], height=0.13, color=ACCENT)
            axes.text(count / most * 0.88 + 0.015, middle, str(count), va="center", ha="left", color=TEXT)
            top -= height
        axes.set_xlim(0, 1)
        axes.set_ylim(0, sum(heights) + 0.1)
        axes.set_axis_off()
        return themed_svg(figure, alternative)


def themed_svg(figure: Figure, alternative: str) -> str:
    """A figure as inline SVG: real text, no fixed colours, a name that a screen reader speaks."""
    buffer = io.StringIO()
    empty = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", metadata=empty)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    # Names of groups repeat from figure to figure; ids must be unique on a page.
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    for colour, variable in CSS_VARIABLES.items():
        svg = svg.replace(colour, f"var({variable}, {colour})")
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", rf"font-size: \1; font-family: {PAGE_FONT}", svg)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r"\s*\n\s*", " ", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(alternative)}" class="ict-chart"', 1)
