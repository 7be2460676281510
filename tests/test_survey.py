"""The simulated survey is plausible where it is not published: skips, blanks, associations, provenance."""

import json

import pandas as pd
import pytest
from scipy.stats import spearmanr

from informal_ict import downloads, paths
from informal_ict.published import load_published
from informal_ict.simulate.margins import tables_fitting_rates, use_counts
from informal_ict.simulate.possible_tables import PublishedTable, possible_tables

# Counts pooled over Canada, the United States and Israel (SSWR 2019 conference abstract; see sswr2019 in
# references.bib), with the item and level they count. What the two countries leave must fit Israel's sample.
POOLED_COUNTS = {
    ("after_hours", ("sometimes", "often"), "users"): 2064,
    ("initiated_by", ("both",), "users"): 2161,
    ("talked_about_use", ("no",), "everyone"): 1629,
    ("friend_request", ("yes",), "everyone"): 1966,
    ("searched_client", ("yes",), "everyone"): 1464,
    ("search_appropriate", ("never",), "everyone"): 1358,
}
ISRAEL = {"everyone": 386, "users": 285}


def test_five_sections_of_the_questionnaire_are_all_there(survey, questionnaire):
    assert [section.title for section in questionnaire.sections] == [
        "Participant demographics",
        "Organizational factors",
        "Informal ICT use with clients",
        "Boundaries",
        "Supervision and policy",
    ]
    assert list(survey.columns) == ["id", "country", *questionnaire.names]
    assert {variable.section for variable in questionnaire.variables} == {
        s.key for s in questionnaire.sections
    }
    assert survey["country"].value_counts().to_dict() == {"Canada": 2609, "United States": 1225}
    assert survey["id"].is_unique


def test_no_one_answers_a_question_they_were_not_asked(coded_survey, questionnaire):
    for variable in questionnaire.variables:
        asked = pd.Series(True, index=coded_survey.index)
        for name, value in (questionnaire.bases[variable.asked_of].filter or {}).items():
            asked &= coded_survey[name] == value
        assert (coded_survey.loc[~asked, variable.name] == "").all(), variable.name
        assert (coded_survey.loc[asked, variable.name] != "").all(), variable.name


def test_every_value_is_in_the_codebook(survey, questionnaire):
    for variable in questionnaire.variables:
        assert set(survey[variable.name].dropna()) == set(variable.values), variable.name


def test_multiple_response_questions_have_at_least_one_tick(survey, questionnaire):
    for block in ("client_ages", "channels", "search_reasons"):
        columns = [v.name for v in questionnaire.variables if v.multiple == block]
        answered = survey[columns].dropna(how="all")
        assert not answered.isna().any(axis=None), f"{block}: answered in part"
        assert (answered == "yes").any(axis=1).all(), f"{block}: answered with no tick"


def test_factors_hang_together(survey):
    order = {"age_group": 0, "years_practice": 0}
    for name in order:
        order[name] = {v: i for i, v in enumerate(sorted(survey[name].dropna().unique(), key=_first_number))}
    both = survey[["age_group", "years_practice"]].dropna()
    rho = spearmanr(
        both["age_group"].map(order["age_group"]), both["years_practice"].map(order["years_practice"])
    )
    assert 0.4 < rho.statistic < 0.95
    for _, country in survey.groupby("country"):
        roles = pd.crosstab(country["setting"], country["role"], normalize="index")["psychotherapist"]
        assert roles["private practice"] > 2 * roles["child welfare"]
        older = pd.crosstab(country["setting"], country["clients_65_plus"], normalize="index")["yes"]
        assert older["long-term care"] > 0.8 > 0.2 > older["child welfare"]


def _first_number(band: str) -> tuple[int, bool]:
    return int("".join(c for c in band.split(" to ")[0] if c.isdigit())), band.startswith("over")


def test_blanks_cluster_in_people(coded_survey):
    demographics = ["age_group", "gender", "ethnicity", "education", "years_practice"]
    blank = coded_survey[demographics] == "NA"
    by_chance = blank.mean().prod()
    assert blank.all(axis=1).mean() > 10 * by_chance


