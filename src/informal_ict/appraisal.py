"""Reading the published tests critically: p recomputed, size, many tests at once, small groups.

Everything here starts from ``data/published.csv``, never from the simulated survey.
"""

from collections.abc import Sequence
from html import escape
from math import ceil

import numpy as np
import pandas as pd
from scipy.special import gammaln
from scipy.stats import chi2 as chi2_distribution

from informal_ict.crosstabs import cramers_v
from informal_ict.published import PublishedNumber, load_published
from informal_ict.questionnaire import load_questionnaire
from informal_ict.simulate.exact_counts import counts_printed_as
from informal_ict.simulate.margins import UseCounts, tables_fitting_rates, use_counts
from informal_ict.simulate.possible_tables import Table
from informal_ict.wording import leading_point, p_value

ALPHA = 0.05
COUNTRY_SHORT = {"Canada": "Canada", "United States": "U.S."}
FACTOR_SHORT = {"age_group": "Age", "age_group_3": "Age", "clients_65_plus": "Clients 65 or older"}
NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    "twenty",
)

# Counts pooled over Canada, the United States and Israel (conference abstract, sswr2019 in references.bib),
# with the published percentages that they belong to, and whether those are of the opposite answer.
POOLED = {
    "Contact outside work hours": (2064, "after-hours-never", True),
    "Both begin the contact": (2161, "initiated-both", False),
    "Received a friend request": (1966, "friend-request", False),
    "Searched for a client": (1464, "searched", False),
    "Never appropriate to search": (1358, "search-not-appropriate", False),
    "Did not talk about their use": (1629, "not-talked", False),
}
ISRAEL = {"everyone": 386, "users": 285}  # people answering the survey there, and those using ICT informally


def thirteen_tests() -> pd.DataFrame:
    """Every chi-square that was published, one row each, in the order of the deck.

    The index is the id in published.csv. ``p`` is what the printed statistic and df give, ``holds`` whether
    the printed bound on p agrees with it, ``v`` Cramér's V, ``share`` V squared: the share of the variation
    in use that goes with the factor. ``bonferroni`` and ``holm`` say whether the test is still significant
    when all of them together may err with a chance of ALPHA.
    """
    questionnaire = load_questionnaire()
    tested = [number for number in load_published().values() if number.statistic == "chi2"]
    tests = pd.DataFrame([_row(number, questionnaire[number.variable].label) for number in tested])
    tests = tests.set_index("id")
    tests["bonferroni"] = tests["p"] < bonferroni_threshold(len(tests))
    tests["holm"] = holm(tests["p"])
    return tests


def bonferroni_threshold(tests: int, alpha: float = ALPHA) -> float:
    """What each p must stay below, so that a false alarm among the tests has a chance of alpha at most."""
    return alpha / tests


def holm(p: pd.Series, alpha: float = ALPHA) -> pd.Series:
    """Which tests are significant by Holm's step-down method (Holm 1979).

    The smallest p must stay below alpha / m, the next below alpha / (m - 1), and so on; at the first that
    does not, that one and all larger ones fail.
    """
    ranked = p.sort_values()
    thresholds = alpha / np.arange(len(ranked), 0, -1)
    return (ranked < thresholds).cummin().reindex(p.index)


def most_tests(p: float, alpha: float = ALPHA) -> int:
    """The largest number of tests among which a p this small is still significant by Bonferroni."""
    return ceil(alpha / p) - 1


def p_of(chi2: float, df: int) -> float:
    """The p value of a chi-square."""
    return float(chi2_distribution.sf(chi2, df))


def exact_p(table: Table) -> float:
    """The p of groups by use without the large-sample approximation.

    The chance, over all tables with the same group sizes and the same number of users, of a Pearson
    chi-square at least as large as the table's. The usual p approximates it, and needs enough people in
    every cell to do so.

    Args:
        table: (people, users) of each group. All tables are listed, so all groups but one must be small.
    """
    *small, (largest, _) = sorted(table)
    people = np.array([n for n, _ in sorted(table)])
    users = sum(k for _, k in table)
    counts = list(np.meshgrid(*[np.arange(n + 1) for n, _ in small], indexing="ij"))
    counts.append(users - np.sum(counts, axis=0))
    possible = (counts[-1] >= 0) & (counts[-1] <= largest)
    counts = [count[possible] for count in counts]
    weight = np.exp(sum(map(_log_choose, people, counts)) - _log_choose(people.sum(), np.array(users)))
    share = users / people.sum()
    spread = sum((count - n * share) ** 2 / n for n, count in zip(people, counts, strict=True))
    observed = sum((k - n * share) ** 2 / n for n, k in table)
    return float(weight[spread >= observed * (1 - 1e-9)].sum())


def ethnicity_tables() -> list[Table]:
    """Every table of the U.S. test of ethnicity that its four printed rates, chi-square and N allow.

    Each is ((people, users), ...) in the order of the questionnaire, the Indigenous group first. How many
    people use ICT in the whole sample is left out of account.
    """
    published = load_published()
    variable = load_questionnaire()["ethnicity"]
    return list(tables_fitting_rates(variable, list(published.values()), published["ethnicity-us"]))


def tables_with_room(tables: Sequence[Table], use: UseCounts) -> list[Table]:
    """Those tables that hold no more users, and no more non-users, than the whole country has."""
    return [
        table
        for table in tables
        if sum(k for _, k in table) <= use.users and sum(n - k for n, k in table) <= use.non_users
    ]


