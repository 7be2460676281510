"""Mean marks before and after, area by area."""

from matplotlib.figure import Figure

from informal_ict.compare.before_after import BeforeAfter
from informal_ict.compare.chart import AXIS, WIDTH, chart_style, outlined_svg
from informal_ict.figures.charts import ACCENT, CAUTION, LINE, MUTED, TEXT, themed_svg

BLOCK = 0.5


def change_svg(found: BeforeAfter, alternative: str) -> str:
    """The chart for the page."""
    with chart_style({}):
        return themed_svg(_figure(found), alternative)


def change_svg_for_print(found: BeforeAfter) -> str:
    """The same for paper."""
    with chart_style({"svg.fonttype": "path"}):
        return outlined_svg(_figure(found))


def _figure(found: BeforeAfter) -> Figure:
    """An arrow from the mean before to the mean after in each area, from 1 to 4."""
    areas = [*found.areas, found.overall]
    height = BLOCK * len(areas) + AXIS
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0.02, AXIS / height, 0.96, 1 - AXIS / height))
    for place, area in enumerate(reversed(areas)):
        line = place + 0.28
        axes.text(1, place + 0.72, area.name, va="center", ha="left", weight="bold")
        axes.plot([1, 4], [line, line], color=LINE, linewidth=0.8, zorder=0)
        change = area.change
        if change is None:
            axes.text(2.5, line, "not shown", va="center", ha="center", color=MUTED, style="italic")
            continue
        axes.plot([change.before, change.after], [line, line], color=ACCENT, linewidth=2.4, zorder=1)
        axes.plot([change.before], [line], "o", color=CAUTION, markersize=6, zorder=2)
        axes.plot([change.after], [line], "D", color=ACCENT, markersize=6.5, zorder=3)
        said = f"{change.before:.1f} → {change.after:.1f}"
        axes.text(4.1, line, said, va="center", ha="left", color=TEXT)
    axes.set_yticks([])
    axes.set_xticks([1, 2, 3, 4])
    axes.set_xlim(0.92, 4.95)
    axes.set_ylim(0, len(areas))
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    return figure
