"""What a workshop hands out and loads into a form tool: the questionnaire and the self-assessment.

Both come as XLSForm, as a CSV template with the items to copy, and on paper as tagged PDF.
"""

from pathlib import Path
from typing import Any

from informal_ict.compare.forms import asked_of, csv_template, items_csv, xlsform
from informal_ict.compare.instrument import (
    EVERYONE,
    FormTexts,
    Instrument,
    load_form_texts,
    load_questionnaire_items,
)
from informal_ict.compare.report import render_pdf
from informal_ict.files import write_atomically
from informal_ict.self_assessment.model import SelfAssessment, instrument, load_self_assessment, page_title


def write_questionnaire(target: Path) -> list[Path]:
    """Write the questionnaire and the self-assessment into a folder.

    Raises:
        InputError: for a fault in their sources.
    """
    questions, texts = load_questionnaire_items(), load_form_texts()
    assessment = load_self_assessment()
    statements = instrument(assessment)
    contents = {
        "questionnaire.xlsx": xlsform(
            questions,
            "own_questionnaire",
            texts.title,
            [" ".join(texts.invitation), *texts.consent],
            texts.closing,
        ),
        "questionnaire-template.csv": csv_template(questions).encode(),
        "questionnaire-items.csv": items_csv(questions).encode("utf-8-sig"),
        "questionnaire.pdf": questionnaire_pdf(questions, texts),
        "self-assessment.xlsx": xlsform(
            statements,
            "self_assessment",
            assessment.title,
            [assessment.lead, assessment.notice],
            "Thank you. Keep your code word where only you will find it.",
            code_word=assessment.code_word,
        ),
        "self-assessment-template.csv": csv_template(statements, code_word=True).encode(),
        "self-assessment-items.csv": items_csv(statements).encode("utf-8-sig"),
        "self-assessment.pdf": self_assessment_pdf(assessment),
    }
    for name, content in contents.items():
        write_atomically(target / name, content)
    return [target / name for name in contents]


def questionnaire_pdf(questions: Instrument, texts: FormTexts) -> bytes:
    """The questionnaire on paper."""
    return render_pdf("questionnaire-paper.typ", questionnaire_data(questions, texts))


def questionnaire_data(questions: Instrument, texts: FormTexts) -> dict[str, Any]:
    """Everything that stands on the sheet, ready to become JSON."""
    return {
        "title": texts.title,
        "invitation": list(texts.invitation),
        "consent": list(texts.consent),
        "keeper": texts.keeper,
        "closing": texts.closing,
        "questions": [
            {
                "number": number,
                "text": question.text,
                "several": question.several,
                "asked_of": "" if question.base == EVERYONE else asked_of(question, questions),
                "options": [option.label for option in question.options],
            }
            for number, question in enumerate(questions.questions, 1)
        ],
    }


def self_assessment_pdf(assessment: SelfAssessment) -> bytes:
    """The self-assessment on paper, with room for a mark before and one after."""
    return render_pdf("questionnaire-self-assessment.typ", self_assessment_data(assessment))


def self_assessment_data(assessment: SelfAssessment) -> dict[str, Any]:
    """Everything that stands on the sheets, ready to become JSON."""
    numbers = {statement.key: number for number, statement in enumerate(assessment.statements, 1)}
    return {
        "title": assessment.title,
        "lead": assessment.lead,
        "notice": assessment.notice,
        "code_word": assessment.code_word,
        "levels": list(assessment.levels),
        "areas": [
            {
                "name": area.name,
                "statements": [
                    {
                        "number": numbers[one.key],
                        "name": one.name,
                        "statement": one.statement,
                        "levels": [level.text for level in one.levels],
                        "next": [
                            {"step": level.next, "page": page_title(level.page)} for level in one.levels
                        ],
                    }
                    for one in area.statements
                ],
            }
            for area in assessment.areas
        ],
    }
