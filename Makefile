# Everything that a fresh machine needs is set up by the target that needs it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check docs clean

# make demo SRC="a1.mkv a2.mkv" DST=b.mkv: the whole path on two clips of yours, into demo/.
demo: .venv/ready
	@test -n "$(SRC)" -a -n "$(DST)" || { echo 'usage: make demo SRC="clips with the face" DST="clip to put it into"'; exit 2; }
	$(BIN)/understudy swap $(SRC) --onto $(DST) --out demo/result.mp4 --until $(or $(UNTIL),10m) $(CONSENT)

test: check
	$(BIN)/python -m pytest -m "not slow and not gpu"

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/ready
	$(BIN)/mkdocs build --strict

clean:
	rm -rf .venv build dist site

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev,docs]"
	touch $@
