"""The survey as the field's own file types: SPSS .sav with labels, and Excel."""

from pathlib import Path

import pandas as pd
import pyreadstat
from pyreadstat.pyclasses import MissingRange

from informal_ict.datapackage import SIMULATED
from informal_ict.questionnaire import NOT_ANSWERED, NOT_ASKED, Questionnaire, in_words

COUNTRIES = ["Canada", "United States"]
NOT_ANSWERED_CODE = -9.0
NOT_ASKED_CODE = -8.0


def read_survey_with_codes(path: Path) -> pd.DataFrame:
    """The survey with its missing codes kept: ``NA`` for unanswered, the empty string for not asked."""
    return pd.read_csv(path, keep_default_na=False, dtype=str)


def write_sav(survey: pd.DataFrame, questionnaire: Questionnaire, target: Path) -> None:
    """Write an SPSS file: numeric codes 1, 2, ... with value labels; -9 and -8 declared as missing.

    Args:
        survey: as ``read_survey_with_codes`` gives it.
    """
    columns: dict[str, pd.Series] = {"id": survey["id"]}
    column_labels: dict[str, str | None] = {"id": "Simulated respondent", "country": "Country"}
    countries = {float(code): country for code, country in enumerate(COUNTRIES, start=1)}
    value_labels: dict[str, dict[float, str]] = {"country": countries}
    columns["country"] = survey["country"].map({label: code for code, label in countries.items()})
    missing: dict[str, list[int | float | str | MissingRange]] = {}
    measures = {"id": "nominal", "country": "nominal"}
    for variable in questionnaire.variables:
        codes = {value: float(code) for code, value in enumerate(variable.values, start=1)}
        codes |= {NOT_ANSWERED: NOT_ANSWERED_CODE, NOT_ASKED: NOT_ASKED_CODE}
        columns[variable.name] = survey[variable.name].map(codes)
        labels = {float(code): level.text for code, level in enumerate(variable.levels, start=1)}
        labels |= {NOT_ANSWERED_CODE: "Asked, did not answer", NOT_ASKED_CODE: "Not asked"}
        value_labels[variable.name] = labels
        column_labels[variable.name] = variable.label
        missing[variable.name] = [NOT_ANSWERED_CODE, NOT_ASKED_CODE]
        measures[variable.name] = "ordinal" if variable.ordered else "nominal"
    target.parent.mkdir(parents=True, exist_ok=True)
    pyreadstat.write_sav(
        pd.DataFrame(columns),
        str(target),
        file_label="SIMULATED informal ICT survey (not real respondents)",
        column_labels=column_labels,
        variable_value_labels=value_labels,
        missing_ranges=missing,
        variable_measure=measures,
        row_compress=True,
    )


def read_sav(path: Path, questionnaire: Questionnaire) -> pd.DataFrame:
    """Read a file that ``write_sav`` wrote back into the codes of survey.csv."""
    coded, _ = pyreadstat.read_sav(str(path), user_missing=True)
    survey = pd.DataFrame(
        {"id": coded["id"], "country": coded["country"].map(dict(enumerate(COUNTRIES, start=1)))}
    )
    for variable in questionnaire.variables:
        values: dict[float, str] = {float(code): value for code, value in enumerate(variable.values, start=1)}
        values |= {NOT_ANSWERED_CODE: NOT_ANSWERED, NOT_ASKED_CODE: NOT_ASKED}
        survey[variable.name] = coded[variable.name].map(values)
    return survey


def write_xlsx(survey: pd.DataFrame, questionnaire: Questionnaire, target: Path) -> None:
    """Write an Excel workbook: the data, the codebook, and a first sheet that says it is simulated."""
    about = pd.DataFrame(
        {
            "About this file": [
                SIMULATED,
                *(f"{code or 'empty'}: {text}" for code, text in questionnaire.missing_codes.items()),
            ]
        }
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    with pd.ExcelWriter(target, engine="openpyxl") as writer:
        about.to_excel(writer, sheet_name="about", index=False)
        survey.to_excel(writer, sheet_name="survey", index=False)
        codebook_rows(questionnaire).to_excel(writer, sheet_name="codebook", index=False)
        writer.sheets["about"].column_dimensions["A"].width = 110
        writer.sheets["survey"].freeze_panes = "C2"
        for column, width in zip("ABCDEFG", (24, 34, 60, 24, 30, 40, 16), strict=True):
            writer.sheets["codebook"].column_dimensions[column].width = width


def codebook_rows(questionnaire: Questionnaire) -> pd.DataFrame:
    """The codebook as a table, one row a level."""
    return pd.DataFrame(
        [
            {
                "variable": variable.name,
                "label": variable.label,
                "question": variable.question,
                "value": level.value,
                "meaning": level.text,
                "base": questionnaire.bases[variable.asked_of].phrase,
                "provenance": in_words(variable.level_provenance(level)),
            }
            for variable in questionnaire.variables
            for level in variable.levels
        ]
    )


def read_xlsx(path: Path) -> pd.DataFrame:
    """Read the survey sheet back, missing codes kept."""
    sheet: pd.DataFrame = pd.read_excel(path, sheet_name="survey", keep_default_na=False, dtype=str)
    return sheet
