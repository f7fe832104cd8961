# Video Message. `make help` lists the targets; only Python 3.11, Node 20, npm and make are needed.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INFRA_VENV := .venv-infra
PIP := $(BIN)/python -m pip --disable-pip-version-check
# npm 11.19's `ci` refuses locks that leave out other platforms' optional packages; 10.9 accepts them.
NPM := npx --yes npm@10.9.9
FRONTEND := frontend
export PYTHONUNBUFFERED := 1
export NO_ALBUMENTATIONS_UPDATE := 1

.DEFAULT_GOAL := help
GPU_IMAGE := openvoice-gpu
EACH_CORE := -n logical --maxprocesses 4
# A whole file to one core, where what a file's tests share takes long to start.
BY_FILE := $(EACH_CORE) --dist loadfile
# Files in a row too, but whoever is done takes over from who is not.
BY_TEST := $(EACH_CORE) --dist worksteal
.PHONY: gpu-image push schedule-zip help run models demo test check lint unit infra-check postgres browser processes soak bench client format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## set everything up and serve the app at http://localhost:55434
	@exec $(BIN)/python -m backend local

models: $(VENV)/.models ## OpenVoice V2 and the neural base voice: torch and the weights (TORCH_INDEX_URL= FROM= ONLY=)
	@exec $(BIN)/python -m openvoice_service download $(if $(FROM),--from "$(FROM)") $(if $(ONLY),--only "$(ONLY)")

demo: $(VENV)/.run ## voice sample + photo + script -> MP4 (VOICE= PHOTO= SCRIPT= LANGUAGE= OUT= KEEP=1)
	@VOICE="$(VOICE)" PHOTO="$(PHOTO)" SCRIPT="$(SCRIPT)" LANGUAGE="$(LANGUAGE)" OUT="$(OUT)" KEEP="$(KEEP)" \
	  exec $(BIN)/python -m backend demo

test: check infra-check postgres browser processes ## everything CI runs: check, then the infrastructure, PostgreSQL, the browser and the processes' faults

check: lint unit ## the quick part: format, lint, types, generated client, unit tests

lint: $(VENV)/.dev $(FRONTEND)/node_modules/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m backend.openapi --check $(FRONTEND)/openapi.json
	cd $(FRONTEND) && npm run --silent check

# A core each: torch would take all of them for every process, which then wait for one another.
unit: export OMP_NUM_THREADS := 1
unit: $(VENV)/.dev $(FRONTEND)/node_modules/.ready
	cd $(FRONTEND) && npm run --silent test
	$(BIN)/pytest $(BY_TEST) --ignore=backend/tests_processes --ignore=infra/tests

infra-check: $(VENV)/.dev $(INFRA_VENV)/.ready ## scripts, images, compose files and Terraform: linters, checkov, schema, rules
	$(BIN)/shellcheck .ci/run .ci/packages infra/scripts/*.sh
	$(BIN)/hadolint */Dockerfile
	$(BIN)/yamllint --strict *.yml infra/*.yml infra/compose/*.yml
	$(INFRA_VENV)/bin/checkov --config-file infra/checkov.yml --directory infra
	$(INFRA_VENV)/bin/checkov --config-file infra/checkov.yml --file */Dockerfile *.yml
	$(BIN)/pytest $(BY_FILE) -rs infra/tests

postgres: $(VENV)/.dev ## what a database can decide once more, on a PostgreSQL server
	$(BIN)/python -m backend.tests.on_postgres $(BY_TEST)

browser: $(VENV)/.dev $(FRONTEND)/node_modules/.ready
	cd $(FRONTEND) && npm run --silent e2e

processes: $(VENV)/.dev $(FRONTEND)/node_modules/.ready
	$(BIN)/pytest $(BY_FILE) backend/tests_processes

soak: $(VENV)/.dev $(FRONTEND)/node_modules/.ready ## the full counts (load on the speech service, kill storms); tables in docs/reliability.md
	$(BIN)/python -m openvoice_service.soak
	SOAK=1 $(BIN)/pytest openvoice_service/tests/test_openvoice_parity.py
	$(BIN)/python -m backend.tests.on_postgres --every $(BY_TEST)
	$(BIN)/python -m backend.tests.on_postgres backend/tests_processes backend/tests/test_recordings.py
	$(BIN)/python -m backend.tests.hostile_soak
	DESCRIPTION_EXAMPLES=500 $(BIN)/pytest $(BY_FILE) backend/tests/test_description.py
	$(BIN)/python -m backend.tests_processes.soak
	UPLOAD_KILL_MOMENTS=10 $(BIN)/pytest backend/tests_processes/test_interrupted_takes.py
	cd $(FRONTEND) && SOAK=1 npm run --silent e2e
	POWER_KILL_MOMENTS=50 POWER_BATCH=50 $(BIN)/pytest backend/tests_processes/test_power.py -k "kills or batch"

