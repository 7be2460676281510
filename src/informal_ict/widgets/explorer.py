"""The explorer: choose a country and a factor, see chart, table and test. Everything is ready-made."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import ipywidgets as widgets
import pandas as pd

from informal_ict.crosstabs import Crosstab, crosstab_by_use
from informal_ict.figures.charts import rate_chart
from informal_ict.published import PublishedNumber
from informal_ict.questionnaire import Questionnaire, Variable
from informal_ict.widgets.choices import dropdown, html_panel, panels_for, toggle_buttons
from informal_ict.wording import chi_square, leading_point, p_value

COUNTRIES = ("Canada", "United States")
FEW_PEOPLE = 30


@dataclass(frozen=True)
class Factor:
    """One entry of the explorer: the column of each country's published test, or of both."""

    label: str
    columns: tuple[str, str]


FACTORS = (
    Factor("Age", ("age_group_3", "age_group")),
    Factor("Years of practice", ("years_practice", "years_practice")),
    Factor("Highest degree", ("education", "education")),
    Factor("Ethnicity", ("ethnicity", "ethnicity")),
    Factor("Gender", ("gender", "gender")),
    Factor("Social work role", ("role", "role")),
    Factor("Social work setting", ("setting", "setting")),
    Factor("Geographical setting", ("geography", "geography")),
    Factor("Works with clients 65 or older", ("clients_65_plus", "clients_65_plus")),
    Factor("Works with youth", ("clients_youth", "clients_youth")),
)


@dataclass(frozen=True)
class Panel:
    """What the explorer shows for one factor in one country."""

    country: str
    label: str
    crosstab: Crosstab
    published: PublishedNumber | None
    rates_are: str
    note: str

    @property
    def finding(self) -> str:
        """The panel in a sentence: who is highest and lowest, and whether the groups differ."""
        ranked = sorted(self.crosstab.rates, key=lambda rate: rate.percent)
        low, high = ranked[0], ranked[-1]
        differ = "differ significantly" if self.crosstab.p < 0.05 else "do not differ significantly"
        what = self.label.lower() if self.published else f"{self.label.lower()} (invented for practice)"
        return (
            f"{self.country}, {what}: informal use runs from {low.percent:.1f}% ({low.label}) "
            f"to {high.percent:.1f}% ({high.label}). The groups {differ}."
        )

    @property
    def test(self) -> str:
        """The test in APA style."""
        tab = self.crosstab
        return (
            f"{chi_square(tab.chi2, tab.df, tab.n)}, {p_value(tab.p)}, Cramér's V = {leading_point(tab.v, 2)}"
        )

    @property
    def caveat(self) -> str:
        """How much of the panel was published."""
        if self.published is None:
            return "The deck prints no figure for this. Everything here is invented and no finding."
        bound = float(self.published.p_reported.removeprefix("< "))
        broken = (
            ""
            if self.crosstab.p < bound
            else f" The deck prints p {self.published.p_reported}, which these figures do not bear out."
        )
        return (
            "The χ², its degrees of freedom and N are those that the deck prints. "
            f"The sizes and rates of the single groups are {self.rates_are}.{broken} {self.note}".strip()
        )


def explorer_panels(
    survey: pd.DataFrame, questionnaire: Questionnaire, published: Sequence[PublishedNumber]
) -> dict[str, list[Panel]]:
    """Every panel by country, in the order of FACTORS."""
    return {
        country: [
            _panel(survey, questionnaire[factor.columns[index]], factor.label, country, published)
            for factor in FACTORS
        ]
        for index, country in enumerate(COUNTRIES)
    }


def explorer(panels: dict[str, list[Panel]]) -> widgets.Widget:
    """The widget: a country, a factor, and one panel for each pair."""
    country = toggle_buttons(list(panels), "Country")
    factor = dropdown([panel.label for panel in next(iter(panels.values()))], "Factor")
    stacks = [panels_for(factor, [html_panel(panel_html(p)) for p in column]) for column in panels.values()]
    box = widgets.VBox([country, factor, panels_for(country, stacks)])
    box.add_class("ict-box")
    box.add_class("ict-explorer")
    return box


def explorer_on_paper(panels: dict[str, list[Panel]]) -> str:
    """The same tables as folded HTML, for print, for screen readers and where there is no JavaScript."""
    parts = [
        f"<details><summary>{escape(panel.country)}: {escape(panel.label)}</summary>"
        f"{table_html(panel)}</details>"
        for column in panels.values()
        for panel in column
    ]
    return '<div class="ict-on-paper">' + "".join(parts) + "</div>"


def panel_html(panel: Panel) -> str:
    """Chart, sentence, table, test and caveat of one panel."""
    chart = rate_chart(panel.crosstab.rates, panel.crosstab.overall, panel.finding)
    return (
        f'<figure class="ict-figure">{chart}<figcaption>'
        f"Percent using ICT informally, with the 95% interval of a sample of this size. The dashed line is "
        f"everyone ({panel.crosstab.overall:.1f}%). Simulated data.</figcaption></figure>" + table_html(panel)
    )


def table_html(panel: Panel) -> str:
    """The counts and rates, with the finding before and the test after."""
    rows = "".join(
        f'<tr><th scope="row">{escape(rate.label)}</th> <td>{rate.people:,}</td> <td>{rate.count:,}</td>'
        f"<td>{rate.percent:.1f}%</td></tr>"
        for rate in panel.crosstab.rates
    )
    small = [rate.label for rate in panel.crosstab.rates if rate.people < FEW_PEOPLE]
    few = (
        f"<p><strong>Few people:</strong> {escape(', '.join(small))}. A rate from so few says little.</p>"
        if small
        else ""
    )
    return (
        f'<p>{escape(panel.finding)}</p><p class="ict-caveat">{escape(panel.caveat)}</p>'
        '<table class="ict-table"><thead><tr><th scope="col">Group</th> <th scope="col">People</th>'
        f'<th scope="col">Users</th> <th scope="col">Rate</th></tr></thead><tbody>{rows}</tbody></table>'
        f'<p class="ict-test">{escape(panel.test)}</p>{few}'
    )


def _panel(
    survey: pd.DataFrame,
    variable: Variable,
    label: str,
    country: str,
    published: Sequence[PublishedNumber],
) -> Panel:
    mine = [row for row in published if row.variable == variable.name and row.country == country]
    tested = next((row for row in mine if row.statistic == "chi2"), None)
    rates_published = {row.level for row in mine if row.statistic == "rate"} == set(variable.values)
    return Panel(
        country,
        label,
        crosstab_by_use(survey[survey["country"] == country], variable),
        tested,
        "reconstructed from the rates that it prints" if rates_published else "assumed",
        variable.note,
    )
