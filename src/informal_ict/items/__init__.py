"""The item report: how each question of an assignment went in a class, without naming anybody."""