bench: $(VENV)/.bench $(FRONTEND)/node_modules/.ready ## anything with a clock; table in docs/benchmarks.md
	$(BIN)/python -m openvoice_service.bench
	$(BIN)/python -m openvoice_service.bench.converter
	$(BIN)/python -m backend.media.bench
	$(BIN)/python -m backend.messages.bench
	$(BIN)/python -m backend.campaigns.bench
	$(BIN)/python -m backend.bench
	$(BIN)/python -m backend.power.bench
	$(BIN)/python -m backend.power.simulate --frontier out/frontier.png
	cd $(FRONTEND) && npm run --silent bench

gpu-image: ## build the speech service for CUDA; `docker run --gpus all -p 8001:8001 openvoice-gpu` starts it
	docker build --file openvoice_service/Dockerfile --target cuda --tag $(GPU_IMAGE) .

push: ## build the images and push them to ECR: make push REGISTRY=ACCOUNT.dkr.ecr.REGION.amazonaws.com
	@infra/scripts/push-images.sh "$(REGISTRY)"

schedule-zip: $(VENV)/.run ## the function that starts and stops the machines at their hours, for Terraform
	$(BIN)/python -m infra.schedule_lambda.pack infra/schedule_lambda/build/schedule.zip

client: $(VENV)/.run $(FRONTEND)/node_modules/.ready ## regenerate openapi.json and the typed client from the backend
	$(BIN)/python -m backend.openapi > $(FRONTEND)/openapi.json
	cd $(FRONTEND) && npm run --silent client

format: $(VENV)/.dev $(FRONTEND)/node_modules/.ready ## format and mend what the linters can
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .
	cd $(FRONTEND) && npm run --silent format

clean: ## remove what make made; data/ (accounts, voices, videos) stays
	rm -rf $(VENV) $(INFRA_VENV) $(FRONTEND)/node_modules $(FRONTEND)/dist .mypy_cache .ruff_cache .pytest_cache

# --- environments: each stamp is a superset of the one before -------------------------------

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 is missing: install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
	  || { echo "Python 3.11 or 3.12 is needed, and $(PYTHON) is another: make PYTHON=/path/to/python3.11"; exit 1; }
	@command -v node >/dev/null || { echo "Node 20 or newer is missing: install it, then run make again."; exit 1; }
	@$(PYTHON) -c 'import shutil, sys; free = shutil.disk_usage(".").free; sys.exit(free < 3_000_000_000 and "The disk is nearly full: 3 GB are needed, %.1f GB are free." % (free / 1e9) or 0)'
	@echo "Creating the Python environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(BIN)/python
	@echo "Installing the Python packages (about 460 MB of downloads the first time) …"
	@$(PIP) install -qq --editable '.[backend,voice]'
# One font for Japanese, Chinese, Korean and Latin, for what is written into a picture. Without its
# dependencies: they are all of matplotlib, and nothing of the package but the font is used.
	@$(PIP) install -qq --no-deps 'mplfonts==0.0.11'
	@find $(VENV)/lib -path '*/mplfonts/fonts/*' -type f ! -name 'NotoSansCJKsc-Regular.otf' -delete
	@touch $@

# torch is asked for first and by its pin: a dependency that asks for any torch would bring another
# build. On Linux the usual build carries CUDA, gigabytes that a machine without an NVIDIA GPU has
# no use for.
$(VENV)/.models: pyproject.toml | $(VENV)/.run
	@[ -n "$(TORCH_INDEX_URL)" ] || [ "$$(uname -s)" != Linux ] || command -v nvidia-smi >/dev/null \
	  || echo "No NVIDIA GPU here: a build of torch without CUDA is ten times smaller: make models TORCH_INDEX_URL=<the CPU index that pytorch.org names>"
	@echo "Installing torch and ONNX Runtime …"
	@$(PIP) install -qq $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL)) 'torch==2.13.0'
	@$(PIP) install -qq --editable '.[backend,voice,openvoice]'
	@touch $@

# The original OpenVoice, which parity tests compare with, has pins that no longer resolve.
$(VENV)/.dev: pyproject.toml | $(VENV)/.run
	@$(PIP) install -qq $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL)) 'torch==2.13.0'
	@$(PIP) install -qq --no-deps 'openvoice-cli==0.0.5'
	@$(PIP) install -qq --editable '.[backend,voice,openvoice,dev]'
	@touch $@

$(VENV)/.bench: pyproject.toml | $(VENV)/.dev
	@$(PIP) install -qq --editable '.[backend,voice,openvoice,dev,bench]'
	@touch $@

# Its own, and no superset: checkov wants boto3 and packaging older than ours.
$(INFRA_VENV)/.ready: infra/requirements-check.txt | $(BIN)/python
	@echo "Installing checkov …"
	@$(BIN)/python -m venv $(INFRA_VENV)
	@$(INFRA_VENV)/bin/python -m pip --disable-pip-version-check install -qq --requirement $<
	@touch $@

$(FRONTEND)/node_modules/.ready: $(FRONTEND)/package-lock.json
	@echo "Installing the frontend's packages …"
	@cd $(FRONTEND) && $(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@
