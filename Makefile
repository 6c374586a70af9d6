# One command each, the same at the desk and in CI. `make help` lists them.

PY ?= python3
UV ?= $(shell command -v uv 2>/dev/null)
BIN := .venv/bin
ENV := .venv/.ready
ROOMS := stream detectors geo alerts replay
# What one run may add, for example `make test ARGS="-k lateness"`.
ARGS ?=
SEED ?= 1
RUNS ?= 100

.DEFAULT_GOAL := help
.PHONY: help setup fmt lint types walls test test-kafka sim bench chaos together samples packs quality golden-update demo docs lock check

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(ENV)  ## make the environment in .venv from the hashed lock

# The project's own install builds with the locked backend: nothing unhashed is fetched.
$(ENV): requirements.lock
ifeq ($(UV),)
	$(PY) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
else
	$(UV) venv --quiet --allow-existing --python $(PY) .venv
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
endif
	touch $@

fmt: $(ENV)  ## format the code and apply safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --exit-zero --quiet .

lint: $(ENV)  ## ruff, format check, YAML
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/yamllint --strict docker-compose.yml deploy

types: $(ENV)  ## mypy, strict, tests included
	$(BIN)/mypy

walls: $(ENV)  ## which room may import which
	$(BIN)/lint-imports --no-logo

test: $(ENV)  ## all tests that need neither a broker nor Java; doctests included
	$(BIN)/python -m pytest -n auto -m "not kafka and not jvm and not slow" $(ARGS)

test-kafka: $(ENV)  ## the tests on a real Kafka (Java 17 and Maven), one after the other
	$(BIN)/python -m pytest -m "(kafka or jvm) and not slow" $(ARGS)

sim: $(ENV)  ## seeded fault simulation: make sim SEED=7 RUNS=1000
	$(BIN)/python -m replay.sim --seed $(SEED) --runs $(RUNS) $(ARGS)

bench: $(ENV)  ## rates and latencies, against the peer in tests/bench
	$(BIN)/python -m tests.bench $(ARGS)

chaos: $(ENV)  ## the long run on real Kafka: ARGS="--kafka 3.9.2 --kills 30 --seed 2"
	$(BIN)/python -m tests.kafka.chaos $(ARGS)

together: $(ENV)  ## worker, notify and ledger killed 50 times on real Kafka: ARGS="--seed 3 --postgres"
	$(BIN)/python -m tests.kafka.together $(ARGS)

samples: $(ENV)  ## rebuild replay/samples and geo/packs from the sets they come from: DATA=...
	$(BIN)/python -m replay.samples.build "$(DATA)"
	$(BIN)/python -m replay.samples.zhanjiang "$(DATA)"
	$(BIN)/python -m replay.samples.milan_squares "$(DATA)"

packs: $(ENV)  ## build the city packs of geo/packs, with their pictures, into build/
	mkdir -p build
	for city in zhanjiang milan; do \
	  $(BIN)/crowdtide geo build geo/packs/$$city/city.toml --out build/$$city.pack \
	  && $(BIN)/crowdtide geo inspect build/$$city.pack --picture build/$$city.svg --json > build/$$city.json \
	  || exit 1; done

quality: $(ENV)  ## detection figures, held against the last release: DATA=... ARGS="--quick --jobs 2"
	CROWDTIDE_QUALITY_DATA="$(DATA)" $(BIN)/python -m tests.quality $(ARGS)

golden-update: $(ENV)  ## write the expected bytes of tests/golden anew; read the difference
	$(BIN)/python -m tests.golden --update
	$(BIN)/python -m tests.golden.tell --update
	$(BIN)/python -m tests.golden.read_aloud > .venv/read.md
	mv .venv/read.md docs/alerts-read.md
	$(BIN)/python -m tests.alerts.cap_golden
	$(BIN)/python -m tests.contract

demo: $(ENV)  ## the whole system on real counts, to the first alerts: ARGS="--until-alert"
	$(BIN)/crowdtide demo $(ARGS)

docs: $(ENV)  ## rewrite the pages that are generated from the code
	$(BIN)/crowdtide settings-page > .venv/settings.md
	mv .venv/settings.md docs/settings.md
	$(BIN)/python -c 'import sys; from alerts.life_page import life_page; sys.stdout.write(life_page())' > .venv/life.md
	mv .venv/life.md docs/incident-life.md
	$(BIN)/python -m stream.cli schema write docs/schemas

LOCK := $(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11

lock:  ## resolve the dependencies anew, for the desk and for the image (needs uv)
	$(LOCK) --group dev --extra zstd --extra analysis --extra demo --extra desk --extra cap --extra notify --extra postgres pyproject.toml -o requirements.lock
	$(LOCK) --group build --extra zstd --extra desk --extra cap --extra notify --extra postgres -c requirements.lock pyproject.toml -o deploy/requirements.lock

check: lint types walls test  ## what CI runs before simulator and Kafka
