"""A factor by informal use: counts, rates, chi-square, and Cramér's V."""

from dataclasses import dataclass
from math import sqrt

import pandas as pd
from scipy.stats import chi2_contingency

from informal_ict.figures.charts import Rate
from informal_ict.questionnaire import Variable


@dataclass(frozen=True)
class Crosstab:
    """One factor by use or not.

    Attributes:
        rates: users among the people of each level, in the order of the questionnaire.
        chi2: Pearson's statistic without continuity correction.
        df: its degrees of freedom.
        p: its p value.
        v: Cramér's V.
    """

    rates: tuple[Rate, ...]
    chi2: float
    df: int
    p: float
    v: float

    @property
    def n(self) -> int:
        """People who answered both questions."""
        return sum(rate.people for rate in self.rates)

    @property
    def overall(self) -> float:
        """Percent of them who use ICT informally."""
        return 100 * sum(rate.count for rate in self.rates) / self.n


def cramers_v(chi2: float, n: int, rows: int, columns: int = 2) -> float:
    """Cramér's V: the square root of chi2 / (n (k - 1)), k the smaller of rows and columns (Cramér 1946).

    0 is no association, 1 the strongest that the table allows.
    """
    return sqrt(chi2 / (n * (min(rows, columns) - 1)))


def crosstab_by_use(people: pd.DataFrame, variable: Variable) -> Crosstab:
    """Cross-tabulate a variable with informal use, people with a blank in either left out.

    Args:
        people: rows of data/survey.csv, as ``pandas.read_csv`` reads them.
        variable: the factor.
    """
    table = pd.crosstab(people[variable.name], people["ict_use"]).reindex(variable.values)
    test = chi2_contingency(table, correction=False)
    rates = tuple(
        Rate(level.text, int(row["yes"]), int(row["yes"] + row["no"]))
        for level, (_, row) in zip(variable.levels, table.iterrows(), strict=True)
    )
    n = sum(rate.people for rate in rates)
    return Crosstab(
        rates,
        float(test.statistic),
        int(test.dof),
        float(test.pvalue),
        cramers_v(float(test.statistic), n, len(rates)),
    )
