"""The nbgrader course made from the assignment sources, and what is done with it."""
