"""Feedback: one page for each student and notebook, which shows the marks and runs nothing of what was sent.

The settings of courses made earlier name ``HideMarking`` here.
"""

from informal_ict.course.feedback.hide_marking import LEFT_OUT, REGION, HideMarking, fingerprint

__all__ = ["LEFT_OUT", "REGION", "HideMarking", "fingerprint"]