def us_use() -> UseCounts:
    """Users and non-users in the whole U.S. sample."""
    return use_counts(list(load_published().values()), "United States")


def sizes_printed_as(number_id: str, sizes: Sequence[int]) -> list[int]:
    """Which of these group sizes can give a published percentage at its printed decimals."""
    number = load_published()[number_id]
    return [size for size in sizes if counts_printed_as(number.number, number.decimals, size)]


def left_for_israel() -> pd.DataFrame:
    """What each pooled count leaves for Israel if everyone, or only users, are the base of an item.

    The columns are ``pooled``, ``everyone`` and ``users`` (people left), and ``base``: which of the two
    leaves a possible number.
    """
    published = load_published()
    bases = {"everyone": "respondents", "users": "users"}
    rows = []
    for item, (pooled, number_id, complement) in POOLED.items():
        row: dict[str, object] = {"item": item, "pooled": pooled}
        for base, counted in bases.items():
            shares = {c: published[f"{number_id}-{c}"].number / 100 for c in ("ca", "us")}
            people = {c: published[f"{counted}-{c}"].number for c in ("ca", "us")}
            row[base] = round(pooled - sum(people[c] * abs(complement - shares[c]) for c in shares))
        possible = [base for base in bases if 0 <= int(str(row[base])) <= ISRAEL[base]]
        row["base"] = " or ".join(possible)
        rows.append(row)
    return pd.DataFrame(rows).set_index("item")


def bases_html() -> str:
    """The result of ``left_for_israel`` as a table."""
    rows = "".join(
        f'<tr><th scope="row">{item}<br><span class="ict-caveat">{row["pooled"]:,} in all</span></th>'
        f"<td>{row['everyone']:,}</td> <td>{row['users']:,}</td> <td>{row['base']}</td></tr>"
        for item, row in left_for_israel().iterrows()
    ).replace("<td>-", "<td>−")
    columns = ("Item", "If all", "If users", "Base")
    header = "".join(f'<th scope="col">{column}</th>' for column in columns)
    caption = (
        "People left for Israel under two candidate bases, of those counted in all three countries. "
        f"In Israel {ISRAEL['everyone']} people took part, of whom {ISRAEL['users']} use ICT informally."
    )
    return _scrolling_table(caption, header, rows, "Table of candidate bases")


def in_words(number: int) -> str:
    """A whole number as running text has it: in words up to twenty, then in figures."""
    return NUMBER_WORDS[number] if number < len(NUMBER_WORDS) else f"{number:,}"


def percent(share: float, decimals: int = 1) -> str:
    """A share as a percentage: .104 is 10.4%."""
    return f"{100 * share:.{decimals}f}%"


def tests_html(tests: pd.DataFrame) -> str:
    """The tests as a table, the largest association first, with a bar as long as V."""
    rows = "".join(_table_row(test) for _, test in tests.sort_values("v", ascending=False).iterrows())
    limit = leading_point(bonferroni_threshold(len(tests)), 4)
    columns = ("Test", "V", "p", f"Below {limit}?")
    header = "".join(f'<th scope="col">{column}</th>' for column in columns)
    caption = (
        f"The {in_words(len(tests))} published tests of informal use, the largest association first. "
        "Under each stands what was printed; Cramér's V and p are computed from its χ², df and N. "
        "Where this p does not meet the printed bound, it says “fails”."
    )
    return _scrolling_table(caption, header, rows, "Table of the published tests")


def _scrolling_table(caption: str, header: str, rows: str, name: str) -> str:
    return (
        f'<div class="ict-scroll" role="region" tabindex="0" aria-label="{name}">'
        f'<table class="ict-table"><caption>{caption}</caption>'
        f"<thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(number: PublishedNumber, label: str) -> dict[str, object]:
    if number.df is None or number.n is None:
        raise ValueError(f"{number.id} has no df or no N")
    p = p_of(number.number, number.df)
    v = cramers_v(number.number, number.n, number.df + 1)
    return {
        "id": number.id,
        "factor": FACTOR_SHORT.get(number.variable, label),
        "country": number.country,
        "printed": number.display,
        "chi2": number.number,
        "df": number.df,
        "n": number.n,
        "p_printed": f"p {number.p_reported}",
        "p": p,
        "holds": p < float(number.p_reported.removeprefix("< ")),
        "v": v,
        "share": v**2,
    }


def _log_choose(n: int, k: np.ndarray) -> np.ndarray:
    result: np.ndarray = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return result


def _table_row(test: pd.Series) -> str:
    """One test. What must stay together on a narrow screen is kept from breaking."""
    bar = f'<span aria-hidden="true" class="ict-bar" style="width: {10 * test["v"]:.2f}rem"></span>'
    name = f"{escape(test['factor'])}, {COUNTRY_SHORT[test['country']]}"
    cells = (
        leading_point(test["v"], 2) + bar,
        escape(p_value(test["p"]).removeprefix("p ").removeprefix("= "))
        + ("" if test["holds"] else "<br><strong>fails</strong>"),
        "yes" if test["bonferroni"] else "no",
    )
    return (
        f'<tr><th scope="row">{name}<br><span class="ict-caveat">'
        f"{escape(test['printed'])}, {escape(test['p_printed'])}</span></th>"
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
    )
