# Every command sets up what it needs; bootstrap.py does nothing when nothing changed.
# What is compiled is kept, whatever the machine says: many processes here read the same modules.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
BIN := .venv/bin
# Alone, since they measure time; three at once, since they mostly wait for the slow line.
TIMING := tests/test_weight.py tests/test_speed.py --numprocesses 3 --maxschedchunk 1
# Whole files to each of three processes, since some wait, the longest first (tests/conftest.py).
SIDE_BY_SIDE := --numprocesses 3 --dist loadfile --no-loadscope-reorder

.PHONY: book test test-thorough course workshop data check serve bench clean

book: ready          ## the site, in _build/html
	$(BIN)/informal-ict book

test: ready-browser  ## everything that is tested, the built book in Chromium included
	$(BIN)/python -m pytest -m "not timing" $(SIDE_BY_SIDE)
	$(BIN)/python -m pytest $(TIMING)

test-thorough: ready-browser ## the same, with all of what is much alike (CONTRIBUTING.md)
	$(BIN)/python -m pytest -m "not timing" $(SIDE_BY_SIDE) --thorough
	$(BIN)/python -m pytest $(TIMING) --thorough

course: ready        ## the nbgrader course, in course/
	$(BIN)/informal-ict course build

workshop: ready      ## the workshop pack, in _build/workshop and _build/informal-ict-workshop.zip
	$(BIN)/informal-ict workshop

data: ready          ## data/survey.csv and datapackage.json, then every published number checked
	$(BIN)/informal-ict data build
	$(BIN)/informal-ict data verify

check: ready         ## format, lint, types, and the rules for prose
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/informal-ict prose
	$(BIN)/python -m pytest tests/test_prose.py

serve: book          ## the site at http://127.0.0.1:8000
	$(BIN)/informal-ict serve

bench: ready-browser ## a first visit beside stock Jupyter Book, and a class graded beside stock nbgrader
	$(BIN)/informal-ict bench
	$(BIN)/informal-ict bench-grading

clean:               ## remove what commands made, but never a course
	rm -rf _build

.PHONY: ready ready-browser
ready:
	@$(PYTHON) bootstrap.py

ready-browser:
	@$(PYTHON) bootstrap.py --browser
