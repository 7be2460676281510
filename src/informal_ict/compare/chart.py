"""A group's share with its interval, and the published figures beneath it."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from informal_ict.compare.reading import whole
from informal_ict.compare.summarise import OptionSummary, QuestionSummary
from informal_ict.figures.charts import ACCENT, CAUTION, LINE, MUTED, TEXT, themed_svg

# Inches and rows, as in figures.charts: about as wide as a phone shows it.
WIDTH, BLOCK, AXIS = 3.6, 0.78, 0.28
LABEL_PLACE, GROUP_PLACE, PUBLISHED_PLACE = 0.84, 0.52, 0.18
MARKS = {"Canada": ("o", ACCENT, 6.5), "United States": ("D", CAUTION, 5.5)}
SHORT = {"Canada": "CA", "United States": "US"}


def question_svg(question: QuestionSummary, alternative: str) -> str:
    """The chart of one question for the page, following its light and dark colours."""
    with chart_style({}):
        return themed_svg(_figure(_compared(question)), alternative)


def question_svg_for_print(question: QuestionSummary) -> str:
    """The same for paper, with its letters as outlines, since no font of the page is at hand there."""
    with chart_style({"svg.fonttype": "path"}):
        return outlined_svg(_figure(_compared(question)))


def outlined_svg(figure: Figure) -> str:
    """A figure as SVG with its letters as outlines."""
    buffer = io.StringIO()
    empty = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", metadata=empty)
    return buffer.getvalue()


def _compared(question: QuestionSummary) -> list[OptionSummary]:
    return [option for option in question.options if option.option.line]


@contextmanager
def chart_style(settings: dict[str, str]) -> Iterator[None]:
    """The one look of every chart, with some settings changed."""
    with (
        as_file(files("informal_ict.figures") / "informal_ict.mplstyle") as style,
        matplotlib.rc_context(fname=style),
        matplotlib.rc_context(rc=settings),  # type: ignore[arg-type]  # the stubs list each key
    ):
        yield


def _figure(options: Sequence[OptionSummary]) -> Figure:
    height = BLOCK * len(options) + AXIS
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0.02, AXIS / height, 0.96, 1 - AXIS / height))
    for place, option in enumerate(reversed(options)):
        _block(axes, option, place)
    axes.set_yticks([])
    axes.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    axes.set_xlim(-3, 134)
    axes.set_ylim(0, len(options))
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    return figure


def _block(axes: Axes, option: OptionSummary, bottom: int) -> None:
    """One answer: its name, the group with its interval, and the two published marks."""
    line = option.option.line
    axes.text(0, bottom + LABEL_PLACE, f"{line[0].upper()}{line[1:]}", va="center", ha="left", weight="bold")
    group, published = bottom + GROUP_PLACE, bottom + PUBLISHED_PLACE
    for place in (group, published):
        axes.plot([0, 100], [place, place], color=LINE, linewidth=0.8, zorder=0)
    share = option.share
    if share is None:
        axes.text(50, group, " you: not shown ", va="center", ha="center", color=MUTED, style="italic")
    else:
        axes.plot([share.low, share.high], [group, group], color=TEXT, linewidth=5, alpha=0.28, zorder=1)
        axes.plot([share.percent], [group], "s", color=TEXT, markersize=7, zorder=2)
        axes.text(103, group, f"you {whole(share.percent)}", va="center", ha="left", weight="bold")
    for country, number in option.published.items():
        mark, colour, size = MARKS[country]
        axes.plot([number.number], [published], mark, color=colour, markersize=size, zorder=3)
        if share is not None:
            axes.plot(
                [number.number] * 2, [published, group], color=colour, linewidth=0.8, alpha=0.6, zorder=1
            )
    for (country, number), offset in zip(option.published.items(), (0.1, -0.1), strict=True):
        said = f"{SHORT[country]} {number.display}"
        axes.text(103, published + offset, said, va="center", ha="left", color=MARKS[country][1])
