"""A group's own answers beside the published survey, and a self-assessment before and after a workshop.

``instrument`` says what was asked; ``spreadsheet``, ``columns`` and ``read`` say what came back from a form
tool; ``disclosure`` says what may be shown of it, ``summarise`` and ``before_after`` what it amounts to; and
``report`` puts it on a page and on paper.
"""
