"""Between a learning platform and an nbgrader course: rosters and submissions in, grades out.

Canvas, Moodle and Brightspace are known. Files are exchanged, and no platform is asked for anything over the
network.
"""
