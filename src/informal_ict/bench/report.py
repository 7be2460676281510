"""Both builds side by side, page by page, and whether every budget holds."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from rich.table import Table

from informal_ict.bench import budgets
from informal_ict.bench.chromium import find_chromium
from informal_ict.bench.measure import Cost, measure
from informal_ict.bench.stock import build_stock
from informal_ict.book import build_book
from informal_ict.publish.serve import BareHandler, served


@dataclass(frozen=True)
class Comparison:
    """One page, ours and stock."""

    page: str
    ours: Cost
    stock: Cost

    @property
    def broken(self) -> list[str]:
        """The budgets that our page exceeds."""
        ours = self.ours
        allowed = {
            "bytes": (ours.bytes, budgets.TEXT_PAGE if ours.widget_works is None else budgets.WIDGET_PAGE),
            "first paint": (ours.first_paint, budgets.FIRST_PAINT),
            "widget works": (ours.widget_works or 0, budgets.WIDGET_WORKS),
            "blocking": (ours.blocking, budgets.BLOCKING),
            "layout shift": (ours.shift, budgets.LAYOUT_SHIFT),
        }
        return [
            f"{name} {found:,.4g} > {most:,.4g}" for name, (found, most) in allowed.items() if found > most
        ]


def compare(pages: Sequence[str], most_visits: int) -> Iterator[Comparison]:
    """Build both, and measure each page of both.

    Whatever else the machine does can only add to a figure. So where a budget breaks, both pages are visited
    again, and the lowest figures count.

    Raises:
        InputError: if a build fails or there is no Chromium.
    """
    site, stock = build_book().parent, build_stock()
    with (
        served(site) as ours,
        served(stock, BareHandler) as theirs,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"]) as browser,
    ):
        for page in pages:
            seen = _visited(browser, page, ours, theirs)
            for _ in range(most_visits - 1):
                if not seen.broken:
                    break
                again = _visited(browser, page, ours, theirs)
                seen = Comparison(page, _lowest(seen.ours, again.ours), _lowest(seen.stock, again.stock))
            yield seen


def _visited(browser: Browser, page: str, ours: str, theirs: str) -> Comparison:
    return Comparison(page, *(measure(browser, f"{site}/{page}.html") for site in (ours, theirs)))


def _lowest(one: Cost, other: Cost) -> Cost:
    figures = {name: (value, getattr(other, name)) for name, value in asdict(one).items()}
    lowest: dict[str, Any] = {
        name: None if None in values else min(values) for name, values in figures.items()
    }
    return Cost(**lowest)


def as_table(compared: Sequence[Comparison]) -> Table:
    """Ours, stock and the ratio, a row for each page."""
    table = Table(
        "page",
        "kB",
        "stock",
        "ratio",
        "requests",
        "stock",
        "paint s",
        "stock",
        "widget s",
        "stock",
        "blocking ms",
        "stock",
        "with widgets",
        "stock",
        "shift",
        "stock",
        "budgets",
    )
    for one in compared:
        ours, stock = one.ours, one.stock
        table.add_row(
            one.page,
            f"{ours.bytes / 1000:.0f}",
            f"{stock.bytes / 1000:.0f}",
            f"1:{stock.bytes / ours.bytes:.1f}",
            str(ours.requests),
            str(stock.requests),
            f"{ours.first_paint / 1000:.2f}",
            f"{stock.first_paint / 1000:.2f}",
            _seconds(ours.widget_works),
            _seconds(stock.widget_works),
            f"{ours.blocking:.0f}",
            f"{stock.blocking:.0f}",
            f"{ours.blocking_with_widgets:.0f}",
            f"{stock.blocking_with_widgets:.0f}",
            f"{ours.shift:.3f}",
            f"{stock.shift:.3f}",
            ", ".join(one.broken) or "hold",
        )
    return table


def _seconds(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds / 1000:.1f}"


def write_csv(compared: Sequence[Comparison], target: Path) -> None:
    """The same figures as a file."""
    rows = [
        {"page": one.page}
        | {f"ours_{name}": value for name, value in asdict(one.ours).items()}
        | {f"stock_{name}": value for name, value in asdict(one.stock).items()}
        for one in compared
    ]
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
