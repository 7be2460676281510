"""The ICT competency self-assessment: on the page, on paper, and as a form whose answers can be compared."""