@pytest.mark.parametrize("item", POOLED_COUNTS, ids=lambda item: item[0])
def test_what_two_countries_leave_of_a_pooled_count_fits_the_third(survey, item):
    variable, levels, base = item
    rest = POOLED_COUNTS[item] - int(survey[variable].isin(levels).sum())
    assert 0 <= rest <= ISRAEL[base]


def test_one_ethnicity_table_fits_everything_published(survey, questionnaire):
    published = list(load_published().values())
    tested = next(row for row in published if row.id == "ethnicity-us")
    use = use_counts(published, "United States")
    known = (tested.n - use.non_users, use.users)
    tables = tables_fitting_rates(questionnaire["ethnicity"], published, tested, known)
    us = survey[survey["country"] == "United States"]
    counts = pd.crosstab(us["ethnicity"], us["ict_use"]).reindex(questionnaire["ethnicity"].values)
    assert tables == (tuple(zip(counts.sum(axis=1), counts["yes"], strict=True)),)
    assert counts.loc["indigenous"].sum() == 6


def test_the_overall_rate_is_what_singles_that_table_out():
    without = PublishedTable((50, 67.2, 73.5, 81.4), (0, 1, 1, 1), 13.651, 3, 1153, users=(577, 938))
    assert len(possible_tables(without)) == 10


def test_enumeration_agrees_with_brute_force_on_a_small_table():
    """Three groups, 40 people, every split tried."""
    rates, target, n = (50.0, 66.7, 80.0), 3.0, 40
    fits = []
    for a in range(1, n):
        for b in range(1, n - a):
            c = n - a - b
            for x in range(a + 1):
                for y in range(b + 1):
                    for z in range(c + 1):
                        if [round(100 * k / m, 1) for k, m in ((x, a), (y, b), (z, c))] != list(rates):
                            continue
                        p = (x + y + z) / n
                        chi2 = sum((k - m * p) ** 2 / m for k, m in ((x, a), (y, b), (z, c))) / (p * (1 - p))
                        if abs(chi2 - target) <= 0.5:
                            fits.append(((a, x), (b, y), (c, z)))
    assert fits
    assert possible_tables(PublishedTable(rates, (1, 1, 1), target, 0, n, users=(1, n - 1))) == tuple(
        sorted(fits)
    )


def test_data_package_is_valid_and_marks_provenance_everywhere(questionnaire):
    from frictionless import validate

    report = validate(str(paths.DATAPACKAGE))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])[:5]
    package = json.loads(paths.DATAPACKAGE.read_text())
    resource = package["resources"][0]
    assert "simulated" in resource["description"].lower()
    allowed = {"published", "reconstructed", "assumed"}
    for field in resource["schema"]["fields"][2:]:
        assert field["provenance"] in allowed and field["base"]
        assert all(set(category["provenance"].values()) <= allowed for category in field["categories"])


def test_data_package_refuses_an_answer_outside_the_codebook(data_copy):
    from frictionless import validate

    path = data_copy / "survey.csv"
    path.write_text(path.read_text().replace("private practice", "privat practice", 1))
    assert not validate(str(data_copy / "datapackage.json")).valid


def test_downloads_read_back_equal(tmp_path, coded_survey, questionnaire):
    downloads.write_sav(coded_survey, questionnaire, tmp_path / "survey.sav")
    downloads.write_xlsx(coded_survey, questionnaire, tmp_path / "survey.xlsx")
    pd.testing.assert_frame_equal(
        downloads.read_sav(tmp_path / "survey.sav", questionnaire), coded_survey, check_dtype=False
    )
    pd.testing.assert_frame_equal(
        downloads.read_xlsx(tmp_path / "survey.xlsx"), coded_survey, check_dtype=False
    )


def test_sav_carries_labels_and_says_it_is_simulated(tmp_path, coded_survey, questionnaire):
    import pyreadstat

    downloads.write_sav(coded_survey, questionnaire, tmp_path / "survey.sav")
    frame, meta = pyreadstat.read_sav(str(tmp_path / "survey.sav"), apply_value_formats=True)
    assert "SIMULATED" in meta.file_label
    assert meta.column_names_to_labels["setting"] == "Social work setting"
    assert meta.variable_value_labels["setting"][1.0] == "Private practice"
    used = frame.loc[frame["country"] == "Canada", "ict_use"]
    assert (used == "Yes").sum() == 2034 and used.isna().sum() == 5
