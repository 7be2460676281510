"""The charts of an item report: a dot with its interval for each question."""

from collections.abc import Sequence
from textwrap import shorten

from matplotlib.figure import Figure

from informal_ict.compare.chart import chart_style
from informal_ict.figures.charts import ACCENT, CAUTION, LINE, MUTED, TEXT, themed_svg
from informal_ict.items.sentences import correlation, percent
from informal_ict.items.statistics import Estimate

# Inches, about as wide as a phone shows it, so that the letters stay readable there.
WIDTH, ROW, AXIS = 3.6, 0.46, 0.3
LETTERS = 46


def share_chart(rows: Sequence[tuple[str, Estimate]], alternative: str) -> str:
    """The share of points earned in each question, from 0 to 100 percent."""
    ticks: dict[float, str] = {0: "0%", 25: "25%", 50: "50%", 75: "75%", 100: "100%"}
    shown = [(label, one, percent(one.value)) for label, one in rows]
    return _chart(shown, ticks, caution_below=50, alternative=alternative)


def correlation_chart(rows: Sequence[tuple[str, Estimate]], alternative: str) -> str:
    """The correlation of each question with all the others, from -1 to 1."""
    ticks: dict[float, str] = {-1: "−1", -0.5: "−0.5", 0: "0", 0.5: "0.5", 1: "1"}
    shown = [(label, one, correlation(one.value)) for label, one in rows]
    return _chart(shown, ticks, caution_below=0, alternative=alternative)


def _chart(
    rows: Sequence[tuple[str, Estimate, str]], ticks: dict[float, str], caution_below: float, alternative: str
) -> str:
    low, high = min(ticks), max(ticks)
    reach = high - low
    height = ROW * len(rows) + AXIS
    with chart_style({}):
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.02, AXIS / height, 0.96, 1 - AXIS / height))
        for bottom, (label, one, value) in enumerate(reversed(rows)):
            colour = CAUTION if one.value < caution_below else ACCENT
            line = bottom + 0.25
            label = shorten(label, LETTERS, placeholder=" …")
            axes.text(low, bottom + 0.72, label, va="center", ha="left", color=TEXT)
            axes.plot([low, high], [line, line], color=LINE, linewidth=0.8, zorder=0)
            axes.plot([one.low, one.high], [line, line], color=colour, linewidth=2.2, zorder=1)
            axes.plot(
                [one.value], [line], "D" if colour == CAUTION else "o", color=colour, markersize=6, zorder=2
            )
            axes.text(high + 0.04 * reach, line, value, va="center", ha="left", color=TEXT)
        if low < 0:
            axes.axvline(0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.set_yticks([])
        axes.set_xticks(list(ticks), list(ticks.values()))
        axes.set_xlim(low - 0.03 * reach, high + 0.2 * reach)
        axes.set_ylim(0, len(rows))
        axes.tick_params(length=0)
        axes.spines[["left", "bottom"]].set_visible(False)
        return themed_svg(figure, alternative)
