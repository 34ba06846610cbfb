# Everything that a fresh machine needs is set up by the target that needs it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo swap test check docs clean

# make demo: the whole path on two performers who do not exist, into demo/. QUICK=1: in four minutes instead of fifteen.
demo: .venv/ready
	$(BIN)/understudy demo --out demo $(if $(QUICK),--quick)

# make swap SRC="a1.mkv a2.mkv" DST=b.mkv: the same with clips of yours, into result.mp4.
swap: .venv/ready
	@test -n "$(SRC)" -a -n "$(DST)" || { echo 'usage: make swap SRC="clips with the face" DST="clip to put it into"'; exit 2; }
	$(BIN)/understudy swap $(SRC) --onto $(DST) --out $(or $(OUT),result.mp4) --until $(or $(UNTIL),10m) $(CONSENT)

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
