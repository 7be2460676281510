"""The Frictionless Data Package that describes data/survey.csv and data/published.csv.

See https://datapackage.org/standard/ for the terms; ``provenance`` per field and level is ours.
"""

import json
from pathlib import Path
from typing import Any

from informal_ict.files import write_atomically
from informal_ict.published import PublishedNumber
from informal_ict.questionnaire import Questionnaire, Variable, load_questionnaire

SIMULATED = (
    "Simulated microdata, calibrated to the published figures of the #socialwork survey (Mishna et al.). "
    "No row is a real person. The real microdata is not public."
)


def build_datapackage(data: Path) -> Path:
    """Write ``data``/datapackage.json from questionnaire.yml.

    Raises:
        InputError: if the questionnaire is faulty.
    """
    questionnaire = load_questionnaire(data / "questionnaire.yml")
    target = data / "datapackage.json"
    text = json.dumps(datapackage(questionnaire), indent=2, ensure_ascii=False) + "\n"
    write_atomically(target, text.encode("utf-8"))
    return target


def datapackage(questionnaire: Questionnaire) -> dict[str, Any]:
    """The descriptor as a dictionary."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "informal-ict-survey",
        "title": "Informal ICT use in social work: published numbers and a simulated survey",
        "description": SIMULATED,
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "path": "https://creativecommons.org/licenses/by/4.0/",
                "title": "CC BY 4.0",
            }
        ],
        "sources": [
            {
                "title": "Mishna, F., slide deck on the #socialwork survey; journal report: "
                "Clinical Social Work Journal 49(1), 85-99",
                "path": "https://doi.org/10.1007/s10615-019-00729-9",
            }
        ],
        "resources": [_survey(questionnaire), _published()],
    }


def _survey(questionnaire: Questionnaire) -> dict[str, Any]:
    fields: list[dict[str, Any]] = [
        {
            "name": "id",
            "type": "string",
            "title": "Simulated respondent",
            "constraints": {"required": True, "unique": True},
        },
        {
            "name": "country",
            "type": "string",
            "title": "Country",
            "provenance": "published",
            "constraints": {"required": True, "enum": ["Canada", "United States"]},
        },
    ]
    fields += [_field(variable, questionnaire) for variable in questionnaire.variables]
    return {
        "name": "survey",
        "path": "survey.csv",
        "title": "Simulated survey respondents",
        "description": SIMULATED,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "missingValues": [
                {"value": value, "label": label} for value, label in questionnaire.missing_codes.items()
            ],
            "primaryKey": ["id"],
            "fields": fields,
        },
    }


def _field(variable: Variable, questionnaire: Questionnaire) -> dict[str, Any]:
    base = questionnaire.bases[variable.asked_of]
    field: dict[str, Any] = {
        "name": variable.name,
        "type": "string",
        "title": variable.label,
        "description": variable.question,
        "section": variable.section,
        "base": base.phrase,
        "baseProvenance": variable.base_provenance or base.provenance,
        "provenance": variable.provenance,
        "categories": [
            {"value": level.value, "label": level.text, "provenance": variable.level_provenance(level)}
            for level in variable.levels
        ],
        "categoriesOrdered": variable.ordered,
        "constraints": {"enum": variable.values},
    }
    if base.filter:
        field["askedIf"] = base.filter
    if variable.multiple:
        field["multipleResponse"] = variable.multiple
    if variable.note:
        field["note"] = variable.note
    return field


def _published() -> dict[str, Any]:
    whole = {"df", "n"}
    required = {"id", "country", "statistic", "value", "slide", "status"}
    return {
        "name": "published",
        "path": "published.csv",
        "title": "Every quantitative claim of the slide deck",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "primaryKey": ["id"],
            "fields": [
                {
                    "name": name,
                    "type": "integer" if name in whole else "string",
                    **({"constraints": {"required": True}} if name in required else {}),
                }
                for name in PublishedNumber.model_fields
            ],
        },
    }
